//! What the program says about itself while it runs.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::config::{Log, LogFormat};

/// Sends everything from here on to `writer`; whether nobody had done so before.
///
/// As JSON it is one object a line: `timestamp`, `level`, `target`, `message` and the fields beside
/// them, such as `session`.
pub fn start<W>(log: Log, writer: W) -> bool
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = EnvFilter::new(filter(log.level));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    match log.format {
        LogFormat::Text => logs.try_init().is_ok(),
        LogFormat::Json => {
            let logs = logs.json().flatten_event(true);
            logs.with_current_span(false).with_span_list(false).try_init().is_ok()
        }
    }
}

/// Others' complaints count from `warn` on. Those of the event store's client and of the HTTP
/// server are left out below `debug`: this program says itself that the store is away, and what a
/// stranger sends as a request is no error of this server.
fn filter(level: tracing::Level) -> String {
    let others = if level >= tracing::Level::DEBUG { "warn" } else { "off" };
    format!("warn,eventstore={others},actix_http={others},beckon_server={level}")
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use tracing::Level;

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn told(level: Level) -> String {
        let kept = Kept::default();
        let writer = kept.clone();
        let logs = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new(filter(level)))
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(logs, || {
            tracing::error!(target: "eventstore::grpc", "of the client");
            tracing::error!(target: "actix_http::h1::dispatcher", "of a request");
            tracing::error!(target: "rustls", "of another");
            tracing::info!(target: "beckon_server::run", "of ours");
        });
        let bytes = kept.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn what_this_program_says_itself_is_not_said_by_others_below_debug() {
        for (level, also) in [(Level::INFO, false), (Level::DEBUG, true), (Level::TRACE, true)] {
            let told = told(level);
            assert!(told.contains("of another") && told.contains("of ours"), "{level}: {told}");
            assert_eq!(told.contains("of the client"), also, "{level}: {told}");
            assert_eq!(told.contains("of a request"), also, "{level}: {told}");
        }
    }
}

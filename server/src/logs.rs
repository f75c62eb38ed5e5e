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
    let filter = EnvFilter::new(format!("warn,beckon_server={}", log.level));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    match log.format {
        LogFormat::Text => logs.try_init().is_ok(),
        LogFormat::Json => {
            let logs = logs.json().flatten_event(true);
            logs.with_current_span(false).with_span_list(false).try_init().is_ok()
        }
    }
}

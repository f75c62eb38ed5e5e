//! The proxy that is set in Windows, by hand or automatically.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use beckon_protocol::ServerAddress;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use windows_registry::CURRENT_USER;

use super::auto::{self, Way};
use super::settings;
use crate::clock;

const KEY: &str = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings";
/// So long is waited for a script, or for a network that knows none.
const WITHIN: Duration = Duration::from_secs(4);
/// Where the flags stand in the value, and which one says "detect settings automatically".
const FLAGS_AT: usize = 8;
const DETECTS: u8 = 8;

/// So long an answer counts.
const FRESH: Duration = Duration::from_mins(1);

/// What was asked last, when it was answered, and what the answer was.
static ANSWER: Mutex<Option<(Question, Duration, Option<Way>)>> = Mutex::new(None);

/// Of which page, by which script, and whether the network was asked.
type Question = (String, Option<String>, bool);

/// What the user has set.
struct Settings {
    /// The list of proxies, where one is to be used.
    list: Option<String>,
    except: String,
    /// Where a script is.
    script: Option<String>,
    detects: bool,
}

/// The proxy for `server` as `http://host:port`. What is automatic goes first, as in browsers;
/// where it gives no answer in time, what is set by hand counts.
pub(super) async fn named_for(server: &ServerAddress) -> Option<String> {
    let settings = read();
    if settings.detects || settings.script.is_some() {
        match asked(&settings, server.page("/")).await {
            Some(Way::Direct) => return None,
            Some(Way::Through(proxies)) => return settings::for_https(&proxies),
            None => {}
        }
    }
    let list = settings.list.filter(|_| !settings::is_direct(server.host(), &settings.except))?;
    settings::for_https(&list)
}

/// What the network or the script says, remembered for a while, also that it says nothing: every
/// connection begins with this.
async fn asked(settings: &Settings, page: String) -> Option<Way> {
    let (script, detects) = (settings.script.clone(), settings.detects);
    let question = (page, script, detects);
    let is_fresh = |at: &Duration| clock::uptime().saturating_sub(*at) < FRESH;
    let known = ANSWER.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some((.., answer)) = known.filter(|(of, at, _)| *of == question && is_fresh(at)) {
        return answer;
    }
    let (page, script, detects) = question.clone();
    let asking = spawn_blocking(move || auto::ask(&page, script.as_deref(), detects));
    let answer = timeout(WITHIN, asking).await.ok().and_then(Result::ok).flatten();
    let answered = Some((question, clock::uptime(), answer.clone()));
    *ANSWER.lock().unwrap_or_else(PoisonError::into_inner) = answered;
    answer
}

fn read() -> Settings {
    let key = CURRENT_USER.open(KEY).ok();
    let text = |name: &str| {
        let value = key.as_ref()?.get_string(name).ok()?;
        (!value.trim().is_empty()).then_some(value)
    };
    let is_used =
        key.as_ref().is_some_and(|key| key.get_u32("ProxyEnable").is_ok_and(|on| on != 0));
    let connections = key.as_ref().and_then(|key| key.open("Connections").ok());
    let flags = connections.and_then(|key| key.get_value("DefaultConnectionSettings").ok());
    Settings {
        list: text("ProxyServer").filter(|_| is_used),
        except: text("ProxyOverride").unwrap_or_default(),
        script: text("AutoConfigURL"),
        detects: flags
            .is_some_and(|flags| flags.get(FLAGS_AT).is_some_and(|flags| flags & DETECTS != 0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_set_by_hand_is_used_for_other_computers() {
        let key = CURRENT_USER.create(KEY).unwrap();
        key.set_string("ProxyServer", "http=a:80;https=b.example:3128").unwrap();
        key.set_string("ProxyOverride", "<local>;*.corp.example").unwrap();
        let named = async |server: &str| named_for(&server.parse().unwrap()).await;
        key.set_u32("ProxyEnable", 0).unwrap();
        assert_eq!(named("help.example.org").await, None, "it is turned off");
        key.set_u32("ProxyEnable", 1).unwrap();
        assert_eq!(named("help.example.org").await.as_deref(), Some("http://b.example:3128"));
        assert_eq!(named("help.corp.example").await, None);
        for name in ["ProxyServer", "ProxyOverride", "ProxyEnable"] {
            key.remove_value(name).unwrap();
        }
    }

    #[test]
    fn a_script_that_is_not_there_gives_no_answer() {
        let nowhere = Some("http://127.0.0.1:9/proxy.pac");
        assert_eq!(auto::ask("https://help.example.org/", nowhere, false), None);
    }
}

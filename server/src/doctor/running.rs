//! The running server's own word.

use std::process::{Command, Stdio};
use std::time::Duration;

use beckon_events::Timestamp;

use super::line::WITHIN;
use super::report::{Check, Report};
use super::standing::Standing;
use crate::admin::{self, AdminAnswer, AdminRequest};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::data_folder::is_held;
use crate::probes::Seen;
use crate::text::doctor as text;

/// Whatever waits for longer than this is late, in seconds.
const LATE: u64 = 10;
/// Clocks may differ by so much.
pub const APART: Duration = Duration::from_secs(2);
/// No right clock shows less, 2026-01-01 in microseconds: this program did not exist.
const EARLIEST: i64 = 1_767_225_600_000_000;

/// Asks the server that runs on the data folder.
pub async fn ask(config: &Config, report: &mut Report) -> Option<Standing> {
    match said::<Standing>(config, AdminRequest::Examine {}).await {
        Ok(Some(standing)) => {
            report.ok(Check::Server, text::server_runs(standing.pid, &standing.build));
            Some(standing)
        }
        Ok(None) => {
            match is_held(&config.data) {
                Some(pid) => report.fail(Check::Server, text::server_hangs(&pid)),
                None => report.fail(Check::Server, text::server_is_not_there(&config.data)),
            }
            None
        }
        Err(why) => {
            report.fail(Check::Server, text::server_does_not_answer(&why));
            None
        }
    }
}

/// Where the requests of a probe came from.
pub async fn seen(config: &Config, ask: &str) -> Vec<Seen> {
    let request = AdminRequest::Probed { probe: ask.to_owned() };
    said(config, request).await.ok().flatten().unwrap_or_default()
}

async fn said<T>(config: &Config, request: AdminRequest) -> Result<Option<T>, String>
where
    T: serde::de::DeserializeOwned,
{
    let folder = config.data.clone();
    let asking = tokio::task::spawn_blocking(move || admin::ask(&folder, &request));
    let limit = WITHIN.saturating_add(Duration::from_secs(1));
    let answer = match tokio::time::timeout(limit, asking).await {
        Ok(Ok(answer)) => answer.map_err(|error| error.to_string())?,
        Ok(Err(error)) => return Err(error.to_string()),
        Err(_) => return Err("no answer within 5 s".to_owned()),
    };
    match answer {
        None => Ok(None),
        Some(AdminAnswer::Refused(why)) => Err(why),
        Some(AdminAnswer::Done(json)) => {
            serde_json::from_str(&json).map(Some).map_err(|error| error.to_string())
        }
    }
}

/// What it says about its log, its read models, its tree and its clock.
pub fn look(config: &Config, standing: &Standing, report: &mut Report) {
    match (&standing.unreadable, standing.writes) {
        (Some(why), _) => report.fail(Check::Store, text::store_unreadable(why)),
        (None, false) => report.fail(Check::Store, text::STORE_TAKES_NOTHING),
        (None, true) => report.ok(Check::Store, text::STORE_TAKES_EVENTS),
    }
    let behind = standing.read_models;
    if behind.seconds >= LATE {
        report.fail(Check::ReadModels, text::read_models_late(behind.positions, behind.seconds));
    } else {
        report.ok(Check::ReadModels, text::read_models(behind.positions));
    }
    if standing.tree_seconds >= LATE {
        report.fail(Check::Tree, text::tree_late(standing.tree_seconds));
    } else {
        report.ok(Check::Tree, text::TREE_HAS_ALL);
    }
    let ahead = standing.log_at.since(standing.now);
    if standing.now.micros() < EARLIEST {
        report.fail(Check::Clock, text::clock_impossible(standing.now));
    } else if ahead > APART {
        report.warn(Check::Clock, text::clock_set_back(ahead.as_secs()));
    } else if apart(standing.now, SystemClock::new().now()) > WITHIN.saturating_mul(2) {
        report.warn(Check::Clock, text::CLOCK_OF_SERVER_DIFFERS);
    }
    let known = config.public_url.as_ref().map(ToString::to_string);
    if let Some(known) = known.filter(|known| *known != standing.public_url) {
        report.warn(Check::Server, text::other_configuration(&standing.public_url, &known));
    }
}

/// Whether this machine's clock follows others, where systemd knows.
pub async fn synchronised(report: &mut Report) {
    let (tell, told) = tokio::sync::oneshot::channel();
    // A thread of its own, which nobody waits for where the bus of the system hangs.
    std::thread::spawn(move || {
        let mut asking = Command::new("timedatectl");
        asking.args(["show", "--property=NTPSynchronized", "--value"]).stdin(Stdio::null());
        drop(tell.send(asking.output()));
    });
    let Ok(Ok(Ok(said))) = tokio::time::timeout(WITHIN, told).await else { return };
    match String::from_utf8_lossy(&said.stdout).trim() {
        "yes" => report.ok(Check::Clock, text::CLOCK_FOLLOWS),
        "no" => report.warn(Check::Clock, text::CLOCK_ALONE),
        _ => {}
    }
}

/// How far two moments are from each other.
pub fn apart(one: Timestamp, other: Timestamp) -> Duration {
    one.since(other).max(other.since(one))
}

//! What is looked up when somebody reads the numbers.

use beckon_projections::SessionState;
use prometheus_client::encoding::text;

use super::Metrics;
use crate::disk::Room;
use crate::doctor::behind;
use crate::hub::Hub;

/// The states of sessions that are not over, as labels.
const OPEN: [(SessionState, &str); 4] = [
    (SessionState::WaitingForUser, "created"),
    (SessionState::Available, "available"),
    (SessionState::ApprovalRequested, "requested"),
    (SessionState::InSession, "active"),
];

/// All numbers, as text in the format of `OpenMetrics`.
pub async fn read(hub: &Hub) -> Result<String, std::fmt::Error> {
    let Metrics(inner) = &hub.metrics;
    let meters = &inner.meters;
    let counted = hub.views.read(|models| {
        let mut counted = [0; OPEN.len()];
        let rows = models.sessions.live_ids().filter_map(|id| models.sessions.get(id));
        for row in rows {
            if let Some(at) = OPEN.iter().position(|(state, _)| *state == row.state) {
                counted[at] += 1;
            }
        }
        counted
    });
    for ((_, state), count) in OPEN.iter().zip(counted) {
        meters.sessions.get_or_create(&[("state", state)]).set(count);
    }
    meters.writer_queue.set(whole(hub.journal.waiting() as u64));
    meters.tree_events.set(whole(hub.evidence.size()));
    meters.tree_lag_seconds.set(whole(hub.evidence.waiting().map_or(0, |lag| lag.as_secs())));
    meters.checkpoint_events.set(whole(hub.evidence.latest().map_or(0, |latest| latest.size)));
    let age = hub.evidence.since_signed().map_or(0, |age| age.as_secs());
    meters.checkpoint_age_seconds.set(whole(age));
    // Where the log or the vault cannot be read, the number stays what it was.
    if let Ok(behind) = behind(hub).await {
        meters.read_models_lag_positions.set(whole(behind.positions));
        meters.read_models_lag_seconds.set(whole(behind.seconds));
    }
    let now = hub.clock.now();
    if let Ok(open) = hub.in_vault(move |vault| vault.open_web_sessions(now)).await {
        meters.web_sessions.set(whole(open));
    }
    let folder = hub.folder.path().to_owned();
    if let Ok(Ok(room)) = tokio::task::spawn_blocking(move || Room::of(&folder)).await {
        meters.disk_free_bytes.set(whole(room.bytes));
        meters.disk_free_inodes.set(whole(room.inodes));
    }
    let mut written = String::new();
    text::encode(&mut written, &meters.registry)?;
    Ok(written)
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

//! All deadlines: one timer over what the log and presence say is due.

use std::time::Duration;

use beckon_events::session::Command;
use beckon_projections::{Due, Overdue};
use tokio::sync::watch;

use crate::actors::Absent;
use crate::dispatch::DispatchError;
use crate::hub::Hub;

/// The vault is swept this often.
const SWEEP_EVERY: Duration = Duration::from_hours(1);
/// What could not be recorded is tried again after this.
const AGAIN_AFTER: Duration = Duration::from_secs(2);

/// Runs until `stop` changes. Deadlines that passed while the server was down fire at once.
pub async fn run(hub: Hub, mut stop: watch::Receiver<bool>) {
    let mut recorded = hub.views.changed();
    let mut present = hub.presence.changed();
    let mut swept = hub.clock.monotonic();
    while !*stop.borrow() {
        recorded.mark_unchanged();
        present.mark_unchanged();
        let now = hub.journal.now();
        let overdue = hub.views.read(|models| models.deadlines.due(now));
        let mut failed = false;
        for overdue in overdue {
            failed |= settle(&hub, overdue).await.is_err();
        }
        for (session, who) in hub.presence.overdue(now) {
            if let Err(error) = hub.ask(session, Absent { who }).await {
                tracing::warn!(%session, %error, "an absence could not be recorded");
                hub.presence.missing(session, who, now, AGAIN_AFTER);
            }
        }
        if hub.clock.monotonic().saturating_sub(swept) >= SWEEP_EVERY {
            swept = hub.clock.monotonic();
            sweep(&hub).await;
        }
        let next = [hub.views.read(|models| models.deadlines.next_after(now)), hub.presence.next()]
            .into_iter()
            .flatten()
            .min();
        let next = next.unwrap_or_else(|| now.plus(SWEEP_EVERY));
        let next = if failed { next.min(now.plus(AGAIN_AFTER)) } else { next };
        tokio::select! {
            () = hub.clock.until(next) => {}
            _ = recorded.changed() => {}
            _ = present.changed() => {}
            _ = stop.changed() => {}
        }
    }
}

async fn settle(hub: &Hub, overdue: Overdue) -> Result<(), DispatchError> {
    let now = hub.journal.now();
    let (name, command) = match overdue.due {
        Due::Expire => ("expire", Command::Expire { now }),
        Due::Lapse => ("lapse", Command::Lapse { now }),
        Due::GiveUp => ("give-up", Command::GiveUp { now, suppressed: 0 }),
    };
    let source = hub.policy(&format!("{name}/{}", overdue.event));
    match hub.session(overdue.session, source, command).await {
        // It was settled otherwise in the meantime.
        Ok(_) | Err(DispatchError::Rejected(_)) => Ok(()),
        Err(error) => {
            tracing::warn!(session = %overdue.session, %error, "a deadline could not be recorded");
            Err(error)
        }
    }
}

async fn sweep(hub: &Hub) {
    let (vault, now) = (hub.vault.clone(), hub.journal.now());
    match tokio::task::spawn_blocking(move || vault.sweep(now)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "the vault could not be swept"),
        Err(error) => tracing::warn!(%error, "the vault could not be swept"),
    }
}

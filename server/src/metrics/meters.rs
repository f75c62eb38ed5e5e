//! Every number with its name and what it means.

use beckon_events::Timestamp;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Metric, Registry};

use crate::store::AppendError;
use crate::store::troubles::Troubles;

/// Counted under one word.
type ByWord = Family<[(&'static str, &'static str); 1], Counter>;

/// What a request was for and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Answered {
    /// The pattern of the path.
    pub route: &'static str,
    /// The status.
    pub status: u16,
}

/// The numbers, and the registry that names them.
pub(super) struct Meters {
    pub registry: Registry,
    pub events: Family<[(&'static str, &'static str); 2], Counter>,
    pub append_seconds: Histogram,
    pub append_errors: ByWord,
    pub writer_queue: Gauge,
    pub sessions: Family<[(&'static str, &'static str); 1], Gauge>,
    pub agents: Gauge,
    pub controls: Gauge,
    pub relayed_to_agent: Counter,
    pub relayed_to_control: Counter,
    pub tree_events: Gauge,
    pub tree_lag_seconds: Gauge,
    pub checkpoint_events: Gauge,
    pub checkpoint_age_seconds: Gauge,
    pub read_models_lag_positions: Gauge,
    pub read_models_lag_seconds: Gauge,
    pub requests: Family<Answered, Counter>,
    pub sign_ins_refused: Counter,
    pub wrong_codes: Counter,
    pub throttles: Counter,
    pub web_sessions: Gauge,
    pub mails: ByWord,
    pub face_connections: Gauge,
    pub face_streams: Gauge,
    pub disk_free_bytes: Gauge,
    pub disk_free_inodes: Gauge,
}

impl Meters {
    /// All at zero; `start` is when the process began.
    pub fn new(store: &Troubles, start: Timestamp) -> Self {
        let mut naming = Naming(Registry::with_prefix("beckon"));
        let connections = Family::<[(&'static str, &'static str); 1], Gauge>::default();
        let relayed = ByWord::default();
        let meters = Self {
            events: naming.name("events", "Events recorded"),
            append_seconds: naming.keep(
                "append_seconds",
                "Time from an append's request to its answer, in seconds",
                // 0.1 ms to 3 s.
                Histogram::new(exponential_buckets(0.000_1, 2.0, 16)),
            ),
            append_errors: naming.name("append_errors", "Appends that were not made"),
            writer_queue: naming.name("writer_queue", "Appends that wait for the writer"),
            sessions: naming.name("sessions", "Sessions that are not over"),
            agents: connections.get_or_create_owned(&[("program", "agent")]),
            controls: connections.get_or_create_owned(&[("program", "control")]),
            relayed_to_agent: relayed.get_or_create_owned(&[("to", "agent")]),
            relayed_to_control: relayed.get_or_create_owned(&[("to", "control")]),
            tree_events: naming.name("tree_events", "Events with a place in the Merkle tree"),
            tree_lag_seconds: naming
                .name("tree_lag_seconds", "How long the oldest event waits for its place"),
            checkpoint_events: naming
                .name("checkpoint_events", "Events under the newest signed checkpoint"),
            checkpoint_age_seconds: naming.name(
                "checkpoint_age_seconds",
                "Since the newest checkpoint was signed; it grows while nothing is recorded",
            ),
            read_models_lag_positions: naming
                .name("read_models_lag_positions", "How far the read models are behind the log"),
            read_models_lag_seconds: naming.name(
                "read_models_lag_seconds",
                "How long the oldest event waits for the read models",
            ),
            requests: naming.name("http_requests", "Requests to the portal that were answered"),
            sign_ins_refused: naming.name("sign_ins_refused", "Sign-ins with a wrong password"),
            wrong_codes: naming.name("join_wrong_codes", "Wrong join codes"),
            throttles: naming
                .name("join_throttles", "How often somebody had to wait before the next code"),
            web_sessions: naming.name("web_sessions", "Browsers that are signed in"),
            mails: naming.name("mails", "Mails that were handed to the mail server, or not"),
            face_connections: naming
                .name("face_connections", "Open connections of EventStoreDB clients"),
            face_streams: naming
                .name("face_streams", "Reads and subscriptions of EventStoreDB clients under way"),
            disk_free_bytes: naming
                .name("disk_free_bytes", "Free bytes on the disk of the data folder"),
            disk_free_inodes: naming
                .name("disk_free_inodes", "Free inodes on the disk of the data folder"),
            registry: Registry::default(),
        };
        naming.keep("connections", "Programs that are connected and let in", connections);
        naming.keep("relay_bytes", "Sealed bytes that were passed on", relayed);
        let (errors, reconnects) = store.counters();
        naming.keep("store_errors", "Requests to a store elsewhere that failed", errors);
        naming.keep("store_reconnects", "New connections to a store elsewhere", reconnects);
        let build = [("version", env!("CARGO_PKG_VERSION"))];
        naming.0.register("build", "What runs", Info::new(build));
        let begun =
            naming.name::<Gauge>("start_time_seconds", "When the process began, since 1970");
        begun.set(start.micros() / 1_000_000);
        // What never happened is zero, not unknown.
        for outcome in ["sent", "failed"] {
            drop(meters.mails.get_or_create_owned(&[("outcome", outcome)]));
        }
        for kind in AppendError::KINDS {
            drop(meters.append_errors.get_or_create_owned(&[("kind", kind)]));
        }
        drop(meters.requests.get_or_create_owned(&Answered { route: "/healthz", status: 200 }));
        Self { registry: naming.0, ..meters }
    }
}

/// Gives numbers their names.
struct Naming(Registry);

impl Naming {
    fn name<M: Metric + Clone + Default>(&mut self, name: &str, help: &str) -> M {
        self.keep(name, help, M::default())
    }

    fn keep<M: Metric + Clone>(&mut self, name: &str, help: &str, meter: M) -> M {
        self.0.register(name, help, meter.clone());
        meter
    }
}

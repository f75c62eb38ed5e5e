//! `/metrics` of a real server.

use beckon_protocol::{ControlSays, ToControl};
use beckon_server::clock::SystemClock;
use beckon_tests::http;
use beckon_tests::inside::client::{Agent, active, relay};
use beckon_tests::inside::ground::Ground;
use beckon_tests::scratch::workspace;

use super::exposition::Exposition;

type Real = Ground<SystemClock>;

async fn ground() -> Real {
    Ground::in_real_time_with(&[("BECKON_METRICS__LISTEN", "127.0.0.1:0")]).await
}

/// Reads the numbers as Prometheus does.
fn scrape(ground: &Real) -> (Exposition, String) {
    let address = ground.hub.metrics.address().expect("metrics are on").to_string();
    let answer = tokio::task::block_in_place(|| http::get(&address, "/metrics"));
    assert_eq!(answer.status, 200);
    let kind = answer.header("content-type").unwrap();
    assert!(kind.starts_with("application/openmetrics-text; version=1.0.0"), "{kind}");
    let text = answer.text();
    (Exposition::parse(&text).unwrap_or_else(|why| panic!("{why}\n{text}")), text)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_numbers_follow_a_session_and_name_nobody() {
    let ground = ground().await;
    let (before, _) = scrape(&ground);
    let invited = ground.invited().await;
    let mut stranger = Agent::connect(&ground).await;
    stranger.try_code("00000-00000", None).await;
    let (mut agent, mut control) = active(&ground, &invited).await;
    let (mut from_agent, mut from_control) =
        (relay(&ground, &agent.relay().await).await, relay(&ground, &control.relay().await).await);
    from_agent.binary(vec![7; 1_000]).await;
    from_control.next().await;
    from_control.binary(vec![7; 300]).await;
    from_agent.next().await;
    let sessions =
        |numbers: &Exposition, state| numbers.value("beckon_sessions", &[("state", state)]);
    assert_eq!(sessions(&before, "active"), 0);
    // The list follows the log a moment later.
    let during = beckon_tests::clock::eventually("one session is active", || {
        let (during, _) = scrape(&ground);
        (sessions(&during, "active") == 1).then_some(during)
    });
    for program in ["agent", "control"] {
        assert_eq!(during.value("beckon_connections", &[("program", program)]), 1, "{program}");
    }
    let relayed = |to| during.value("beckon_relay_bytes_total", &[("to", to)]);
    assert_eq!((relayed("control"), relayed("agent")), (1_000, 300));
    assert_eq!(during.value("beckon_join_wrong_codes_total", &[]), 1);
    let approved = [("category", "session"), ("type", "Approved")];
    assert_eq!(during.value("beckon_events_total", &approved), 1);
    let end = agent.ended();
    agent.socket.say(&end).await;
    control.until(|heard| matches!(heard, ToControl::Ended { .. })).await;
    let (after, text) = beckon_tests::clock::eventually("no session is active", || {
        let read = scrape(&ground);
        (sessions(&read.0, "active") == 0).then_some(read)
    });
    let recorded = after.sum("beckon_events_total") - before.sum("beckon_events_total");
    let appends = |numbers: &Exposition| numbers.value("beckon_append_seconds_count", &[]);
    assert!(recorded >= 6 && appends(&after) > appends(&before), "{recorded}");
    let has_all = || {
        let (numbers, _) = scrape(&ground);
        let (tree, events) =
            (numbers.sum("beckon_tree_events"), numbers.sum("beckon_events_total"));
        (tree == events).then_some(())
    };
    beckon_tests::clock::eventually("the tree has every event", has_all);
    assert!(after.value("beckon_disk_free_bytes", &[]) > 0);
    assert!(after.value("beckon_start_time_seconds", &[]) > 1_700_000_000);
    let secrets = [
        invited.session.to_string(),
        invited.operator.to_string(),
        invited.code.to_string(),
        invited.code.folded(),
        "Ana".to_owned(),
        "kitchen-pc".to_owned(),
        "otto".to_owned(),
        "Acme".to_owned(),
        "127.0.0.1".to_owned(),
    ];
    for secret in secrets {
        assert!(!text.contains(&secret), "{secret} is in the numbers:\n{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_counted_by_the_pattern_of_their_path() {
    let ground = ground().await;
    let address = ground.address.to_string();
    tokio::task::block_in_place(|| {
        http::get(&address, "/healthz");
        http::get(&address, "/sessions/6d5f3e0a-1c2b-4d3e-8f90-a1b2c3d4e5f6");
        http::get(&address, "/nowhere/at/all");
    });
    let (numbers, text) = scrape(&ground);
    let requests = |route, status| {
        numbers.value("beckon_http_requests_total", &[("route", route), ("status", status)])
    };
    assert_eq!(requests("/healthz", "200"), 1, "{text}");
    assert_eq!(requests("/sessions/{id}", "503"), 1, "{text}");
    assert_eq!(requests("other", "503"), 1, "{text}");
    assert!(!text.contains("6d5f3e0a") && !text.contains("nowhere"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_else_is_served_there_and_nothing_by_default() {
    let ground = ground().await;
    let address = ground.hub.metrics.address().unwrap();
    assert!(address.ip().is_loopback());
    for path in ["/", "/healthz", "/metrics/", "/sign-in"] {
        let answer = tokio::task::block_in_place(|| http::get(&address.to_string(), path));
        assert_eq!(answer.status, 404, "{path}");
    }
    let ground = Ground::new().await;
    assert_eq!(ground.hub.metrics.address(), None);
    let portal = ground.address.to_string();
    let answer = tokio::task::block_in_place(|| http::get(&portal, "/metrics"));
    assert_ne!(answer.status, 200, "the portal's port serves no numbers");
}

#[tokio::test(flavor = "multi_thread")]
async fn docs_operations_lists_exactly_what_is_served() {
    let (numbers, _) = scrape(&ground().await);
    let docs = std::fs::read_to_string(workspace().join("docs/operations.md")).unwrap();
    let rows = docs.lines().filter_map(|line| line.strip_prefix("| `beckon_"));
    let documented: Vec<_> = rows
        .map(|row| {
            let mut cells = row.split('|').map(|cell| cell.trim().trim_matches('`').to_owned());
            let name = format!("beckon_{}", cells.next().unwrap());
            (name, cells.next().unwrap())
        })
        .collect();
    let ending = |kind: &str| match kind {
        "counter" => "_total",
        "info" => "_info",
        _ => "",
    };
    let mut served: Vec<_> = numbers
        .families
        .iter()
        .map(|(name, (kind, _))| (format!("{name}{}", ending(kind)), kind.clone()))
        .collect();
    let mut sorted = documented.clone();
    sorted.sort();
    served.sort();
    assert_eq!(sorted, served, "the table in docs/operations.md and /metrics differ");
}

#[test]
fn every_alert_asks_for_numbers_that_exist() {
    let alerts = std::fs::read_to_string(workspace().join("docs/prometheus-alerts.yml")).unwrap();
    let docs = std::fs::read_to_string(workspace().join("docs/operations.md")).unwrap();
    let mut asked = 0;
    for line in alerts.lines().filter(|line| line.trim_start().starts_with("expr:")) {
        let words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        for name in words.filter(|word| word.starts_with("beckon_")) {
            let bare = name.trim_end_matches("_bucket").trim_end_matches("_count");
            assert!(docs.contains(&format!("| `{bare}` |")), "{name} is in no table");
            asked += 1;
        }
    }
    assert!(asked >= 8, "{asked} numbers in the alerts");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_is_not_counted_any_more() {
    let ground = ground().await;
    let invited = ground.invited().await;
    let (mut agent, mut control) = active(&ground, &invited).await;
    control.socket.say(&ControlSays::Leave {}).await;
    control.until(|heard| *heard == ToControl::Left {}).await;
    control.socket.vanish();
    agent.vanish(&ground).await;
    let gone = || {
        let (numbers, _) = scrape(&ground);
        (numbers.sum("beckon_connections") == 0).then_some(())
    };
    beckon_tests::clock::eventually("nobody is connected", gone);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_connected_to_the_face_is_counted() {
    let face = {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        free.local_addr().unwrap().to_string()
    };
    let settings = [("BECKON_METRICS__LISTEN", "127.0.0.1:0"), ("BECKON_FACE__LISTEN", &*face)];
    let ground = Ground::in_real_time_with(&settings).await;
    let counted = |wanted: i64| {
        let (numbers, _) = scrape(&ground);
        (numbers.value("beckon_face_connections", &[]) == wanted).then_some(())
    };
    let here = std::net::TcpStream::connect(&face).unwrap();
    beckon_tests::clock::eventually("somebody is connected", || counted(1));
    drop(here);
    beckon_tests::clock::eventually("nobody is connected", || counted(0));
    let reading = ground.hub.metrics.face_stream();
    assert_eq!(scrape(&ground).0.value("beckon_face_streams", &[]), 1);
    drop(reading);
    assert_eq!(scrape(&ground).0.value("beckon_face_streams", &[]), 0);
}

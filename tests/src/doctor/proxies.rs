//! What a proxy in front can do wrong.

use beckon_server::doctor::{Check, Outcome, Report};

use super::ground::{Patient, complaints, only};
use super::stand_in::{Manner, StandIn};

/// Trusted to say who visits.
const TRUSTED: (&str, &str) = ("BECKON_TRUSTED_PROXIES", "127.0.0.1");

async fn behind(manner: Manner, settings: &[(&str, &str)]) -> Report {
    let proxy = StandIn::bind().await;
    let url = format!("http://127.0.0.1:{}", proxy.port);
    let mut all = vec![("BECKON_PUBLIC_URL", url.as_str())];
    all.extend(settings);
    let patient = Patient::start(&all);
    proxy.serve(patient.address, manner, None);
    patient.examined().await
}

#[tokio::test]
async fn behind_a_good_proxy_all_is_well_and_the_visitor_is_known() {
    let report = behind(Manner::Honest, &[TRUSTED]).await;
    assert_eq!(complaints(&report), [], "{report}");
    let visitors = report.worst(Check::Visitors).unwrap();
    assert!(visitors.found.contains("this machine is 127.0.0.1"), "{visitors}");
}

#[tokio::test]
async fn a_proxy_that_keeps_streams_back_is_named() {
    let report = behind(Manner::Buffers, &[TRUSTED]).await;
    only(&report, Check::Buffering, Outcome::Failed, "proxy_buffering off");
}

#[tokio::test]
async fn a_proxy_without_web_sockets_is_named() {
    let report = behind(Manner::StripsUpgrade, &[TRUSTED]).await;
    only(&report, Check::WebSockets, Outcome::Failed, "proxy_set_header Upgrade");
}

#[tokio::test]
async fn a_proxy_that_cuts_long_messages_is_named() {
    let report = behind(Manner::Caps(16 * 1024), &[TRUSTED]).await;
    only(&report, Check::FrameSize, Outcome::Failed, "at least 64 KiB");
}

#[tokio::test]
async fn a_proxy_with_another_time_is_named() {
    let report = behind(Manner::Outdated, &[TRUSTED]).await;
    only(&report, Check::Clock, Outcome::Warning, "switch NTP on");
}

#[tokio::test]
async fn a_proxy_that_reaches_nobody_is_told_where_the_server_is() {
    let report = behind(Manner::BadGateway, &[TRUSTED]).await;
    only(
        &report,
        Check::Address,
        Outcome::Failed,
        "it answers 502): let it pass requests on to 127",
    );
}

#[tokio::test]
async fn a_proxy_that_says_nothing_is_waited_for_only_so_long() {
    let report = behind(Manner::Mute, &[TRUSTED]).await;
    only(&report, Check::Address, Outcome::Failed, "gives no answer");
}

#[tokio::test]
async fn a_proxy_that_nobody_trusts_or_that_hides_visitors_is_named() {
    let report = behind(Manner::Honest, &[]).await;
    only(&report, Check::Visitors, Outcome::Warning, "trusted_proxies = [\"127.0.0.1\"]");
    let report = behind(Manner::Silent, &[TRUSTED]).await;
    only(&report, Check::Visitors, Outcome::Warning, "proxy_add_x_forwarded_for");
    let report = behind(Manner::Silent, &[]).await;
    only(&report, Check::Visitors, Outcome::Warning, "instead of the visitor");
}

#[tokio::test]
async fn an_address_that_leads_to_another_server_is_named() {
    let proxy = StandIn::bind().await;
    let url = format!("http://127.0.0.1:{}", proxy.port);
    let patient = Patient::start(&[("BECKON_PUBLIC_URL", &url), TRUSTED]);
    let other = Patient::start(&[]);
    proxy.serve(other.address, Manner::Honest, None);
    let report = patient.examined().await;
    let words = "leads to something else than this server (it answers 404)";
    only(&report, Check::Address, Outcome::Failed, words);
}

#[tokio::test]
async fn a_name_that_nobody_knows_and_a_port_where_nobody_is_are_named() {
    let patient = Patient::start(&[("BECKON_PUBLIC_URL", "https://nobody.invalid"), TRUSTED]);
    only(&patient.examined().await, Check::Name, Outcome::Failed, "make an A or AAAA record");
    let url = {
        let free = StandIn::bind().await;
        format!("http://127.0.0.1:{}", free.port)
    };
    let patient = Patient::start(&[("BECKON_PUBLIC_URL", &url), TRUSTED]);
    only(&patient.examined().await, Check::Connection, Outcome::Failed, "open the port");
}

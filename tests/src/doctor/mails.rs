//! The mail server.

use beckon_server::doctor::{self, Check, Outcome};
use beckon_server::mail;
use beckon_tests::smtp_sink::{Mood, SmtpSink};
use rustls::RootCertStore;

use super::ground::{Patient, complaints, only};

fn with(port: u16) -> Patient {
    let port = port.to_string();
    Patient::start(&[
        ("BECKON_SMTP__HOST", "127.0.0.1"),
        ("BECKON_SMTP__PORT", &port),
        ("BECKON_SMTP__ENCRYPTION", "none"),
        ("BECKON_SMTP__FROM", "Help <help@example.org>"),
    ])
}

#[tokio::test]
async fn a_mail_server_is_greeted_and_gets_a_mail_only_when_that_is_asked_for() {
    let sink = SmtpSink::start(Mood::Takes);
    let patient = with(sink.port());
    let report = patient.examined().await;
    assert_eq!(complaints(&report), [], "{report}");
    assert!(report.worst(Check::Mail).unwrap().found.contains("takes mail (none was sent)"));
    assert!(sink.mails().is_empty());
    let to = mail::address("olga@example.org").unwrap();
    let roots = RootCertStore::empty();
    let report = doctor::examine((&patient.config, None), roots, Some(to)).await;
    assert!(report.worst(Check::Mail).unwrap().found.contains("took a mail to olga@example.org"));
    let mail = sink.mail_to("olga@example.org");
    assert!(mail.source.contains("Nothing is to be done"), "{}", mail.source);
}

#[tokio::test]
async fn a_mail_server_that_refuses_or_is_gone_is_named() {
    let sink = SmtpSink::start(Mood::OutOfOrder);
    let report = with(sink.port()).examined().await;
    only(&report, Check::Mail, Outcome::Failed, "out of order");
    let port = sink.port();
    drop(sink);
    let report = with(port).examined().await;
    only(&report, Check::Mail, Outcome::Failed, "check smtp.host, smtp.port");
}

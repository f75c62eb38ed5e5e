//! An auditor replays a session, and the page says whether the record was changed.

mod played;

use std::time::Duration;

use beckon_events::operator::Event;
use beckon_events::{RecordedEvent, SessionId};
use beckon_tests::auditor::fingerprint;
use beckon_tests::browser::{Browser, Look};
use beckon_tests::desk::Desk;
use beckon_tests::log::Log;
use beckon_tests::operator::Operator;
use beckon_tests::server::Server;
use beckon_tests::stage::Stage;
use serde_json::json;
use tempfile::TempDir;

use self::played::{AUDITOR, recorded};

const VERIFIED: &str = "events verified in this page";
const RIGHT: &str = "\u{e014}";

/// A server with one session that is over, and an auditor in front of it.
struct Archive {
    server: Server,
    session: SessionId,
    folder: TempDir,
}

impl Archive {
    fn new() -> Self {
        let (folder, session) = recorded();
        let data = folder.path().join("data").display().to_string();
        let server = Server::start_with(&[("BECKON_DATA", &data)]);
        Self { server, session, folder }
    }

    /// The auditor signs in and opens the replay from the page of the session.
    fn opened<'d>(&self, desk: &'d Desk) -> Operator<'d> {
        let auditor = Operator::sits_at(desk, Look::Headless, &self.server);
        auditor.signs_in(AUDITOR);
        auditor.browser().go(&format!("{}/sessions/{}", self.server.origin(), self.session));
        auditor.browser().click("Replay");
        auditor.browser().arrives_at("/replay");
        auditor
    }

    fn log(&self) -> Log {
        Log::of(&self.folder.path().join("data"))
    }
}

/// Opens the event in the list.
fn opens(browser: &Browser<'_>, event: usize) {
    let summary = format!("#event-{event} summary");
    browser.script("document.querySelector(arguments[0]).click()", &[json!(summary)]);
}

/// Scrolls so that the top of the element is at the top of the window.
fn scrolls_to(browser: &Browser<'_>, selector: &str) {
    browser.script("document.querySelector(arguments[0]).scrollIntoView()", &[json!(selector)]);
}

#[test]
fn an_auditor_replays_a_session_point_by_point_and_every_event_is_verified_in_the_page() {
    let _stage = Stage::take();
    let (archive, office) = (Archive::new(), Desk::open("auditor"));
    let auditor = archive.opened(&office);
    let browser = auditor.browser();
    browser.resize(1240, 1180);
    let events = archive.log().session(archive.session).len();
    browser.sees_within(Duration::from_secs(20), &format!("All {events} {VERIFIED}"));
    let key = archive.server.verb(&["key"]).1;
    browser.sees(fingerprint(&key));
    browser.sees("Compare it with the one you keep.");

    // Three points: the invitation, the request, and in the middle of the help.
    browser.sees("Event 1 of");
    browser.sees("Whoever has the code or the link");
    browser.click("Next");
    browser.choose("Point in time", RIGHT);
    browser.sees("Event 3 of");
    browser.sees("Approval requested");
    browser.sees("decline the request");
    browser.go(&format!("{}/sessions/{}/replay?at=6", archive.server.origin(), archive.session));
    browser.sees("Event 7 of");
    browser.sees("Olga Ruiz is connected");
    browser.sees("use mouse and keyboard");
    browser.sees(VERIFIED);
    browser.shot("replay");

    opens(browser, 3);
    browser.sees("The statement is signed by the key it must be signed by");
    browser.sees("\"n\":1");
    browser.sees("It stands in the tree of the log, under the checkpoint.");
    scrolls_to(browser, "#event-3");
    browser.shot("replay-event");

    // Played sixty times as fast, it gets to its end by itself.
    browser.click("First");
    browser.choose("Speed", "600×");
    browser.click("Play");
    browser.sees_within(Duration::from_mins(1), &format!("Event {events} of {events}"));
    browser.sees("The operator's computer signed the end of the record.");

    let looks = archive.log().events().into_iter().filter(|event| match event {
        RecordedEvent::Operator(recorded) => {
            recorded.event == Event::AuditViewed { session: Some(archive.session) }
        }
        _ => false,
    });
    assert!((1..=2).contains(&looks.count()), "looking is recorded, once in ten minutes");
}

#[test]
fn a_record_that_was_changed_in_the_log_is_named_and_nothing_is_called_verified() {
    let _stage = Stage::take();
    let (archive, office) = (Archive::new(), Desk::open("auditor"));
    // Somebody with the disk in their hands makes the user allow files from the beginning. A
    // server that starts finds that; this one runs.
    let log = rusqlite::Connection::open(archive.folder.path().join("data/log.db")).unwrap();
    let triggers = "SELECT group_concat('DROP TRIGGER ' || name || ';', '') FROM sqlite_master \
         WHERE type = 'trigger'";
    let drop_all: String = log.query_row(triggers, [], |row| row.get(0)).unwrap();
    log.execute_batch(&drop_all).unwrap();
    let change = "UPDATE events SET data = CAST(replace(CAST(data AS TEXT), \
         '{\"actions\":[\"view\",\"control\"],\"n\":1', \
         '{\"actions\":[\"view\",\"control\",\"files\"],\"n\":1') AS BLOB)";
    assert!(log.execute(change, []).unwrap() > 0);
    drop(log);
    let auditor = archive.opened(&office);
    let browser = auditor.browser();
    browser.resize(1240, 1180);
    browser.sees_within(
        Duration::from_secs(20),
        "Event 4 does not match: its data is not what was recorded.",
    );
    browser.sees("Do not rely on what this page shows");
    assert!(!browser.text().contains(VERIFIED), "{}", browser.text());
    opens(browser, 3);
    browser.sees("✗ does not match: its data is not what was recorded");
    browser.script("scrollTo(0, 0)", &[]);
    browser.shot("replay-tampered");
}

/// What somebody between server and page does to the proof, and what the page says then. The
/// script gets the proof as `proof`; `bytes(text)` and `text(bytes)` are base64.
const FORGERIES: [(&str, &str); 12] = [
    ("edit(1, 'data', (t) => t.replace('Debian', 'Ubuntu'))", "Event 2 does not match: its data"),
    ("edit(2, 'metadata', (t) => t.replace('\"at\":\"2', '\"at\":\"3'))", "Event 3 does not match"),
    (
        "edit(2, 'metadata', (t) => t.replace('{\"v\":1', '{ \"v\":1'))",
        "Event 3 does not match: its metadata",
    ),
    (
        "edit(1, 'metadata', (t) => t.replace('\"schema\":1', '\"schema\":2'))",
        "Event 2 does not match: it is not in the tree",
    ),
    ("proof.events.splice(4, 1)", "Event 5 does not match: it is not in its place"),
    ("proof.events[3].proof[0] = '00'.repeat(32)", "Event 4 does not match: it is not in the tree"),
    ("proof.events[3].index += 1", "Event 4 does not match: it is not in the tree"),
    ("proof.events.pop()", "but there is proof of"),
    (
        "proof.checkpoint = proof.checkpoint.replace(/\\n\\d+\\n/, '\\n999999\\n')",
        "Nothing is proved: the checkpoint is not signed",
    ),
    (
        "proof.log_key = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'",
        "Nothing is proved: the checkpoint is not signed",
    ),
    ("proof.checkpoint = 'nonsense'", "Nothing is proved"),
    ("throw new Error('cut off')", "Nothing was checked: the proof could not be fetched."),
];

const BETWEEN: &str = r"
    globalThis.honest ??= globalThis.fetch;
    globalThis.fetch = async (...asked) => {
      const answer = await honest(...asked);
      const proof = await answer.json();
      const edit = (at, part, change) => { proof.events[at][part] = btoa(change(atob(proof.events[at][part]))); };
      FORGERY;
      return new Response(JSON.stringify(proof));
    };";

/// Opened events show a space that is not in the log.
const LATER: &str = r#"
    const honest = globalThis.fetch;
    globalThis.fetch = async (...asked) => new Response((await (await honest(...asked)).text())
      .replace('data-bytes="data">', 'data-bytes="data"> '));"#;

/// Whether data is read.
const READ: &str = r"const data = arguments[0]; return import('/assets/proof.js').then(({ readData }) => {
      try { readData(new TextEncoder().encode(data)); return true; } catch { return false; }
    });";

#[test]
fn every_forgery_on_the_way_to_the_page_is_found_and_said() {
    let _stage = Stage::take();
    let (archive, office) = (Archive::new(), Desk::open("auditor"));
    let auditor = archive.opened(&office);
    let browser = auditor.browser();
    browser.sees_within(Duration::from_secs(20), VERIFIED);
    for (forgery, said) in FORGERIES {
        browser.script(&BETWEEN.replace("FORGERY", forgery), &[]);
        browser.click("Check again");
        browser.sees(said);
        assert!(!browser.text().contains(VERIFIED), "{forgery}: {}", browser.text());
        browser.script("globalThis.fetch = honest", &[]);
        browser.click("Check again");
        browser.sees(VERIFIED);
    }

    // The list of the page says something else than the bytes.
    browser.script("document.getElementById('event-3').dataset.kind = 'Rejected'", &[]);
    browser.click("Check again");
    browser.sees("Event 4 does not match: this page shows another kind or time");
    browser.reload();
    browser.sees_within(Duration::from_secs(20), VERIFIED);
    opens(browser, 0);
    browser.sees("Download metadata");
    browser.script("document.querySelector('[data-bytes=data]').textContent += ' '", &[]);
    browser.click("Check again");
    browser.sees("Event 1 does not match: the bytes shown below are not those that were checked.");

    // Bytes that come after the check are not those that were checked.
    browser.reload();
    browser.sees_within(Duration::from_secs(20), VERIFIED);
    browser.script(LATER, &[]);
    opens(browser, 2);
    browser.sees("Event 3 does not match: the bytes shown below are not those that were checked.");
    browser.sees("Do not rely on what this page shows");
    assert!(!browser.text().contains(VERIFIED), "{}", browser.text());

    // Data that beckon-audit refuses is not read here, whatever its hash.
    for (data, read) in [
        (r#"{"by":"policy"}"#, true),
        (r#"{"by":"user","by":"policy"}"#, false),
        (r#"{"a":{"by":1,"by":2}}"#, false),
        (r#"{"by":1,"a":2}"#, false),
        (r#"{"by": 1}"#, false),
    ] {
        assert_eq!(browser.script(READ, &[json!(data)]), json!(read), "{data}");
    }

    // A browser that cannot check says what it did not check.
    browser.reload();
    browser.sees_within(Duration::from_secs(20), VERIFIED);
    browser.script(
        "SubtleCrypto.prototype.importKey = async () => { throw new DOMException('', 'NotSupportedError'); }",
        &[],
    );
    browser.click("Check again");
    browser.sees("but no signature was checked: this browser does not know Ed25519");
    browser.script("Object.defineProperty(crypto, 'subtle', { value: undefined })", &[]);
    browser.click("Check again");
    browser.sees("Nothing was checked: this browser offers no cryptography to this page.");
}

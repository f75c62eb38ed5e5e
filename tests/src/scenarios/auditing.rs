//! An auditor reads the log in the portal, takes a list away, and sees how things were.

use beckon_events::operator::{Event, List};
use beckon_events::session::{EndReason, EndedBy};
use beckon_events::{Action, RecordedEvent, SessionId};
use beckon_protocol::{AgentSays, ControlSays, ToControl};
use beckon_tests::browser::{Browser, Look};
use beckon_tests::desk::Desk;
use beckon_tests::inside::client::active;
use beckon_tests::inside::ground::Ground;
use beckon_tests::log::Log;
use beckon_tests::operator::Operator;
use beckon_tests::server::Server;
use beckon_tests::stage::Stage;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// What the fake agent claims its computer to be.
const HOST: &str = "kitchen-pc";

/// A server program on a log with two sessions that have happened.
struct Past {
    server: Server,
    sessions: Vec<SessionId>,
    folder: TempDir,
}

impl Past {
    fn of_two_sessions() -> Self {
        let runtime = Runtime::new().unwrap();
        let (folder, sessions) = runtime.block_on(async {
            let ground = Ground::in_real_time().await;
            let sessions = vec![happens(&ground).await, happens(&ground).await];
            (ground.into_folder(), sessions)
        });
        let data = folder.path().join("data").display().to_string();
        let server = Server::start_with(&[("BECKON_DATA", &data)]);
        Self { server, sessions, folder }
    }

    /// Somebody signs up in the browser that is open.
    fn signs_up(&self, person: &Operator<'_>, name: &str, role: &str) {
        let (status, said) = self.server.verb(&["user", "add", name, "--role", role]);
        let link = said.split_whitespace().find(|word| word.contains("/setup#"));
        let link = link.unwrap_or_else(|| panic!("{status}: no set-up link in: {said}"));
        let email = format!("{}@example.org", name.to_lowercase().replace(' ', "."));
        person.signs_up(link, name, &email);
    }

    fn log(&self) -> Log {
        Log::of(&self.folder.path().join("data"))
    }

    /// What was recorded of looking and of taking away.
    fn deeds(&self) -> Vec<Event> {
        let of_people = |event| match event {
            RecordedEvent::Operator(recorded) => Some(recorded.event),
            RecordedEvent::Session(_) | RecordedEvent::Account(_) | RecordedEvent::Node(_) => None,
        };
        let all = self.log().events().into_iter().filter_map(of_people);
        all.filter(|event| matches!(event, Event::AuditViewed { .. } | Event::ListExported { .. }))
            .collect()
    }
}

/// One session that is helped and ended by the user.
async fn happens(ground: &Ground<beckon_server::clock::SystemClock>) -> SessionId {
    let invited = ground.invited().await;
    let (mut agent, mut control) = active(ground, &invited).await;
    control.socket.say(&ControlSays::Connected {}).await;
    ground.recorded(invited.session, "OperatorConnected").await;
    agent.socket.say(&AgentSays::ActionStarted { action: Action::View }).await;
    ground.recorded(invited.session, "ActionStarted").await;
    let end = agent.ended();
    agent.socket.say(&end).await;
    let ended = ToControl::Ended { by: EndedBy::User, why: EndReason::Asked };
    control.until(|heard| *heard == ended).await;
    invited.session
}

/// The words of the column with this heading.
fn column(browser: &Browser<'_>, heading: &str) -> Vec<String> {
    let script = "return [...document.querySelectorAll('#' + arguments[0] + ' td')]\
                  .filter((cell) => cell.dataset.label === arguments[1])\
                  .map((cell) => cell.innerText.trim())";
    let table = browser.script("return document.querySelector('table.list').id", &[]);
    let words = browser.script(script, &[table, heading.into()]);
    let words = words.as_array().map(Vec::as_slice).unwrap_or_default();
    words.iter().map(|word| word.as_str().unwrap_or_default().to_owned()).collect()
}

/// Nothing of the page stands outside a narrow window.
fn fits_a_narrow_window(browser: &Browser<'_>) {
    browser.resize(500, 960);
    let script =
        "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
    assert_eq!(browser.script(script, &[]), 0);
    browser.shot("audit-log-narrow");
    browser.resize(1280, 960);
}

#[test]
fn an_auditor_filters_the_log_takes_a_list_away_and_sees_how_things_were() {
    let _stage = Stage::take();
    let past = Past::of_two_sessions();
    let desk = Desk::open("auditor");
    let person = Operator::sits_at(&desk, Look::Headless, &past.server);
    let browser = person.browser();
    browser.resize(1280, 960);
    past.signs_up(&person, "Ada Admin", "admin");
    browser.click("Sign out");
    past.signs_up(&person, "Eve Auditor", "auditor");

    // The log, this week by default, the newest first: the look itself.
    browser.click("Audit");
    browser.arrives_at("/audit/log");
    browser.sees("This week");
    let words = column(browser, "What");
    assert!(words[0].contains("audit log") && words.len() > 15, "{words:?}");
    assert_eq!(past.deeds(), [Event::AuditViewed { session: None }]);

    // Filters stack, and stand in the address.
    browser.choose("What", "Sessions: all of");
    browser.arrives_at("kind=session");
    browser.choose("Who", "User");
    browser.arrives_at("who=user");
    browser.sees("Remove all filters");
    let kinds: Vec<_> = column(browser, "Who");
    assert!(!kinds.is_empty() && kinds.iter().all(|who| who == "User"), "{kinds:?}");
    browser.fill("Search", &format!("{HOST}\u{e007}"));
    browser.arrives_at(&format!("q={HOST}"));
    browser.shot("audit-log");
    fits_a_narrow_window(browser);
    let narrow = column(browser, "What").len();

    // A chip is taken off, and more is to be seen again.
    browser.click("Remove the filter User");
    browser.sees_no_longer("Remove the filter User");
    assert!(!browser.address().contains("who="), "{}", browser.address());
    assert!(column(browser, "What").len() > narrow);
    browser.click("Columns");
    browser.click("Kind");
    browser.arrives_at("cols=");
    browser.click("Where");
    browser.arrives_at("cols=when,who,what,kind,position");
    browser.row_says("When", "Position");
    let kinds = column(browser, "Kind");
    assert!(kinds.contains(&"Approval requested".to_owned()), "{kinds:?}");

    // The file has these rows and columns, and that it was taken is recorded.
    browser.click("Export as CSV");
    let file = std::fs::read_to_string(browser.downloaded("beckon-audit-log")).unwrap();
    let lines: Vec<_> = file.split("\r\n").collect();
    assert_eq!(lines[0], "When,Who,What,Kind,Position");
    assert_eq!(lines.len(), kinds.len() + 2, "{file}");
    assert!(lines.iter().any(|line| line.contains(",Approval requested,")), "{file}");
    let rows = kinds.len() as u64;
    let taken = Event::ListExported { list: List::AuditLog, rows };
    assert_eq!(past.deeds().last(), Some(&taken));

    sees_how_things_were(&past, browser);
    looks_back(&past, browser);
}

/// From the row of an approval to the moment after it, and to the one before.
fn sees_how_things_were(past: &Past, browser: &Browser<'_>) {
    let origin = past.server.origin();
    browser.go(&format!("{origin}/audit/log?kind=Approved&session={}", past.sessions[1]));
    let position = column(browser, "Position").remove(0);
    browser.click(&position);
    browser.arrives_at("/as-of?position=");
    browser.sees(&format!("Right after position {position}:"));
    assert_eq!(column(browser, "State"), ["In session"], "of the sessions that were open");
    browser.row_says("Ana Silva", "hold sessions");
    let roles = browser.script("return document.getElementById('roles').innerText", &[]);
    assert!(!roles.to_string().contains("Eve Auditor"), "not invited yet: {roles}");
    browser.shot("as-of");
    browser.click("One event earlier");
    browser.sees("Approval requested");
    assert_eq!(column(browser, "State"), ["Approval requested"]);
    browser.click("Now");
    browser.sees("This is the latest event.");
    browser.sees("No session was open.");
    browser.row_says("Eve Auditor", "read the log");
    let views = past.deeds();
    let views = views.iter().filter(|deed| matches!(deed, Event::AuditViewed { .. })).count();
    assert!(views <= 2, "one look in ten minutes, and the scenario takes no longer: {views}");
}

/// The history, a session of somebody else, and the work report.
fn looks_back(past: &Past, browser: &Browser<'_>) {
    browser.click("History");
    browser.fill("Search", "kitch\u{e007}");
    browser.arrives_at("q=kitch");
    browser.sees("With “kitch”");
    assert_eq!(column(browser, "State"), ["Ended Ended by the user", "Ended Ended by the user"]);
    browser.shot("history");
    browser.fill("Search", "bathroom\u{e007}");
    browser.sees("No session is like this.");
    browser.click("Remove the filter With “bathroom”");
    browser.row(HOST);
    browser.click_in(HOST, &column(browser, "Session")[0]);
    browser.arrives_at("/sessions/");
    let looked = Event::AuditViewed { session: Some(past.sessions[1]) };
    assert_eq!(past.deeds().last(), Some(&looked));
    browser.click("Work report");
    browser.row_says("Ana Silva", "View");
    browser.shot("work-report");
    browser.click("Export as CSV");
    let file = std::fs::read_to_string(browser.downloaded("beckon-work")).unwrap();
    assert!(file.contains(&past.sessions[0].to_string()), "{file}");
    let taken = Event::ListExported { list: List::WorkReport, rows: 2 };
    assert_eq!(past.deeds().last(), Some(&taken));
}

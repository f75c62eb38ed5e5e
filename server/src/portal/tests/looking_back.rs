//! The history, the work report, and how things were.

use std::time::Duration;

use beckon_events::envelope::Actor;
use beckon_events::operator::{self, Event, List, Role};
use beckon_events::session::{Command, ControlKeys, EndReason, EndedBy};
use beckon_events::{Action, ActionSet, Grant, OperatorId, PublicKey, SessionId};

use super::auditing::{deeds, href, plain, rows, session};
use super::stage::{Answer, Stage, agent};
use crate::text;

struct Scene {
    stage: Stage,
    ana: OperatorId,
    ben: OperatorId,
    eve: OperatorId,
    printer: SessionId,
    scanner: SessionId,
}

impl Scene {
    /// At 8:00 Ana's printer and at 9:00 Ben's scanner; the printer ends at 10:00.
    async fn new() -> Self {
        let stage = Stage::new().await;
        let ana = stage.person("Ana Silva", Role::Operator).await;
        let ben = stage.person("Ben", Role::Operator).await;
        let eve = stage.person("Eve", Role::Auditor).await;
        let printer = session(&stage, &mut stage.browser(ana), "Printer").await;
        stage.clock.advance(Duration::from_hours(1));
        let scanner = session(&stage, &mut stage.browser(ben), "Scanner").await;
        stage.clock.advance(Duration::from_hours(1));
        let (by, why) = (EndedBy::Portal, EndReason::Asked);
        stage.tell(printer, Command::End { by, why, statement: None, suppressed: 0 }).await;
        Self { stage, ana, ben, eve, printer, scanner }
    }

    async fn look(&self, person: OperatorId, path: &str) -> Answer {
        self.stage.browser(person).get(path).await
    }
}

/// The user lets `operator` see the screen, who connects and does so.
async fn help(stage: &Stage, session: SessionId, operator: OperatorId) {
    let control = ControlKeys { x25519: PublicKey([7; 32]), ed25519: PublicKey([7; 32]) };
    let (now, actions) = (stage.now(), ActionSet::EMPTY.with(Action::View));
    let (lapses, until) = (now.plus(Duration::from_mins(1)), now.plus(Duration::from_hours(1)));
    let (v, ed25519) = (Grant::VERSION, control.ed25519);
    let limits = beckon_events::Limits {};
    let grant = Grant { v, session, operator, control: ed25519, actions, until, n: 1, limits };
    let statement = grant.sign(&agent());
    for command in [
        Command::RequestApproval {
            operator,
            operator_name: "Ben".into(),
            control,
            actions,
            now,
            lapses,
            damped: 0,
        },
        Command::Approve { request: 1, statement, now },
        Command::Connect { operator, control },
        Command::StartAction { action: Action::View, now },
    ] {
        stage.tell(session, command).await;
    }
}

/// The rows of the list with this id.
fn list(answer: &Answer, id: &str) -> Vec<String> {
    let Some((_, body)) = answer.body.split_once(&format!("<table id=\"{id}\"")) else {
        return Vec::new();
    };
    let (body, _) = body.split_once("</table>").unwrap();
    body.split("<tr ").skip(2).map(plain).collect()
}

#[actix_web::test]
async fn the_history_finds_sessions_by_what_is_known_of_them() {
    let scene = Scene::new().await;
    let all = rows(&scene.look(scene.eve, "/history").await);
    assert!(all[0].contains("Scanner") && all[0].contains("Available") && all[0].contains("Ben"));
    assert!(all[1].contains("Printer") && all[1].contains("Ended in the portal"), "{all:?}");
    assert_eq!(all.len(), 2);
    for (query, found) in [
        ("q=print", "Printer"),
        ("state=ended", "Printer"),
        ("state=available", "Scanner"),
        (&format!("operator={}", scene.ben), "Scanner"),
        ("to=2026-11-22T08:30", "Printer"),
        ("from=2026-11-22T08:30&to=2026-11-22", "Scanner"),
    ] {
        let page = scene.look(scene.eve, &format!("/history?{query}")).await;
        let shown = rows(&page);
        assert!(shown.len() == 1 && shown[0].contains(found), "{query}: {shown:?}");
        assert!(page.body.contains("id=\"reset\" href=\"/history\""), "{query}");
    }
    let none = scene.look(scene.eve, "/history?q=elephant").await;
    assert!(none.body.contains(text::NO_HISTORY), "{}", none.body);
    // To look at the list is no look at a session.
    assert_eq!(deeds(&scene.stage, scene.eve).await, []);
}

#[actix_web::test]
async fn an_operator_finds_and_takes_their_own_sessions_only() {
    let scene = Scene::new().await;
    for query in ["", &format!("?operator={}", scene.ben), "?q=scanner"] {
        let page = scene.look(scene.ana, &format!("/history{query}")).await;
        assert_eq!(page.status, 200);
        assert!(!page.body.contains(">Scanner<") && !page.body.contains("Ben"), "{}", page.body);
    }
    let mut browser = scene.stage.browser(scene.ana);
    let query = format!("operator={}", scene.ben);
    let file = browser.post("/history/export", &[("query", &query)]).await;
    let lines: Vec<_> = file.body.split("\r\n").collect();
    assert!(lines[0].starts_with("Session (its id),Session,State,Device,"), "{lines:?}");
    assert!(lines[1].contains("Printer") && lines[1].contains("<b>PC</b>"), "{lines:?}");
    assert_eq!(lines[2..], [""]);
    let taken = [Event::ListExported { list: List::SessionHistory, rows: 1 }];
    assert_eq!(deeds(&scene.stage, scene.ana).await, taken);
    let all = scene.stage.browser(scene.eve).post("/history/export", &[]).await;
    assert!(all.body.contains("Scanner,Available,Ben,"), "{}", all.body);
}

#[actix_web::test]
async fn the_work_report_says_how_long_who_helped_and_with_what() {
    let scene = Scene::new().await;
    let (stage, id) = (&scene.stage, scene.scanner);
    help(stage, id, scene.ben).await;
    stage.clock.advance(Duration::from_mins(30));
    let (by, why) = (EndedBy::Control, EndReason::Asked);
    stage.tell(id, Command::End { by, why, statement: None, suppressed: 0 }).await;
    let page = scene.look(scene.eve, "/report").await;
    let people = list(&page, "operators");
    assert_eq!(people, ["Ben | 1 | 30 min 0 s | View"]);
    let work = list(&page, "work");
    assert!(work.len() == 1 && work[0].contains("Scanner") && work[0].contains("30 min 0 s"));
    // Only the part within the time chosen counts.
    let part = scene.look(scene.eve, "/report?from=2026-11-22T10:20&to=2026-11-22T11:00").await;
    assert_eq!(list(&part, "operators"), ["Ben | 1 | 10 min 0 s | View"]);
    let before = scene.look(scene.eve, "/report?to=2026-11-22T09:30").await;
    assert!(before.body.contains(text::NO_WORK), "{}", before.body);
    // Ana sees her own work: none.
    for query in ["", &format!("?operator={}", scene.ben)] {
        let own = scene.look(scene.ana, &format!("/report{query}")).await;
        assert!(own.body.contains(text::NO_WORK) && !own.body.contains("Scanner"), "{query}");
    }
    let file = stage.browser(scene.eve).post("/report/export", &[]).await;
    let lines: Vec<_> = file.body.split("\r\n").collect();
    assert!(lines[1].contains("Scanner,Ben,") && lines[1].ends_with(",1800,View"), "{lines:?}");
    let taken = [Event::ListExported { list: List::WorkReport, rows: 1 }];
    assert_eq!(deeds(stage, scene.eve).await, taken);
}

#[actix_web::test]
async fn things_are_shown_as_they_were() {
    let scene = Scene::new().await;
    let (stage, eve) = (&scene.stage, scene.eve);
    let promote = operator::Command::ChangeRole { role: Role::Auditor };
    stage.clock.advance(Duration::from_hours(1));
    let source = stage.hub.own(Actor::SYSTEM);
    let done = stage.hub.operator(scene.ben, source, promote).await.unwrap();
    assert!(stage.hub.reached(&done).await);
    let at = |time: &str| format!("/as-of?at=2026-11-22T{time}");
    let half_past_nine = scene.look(eve, &at("09:30")).await;
    assert_eq!(half_past_nine.status, 200, "{}", half_past_nine.body);
    let open = list(&half_past_nine, "open");
    assert!(open.len() == 2 && open[0].contains("Scanner | Available | Ben"), "{open:?}");
    assert!(open[1].contains("Printer | Available | Ana Silva"), "{open:?}");
    assert_eq!(list(&half_past_nine, "ended"), [""; 0]);
    let roles = |answer: &Answer| -> Vec<_> {
        list(answer, "roles")
            .iter()
            .map(|row| row.split(" | ").nth(1).unwrap().to_owned())
            .collect()
    };
    let admin = "Administrator";
    assert_eq!(roles(&half_past_nine), [admin, "Operator", "Operator", "Auditor"]);
    let half_past_ten = scene.look(eve, &at("10:30:00")).await;
    assert_eq!(list(&half_past_ten, "open").len(), 1);
    assert!(list(&half_past_ten, "ended")[0].contains("Printer | Ended | Ended in the portal"));
    let now = scene.look(eve, "/as-of").await;
    assert_eq!(roles(&now), [admin, "Operator", "Auditor", "Auditor"]);
    assert!(now.body.contains(text::LATEST) && href(&now, "after").is_none(), "{}", now.body);
    assert!(now.body.contains("looked at the audit log"), "the look itself: {}", now.body);
    // One event earlier is before the look, and one later is the look again.
    let before = scene.look(eve, &href(&now, "before").unwrap()).await;
    assert!(before.body.contains("One event has been recorded since."), "{}", before.body);
    let again = scene.look(eve, &href(&before, "after").unwrap()).await;
    assert_eq!(href(&again, "before"), href(&now, "before"));
    let nothing = scene.look(eve, "/as-of?at=2026-11-21").await;
    assert!(nothing.body.contains(text::AS_OF_NOTHING), "{}", nothing.body);
    let beginning = scene.look(eve, &href(&half_past_ten, "before").unwrap()).await;
    assert_eq!(list(&beginning, "open").len(), 2, "before the end of the printer");
    assert_eq!(deeds(stage, eve).await, [Event::AuditViewed { session: None }]);
}

#[actix_web::test]
async fn what_nobody_can_mean_is_named_and_stays_in_its_field() {
    let scene = Scene::new().await;
    for (path, said) in [
        ("/as-of?at=noon", "“noon” is not a time"),
        ("/as-of?position=1e9", "“1e9” is not a position"),
        ("/as-of?at=2026-11-22&position=3", text::ONE_MOMENT),
        ("/history?state=open&q=kept", "“open” cannot be chosen"),
        ("/history?from=2026-13-01&q=kept", "“2026-13-01” is not a time"),
        ("/history?older=x&q=kept", "“x” is not a position"),
        ("/report?operator=Ana", "“Ana” cannot be chosen"),
        ("/report?range=decade", "“decade” cannot be chosen"),
    ] {
        let answer = scene.look(scene.eve, path).await;
        assert_eq!(answer.status, 422, "{path}");
        assert!(answer.body.contains(said), "{path}: {}", answer.body);
        let kept = !path.contains("kept") || answer.body.contains("value=\"kept\"");
        assert!(kept && !answer.body.contains("<tbody"), "{path}: {}", answer.body);
    }
    let page = scene.look(scene.eve, "/as-of?position=18446744073709551615").await;
    assert_eq!(page.status, 200, "the last there is");
    let unknown = format!("/sessions/{}", scene.printer);
    assert_eq!(scene.look(scene.eve, &unknown).await.status, 200);
}

//! The audit log: what it shows, how it is filtered, and who is seen looking.

use std::sync::Arc;
use std::time::Duration;

use beckon_events::envelope;
use beckon_events::operator::{Event, List, Role};
use beckon_events::session::Command;
use beckon_events::{LogId, OperatorId, RecordedEvent, SessionId, Timestamp};
use beckon_projections::SessionRow;

use super::stage::{Answer, Browser, Stage};
use crate::actors::Journal;
use crate::store::{Append, AppendError, Committed, EventStore, Readers, StreamName, writer};
use crate::text;

const LOG: &str = "/audit/log";

/// What one person did that stands in their stream.
pub async fn deeds(stage: &Stage, person: OperatorId) -> Vec<Event> {
    let events = stage.hub.journal.read_stream(StreamName::operator(person)).await.unwrap();
    let read = events.iter().map(|stored| {
        let position = stored.position.to_bits();
        envelope::read(&stored.metadata, &stored.data, position, &stage.hub.keys).unwrap()
    });
    read.filter_map(|event| match event {
        RecordedEvent::Operator(recorded) => Some(recorded.event),
        _ => None,
    })
    .filter(|event| matches!(event, Event::AuditViewed { .. } | Event::ListExported { .. }))
    .collect()
}

/// The words of the rows, without markup, one a row.
pub fn rows(answer: &Answer) -> Vec<String> {
    let Some((_, body)) = answer.body.split_once("<tbody") else { return Vec::new() };
    let (body, _) = body.split_once("</tbody>").unwrap();
    body.split("<tr ").skip(1).map(plain).collect()
}

pub fn plain(html: &str) -> String {
    let mut words = String::new();
    for part in html.split('<').map(|part| part.split_once('>').map_or("", |(_, text)| text)) {
        if !part.trim().is_empty() {
            words.push_str(if words.is_empty() { "" } else { " | " });
            words.push_str(part.trim());
        }
    }
    words
}

/// Where the link with this id leads.
pub fn href(answer: &Answer, id: &str) -> Option<String> {
    let (_, rest) = answer.body.split_once(&format!("id=\"{id}\""))?;
    let (_, rest) = rest.split_once("href=\"")?;
    rest.split_once('"').map(|(to, _)| to.replace("&#38;", "&").replace("&amp;", "&"))
}

/// Makes a session by the name, and the end user joins.
pub async fn session(stage: &Stage, browser: &mut Browser<'_>, name: &str) -> SessionId {
    let before: Vec<_> = stage.sessions().iter().map(|row| row.id).collect();
    browser.create(&[("name", name), ("do", "create")]).await;
    let made = stage.sessions().into_iter().find(|row| !before.contains(&row.id)).unwrap().id;
    stage.join(made).await;
    made
}

struct Scene {
    stage: Stage,
    ana: OperatorId,
    eve: OperatorId,
    printer: SessionId,
    scanner: SessionId,
}

impl Scene {
    /// Ana helped with a printer, and somebody waits with a scanner.
    async fn new() -> Self {
        let stage = Stage::new().await;
        let ana = stage.person("Ana Silva", Role::Operator).await;
        let eve = stage.person("Eve", Role::Auditor).await;
        let mut browser = stage.browser(ana);
        let printer = session(&stage, &mut browser, "=Printer").await;
        let scanner = session(&stage, &mut browser, "<i>Scanner").await;
        Self { stage, ana, eve, printer, scanner }
    }
}

#[actix_web::test]
async fn an_auditor_reads_what_happened_the_newest_first_and_is_seen_doing_so() {
    let scene = Scene::new().await;
    let mut browser = scene.stage.browser(scene.eve);
    let answer = browser.get(LOG).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let rows = rows(&answer);
    assert!(rows[0].contains("Eve") && rows[0].contains("audit log"), "{rows:?}");
    assert!(rows[1].contains("The user joined") && rows[1].contains("&#60;i&#62;Scanner"));
    assert!(rows[4].contains("Ana Silva") && rows[4].contains("=Printer"), "{rows:?}");
    assert!(rows.iter().any(|row| row.contains("Acme")), "{rows:?}");
    assert!(!answer.body.contains("<i>"), "{}", answer.body);
    assert!(answer.body.contains(&format!("/sessions/{}/replay?at=1\"", scene.scanner)));
    assert!(answer.body.contains("href=\"/as-of?position="));
    // Looking again at once is the same look, later it is another.
    browser.get(LOG).await;
    let one = [Event::AuditViewed { session: None }];
    assert_eq!(deeds(&scene.stage, scene.eve).await, one);
    scene.stage.clock.advance(Duration::from_mins(10));
    browser.get(LOG).await;
    assert_eq!(deeds(&scene.stage, scene.eve).await, [one.clone(), one].concat());
}

#[actix_web::test]
async fn who_looks_at_a_session_of_somebody_else_is_recorded_and_the_holder_is_not() {
    let scene = Scene::new().await;
    let page = format!("/sessions/{}", scene.printer);
    let seen = [Event::AuditViewed { session: Some(scene.printer) }];
    let admin = scene.stage.person("Ada Two", Role::Admin).await;
    for (person, recorded) in [(scene.ana, &[][..]), (scene.eve, &seen), (admin, &seen)] {
        let mut browser = scene.stage.browser(person);
        for path in [page.clone(), format!("{page}/now")] {
            assert_eq!(browser.get(&path).await.status, 200, "{path}");
        }
        assert_eq!(deeds(&scene.stage, person).await, recorded);
    }
    let bob = scene.stage.person("Bob", Role::Operator).await;
    assert_eq!(scene.stage.browser(bob).get(&page).await.status, 404);
    assert_eq!(deeds(&scene.stage, bob).await, []);
}

#[actix_web::test]
async fn filters_stack_and_each_can_be_taken_off_again() {
    let scene = Scene::new().await;
    let mut browser = scene.stage.browser(scene.eve);
    let address = format!("{LOG}?kind=session&who=operator&q=printer&session={}", scene.printer);
    let answer = browser.get(&address).await;
    let found = rows(&answer);
    assert!(found.len() == 1 && found[0].contains("The session"), "{found:?}");
    for chip in ["This week", "Sessions", "Operator", "With “printer”", "Session “=Printer”"]
    {
        assert!(answer.body.contains(&format!("<span>{chip}</span>")), "{chip}: {}", answer.body);
    }
    let (_, chip) = answer.body.split_once("<span>Operator</span>").unwrap();
    let (_, less) = chip.split_once("href=\"").unwrap();
    let less = less.split_once('"').unwrap().0.replace("&#38;", "&");
    assert!(!less.contains("who=") && less.contains("kind=session"), "{less}");
    assert_eq!(rows(&browser.get(&less).await).len(), 2, "the user, too");
    for (query, count) in [("?kind=Joined", 2), ("?kind=Joined&kind=node", 3), ("?q=scanner", 2)] {
        let found = rows(&browser.get(&format!("{LOG}{query}")).await);
        assert_eq!(found.len(), count, "{query}: {found:?}");
    }
    let by_ana = rows(&browser.get(&format!("{LOG}?who={}", scene.ana)).await);
    assert!(by_ana.len() == 2 && by_ana.iter().all(|row| row.contains("Ana Silva")));
    // The person who is searched for is found by name, as long as it is known.
    let about = rows(&browser.get(&format!("{LOG}?q=silva&kind=operator")).await);
    assert!(!about.is_empty() && about.iter().all(|row| row.contains("Ana")), "{about:?}");
    scene.stage.clock.advance(Duration::from_hours(8 * 24));
    let mut browser = scene.stage.browser(scene.eve);
    let week = rows(&browser.get(LOG).await);
    assert_eq!(week.len(), 1, "only this look is of this week: {week:?}");
    let day = rows(&browser.get(&format!("{LOG}?from=2026-11-22&to=2026-11-22")).await);
    assert!(day.len() == 13 && day[0].contains("audit log"), "the look of that day: {day:?}");
}

#[actix_web::test]
async fn the_file_has_exactly_the_rows_and_columns_of_the_view_and_is_recorded() {
    let scene = Scene::new().await;
    let mut browser = scene.stage.browser(scene.eve);
    let query = "kind=session&cols=kind,when,where";
    let page = browser.get(&format!("{LOG}?{query}")).await;
    let (_, heads) = page.body.split_once("<thead").unwrap();
    assert!(plain(heads.split_once("</thead>").unwrap().0).starts_with("When | Where | Kind"));
    assert!(page.body.contains("id=\"col-who\" type=\"checkbox\" name=\"cols\" value=\"who\">"));
    let sent = super::stage::field(&page.body, "query").unwrap().replace("&#38;", "&");
    assert_eq!(sent, "kind=session&cols=when,where,kind");
    let file = browser.post("/audit/log/export", &[("query", &sent)]).await;
    assert_eq!(file.header("Content-Type"), "text/csv; charset=utf-8; header=present");
    let name = "attachment; filename=\"beckon-audit-log-2026-11-22.csv\"";
    assert_eq!(file.header("Content-Disposition"), name);
    let lines: Vec<_> = file.body.split("\r\n").collect();
    let at = "2026-11-22T08:00:00.000000Z";
    assert_eq!(lines[0], "When,Where,Kind");
    assert_eq!(lines[1], format!("{at},<i>Scanner,Joined"));
    assert_eq!(lines[4], format!("{at},\"'=Printer\",Created"), "no formula");
    assert_eq!(lines[5..], [""]);
    let taken = Event::ListExported { list: List::AuditLog, rows: 4 };
    assert_eq!(deeds(&scene.stage, scene.eve).await.last(), Some(&taken));
    // What makes no sense takes nothing.
    let refused = browser.post("/audit/log/export", &[("query", "kind=x")]).await;
    assert_eq!(refused.status, 409);
    assert!(refused.body.contains("“x” cannot be chosen here"), "{}", refused.body);
    assert_eq!(deeds(&scene.stage, scene.eve).await.len(), 2);
}

#[actix_web::test]
async fn pages_are_turned_to_the_end_and_back_without_losing_a_row() {
    let stage = Stage::new().await;
    let ana = stage.person("Ana", Role::Operator).await;
    let eve = stage.person("Eve", Role::Auditor).await;
    let mut browser = stage.browser(ana);
    for nth in 0..55 {
        browser.create(&[("name", &format!("N{nth:02}")), ("do", "create")]).await;
        let id = stage.sessions().into_iter().find(SessionRow::is_live).unwrap().id;
        stage.tell(id, Command::CancelInvitation).await;
    }
    let mut browser = stage.browser(eve);
    let first = browser.get(&format!("{LOG}?kind=session")).await;
    assert_eq!(href(&first, "newer"), None);
    let second = browser.get(&href(&first, "older").unwrap()).await;
    let third = browser.get(&href(&second, "older").unwrap()).await;
    assert_eq!(href(&third, "older"), None);
    let all = [rows(&first), rows(&second), rows(&third)];
    assert_eq!(all.each_ref().map(Vec::len), [50, 50, 10]);
    let mut all = all.concat();
    all.dedup();
    assert_eq!(all.len(), 110, "each once");
    let back = browser.get(&href(&third, "newer").unwrap()).await;
    assert_eq!(rows(&back), rows(&second));
    assert_eq!(rows(&browser.get(&href(&back, "newer").unwrap()).await), rows(&first));
}

#[actix_web::test]
async fn what_cannot_be_asked_is_named_and_what_was_typed_stays() {
    let scene = Scene::new().await;
    let mut browser = scene.stage.browser(scene.eve);
    for (query, said) in [
        ("from=soon&q=kept", "“soon” is not a time"),
        ("range=ever&q=kept", "“ever” cannot be chosen"),
        ("from=2026-11-22T09:00&to=2026-11-22T08:00&q=kept", text::FROM_AFTER_TO),
        ("kind=%3Cscript%3E&q=kept", "“&#60;script&#62;” cannot be chosen"),
        ("older=-5&q=kept", "“-5” is not a position"),
        ("session=1&q=kept", "“1” is not the id of a session"),
        ("cols=when,shoe&q=kept", "“shoe” cannot be chosen"),
    ] {
        let answer = browser.get(&format!("{LOG}?{query}")).await;
        assert_eq!(answer.status, 422, "{query}");
        assert!(answer.body.contains(said), "{query}: {}", answer.body);
        assert!(answer.body.contains("value=\"kept\""), "{query}: {}", answer.body);
        assert!(!answer.body.contains("<tbody"), "no rows that were not asked for");
    }
    let part = browser.with("HX-Request", "true").get(&format!("{LOG}?from=soon")).await;
    assert!(part.status == 422 && !part.body.contains("<html"), "{}", part.body);
}

#[actix_web::test]
async fn who_may_not_read_the_log_is_not_shown_it_and_not_recorded() {
    let scene = Scene::new().await;
    let ada = scene.stage.person("Ada Two", Role::Admin).await;
    for person in [ada, scene.ana] {
        let mut browser = scene.stage.browser(person);
        for path in [LOG, "/as-of"] {
            assert_eq!(browser.get(path).await.status, 403, "{path}");
        }
        assert_eq!(browser.post("/audit/log/export", &[]).await.status, 403);
        assert_eq!(deeds(&scene.stage, person).await, []);
    }
    let proof = scene.stage.browser(ada).get("/audit").await.body;
    assert!(proof.contains("id=\"tab-proof\"") && !proof.contains("id=\"tab-log\""), "{proof}");
    let proof = scene.stage.browser(scene.eve).get("/audit").await.body;
    assert!(proof.contains("id=\"tab-log\"") && proof.contains("id=\"tab-as-of\""), "{proof}");
}

/// A log that takes nothing any more.
struct Full(Arc<dyn Readers>);

impl EventStore for Full {
    fn append(&mut self, batch: &[Append]) -> Committed {
        let answers = batch.iter().map(|_| Err(AppendError::DiskFull)).collect();
        Committed { answers, events: Vec::new() }
    }

    fn readers(&self) -> Arc<dyn Readers> {
        Arc::clone(&self.0)
    }

    fn idle(&mut self) -> Result<(), AppendError> {
        Ok(())
    }
}

#[actix_web::test]
async fn what_cannot_be_recorded_is_not_shown() {
    let mut scene = Scene::new().await;
    let hub = &mut scene.stage.hub;
    let full = Full(hub.journal.readers());
    let (writer, _ended) = writer::spawn(Box::new(full), Box::new(|_| {})).unwrap();
    let (readers, clock) = (hub.journal.readers(), Arc::clone(&hub.clock));
    let seals = (hub.keys.clone(), hub.random.clone());
    let log = LogId(uuid::Uuid::nil());
    hub.journal = Journal::new(writer, readers, clock, log, Timestamp::default(), seals);
    hub.rare = Arc::default();
    let mut browser = scene.stage.browser(scene.eve);
    for path in [LOG.to_owned(), "/as-of".to_owned(), format!("/sessions/{}", scene.printer)] {
        let answer = browser.get(&path).await;
        assert_eq!(answer.status, 503, "{path}");
        assert!(answer.body.contains(text::BUSY) && !answer.body.contains("Printer"), "{path}");
    }
    for path in ["/audit/log/export", "/history/export", "/report/export"] {
        let answer = browser.post(path, &[]).await;
        assert_eq!(answer.status, 503, "{path}");
    }
    assert_eq!(deeds(&scene.stage, scene.eve).await, []);
}

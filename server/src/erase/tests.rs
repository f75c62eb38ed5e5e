pub(crate) mod desk;

use beckon_events::account::Names;
use beckon_events::envelope::Actor;
use beckon_events::operator::Role;
use beckon_events::{Keys, RecordedEvent, envelope};
use uuid::Uuid;

use self::desk::{Desk, OPERATOR, USER};
use super::*;
use crate::store::StoredEvent;

#[actix_web::test]
async fn nothing_of_an_erased_end_user_is_left_and_the_log_is_as_it_was() {
    let desk = Desk::new().await;
    let (operator, session) = desk.session().await;
    let subject = Subject::user(session);
    let shown = desk.holds(&USER);
    let of_views = |found: &String| found.ends_with("read models") || found.contains("/read.db");
    assert!(shown.iter().any(|found| found.contains("/read.db")) && shown.iter().all(of_views));
    assert!(desk.refused(&subject.to_string(), "asked for").await.contains("end it first"));
    desk.end(session).await;
    let before = desk.log();
    let said = erase(&desk.hub, &subject.to_string(), " asked for ").await.unwrap();
    assert!(said.contains("its key is destroyed") && said.contains("No export"), "{said}");
    assert_eq!(desk.holds(&USER), Vec::<String>::new());
    let known = desk.holds(&OPERATOR[..2]);
    let known = known.iter().filter(|found| found.ends_with("read models"));
    assert_eq!(known.count(), 2, "the operator is still known");
    assert_eq!(desk.hub.vault.invitation(session).unwrap(), None);
    assert!(desk.hub.vault.has_password(operator).unwrap());
    assert_eq!(desk.log()[..before.len()], before[..]);
    let RecordedEvent::Account(last) = desk.events().pop().unwrap() else { panic!() };
    let erased = account::Event::SubjectErased { subject, reason: "asked for".into() };
    assert_eq!(last.event, erased);
    let timeline = format!("{:?}", desk.hub.timeline(session).await.unwrap());
    assert!(timeline.contains("Erased") && timeline.contains(OPERATOR[0]), "{timeline}");
    let title = desk.hub.described(session).0;
    assert_eq!(title, text::NAME_ERASED);
}

#[actix_web::test]
async fn an_erased_operator_is_disabled_and_out_everywhere() {
    let desk = Desk::new().await;
    let (operator, session) = desk.session().await;
    let subject = Subject::operator(operator).to_string();
    assert!(desk.refused(&subject, "left").await.contains("has open sessions"));
    desk.end(session).await;
    erase(&desk.hub, &subject, "left").await.unwrap();
    assert_eq!(desk.holds(&OPERATOR), Vec::<String>::new());
    assert!(!desk.hub.vault.has_password(operator).unwrap());
    assert!(desk.hub.vault.web_sessions_of(operator, desk.hub.journal.now()).unwrap().is_empty());
    let disabled = desk.hub.views.read(|models| models.roster.get(operator).unwrap().disabled);
    assert!(disabled);
    let admin = desk.hub.views.read(|models| models.roster.all()[0].id);
    let refused = desk.refused(&Subject::operator(admin).to_string(), "left").await;
    assert!(refused.contains("last administrator"), "{refused}");
    assert!(desk.holds(&["Ada Admin"]).iter().any(|found| found.ends_with("read models")));
}

#[actix_web::test]
async fn a_session_on_its_way_comes_before_the_erasure_of_its_operator_or_not_at_all() {
    let desk = Desk::new().await;
    let operator = desk.person(OPERATOR[0], OPERATOR[1], Role::Operator).await;
    let subject = Subject::operator(operator).to_string();
    let create = async || {
        // The portal has let them in already.
        tokio::task::yield_now().await;
        let (session, command) = desk.creation(operator);
        let source = desk.hub.own(Actor::operator(operator));
        let created = desk.hub.create(operator, session, source, command).await;
        (session, created)
    };
    let (erased, (session, created)) =
        futures_util::future::join(erase(&desk.hub, &subject, "left"), create()).await;
    assert_ne!(erased.is_ok(), created.is_ok(), "{erased:?} {created:?}");
    if created.is_ok() {
        assert!(erased.unwrap_err().to_string().contains("has open sessions"));
        desk.end(session).await;
        erase(&desk.hub, &subject, "left").await.unwrap();
    }
    let before = desk.log();
    let at = |wanted: &str| {
        let is = |event: &StoredEvent| envelope::metadata(&event.metadata).unwrap().kind == wanted;
        before.iter().position(is).unwrap()
    };
    assert!(at("Disabled") < at("SubjectErased"));
    let refused = create().await.1.unwrap_err().to_string();
    assert!(refused.contains("disabled"), "{refused}");
    assert_eq!(desk.log().len(), before.len());
}

#[actix_web::test]
async fn an_address_is_erased_by_its_name_and_its_counters_go() {
    let desk = Desk::new().await;
    let ip = "198.51.100.9";
    let address = desk.hub.folder.pepper().address_subject(&ip.parse().unwrap());
    let now = desk.hub.journal.now();
    desk.hub.vault.begin_attempt(None, ip.parse().unwrap(), now).unwrap();
    let throttle = account::Command::Throttle { address, source: ip.into(), until: now };
    desk.account(throttle).await;
    assert!(!desk.holds(&[ip]).is_empty(), "its counter is in the vault");
    assert!(desk.refused("address:198.51.100.8", "x").await.contains("nothing is recorded"));
    erase(&desk.hub, "address:198.51.100.9", "a household").await.unwrap();
    assert_eq!(desk.holds(&[ip]), Vec::<String>::new());
}

#[actix_web::test]
async fn what_cannot_be_erased_is_refused_clearly_and_nothing_happens() {
    let desk = Desk::new().await;
    let (_, session) = desk.session().await;
    desk.end(session).await;
    let before = desk.log().len();
    let subject = Subject::user(session).to_string();
    for (who, reason, says) in [
        ("Ana", "x", "user:SESSION"),
        ("address:nowhere", "x", "user:SESSION"),
        ("user:00000000-0000-0000-0000-000000000009", "x", "nothing is recorded about user:"),
        (&subject, "", "give a reason of 1 to 200 characters"),
        (&subject, &"x".repeat(201), "give a reason of 1 to 200 characters"),
        (&subject, "two\nlines", "on one line"),
    ] {
        let refused = desk.refused(who, reason).await;
        assert!(refused.contains(says), "{who} {reason}: {refused}");
    }
    assert_eq!(desk.log().len(), before);
    assert!(desk.holds(&[USER[0]]).iter().any(|found| found.ends_with("read models")));
}

#[actix_web::test]
async fn an_erasure_that_was_cut_off_is_finished_by_running_it_again() {
    let desk = Desk::new().await;
    let (_, session) = desk.session().await;
    desk.end(session).await;
    let subject = Subject::user(session);
    desk.hub.keys.erase(subject).unwrap();
    let erasures = || {
        let is = |event: &StoredEvent| {
            envelope::metadata(&event.metadata).unwrap().kind == "SubjectErased"
        };
        desk.log().iter().filter(|event| is(event)).count()
    };
    assert_eq!(erasures(), 0);
    for _ in 0..2 {
        let said = erase(&desk.hub, &subject.to_string(), "again").await.unwrap();
        assert!(said.contains("its key was gone before"), "{said}");
        assert_eq!(erasures(), 1);
    }
    assert_eq!(desk.holds(&USER), Vec::<String>::new());
}

#[actix_web::test]
async fn an_erasure_that_was_cut_off_is_finished_at_the_next_start() {
    let desk = Desk::new().await;
    let [name, email, _] = OPERATOR;
    let gone = desk.person(name, email, Role::Operator).await;
    desk.hub.vault.set_password(gone, "a long enough password").unwrap();
    let (lost, subject) =
        (Subject::operator(OperatorId(Uuid::from_u128(8))), Subject::operator(gone));
    desk.hub.vault.mark_without_key(&[lost]).unwrap();
    desk.hub.keys.erase(subject).unwrap();
    let mut folder = desk.close().await;
    for _ in 0..2 {
        let desk = Desk::at(folder).await;
        let erased = desk.events().into_iter().filter_map(|event| match event {
            RecordedEvent::Account(event) => match event.event {
                account::Event::SubjectErased { subject, reason } => Some((subject, reason)),
                _ => None,
            },
            _ => None,
        });
        let finished = [(subject, text::ERASURE_FINISHED.to_owned())];
        assert_eq!(erased.collect::<Vec<_>>(), finished, "once, and nobody who was only lost");
        assert!(!desk.hub.vault.has_password(gone).unwrap(), "the rest of the vault's rows");
        folder = desk.close().await;
    }
}

#[actix_web::test]
async fn a_key_that_is_gone_without_the_log_saying_so_is_said_to_be_gone() {
    let desk = Desk::new().await;
    let (_, session) = desk.session().await;
    desk.end(session).await;
    let log = rusqlite::Connection::open(desk.hub.folder.log_db()).unwrap();
    let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON events \
         BEGIN SELECT RAISE(ABORT, 'the log refuses'); END";
    log.execute_batch(refuse).unwrap();
    let subject = Subject::user(session).to_string();
    let said = desk.refused(&subject, "asked").await;
    assert!(said.contains("is destroyed for good, but the log does not say so yet"), "{said}");
    assert!(said.contains("run the same command again"), "{said}");
    assert_eq!(desk.hub.keys.key(Subject::user(session)), Ok(None));
    let full = crate::store::AppendError::DiskFull.to_string();
    let said = text::erasure_not_recorded(Subject::user(session), &full);
    assert!(said.contains("disk of the event log is full") && !said.contains("nothing"), "{said}");
}

#[actix_web::test]
async fn exports_that_hold_the_subject_are_listed_and_those_with_its_names_are_marked() {
    let desk = Desk::new().await;
    desk.export(1, None, Names::All).await;
    let (operator, session) = desk.session().await;
    let (other, subject) = (SessionId(Uuid::from_u128(9)), Subject::user(session));
    desk.end(session).await;
    desk.export(2, None, Names::None).await;
    desk.export(3, Some(session), Names::Some(vec![Subject::operator(operator)])).await;
    desk.export(4, Some(other), Names::All).await;
    desk.export(5, None, Names::Some(vec![subject])).await;
    desk.export(6, Some(session), Names::All).await;
    let listed = |who: Subject| {
        let reader = desk.hub.journal.readers().reader().unwrap();
        let found = copies::copies(&*reader, who).unwrap().exports;
        found.iter().map(|copy| (copy.export.as_u128(), copy.readable)).collect::<Vec<_>>()
    };
    let user = [(2, false), (3, false), (5, true), (6, true)];
    assert_eq!(listed(subject), user);
    assert_eq!(listed(Subject::operator(operator)), [(2, false), (3, true), (5, false), (6, true)]);
    let said = erase(&desk.hub, &subject.to_string(), "asked").await.unwrap();
    let marked = said.lines().filter(|line| line.contains("WITH these names readable"));
    assert_eq!(marked.count(), 2, "{said}");
    assert!(said.contains("of the whole log, by the command line"), "{said}");
    assert!(!said.contains("Lists that were taken"), "{said}");
    let taken = beckon_events::operator::Command::ExportList {
        list: beckon_events::operator::List::WorkReport,
        rows: 7,
    };
    let admin = desk.hub.views.read(|models| models.roster.all()[0].id);
    let done = desk.hub.operator(admin, desk.hub.own(Actor::operator(admin)), taken).await.unwrap();
    desk.hub.reached(&done).await;
    let said = erase(&desk.hub, &Subject::operator(operator).to_string(), "asked").await.unwrap();
    assert!(said.contains("7 rows of the work report"), "{said}");
    desk.export(7, None, Names::All).await;
    assert_eq!(listed(subject)[..4], user);
    assert_eq!(listed(subject)[4], (7, false), "it holds bytes that nobody can open");
}

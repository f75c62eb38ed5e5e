pub(crate) mod desk;

use beckon_events::account::Names;
use beckon_events::{RecordedEvent, envelope};
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
    assert!(!shown.is_empty() && shown.iter().all(|found| found.ends_with("read models")));
    assert!(desk.refused(&subject.to_string(), "asked for").await.contains("end it first"));
    desk.end(session).await;
    let before = desk.log();
    let said = erase(&desk.hub, &subject.to_string(), " asked for ").await.unwrap();
    assert!(said.contains("its key is destroyed") && said.contains("No export"), "{said}");
    assert_eq!(desk.holds(&USER), Vec::<String>::new());
    assert_eq!(desk.holds(&OPERATOR[..2]).len(), 2, "the operator is still known");
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
    assert_eq!(desk.holds(&["Ada Admin"]).len(), 1);
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
    assert_eq!(desk.holds(&[USER[0]]).len(), 1);
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
        let found = copies::copies(&*reader, who).unwrap();
        found.iter().map(|copy| (copy.export.as_u128(), copy.readable)).collect::<Vec<_>>()
    };
    let user = [(2, false), (3, false), (5, true), (6, true)];
    assert_eq!(listed(subject), user);
    assert_eq!(listed(Subject::operator(operator)), [(2, false), (3, true), (5, false), (6, true)]);
    let said = erase(&desk.hub, &subject.to_string(), "asked").await.unwrap();
    let marked = said.lines().filter(|line| line.contains("WITH these names readable"));
    assert_eq!(marked.count(), 2, "{said}");
    assert!(said.contains("of the whole log, by the command line"), "{said}");
    desk.export(7, None, Names::All).await;
    assert_eq!(listed(subject)[..4], user);
    assert_eq!(listed(subject)[4], (7, false), "it holds bytes that nobody can open");
}

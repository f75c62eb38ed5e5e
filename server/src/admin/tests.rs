//! What the terminal hears.

use std::io::{BufRead, BufReader};
use std::os::unix::net::UnixListener;
use std::sync::Arc;
use std::time::Duration;

use beckon_events::Subject;
use beckon_events::account::LABEL_MAX;
use beckon_events::operator::Role;

use super::{AdminAnswer, AdminRequest, ask, carry_out};
use crate::clock::SystemClock;
use crate::erase::tests::desk::{Desk, OPERATOR, config};
use crate::text;

async fn done(desk: &Desk, request: AdminRequest) -> String {
    match carry_out(&desk.hub, request).await {
        AdminAnswer::Done(done) => done,
        AdminAnswer::Refused(why) => panic!("{why}"),
    }
}

async fn refused(desk: &Desk, request: AdminRequest) -> String {
    match carry_out(&desk.hub, request).await {
        AdminAnswer::Refused(why) => why,
        AdminAnswer::Done(done) => panic!("{done}"),
    }
}

#[actix_web::test]
async fn everybody_is_listed_under_the_id_by_which_they_are_erased() {
    let desk = Desk::new().await;
    let operator = desk.person(OPERATOR[0], OPERATOR[1], Role::Operator).await;
    let new = AdminRequest::AddUser { name: "Olga Ruiz".into(), role: Role::Auditor };
    done(&desk, new).await;
    let subject = Subject::operator(operator).to_string();
    let listed = done(&desk, AdminRequest::ListUsers {}).await;
    let lines: Vec<_> = listed.lines().collect();
    assert_eq!(lines.len(), 3, "{listed}");
    assert_eq!(lines[1], format!("{}, operator, can sign in, {subject}", OPERATOR[0]));
    assert!(lines[2].starts_with("Olga Ruiz, auditor, has not opened"), "{listed}");
    let reason = "left the company".to_owned();
    done(&desk, AdminRequest::Erase { subject: subject.clone(), reason }).await;
    let listed = done(&desk, AdminRequest::ListUsers {}).await;
    let erased = format!("erased, operator, disabled, {subject}");
    assert_eq!(listed.lines().nth(1), Some(&*erased), "{listed}");
}

#[actix_web::test]
async fn an_unknown_subject_is_refused_with_the_place_where_its_ids_are_found() {
    let desk = Desk::new().await;
    let nobody = "6d5f3e0a-1c2b-4d3e-8f90-a1b2c3d4e5f6";
    for (subject, found) in [
        (format!("user:{nobody}"), "beckon-audit sessions"),
        (format!("operator:{nobody}"), "beckon-server user list"),
        ("address:198.51.100.8".to_owned(), "nobody from this address ever had to wait"),
    ] {
        let said = refused(&desk, AdminRequest::Erase { subject, reason: "x".into() }).await;
        assert!(said.contains("nothing is recorded about") && said.contains(found), "{said}");
    }
}

#[actix_web::test]
async fn a_second_init_under_another_name_says_that_the_name_stays() {
    let desk = Desk::new().await;
    let init = |company: &str, again| AdminRequest::Init { company: company.into(), again };
    let stays = "it stays Acme.";
    let said = refused(&desk, init("Other", false)).await;
    assert!(said.contains("set up already") && said.contains(stays), "{said}");
    let said = done(&desk, init("Other", true)).await;
    assert!(said.contains("/setup#") && said.contains(stays), "{said}");
    let said = done(&desk, init("Acme", true)).await;
    assert!(!said.contains("stays"), "{said}");
}

#[actix_web::test]
async fn somebody_without_a_name_is_refused_in_the_words_of_the_terminal() {
    let desk = Desk::new().await;
    let add = AdminRequest::AddUser { name: " ".into(), role: Role::Operator };
    assert_eq!(refused(&desk, add).await, "give a name of 1 to 80 characters");
}

#[actix_web::test]
async fn a_token_is_shown_once_listed_by_its_label_and_revoked_by_its_id() {
    let desk = Desk::new().await;
    assert_eq!(done(&desk, AdminRequest::ListTokens {}).await, crate::text::NO_TOKENS);
    let said = done(&desk, AdminRequest::AddToken { label: " SIEM ".into() }).await;
    let token = said.split_whitespace().find(|word| word.starts_with("beckon_")).unwrap();
    let id = desk.hub.admit_token(token).await.unwrap().unwrap();
    assert!(said.ends_with(&format!("beckon-server token revoke {id}")), "{said}");
    let listed = done(&desk, AdminRequest::ListTokens {}).await;
    assert!(listed.starts_with(&format!("{id}, SIEM, issued ")), "{listed}");
    assert!(!listed.contains(token) && !listed.contains("revoked"), "{listed}");
    done(&desk, AdminRequest::RevokeToken { token: id }).await;
    assert_eq!(desk.hub.admit_token(token).await.unwrap(), None);
    let listed = done(&desk, AdminRequest::ListTokens {}).await;
    assert!(listed.contains("last used ") && listed.contains(", revoked "), "{listed}");
    let again = refused(&desk, AdminRequest::RevokeToken { token: id }).await;
    assert!(again.contains("revoked already"), "{again}");
    let unknown = refused(&desk, AdminRequest::RevokeToken { token: uuid::Uuid::nil() }).await;
    assert!(unknown.contains("no such token"), "{unknown}");
    let longest = "x".repeat(LABEL_MAX);
    done(&desk, AdminRequest::AddToken { label: longest.clone() }).await;
    for label in ["", "two\nlines", &format!("{longest}x")] {
        refused(&desk, AdminRequest::AddToken { label: label.to_owned() }).await;
    }
}

#[actix_web::test]
async fn a_list_on_a_stopped_server_records_nothing() {
    let folder = Desk::new().await.close().await;
    let mut ends = Vec::new();
    for request in [AdminRequest::ListUsers {}, AdminRequest::ListTokens {}] {
        assert!(request.only_looks());
        let config = config(folder.path());
        let url = config.public_url_for(config.listen);
        let clock = Arc::new(SystemClock::new());
        let opened = crate::run::open_unrecorded(config, url, clock).await.unwrap();
        ends.push(opened.hub.views.position());
        assert!(matches!(carry_out(&opened.hub, request).await, AdminAnswer::Done(_)));
        crate::run::close_unrecorded(&opened.hub).await.unwrap();
    }
    assert!(ends[0] > 0 && ends[0] == ends[1], "{ends:?}");
    assert!(!AdminRequest::RebuildModels { name: None }.only_looks());
}

#[test]
fn a_server_that_ends_or_is_silent_while_it_is_asked_is_not_taken_for_somebody_elses() {
    let folder = tempfile::tempdir().unwrap();
    let listener = UnixListener::bind(folder.path().join("admin.sock")).unwrap();
    let server = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        BufReader::new(stream).read_line(&mut String::new()).unwrap();
    });
    let error = ask(folder.path(), &AdminRequest::ListUsers {}).unwrap_err();
    server.join().unwrap();
    let said = text::cannot_ask(folder.path(), &error, Some("7"));
    assert!(said.contains("ended before it answered") && !said.contains("own user"), "{said}");
    let silent = std::io::Error::from(std::io::ErrorKind::WouldBlock);
    let said = text::cannot_ask(folder.path(), &silent, Some("7"));
    assert!(said.contains("(pid 7) does not answer") && !said.contains("own user"), "{said}");
}

#[test]
fn nobody_waits_for_long_on_a_request_that_takes_a_moment() {
    let quick = [
        AdminRequest::AddToken { label: "SIEM".into() },
        AdminRequest::ListTokens {},
        AdminRequest::RevokeToken { token: uuid::Uuid::nil() },
        AdminRequest::ListUsers {},
        AdminRequest::ListModels {},
    ];
    for request in quick {
        assert_eq!(request.within(), Duration::from_secs(30), "{request:?}");
    }
    assert!(AdminRequest::RebuildModels { name: None }.within() > Duration::from_mins(30));
}

//! What the terminal hears.

use beckon_events::Subject;
use beckon_events::operator::Role;

use super::{AdminAnswer, AdminRequest, carry_out};
use crate::erase::tests::desk::{Desk, OPERATOR};

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
    refused(&desk, AdminRequest::RevokeToken { token: id }).await;
    for label in ["", "two\nlines", &"x".repeat(65)] {
        refused(&desk, AdminRequest::AddToken { label: label.to_owned() }).await;
    }
}

//! Every route, for every role.

use actix_web::http::Method;
use beckon_events::operator::Role;
use beckon_projections::Right;

use super::stage::Stage;
use crate::portal::permissions::{Access, TABLE, find};

/// What a role may do, written down a second time: `SignedIn` rows are open to all three.
fn may(role: Role, right: Right) -> bool {
    use Right::{ChangeSettings, ExportLog, HoldSessions, ManageUsers, ReadLog, SeeEverySession};
    match role {
        Role::Admin => {
            matches!(
                right,
                HoldSessions | SeeEverySession | ExportLog | ManageUsers | ChangeSettings
            )
        }
        Role::Operator => right == HoldSessions,
        Role::Auditor => matches!(right, SeeEverySession | ReadLog | ExportLog),
    }
}

#[actix_web::test]
async fn every_route_admits_its_roles_and_nobody_else() {
    let stage = Stage::new().await;
    for role in Role::ALL {
        let person = stage.person(role.name(), role).await;
        for route in TABLE {
            let path = route.path.replace("{id}", "6d5f3e0a-0000-4000-8000-000000000000");
            let mut browser = stage.browser(person);
            let answer = match route.method {
                Method::GET => browser.get(&path).await,
                _ => browser.post(&path, &[]).await,
            };
            let admitted = match route.access {
                Access::Always | Access::Anyone | Access::SignedIn => true,
                Access::May(right) => may(role, right),
            };
            let refused = answer.body.contains("Your role does not allow this");
            assert_eq!(refused, !admitted, "{role:?} {} {path}: {}", route.method, answer.status);
            if refused {
                assert_eq!(answer.status, 403, "{role:?} {path}");
            }
        }
    }
}

#[actix_web::test]
async fn nobody_gets_through_without_signing_in_where_that_is_needed() {
    let stage = Stage::new().await;
    for route in TABLE {
        let path = route.path.replace("{id}", "6d5f3e0a-0000-4000-8000-000000000000");
        let mut browser = stage.stranger();
        let answer = match route.method {
            Method::GET => browser.get(&path).await,
            _ => browser.post(&path, &[]).await,
        };
        let needed = matches!(route.access, Access::SignedIn | Access::May(_));
        let sent_away = answer.status == 401
            || answer.status == 303 && answer.header("Location").starts_with("/sign-in");
        assert_eq!(sent_away, needed, "{} {path}: {}", route.method, answer.status);
    }
}

#[actix_web::test]
async fn every_form_needs_the_token_and_comes_from_here() {
    let stage = Stage::new().await;
    let ada = stage.person("Ada", Role::Admin).await;
    let eve = stage.person("Eve", Role::Auditor).await;
    let other_site = "https://evil.example";
    for route in TABLE.iter().filter(|route| route.method == Method::POST) {
        let path = route.path.replace("{id}", "6d5f3e0a-0000-4000-8000-000000000000");
        for (name, value, why) in [
            ("Origin", other_site, "This did not come from"),
            ("Origin", "null", "This did not come from"),
            ("Origin", "", "This did not come from"),
            ("Origin", "http://127.0.0.1:80800", "This did not come from"),
            ("Sec-Fetch-Site", "cross-site", "This did not come from"),
            ("Sec-Fetch-Site", "same-site", "This did not come from"),
            ("Accept", "text/html", "This form is out of date"),
        ] {
            let person = if route.access.admits(Role::Admin) { ada } else { eve };
            let mut browser = stage.browser(person).with(name, value);
            browser.csrf = "guessed".to_owned();
            let fields = [
                ("email", "a"),
                ("password", "b"),
                ("again", "b"),
                ("token", "c"),
                ("code", "d"),
                ("to", "e"),
                ("wanted", "view"),
                ("session", "f"),
            ];
            let answer = browser.post(&path, &fields).await;
            assert_eq!(answer.status, 403, "{path} {name}: {value}");
            assert!(answer.body.contains(why), "{path} {name}: {value}: {}", answer.body);
        }
    }
}

#[test]
fn every_row_of_the_table_can_be_reached() {
    for route in TABLE {
        let path =
            route.path.replace("{id}", "1").replace("{name}", "x").replace("{platform}", "y");
        let found = find(&route.method, &path).unwrap();
        assert_eq!(found.path, route.path);
    }
    for (method, path) in [
        (Method::GET, "/sessions/"),
        (Method::GET, "/sessions/1/2/3"),
        (Method::PUT, "/sessions"),
        (Method::GET, "/sign-out"),
        (Method::POST, "/users"),
        (Method::GET, "/assets/"),
    ] {
        assert!(find(&method, path).is_none(), "{method} {path}");
    }
}

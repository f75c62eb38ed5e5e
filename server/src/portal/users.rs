//! Who has a sign-in.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use beckon_projections::OperatorRow;

use super::moment::Moment;
use super::page::Page;
use super::person::Person;
use super::refusal::Refusal;
use crate::hub::Hub;
use crate::text;

#[derive(Template)]
#[template(path = "users.html")]
struct UsersPage {
    company: String,
    users: Vec<UserView>,
}

struct UserView {
    name: String,
    email: String,
    role: &'static str,
    standing: &'static str,
    controls: usize,
    last_sign_in: Option<Moment>,
}

/// The list.
pub async fn get(hub: web::Data<Hub>, person: Person) -> Result<HttpResponse, Refusal> {
    let view = |row: &OperatorRow| UserView {
        name: row.name.or(text::ERASED).to_owned(),
        email: row.email.as_ref().map_or("", |email| email.or(text::ERASED)).to_owned(),
        role: text::role(row.role),
        standing: text::standing(row),
        controls: row.controls.len(),
        last_sign_in: row.last_sign_in.map(Moment),
    };
    let page = hub.views.read(|models| UsersPage {
        company: models.account.company().to_owned(),
        users: models.roster.all().iter().map(view).collect(),
    });
    let title = text::page_title(text::USERS);
    Page { name: "users", title, body: page.render()? }.answer(&hub, &person, StatusCode::OK)
}

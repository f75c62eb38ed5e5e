//! Where operators get Control.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::hand_out::builds;
use super::page::Page;
use super::person::Person;
use super::refusal::Refusal;
use crate::downloads::{Platform, Program};
use crate::hub::Hub;
use crate::text;

#[derive(Template)]
#[template(path = "control.html")]
struct ControlPage {
    own: Offer,
    others: Vec<Offer>,
}

/// One platform, and what there is for it.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The platform.
    pub platform: Platform,
    /// The file's SHA-256; none where nothing is installed.
    pub sha256: Option<String>,
}

/// The page.
pub async fn get(
    hub: web::Data<Hub>,
    request: HttpRequest,
    person: Person,
) -> Result<HttpResponse, Refusal> {
    let (own, others) = offers(&hub, &request, Program::Control).await?;
    let body = ControlPage { own, others }.render()?;
    let title = text::page_title(text::CONTROL_TITLE);
    Page { name: "control", title, body }.answer(&hub, &person, StatusCode::OK)
}

/// What there is for the visitor's own system, and what there is for others.
pub async fn offers(
    hub: &Hub,
    request: &HttpRequest,
    program: Program,
) -> Result<(Offer, Vec<Offer>), Refusal> {
    let agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let own = Platform::of_browser(agent.unwrap_or_default());
    let (mut offer, mut others) = (Offer { platform: own, sha256: None }, Vec::new());
    for (platform, build) in builds(&hub.downloads, program).await? {
        let sha256 = build.map(|build| build.sha256.to_string());
        if platform == own {
            offer.sha256 = sha256;
        } else if sha256.is_some() {
            others.push(Offer { platform, sha256 });
        }
    }
    Ok((offer, others))
}

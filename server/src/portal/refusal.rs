//! Why a request is not carried out, as a page.

use std::fmt;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use askama::Template;

use super::page::Page;
use crate::dispatch::DispatchError;
use crate::text;
use crate::vault::VaultError;

/// Why a request is not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody can sign in yet.
    NotSetUp,
    /// One has to sign in first; then one comes back to this path.
    SignIn(Option<String>),
    /// The role does not allow it.
    NotAllowed,
    /// It does not exist, or belongs to somebody else.
    NotFound,
    /// The setup link is void.
    SetupGone,
    /// It came from another site than this one, whose address this is.
    OtherOrigin(String),
    /// The form's token is wrong.
    FormOld,
    /// The form is too large.
    TooLarge,
    /// The address asks for too much.
    AddressLong,
    /// A rule forbids it; the sentence says which.
    Rule(String),
    /// It cannot be done now. The log says why.
    Busy,
}

#[derive(Template)]
#[template(path = "refusal.html")]
struct RefusalPage<'a> {
    words: &'a str,
}

impl Refusal {
    /// The same for a script, to put it into the page that is there.
    pub fn part(&self) -> HttpResponse {
        let words = self.words();
        let mut response = HttpResponse::build(match self.status_code() {
            StatusCode::SEE_OTHER => StatusCode::UNAUTHORIZED,
            other => other,
        });
        if matches!(self, Self::SignIn(_)) {
            response.insert_header(("HX-Redirect", "/sign-in?after=idle"));
        }
        let part = RefusalPage { words: &words }.render().unwrap_or(words.clone());
        response.content_type("text/html; charset=utf-8").body(part)
    }

    fn words(&self) -> String {
        match self {
            Self::NotSetUp => text::NOT_SET_UP.to_owned(),
            Self::SignIn(_) => text::PLEASE_SIGN_IN.to_owned(),
            Self::NotAllowed => text::NOT_ALLOWED.to_owned(),
            Self::NotFound => text::NOT_FOUND.to_owned(),
            Self::SetupGone => text::SETUP_GONE.to_owned(),
            Self::OtherOrigin(public_url) => text::other_origin(public_url),
            Self::FormOld => text::FORM_OLD.to_owned(),
            Self::TooLarge => text::TOO_LARGE.to_owned(),
            Self::AddressLong => text::ADDRESS_LONG.to_owned(),
            Self::Rule(sentence) => text::sentence(sentence),
            Self::Busy => text::BUSY.to_owned(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words())
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotSetUp | Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::SignIn(Some(_)) => StatusCode::SEE_OTHER,
            Self::SignIn(None) => StatusCode::UNAUTHORIZED,
            Self::NotAllowed | Self::OtherOrigin(_) | Self::FormOld => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::SetupGone => StatusCode::GONE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::AddressLong => StatusCode::URI_TOO_LONG,
            Self::Rule(_) => StatusCode::CONFLICT,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        if let Self::SignIn(Some(next)) = self {
            let next = super::sign_in::with_next(next);
            return response.insert_header((header::LOCATION, next)).finish();
        }
        let words = self.words();
        let Ok(body) = (RefusalPage { words: &words }).render() else {
            return response.body(words);
        };
        Page { name: "problem", title: text::page_title(text::PROBLEM), body }.bare().map_or_else(
            |_| HttpResponse::new(self.status_code()),
            |page| response.content_type("text/html; charset=utf-8").body(page),
        )
    }
}

impl From<DispatchError> for Refusal {
    fn from(error: DispatchError) -> Self {
        match error {
            DispatchError::Rejected(sentence) => Self::Rule(sentence),
            DispatchError::Conflict => Self::Rule(error.to_string()),
            DispatchError::Unavailable(why) => {
                tracing::error!(%why, "a request of the portal could not be carried out");
                Self::Busy
            }
        }
    }
}

impl From<VaultError> for Refusal {
    fn from(error: VaultError) -> Self {
        tracing::error!(%error, "the vault failed the portal");
        Self::Busy
    }
}

impl From<askama::Error> for Refusal {
    fn from(error: askama::Error) -> Self {
        tracing::error!(%error, "a page could not be written");
        Self::Busy
    }
}

impl From<actix_web::error::BlockingError> for Refusal {
    fn from(error: actix_web::error::BlockingError) -> Self {
        tracing::error!(%error, "a request was cut off");
        Self::Busy
    }
}

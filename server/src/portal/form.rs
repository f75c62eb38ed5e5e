//! Forms that were made for the browser that sends them.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use beckon_events::Digest;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::refusal::Refusal;
use crate::data_folder::Pepper;

/// What every form of one browser carries, so that no other site can send it.
#[derive(Clone, Debug)]
pub struct FormToken(pub String);

/// A form whose token was right.
#[derive(Debug)]
pub struct Posted<T> {
    /// What was typed.
    pub form: T,
    /// The form's own key: sending it twice does it once.
    pub key: String,
}

#[derive(Deserialize)]
struct Wire<T> {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    key: String,
    #[serde(flatten)]
    form: T,
}

impl FormToken {
    /// The token of a browser that is not signed in, from the id in its cookie.
    pub fn of_visitor(pepper: &Pepper, visitor: &str) -> Self {
        Self(pepper.mac("form of a visitor", visitor.as_bytes()).to_string())
    }

    fn is(&self, sent: &str) -> bool {
        // Comparing digests tells nothing about how much of the text was right.
        Digest::of(self.0.as_bytes()) == Digest::of(sent.as_bytes())
    }
}

impl FromRequest for FormToken {
    type Error = Refusal;
    type Future = std::future::Ready<Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(request.extensions().get::<Self>().cloned().ok_or(Refusal::FormOld))
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Posted<T> {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, actix_web::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let token = request.extensions().get::<FormToken>().cloned();
        let wire = web::Form::<Wire<T>>::from_request(request, payload);
        Box::pin(async move {
            let web::Form(Wire { csrf, key, form }) = wire.await?;
            match token {
                Some(token) if token.is(&csrf) => Ok(Self { form, key }),
                _ => Err(Refusal::FormOld.into()),
            }
        })
    }
}

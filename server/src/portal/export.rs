//! Taking the log, or one session, away as a zip.

use actix_web::body::SizedStream;
use actix_web::http::header;
use actix_web::{HttpResponse, web};
use beckon_events::SessionId;
use beckon_events::account::Names;
use beckon_events::envelope::Actor;
use serde::Deserialize;
use tokio::fs::File;
use uuid::Uuid;

use super::form::Posted;
use super::hand_out::chunks;
use super::person::Person;
use super::refusal::Refusal;
use super::row::seen;
use crate::export::{self, Basis, ExportError, Wish};
use crate::hub::Hub;

/// What was ticked.
#[derive(Debug, Deserialize)]
pub struct Fields {
    names: Option<String>,
}

/// The whole log.
pub async fn log(
    hub: web::Data<Hub>,
    person: Person,
    posted: Posted<Fields>,
) -> Result<HttpResponse, Refusal> {
    let wish = Wish { session: None, names: names(&posted.form)? };
    zip(&hub, &person, wish, "log").await
}

/// One session.
pub async fn session(
    hub: web::Data<Hub>,
    person: Person,
    id: web::Path<Uuid>,
    posted: Posted<Fields>,
) -> Result<HttpResponse, Refusal> {
    let session = seen(&hub, &person, SessionId(*id)).await?.id;
    let wish = Wish { session: Some(session), names: names(&posted.form)? };
    let id = session.to_string();
    zip(&hub, &person, wish, id.get(..8).unwrap_or(&id)).await
}

fn names(fields: &Fields) -> Result<Names, Refusal> {
    match fields.names.as_deref() {
        None => Ok(Names::None),
        Some("all") => Ok(Names::All),
        Some(_) => Err(Refusal::FormOld),
    }
}

/// Every request is an export of its own: what leaves twice is recorded twice.
async fn zip(hub: &Hub, person: &Person, wish: Wish, of: &str) -> Result<HttpResponse, Refusal> {
    // What is refused leaves nothing, and is not recorded.
    let only = hub.reception.export()?;
    let basis = Basis::record(hub, Actor::operator(person.id()), wish).await?;
    let file = only.make(move || export::write_nameless(&basis)).await??;
    let file = File::from_std(file);
    let length = file.metadata().await.map_err(ExportError::Write)?.len();
    let now = hub.clock.now().to_string();
    let date = now.get(..10).unwrap_or_default();
    let name = format!("attachment; filename=\"beckon-{of}-{date}.zip\"");
    Ok(HttpResponse::Ok()
        .content_type("application/zip")
        .insert_header((header::CONTENT_DISPOSITION, name))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(SizedStream::new(length, Box::pin(chunks(file)))))
}

impl From<ExportError> for Refusal {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Dispatch(error) => error.into(),
            ExportError::Differs | ExportError::Write(_) | ExportError::Evidence(_) => {
                tracing::error!(%error, "an export of the portal failed");
                Self::Rule(error.to_string())
            }
            error => {
                tracing::error!(%error, "an export of the portal failed");
                Self::Busy
            }
        }
    }
}

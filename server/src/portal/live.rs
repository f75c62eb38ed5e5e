//! One stream per tab, which says that what the tab shows has changed.

use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use beckon_events::SessionId;
use beckon_projections::SessionRow;
use bytes::Bytes;
use futures_util::stream;
use serde::Deserialize;
use tokio::sync::watch;

use super::person::Person;
use super::refusal::Refusal;
use super::row::seen;
use super::sessions::{Mark, mark};
use super::{cookie, gate};
use crate::hub::Hub;

/// A proxy keeps an idle stream for at least this long.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// Changes so close together are said once.
const TOGETHER: Duration = Duration::from_millis(100);

/// What the tab shows: `sessions`, or the id of one.
#[derive(Debug, Deserialize)]
pub struct Asked {
    of: String,
}

/// What a tab shows.
#[derive(Clone, Copy, Debug)]
enum Subject {
    List,
    One(SessionId),
}

/// What stood on the page last.
#[derive(PartialEq)]
enum Picture {
    List(Box<Mark>),
    One(Option<Box<SessionRow>>, u64),
}

struct Watch {
    hub: web::Data<Hub>,
    cookie: String,
    subject: Subject,
    /// What the tab knows; none before the first word.
    known: Option<Picture>,
    changed: watch::Receiver<u64>,
    bell: watch::Receiver<u64>,
}

/// The stream.
pub async fn get(
    hub: web::Data<Hub>,
    request: HttpRequest,
    person: Person,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Refusal> {
    let subject = match asked.of.as_str() {
        "sessions" => Subject::List,
        id => {
            let id = SessionId(id.parse().map_err(|_| Refusal::NotFound)?);
            Subject::One(seen(&hub, &person, id).await?.id)
        }
    };
    let cookie = cookie::read(&request, cookie::SESSION).ok_or(Refusal::SignIn(None))?;
    let (changed, bell) = (hub.views.changed(), hub.reception.bell());
    let watch = Watch { hub, cookie, subject, known: None, changed, bell };
    let words = stream::unfold(watch, |mut watch| async move {
        let word = watch.next().await?;
        Some((Ok::<_, actix_web::Error>(Bytes::from_static(word.as_bytes())), watch))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // Else nginx keeps words back until it has a page of them.
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(Box::pin(words)))
}

impl Watch {
    /// The next word; none once the person is signed out, shut out, or the server stops.
    async fn next(&mut self) -> Option<&'static str> {
        loop {
            self.changed.mark_unchanged();
            self.bell.mark_unchanged();
            let (person, until) = self.person().await?;
            let now = self.picture(&person).await;
            if self.known.as_ref() != Some(&now) {
                self.known = Some(now);
                return Some("event: changed\ndata: 1\n\n");
            }
            tokio::select! {
                moved = self.changed.changed() => {
                    moved.ok()?;
                    tokio::time::sleep(TOGETHER).await;
                }
                rung = self.bell.changed() => rung.ok()?,
                () = until => {}
                () = tokio::time::sleep(HEARTBEAT) => return Some(":\n\n"),
            }
        }
    }

    /// Who watches, and a wait until they would be signed out. Looking is no activity.
    async fn person(&self) -> Option<(Person, crate::clock::Until)> {
        let (vault, id, now) = (self.hub.vault.clone(), self.cookie.clone(), self.hub.clock.now());
        let session = web::block(move || vault.web_session(&id, now)).await.ok()?.ok()??;
        let until = self.hub.clock.until(session.idle_until());
        Some((gate::signed_in(&self.hub, session)?, until))
    }

    async fn picture(&self, person: &Person) -> Picture {
        match self.subject {
            Subject::List => Picture::List(Box::new(mark(&self.hub, person))),
            Subject::One(id) => {
                let row = seen(&self.hub, person, id).await.ok().map(Box::new);
                Picture::One(row, self.hub.views.generation())
            }
        }
    }
}

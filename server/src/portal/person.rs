//! Who is signed in.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use beckon_events::envelope::Actor;
use beckon_events::{CommandId, OperatorId};
use beckon_projections::{OperatorRow, Right, SessionRow};
use uuid::Uuid;

use super::refusal::Refusal;
use crate::dispatch::Source;
use crate::vault::WebSession;

/// The person who is signed in, as the gate let them in.
#[derive(Clone, Debug)]
pub struct Person {
    /// Who, and what they may do.
    pub row: Arc<OperatorRow>,
    /// In which browser.
    pub session: Arc<WebSession>,
}

impl Person {
    /// Their id.
    pub fn id(&self) -> OperatorId {
        self.row.id
    }

    /// Whether they may.
    pub fn may(&self, right: Right) -> bool {
        self.row.may(right)
    }

    /// Whose sessions they see: their own, or everybody's.
    pub fn sees(&self) -> Option<OperatorId> {
        if self.may(Right::SeeEverySession) { None } else { Some(self.id()) }
    }

    /// Whether they see this session.
    pub fn sees_session(&self, row: &SessionRow) -> bool {
        self.sees().is_none_or(|only| only == row.operator)
    }

    /// Whether they hold this session.
    pub fn holds(&self, row: &SessionRow) -> bool {
        self.may(Right::HoldSessions) && row.operator == self.id()
    }

    /// A command of theirs; `key` is the form's, within this web session, so that sending a form
    /// twice does it once and nobody else can repeat it.
    pub fn source(&self, key: &str) -> Source {
        const PORTAL: Uuid = Uuid::from_u128(0x6265_636b_6f6e_4000_8000_0070_6f72_7461);
        let session = Uuid::new_v5(&PORTAL, self.session.key.to_string().as_bytes());
        Source { command: CommandId::within(session, key), actor: Actor::operator(self.id()) }
    }
}

impl FromRequest for Person {
    type Error = Refusal;
    type Future = Ready<Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(request.extensions().get::<Self>().cloned().ok_or(Refusal::SignIn(None)))
    }
}

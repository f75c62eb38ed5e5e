//! From the id of a session to its actor.

use std::collections::HashMap;

use actix::{Actor, Addr, Context, Handler, Message};
use beckon_events::SessionId;

use crate::actors::SessionActor;
use crate::hub::Hub;

/// Starts the actor of a session when it is first asked for. Decides nothing.
#[derive(Default)]
pub struct Router {
    sessions: HashMap<SessionId, Addr<SessionActor>>,
}

/// Asks for the actor of a session.
#[derive(Message)]
#[rtype(result = "Addr<SessionActor>")]
pub struct Find {
    /// Which.
    pub id: SessionId,
    /// What the actor works with.
    pub hub: Hub,
}

impl Actor for Router {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(4_096);
    }
}

impl Handler<Find> for Router {
    type Result = actix::MessageResult<Find>;

    fn handle(&mut self, find: Find, _: &mut Self::Context) -> Self::Result {
        if let Some(addr) = self.sessions.get(&find.id)
            && addr.connected()
        {
            return actix::MessageResult(addr.clone());
        }
        self.sessions.retain(|_, addr| addr.connected());
        let addr = SessionActor::new(find.id, find.hub).start();
        self.sessions.insert(find.id, addr.clone());
        actix::MessageResult(addr)
    }
}

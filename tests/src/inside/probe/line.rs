//! The line to the server, which comes back by itself.

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use beckon_protocol::{
    Base64, ControlSays, HelloFrame, Kind, ToControl, control_resume_bytes, encode, launch_bytes,
};
use tokio_tungstenite::tungstenite::Message;

use super::core::{Core, lock};
use super::facts::Over;
use super::wire::Hearing;
use super::{tunnel, wire};

/// The pause between two attempts.
const PAUSE: Duration = Duration::from_millis(250);

/// Redeems `token`, and keeps the line until the probe or the session ends. `inside` hears
/// once whether it was let in.
pub fn keep(core: &Arc<Core>, token: String, inside: Sender<()>) {
    let mut token = Some(token);
    while !core.is_stopping() && core.facts().over.is_none() {
        if let Ok((mut hearing, saying)) =
            wire::open(core.to, &core.host, "/ws/control", &core.meter)
        {
            *lock(&core.line) = Some(saying);
            talk(core, &mut hearing, &mut token, &inside);
            *lock(&core.line) = None;
            core.note(|facts| facts.line_up = false);
        }
        std::thread::sleep(PAUSE);
    }
}

fn talk(
    core: &Arc<Core>,
    hearing: &mut Hearing,
    token: &mut Option<String>,
    inside: &Sender<()>,
) -> Option<()> {
    let hello = Message::text(encode(&HelloFrame::of(Kind::Control)));
    lock(&core.line).as_mut()?.send(hello);
    loop {
        let Message::Text(text) = hearing.next()? else { return None };
        let said = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        match said {
            ToControl::Welcome { nonce, .. } => {
                core.say(&enter(core, &nonce.0, token.as_deref()));
            }
            ToControl::Door { door } => {
                *token = None;
                let approved = door.grant.is_some();
                core.note(|facts| {
                    facts.line_up = true;
                    facts.agent_lost = false;
                    facts.approved |= approved;
                    facts.door = Some(door);
                });
                // Nobody waits for it after the first time.
                let _ = inside.send(());
            }
            ToControl::Relay { ticket } => tunnel::open(core, ticket),
            said => {
                hear(core, said);
                core.begin();
            }
        }
    }
}

fn enter(core: &Core, nonce: &[u8], token: Option<&str>) -> ControlSays {
    let keys = core.keys();
    let sign = |bytes: &[u8]| Base64(core.identity.sign(bytes).to_vec());
    if let Some(token) = token {
        let signature = sign(&launch_bytes(nonce, token));
        let (token, device) = (token.to_owned(), "probe".to_owned());
        return ControlSays::Redeem { token, keys, device, signature };
    }
    let session = core.facts().door.as_ref().expect("it was inside").session;
    ControlSays::Resume { session, keys, signature: sign(&control_resume_bytes(nonce, session)) }
}

fn hear(core: &Core, said: ToControl) {
    let now = core.uptime();
    core.note(|facts| {
        match &said {
            ToControl::Approved { .. } => facts.approved = true,
            ToControl::AgentLost {} => facts.agent_lost = true,
            ToControl::AgentResumed {} => {
                facts.agent_lost = false;
                if !facts.up {
                    // The server sends tickets by itself; asked for only where none comes.
                    facts.ask_relay_at = Some(now + PAUSE * 12);
                }
            }
            ToControl::Left {} => facts.approved = false,
            ToControl::Ended { by, why } => {
                facts.over.get_or_insert(Over::Ended(*by, *why));
            }
            ToControl::NotValid { why } => {
                facts.over.get_or_insert(Over::NotValid(why.clone()));
            }
            _ => {}
        }
        facts.said.push(said);
    });
}

//! Carries out what the model wants, on a thread of its own.

mod asked;
mod outgoing;
mod queue;
mod rate;
mod reading;
#[cfg(test)]
mod tests;
mod told;
mod tunnel;

use std::path::PathBuf;
use std::sync::Arc;

use beckon_desk::clipboard::{Clipboard, ClipboardEvent, Shares};
use beckon_desk::{Line, LineEvent};
use beckon_peer::Identity;
use beckon_protocol::evidence::{KeptBy, Receipt};
use beckon_protocol::{
    Base64, ControlSays, Kind, ServerAddress, ToControl, control_resume_bytes, launch_bytes,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::config_folder::{ConfigError, ConfigFolder};
use crate::effect::{Effect, NewReceipt};
use crate::input::Input;
use crate::picture::Patches;
pub use told::{Hearing, Tell, Told};
use tunnel::Tunnel;

/// The window's end of the worker.
pub struct Worker {
    effects: UnboundedSender<Effect>,
}

/// What the worker is made with.
pub struct Tools {
    /// The keys of this Control.
    pub identity: Identity,
    /// Where the trusted portals are noted.
    pub folder: ConfigFolder,
    /// Where pictures go.
    pub patches: Patches,
    /// Where what happens goes.
    pub tell: Tell,
}

impl Worker {
    /// Starts the thread.
    pub fn start(tools: Tools) -> std::io::Result<Self> {
        let (effects, wanted) = unbounded_channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::Builder::new().name("worker".to_owned()).spawn(move || {
            runtime.block_on(carry_out(tools, wanted));
        })?;
        Ok(Self { effects })
    }

    /// Has `effect` carried out, after all before it.
    pub fn carry_out(&self, effect: Effect) {
        if self.effects.send(effect).is_err() {
            tracing::debug!("the worker has finished");
        }
    }
}

async fn carry_out(tools: Tools, mut wanted: UnboundedReceiver<Effect>) {
    let Tools { identity, mut folder, patches, tell } = tools;
    let identity = Arc::new(identity);
    let mut server: Option<ServerAddress> = None;
    let mut line: Option<Line<ControlSays>> = None;
    let mut tunnel: Option<Tunnel> = None;
    // Kept to the end: what came is in it.
    let mut clipboard: Option<Clipboard> = None;
    while let Some(effect) = wanted.recv().await {
        match effect {
            Effect::OpenLine(to) => {
                line = Some(open_line(to.clone(), tell.clone()));
                server = Some(to);
            }
            Effect::CloseLine => {
                if let Some(line) = line.take() {
                    tokio::spawn(line.close());
                }
            }
            Effect::Remember(server) => {
                if let Err(error) = folder.remember(&server) {
                    tracing::warn!(%error, "the trusted portal could not be noted");
                }
            }
            Effect::RememberLog(server, memory) => {
                if let Err(error) = folder.remember_log(&server, memory) {
                    tracing::warn!(%error, "the log of the server could not be noted");
                }
            }
            Effect::KeepReceipt(new) => {
                let (session, says) = (new.session, new.says);
                let receipt = sign(*new, &identity);
                if says {
                    let statement = receipt.signed.clone();
                    say(line.as_ref(), ControlSays::SignHead { statement });
                }
                let kept = folder.keep_receipt(session, &receipt.to_text());
                tell.input(Input::ReceiptKept(in_words(kept)));
            }
            Effect::KeepEvidence(evidence) => {
                let kept = folder.keep_evidence(&evidence);
                tell.input(Input::EvidenceKept(in_words(kept)));
            }
            Effect::Redeem { token, nonce } => {
                let signature = identity.sign(&launch_bytes(&nonce, &token));
                say(
                    line.as_ref(),
                    ControlSays::Redeem {
                        token,
                        keys: identity.public().into(),
                        device: crate::config_folder::computer_name(),
                        signature: Base64(signature.to_vec()),
                    },
                );
            }
            Effect::Resume { session, nonce } => {
                let signature = identity.sign(&control_resume_bytes(&nonce, session));
                say(
                    line.as_ref(),
                    ControlSays::Resume {
                        session,
                        keys: identity.public().into(),
                        signature: Base64(signature.to_vec()),
                    },
                );
            }
            Effect::Say(said) => say(line.as_ref(), said),
            Effect::OpenTunnel(terms) => {
                // The old one closes before the new one opens.
                tunnel = None;
                if let Some(server) = &server {
                    let to = (server.clone(), Arc::clone(&identity));
                    tunnel = Some(Tunnel::open(to, *terms, patches.renewed(), tell.clone()));
                }
            }
            Effect::CloseTunnel => tunnel = None,
            Effect::Send(message) => {
                if let Some(tunnel) = &tunnel {
                    tunnel.send(message);
                }
            }
            Effect::ShareClipboard(shares) => {
                if let (Some(tunnel), false) = (&tunnel, shares.sends) {
                    tunnel.clips().forget();
                }
                share_clipboard(&mut clipboard, shares, &tell);
            }
            Effect::PutClip(clip) => {
                if let Some(clipboard) = &clipboard {
                    clipboard.put(clip);
                }
            }
            Effect::SendClip(clip) => {
                if let Some(tunnel) = &tunnel {
                    tunnel.clips().send(clip, None);
                }
            }
            // The window does this by itself.
            Effect::Focus => {}
            Effect::Quit => break,
        }
    }
    drop(tunnel);
    if let Some(line) = line.take() {
        line.close().await;
    }
    tell.told(Told::Finished);
}

fn share_clipboard(clipboard: &mut Option<Clipboard>, shares: Shares, tell: &Tell) {
    if clipboard.is_none() && shares != Shares::NOTHING {
        let happened = tell.clone();
        let started = Clipboard::start(move |event| happened.input(Input::Clipboard(event)));
        match started {
            Ok(started) => *clipboard = Some(started),
            Err(error) => {
                let failed = ClipboardEvent::Failed(error.to_string());
                tell.input(Input::Clipboard(failed));
            }
        }
    }
    if let Some(clipboard) = clipboard {
        clipboard.share(shares);
    }
}

fn sign(new: NewReceipt, identity: &Identity) -> Receipt {
    Receipt {
        v: 1,
        company: new.company,
        operator: Some(new.operator),
        actions: new.actions,
        started: new.started,
        ended: new.ended,
        by: KeptBy::Control,
        proof: new.proof,
        signed: identity.state(&new.head),
    }
}

fn in_words(kept: Result<PathBuf, ConfigError>) -> Result<String, String> {
    let words = kept.map(|path| path.display().to_string());
    words.map_err(|error| error.to_string())
}

fn say(line: Option<&Line<ControlSays>>, said: ControlSays) {
    if !line.is_some_and(|line| line.send(said)) {
        tracing::info!("the line is down: something was not said");
    }
}

fn open_line(server: ServerAddress, tell: Tell) -> Line<ControlSays> {
    Line::open(server, Kind::Control, move |event: LineEvent<ToControl>| {
        tell.input(match event {
            LineEvent::Up { nonce, .. } => Input::LineUp { nonce },
            LineEvent::Message(said) => Input::Said(Box::new(said)),
            LineEvent::Down { why, again_in } => Input::LineDown { why: why.to_string(), again_in },
            LineEvent::OtherVersion { download } => Input::OtherVersion { download },
        });
    })
}

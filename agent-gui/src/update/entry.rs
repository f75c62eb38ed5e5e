//! Server, code, Start.

use beckon_events::Timestamp;
use beckon_protocol::{AgentSays, InvitationLink, JoinBy, JoinCode, ToAgent};
use std::time::Duration;

use crate::effect::Effect;
use crate::input::{Input, Line, User};
use crate::model::{Entry, Joined, Joining, Model, Now, Session, Stage, Ticket};
use crate::text;

pub(super) fn step(model: &mut Model, input: Input, now: Now, out: &mut Vec<Effect>) {
    let Stage::Entry(entry) = &mut model.stage else { return };
    match input {
        Input::Named(name) => {
            **entry = Entry {
                server: name.server.to_string(),
                code: name.code.to_string(),
                ..Entry::default()
            };
            out.push(Effect::LoadTicket(name.server));
        }
        Input::Linked(link) => fill(entry, link, out),
        Input::TicketFound(server, ticket)
            if entry.address().is_some_and(|address| address == server) =>
        {
            entry.ticket = Some(ticket);
        }
        Input::User(User::TypesServer(typed)) if entry.joining.is_none() => {
            if let Ok(link) = typed.parse() {
                fill(entry, link, out);
            } else {
                entry.server = typed;
                (entry.link, entry.problem, entry.ticket) = (None, None, None);
                out.extend(entry.address().map(Effect::LoadTicket));
            }
        }
        Input::User(User::TypesCode(typed)) if entry.joining.is_none() => {
            if let Ok(link) = typed.parse() {
                fill(entry, link, out);
            } else {
                entry.code = typed;
                (entry.link, entry.problem) = (None, None);
            }
        }
        Input::User(User::Starts) if entry.joining.is_none() => {
            if let Ok(joining) = entry.ready(now) {
                entry.problem = None;
                model.line += 1;
                out.push(Effect::Connect(model.line, joining.server.clone()));
                entry.joining = Some(joining);
            }
        }
        Input::User(User::Cancels) => stop(entry, &mut model.line, None, out),
        Input::User(User::Closes) | Input::Terminated => {
            model.stage = Stage::Gone;
            out.push(Effect::Exit);
        }
        Input::Line(number, line) if number == model.line => hear(model, line, now, out),
        Input::Passed => drop_ticket(entry, now, out),
        _ => {}
    }
}

fn fill(entry: &mut Entry, link: InvitationLink, out: &mut Vec<Effect>) {
    if entry.joining.is_some() {
        return;
    }
    *entry =
        Entry { server: link.server.to_string(), code: link.code.to_string(), ..Entry::default() };
    out.push(Effect::LoadTicket(link.server.clone()));
    entry.link = Some(link);
}

/// Ends the attempt; what the connection still says is ignored.
fn stop(entry: &mut Entry, line: &mut u64, problem: Option<String>, out: &mut Vec<Effect>) {
    if entry.joining.take().is_some() {
        *line += 1;
        entry.problem = problem;
        out.push(Effect::Disconnect);
    }
}

fn drop_ticket(entry: &mut Entry, now: Now, out: &mut Vec<Effect>) {
    let until = entry.ticket.as_ref().and_then(|ticket| ticket.wait_until);
    if until.is_some_and(|until| now.at >= until) {
        entry.ticket = None;
        out.extend(entry.address().map(Effect::DropTicket));
    }
}

fn hear(model: &mut Model, line: Line, now: Now, out: &mut Vec<Effect>) {
    let at = model.server_now(now);
    let Stage::Entry(entry) = &mut model.stage else { return };
    let Some(Joining { server, by }) = entry.joining.clone() else { return };
    match line {
        Line::Up { .. } => out.push(Effect::Say(AgentSays::Join {
            by,
            ticket: entry.ticket.as_ref().and_then(|ticket| ticket.ticket.clone()),
            keys: model.identity.public().into(),
            device: model.device.clone(),
        })),
        Line::Down { why } | Line::Message(ToAgent::NotRecorded { why }) => {
            stop(entry, &mut model.line, Some(text::sentence(&why)), out);
        }
        Line::OtherVersion { download } => {
            let problem = text::other_version(server.host(), &download);
            stop(entry, &mut model.line, Some(problem), out);
        }
        Line::Message(ToAgent::Joined { session, company, account_key, log_key, .. }) => {
            let identity = std::sync::Arc::clone(&model.identity);
            out.push(Effect::DropTicket(server.clone()));
            let joined = Joined { session, company, account_key, log_key, at };
            model.stage = Stage::Session(Box::new(Session::joined(identity, server, joined)));
        }
        Line::Message(ToAgent::WrongCode { attempts_left, ticket, wait_seconds }) => {
            if let JoinBy::Code(code) = &by {
                entry.refused = code.parse::<JoinCode>().ok();
            }
            let wait_until = wait_seconds.map(|seconds| until(now, seconds));
            let ticket = Ticket { ticket: Some(ticket), attempts_left, wait_until };
            keep(entry, ticket, out);
            stop(entry, &mut model.line, None, out);
        }
        Line::Message(ToAgent::Wait { wait_seconds }) => {
            let known = entry.ticket.as_ref().and_then(|ticket| ticket.ticket.clone());
            let wait_until = Some(until(now, wait_seconds));
            keep(entry, Ticket { ticket: known, attempts_left: 0, wait_until }, out);
            stop(entry, &mut model.line, None, out);
        }
        Line::Message(ToAgent::NotValid {}) => {
            (entry.link, entry.code) = (None, String::new());
            stop(entry, &mut model.line, Some(text::NOT_VALID.to_owned()), out);
        }
        Line::Message(_) => {}
    }
}

fn keep(entry: &mut Entry, ticket: Ticket, out: &mut Vec<Effect>) {
    out.extend(entry.address().map(|server| Effect::SaveTicket(server, ticket.clone())));
    entry.ticket = Some(ticket);
}

fn until(now: Now, seconds: u64) -> Timestamp {
    now.at.plus(Duration::from_secs(seconds))
}

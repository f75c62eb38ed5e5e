//! What is done over the picture, while it is the operator's to do.

use beckon_peer::{InputEvent, Press};
use egui::{Event, EventFilter, Response, Ui};

use super::Panes;
use crate::input::Input;
use crate::keys::{Keys, is_modifier};
use crate::pointer::Placement;

/// Sends what is done over the picture, while it is the operator's to do.
pub(super) fn done(
    ui: &Ui,
    response: &Response,
    placement: &Placement,
    (sending, begins): (bool, bool),
    panes: &mut Panes,
    inputs: &mut Vec<Input>,
) {
    let over = sending && response.contains_pointer();
    let events = ui.input(|input| input.events.clone());
    let pressed = |event: &Event| matches!(event, Event::PointerButton { pressed: true, .. });
    if begins || (over && events.iter().any(pressed)) {
        response.request_focus();
    }
    let own = response.has_focus() && ui.input(|input| input.focused);
    // While the keyboard is grabbed, egui believes that the window does not have it.
    let focused = sending && (own || panes.keys.sends_all());
    if focused {
        let all =
            EventFilter { tab: true, horizontal_arrows: true, vertical_arrows: true, escape: true };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, all));
    }
    let all_keys = focused && panes.keys.sends_all();
    let (mut did, after) =
        if all_keys { around_clicks(panes.keys.typed(&[])) } else { <_>::default() };
    for event in &events {
        let event = std::slice::from_ref(event);
        if over || panes.pointer.is_dragging() {
            did.extend(panes.pointer.moved(event, placement));
        } else {
            did.extend(panes.pointer.stop_holding());
        }
        if focused && !all_keys {
            did.extend(panes.keys.typed(event));
        }
    }
    did.extend(after);
    if focused && !all_keys {
        did.extend(panes.keys.typed(&[]));
    }
    // Also where a question came up: nothing is sent then, and nothing may stay down.
    let stops = (panes.focused && !focused) || (panes.sending && !sending);
    panes.focused = focused;
    if sending {
        inputs.extend(only_last_moves(did).into_iter().map(Input::Did));
    }
    if stops {
        inputs.push(panes.lets_go());
    }
}

/// The strokes of a frame, of which nobody knows how they stand to its clicks: a modifier is down
/// before them and comes up after them.
fn around_clicks(mut strokes: Vec<InputEvent>) -> (Vec<InputEvent>, Vec<InputEvent>) {
    let comes_up = |event: &InputEvent| match event {
        InputEvent::Physical { code, press: Press::Up } => is_modifier(*code),
        _ => false,
    };
    let at = strokes.iter().position(comes_up).unwrap_or(strokes.len());
    let after = strokes.split_off(at);
    (strokes, after)
}

/// Of several moves in a row only the last is of interest.
fn only_last_moves(did: Vec<InputEvent>) -> Vec<InputEvent> {
    let mut out: Vec<InputEvent> = Vec::with_capacity(did.len());
    for event in did {
        match (out.last_mut(), event) {
            (Some(last @ InputEvent::PointerMove(_)), event @ InputEvent::PointerMove(_)) => {
                *last = event;
            }
            (_, event) => out.push(event),
        }
    }
    out
}

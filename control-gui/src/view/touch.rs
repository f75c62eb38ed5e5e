//! What is done over the picture, while it is the operator's to do.

use beckon_peer::InputEvent;
use egui::{Event, EventFilter, Response, Ui};

use super::Panes;
use crate::input::Input;
use crate::keys::Keys;
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
    let mut did = Vec::new();
    for event in &events {
        let event = std::slice::from_ref(event);
        if over || panes.pointer.is_dragging() {
            did.extend(panes.pointer.moved(event, placement));
        }
        if focused {
            did.extend(panes.keys.typed(event));
        }
    }
    if focused {
        did.extend(panes.keys.typed(&[]));
    }
    if panes.focused && !focused {
        panes.keys.release();
        panes.pointer.release();
        did.push(InputEvent::ReleaseAll);
    }
    panes.focused = focused;
    if sending {
        inputs.extend(only_last_moves(did).into_iter().map(Input::Did));
    }
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

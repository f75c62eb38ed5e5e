//! Which monitor is shown.

use beckon_desk::theme::{TOUCH, space};
use beckon_desk::widgets;
use beckon_peer::Monitor;
use egui::{Button, ComboBox, Role, Ui, WidgetInfo, vec2};

use crate::input::Input;
use crate::model::Active;
use crate::text;

/// So many stand beside each other; more are a list.
const BESIDE: usize = 3;

pub(super) fn show(ui: &mut Ui, active: &Active, inputs: &mut Vec<Input>) {
    match active.monitors.len() {
        0 | 1 => {}
        2..=BESIDE => {
            ui.horizontal(|ui| segments(ui, active, inputs));
        }
        _ => list(ui, active, inputs),
    }
}

fn segments(ui: &mut Ui, active: &Active, inputs: &mut Vec<Input>) {
    widgets::body(ui, text::MONITOR);
    ui.spacing_mut().item_spacing.x = space::XS;
    ui.spacing_mut().button_padding.x = space::M;
    for (index, monitor) in active.monitors.iter().enumerate() {
        let (shown, name) = (is_shown(active, monitor), text::monitor(index, monitor));
        let button = Button::selectable(shown, (index + 1).to_string());
        let response = ui.add(button.min_size(vec2(TOUCH, TOUCH)));
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, shown, &name));
        if response.on_hover_text(name).clicked() {
            inputs.push(Input::SelectMonitor(monitor.id));
        }
    }
}

fn list(ui: &mut Ui, active: &Active, inputs: &mut Vec<Input>) {
    let name = |(index, monitor)| text::monitor(index, monitor);
    let label = widgets::body(ui, text::MONITOR);
    let shown = active.monitors.iter().enumerate().find(|(_, one)| is_shown(active, one));
    let list = ComboBox::from_id_salt("monitors")
        .selected_text(shown.map_or_else(String::new, name))
        .show_ui(ui, |ui| {
            for (index, monitor) in active.monitors.iter().enumerate() {
                let chosen = is_shown(active, monitor);
                if ui.selectable_label(chosen, name((index, monitor))).clicked() {
                    inputs.push(Input::SelectMonitor(monitor.id));
                }
            }
        });
    list.response.labelled_by(label.id);
}

fn is_shown(active: &Active, monitor: &Monitor) -> bool {
    active.monitor == Some(monitor.id)
}

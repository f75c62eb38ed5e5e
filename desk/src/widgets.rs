//! The few widgets that both windows are made of. Each has a name that can be read out.

use std::time::Duration;

use egui::text::{CCursor, CCursorRange};
use egui::text_edit::TextEditState;
use egui::{
    Align, Atom, Button, CentralPanel, Color32, Context, FontFamily, FontId, Frame, Id, Layout,
    Margin, Modal, Response, RichText, ScrollArea, TextEdit, Ui, vec2,
};

use crate::theme::{self, Palette, space};

/// How a banner sounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Something went wrong.
    Problem,
    /// Something needs attention.
    Warning,
    /// Something went well.
    Good,
    /// Something is going on.
    Plain,
}

/// The one next step of a screen.
pub fn primary(ui: &mut Ui, text: &str, enabled: bool) -> Response {
    let palette = Palette::of(ui);
    button(ui, text, enabled, palette.accent, palette.accent_hover, palette.on_accent)
}

/// A button that ends something.
pub fn danger(ui: &mut Ui, text: &str, enabled: bool) -> Response {
    let palette = Palette::of(ui);
    button(ui, text, enabled, palette.danger, palette.danger_hover, palette.on_danger)
}

/// Any other button.
pub fn plain(ui: &mut Ui, text: &str, enabled: bool) -> Response {
    let palette = Palette::of(ui);
    button(ui, text, enabled, palette.quiet, palette.quiet_hover, palette.text)
}

/// What a screen is about.
pub fn heading(ui: &mut Ui, text: &str) -> Response {
    ui.heading(RichText::new(text).color(Palette::of(ui).text))
}

/// Running text.
pub fn body(ui: &mut Ui, text: &str) -> Response {
    ui.label(text)
}

/// Text that matters less.
pub fn muted(ui: &mut Ui, text: &str) -> Response {
    ui.label(RichText::new(text).color(Palette::of(ui).muted).size(theme::SMALL))
}

/// Text in a colour of the [`Palette`].
pub fn coloured(ui: &mut Ui, color: Color32, text: &str) -> Response {
    ui.label(RichText::new(text).color(color))
}

/// A line of text to be typed, with its label above.
pub fn field(ui: &mut Ui, label: &str, text: &mut String, hint: &str) -> Response {
    let name = ui.label(label);
    outlined(ui, |ui| {
        let edit = TextEdit::singleline(text).hint_text(hint).desired_width(f32::INFINITY);
        ui.add(edit).labelled_by(name.id)
    })
}

/// A code to be typed: it falls into groups of five by itself. What cannot be a code, such as a
/// pasted link, is left alone.
pub fn code_field(ui: &mut Ui, label: &str, text: &mut String) -> Response {
    let name = ui.label(label);
    let font = FontId::new(24.0, FontFamily::Monospace);
    let response = outlined(ui, |ui| {
        let edit = TextEdit::singleline(text).font(font).desired_width(f32::INFINITY);
        ui.add(edit).labelled_by(name.id)
    });
    if response.changed() {
        regroup(ui.ctx(), response.id, text);
    }
    response
}

/// A code to be read out.
pub fn code(ui: &mut Ui, text: &str) -> Response {
    ui.label(RichText::new(text).font(FontId::new(theme::CODE, FontFamily::Monospace)))
}

/// A sentence in a coloured field across the whole width.
pub fn banner(ui: &mut Ui, tone: Tone, text: &str) -> Response {
    let palette = Palette::of(ui);
    let (fill, on) = match tone {
        Tone::Problem => (palette.problem, palette.on_problem),
        Tone::Warning => (palette.warning, palette.on_warning),
        Tone::Good => (palette.news, palette.on_news),
        Tone::Plain => (palette.quiet, palette.text),
    };
    Frame::new()
        .fill(fill)
        .corner_radius(6)
        .inner_margin(Margin::same(12))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.label(RichText::new(text).color(on))
        })
        .inner
}

/// A whole window: one column of text width with margins, that scrolls where the window is small.
pub fn page<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    CentralPanel::default()
        .frame(Frame::central_panel(ui.style()).inner_margin(Margin::same(24)))
        .show(ui, |ui| {
            ScrollArea::vertical()
                .auto_shrink(false)
                .show(ui, |ui| {
                    // In a tall window not right under its edge.
                    let above = ((ui.available_height() - theme::PAGE_HEIGHT) / 2.0).max(0.0);
                    ui.add_space(above);
                    let side = ((ui.available_width() - theme::TEXT_WIDTH) / 2.0).max(0.0);
                    ui.horizontal_top(|ui| {
                        ui.add_space(side);
                        ui.vertical(|ui| {
                            ui.set_max_width(theme::TEXT_WIDTH.min(ui.available_width()));
                            content(ui)
                        })
                        .inner
                    })
                    .inner
                })
                .inner
        })
        .inner
}

/// A question above everything else, which nothing behind it can be used before.
pub fn dialog<R>(ctx: &Context, id: &str, content: impl FnOnce(&mut Ui) -> R) -> R {
    Modal::new(Id::unique(id))
        .frame(Frame::window(&ctx.global_style()).inner_margin(Margin::same(24)))
        .show(ctx, |ui| {
            ui.set_width((ui.ctx().content_rect().width() - 96.0).clamp(160.0, theme::TEXT_WIDTH));
            ui.spacing_mut().item_spacing.y = space::M;
            content(ui)
        })
        .inner
}

/// Buttons beside each other, from the left, wrapped where they do not fit.
pub fn buttons<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    let layout = Layout::left_to_right(Align::Center).with_main_wrap(true);
    ui.allocate_ui_with_layout(vec2(ui.available_width(), theme::TOUCH), layout, content).inner
}

/// `4:05` or `1:02:03`: minutes and seconds, hours where there are any.
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

fn button(
    ui: &mut Ui,
    text: &str,
    enabled: bool,
    fill: Color32,
    hover: Color32,
    on: Color32,
) -> Response {
    ui.scope(|ui| {
        theme::button(ui, fill, hover, on);
        ui.add_enabled(
            enabled,
            Button::new((Atom::grow(), text, Atom::grow())).min_size(vec2(96.0, theme::TOUCH)),
        )
    })
    .inner
}

/// A field is seen by its outline, also while nothing touches it.
fn outlined(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> Response) -> Response {
    ui.scope(|ui| {
        let palette = Palette::of(ui);
        let visuals = ui.visuals_mut();
        visuals.widgets.inactive.bg_stroke = egui::Stroke::new(1.0, palette.muted);
        // TextEdit takes the outline of the focus from here.
        visuals.selection.stroke = egui::Stroke::new(2.0, palette.accent);
        visuals.selection.bg_fill = palette.accent.gamma_multiply(0.35);
        content(ui)
    })
    .inner
}

fn regroup(ctx: &Context, id: Id, text: &mut String) {
    let Some((grouped, before)) = TextEditState::load(ctx, id).and_then(|state| {
        let cursor: usize =
            state.cursor.char_range().map_or(usize::MAX, |range| range.primary.index.into());
        Some((grouped(text)?, text.chars().take(cursor).filter(|c| is_symbol(*c)).count()))
    }) else {
        return;
    };
    *text = grouped;
    if let Some(mut state) = TextEditState::load(ctx, id) {
        // The cursor stays behind the symbol that was typed last, and behind its hyphen.
        let hyphens = before.saturating_sub(1) / 5;
        let cursor = CCursor::new(before + hyphens);
        state.cursor.set_char_range(Some(CCursorRange::one(cursor)));
        state.store(ctx, id);
    }
}

fn is_symbol(letter: char) -> bool {
    letter != '-' && !letter.is_whitespace()
}

/// `text` in capitals and groups of five; `None` where it cannot be a code.
fn grouped(text: &str) -> Option<String> {
    if text.chars().any(|letter| is_symbol(letter) && !letter.is_alphanumeric()) {
        return None;
    }
    let mut grouped = String::with_capacity(text.len() + 5);
    for (index, letter) in text.chars().filter(|letter| is_symbol(*letter)).enumerate() {
        if index > 0 && index % 5 == 0 {
            grouped.push('-');
        }
        grouped.extend(letter.to_uppercase());
    }
    Some(grouped)
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable;

    #[test]
    fn a_code_falls_into_groups_and_a_link_stays_as_it_is() {
        assert_eq!(grouped("o0l1i2"), Some("O0L1I-2".to_owned()));
        assert_eq!(grouped("abcde-"), Some("ABCDE".to_owned()));
        assert_eq!(grouped("https://help.example.org/j#a.b"), None);
    }

    #[test]
    fn times_read_like_a_clock() {
        assert_eq!(duration(Duration::from_secs(59)), "0:59");
        assert_eq!(duration(Duration::from_secs(3_723)), "1:02:03");
    }

    #[test]
    fn typing_a_code_groups_it_under_the_hand() {
        let mut harness = Harness::new_ui_state(
            |ui, code: &mut String| {
                code_field(ui, "Code", code);
            },
            String::new(),
        );
        harness.get_by_label("Code").focus();
        harness.run();
        for letter in ["a", "b", "c", "d", "e", "f", "g"] {
            harness.event(egui::Event::Text(letter.to_owned()));
            harness.run();
        }
        assert_eq!(harness.state(), "ABCDE-FG");
    }

    #[test]
    fn buttons_are_found_by_their_names_and_can_be_disabled() {
        let mut harness = Harness::new_ui_state(
            |ui, pressed: &mut Vec<&str>| {
                theme::apply(ui.ctx());
                if primary(ui, "Start", true).clicked() {
                    pressed.push("start");
                }
                if danger(ui, "End", false).clicked() {
                    pressed.push("end");
                }
            },
            Vec::new(),
        );
        harness.get_by_label("Start").click();
        harness.run();
        harness.get_by_label("End").click();
        harness.run();
        assert_eq!(harness.state(), &["start"]);
    }
}

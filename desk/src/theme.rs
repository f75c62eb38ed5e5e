//! The look: colours, sizes and distances, in one place.

use std::collections::BTreeMap;

use egui::style::{Selection, WidgetVisuals, Widgets};
use egui::{
    Color32, Context, CornerRadius, FontFamily, FontId, Margin, Shadow, Stroke, Style, TextStyle,
    Theme, Ui, Visuals, vec2,
};

/// Distances in points, a grid of 4.
pub mod space {
    /// 4 pt.
    pub const XS: f32 = 4.0;
    /// 8 pt.
    pub const S: f32 = 8.0;
    /// 12 pt.
    pub const M: f32 = 12.0;
    /// 16 pt.
    pub const L: f32 = 16.0;
    /// 24 pt.
    pub const XL: f32 = 24.0;
    /// 32 pt.
    pub const XXL: f32 = 32.0;
}

/// Running text, in points.
pub const BODY: f32 = 15.0;
/// What stands below or beside, in points.
pub const SMALL: f32 = 13.0;
/// Headings, in points.
pub const HEADING: f32 = 20.0;
/// The code as it is read out, in points.
pub const CODE: f32 = 32.0;
/// The widest line of text, in points.
pub const TEXT_WIDTH: f32 = 420.0;
/// The height that a page is made for, in points.
pub const PAGE_HEIGHT: f32 = 512.0;
/// The height of what can be pressed, in points.
pub const TOUCH: f32 = 36.0;

/// Every colour of one appearance. Texts reach a contrast of 4.5 on what they stand on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// Behind everything.
    pub background: Color32,
    /// Fields, dialogs.
    pub surface: Color32,
    /// Buttons that are not the next step.
    pub quiet: Color32,
    /// The same under the pointer.
    pub quiet_hover: Color32,
    /// Text.
    pub text: Color32,
    /// What matters less.
    pub muted: Color32,
    /// The one next step, focus, what is seen.
    pub accent: Color32,
    /// The same under the pointer.
    pub accent_hover: Color32,
    /// On the accent.
    pub on_accent: Color32,
    /// End, and "control is active".
    pub danger: Color32,
    /// The same under the pointer.
    pub danger_hover: Color32,
    /// On danger.
    pub on_danger: Color32,
    /// What went well, as text.
    pub good: Color32,
    /// What went wrong, as text.
    pub bad: Color32,
    /// Behind a problem.
    pub problem: Color32,
    /// On a problem.
    pub on_problem: Color32,
    /// Behind a warning.
    pub warning: Color32,
    /// On a warning.
    pub on_warning: Color32,
    /// Behind good news.
    pub news: Color32,
    /// On good news.
    pub on_news: Color32,
}

impl Palette {
    /// The light appearance.
    pub const LIGHT: Self = Self {
        background: rgb(0xF6, 0xF7, 0xF9),
        surface: rgb(0xFF, 0xFF, 0xFF),
        quiet: rgb(0xE2, 0xE6, 0xEB),
        quiet_hover: rgb(0xD6, 0xDB, 0xE2),
        text: rgb(0x1B, 0x1F, 0x24),
        muted: rgb(0x53, 0x5C, 0x66),
        accent: rgb(0x1D, 0x5B, 0xB8),
        accent_hover: rgb(0x17, 0x4C, 0x9C),
        on_accent: Color32::WHITE,
        danger: rgb(0xB3, 0x26, 0x1E),
        danger_hover: rgb(0x98, 0x1E, 0x17),
        on_danger: Color32::WHITE,
        good: rgb(0x17, 0x6B, 0x33),
        bad: rgb(0xA8, 0x20, 0x18),
        problem: rgb(0xFC, 0xE8, 0xE6),
        on_problem: rgb(0x7A, 0x1A, 0x14),
        warning: rgb(0xFF, 0xF2, 0xCC),
        on_warning: rgb(0x5C, 0x42, 0x00),
        news: rgb(0xDF, 0xF3, 0xE4),
        on_news: rgb(0x0F, 0x53, 0x23),
    };

    /// The dark appearance.
    pub const DARK: Self = Self {
        background: rgb(0x17, 0x1A, 0x1E),
        surface: rgb(0x22, 0x26, 0x2C),
        quiet: rgb(0x31, 0x37, 0x3F),
        quiet_hover: rgb(0x3B, 0x42, 0x4B),
        text: rgb(0xE8, 0xEA, 0xED),
        muted: rgb(0xA9, 0xB1, 0xBB),
        accent: rgb(0x8A, 0xB8, 0xFF),
        accent_hover: rgb(0xA6, 0xC9, 0xFF),
        on_accent: rgb(0x0B, 0x1A, 0x30),
        danger: rgb(0xC7, 0x36, 0x2B),
        danger_hover: rgb(0xB0, 0x2E, 0x24),
        on_danger: Color32::WHITE,
        good: rgb(0x7E, 0xD4, 0x98),
        bad: rgb(0xFF, 0xA3, 0x9B),
        problem: rgb(0x4A, 0x1C, 0x19),
        on_problem: rgb(0xFF, 0xD9, 0xD5),
        warning: rgb(0x45, 0x36, 0x0B),
        on_warning: rgb(0xFF, 0xE7, 0xA8),
        news: rgb(0x14, 0x3A, 0x20),
        on_news: rgb(0xC9, 0xF1, 0xD4),
    };

    /// The colours that `ui` is drawn in.
    pub fn of(ui: &Ui) -> Self {
        if ui.visuals().dark_mode { Self::DARK } else { Self::LIGHT }
    }
}

/// Dresses `ctx`; light or dark follows the system.
pub fn apply(ctx: &Context) {
    for (theme, palette) in [(Theme::Light, Palette::LIGHT), (Theme::Dark, Palette::DARK)] {
        ctx.style_mut_of(theme, |style| dress(style, &palette, theme));
    }
    ctx.set_theme(egui::ThemePreference::System);
}

/// The visuals of a button in `fill`, `hover` under the pointer, with `on` as its text.
pub(crate) fn button(ui: &mut Ui, fill: Color32, hover: Color32, on: Color32) {
    let widgets = &mut ui.visuals_mut().widgets;
    for (visuals, fill) in
        [(&mut widgets.inactive, fill), (&mut widgets.hovered, hover), (&mut widgets.active, hover)]
    {
        visuals.weak_bg_fill = fill;
        visuals.fg_stroke.color = on;
    }
}

const fn rgb(red: u8, green: u8, blue: u8) -> Color32 {
    Color32::from_rgb(red, green, blue)
}

fn dress(style: &mut Style, palette: &Palette, theme: Theme) {
    let proportional = |size| FontId::new(size, FontFamily::Proportional);
    style.text_styles = BTreeMap::from([
        (TextStyle::Small, proportional(SMALL)),
        (TextStyle::Body, proportional(BODY)),
        (TextStyle::Button, proportional(BODY)),
        (TextStyle::Heading, proportional(HEADING)),
        (TextStyle::Monospace, FontId::new(BODY, FontFamily::Monospace)),
    ]);
    style.animation_time = 0.12;
    style.spacing.item_spacing = vec2(space::S, space::S);
    style.spacing.button_padding = vec2(space::L, space::S);
    style.spacing.interact_size = vec2(40.0, 28.0);
    style.spacing.window_margin = Margin::same(24);
    style.spacing.menu_margin = Margin::same(8);
    style.spacing.icon_width = 20.0;
    style.spacing.icon_width_inner = 12.0;
    style.spacing.icon_spacing = space::S;
    style.interaction.selectable_labels = false;
    style.visuals = visuals(palette, theme);
}

fn visuals(palette: &Palette, theme: Theme) -> Visuals {
    let widget = |fill, ring| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: ring,
        corner_radius: CornerRadius::same(6),
        fg_stroke: Stroke::new(1.5, palette.text),
        expansion: 0.0,
    };
    let base = match theme {
        Theme::Light => Visuals::light(),
        Theme::Dark => Visuals::dark(),
    };
    // A field or a tick must be seen without touching it, so at rest it has an outline.
    let outline = Stroke::new(1.0, palette.muted);
    Visuals {
        weak_text_color: Some(palette.muted),
        widgets: Widgets {
            noninteractive: widget(palette.background, Stroke::NONE),
            inactive: widget(palette.quiet, Stroke::NONE),
            hovered: widget(palette.quiet_hover, outline),
            // The one with the keyboard focus is drawn like this too.
            active: widget(palette.quiet_hover, Stroke::new(2.0, palette.accent)),
            open: widget(palette.quiet_hover, Stroke::NONE),
        },
        selection: Selection {
            bg_fill: palette.accent,
            stroke: Stroke::new(2.0, palette.on_accent),
        },
        hyperlink_color: palette.accent,
        faint_bg_color: palette.surface,
        extreme_bg_color: palette.surface,
        text_edit_bg_color: Some(palette.surface),
        code_bg_color: palette.surface,
        warn_fg_color: palette.on_warning,
        error_fg_color: palette.bad,
        window_corner_radius: CornerRadius::same(8),
        window_shadow: Shadow::NONE,
        window_fill: palette.surface,
        window_stroke: Stroke::NONE,
        menu_corner_radius: CornerRadius::same(6),
        panel_fill: palette.background,
        popup_shadow: base.popup_shadow,
        striped: false,
        ..base
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The contrast of WCAG 2, from 1 to 21.
    fn contrast(one: Color32, other: Color32) -> f64 {
        let luminance = |color: Color32| {
            let [red, green, blue, _] = color.to_array().map(|channel| {
                let channel = f64::from(channel) / 255.0;
                if channel <= 0.040_45 {
                    channel / 12.92
                } else {
                    ((channel + 0.055) / 1.055).powf(2.4)
                }
            });
            0.2126 * red + 0.7152 * green + 0.0722 * blue
        };
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn every_text_can_be_read_on_what_it_stands_on() {
        for palette in [Palette::LIGHT, Palette::DARK] {
            for (name, text, on) in [
                ("text", palette.text, palette.background),
                ("text on surface", palette.text, palette.surface),
                ("text on a button", palette.text, palette.quiet),
                ("text on a hovered button", palette.text, palette.quiet_hover),
                ("muted", palette.muted, palette.background),
                ("muted on surface", palette.muted, palette.surface),
                ("accent button", palette.on_accent, palette.accent),
                ("hovered accent button", palette.on_accent, palette.accent_hover),
                ("danger button", palette.on_danger, palette.danger),
                ("hovered danger button", palette.on_danger, palette.danger_hover),
                ("good", palette.good, palette.background),
                ("good on surface", palette.good, palette.surface),
                ("bad", palette.bad, palette.background),
                ("bad on surface", palette.bad, palette.surface),
                ("problem", palette.on_problem, palette.problem),
                ("warning", palette.on_warning, palette.warning),
                ("news", palette.on_news, palette.news),
            ] {
                let contrast = contrast(text, on);
                assert!(contrast >= 4.5, "{name}: {contrast:.2}");
            }
            let focus = contrast(palette.accent, palette.background);
            assert!(focus >= 3.0, "focus: {focus:.2}");
        }
    }
}

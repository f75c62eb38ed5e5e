//! How large the picture is, and which part of it is seen.

use std::ops::RangeInclusive;

use beckon_desk::theme::{TOUCH, space};
use egui::{Button, Pos2, Rect, Response, Role, Ui, Vec2, WidgetInfo, vec2};

use crate::input::Input;
use crate::model::Scale;
use crate::text;

/// The sizes that the buttons go through, in per cent.
const STEPS: [u16; 11] = [25, 33, 50, 67, 75, 100, 125, 150, 200, 300, 400];
/// From so near to an edge on, in points, the pointer moves the picture along,
const EDGE: f32 = 32.0;
/// at most by so many points in a second,
const SPEED: f32 = 1_600.0;
/// and by what a slow drawing may make of it.
const LONGEST_STEP: f32 = 0.05;
/// So much turning of the wheel is a step.
const TURN: RangeInclusive<f32> = 0.85..=1.18;

/// Where the picture was drawn last.
#[derive(Debug)]
pub(crate) struct Zoom {
    last: Option<Drawn>,
    /// What was turned and was no whole step yet.
    turned: f32,
    /// Whether the pointer was over the picture the last time.
    pub(super) over: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Drawn {
    /// The part of the window that shows it, in points.
    pub(super) seen: Rect,
    /// All of it, in points of the window.
    pub(super) picture: Rect,
    /// Points a pixel.
    pub(super) scale: f32,
    /// Points of a pixel of this screen.
    pub(super) pixel: f32,
}

impl Default for Zoom {
    fn default() -> Self {
        Self { last: None, turned: 1.0, over: false }
    }
}

impl Zoom {
    /// Points a pixel.
    pub(super) fn scale(wanted: Scale, pixels: Vec2, space: Vec2, pixel: f32) -> f32 {
        match wanted {
            Scale::Fit => (space / pixels).min_elem().min(pixel),
            Scale::Percent(percent) => pixel * f32::from(percent) / 100.0,
        }
    }

    /// How far the picture is to be scrolled, where that changes: with another scale the point
    /// under the pointer `at` stays there, or the one in the middle.
    pub(super) fn scrolled(
        &self,
        seen: Rect,
        drawn: Vec2,
        scale: f32,
        at: Option<Pos2>,
    ) -> Option<Vec2> {
        let last = self.last?;
        #[expect(clippy::float_cmp, reason = "the same calculation gives the same number")]
        if last.scale == scale {
            return None;
        }
        // Of a picture that was wholly seen the upper left corner stays.
        let whole = last.seen.expand(1.0).contains_rect(last.picture);
        let without = if whole { last.picture.min } else { last.seen.center() };
        let anchor = at.filter(|at| last.seen.contains(*at)).unwrap_or(without);
        let place = (anchor - last.picture.min) / last.scale * scale;
        Some(within(place - (anchor - seen.min), seen, drawn))
    }

    /// How far the picture is to be scrolled because the pointer at `at` is near an edge of what
    /// is seen, where that changes.
    pub(super) fn pushed(&self, drawn: Vec2, at: Pos2, seconds: f32) -> Option<Vec2> {
        let Drawn { seen, picture, .. } = self.last.filter(|last| last.seen.contains(at))?;
        let push = |at: f32, from: f32, to: f32| {
            ((at - to + EDGE).max(0.0) - (from + EDGE - at).max(0.0)) / EDGE
        };
        let push =
            vec2(push(at.x, seen.left(), seen.right()), push(at.y, seen.top(), seen.bottom()));
        let before = (seen.min - picture.min).max(Vec2::ZERO);
        let after = within(before + push * SPEED * seconds.min(LONGEST_STEP), seen, drawn);
        ((after - before).length() > 0.1).then_some(after)
    }

    /// Notes where it was drawn; `true` where its scale is another one now.
    pub(super) fn drew(&mut self, drawn: Drawn) -> bool {
        let before = self.last.replace(drawn).map(|last| last.scale);
        before != Some(drawn.scale)
    }

    /// The wheel was turned with Ctrl held.
    pub(super) fn turned(&mut self, by: f32) -> Option<Scale> {
        self.turned *= by;
        if TURN.contains(&self.turned) {
            return None;
        }
        let closer = self.turned > 1.0;
        self.turned = 1.0;
        self.step(closer)
    }

    fn percent(&self) -> Option<f32> {
        self.last.map(|last| last.scale / last.pixel * 100.0)
    }

    fn step(&self, closer: bool) -> Option<Scale> {
        let percent = self.percent()?;
        let step = if closer {
            STEPS.into_iter().find(|step| f32::from(*step) > percent + 0.5)
        } else {
            STEPS.into_iter().rev().find(|step| f32::from(*step) < percent - 0.5)
        };
        step.map(Scale::Percent)
    }
}

/// Fit, 1:1, smaller and larger.
pub(super) fn buttons(ui: &mut Ui, shown: Scale, zoom: &Zoom, inputs: &mut Vec<Input>) {
    ui.spacing_mut().item_spacing.x = space::XS;
    for (scale, name, hover) in
        [(Scale::Fit, text::FIT, text::FIT_HOVER), (Scale::EXACT, text::EXACT, text::EXACT_HOVER)]
    {
        let button = Button::selectable(shown == scale, name).min_size(vec2(0.0, TOUCH));
        if ui.add(button).on_hover_text(hover).clicked() {
            inputs.push(Input::Show(scale));
        }
    }
    step(ui, (text::ZOOM_OUT_SIGN, text::ZOOM_OUT), zoom.step(false), inputs);
    #[expect(clippy::cast_possible_truncation, reason = "between 0 and 400")]
    #[expect(clippy::cast_sign_loss, reason = "between 0 and 400")]
    let percent = zoom.percent().map(|percent| text::percent(percent.round() as u32));
    let label = egui::Label::new(percent.unwrap_or_default());
    ui.add_sized(vec2(48.0, TOUCH), label);
    step(ui, (text::ZOOM_IN_SIGN, text::ZOOM_IN), zoom.step(true), inputs);
}

fn step(ui: &mut Ui, (sign, name): (&str, &str), to: Option<Scale>, inputs: &mut Vec<Input>) {
    let button = Button::new(sign).min_size(vec2(TOUCH, TOUCH)).frame_when_inactive(false);
    let response = ui.add_enabled(to.is_some(), button);
    let response = named(response, name).on_hover_text(name);
    if let Some(scale) = to.filter(|_| response.clicked()) {
        inputs.push(Input::Show(scale));
    }
}

/// A button whose sign is not its name.
pub(super) fn named(response: Response, name: &str) -> Response {
    response.widget_info(|| WidgetInfo::labeled(Role::Button, response.enabled(), name));
    response
}

/// As far as a picture of `drawn` points can be scrolled.
fn within(offset: Vec2, seen: Rect, drawn: Vec2) -> Vec2 {
    offset.min((drawn - seen.size()).max(Vec2::ZERO)).max(Vec2::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::pos2;

    fn seen() -> Rect {
        Rect::from_min_size(pos2(10.0, 50.0), vec2(400.0, 300.0))
    }

    /// A picture of 1,000 × 1,000 at `percent`, scrolled by `offset`.
    fn zoom(percent: f32, offset: Vec2) -> Zoom {
        let scale = percent / 100.0;
        let picture = Rect::from_min_size(seen().min - offset, Vec2::splat(1_000.0 * scale));
        let mut zoom = Zoom::default();
        assert!(zoom.drew(Drawn { seen: seen(), picture, scale, pixel: 1.0 }));
        zoom
    }

    #[test]
    fn the_buttons_go_from_where_it_is_to_the_next_step_and_end_at_the_last() {
        for (percent, smaller, larger) in [
            (62.4, Some(50), Some(67)),
            (100.0, Some(75), Some(125)),
            (25.0, None, Some(33)),
            (400.0, Some(300), None),
            (11.0, None, Some(25)),
        ] {
            let zoom = zoom(percent, Vec2::ZERO);
            assert_eq!(zoom.step(false), smaller.map(Scale::Percent), "{percent}");
            assert_eq!(zoom.step(true), larger.map(Scale::Percent), "{percent}");
        }
        assert_eq!(Zoom::default().step(true), None, "without a picture");
    }

    #[test]
    fn fit_never_enlarges_and_a_screen_pixel_is_the_measure_of_the_rest() {
        let space = vec2(500.0, 500.0);
        let is = |wanted, pixels, pixel, expected: f32| {
            (Zoom::scale(wanted, pixels, space, pixel) - expected).abs() < 1e-6
        };
        assert!(is(Scale::Fit, vec2(1_000.0, 400.0), 1.0, 0.5));
        assert!(is(Scale::Fit, vec2(100.0, 100.0), 0.5, 0.5));
        assert!(is(Scale::Percent(200), vec2(1_000.0, 400.0), 0.5, 1.0));
    }

    #[test]
    fn what_is_under_the_pointer_stays_there_when_the_scale_changes() {
        let zoom = zoom(100.0, vec2(100.0, 200.0));
        let at = pos2(60.0, 90.0);
        let offset = zoom.scrolled(seen(), Vec2::splat(2_000.0), 2.0, Some(at)).unwrap();
        let pixel = |offset: Vec2, scale: f32| (at - seen().min + offset) / scale;
        assert_eq!(pixel(offset, 2.0), pixel(vec2(100.0, 200.0), 1.0));
        let offset = zoom.scrolled(seen(), Vec2::splat(2_000.0), 2.0, None).unwrap();
        assert_eq!(offset, vec2(400.0, 550.0), "without a pointer the middle stays");
        assert_eq!(zoom.scrolled(seen(), Vec2::splat(1_000.0), 1.0, Some(at)), None);
        let small = zoom.scrolled(seen(), Vec2::splat(250.0), 0.25, Some(at));
        assert_eq!(small, Some(Vec2::ZERO), "nothing to scroll");
        let whole = self::zoom(25.0, Vec2::ZERO);
        let offset = whole.scrolled(seen(), Vec2::splat(1_000.0), 1.0, None);
        assert_eq!(offset, Some(Vec2::ZERO), "of what was wholly seen the corner stays");
    }

    #[test]
    fn a_pointer_at_an_edge_moves_the_picture_as_far_as_it_goes() {
        let drawn = Vec2::splat(1_000.0);
        let zoom = zoom(100.0, vec2(100.0, 0.0));
        assert_eq!(zoom.pushed(drawn, seen().center(), 0.01), None);
        let right = zoom.pushed(drawn, pos2(409.0, 200.0), 0.01).unwrap();
        assert!(right.x > 110.0 && right.y == 0.0, "{right}");
        let left = zoom.pushed(drawn, pos2(11.0, 51.0), 10.0).unwrap();
        assert!(
            left.x > 0.0 && left.x < 100.0 && left.y == 0.0,
            "a slow drawing is no leap: {left}"
        );
        assert_eq!(zoom.pushed(drawn, pos2(5.0, 200.0), 0.01), None, "outside");
    }

    #[test]
    fn turning_the_wheel_far_enough_is_a_step() {
        let mut zoom = zoom(100.0, Vec2::ZERO);
        assert_eq!(zoom.turned(1.1), None);
        assert_eq!(zoom.turned(1.1), Some(Scale::Percent(125)));
        assert_eq!(zoom.turned(0.8), Some(Scale::Percent(75)));
    }
}

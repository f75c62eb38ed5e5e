//! The picture, its size, its age, its pointer, and what is said where there is none.

use beckon_peer::{AgentMessage, LostWhy, Monitor, PointerShape, ScreenState};
use egui::accesskit::Toggled;
use egui::{CursorIcon, Event, Pos2, pos2};

use super::*;

type Window = Harness<'static, Desk>;

fn happens(desk: &mut Window, event: TunnelEvent) {
    desk.state_mut().scene.happens(event);
    desk.run_ok();
}

fn told(desk: &mut Window, message: AgentMessage) {
    happens(desk, TunnelEvent::Told(message));
}

/// Carries out what the toolbar asks for.
fn presses(desk: &mut Window, name: &str) {
    for input in pressed(desk, name) {
        desk.state_mut().scene.does(input);
    }
    desk.run_ok();
}

fn later(desk: &mut Window, by: Duration) {
    desk.state_mut().scene.later(by);
    desk.run_ok();
}

fn moves(desk: &mut Window, to: Pos2) -> Vec<Point> {
    desk.state_mut().did.clear();
    desk.hover_at(to);
    desk.run_ok();
    let did = std::mem::take(&mut desk.state_mut().did);
    let mut moved = Vec::new();
    for input in did {
        if let Input::Did(InputEvent::PointerMove(point)) = &input {
            moved.push(*point);
        }
        desk.state_mut().scene.does(input);
    }
    desk.run_ok();
    moved
}

fn cursor(desk: &Window) -> CursorIcon {
    desk.output().platform_output.cursor_icon
}

/// Places where the pointer's texture is painted.
fn painted(desk: &Window) -> Vec<egui::Rect> {
    let shapes = desk.output().shapes.iter();
    let meshes = shapes.filter_map(|clipped| match &clipped.shape {
        egui::Shape::Mesh(mesh) => Some(mesh.calc_bounds()),
        egui::Shape::Rect(rect) if rect.brush.is_some() => Some(rect.rect),
        _ => None,
    });
    meshes.filter(|bounds| bounds.width() <= 30.0).collect()
}

fn shape(name: &str) -> AgentMessage {
    let rgba = vec![200; 10 * 10 * 4];
    AgentMessage::Pointer(PointerShape { name: name.to_owned(), hot: (2, 3), size: (10, 10), rgba })
}

#[test]
fn zooming_shows_a_pixel_as_several_and_the_size_in_words() {
    let mut desk = desk(Scene::active(view_and_control()));
    shows(&mut desk, 1_920, 1_080);
    assert!(sees(&desk, "51 %"));
    presses(&mut desk, text::ZOOM_IN);
    assert!(sees(&desk, "67 %"));
    presses(&mut desk, text::EXACT);
    assert!(sees(&desk, "100 %"));
    let seen = pos2(500.0, 360.0);
    let middle =
        |desk: &Window, scale: f32| (seen - desk.get_by_label(text::PICTURE).rect().min) / scale;
    let before = middle(&desk, 1.0);
    for percent in [125_u16, 150, 200, 300, 400] {
        presses(&mut desk, text::ZOOM_IN);
        assert!(sees(&desk, &format!("{percent} %")), "{percent}");
        let now = middle(&desk, f32::from(percent) / 100.0);
        assert!((now - before).length() < 20.0, "the middle stays: {percent} {before} {now}");
    }
    assert!(is_disabled(&desk.get_by_label(text::ZOOM_IN)));
    presses(&mut desk, text::ZOOM_OUT);
    assert!(sees(&desk, "300 %"));
    presses(&mut desk, text::FIT);
    assert!(sees(&desk, "51 %"));
}

#[test]
fn a_pointer_at_the_edge_of_a_large_picture_moves_it_along_and_points_at_another_pixel() {
    let mut desk = desk(Scene::active(view_and_control()));
    shows(&mut desk, 1_920, 1_080);
    presses(&mut desk, text::EXACT);
    let seen = desk.get_by_label(text::PICTURE).rect();
    moves(&mut desk, seen.center());
    let to = pos2(980.0, seen.center().y);
    let first = moves(&mut desk, to).first().copied().unwrap();
    for _ in 0..200 {
        desk.step();
    }
    let last = moves(&mut desk, to - egui::vec2(1.0, 0.0)).last().copied().unwrap();
    assert!(last.x > first.x + 300 && last.x > 1_890, "{first:?} {last:?}");
    assert_eq!(last.y, first.y);
}

#[test]
fn the_choice_of_monitors_is_there_when_there_are_several() {
    let monitor = |id| Monitor {
        id,
        name: format!("screen {id}"),
        x: 0,
        y: 0,
        width: 640,
        height: 480,
        scale_percent: 100,
        primary: id == 5,
    };
    let has = |desk: &mut Window, monitors: Vec<Monitor>| {
        told(desk, AgentMessage::Monitors(monitors));
    };
    let mut desk = desk(Scene::active(view()));
    shows(&mut desk, 640, 480);
    has(&mut desk, vec![monitor(5)]);
    assert!(!sees(&desk, text::MONITOR));
    has(&mut desk, vec![monitor(5), monitor(6), monitor(7)]);
    let shown = desk.get_by_label("1: “screen 5” 640 × 480").accesskit_node().toggled();
    assert_eq!(shown, Some(Toggled::True), "5 is shown");
    let selected = pressed(&mut desk, "2: “screen 6” 640 × 480");
    assert_eq!(selected, vec![Input::SelectMonitor(6)]);
    has(&mut desk, (5..9).map(monitor).collect());
    desk.get_by_role_and_label(Role::ComboBox, text::MONITOR).click();
    desk.run_ok();
    let selected = pressed(&mut desk, "4: “screen 8” 640 × 480");
    assert_eq!(selected, vec![Input::SelectMonitor(8)]);
}

#[test]
fn the_age_of_the_picture_is_said() {
    let mut desk = desk(Scene::active(view()));
    assert!(!sees(&desk, text::LIVE));
    shows(&mut desk, 640, 480);
    assert!(sees(&desk, text::LIVE));
    later(&mut desk, Duration::from_millis(1_400));
    assert!(sees(&desk, text::LIVE));
    later(&mut desk, Duration::from_millis(100));
    assert!(sees(&desk, "Picture is 1 s old") && !sees(&desk, text::LIVE));
    later(&mut desk, Duration::from_secs(64));
    assert!(sees(&desk, "Picture is 1:05 old"));
    let now = desk.state().scene.now();
    let fresh =
        |loading_since| TunnelEvent::Fresh(Freshness { known_at: Some(now), loading_since });
    happens(&mut desk, fresh(None));
    assert!(sees(&desk, text::LIVE));
    happens(&mut desk, fresh(Some(now)));
    later(&mut desk, Duration::from_millis(900));
    assert!(!sees(&desk, text::LOADING), "not worth a word");
    later(&mut desk, Duration::from_millis(200));
    assert!(sees(&desk, text::LOADING));
    told(&mut desk, AgentMessage::Paused);
    assert!(!sees(&desk, text::LOADING) && !sees(&desk, text::LIVE));
}

#[test]
fn a_lost_screen_is_said_and_goes_on_by_itself() {
    for why in LostWhy::ALL {
        let mut desk = desk(Scene::active(view()));
        shows(&mut desk, 640, 480);
        let lost = || AgentMessage::Screen(ScreenState::Lost(why));
        told(&mut desk, lost());
        assert!(sees(&desk, text::lost(why)), "{why:?}");
        let now = desk.state().scene.now();
        later(&mut desk, Duration::from_secs(3));
        let answer =
            Freshness { known_at: Some(now + Duration::from_secs(3)), loading_since: None };
        happens(&mut desk, TunnelEvent::Fresh(answer));
        assert!(sees(&desk, "Picture is 3 s old"), "what is seen is from before");
        told(&mut desk, AgentMessage::Screen(ScreenState::Shown));
        assert!(!sees(&desk, text::lost(why)));
        told(&mut desk, lost());
        happens(&mut desk, TunnelEvent::Picture { monitor: 5 });
        assert!(!sees(&desk, text::lost(why)), "a picture says that it goes on");
    }
}

#[test]
fn while_viewing_the_other_pointer_is_painted_where_it_is() {
    let mut desk = desk(Scene::active(view()));
    shows(&mut desk, 640, 480);
    told(&mut desk, shape("xterm"));
    assert_eq!(painted(&desk), vec![], "nobody knows where it is");
    told(&mut desk, AgentMessage::Cursor(Some(Point { monitor: 5, x: 100, y: 50 })));
    let picture = desk.get_by_label(text::PICTURE).rect();
    let corner = picture.center() - vec2(320.0, 240.0);
    let [place] = painted(&desk)[..] else { panic!("{:?}", painted(&desk)) };
    assert_eq!(place.size(), vec2(10.0, 10.0));
    assert!((place.min - (corner + vec2(98.0, 47.0))).length() < 2.0, "{place:?} {corner:?}");
    for nowhere in [
        None,
        Some(Point { monitor: 6, x: 1, y: 1 }),
        Some(Point { monitor: 5, x: 640, y: 1 }),
        Some(Point { monitor: 5, x: u32::MAX, y: u32::MAX }),
    ] {
        told(&mut desk, AgentMessage::Cursor(nowhere));
        assert_eq!(painted(&desk), vec![], "{nowhere:?}");
    }
}

#[test]
fn while_controlling_the_own_pointer_takes_the_others_shape_at_once() {
    let mut desk = desk(Scene::active(view_and_control()));
    shows(&mut desk, 640, 480);
    let middle = desk.get_by_label(text::PICTURE).rect().center();
    told(&mut desk, AgentMessage::Cursor(Some(Point { monitor: 5, x: 9, y: 9 })));
    told(&mut desk, shape("xterm"));
    moves(&mut desk, middle);
    assert_eq!((cursor(&desk), painted(&desk)), (CursorIcon::Text, vec![]));
    told(&mut desk, shape("a pencil"));
    let [place] = painted(&desk)[..] else { panic!("{:?}", painted(&desk)) };
    assert_eq!(cursor(&desk), CursorIcon::None);
    assert!((place.min - (middle - vec2(2.0, 3.0))).length() < 2.0, "{place:?} {middle:?}");
    later(&mut desk, Duration::from_millis(401));
    told(&mut desk, AgentMessage::Cursor(Some(Point { monitor: 5, x: 11, y: 9 })));
    let [place] = painted(&desk)[..] else { panic!("{:?}", painted(&desk)) };
    assert!(place.max.x < middle.x - 200.0, "the user's own hand moves it: {place:?}");
    assert_ne!(cursor(&desk), CursorIcon::None);
}

#[test]
fn ctrl_and_the_wheel_zoom_while_only_viewing() {
    let turned = |granted| {
        let mut desk = desk(Scene::active(granted));
        shows(&mut desk, 1_920, 1_080);
        let middle = desk.get_by_label(text::PICTURE).rect().center();
        desk.hover_at(middle);
        desk.run_ok();
        desk.state_mut().did.clear();
        desk.event(Event::Zoom(1.3));
        desk.run_ok();
        desk.state().did.contains(&Input::Show(Scale::Percent(67)))
    };
    assert!(turned(view()));
    assert!(!turned(view_and_control()), "then the wheel is the other computer's");
}

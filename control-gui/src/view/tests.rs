//! Every screen, by what can be read on it.

mod full_screen;
mod held;
mod picture;
mod special_keys;

use std::time::Duration;

use beckon_desk::theme;
use beckon_events::session::{EndReason, EndedBy};
use beckon_peer::screen::{Anew, Picture, PixelOrder, Size, Update};
use beckon_peer::{InputEvent, Point};
use beckon_protocol::ToControl;
use egui::{Role, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use egui_kittest::{Harness, Node};

use super::{Panes, show};
use crate::input::{Input, TunnelEvent, Wish};
use crate::log_memory::tests::{LOG, Log};
use crate::model::{Question, Scale};
use crate::picture::{Freshness, Patches};
use crate::text;
use crate::update::tests::{Scene, farewell, link, view, view_and_control};

struct Desk {
    scene: Scene,
    panes: Panes,
    patches: Patches,
    did: Vec<Input>,
}

fn desk(scene: Scene) -> Harness<'static, Desk> {
    let desk =
        Desk { scene, panes: Panes::default(), patches: Patches::default(), did: Vec::new() };
    let mut harness = Harness::builder().with_size(vec2(1_000.0, 700.0)).build_ui_state(
        |ui, desk: &mut Desk| {
            theme::apply(ui.ctx());
            desk.panes.canvas.draw_in(ui.ctx(), desk.patches.take());
            let now = desk.scene.now();
            desk.did.extend(show(ui, &desk.scene.model, now, &mut desk.panes));
        },
        desk,
    );
    harness.run_ok();
    harness
}

fn sees(harness: &Harness<'static, Desk>, words: &str) -> bool {
    harness.query_all_by_label_contains(words).next().is_some()
}

fn click(harness: &mut Harness<'static, Desk>, name: &str) {
    harness.get_by_label(name).click();
    harness.run_ok();
}

fn pressed(harness: &mut Harness<'static, Desk>, name: &str) -> Vec<Input> {
    harness.state_mut().did.clear();
    click(harness, name);
    let did = &harness.state().did;
    did.iter().filter(|input| !matches!(input, Input::Did(_))).cloned().collect()
}

/// Shows a picture of `width` × `height`.
fn shows(harness: &mut Harness<'static, Desk>, width: u32, height: u32) {
    let size = Size::new(width, height).unwrap();
    let stride = usize::try_from(width * 4).unwrap();
    let pixels = vec![9; size.pixels() * 4];
    let picture = Picture::new(size, stride, PixelOrder::Rgbx, pixels).unwrap();
    let dirty = vec![picture.bounds()];
    let (captured_ms, behind, rough) = (0, false, false);
    let anew = Anew::OtherSize;
    let update = Update { number: 1, monitor: 5, anew, dirty, captured_ms, behind, rough };
    harness.state().patches.put(&picture, &update);
    let desk = harness.state_mut();
    let known_at = Some(desk.scene.now());
    desk.scene.happens(TunnelEvent::Picture { monitor: 5 });
    desk.scene.happens(TunnelEvent::Fresh(Freshness { known_at, loading_since: None }));
    harness.run_ok();
}

fn is_disabled(node: &Node<'_>) -> bool {
    node.accesskit_node().is_disabled()
}

#[test]
fn without_a_link_the_window_says_how_to_open_a_session() {
    let mut desk = desk(Scene::new());
    assert!(sees(&desk, text::START_HEADING));
    assert_eq!(pressed(&mut desk, text::CLOSE), vec![Input::Close(Wish::CloseWindow)]);
}

#[test]
fn an_unknown_portal_is_named_and_trusted_or_not() {
    let mut scene = Scene::new();
    scene.does(Input::Open(link("help.example.org:8443")));
    let mut desk = desk(scene);
    assert!(sees(&desk, text::TRUST_HEADING));
    assert!(sees(&desk, "help.example.org:8443"));
    assert_eq!(pressed(&mut desk, text::TRUST), vec![Input::Trust]);
    assert_eq!(pressed(&mut desk, text::DO_NOT_TRUST), vec![Input::DoNotTrust]);
}

#[test]
fn opening_says_where_to_and_what_is_in_the_way() {
    let mut scene = Scene::new();
    scene.does(Input::Open(link("127.0.0.1:8080")));
    let again_in = Duration::from_secs(2);
    scene.does(Input::LineDown { why: "the server is busy, please wait".to_owned(), again_in });
    let mut desk = desk(scene);
    assert!(sees(&desk, "Connecting to 127.0.0.1:8080"));
    assert!(sees(&desk, "The server is busy, please wait. Trying again in 3 s."));
    assert_eq!(pressed(&mut desk, text::CANCEL), vec![Input::Cancel]);
}

#[test]
fn waiting_says_who_is_asked_for_what_and_for_how_long() {
    let mut desk = desk(Scene::asking(view_and_control()));
    assert!(sees(&desk, text::WAITING));
    assert!(sees(&desk, "You ask to see the screen and to use mouse and keyboard."));
    assert!(sees(&desk, "“pc-7”"));
    assert!(sees(&desk, "No answer in 1:00 counts as no."));
    assert_eq!(pressed(&mut desk, text::CANCEL), vec![Input::Cancel]);
}

#[test]
fn a_no_is_said_kindly_and_can_be_asked_again() {
    let mut scene = Scene::asking(view());
    scene.hears(ToControl::Rejected {});
    let mut desk = desk(scene);
    assert!(sees(&desk, "The user said no"));
    assert_eq!(pressed(&mut desk, text::ASK_AGAIN), vec![Input::AskAgain]);
    let again_in = Duration::from_secs(1);
    desk.state_mut().scene.does(Input::LineDown { why: "gone".to_owned(), again_in });
    desk.run_ok();
    assert!(is_disabled(&desk.get_by_label(text::ASK_AGAIN)), "there is nobody to tell");
}

#[test]
fn the_end_says_who_ended_it() {
    let mut scene = Scene::active(view()).without_memory();
    scene.hears(ToControl::Ended { by: EndedBy::User, why: EndReason::Asked });
    let mut desk = desk(scene);
    assert!(sees(&desk, "The session has ended"));
    assert!(sees(&desk, "The user ended it."));
    assert!(sees(&desk, text::RECEIPT_AWAITED));
    desk.state_mut().scene.shows(farewell::receipt(LOG));
    desk.state_mut().scene.does(Input::ReceiptKept(Ok("/c/receipts/1.txt".to_owned())));
    desk.run_ok();
    assert!(sees(&desk, "The receipt of this session is kept: /c/receipts/1.txt"));
}

#[test]
fn without_a_receipt_and_with_a_wrong_one_that_is_said() {
    let mut scene = Scene::ended(view());
    scene.later(Duration::from_secs(5));
    assert!(sees(&desk(scene), text::NO_RECEIPT));
    let mut scene = Scene::ended(view());
    scene.shows(farewell::receipt(Log { key: 7, ..LOG }));
    scene.does(Input::EvidenceKept(Ok("/c/evidence/x".to_owned())));
    let desk = desk(scene);
    assert!(sees(&desk, "The server's receipt does not fit this session. Keep this note"));
    assert!(sees(&desk, "What the server showed is kept as evidence in /c/evidence/x."));
}

#[test]
fn while_the_log_is_checked_nothing_else_is_offered_than_to_give_up() {
    let mut scene = Scene::new();
    scene.does(Input::Open(link("127.0.0.1:8080")));
    scene.does(Input::LineUp { nonce: vec![1; 32] });
    let mut door = scene.door(view());
    door.checkpoint = Some(LOG.note(9));
    scene.hears(ToControl::Door { door: Box::new(door) });
    let mut desk = desk(scene);
    assert!(sees(&desk, text::CHECKING_LOG));
    assert_eq!(pressed(&mut desk, text::CANCEL), vec![Input::Cancel]);
}

#[test]
fn a_log_that_is_not_what_it_was_is_said_and_there_is_no_way_on() {
    let mut scene = Scene::new();
    scene.does(Input::Open(link("127.0.0.1:8080")));
    scene.does(Input::LineUp { nonce: vec![1; 32] });
    let mut door = scene.door(view());
    door.checkpoint = Some(LOG.note(4));
    scene.hears(ToControl::Door { door: Box::new(door) });
    scene.does(Input::EvidenceKept(Ok("/c/evidence/x".to_owned())));
    let mut desk = desk(scene);
    for words in [
        "The log of this server cannot be trusted",
        "Entries are missing from the log of 127.0.0.1:8080: it had 5 and now has 4.",
        "Nothing was asked of the user.",
        "Both checkpoints are kept as evidence in /c/evidence/x.",
        text::TELL_AUDITOR,
    ] {
        assert!(sees(&desk, words), "{words}");
    }
    let buttons: Vec<_> = desk.query_all_by_role(Role::Button).collect();
    assert_eq!(buttons.len(), 1, "Close is all there is");
    drop(buttons);
    assert_eq!(pressed(&mut desk, text::CLOSE), vec![Input::Close(Wish::CloseWindow)]);
}

#[test]
fn a_restored_log_is_said_while_the_user_is_asked() {
    let restored = Log { era: 2, ..LOG };
    let mut scene = Scene::new();
    scene.does(Input::Open(link("127.0.0.1:8080")));
    scene.does(Input::LineUp { nonce: vec![1; 32] });
    let mut door = scene.door(view());
    door.checkpoint = Some(restored.note(3));
    scene.hears(ToControl::Door { door: Box::new(door) });
    let desk = desk(scene);
    assert!(sees(&desk, "The log of this server was restored from a backup (era 2)."));
    assert!(sees(&desk, text::WAITING));
}

#[test]
fn a_session_shows_the_picture_and_what_is_going_on() {
    let mut desk = desk(Scene::active(view_and_control()));
    assert!(sees(&desk, text::NO_PICTURE_YET));
    shows(&mut desk, 640, 480);
    desk.state_mut().scene.happens(TunnelEvent::Latency(Duration::from_millis(12)));
    desk.state_mut().scene.later(Duration::from_secs(3));
    desk.run_ok();
    for words in [text::PICTURE, text::CONTROLLING, text::ENCRYPTED, "12 ms", "Picture is 3 s old"]
    {
        assert!(sees(&desk, words), "{words}");
    }
    assert_eq!(pressed(&mut desk, text::EXACT), vec![Input::Show(Scale::EXACT)]);
    assert_eq!(pressed(&mut desk, text::STOP_CONTROL), vec![Input::StopControl]);
    assert_eq!(pressed(&mut desk, text::END), vec![Input::Close(Wish::End)]);
}

#[test]
fn with_viewing_alone_control_can_be_asked_for() {
    let mut desk = desk(Scene::active(view()));
    assert!(sees(&desk, text::VIEWING));
    let asked = pressed(&mut desk, text::ASK_FOR_CONTROL);
    let [Input::AskFor(action)] = asked.as_slice() else { panic!("{asked:?}") };
    desk.state_mut().scene.does(Input::AskFor(*action));
    desk.run_ok();
    assert!(sees(&desk, text::ASKED_FOR_CONTROL));
}

#[test]
fn leaving_or_ending_is_asked() {
    let mut scene = Scene::active(view());
    scene.does(Input::Close(Wish::End));
    let mut desk = desk(scene);
    assert!(sees(&desk, text::LEAVING_HEADING));
    assert_eq!(pressed(&mut desk, text::LEAVE), vec![Input::Leave]);
    assert_eq!(pressed(&mut desk, text::END_SESSION), vec![Input::EndSession]);
    assert_eq!(pressed(&mut desk, text::CANCEL), vec![Input::Stay]);
    let again_in = Duration::from_secs(1);
    desk.state_mut().scene.does(Input::LineDown { why: "gone".to_owned(), again_in });
    desk.run_ok();
    assert!(is_disabled(&desk.get_by_label(text::END_SESSION)));
    desk.state_mut().scene.model.question = Some(Question::Switch(link("127.0.0.1:8080")));
    desk.run_ok();
    assert_eq!(pressed(&mut desk, text::LEAVE_AND_OPEN), vec![Input::Leave]);
}

#[test]
fn a_click_on_the_picture_goes_to_the_pixel_under_the_pointer() {
    let mut desk = desk(Scene::active(view_and_control()));
    shows(&mut desk, 640, 480);
    let middle = desk.get_by_label(text::PICTURE).rect().center();
    desk.state_mut().did.clear();
    desk.hover_at(middle);
    desk.run_ok();
    desk.drag_at(middle);
    desk.run_ok();
    desk.drop_at(middle);
    desk.run_ok();
    let at = InputEvent::PointerMove(Point { monitor: 5, x: 320, y: 240 });
    let did = &desk.state().did;
    assert!(did.contains(&Input::Did(at)), "{did:?}");
    let clicks = did.iter().filter(|i| matches!(i, Input::Did(InputEvent::Button { .. })));
    assert_eq!(clicks.count(), 2, "down and up");
}

#[test]
fn typing_goes_to_the_other_computer_while_the_picture_has_the_keyboard() {
    let mut desk = desk(Scene::active(view_and_control()));
    shows(&mut desk, 640, 480);
    let typed = |desk: &mut Harness<'static, Desk>| {
        desk.state_mut().did.clear();
        desk.event(egui::Event::Text("ß".to_owned()));
        desk.run_ok();
        let did = desk.state().did.iter();
        did.filter(|input| matches!(input, Input::Did(InputEvent::Text(_)))).count()
    };
    assert_eq!(typed(&mut desk), 1, "control has begun, so the keyboard is the picture's");
    desk.state_mut().did.clear();
    desk.get_by_label(text::FIT).focus();
    desk.run_ok();
    let released = Input::Did(InputEvent::ReleaseAll);
    assert!(desk.state().did.contains(&released), "what was held is released");
    assert_eq!(typed(&mut desk), 0);
}

#[test]
fn nothing_goes_to_the_other_computer_without_control() {
    let mut desk = desk(Scene::active(view()));
    shows(&mut desk, 640, 480);
    desk.state_mut().did.clear();
    let middle = desk.get_by_label(text::PICTURE).rect().center();
    desk.drag_at(middle);
    desk.run_ok();
    desk.event(egui::Event::Text("x".to_owned()));
    desk.run_ok();
    assert_eq!(desk.state().did, vec![]);
}

#[test]
fn everything_stays_within_the_window_and_end_on_its_right() {
    let mut desk = desk(Scene::active(view_and_control()));
    shows(&mut desk, 1_920, 1_080);
    for (width, height) in [(1_000.0, 700.0), (480.0, 360.0)] {
        desk.set_size(vec2(width, height));
        desk.run_ok();
        let window = egui::Rect::from_min_size(egui::Pos2::ZERO, vec2(width, height));
        for name in [
            text::FIT,
            text::EXACT,
            text::ZOOM_IN,
            text::STOP_CONTROL,
            text::FULL_SCREEN,
            text::END,
            text::PICTURE,
        ] {
            let place = desk.get_by_label(name).rect();
            assert!(window.contains_rect(place), "{name} at {place:?} in {width} × {height}");
        }
        let (end, picture) = (desk.get_by_label(text::END), desk.get_by_label(text::PICTURE));
        assert!(end.rect().right() > width - 24.0, "{:?}", end.rect());
        assert!(picture.rect().top() >= end.rect().bottom());
        assert!(picture.rect().height() > height / 3.0, "{:?}", picture.rect());
    }
}

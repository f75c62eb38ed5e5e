//! The pointer of the operator on the user's desk: the same pixel, every button, the wheel, a drag,
//! on every monitor.

use beckon_tests::canvas::{Canvas, Done, pattern};
use beckon_tests::clock::{eventually, within};
use beckon_tests::desk::Desk;
use beckon_tests::hand::{Button, Turn};
use beckon_tests::operator::Wish;
use beckon_tests::server::Server;
use beckon_tests::session::Session;
use beckon_tests::stage::Stage;

/// Control's windows count a wheel without an axis, such as that of this hand, when its button goes
/// down and when it comes up; real wheels have an axis.
const TWICE: usize = 2;

#[test]
fn the_pointer_reaches_the_same_pixel_on_every_monitor() {
    let _stage = Stage::take();
    let server = Server::start();
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let Session { control, user: _user, .. } =
        Session::begins(&server, &office, &home, Wish::Control);
    control.shows_exactly();
    let canvas = Canvas::show(&home, "A map", (350, 300), pattern(300, 220));
    // Its own pointer is drawn over the picture.
    home.hand().point_at((900, 700));
    let shown = control.shows(canvas.picture());
    let at = |x: i32, y: i32| (shown.0 + x, shown.1 + y);

    for (button, number, (x, y)) in [
        (Button::Left, 1, (0, 0)),
        (Button::Right, 3, (299, 219)),
        (Button::Middle, 2, (77, 0)),
        (Button::Left, 1, (0, 219)),
    ] {
        office.hand().click_with(button, at(x.into(), y.into()));
        let pressed = Done::Press(number, x, y);
        canvas.notices("a click", |done| *done == pressed);
        eventually("the same button comes up", || {
            (canvas.done().last() == Some(&Done::Release(number))).then_some(())
        });
    }

    office.hand().drag(at(20, 30), at(220, 130));
    canvas.notices("the beginning of a drag", |done| *done == Done::Press(1, 20, 30));
    eventually("the end of the drag", || {
        let pointer = pointer(&home);
        let window = canvas.window(&home).place();
        let there = pointer == (window.x + 220, window.y + 130);
        (there && canvas.done().last() == Some(&Done::Release(1))).then_some(())
    });

    let turned = |button| {
        canvas
            .done()
            .iter()
            .filter(|done| matches!(done, Done::Press(b, ..) if *b == button))
            .count()
    };
    office.hand().turn_wheel(Turn::Down, 5);
    let five = within(beckon_tests::clock::PATIENCE, || (turned(5) == 5 * TWICE).then_some(()));
    assert!(five.is_some(), "not five notches down: {:?}", canvas.done());
    office.hand().turn_wheel(Turn::Up, 3);
    eventually("three notches up", || (turned(4) == 3 * TWICE).then_some(()));
    let (status, _) = office.environment().run("xdotool", &["click", "--repeat", "2", "7"]);
    assert!(status.success());
    eventually("two notches to the right", || (turned(7) == 2 * TWICE).then_some(()));
    assert_eq!((turned(4), turned(5), turned(6)), (3 * TWICE, 5 * TWICE, 0), "no notch too many");
    drop(canvas);

    splits(&home);
    for (index, corner) in [(2, (740, 330)), (1, (200, 330))] {
        let canvas = Canvas::show(&home, "Another map", corner, pattern(200, 150 + index));
        let name = eventually("a monitor to choose", || {
            let widgets = control.window().widgets();
            let begins = format!("{index}: ");
            let is_it = |name: &&str| name.starts_with(&begins);
            widgets.iter().map(|widget| widget.name.trim()).find(is_it).map(str::to_owned)
        });
        control.window().click(&name);
        home.hand().point_at((900, 700));
        let shown = control.shows(canvas.picture());
        office.hand().click((shown.0 + 199, shown.1 + 7));
        canvas.notices("a click", |done| *done == Done::Press(1, 199, 7));
        let released = || canvas.done().contains(&Done::Release(1)).then_some(());
        assert!(within(beckon_tests::clock::PATIENCE, released).is_some());
    }
}

/// Two monitors beside each other; the agent's window stands on both, nothing is changed on them.
fn splits(home: &Desk) {
    let xrandr = |arguments: &[&str]| {
        let (status, said) = home.environment().run("xrandr", arguments);
        assert!(status.success(), "xrandr {arguments:?}: {said}");
    };
    xrandr(&["--setmonitor", "left", "640/200x800/200+0+0", "screen"]);
    xrandr(&["--setmonitor", "right", "640/200x800/200+640+0", "none"]);
}

fn pointer(desk: &Desk) -> (i32, i32) {
    let (_, said) = desk.environment().run("xdotool", &["getmouselocation", "--shell"]);
    let value = |name: &str| {
        let line = said.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|line| line.parse().ok()).unwrap_or(-1)
    };
    (value("X="), value("Y="))
}

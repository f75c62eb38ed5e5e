//! Control under wine.

use std::time::Duration;

use crate::canvas::{Canvas, Done, pattern};
use crate::clock::{Deadline, PATIENCE, eventually, within};
use crate::desk::Desk;
use crate::operator::{Operator, Wish};
use crate::server::Server;
use crate::session::{COMPANY, OPERATOR, stands_aside};
use crate::user::User;
use crate::window::Window;
use crate::wine::pane::Pane;
use crate::wine::{Wine, program, scene};

/// Wine knows no keys of the desk that an American keyboard does not have.
const TYPED: &str = "Hello, Windows! (1 + 1 = 2)";
const CLASSES: &str = r"Software\Classes\beckon";

/// Control is opened by a link of the portal, shows a Linux desk, clicks and types there, ends.
pub fn helps(tell: &dyn Fn(&str)) {
    let mut server = scene::server();
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let (operator, invitation) = scene::invites(&server, &office);
    gets_control(&operator);
    let wine = Wine::on(&office);
    let folder = wine.folder("users/operator/AppData/Local/Programs");
    let file = folder.join("beckon-control.exe");
    std::fs::copy(program("beckon-control"), &file).expect("the prefix is ours");
    let control_exe = wine.calls(&file);
    let (status, said) = wine.run(&control_exe, &["register"]);
    assert!(status.success(), "{said}");
    let user_keys = wine.registry(&format!(r"HKCU\{CLASSES}"));
    assert!(user_keys.contains("URL Protocol") && user_keys.contains(&control_exe), "{user_keys}");
    tell("Control has registered itself for beckon:// links of this user.");
    hkcu_to_hklm(&wine, &control_exe);

    let user = User::starts_download(&home, &invitation);
    user.joins(COMPANY);
    operator.sees(&invitation, "available");
    let link = operator.gets_link(&invitation, Wish::Control);
    let begun = Deadline::after(Duration::ZERO);
    let _starter = wine.start("link", "start", &[&link]);
    let pane = Pane::titled(&office, "Beckon Control");
    eventually("a first picture", || {
        (pane.picture().0.count([0x1D, 0x5B, 0xB8]) > 1_000).then_some(())
    });
    let first = begun.elapsed().as_millis();
    tell(&format!("Control was opened by the link; its first picture came after {first} ms."));
    pane.sees("Trust this portal?");
    pane.shot("windows-control-trust");
    pane.click("Trust");
    pane.sees("waiting for the user");
    pane.shot("windows-control-waiting");
    user.is_asked_by(OPERATOR, COMPANY);
    user.approves();
    stands_aside(&user);
    operator.sees(&invitation, "in-session");
    pane.sees("Control is active");
    tell("The user has approved; Control is active.");

    pane.click("1:1");
    let canvas = Canvas::show(&home, "Known picture", (30, 40), pattern(400, 300));
    let find = || office.picture().find(canvas.picture());
    let shown = within(PATIENCE, find)
        .unwrap_or_else(|| pane.fail("the other screen is not shown bit for bit"));
    let shown = (shown.0.cast_signed(), shown.1.cast_signed());
    office.hand().click((shown.0 + 123, shown.1 + 45));
    canvas.notices("the operator's click", |done| *done == Done::Press(1, 123, 45));
    pane.shot("windows-control-picture");
    tell("Control shows the user's screen bit for bit; a click arrives at the same pixel.");
    let entry = crate::entry::Entry::open(&home, "A letter");
    let canvas_at = canvas.window(&home).place();
    let (x, y) = entry.place().middle();
    office.hand().click((shown.0 - canvas_at.x + x, shown.1 - canvas_at.y + y));
    entry.has_keyboard();
    office.hand().write(TYPED);
    entry.reads(TYPED);
    tell(&format!("“{TYPED}” typed into Control is written in the user's application."));

    shows_every_state(pane, &mut server, &user);
    tell("It says so when the user pauses and when the server is gone, and goes on by itself.");
    let mut second = wine.start("second", &control_exe, &[]);
    assert!(second.ends().success());
    let is_control = |window: &Window<'_>| window.title().contains("Beckon Control");
    assert_eq!(office.windows().iter().filter(|window| is_control(window)).count(), 1);
    tell("A second start hands over to the first and ends.");

    pane.click("End");
    pane.sees("End session");
    pane.shot("windows-control-end");
    pane.click("End session");
    pane.sees("The session has ended");
    pane.shot("windows-control-ended");
    user.window().sees("Your helper ended it.");
    operator.sees(&invitation, "ended");
    server.log().signs_off(2);
    let (status, said) = wine.run(&control_exe, &["unregister"]);
    assert!(status.success(), "{said}");
    let left = wine.registry(&format!(r"HKCU\{CLASSES}"));
    assert!(!left.contains(&control_exe), "{left}");
    tell("Control has ended the session; its registration can be undone.");
}

/// Paused, in full screen, without a server.
fn shows_every_state(pane: Pane<'_>, server: &mut Server, user: &User<'_>) {
    user.window().click("Pause");
    pane.sees("The user has paused the session.");
    pane.shot("windows-control-paused");
    user.window().click("Continue");
    pane.sees("Control is active");
    pane.click("Full screen");
    pane.sees("Leave full screen");
    pane.shot("windows-control-full-screen");
    pane.click("Leave full screen");
    pane.sees("Control is active");
    server.kill();
    pane.sees("The server does not answer");
    pane.shot("windows-control-lost");
    server.start_again();
    pane.sees("Control is active");
}

/// The portal offers Control for Windows.
fn gets_control(operator: &Operator<'_>) {
    let browser = operator.browser();
    let list = browser.address();
    browser.go(&format!("{}/control", list.trim_end_matches("/sessions")));
    browser.sees("Windows");
    browser.go(&list);
}

/// Wine looks for the program of a link in HKLM only.
fn hkcu_to_hklm(wine: &Wine<'_>, program: &str) {
    let command = format!("\"{program}\" \"%1\"");
    let root = format!(r"HKLM\{CLASSES}");
    for (key, arguments) in [
        (root.clone(), vec!["/ve", "/d", "URL:Beckon"]),
        (root.clone(), vec!["/v", "URL Protocol", "/d", ""]),
        (format!(r"{root}\shell\open\command"), vec!["/ve", "/d", &command]),
    ] {
        let (status, said) = wine.run("reg", &[&["add", &key, "/f"], &arguments[..]].concat());
        assert!(status.success(), "{key}: {said}");
    }
}

//! The agent under wine.

use std::time::Duration;

use beckon_protocol::{AgentFileName, InvitationLink, JoinCode};

use crate::browser::{Browser, Look};
use crate::canvas::pattern;
use crate::clock::{Deadline, eventually};
use crate::control::Control;
use crate::desk::Desk;
use crate::invitation::Invitation;
use crate::operator::{Operator, Wish};
use crate::play::STORY;
use crate::session::{COMPANY, LETTERS, OPERATOR};
use crate::shot::Shot;
use crate::user::Border;
use crate::wine::canvas::Canvas;
use crate::wine::guest::Guest;
use crate::wine::{Wine, program, scene};

/// The blue of the button that is meant.
const PRIMARY: [u8; 3] = [0x1D, 0x5B, 0xB8];

/// From the invitation page to the removal, with a view bit for bit, a click and typed text.
pub fn is_helped(tell: &dyn Fn(&str)) {
    let server = scene::server();
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let (operator, invitation) = scene::invites(&server, &office);
    let wine = Wine::on(&home);

    let page = Browser::open(&home, Look::OnWindows, &[]);
    page.go(&invitation.link);
    page.sees("is waiting for you.");
    page.sees("SHA-256 of the file");
    page.sees("Windows protected your PC");
    page.shot("windows-invitation");
    page.click("Download for Windows");
    let download = page.downloaded(&invitation.file_name());
    let name = download.file_name().unwrap_or_default().to_string_lossy().into_owned();
    assert_eq!(name, format!("{}.exe", invitation.file_name()), "the name carries the code");
    let same = std::fs::read(&download).ok() == std::fs::read(program("beckon-agent")).ok();
    assert!(same, "the download is not the build");
    drop(page);
    tell("The invitation page offers the agent for Windows, with its hash; it is downloaded.");

    let begun = Deadline::after(Duration::ZERO);
    let mut guest = Guest::starts(&wine, &download, &name);
    eventually("a first picture", || {
        (guest.pane().picture().0.count(PRIMARY) > 1_000).then_some(())
    });
    tell(&format!("The agent shows its first picture {} ms after its start.", ms(&begun)));
    guest.pane().sees(&format!("You are connecting to {}", server.address()));
    guest.pane().sees(&invitation.code);
    guest.pane().shot("windows-agent-code");
    guest.joins(COMPANY);
    guest.pane().shot("windows-agent-ready");
    operator.sees(&invitation, "available");
    let control = operator.opens(&invitation, Wish::Control);
    guest.pane().sees(&format!("{OPERATOR} from {COMPANY} asks to help you"));
    guest.pane().shot("windows-agent-approve");
    guest.border_becomes(Border::None);
    guest.approves();
    control.controls();
    operator.sees(&invitation, "in-session");
    guest.border_becomes(Border::Controlled);
    guest.pane().shot("windows-agent-active");
    tell("The user has joined and approved by clicks; the border is red.");

    uses(&office, &wine, control);
    home.shot("windows-user-desk");
    control.window().shot("windows-seen-from-control");
    tell("Control shows a window of Windows bit for bit, and types and clicks into it.");

    guest.pane().click("Pause");
    guest.pane().sees("Paused");
    guest.border_becomes(Border::None);
    guest.pane().shot("windows-agent-paused");
    guest.pane().click("Continue");
    guest.border_becomes(Border::Controlled);
    tell("Pause takes the picture and the border away until the user continues.");

    guest.asks_to_end();
    guest.pane().shot("windows-agent-end-question");
    guest.pane().click("End");
    guest.pane().sees("The session has ended");
    guest.pane().sees("You ended it.");
    guest.pane().sees("The program deletes itself when you close this window.");
    guest.pane().shot("windows-agent-ended");
    guest.border_becomes(Border::None);
    control.window().sees("The user ended it.");
    operator.sees(&invitation, "ended");
    server.log().signs_off(2);
    guest.pane().click("Save my receipt");
    guest.pane().sees("This file stays when the program goes.");
    let kept = std::fs::read_dir(wine.downloads()).expect("the prefix is ours").flatten();
    let names = kept.map(|file| file.file_name().to_string_lossy().into_owned());
    let receipt = names.filter(|name| name.starts_with("beckon-receipt-")).count();
    assert_eq!(receipt, 1, "the receipt is among the downloads");
    guest.pane().click("Close");
    assert!(guest.agent().ends().success());
    guest.program_goes();
    // The story of a session, with a pause after both actions have begun.
    let (begun, over) = STORY.split_at(7);
    server.log().tells(&[begun, &["Paused", "Continued"], over].concat());
    tell("The user has ended the session; the program is gone; the log tells the same story.");
    let left = leftovers(&wine);
    assert!(left.is_empty(), "{left:?} is left");
    tell("Nothing is left among the temporary files.");
}

/// The picture bit for bit, a click, text, a shortcut.
fn uses(office: &Desk, wine: &Wine<'_>, control: Control<'_>) {
    control.shows_exactly();
    let canvas = Canvas::show(wine, "Known picture", (30, 80), pattern(400, 300));
    let shown = control.shows(canvas.picture());
    office.hand().click((shown.0 + 123, shown.1 + 45));
    canvas.notices("press 1 123 45");
    canvas.notices("release 1");
    office.hand().write(LETTERS);
    canvas.reads(LETTERS);
    office.hand().press(&["ctrl+a"]);
    // Control, then A, each by its virtual key and its scan code.
    canvas.notices("down 11 1D");
    canvas.notices("down 41 1E");
    canvas.notices("up 41 1E");
    canvas.notices("up 11 1D");
    office.hand().press(&["Delete"]);
    canvas.notices("down 2E 53 extended");
}

/// A wrong code counts, and the right one is let in afterwards.
pub fn wrong_code(tell: &dyn Fn(&str)) {
    let mut server = scene::server();
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let (operator, invitation) = scene::invites(&server, &office);
    let wine = Wine::on(&home);
    let link: InvitationLink = invitation.link.parse().expect("the portal shows a link");
    let wrong = JoinCode::from_random(&[3; JoinCode::USUAL]);
    let name = AgentFileName { server: link.server, code: wrong };
    let mut guest = Guest::starts(&wine, &program("beckon-agent"), &format!("{name}.exe"));
    server.kill();
    guest.pane().click("Start");
    guest.pane().sees("The server does not answer");
    guest.pane().shot("windows-agent-no-server");
    server.start_again();
    tell("A server that is not there is said.");
    guest.pane().click("Start");
    guest.pane().sees("This code is not right. 4 attempts left.");
    guest.pane().shot("windows-agent-wrong-code");
    operator.sees(&invitation, "waiting-for-user");
    // What is in the field is replaced by the code that the helper reads out.
    guest.writes_code(&invitation.code);
    guest.joins(COMPANY);
    operator.sees(&invitation, "available");
    tell("A wrong code is told and counted; the right one is let in.");
    guest.ends();
    guest.pane().sees("The session has ended");
    guest.pane().click("Close");
    assert!(guest.agent().ends().success());
    guest.program_goes();
    let left = leftovers(&wine);
    assert!(left.is_empty(), "{left:?} is left");
    tell("The file in which the attempts were kept is gone with the program.");
}

/// The server is killed in the middle of a session and comes back.
pub fn power_cut(tell: &dyn Fn(&str)) {
    let mut server = scene::server();
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let (operator, invitation) = scene::invites(&server, &office);
    let wine = Wine::on(&home);
    let guest = Guest::starts_download(&wine, &invitation);
    let control = is_let_in(&operator, &invitation, Wish::Control, &guest);
    control.controls();
    control.shows_exactly();
    let picture = pattern(300, 200);
    let before = Canvas::show(&wine, "Before", (30, 80), picture.clone());
    control.shows(before.picture());

    server.kill();
    control.window().sees("The connection was lost.");
    guest.pane().sees("Reconnecting");
    guest.pane().shot("windows-agent-reconnecting");
    guest.border_becomes(Border::None);
    drop(before);
    let mirrored = Shot::drawn(300, 200, |x, y| picture.colour(299 - x, y));
    let after = Canvas::show(&wine, "After", (30, 80), mirrored);
    server.start_again();
    let shown = control.shows(after.picture());
    control.controls();
    office.hand().click((shown.0 + 77, shown.1 + 33));
    after.notices("press 1 77 33");
    guest.border_becomes(Border::Controlled);
    tell("The server was killed and came back; the session went on with a new picture.");
    control.ends();
    guest.pane().sees("Your helper ended it.");
    operator.sees(&invitation, "ended");
    server.log().records("AgentRemoved");
    tell("The operator has ended it.");
}

/// Windows shuts down in the middle of a session.
pub fn shut_down(tell: &dyn Fn(&str)) {
    let server = scene::server();
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let (operator, invitation) = scene::invites(&server, &office);
    let wine = Wine::on(&home);
    let mut guest = Guest::starts_download(&wine, &invitation);
    let control = is_let_in(&operator, &invitation, Wish::View, &guest);
    control.window().sees("Viewing");
    drop(wine.run("wineboot", &["--end-session", "--force"]));
    control.window().sees("The user ended it.");
    operator.sees(&invitation, "ended");
    server.log().records("Ended");
    guest.agent().ends();
    tell("Windows was shut down; the session has ended properly, and not by a lost agent.");
}

/// On a computer without OpenGL the processor draws the window: it is used like any other.
pub fn without_opengl(tell: &dyn Fn(&str)) {
    let server = scene::server();
    let office = Desk::open("operator");
    let home = Desk::served("user", "Xvfb", &["-screen", "0", "1280x800x24", "-extension", "GLX"]);
    let (operator, invitation) = scene::invites(&server, &office);
    let wine = Wine::on(&home);
    let begun = Deadline::after(Duration::ZERO);
    let mut guest = Guest::starts_download(&wine, &invitation);
    eventually("a first picture", || {
        (guest.pane().picture().0.count(PRIMARY) > 1_000).then_some(())
    });
    tell(&format!("Without OpenGL the first picture comes {} ms after the start.", ms(&begun)));
    guest.pane().shot("windows-agent-without-opengl");
    let control = is_let_in(&operator, &invitation, Wish::View, &guest);
    control.window().sees("Viewing");
    guest.border_becomes(Border::Seen);
    guest.ends();
    guest.pane().sees("The session has ended");
    guest.pane().click("Close");
    assert!(guest.agent().ends().success());
    guest.program_goes();
    tell("Joined, approved, seen and ended like everywhere.");
}

/// From Start to the approval.
fn is_let_in<'d>(
    operator: &Operator<'d>,
    invitation: &Invitation,
    wish: Wish,
    guest: &Guest<'_, '_>,
) -> Control<'d> {
    guest.joins(COMPANY);
    operator.sees(invitation, "available");
    let control = operator.opens(invitation, wish);
    guest.pane().sees("asks to help you");
    guest.approves();
    control
}

/// What the agent wrote among the temporary files and has left there.
fn leftovers(wine: &Wine<'_>) -> Vec<String> {
    let folder = wine.folder(&format!("users/{}/AppData/Local/Temp", wine.desk().name()));
    let files = || {
        let files = std::fs::read_dir(&folder).expect("the prefix is ours").flatten();
        let names = files.map(|file| file.file_name().to_string_lossy().into_owned());
        names.filter(|name| name.contains("beckon")).collect::<Vec<_>>()
    };
    crate::clock::within(crate::clock::PATIENCE, || files().is_empty().then_some(()));
    files()
}

fn ms(begun: &Deadline) -> u128 {
    begun.elapsed().as_millis()
}

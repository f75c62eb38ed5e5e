//! The play: one whole session, from the first link to the end page, as both people see it.

mod followed;

use self::followed::Followed;
use crate::auditor::{Auditor, fingerprint};
use crate::browser::{Browser, Look};
use crate::canvas::{Canvas, Done, pattern};
use crate::clock::eventually;
use crate::control::Control;
use crate::desk::Desk;
use crate::entry::Entry;
use crate::invitation::Invitation;
use crate::log::Log;
use crate::operator::{Operator, Wish};
use crate::scratch::workspace;
use crate::server::Server;
use crate::session::{COMPANY, EMAIL, LETTERS, OPERATOR, stands_aside};
use crate::user::{Border, User};

const NAME: &str = "Printer of Mr Köhler";
const NOTE: &str = "Prints only blank pages since Monday.";

/// What the log tells of the session in the end.
pub const STORY: [&str; 13] = [
    "Created",
    "Joined",
    "ApprovalRequested",
    "Approved",
    "OperatorConnected",
    "ActionStarted",
    "ActionStarted",
    "ActionStopped",
    "ActionStopped",
    "Ended",
    "AgentRemoved",
    "HeadSigned",
    "HeadSigned",
];

/// Plays it with the real programs on two desks, keeps a picture of every scene in
/// `target/shots/`, and panics at the first thing that is not as it must be. `tell` hears what
/// happens. Returns what the log has recorded, a line an event.
pub fn perform(tell: &dyn Fn(&str)) -> Vec<String> {
    let followed = Followed::start();
    let server = &followed.server;
    tell(&format!("The server runs at {}.", server.origin()));
    let setup_link = server.init(COMPANY);
    let client = followed.follow();
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    // Before the first window, as if the keyboard had been bought so.
    office.hand().teach_keyboard(LETTERS);

    let operator = Operator::sits_at(&office, Look::Window, server);
    let invitation = invites(tell, &operator, &setup_link);
    let mut user = joins(tell, &operator, &home, &invitation);
    let canvas = Canvas::show(&home, "Known picture", (30, 40), pattern(400, 300));
    let control = meet(tell, &operator, &user, &invitation);
    works(tell, &office, control, &user, &canvas);
    ends(tell, (&operator, server), control, &mut user, &invitation);
    tells(&server.log());
    tell("The log tells the same story.");
    followed::tells(client, &STORY, tell);
    proves(tell, server, &home);
    server.log().table()
}

/// Signing up, the list, the Create dialog.
fn invites(tell: &dyn Fn(&str), operator: &Operator<'_>, setup_link: &str) -> Invitation {
    operator.signs_up(setup_link, OPERATOR, EMAIL);
    tell("The operator has signed up through the setup link.");
    operator.registers_control();
    operator.browser().sees("No open sessions. Press Create to invite somebody.");
    let invitation = operator.drafts(NAME, NOTE);
    operator.browser().shot("create-dialog");
    operator.confirms(&invitation);
    operator.browser().row_says(NAME, "Waiting for user");
    tell(&format!("The operator has created a session: code {}.", invitation.code));
    invitation
}

/// The invitation page, the download, Start, Ready.
fn joins<'d>(
    tell: &dyn Fn(&str),
    operator: &Operator<'_>,
    home: &'d Desk,
    invitation: &Invitation,
) -> User<'d> {
    let page = User::opens_link(home, invitation);
    reads(&page, invitation);
    let program = User::downloads(&page, invitation);
    drop(page);
    tell("The user has opened the invitation and downloaded the agent.");

    let user = User::starts(home, program, &[]);
    let window = user.window();
    let server = invitation.link.split('/').nth(2).unwrap_or_default();
    window.sees(&format!("You are connecting to {server}"));
    assert_eq!(window.field("Code"), invitation.code, "the code comes from the file's name");
    window.shot("agent-code");
    user.joins(COMPANY);
    window.sees("Nothing is shared until you approve it.");
    window.shot("agent-ready");
    operator.sees(invitation, "available");
    operator.browser().shot("portal-list");
    assert_eq!(user.border(), Border::None);
    tell("The user has pressed Start; the portal shows the session as available.");
    user
}

fn reads(page: &Browser<'_>, invitation: &Invitation) {
    page.sees(&format!("{OPERATOR} from {COMPANY} is waiting for you."));
    page.sees(&invitation.code);
    page.sees("SHA-256 of the file");
    page.sees(&format!("./{}", invitation.file_name()));
    page.shot("invitation-page");
}

/// The request, the question, the approval.
fn meet<'d>(
    tell: &dyn Fn(&str),
    operator: &Operator<'d>,
    user: &User<'_>,
    invitation: &Invitation,
) -> Control<'d> {
    operator.clicks(invitation, Wish::Control);
    let control = Control::on(operator.desk());
    control.window().sees("Trust this portal?");
    control.window().shot("control-trust");
    control.trusts_portal();
    control.window().sees("waiting for the user's approval");
    control.window().shot("control-waiting");
    operator.sees(invitation, "approval-requested");
    tell("Control was opened by the portal and asks.");

    let window = user.window();
    user.is_asked_by(OPERATOR, COMPANY);
    assert!(window.is_ticked("See your screen") && window.is_ticked("Use mouse and keyboard"));
    assert_eq!(user.border(), Border::None);
    window.becomes("Approve", true);
    window.shot("agent-approve");
    user.approves();
    stands_aside(user);
    tell(&format!("The user has approved “{OPERATOR} from {COMPANY}”."));
    operator.sees(invitation, "in-session");
    control
}

/// The picture bit for bit, a click and typed text, the border.
fn works(
    tell: &dyn Fn(&str),
    office: &Desk,
    control: Control<'_>,
    user: &User<'_>,
    canvas: &Canvas,
) {
    let home = user.desk();
    control.controls();
    control.window().sees("End-to-end encrypted");
    control.shows_exactly();
    let entry = Entry::open(home, "A letter");
    entry.window().move_to(crate::shot::Place { x: 30, y: 420, ..entry.window().place() });
    let shown = control.shows(canvas.picture());
    user.border_becomes(Border::Controlled);
    tell("Control shows the user's screen bit for bit; the user's screen has a red border.");

    // Where the user's desk begins on the operator's.
    let canvas_at = canvas.window(home).place();
    let origin = (shown.0 - canvas_at.x, shown.1 - canvas_at.y);
    office.hand().click((shown.0 + 123, shown.1 + 45));
    canvas.notices("the operator's click", |done| *done == Done::Press(1, 123, 45));
    tell("A click in Control has arrived at the same pixel of the user's application.");

    let (x, y) = entry.place().middle();
    office.hand().click((origin.0 + x, origin.1 + y));
    entry.has_keyboard();
    office.hand().write(LETTERS);
    entry.reads(LETTERS);
    tell(&format!("“{LETTERS}” typed into Control is written in the user's application."));
    user.window().sees("are used now");
    user.window().shot("agent-active");
    home.shot("user-desk");
    control.window().shot("control-picture");
    control.window().click("Fit");
    let scaled = || office.picture().find(canvas.picture()).is_none().then_some(());
    eventually("the whole screen in the window", scaled);
    control.window().shot("control-fit");
    control.window().click("Full screen");
    office.hand().point_at((700, 500));
    control.window().sees("Show the toolbar");
    office.shot("control-full-screen");
    office.hand().press(&["ctrl+alt+Return"]);
    control.window().sees("Full screen");
}

/// The end, by the user, on all sides.
fn ends(
    tell: &dyn Fn(&str),
    (operator, server): (&Operator<'_>, &Server),
    control: Control<'_>,
    user: &mut User<'_>,
    invitation: &Invitation,
) {
    user.ends();
    let window = user.window();
    window.sees("The session has ended");
    window.sees("You ended it.");
    window.sees(&format!("{OPERATOR} from {COMPANY} was connected."));
    window.sees("Used: see your screen, use mouse and keyboard.");
    window.sees(&user.program().display().to_string());
    window.sees("Nothing of this session is left on this computer.");
    window.sees("The server has recorded the end.");
    let proves =
        format!("Your receipt proves that this session and its end stand in the log of {COMPANY}.");
    window.sees(&proves);
    window.shot("agent-ended");
    assert_eq!(user.border(), Border::None);
    assert!(!user.program().exists(), "{} is still there", user.program().display());
    control.window().sees("The session has ended");
    control.window().sees("The user ended it.");
    control.window().shot("control-ended");
    operator.sees(invitation, "ended");
    operator.browser().row_says(NAME, "Ended by the user");
    tell("The user has ended the session; the agent has removed itself.");
    window.click("Save my receipt");
    window.sees("This file stays when the program goes.");
    control.window().sees("The receipt of this session is kept:");
    server.log().signs_off(2);
    tell("Both have signed the end; the user has saved a receipt.");

    let timeline = operator.timeline(invitation);
    operator.browser().shot("portal-timeline");
    assert_eq!(timeline.len(), STORY.len(), "{timeline:#?}");
    for (line, says) in [
        (0, "The session was created."),
        (3, "The user allowed Olga Ruiz to see the screen and use mouse and keyboard."),
        (9, "The user ended the session."),
    ] {
        assert!(timeline[line].contains(says), "{says} {timeline:#?}");
    }
    for says in [
        "The agent removed what it had brought",
        "The user's computer signed the end of the record.",
        "The operator's computer signed the end of the record.",
    ] {
        assert!(timeline[10..].iter().any(|line| line.contains(says)), "{says} {timeline:#?}");
    }
    window.click("Close");
    assert!(user.agent().ends().success());
    control.window().click("Close");
    operator.desk().no_window_titled("Beckon Control");
    tell("Both windows are closed.");
}

fn tells(log: &Log) {
    log.tells(&STORY);
}

/// What an auditor makes of a copy, with nothing but the copy: the export is verified by two
/// programs, and the user's receipt is found in it. Both stay in `target/demo/`.
fn proves(tell: &dyn Fn(&str), server: &Server, home: &Desk) {
    let kept = workspace().join("target/demo");
    std::fs::create_dir_all(&kept).expect("target can be written");
    let export = kept.join("log.zip");
    drop(std::fs::remove_file(&export));
    let export = export.display().to_string();
    let (status, said) = server.verb(&["export", &export, "--with-names", "all"]);
    assert!(status.success(), "{said}");
    let key = fingerprint(&said);
    let downloads = home.scratch().path().join("home/Downloads");
    let mut files = std::fs::read_dir(&downloads).expect("the user's downloads");
    let receipt = files.find_map(|file| {
        let path = file.ok()?.path();
        let name = path.file_name()?.to_string_lossy().into_owned();
        name.starts_with("beckon-receipt-").then_some(path)
    });
    let receipt = receipt.unwrap_or_else(|| panic!("no receipt in {}", downloads.display()));
    let kept = kept.join("receipt.txt");
    std::fs::copy(&receipt, &kept).expect("the receipt can be copied");
    let receipt = kept.display().to_string();

    let auditor = Auditor::new();
    let known = ["verify", "--key", key, "--seen", &receipt, &export];
    let unknown = ["verify", &export];
    let ways: [(i32, &[&str]); 2] = [(0, &known), (3, &unknown)];
    for (code, arguments) in ways {
        let said = auditor.audits(arguments);
        assert_eq!(said.code, code, "{}", said.words);
        tell(&format!("beckon-audit: {}", said.words.lines().next().unwrap_or_default()));
        let again = auditor.checks_again(&arguments[1..]);
        assert_eq!(again.code, code, "{}", again.words);
        tell(&format!("the second verifier: {}", again.words.trim()));
    }
    let said = auditor.audits(&["verify-receipt", &receipt, "--key", key]);
    assert_eq!(said.code, 0, "{}", said.words);
    tell(&format!("An auditor can check this again: beckon-audit verify {export} --key {key}"));
}

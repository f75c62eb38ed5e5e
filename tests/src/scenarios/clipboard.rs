//! The clipboard between two desks: only as the user allows and in the directions that the
//! operator chose.

use std::path::Path;

use beckon_events::session::{Copied as Kind, Direction, Event};
use beckon_tests::canvas::pattern;
use beckon_tests::clock::{PATIENCE, within};
use beckon_tests::copied::Copied;
use beckon_tests::desk::Desk;
use beckon_tests::operator::Wish;
use beckon_tests::server::Server;
use beckon_tests::session::stands_aside;
use beckon_tests::shot::Shot;
use beckon_tests::stage::Stage;
use beckon_tests::window::Window;

use super::opening::Opening;

const ASK: &str = "Ask for clipboard";
const OPEN: &str = "Clipboard…";
const SEND: &str = "Send what I copy to the other computer";
const GET: &str = "Get what is copied there";
/// Stands in everything that is copied here, and may stand in no file.
const SECRET: &str = "kolibri-7261";

/// The user is asked for the clipboard, and allows it.
fn is_shared(control: Window<'_>, agent: Window<'_>) {
    control.click(ASK);
    agent.sees("Olga Ruiz also asks to: share the clipboard");
    agent.click("Allow");
    control.pressable(OPEN);
}

fn shared(server: &Server) -> Vec<(Direction, Kind, u64)> {
    let events = server.log().sessions().into_iter().filter_map(|event| match event {
        Event::ClipboardShared { direction, kind, bytes } => Some((direction, kind, bytes)),
        _ => None,
    });
    events.collect()
}

fn records(server: &Server, expected: (Direction, Kind, u64)) {
    let recorded = || shared(server).contains(&expected).then_some(());
    let found = within(PATIENCE, recorded).is_some();
    assert!(found, "{expected:?} is not recorded, only {:?}", shared(server));
}

/// The files below `folder` in which `SECRET` stands.
fn leaks(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => leaks(&path, found),
            Ok(kind) if kind.is_file() => {
                let bytes = std::fs::read(&path).unwrap_or_default();
                let secret = SECRET.as_bytes();
                if bytes.windows(secret.len()).any(|at| at == secret) {
                    found.push(path.display().to_string());
                }
            }
            _ => {}
        }
    }
}

#[test]
fn what_is_copied_goes_in_the_chosen_directions_while_the_user_allows_it() {
    let _stage = Stage::take();
    let server = Server::start();
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let opening = Opening::joined(&server, &office, &home);
    let (control, _process) = opening.helps(Wish::View);
    stands_aside(&opening.user);
    let (agent, window) = (opening.user.window(), control.window());
    let (mut here, mut there) = (Copied::on(&office), Copied::on(&home));

    here.copies(&format!("before {SECRET}"));
    there.copies("the user's own");
    there.keeps("the user's own");
    is_shared(window, agent);
    there.keeps("the user's own");
    assert_eq!(shared(&server), [], "allowed is not shared");

    // To the user only.
    window.click(OPEN);
    window.click(SEND);
    agent.sees("their copies come in");
    server.log().records("ActionStarted");
    let words = format!("Grüße 漢 🙂 {SECRET}");
    here.copies(&words);
    there.pastes(&words);
    records(&server, (Direction::ToUser, Kind::Text, 29));
    window.sees("Text, 22 characters, sent");
    there.copies(&format!("of the user {SECRET}"));
    here.keeps(&words);
    window.shot("control-clipboard");
    agent.shot("agent-clipboard");

    // Both ways.
    window.click(GET);
    agent.sees("goes both ways now");
    let long = format!("{SECRET} {}", "é漢🙂x".repeat(10_240));
    assert!(long.len() > 100_000);
    there.copies(&long);
    here.pastes(&long);
    let size = u64::try_from(long.len()).unwrap();
    records(&server, (Direction::ToOperator, Kind::Text, size));
    here.copies(&long);
    let picture = pattern(300, 200);
    here.copies_picture(&picture);
    there.pastes_picture(&picture);
    let mirrored = Shot::drawn(300, 200, |x, y| picture.colour(299 - x, y));
    there.copies_picture(&mirrored);
    here.pastes_picture(&mirrored);
    let pictures = || {
        let all = shared(&server);
        let is = |way| all.iter().any(|(to, kind, _)| *to == way && *kind == Kind::Picture);
        (is(Direction::ToUser) && is(Direction::ToOperator)).then_some(())
    };
    assert!(within(PATIENCE, pictures).is_some(), "{:?}", shared(&server));
    assert_eq!(shared(&server).len(), 4, "nothing came back: {:?}", shared(&server));

    // What is too large, and what a program marks as a password, stays.
    let large = "a".repeat(1024 * 1024 + 1);
    there.copies(&large);
    agent.sees("What you copied is too large to be shared.");
    there.pastes(&large);
    here.pastes_picture(&mirrored);

    // Taken back.
    agent.click("Stop sharing the clipboard");
    window.sees("The user no longer shares the clipboard.");
    there.copies(&format!("after {SECRET}"));
    here.copies("the operator's own");
    here.keeps("the operator's own");
    there.keeps(&format!("after {SECRET}"));
    assert_eq!(shared(&server).len(), 4);

    opening.user.ends();
    server.log().records("Ended");
    let timeline = opening.operator.timeline(&opening.invitation).join("\n");
    let sentence = "Olga Ruiz sent what was copied to the user: text, 29 bytes.";
    assert!(timeline.contains(sentence), "“{sentence}” is not in\n{timeline}");
    let mut found = Vec::new();
    leaks(server.scratch().path(), &mut found);
    for desk in [&office, &home] {
        leaks(&desk.scratch().folder("log"), &mut found);
    }
    assert_eq!(found, Vec::<String>::new(), "what was copied is in these files");
}

#[test]
fn what_was_copied_in_a_pause_stays_where_it_is() {
    let _stage = Stage::take();
    let server = Server::start();
    let (office, home) = (Desk::open("operator"), Desk::open("user"));
    let opening = Opening::joined(&server, &office, &home);
    let (control, _process) = opening.helps(Wish::View);
    stands_aside(&opening.user);
    let (agent, window) = (opening.user.window(), control.window());
    let (mut here, mut there) = (Copied::on(&office), Copied::on(&home));
    is_shared(window, agent);
    window.click(OPEN);
    window.click(SEND);
    window.click(GET);
    agent.sees("goes both ways now");
    here.copies("one");
    there.pastes("one");
    agent.click("Pause");
    window.sees("The user has paused the session.");
    here.copies("two");
    there.keeps("one");
    there.copies("three");
    here.keeps("two");
    agent.click("Continue");
    window.sees_no_longer("The user has paused the session.");
    agent.sees("goes both ways now");
    here.keeps("two");
    there.copies("four");
    here.pastes("four");
    // Twenty copies are twenty transfers.
    let before = shared(&server).len();
    for n in 0..20 {
        let (from, to) = if n % 2 == 0 { (&mut here, &mut there) } else { (&mut there, &mut here) };
        let text = format!("copy {n:04}");
        from.copies(&text);
        to.pastes(&text);
    }
    let carried = || {
        let bytes: u64 = shared(&server)[before..].iter().map(|(_, _, bytes)| bytes).sum();
        (bytes == 20 * 9).then_some(())
    };
    assert!(within(PATIENCE, carried).is_some(), "{:?}", &shared(&server)[before..]);
    there.keeps("copy 0019");
    assert!(carried().is_some(), "something came back: {:?}", &shared(&server)[before..]);
}

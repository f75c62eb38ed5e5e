use super::*;
use crate::capture::CaptureError;
use crate::capture::synthetic::Synthetic;
use beckon_peer::screen::Decoder;
use beckon_peer::{AgentMessage, LostWhy, Monitor, ScreenState};
use std::sync::mpsc::Receiver;
use std::time::Duration;

struct Shown {
    sharing: Sharing,
    updates: mpsc::Receiver<(u64, Vec<u8>)>,
    told: mpsc::Receiver<Vec<u8>>,
    failed: Receiver<String>,
    decoder: Decoder,
}

fn shown(screen: &Synthetic) -> Shown {
    shows(screen.open())
}

fn shows(open: Open) -> Shown {
    let (updates, received) = mpsc::channel(8);
    let (tell, told) = mpsc::channel(64);
    let (fail, failed) = channel();
    let fail = Box::new(move |why| drop(fail.send(why)));
    let outlet = Outlet { updates, tell, fail };
    let sharing = Sharing::new(open, outlet, Monitors::default(), watch::channel(0).0).unwrap();
    Shown { sharing, updates: received, told, failed, decoder: Decoder::new() }
}

impl Shown {
    /// The grey of the next picture.
    fn next(&mut self) -> u8 {
        let (_, update) = self.updates.blocking_recv().unwrap();
        let update = self.decoder.decode(&update).unwrap();
        self.sharing.acknowledged(update.number).unwrap();
        self.decoder.picture().unwrap().row(0).unwrap()[0]
    }

    /// Waits until the picture is of this grey.
    #[cfg(target_os = "linux")]
    fn becomes(&mut self, grey: u8) {
        let (mut last, until) = (None, clock::uptime() + Duration::from_secs(10));
        while last != Some(grey) {
            assert!(clock::uptime() < until, "it is {last:?} and not {grey}");
            if self.updates.is_empty() {
                std::thread::sleep(Duration::from_millis(5));
            } else {
                last = Some(self.next());
            }
        }
    }

    fn is_quiet(&mut self) -> bool {
        std::thread::sleep(Duration::from_millis(300));
        self.updates.try_recv().is_err()
    }

    /// The next message that says something about the screen's state.
    fn next_state(&mut self) -> ScreenState {
        let until = clock::uptime() + Duration::from_secs(10);
        while clock::uptime() < until {
            self.sharing.watch();
            while let Ok(message) = self.told.try_recv() {
                if let AgentMessage::Screen(state) = AgentMessage::from_bytes(&message).unwrap() {
                    return state;
                }
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("nothing was told");
    }

    fn told(&mut self) -> AgentMessage {
        AgentMessage::from_bytes(&self.told.blocking_recv().unwrap()).unwrap()
    }
}

#[test]
fn nothing_is_captured_before_the_start_and_after_the_stop() {
    let screen = Synthetic::new();
    let mut shown = shown(&screen);
    assert!(shown.is_quiet(), "it was not started");
    assert_eq!((screen.opened(), screen.looks()), (0, 0));
    shown.sharing.start();
    assert_eq!(shown.next(), 12, "the main monitor is shown first");
    shown.sharing.stop();
    let looks = screen.looks();
    screen.show(50);
    assert!(shown.is_quiet(), "it was stopped");
    assert_eq!(screen.looks(), looks);
    shown.sharing.start();
    assert_eq!(shown.next(), 52, "a full picture again");
    assert_eq!(screen.opened(), 2, "while it was stopped there was no connection");
}

#[test]
fn changes_are_shown_and_another_monitor_too() {
    let screen = Synthetic::new();
    let mut shown = shown(&screen);
    shown.sharing.start();
    assert_eq!(shown.next(), 12);
    screen.show(20);
    assert_eq!(shown.next(), 22);
    shown.sharing.show(1);
    assert_eq!(shown.next(), 21);
    let all = |one: &Monitor| one.name.starts_with('M');
    assert!(matches!(shown.told(), AgentMessage::Monitors(list) if list.iter().all(all)));
    assert!(matches!(shown.told(), AgentMessage::Pointer(shape) if shape.name == "arrow"));
    let place = beckon_peer::Point { monitor: 1, x: 3, y: 2 };
    assert_eq!(shown.told(), AgentMessage::Cursor(Some(place)));
}

#[test]
fn a_control_that_never_acknowledges_gets_three_updates_and_nothing_is_captured_for_more() {
    let screen = Synthetic::new();
    let mut shown = shown(&screen);
    shown.sharing.start();
    for grey in 0..3 {
        screen.show(100 + grey);
        drop(shown.updates.blocking_recv().unwrap());
    }
    let looks = screen.looks();
    for grey in 0..50 {
        screen.show(150 + grey);
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(shown.is_quiet());
    assert_eq!(screen.looks(), looks, "no work at all");
    let standing = shown.sharing.standing();
    assert_eq!((standing.newest, standing.is_behind), (3, true));
    shown.sharing.acknowledged(3).unwrap();
    assert!(shown.updates.blocking_recv().is_some());
    assert!(shown.sharing.acknowledged(9).is_err(), "that was never sent");
}

#[test]
fn acknowledgements_of_nothing_are_refused_however_many_come() {
    let screen = Synthetic::new();
    let mut shown = shown(&screen);
    shown.sharing.start();
    assert_eq!(shown.next(), 12);
    let looks = screen.looks();
    for _ in 0..10_000 {
        assert!(shown.sharing.acknowledged(1).is_err(), "it was acknowledged before");
    }
    assert!(shown.is_quiet());
    assert_eq!(screen.looks(), looks);
}

#[test]
fn a_quiet_screen_is_not_looked_at_and_nothing_waits() {
    let screen = Synthetic::new();
    let mut shown = shown(&screen);
    shown.sharing.start();
    assert_eq!(shown.next(), 12);
    assert!(shown.is_quiet());
    let looks = screen.looks();
    assert!(shown.is_quiet());
    assert_eq!(screen.looks(), looks);
    assert_eq!(shown.sharing.standing(), Standing { newest: 1, is_behind: false });
}

#[test]
fn a_window_system_that_does_not_answer_is_told_within_a_second_and_its_return_too() {
    let screen = Synthetic::new();
    let mut shown = shown(&screen);
    shown.sharing.start();
    assert_eq!(shown.next(), 12);
    let began = clock::uptime();
    screen.hang(true);
    assert_eq!(shown.next_state(), ScreenState::Lost(LostWhy::NotAnswering));
    assert!(clock::uptime().saturating_sub(began) <= Duration::from_secs(1));
    assert!(shown.sharing.standing().is_behind);
    screen.show(90);
    screen.hang(false);
    assert_eq!(shown.next_state(), ScreenState::Shown);
    assert_eq!(shown.next(), 92);
    assert_eq!(screen.opened(), 1, "the connection was still good");
}

#[test]
fn a_connection_that_is_gone_is_made_anew_and_a_missing_monitor_is_awaited() {
    let screen = Synthetic::new();
    let mut shown = shown(&screen);
    shown.sharing.start();
    assert_eq!(shown.next(), 12);
    for (error, why) in [
        (CaptureError::System("gone".into()), LostWhy::Failed),
        (CaptureError::NoMonitor, LostWhy::NoMonitor),
    ] {
        screen.fail(Some(error));
        assert_eq!(shown.next_state(), ScreenState::Lost(why));
        screen.fail(None);
        assert_eq!(shown.next_state(), ScreenState::Shown);
        assert_eq!(shown.next(), 12, "a full picture");
    }
    assert!(screen.opened() >= 2);
    assert!(shown.failed.try_recv().is_err(), "that is no reason to give up");
}

#[test]
fn a_question_of_the_system_is_told_at_once_and_the_picture_goes_on_by_itself() {
    let screen = Synthetic::new();
    let mut shown = shown(&screen);
    shown.sharing.start();
    assert_eq!(shown.next(), 12);
    let began = clock::uptime();
    screen.fail(Some(CaptureError::SecurityPrompt));
    assert_eq!(shown.next_state(), ScreenState::Lost(LostWhy::SecurityPrompt));
    assert!(clock::uptime().saturating_sub(began) <= Duration::from_millis(400));
    screen.fail(Some(CaptureError::Locked));
    assert_eq!(shown.next_state(), ScreenState::Lost(LostWhy::Locked));
    let began = clock::uptime();
    screen.fail(None);
    assert_eq!(shown.next_state(), ScreenState::Shown);
    assert_eq!(shown.next(), 12, "a full picture");
    assert!(clock::uptime().saturating_sub(began) <= Duration::from_millis(600));
    assert!(shown.failed.try_recv().is_err());
    assert_eq!(screen.opened(), 1);
}

#[test]
fn a_new_turn_begins_at_once_also_when_the_last_one_was_never_acknowledged() {
    let screen = Synthetic::new();
    let mut shown = shown(&screen);
    shown.sharing.start();
    for grey in 0..3 {
        screen.show(100 + grey);
        assert_eq!(shown.updates.blocking_recv().unwrap().0, 1);
    }
    shown.sharing.stop();
    shown.sharing.start();
    let (turn, update) = shown.updates.blocking_recv().unwrap();
    assert_eq!(turn, 3, "the turn in which it was captured");
    let number = shown.decoder.decode(&update).unwrap().number;
    assert!(shown.is_quiet(), "one, until Control has it");
    shown.sharing.acknowledged(1).unwrap();
    shown.sharing.acknowledged(number).unwrap();
}

#[test]
fn a_thread_that_fails_is_told_to_both_and_its_picture_is_never_called_new() {
    let fails = || -> Result<Box<dyn crate::capture::Capture>, CaptureError> { panic!("a test") };
    let mut shown = shows(Box::new(fails));
    shown.sharing.start();
    assert_eq!(shown.next_state(), ScreenState::Lost(LostWhy::Failed));
    let within = Duration::from_secs(10);
    assert!(!shown.failed.recv_timeout(within).unwrap().is_empty());
    assert!(shown.sharing.standing().is_behind);
    shown.sharing.start();
    assert!(!shown.failed.recv_timeout(within).unwrap().is_empty(), "it does not come back");
    assert!(shown.sharing.standing().is_behind);
}

#[test]
fn a_pause_while_the_window_system_hangs_lets_nothing_out() {
    let screen = Synthetic::new();
    let mut shown = shown(&screen);
    shown.sharing.start();
    assert_eq!(shown.next(), 12);
    screen.hang(true);
    screen.show(90);
    std::thread::sleep(Duration::from_millis(100));
    shown.sharing.stop();
    let standing = shown.sharing.standing();
    screen.hang(false);
    assert!(shown.is_quiet(), "what was being captured stays here");
    assert!(!standing.is_behind, "nothing is owed");
    shown.sharing.start();
    assert_eq!(shown.next(), 92);
}

#[test]
fn full_pictures_keep_to_the_rhythm_however_often_they_are_asked_for() {
    let screen = Synthetic::new();
    let mut shown = shown(&screen);
    shown.sharing.start();
    assert_eq!(shown.next(), 12);
    let began = clock::uptime();
    for _ in 0..20 {
        shown.sharing.full_picture();
        assert_eq!(shown.next(), 12);
    }
    let took = clock::uptime().saturating_sub(began);
    assert!(took >= Duration::from_millis(19 * 8), "{took:?}");
}

#[test]
fn a_monitor_that_never_stays_as_it_is_is_lost_however_much_happens() {
    let screen = Synthetic::new();
    let mut shown = shown(&screen);
    shown.sharing.start();
    assert_eq!(shown.next(), 12);
    screen.change_for_ever(true);
    let busy = screen.clone();
    let events = std::thread::spawn(move || {
        for grey in (0..250).cycle().take(1_000) {
            busy.show(grey);
            std::thread::sleep(Duration::from_millis(1));
        }
    });
    let began = clock::uptime();
    assert_eq!(shown.next_state(), ScreenState::Lost(LostWhy::Failed));
    assert!(clock::uptime().saturating_sub(began) < Duration::from_millis(900));
    events.join().unwrap();
}

#[test]
fn monitors_that_did_not_fit_are_told_later() {
    let screen = Synthetic::new();
    let (updates, mut received) = mpsc::channel(8);
    let (tell, mut told) = mpsc::channel(1);
    tell.try_send(Vec::new()).unwrap();
    let outlet = Outlet { updates, tell, fail: Box::new(|_| {}) };
    let turns = watch::channel(0).0;
    let sharing = Sharing::new(screen.open(), outlet, Monitors::default(), turns).unwrap();
    sharing.start();
    assert!(received.blocking_recv().is_some());
    let mut kinds = Vec::new();
    assert!(told.blocking_recv().unwrap().is_empty());
    let until = clock::uptime() + Duration::from_secs(10);
    while kinds.len() < 3 {
        assert!(clock::uptime() < until, "{kinds:?}");
        let Ok(message) = told.try_recv() else {
            std::thread::sleep(Duration::from_millis(5));
            continue;
        };
        kinds.push(match AgentMessage::from_bytes(&message).unwrap() {
            AgentMessage::Monitors(_) => "monitors",
            AgentMessage::Pointer(_) => "shape",
            AgentMessage::Cursor(_) => "place",
            _ => continue,
        });
    }
    kinds.sort_unstable();
    assert_eq!(kinds, ["monitors", "place", "shape"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_real_x_server_that_stops_or_dies_is_told_within_a_second_and_shown_again() {
    use crate::capture::x11::X11Capture;
    use crate::capture::x11::server::Server;
    use rustix::process::Signal;

    let server = Server::start("64x64x24", &[]);
    let painter = server.painter();
    painter.fill(0x0001_0101 * 7, (0, 0), (64, 64));
    let display = server.display.clone();
    let mut shown = shows(Box::new(move || Ok(Box::new(X11Capture::connect(Some(&display))?))));
    shown.sharing.start();
    shown.becomes(7);
    assert!(shown.is_quiet(), "nothing changes");

    server.signal(Signal::STOP);
    let began = clock::uptime();
    assert_eq!(shown.next_state(), ScreenState::Lost(LostWhy::NotAnswering));
    let took = clock::uptime().saturating_sub(began);
    server.signal(Signal::CONT);
    assert!(took <= Duration::from_secs(1), "{took:?}");
    assert_eq!(shown.next_state(), ScreenState::Shown);
    painter.fill(0x0001_0101 * 9, (0, 0), (64, 64));
    shown.becomes(9);

    let display = server.display.clone();
    drop(server);
    let began = clock::uptime();
    assert_eq!(shown.next_state(), ScreenState::Lost(LostWhy::Failed));
    assert!(clock::uptime().saturating_sub(began) <= Duration::from_secs(1));
    let again = Server::start_as(&display, "64x64x24");
    let painter = again.painter();
    painter.fill(0x0001_0101 * 11, (0, 0), (64, 64));
    assert_eq!(shown.next_state(), ScreenState::Shown);
    shown.becomes(11);
    assert!(shown.failed.try_recv().is_err());
}

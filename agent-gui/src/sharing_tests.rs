use super::*;
use crate::capture::synthetic::Synthetic;
use beckon_peer::screen::Decoder;

struct Shown {
    sharing: Sharing,
    updates: mpsc::Receiver<(u64, Vec<u8>)>,
    told: mpsc::Receiver<Vec<u8>>,
    failed: Receiver<String>,
    decoder: Decoder,
}

fn shown(screen: &Synthetic) -> Shown {
    let (updates, received) = mpsc::channel(1);
    let (tell, told) = mpsc::channel(64);
    let (fail, failed) = channel();
    let fail = Box::new(move |why| drop(fail.send(why)));
    let outlet = Outlet { updates, tell, fail };
    let screen = screen.clone();
    let sharing =
        Sharing::new(move || screen, outlet, Monitors::default(), watch::channel(0).0).unwrap();
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

    fn is_quiet(&mut self) -> bool {
        std::thread::sleep(Duration::from_millis(300));
        self.updates.try_recv().is_err()
    }
}

#[test]
fn nothing_is_captured_before_the_start_and_after_the_stop() {
    let screen = Synthetic::new();
    let mut shown = shown(&screen);
    assert!(shown.is_quiet(), "it was not started");
    shown.sharing.start();
    assert_eq!(shown.next(), 12, "the main monitor is shown first");
    shown.sharing.stop();
    *screen.grey.lock().unwrap() = 50;
    assert!(shown.is_quiet(), "it was stopped");
    shown.sharing.start();
    assert_eq!(shown.next(), 52, "a full picture again");
}

#[test]
fn changes_are_shown_and_another_monitor_too() {
    let screen = Synthetic::new();
    let mut shown = shown(&screen);
    shown.sharing.start();
    assert_eq!(shown.next(), 12);
    *screen.grey.lock().unwrap() = 20;
    assert_eq!(shown.next(), 22);
    shown.sharing.show(1);
    assert_eq!(shown.next(), 21);
    let first = AgentMessage::from_bytes(&shown.told.blocking_recv().unwrap()).unwrap();
    assert!(matches!(first, AgentMessage::Monitors(all) if all.len() == 2));
    let second = AgentMessage::from_bytes(&shown.told.blocking_recv().unwrap()).unwrap();
    assert_eq!(second, AgentMessage::Cursor(Some(beckon_peer::Point { monitor: 1, x: 3, y: 2 })));
}

#[test]
fn without_acknowledgements_three_updates_are_sent_and_no_more() {
    let screen = Synthetic::new();
    let mut shown = shown(&screen);
    shown.sharing.start();
    for grey in 0..3 {
        *screen.grey.lock().unwrap() = 100 + grey;
        drop(shown.updates.blocking_recv().unwrap());
    }
    *screen.grey.lock().unwrap() = 200;
    assert!(shown.is_quiet());
    shown.sharing.acknowledged(3).unwrap();
    assert!(shown.updates.blocking_recv().is_some());
    assert!(shown.sharing.acknowledged(9).is_err(), "that was never sent");
}

#[test]
fn a_screen_that_cannot_be_captured_is_told() {
    let screen = Synthetic::new();
    *screen.fails.lock().unwrap() = true;
    let shown = shown(&screen);
    shown.sharing.start();
    let why = shown.failed.recv_timeout(Duration::from_secs(5)).unwrap();
    assert_eq!(why, "no monitor was found");
}

#[test]
fn a_new_turn_begins_at_once_also_when_the_last_one_was_never_acknowledged() {
    let screen = Synthetic::new();
    let mut shown = shown(&screen);
    shown.sharing.start();
    for grey in 0..3 {
        *screen.grey.lock().unwrap() = 100 + grey;
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

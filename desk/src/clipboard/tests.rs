//! The door of the clipboard, and what is said about what goes through it.

use beckon_peer::Clip;

use super::*;

const BOTH: Shares = Shares { sends: true, takes: true };

#[test]
fn what_was_allowed_is_not_allowed_after_any_change() {
    let door = Door::default();
    door.set(BOTH);
    let pass = door.pass();
    assert_eq!(door.through(pass, || 7), Some(7));
    door.set(BOTH);
    assert!(door.admits(pass), "nothing has changed");
    door.set(Shares::NOTHING);
    assert_eq!(door.through(pass, || 7), None);
    door.set(BOTH);
    assert_eq!(door.through(pass, || 7), None, "what is allowed again is not what was");
    assert_eq!(door.through(door.pass(), || 7), Some(7));
}

#[test]
fn what_comes_while_it_is_not_shared_is_not_even_kept() {
    let door = Door::default();
    let clip = |text: &str| Clip::text(text.to_owned()).unwrap();
    door.leave(clip("a"));
    assert!(door.take().is_none());
    door.set(Shares { sends: true, takes: false });
    door.leave(clip("a"));
    assert!(door.take().is_none(), "it is shared in the other direction only");
    door.set(BOTH);
    door.leave(clip("a"));
    door.leave(clip("b"));
    assert_eq!(door.take(), Some((clip("b"), door.pass())), "the last one counts");
    assert_eq!(door.take(), None);
    door.leave(clip("c"));
    door.set(Shares::NOTHING);
    assert_eq!(door.take(), None, "what waits is let go");
}

#[test]
fn what_something_is_says_nothing_of_what_is_in_it() {
    let text = Clip::text("Grüße 漢 🙂".to_owned()).unwrap();
    let sort = Sort::of(&text);
    assert_eq!(sort, Sort::Text { bytes: 16, characters: 9 });
    assert_eq!(sort.bytes(), 16);
    let shown = format!("{:?}", ClipboardEvent::Copied(text));
    assert!(!shown.contains("Gr"), "{shown}");
}

//! What people read of a fabricated session.

mod told;

use std::path::PathBuf;

use tempfile::TempDir;

use super::*;
use crate::export::NamesIn;
use crate::fabricate::{Bundle, Made, Recipe};
use crate::reading::AsOf;
use crate::{comparison, receipt, replay, sessions};

struct Written {
    folder: TempDir,
    bundle: Bundle,
    made: Made,
}

fn written(recipe: &Recipe) -> Written {
    let (bundle, made) = Bundle::fabricate(recipe);
    let folder = TempDir::new().unwrap();
    bundle.write(&folder.path().join("log")).unwrap();
    Written { folder, bundle, made }
}

impl Written {
    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    fn session(&self, number: u32) -> SessionId {
        self.made.seed.session(number)
    }
}

#[test]
fn sessions_are_listed_and_found_by_everything_that_is_shown() {
    let log = written(&Recipe::default());
    let list = |search: &str| sessions::list(&log.log(), Some(search)).unwrap();
    assert_eq!(sessions::list(&log.log(), None).unwrap().lines().count(), 12);
    let id = log.session(3).to_string();
    assert_eq!(list(&id).lines().count(), 1);
    assert!(list("DESK-5").contains("desk-5") || list("desk-5").contains("DESK-5"));
    assert_eq!(list("EXPIRED").lines().count(), 2);
    assert_eq!(list("ana silva 1").lines().count(), 6);
    assert_eq!(list("floor 7").lines().count(), 1);
    assert!(list("called twice").lines().count() > 1);
    assert_eq!(list("2026-11-22").lines().count(), 12);
    assert_eq!(list("nobody"), crate::text::told::NO_SESSIONS);
    assert!(list(&log.session(0).to_string()).contains("erased or not exported"), "it was erased");
    let none = written(&Recipe { names: NamesIn::None, ..Recipe::default() });
    let found = sessions::list(&none.log(), Some("ana silva")).unwrap();
    assert_eq!(found, crate::text::told::NO_SESSIONS);
    let shut = sessions::list(&none.log(), Some("erased or not exported")).unwrap();
    assert_eq!(shut.lines().count(), 12);
}

#[test]
fn a_session_is_told_in_sentences_as_of_any_moment_and_as_stored() {
    let log = written(&Recipe::default());
    let (path, id) = (log.log(), log.session(3));
    let all = replay::sentences(&path, id, None).unwrap();
    assert!(all.contains("The user ended the session."), "{all}");
    assert!(all.contains("no longer allows Ana Silva 1"), "{all}");
    let (line, _) = all.split_once("The user allowed").unwrap();
    let line = line.lines().last().unwrap();
    let (time, rest) = line.split_once("  #").unwrap();
    let index: u64 = rest.trim().parse().unwrap();
    let by_place = replay::sentences(&path, id, Some(AsOf::Position(index))).unwrap();
    let by_time = replay::sentences(&path, id, Some(time.parse().unwrap())).unwrap();
    assert_eq!(by_place, by_time);
    assert!(by_place.contains("The user allowed") && !by_place.contains("connected"), "{by_place}");
    let events = replay::events(&path, id, None).unwrap();
    assert_eq!(events.lines().count(), 2 * (all.lines().count() - 1));
    assert!(events.contains("\"type\":\"GrantWithdrawn\""), "{events}");
    let missing = replay::sentences(&path, SessionId(uuid::Uuid::nil()), None).unwrap_err();
    assert!(missing.to_string().contains("beckon-audit sessions"), "{missing}");
    let early = replay::sentences(&path, id, Some(AsOf::Position(1))).unwrap_err();
    assert!(early.to_string().contains("leave out --as-of"), "{early}");
    assert_eq!("2026-11-22".parse(), "2026-11-22T23:59:59.999999Z".parse::<AsOf>());
    assert!("yesterday".parse::<AsOf>().is_err());
}

#[test]
fn a_report_says_whether_it_was_verified_and_what_was_used_for_how_long() {
    let log = written(&Recipe::default());
    let report = of(&log.log(), log.session(3), &Options::default()).unwrap();
    assert_eq!(report.exit_code(), 3);
    let work = report.told.as_ref().unwrap();
    assert_eq!(work.company.as_deref(), Some("Acme <Helps> & Co"));
    assert_eq!(work.operators, ["Ana Silva 1"]);
    assert_eq!(work.signed, [Endpoint::Agent, Endpoint::Control]);
    assert!(work.used.iter().all(|used| used.seconds.is_some()), "{work:?}");
    assert!(work.used.iter().any(|used| used.action == Action::Control));
    let removal = work.removal.as_ref().unwrap();
    assert_eq!((removal.removed.len(), removal.left.len()), (2, 1));
    let text = Format::Text.of(&report).unwrap();
    assert!(text.contains("CONSISTENT IN ITSELF"), "{text}");
    assert!(text.contains("no longer allows") && text.contains("in all, see the screen"), "{text}");
    let json: serde_json::Value = serde_json::from_str(&Format::Json.of(&report).unwrap()).unwrap();
    assert_eq!(json["told"]["signed"][0], "agent");
    let html = Format::Html.of(&report).unwrap();
    assert!(html.contains("Acme &lt;Helps&gt; &amp; Co") && !html.contains("<Helps>"), "{html}");
    assert!(!html.contains("<script") && !html.contains("src=") && !html.contains("href="));
}

#[test]
fn nothing_is_reported_from_an_export_that_is_wrong() {
    let log = written(&Recipe::default());
    std::fs::write(log.log().join("keys.json"), "{}").unwrap();
    let report = of(&log.log(), log.session(0), &Options::default()).unwrap();
    assert_eq!((report.exit_code(), &report.told), (1, &None));
    assert!(Format::Text.of(&report).unwrap().contains("WRONG V0, keys.json"));
    assert!(Format::Html.of(&report).unwrap().contains("There is no report"));
}

#[test]
fn a_newer_export_goes_on_or_the_first_difference_is_named() {
    use comparison::Difference;
    let log = written(&Recipe::default());
    let size = log.bundle.lines.len();
    let cut = |at: usize| {
        let mut older = log.bundle.clone();
        older.lines.truncate(at);
        older.retile();
        let path = log.folder.path().join(format!("older{at}"));
        older.write(&path).unwrap();
        path
    };
    let older = cut(size - 1);
    let same = comparison::of(&older, &log.log()).unwrap();
    assert_eq!((same.difference, same.exit_code(), same.shared), (None, 0, size as u64 - 1));
    assert_eq!(same.root, log.bundle.root(size as u64 - 1));
    assert_eq!((same.added.get("SubjectErased"), same.erased.len()), (Some(&1), 1));
    let before_restore = comparison::of(&cut(100), &log.log()).unwrap();
    let [(1, restored)] = before_restore.eras[..] else { panic!("{before_restore}") };
    let turned = comparison::of(&log.log(), &older).unwrap();
    assert_eq!(turned.difference, Some(Difference::Shorter(size as u64 - 1)));
    let mut other = log.bundle.clone();
    other.lines[7].data = Some(b"{}".to_vec());
    let path = log.folder.path().join("other");
    other.write(&path).unwrap();
    let differs = comparison::of(&log.log(), &path).unwrap();
    assert_eq!((differs.difference, differs.exit_code()), (Some(Difference::Event(7)), 1));
    let mut lost = log.bundle.clone();
    lost.lines.insert(usize::try_from(restored).unwrap(), lost.lines[5].clone());
    lost.retile();
    let path = log.folder.path().join("lost");
    lost.write(&path).unwrap();
    let parted = comparison::of(&path, &log.log()).unwrap();
    assert_eq!(parted.difference, Some(Difference::Restored(restored)));
    assert!(parted.to_string().starts_with("RESTORED"), "{parted}");
    let foreign = written(&Recipe { seed: 9, ..Recipe::default() });
    let refused = comparison::of(&log.log(), &foreign.log()).unwrap_err();
    assert!(refused.to_string().contains("two different logs"), "{refused}");
}

#[test]
fn a_receipt_is_checked_by_itself() {
    let log = written(&Recipe::default());
    let text = crate::verify::tests::seen::receipt(&log.bundle, &log.made);
    let path = log.folder.path().join("receipt.txt");
    std::fs::write(&path, &text).unwrap();
    let key = |era| {
        let public = crate::fabricate::public(&log.made.seed.log_pair(era));
        Some(beckon_protocol::evidence::Fingerprint::of(&public))
    };
    let with = |key| receipt::check(&path, key).unwrap();
    let found = with(key(0));
    assert_eq!(found.exit_code, 0, "{}", found.text);
    assert!(found.text.starts_with("VERIFIED") && found.text.contains("Acme"), "{}", found.text);
    assert_eq!(with(None).exit_code, 3);
    let other = with(key(1));
    assert_eq!(other.exit_code, 1);
    assert!(other.text.contains("another log key"), "{}", other.text);
    std::fs::write(&path, text.replace("Acme", "Acne")).unwrap();
    assert_eq!(with(key(0)).exit_code, 1);
    for not_one in ["", "hello", &text[..text.len() / 2]] {
        std::fs::write(&path, not_one).unwrap();
        assert!(receipt::check(&path, None).is_err());
    }
    assert!(receipt::check(log.folder.path(), None).is_err());
}

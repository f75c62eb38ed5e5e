//! What is found, against what a look at every row would find.

use beckon_events::envelope::ActorKind;
use beckon_events::operator;
use beckon_projections::{AuditRow, SessionState};

use super::*;

/// 60 sessions of two operators, every third without an end, some with a name.
fn log() -> Arc<Log> {
    let log = Log::new();
    let invited = |operator, name: &str| operator::Event::Invited {
        operator,
        account: AccountId(Uuid::from_u128(4)),
        name: name.into(),
        role: operator::Role::Operator,
    };
    log.add(ANA.0, 0, Actor::SYSTEM, invited(ANA, "Ana Silva"));
    log.add(BEN.0, 1, Actor::SYSTEM, invited(BEN, "Ben Ode"));
    for n in 0..60_u128 {
        let at = 100 * (i64::try_from(n).unwrap() + 1);
        let operator = if n % 2 == 0 { ANA } else { BEN };
        let name = [None, Some("Drucker Müller"), Some("Router im Büro")][(n % 3) as usize];
        if n % 3 == 0 {
            log.session(n, at, created(n, operator, name));
            log.session(n, at + 1, joined(n));
        } else {
            log.life(n, at, operator, name);
        }
    }
    log
}

fn pages(views: &Views, query: &HistoryQuery) -> Vec<SessionId> {
    let (mut query, mut found) = (query.clone(), Vec::new());
    loop {
        let page = views.look_now(|tables| tables.history(&query)).unwrap();
        assert!(page.rows.len() <= query.limit);
        found.extend(page.rows.iter().map(|row| row.id));
        query.after = page.next;
        if page.next.is_none() {
            return found;
        }
    }
}

fn audit_pages(views: &Views, query: &AuditQuery) -> Vec<u64> {
    let (mut query, mut found) = (query.clone(), Vec::new());
    loop {
        let page = views.look_now(|tables| tables.audit(&query)).unwrap();
        found.extend(page.rows.iter().map(|row| row.position));
        query.after = page.next;
        if page.next.is_none() {
            return found;
        }
    }
}

/// Whether the session with this number is found by `text`.
fn has(text: &str, id: SessionId) -> bool {
    let n = id.0.as_u128() - 0x1000;
    match text {
        "" | "desk ida" => true,
        "mull" => n % 3 == 1,
        "rout bur" => n % 3 == 2,
        "desk-17" => n == 17,
        _ => false,
    }
}

#[test]
fn the_history_is_narrowed_by_everything_at_once_and_paged_without_a_gap() {
    let (log, folder) = (log(), tempfile::tempdir().unwrap());
    let views = log.views(folder.path());
    let at = Timestamp::from_micros;
    let mut rows: Vec<SessionRow> =
        SessionHistory::as_of(&log.events(), u64::MAX).into_values().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.position));
    let times = [(None, None), (Some(at(1_000)), Some(at(3_100))), (Some(at(6_001)), None)];
    for operator in [None, Some(ANA), Some(BEN)] {
        for state in [None, Some(SessionState::Available), Some(SessionState::Ended)] {
            for text in ["", "mull", "desk ida", "rout bur", "desk-17", "nobody", "- -"] {
                for (from, to) in times {
                    let text = text.to_owned();
                    let query =
                        HistoryQuery { operator, text, from, to, state, after: None, limit: 7 };
                    let is = |row: &&SessionRow| {
                        operator.is_none_or(|it| it == row.operator)
                            && state.is_none_or(|it| it == row.state)
                            && from.is_none_or(|it| row.created >= it)
                            && to.is_none_or(|it| row.created <= it)
                            && has(&query.text, row.id)
                    };
                    let wanted: Vec<_> = rows.iter().filter(is).map(|row| row.id).collect();
                    assert_eq!(pages(&views, &query), wanted, "{query:?}");
                }
            }
        }
    }
}

#[test]
fn the_audit_log_is_narrowed_by_everything_at_once_and_paged_without_a_gap() {
    let (log, folder) = (log(), tempfile::tempdir().unwrap());
    let views = log.views(folder.path());
    let at = Timestamp::from_micros;
    let mut rows: Vec<AuditRow> = AuditLog::as_of(&log.events(), u64::MAX).into_values().collect();
    rows.reverse();
    let kinds = [vec![], vec!["Joined"], vec!["Ended", "Invited", "Created"]];
    let by_ana = Actor::operator(ANA);
    let actors = [vec![], vec![by_ana], vec![Actor { kind: ActorKind::Operator, id: None }]];
    // What is typed, and the operators whose name is meant by it.
    let texts =
        [("", vec![]), ("mull", vec![]), ("ben", vec![BEN]), ("192.0.2", vec![]), ("x", vec![])];
    let mut some = 0;
    for session in [None, Some(session(4))] {
        for operator in [None, Some(BEN)] {
            for kinds in &kinds {
                for actors in &actors {
                    for (text, named) in &texts {
                        for from in [None, Some(at(2_001))] {
                            let query = AuditQuery {
                                from,
                                to: from.map(|_| at(5_003)),
                                kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
                                actors: actors.clone(),
                                session,
                                operator,
                                text: (*text).to_owned(),
                                named: named.clone(),
                                after: None,
                                limit: 9,
                            };
                            let is = |row: &&AuditRow| {
                                let found = match *text {
                                    "" => true,
                                    "192.0.2" => row.kind == "Joined",
                                    text => {
                                        row.words.to_lowercase().contains(text)
                                            || row.session.is_some_and(|it| has(text, it))
                                            || row.operator.is_some_and(|it| named.contains(&it))
                                    }
                                };
                                let by = |it: &Actor| {
                                    it.kind == row.actor.kind
                                        && it.id.is_none_or(|id| row.actor.id == Some(id))
                                };
                                found
                                    && from.is_none_or(|it| row.at >= it && row.at <= at(5_003))
                                    && (kinds.is_empty() || kinds.contains(&row.kind))
                                    && (actors.is_empty() || actors.iter().any(by))
                                    && session.is_none_or(|it| row.session == Some(it))
                                    && operator.is_none_or(|it| row.operator == Some(it))
                            };
                            let wanted: Vec<_> =
                                rows.iter().filter(is).map(|row| row.position).collect();
                            some += usize::from(!wanted.is_empty());
                            assert_eq!(audit_pages(&views, &query), wanted, "{query:?}");
                        }
                    }
                }
            }
        }
    }
    assert!(some >= 50, "most of them would have found nothing: {some}");
}

#[test]
fn a_word_that_very_many_sessions_have_finds_their_events_as_one_that_few_have() {
    let (log, folder) = (Log::new(), tempfile::tempdir().unwrap());
    for n in 0..400 {
        log.life(
            n,
            i64::try_from(n).unwrap(),
            ANA,
            Some(if n % 8 == 0 { "rare" } else { "usual" }),
        );
    }
    let views = log.views(folder.path());
    for (text, sessions) in [("rare", 50), ("usual", 350)] {
        let text = text.to_owned();
        let query = AuditQuery { text, limit: 100, ..AuditQuery::default() };
        assert_eq!(audit_pages(&views, &query).len(), 4 * sessions);
    }
}

#[test]
fn ended_sessions_are_counted_and_paged_and_the_last_to_end_comes_first() {
    let (log, folder) = (Log::new(), tempfile::tempdir().unwrap());
    for n in 0..120 {
        log.life(n, 100 * i64::try_from(n).unwrap(), if n < 110 { ANA } else { BEN }, None);
    }
    log.session(500, 50_000, created(500, ANA, None));
    let views = log.views(folder.path());
    let ended = |operator, since, page| {
        let since = Timestamp::from_micros(since);
        views.look_now(|tables| tables.ended(operator, since, page)).unwrap()
    };
    let ids = |page: &EndedPage| page.rows.iter().map(|row| row.id).collect::<Vec<_>>();
    let first = ended(None, 0, 0);
    assert_eq!((first.total, first.pages(), first.rows.len()), (120, 3, 50));
    assert_eq!(ids(&first)[..2], [session(119), session(118)]);
    assert_eq!(ids(&ended(None, 0, 2)).last(), Some(&session(0)));
    assert_eq!(ids(&ended(None, 0, 3)), []);
    assert_eq!(ended(Some(BEN), 0, 0).total, 10);
    // Session 118 ended at 11,803.
    assert_eq!(ids(&ended(Some(BEN), 11_803, 0)), [session(119), session(118)]);
    assert_eq!(ids(&ended(Some(BEN), 11_804, 0)), [session(119)]);
    let none = ended(Some(OperatorId(Uuid::nil())), 0, 0);
    assert_eq!((none.total, none.pages()), (0, 1));
}

#[test]
fn a_moment_is_a_place_and_a_place_tells_what_was_open() {
    let (log, folder) = (log(), tempfile::tempdir().unwrap());
    // A cluster may store late what was sent again.
    log.session(70, 6_500, created(70, ANA, None));
    log.session(71, 6_450, created(71, BEN, None));
    log.session(72, 6_480, created(72, ANA, None));
    log.session(73, 6_600, created(73, BEN, None));
    let views = log.views(folder.path());
    let events = log.events();
    let end = events.last().unwrap().metadata().at.micros();
    for at in (-1..=end + 1).map(Timestamp::from_micros) {
        let wanted = events.iter().take_while(|event| event.metadata().at <= at).last();
        let wanted = wanted.map(|event| (event.position(), event.metadata().at));
        assert_eq!(views.look_now(|tables| tables.last_at_or_before(at)).unwrap(), wanted);
    }
    for position in 0..=events.len() as u64 + 1 {
        let rows = SessionHistory::as_of(&events, position).into_values();
        let mut open: Vec<_> = rows.filter(SessionRow::is_live).collect();
        open.sort_by_key(|row| row.position);
        let open: Vec<_> = open.into_iter().map(|row| row.id).collect();
        assert_eq!(views.look_now(|tables| tables.open_at(position)).unwrap(), open);
    }
}

#[test]
fn the_work_of_a_time_is_that_of_every_session_that_was_open_in_it() {
    let (log, folder) = (log(), tempfile::tempdir().unwrap());
    let views = log.views(folder.path());
    let all: Vec<_> = WorkReport::as_of(&log.events(), u64::MAX).into_values().collect();
    for operator in [None, Some(ANA), Some(BEN)] {
        for (from, to) in [(0, 10_000), (1_000, 2_000), (1_304, 1_304), (9_000, 9_001)] {
            let (from, to) = (Timestamp::from_micros(from), Timestamp::from_micros(to));
            let mut wanted = all.clone();
            wanted.retain(|row| {
                row.created <= to
                    && row.ended.is_none_or(|ended| ended >= from)
                    && operator.is_none_or(|it| it == row.operator)
            });
            wanted.sort_by_key(|row| row.created);
            let query = WorkQuery { operator, from, to };
            let found = views.look_now(|tables| tables.work(&query)).unwrap();
            assert_eq!(found, wanted, "{query:?}");
        }
    }
}

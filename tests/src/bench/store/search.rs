//! The first page of a search over a million sessions.

use std::time::Duration;

use beckon_events::envelope::{Actor, Metadata, VERSION, stream_name};
use beckon_events::session::{AgentKeys, Device, EndReason, EndedBy, Event};
use beckon_events::{
    AccountId, CommandId, Digest, DomainEvent, LogId, OperatorId, PublicKey, Recorded,
    RecordedEvent, SessionId, Timestamp,
};
use beckon_server::views::{self, HistoryQuery};
use uuid::Uuid;

use crate::bench::{Figure, Goal, folder, median, millis, now};

const SESSIONS: u64 = 1_000_000;
/// How often each search is made.
const SEARCHES: usize = 25;
/// How many rows a page has.
const PAGE: usize = 50;
/// How many operators there are.
const OPERATORS: u64 = 40;
/// 2025-11-22T08:00:00Z; a session begins every 30 s.
const BEGIN: i64 = 1_763_798_400_000_000;
const EVERY: i64 = 30_000_000;
/// One session in so many has the rare word.
const RARE: u64 = 50_000;
const PLACES: [&str; 8] =
    ["printer", "notebook", "mail", "screen", "network", "update", "scanner", "licence"];

/// Each search in the words of those who look for something.
pub fn run() -> Vec<Figure> {
    let folder = folder();
    let filled = views::fill(folder.path(), events()).expect("a read model");
    let week = Duration::from_hours(24 * 7);
    let middle = at(SESSIONS / 2);
    let of = |text: &str| HistoryQuery { text: text.to_owned(), limit: PAGE, ..Default::default() };
    let searches = [
        ("history of 1 M sessions: newest first", of(""), PAGE),
        ("history of 1 M sessions: a rare word", of("quokka"), 20),
        ("history of 1 M sessions: a common word", of("printer"), PAGE),
        ("history of 1 M sessions: two common words", of("printer floor"), PAGE),
        ("history of 1 M sessions: the beginning of a word", of("desk-1234"), PAGE),
        (
            "history of 1 M sessions: operator and week",
            HistoryQuery {
                operator: Some(operator(7 * 8)),
                from: Some(middle),
                to: Some(middle.plus(week)),
                ..of("")
            },
            PAGE,
        ),
        (
            "history of 1 M sessions: word, operator and week",
            HistoryQuery {
                operator: Some(operator(7 * 8)),
                from: Some(middle),
                to: Some(middle.plus(week)),
                ..of("printer")
            },
            1,
        ),
    ];
    let mut figures = Vec::new();
    for (name, query, rows) in searches {
        let mut took = Vec::new();
        for _ in 0..SEARCHES {
            let begun = now();
            let page = filled.look_now(|tables| tables.history(&query)).expect("a page");
            took.push(millis(begun.elapsed()));
            assert!(page.rows.len() >= rows, "{name}: {} rows", page.rows.len());
        }
        let (value, goal) = (median(took), Goal::AtMost(1.0));
        figures.push(Figure { name, value, unit: "ms", peer: "50 ms", limit: 50.0, goal });
    }
    figures
}

/// Created, joined and ended, a million times.
fn events() -> impl Iterator<Item = RecordedEvent> {
    (0..SESSIONS).flat_map(|number| {
        let session = SessionId(uuid(1, number));
        let event = move |version: u64, event: Event| {
            let metadata = Metadata {
                v: VERSION,
                id: beckon_events::EventId(uuid(2, number * 3 + version)),
                log: LogId(uuid(3, 0)),
                stream: stream_name("session", session),
                version,
                kind: event.name().to_owned(),
                schema: Event::schema(event.name()),
                at: at(number),
                actor: Actor::operator(operator(number)),
                causation: CommandId(uuid(4, number * 3 + version)),
                correlation: session.0,
                body: Digest::ZERO,
                prev: Digest::ZERO,
                sealed: Vec::new(),
            };
            Event::recorded(Recorded { metadata, position: number * 3 + version + 1, event })
        };
        [event(0, created(session, number)), event(1, joined(number)), event(2, ended())]
    })
}

fn created(session: SessionId, number: u64) -> Event {
    let place = PLACES[usize::try_from(number % 8).expect("few places")];
    let name = match number % RARE {
        0 => format!("quokka of floor {}", number % 90),
        _ => format!("{place} of floor {}", number % 90),
    };
    Event::Created {
        session,
        account: AccountId(uuid(5, 0)),
        operator: operator(number),
        name: Some(name.as_str().into()),
        note: number.is_multiple_of(4).then(|| "called twice, urgent".into()),
        code: Digest::ZERO,
        token: Digest::ZERO,
        expires: at(number).plus(Duration::from_hours(2)),
    }
}

fn joined(number: u64) -> Event {
    let key = PublicKey([7; 32]);
    Event::Joined {
        agent: AgentKeys { x25519: key, ed25519: key },
        device: Device {
            host: format!("DESK-{number}").as_str().into(),
            user: "ida".into(),
            system: "Debian 12".to_owned(),
            build: "0.1.0".to_owned(),
        },
        address: "192.0.2.7".into(),
        wait_until: at(number).plus(Duration::from_hours(1)),
    }
}

fn ended() -> Event {
    Event::Ended { by: EndedBy::Portal, why: EndReason::Asked, statement: None, suppressed: 0 }
}

fn operator(number: u64) -> OperatorId {
    // Each helps with everything.
    OperatorId(uuid(6, number / 8 % OPERATORS))
}

fn at(number: u64) -> Timestamp {
    Timestamp::from_micros(BEGIN + i64::try_from(number).expect("few sessions") * EVERY)
}

/// As spread out as random ones.
fn uuid(kind: u64, number: u64) -> Uuid {
    let spread = number.wrapping_add(kind << 40).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    Uuid::from_u64_pair(spread, number)
}

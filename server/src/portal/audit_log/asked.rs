//! What of the audit log is asked for, as it stands in an address.

use beckon_events::envelope::ActorKind;
use beckon_events::{OperatorId, SessionId, Timestamp};
use beckon_projections::AuditLog;

use super::column::{self, Column};
use crate::portal::period::{Period, Preset};
use crate::portal::query::Query;
use crate::portal::trail::Trail;
use crate::text;

/// What is shown when nothing else is asked.
pub const DEFAULT: Preset = Preset::ThisWeek;
/// The longest text that is searched for, in characters.
const TEXT_MAX: usize = 200;
/// The most filters of one sort: each stands in the address that every other one leads to.
pub const FILTERS_MAX: usize = 20;

/// Which events, in which columns. Every filter narrows what the others leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// When.
    pub period: Period,
    /// Of one of these kinds; any where it is empty.
    pub kinds: Vec<Kind>,
    /// By one of these; anybody where it is empty.
    pub who: Vec<Who>,
    /// Of this session.
    pub session: Option<SessionId>,
    /// With these words.
    pub text: String,
    /// The columns, in the order in which they stand.
    pub columns: Vec<Column>,
    /// From where on.
    pub trail: Trail,
}

/// Kinds of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Every one of a group: `session`, `operator`, `account` or `node`.
    Group(&'static str),
    /// One.
    One(&'static str),
}

/// Who did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Anybody of a kind.
    Kind(ActorKind),
    /// One person with a sign-in.
    Person(OperatorId),
}

/// Every kind of actor, with its name in addresses.
pub const ACTORS: [(ActorKind, &str); 5] = [
    (ActorKind::Operator, "operator"),
    (ActorKind::User, "user"),
    (ActorKind::Agent, "agent"),
    (ActorKind::Policy, "policy"),
    (ActorKind::System, "system"),
];

impl Asked {
    /// What an address asks for. The error is what is wrong with it, in words.
    pub fn read(query: &Query, now: Timestamp) -> Result<Self, String> {
        let text = query.first("q");
        if text.chars().count() > TEXT_MAX {
            return Err(text::SEARCH_LONG.to_owned());
        }
        let session = match query.first("session") {
            "" => None,
            typed => Some(typed.parse().map_err(|_| text::not_a_session(typed))?),
        };
        Ok(Self {
            period: Period::read(query, DEFAULT, now)?,
            kinds: each(query, "kind", Kind::read)?,
            who: each(query, "who", Who::read)?,
            session,
            text: text.to_owned(),
            columns: column::read(query)?,
            trail: Trail::read(query)?,
        })
    }

    /// The address that asks for it, in one way only.
    pub fn query(&self) -> Query {
        let mut query = self.period.add_to(Query::default(), DEFAULT);
        for kind in &self.kinds {
            query = query.with("kind", kind.slug());
        }
        for who in &self.who {
            query = query.with("who", &who.slug());
        }
        let session = self.session.map(|session| session.to_string()).unwrap_or_default();
        query = query.with("session", &session).with("q", &self.text);
        self.trail.add_to(query.with("cols", &column::slugs(&self.columns)))
    }

    /// The same from another place on.
    pub fn at(&self, trail: Trail) -> Self {
        Self { trail, ..self.clone() }
    }
}

impl Kind {
    /// Its name in addresses.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Group(slug) | Self::One(slug) => slug,
        }
    }

    /// The names of the events.
    pub fn names(self) -> Vec<String> {
        let of = |(group, name): (&str, &str)| self.slug() == group || self.slug() == name;
        AuditLog::kinds().filter(|kind| of(*kind)).map(|(_, name)| name.to_owned()).collect()
    }

    fn read(slug: &str) -> Option<Self> {
        AuditLog::kinds().find_map(|(group, name)| {
            if slug == group {
                Some(Self::Group(group))
            } else {
                (slug == name).then_some(Self::One(name))
            }
        })
    }
}

impl Who {
    /// Its name in addresses.
    pub fn slug(self) -> String {
        match self {
            Self::Kind(kind) => {
                let found = ACTORS.iter().find(|(known, _)| *known == kind);
                found.map_or_else(String::new, |(_, slug)| (*slug).to_owned())
            }
            Self::Person(id) => id.to_string(),
        }
    }

    fn read(slug: &str) -> Option<Self> {
        let kind = ACTORS.iter().find(|(_, known)| *known == slug);
        kind.map(|(kind, _)| Self::Kind(*kind)).or_else(|| slug.parse().ok().map(Self::Person))
    }
}

/// Every value of this name, each once; the error names the first that is none, or that there are
/// too many.
fn each<T: PartialEq>(
    query: &Query,
    name: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, String> {
    let mut all = Vec::new();
    for slug in query.all(name) {
        let one = read(slug).ok_or_else(|| text::unknown_choice(slug))?;
        if all.contains(&one) {
            continue;
        }
        if all.len() >= FILTERS_MAX {
            return Err(text::too_many_filters(FILTERS_MAX));
        }
        all.push(one);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION: &str = "6d5f3e0a-0000-4000-8000-000000000000";

    fn read(query: &str) -> Result<Asked, String> {
        Asked::read(&Query::read(query), "2026-11-22T08:00:00.000000Z".parse().unwrap())
    }

    #[test]
    fn nothing_asked_is_this_week_of_everything() {
        let asked = read("kind=&who=&session=&q=+&range=").unwrap();
        assert_eq!(asked.period.preset, Preset::ThisWeek);
        assert_eq!(asked.columns, column::DEFAULT);
        assert!(asked.kinds.is_empty() && asked.who.is_empty() && asked.session.is_none());
        assert_eq!(asked.query(), Query::default(), "and its address is the shortest");
    }

    #[test]
    fn filters_stack_and_each_stands_in_the_address_once() {
        let address = format!(
            "range=today&kind=session&kind=SignedIn&who=operator&who={SESSION}\
             &session={SESSION}&q=Printer&cols=when,kind&older=29,17"
        );
        let asked = read(&format!("{address}&kind=SignedIn&who=operator")).unwrap();
        assert_eq!(asked.kinds, [Kind::Group("session"), Kind::One("SignedIn")]);
        assert_eq!(asked.trail.after(), Some(17));
        assert_eq!(asked.query().to_string(), address);
        assert_eq!(asked.at(Trail::default()).query().first("older"), "");
    }

    #[test]
    fn a_group_has_all_of_its_kinds_and_a_kind_itself() {
        let names = Kind::Group("node").names();
        assert!(names.contains(&"ServerStarted".to_owned()) && !names.contains(&"Joined".into()));
        assert_eq!(Kind::One("Joined").names(), ["Joined"]);
    }

    #[test]
    fn what_is_unknown_is_named() {
        for (query, said) in [
            ("kind=Sneezed", text::unknown_choice("Sneezed")),
            ("who=nobody", text::unknown_choice("nobody")),
            ("cols=when,shoe", text::unknown_choice("shoe")),
            ("session=7", text::not_a_session("7")),
            ("older=-1", text::not_a_position("-1")),
            ("from=soon", text::not_a_time("soon")),
        ] {
            assert_eq!(read(query), Err(said), "{query}");
        }
        assert_eq!(read(&format!("q={}", "x".repeat(201))), Err(text::SEARCH_LONG.to_owned()));
    }

    #[test]
    fn twenty_of_a_sort_are_enough() {
        let people = |count: u128| {
            let person = |nth| format!("&who={}", uuid::Uuid::from_u128(nth));
            (1..=count).map(person).collect::<String>()
        };
        let kinds: Vec<_> = AuditLog::kinds().map(|(_, name)| format!("&kind={name}")).collect();
        let twenty = format!("{}{}", people(20), kinds[..20].concat());
        let asked = read(&twenty.repeat(2)).unwrap();
        assert_eq!((asked.who.len(), asked.kinds.len()), (20, 20), "each counts once");
        assert_eq!(read(&people(21)), Err(text::too_many_filters(20)));
        assert_eq!(read(&kinds[..21].concat()), Err(text::too_many_filters(20)));
    }
}

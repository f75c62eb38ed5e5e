//! The history: every session that a person may see, the newest first.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use beckon_events::operator::List;
use beckon_events::{OperatorId, Personal, Timestamp};
use beckon_projections::{OperatorRow, Right, SessionRow, SessionState};

use super::audit_log::{Fields, Known};
use super::csv::{Csv, few_enough};
use super::filter::{Chip, Choice, Pages, PeriodFields};
use super::form::Posted;
use super::page::{Page, part_or_page};
use super::period::{Period, Preset};
use super::person::Person;
use super::query::Query;
use super::refusal::Refusal;
use super::row::slug;
use super::table::{Cell, Head, Line, Link, Table};
use super::trail::Trail;
use crate::hub::Hub;
use crate::text;
use crate::views::HistoryQuery;

const PATH: &str = "/history";
/// What is shown when nothing else is asked.
const DEFAULT: Preset = Preset::AnyTime;
/// So many rows stand on a page.
const ON_PAGE: usize = 50;
/// So many are read at once for a file.
const AT_ONCE: usize = 2_000;
/// The longest text that is searched for, in characters.
const TEXT_MAX: usize = 200;

const STATES: [SessionState; 6] = [
    SessionState::WaitingForUser,
    SessionState::Available,
    SessionState::ApprovalRequested,
    SessionState::InSession,
    SessionState::Ended,
    SessionState::Expired,
];

/// Which sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Asked {
    period: Period,
    state: Option<SessionState>,
    /// Whose; everybody's where there is none.
    operator: Option<OperatorId>,
    text: String,
    trail: Trail,
}

#[derive(Template)]
#[template(path = "history.html")]
struct HistoryPage<'a> {
    csrf: &'a str,
    here: String,
    bare: &'a str,
    problem: Option<String>,
    period: PeriodFields,
    states: Vec<Choice>,
    /// Nobody to choose for those who see their own only.
    people: Vec<Choice>,
    q: String,
    chips: Vec<Chip>,
    table: Option<Table>,
    pages: Pages,
    csv_to: &'a str,
    query: String,
}

/// How much of a session a list says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    /// What a page has room for.
    Page,
    /// All of it.
    File,
}

impl Asked {
    /// What an address asks for; whoever sees their own sessions only cannot choose others.
    fn by(person: &Person, query: &Query, now: Timestamp) -> Result<Self, String> {
        let asked = Self::read(query, now)?;
        let operator = asked.operator.filter(|_| person.sees().is_none());
        Ok(Self { operator, ..asked })
    }

    fn read(query: &Query, now: Timestamp) -> Result<Self, String> {
        let text = query.first("q");
        if text.chars().count() > TEXT_MAX {
            return Err(text::SEARCH_LONG.to_owned());
        }
        let unknown = |typed: &str| text::unknown_choice(typed);
        let state = match query.first("state") {
            "" => None,
            typed => {
                let state = STATES.into_iter().find(|state| slug(*state) == typed);
                Some(state.ok_or_else(|| unknown(typed))?)
            }
        };
        let operator = match query.first("operator") {
            "" => None,
            typed => Some(typed.parse().map_err(|_| unknown(typed))?),
        };
        let (period, trail) = (Period::read(query, DEFAULT, now)?, Trail::read(query)?);
        Ok(Self { period, state, operator, text: text.to_owned(), trail })
    }

    fn query(&self) -> Query {
        let operator = self.operator.map(|id| id.to_string()).unwrap_or_default();
        let query = self.period.add_to(Query::default(), DEFAULT);
        let query = query.with("state", self.state.map_or("", slug));
        self.trail.add_to(query.with("operator", &operator).with("q", &self.text))
    }

    fn at(&self, trail: Trail) -> Self {
        Self { trail, ..self.clone() }
    }
}

/// The page.
pub async fn get(
    hub: web::Data<Hub>,
    request: HttpRequest,
    person: Person,
    query: Query,
) -> Result<HttpResponse, Refusal> {
    let asked = Asked::by(&person, &query, hub.clock.now());
    let mut page = blank(&hub, &person, &query, asked.as_ref().ok());
    let status = match asked {
        Ok(asked) => {
            let (rows, next) = read(&hub, &person, &asked, ON_PAGE).await?;
            let known = Known::people(&hub);
            page.here = asked.query().of(PATH);
            page.query = asked.at(Trail::default()).query().to_string();
            page.chips = chips(&asked, &known);
            let at = |trail: Trail| asked.at(trail).query().of(PATH);
            page.pages = Pages {
                newer: asked.trail.newer().map(at),
                older: next.map(|next| at(asked.trail.older(next))),
            };
            page.table = Some(table(&person, &known, &rows, Detail::Page));
            StatusCode::OK
        }
        Err(problem) => {
            page.problem = Some(problem);
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    let title = text::page_title(text::HISTORY_TITLE);
    let page = Page { name: "history", title, body: page.render()? };
    part_or_page(&hub, &person, &request, status, page)
}

/// The rows as a file.
pub async fn export(
    hub: web::Data<Hub>,
    person: Person,
    posted: Posted<Fields>,
) -> Result<HttpResponse, Refusal> {
    let _only = hub.reception.export()?;
    let asked =
        Asked::by(&person, &posted.form.query()?, hub.clock.now()).map_err(Refusal::Rule)?;
    let mut asked = asked.at(Trail::default());
    let known = Known::people(&hub);
    let mut csv: Csv = table(&person, &known, &[], Detail::File).file();
    let mut count = 0;
    loop {
        let (rows, next) = read(&hub, &person, &asked, AT_ONCE).await?;
        count += rows.len();
        few_enough(count)?;
        table(&person, &known, &rows, Detail::File).add_to(&mut csv);
        match next {
            Some(next) => asked.trail = Trail::default().older(next),
            None => break,
        }
    }
    csv.answer(&hub, &person, List::SessionHistory, "sessions").await
}

async fn read(
    hub: &Hub,
    person: &Person,
    asked: &Asked,
    limit: usize,
) -> Result<(Vec<SessionRow>, Option<u64>), Refusal> {
    let query = HistoryQuery {
        operator: person.sees().or(asked.operator),
        text: asked.text.clone(),
        from: asked.period.from,
        // There it is the last moment that is meant, here the first that is not.
        to: asked.period.to.map(|to| Timestamp::from_micros(to.micros() - 1)),
        state: asked.state,
        after: asked.trail.after(),
        limit,
    };
    let page = hub.views.look(move |tables| tables.history(&query)).await?;
    Ok((page.rows, page.next))
}

fn blank<'a>(
    hub: &Hub,
    person: &'a Person,
    query: &Query,
    asked: Option<&Asked>,
) -> HistoryPage<'a> {
    let chosen = query.first("operator");
    let choice =
        |row: &OperatorRow| Choice::of(&row.id.to_string(), row.name.or(text::ERASED), chosen);
    let people = match person.sees() {
        Some(_) => Vec::new(),
        None => hub.views.read(|models| models.roster.all().iter().map(choice).collect()),
    };
    let states =
        STATES.map(|state| Choice::of(slug(state), text::state(state), query.first("state")));
    HistoryPage {
        csrf: &person.session.csrf,
        here: query.of(PATH),
        bare: PATH,
        problem: None,
        period: PeriodFields::of(query, asked.map(|asked| asked.period), DEFAULT),
        states: states.to_vec(),
        people,
        q: query.first("q").to_owned(),
        chips: Vec::new(),
        table: None,
        pages: Pages::default(),
        csv_to: "/history/export",
        query: String::new(),
    }
}

fn chips(asked: &Asked, known: &Known) -> Vec<Chip> {
    let less = |change: &dyn Fn(&mut Asked)| {
        let mut less = asked.at(Trail::default());
        change(&mut less);
        less.query().of(PATH)
    };
    let any_time = Period { preset: Preset::AnyTime, from: None, to: None };
    let mut chips = Vec::new();
    if asked.period.preset != Preset::AnyTime {
        let less = less(&|less| less.period = any_time);
        chips.push(Chip { words: asked.period.words(), less });
    }
    if let Some(state) = asked.state {
        let less = less(&|less| less.state = None);
        chips.push(Chip { words: text::state(state).to_owned(), less });
    }
    if let Some(operator) = asked.operator {
        let less = less(&|less| less.operator = None);
        chips.push(Chip { words: known.name(operator), less });
    }
    if !asked.text.is_empty() {
        let less = less(&|less| less.text.clear());
        chips.push(Chip { words: text::containing(&asked.text), less });
    }
    chips
}

fn table(person: &Person, known: &Known, rows: &[SessionRow], detail: Detail) -> Table {
    let sees_all = person.may(Right::SeeEverySession);
    let all = [
        (Head::of("id", text::SESSION_ID), detail == Detail::File),
        (Head::of("session", text::SESSION), true),
        (Head::of("state", text::STATE), true),
        (Head::of("operator", text::OPERATOR), sees_all),
        (Head::of("device", text::DEVICE), true),
        (Head::of("device-user", text::DEVICE_USER), detail == Detail::File),
        (Head::of("created", text::CREATED_AT), true),
        (Head::of("joined", text::JOINED_AT), detail == Detail::File),
        (Head::of("connected", text::HELPED_FROM), true),
        (Head::of("ended", text::ENDED_AT), true),
        (Head::of("note", text::NOTE), detail == Detail::File),
    ];
    let shown = |(head, shown): &(Head, bool)| shown.then_some(*head);
    let heads: Vec<_> = all.iter().filter_map(shown).collect();
    let line = |row: &SessionRow| Line {
        id: format!("s-{}", row.id),
        cells: heads.iter().map(|head| cell(known, row, head.slug)).collect(),
    };
    let lines = rows.iter().map(line).collect();
    Table { id: "sessions", caption: text::HISTORY_TITLE, heads, lines }
}

fn cell(known: &Known, row: &SessionRow, column: &str) -> Cell {
    let said = |value: Option<&Personal<String>>| {
        Cell::words(value.map_or("", |value| value.or(text::ERASED)))
    };
    let device = row.device.as_ref();
    match column {
        "id" => Cell::words(row.id.to_string()),
        "session" => Cell::Link(Link {
            words: text::title(row.title(), row.created, None),
            to: format!("/sessions/{}", row.id),
            only: None,
        }),
        "state" => {
            let how = row.closed.map_or("", text::closed);
            Cell::State(slug(row.state), text::state(row.state), how)
        }
        "operator" => Cell::words(known.name(row.operator)),
        "device" => said(device.map(|device| &device.host)),
        "device-user" => said(device.map(|device| &device.user)),
        "created" => Cell::At(row.created),
        "joined" => Cell::at(row.joined),
        "connected" => Cell::at(row.connected),
        "ended" => Cell::at(row.closed_at),
        _ => said(row.note.as_ref()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Asked, String> {
        Asked::read(&Query::read(query), "2026-11-22T08:00:00.000000Z".parse().unwrap())
    }

    #[test]
    fn filters_stand_in_the_address_in_one_way() {
        assert_eq!(read("state=&operator=&q=").unwrap().query(), Query::default());
        let address = "range=month&state=ended&operator=6d5f3e0a-0000-4000-8000-000000000000\
                       &q=Printer&older=9,8";
        assert_eq!(read(address).unwrap().query().to_string(), address);
    }

    #[test]
    fn what_is_unknown_is_named() {
        assert_eq!(read("state=open"), Err(text::unknown_choice("open")));
        assert_eq!(read("operator=Ana"), Err(text::unknown_choice("Ana")));
        assert_eq!(read("older=1,x"), Err(text::not_a_position("x")));
        assert_eq!(read(&format!("q={}", "x".repeat(201))), Err(text::SEARCH_LONG.to_owned()));
    }
}

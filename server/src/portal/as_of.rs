//! Sessions and roles as they were right after an event.

mod then;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use beckon_events::{SessionId, Timestamp};
use beckon_projections::{AuditRow, OperatorRow, Right, SessionRow};

use super::audit_log::{Known, tell};
use super::audit_nav::AuditNav;
use super::moment::Moment;
use super::page::Page;
use super::period::{Edge, moment, short};
use super::person::Person;
use super::query::Query;
use super::refusal::Refusal;
use super::row::slug;
use super::session_page::who;
use super::table::{Cell, Head, Line, Link, Table};
use super::viewed::viewed;
use crate::hub::Hub;
use crate::text;
use crate::views::{AuditQuery, HistoryQuery, Tables, TablesError};
use then::{OPEN_MAX, Then};

/// Where the page is.
pub const PATH: &str = "/as-of";
/// So many sessions are looked at for those that had ended.
const ENDED: usize = 50;

/// Which moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Point {
    Now,
    At(Timestamp),
    Position(u64),
}

#[derive(Template)]
#[template(path = "as_of.html")]
struct AsOfPage {
    nav: AuditNav,
    problem: Option<String>,
    at: String,
    position: String,
    /// None where nothing had been recorded.
    then: Option<ThenView>,
}

struct ThenView {
    position: u64,
    stands_for: String,
    at: Moment,
    who: String,
    what: String,
    before: Option<String>,
    after: Option<String>,
    later: String,
    open: Table,
    /// Whether more were open than are shown.
    more: bool,
    ended: Table,
    roles: Table,
}

/// What the read models say about a moment.
struct Found {
    event: AuditRow,
    before: Option<u64>,
    open: Vec<SessionId>,
    others: Vec<SessionId>,
    known: Known,
}

impl Point {
    fn read(query: &Query) -> Result<Self, String> {
        match (query.first("at"), query.first("position")) {
            ("", "") => Ok(Self::Now),
            (at, "") => moment(at, Edge::Start).map(Self::At).ok_or_else(|| text::not_a_time(at)),
            ("", position) => {
                let known = position.parse().map(Self::Position);
                known.map_err(|_| text::not_a_position(position))
            }
            _ => Err(text::ONE_MOMENT.to_owned()),
        }
    }
}

/// The page.
pub async fn get(
    hub: web::Data<Hub>,
    person: Person,
    query: Query,
) -> Result<HttpResponse, Refusal> {
    viewed(&hub, &person, None).await?;
    let mut page = AsOfPage {
        nav: AuditNav::of(&person, "as-of"),
        problem: None,
        at: query.first("at").to_owned(),
        position: query.first("position").to_owned(),
        then: None,
    };
    let status = match Point::read(&query) {
        Ok(point) => {
            let found = hub.views.look(move |tables| find(tables, point));
            if let Some(found) = found.await? {
                page.position = found.event.position.to_string();
                page.at = match point {
                    Point::At(at) => short(at),
                    Point::Now => to_the_second(hub.clock.now()),
                    Point::Position(_) => to_the_second(found.event.at),
                };
                page.then = Some(view(&hub, found).await?);
            }
            StatusCode::OK
        }
        Err(problem) => {
            page.problem = Some(problem);
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    let title = text::page_title(text::AS_OF_TITLE);
    Page { name: "as-of", title, body: page.render()? }.answer(&hub, &person, status)
}

fn find(tables: &Tables<'_>, point: Point) -> Result<Option<Found>, TablesError> {
    let upto = match point {
        Point::Now => None,
        Point::Position(position) => Some(position),
        Point::At(at) => match tables.last_at_or_before(at)? {
            Some((position, _)) => Some(position),
            None => return Ok(None),
        },
    };
    let after = upto.map(|position| position.saturating_add(1));
    let page = tables.audit(&AuditQuery { after, limit: 2, ..AuditQuery::default() })?;
    let mut rows = page.rows.into_iter();
    let Some(event) = rows.next() else { return Ok(None) };
    let open = tables.open_at(event.position)?;
    let history = HistoryQuery { to: Some(event.at), limit: ENDED, ..HistoryQuery::default() };
    let others = tables.history(&history)?.rows.iter().map(|row| row.id).collect();
    let mut known = Known::default();
    known.meet(tables, std::slice::from_ref(&event))?;
    Ok(Some(Found { before: rows.next().map(|row| row.position), event, open, others, known }))
}

async fn view(hub: &Hub, found: Found) -> Result<ThenView, Refusal> {
    let position = found.event.position;
    let more = found.open.len() > OPEN_MAX;
    let (readers, keys) = (hub.journal.readers(), hub.keys.clone());
    let (open, others) = (found.open, found.others);
    let read = web::block(move || Then::read(&*readers.reader()?, &keys, position, &open, &others));
    let then = read.await?.map_err(|error| {
        tracing::error!(%error, "the log cannot be read");
        Refusal::Busy
    })?;
    let known = found.known.with_people(hub);
    let (_, told) = tell(hub, known, vec![found.event.clone()]).await?;
    let at = |position: u64| Query::default().with("position", &position.to_string()).of(PATH);
    let open: Vec<_> = then.sessions.iter().filter(|row| row.is_live()).collect();
    let ended: Vec<_> = then.sessions.iter().filter(|row| !row.is_live()).collect();
    Ok(ThenView {
        position,
        stands_for: text::stands_for(position),
        at: Moment(found.event.at),
        who: who(hub, found.event.actor),
        what: told.into_iter().map(|(_, words)| words).collect(),
        before: found.before.map(at),
        after: then.next.map(at),
        later: text::events_later(then.later, then::LATER_MAX),
        open: sessions("open", text::OPEN_THEN, &then, &open),
        more,
        ended: sessions("ended", text::ENDED_THEN, &then, &ended),
        roles: roles(&then.roster),
    })
}

fn sessions(id: &'static str, caption: &'static str, then: &Then, rows: &[&SessionRow]) -> Table {
    let mut heads = vec![
        Head::of("session", text::SESSION),
        Head::of("state", text::STATE),
        Head::of("operator", text::OPERATOR),
        Head::of("device", text::DEVICE),
        Head::of("created", text::CREATED_AT),
    ];
    let over = rows.iter().any(|row| !row.is_live());
    if over {
        heads.push(Head::of("ended", text::ENDED_AT));
    }
    let line = |row: &&SessionRow| {
        let how = match row.closed {
            Some(how) => text::closed(how),
            None if row.reconnecting => text::RECONNECTING,
            None => "",
        };
        let holder = then.roster.iter().find(|known| known.id == row.operator);
        let device = row.device.as_ref().map(|device| text::quoted(device.host.or(text::ERASED)));
        let mut cells = vec![
            Cell::Link(Link {
                words: text::title(row.title(), row.created, None),
                to: format!("/sessions/{}", row.id),
                only: None,
            }),
            Cell::State(slug(row.state), text::state(row.state), how),
            Cell::words(holder.map_or(text::OPERATOR, |row| row.name.or(text::ERASED))),
            Cell::words(device.unwrap_or_default()),
            Cell::At(row.created),
        ];
        if over {
            cells.push(Cell::at(row.closed_at));
        }
        Line { id: format!("s-{}", row.id), cells }
    };
    Table { id, caption, heads, lines: rows.iter().map(line).collect() }
}

fn roles(roster: &[OperatorRow]) -> Table {
    let heads = vec![
        Head::of("name", text::NAME_THEN),
        Head::of("role", text::ROLE),
        Head::of("standing", text::STANDING),
        Head::of("rights", text::MAY),
        Head::of("invited", text::INVITED_AT),
    ];
    let rights = |row: &OperatorRow| {
        let may = Right::ALL.into_iter().filter(|right| row.may(*right));
        let may: Vec<_> = may.map(text::right).collect();
        if may.is_empty() { text::MAY_NOTHING.to_owned() } else { may.join(", ") }
    };
    let line = |row: &OperatorRow| Line {
        id: format!("o-{}", row.id),
        cells: vec![
            Cell::words(row.name.or(text::ERASED)),
            Cell::words(text::role(row.role)),
            Cell::words(text::standing(row)),
            Cell::words(rights(row)),
            Cell::At(row.invited),
        ],
    };
    let lines = roster.iter().map(line).collect();
    Table { id: "roles", caption: text::ROLES_THEN, heads, lines }
}

/// The second by which it had happened.
fn to_the_second(at: Timestamp) -> String {
    let by = Timestamp::from_micros(at.micros() + 999_999);
    by.to_string().get(..19).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_or_a_position_is_asked_for_and_nothing_that_is_neither() {
        let read = |query: &str| Point::read(&Query::read(query));
        assert_eq!(read("at=&position="), Ok(Point::Now));
        let eight = "2026-11-22T08:00:00.000000Z".parse().unwrap();
        assert_eq!(read("at=2026-11-22T08:00:00"), Ok(Point::At(eight)));
        assert_eq!(read("position=12"), Ok(Point::Position(12)));
        assert_eq!(read("position=1.5"), Err(text::not_a_position("1.5")));
        assert_eq!(read("at=noon"), Err(text::not_a_time("noon")));
        assert_eq!(read("at=2026-11-22&position=1"), Err(text::ONE_MOMENT.to_owned()));
    }
}

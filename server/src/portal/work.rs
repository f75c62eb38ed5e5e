//! The work report: how long who helped whom.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use beckon_events::operator::List;
use beckon_events::{ActionSet, OperatorId, SessionId, Timestamp};
use beckon_projections::{OperatorRow, Spell, WorkRow};

use super::audit_log::{Fields, Known};
use super::csv::few_enough;
use super::filter::{Choice, PeriodFields};
use super::form::Posted;
use super::page::{Page, part_or_page};
use super::period::{Period, Preset};
use super::person::Person;
use super::query::Query;
use super::refusal::Refusal;
use super::table::{Cell, Head, Line, Link, Table};
use crate::hub::Hub;
use crate::text;
use crate::views::{WORK_MAX, WorkQuery};

const PATH: &str = "/report";
/// What is shown when nothing else is asked.
const DEFAULT: Preset = Preset::ThisMonth;
/// So many sessions stand on the page; the file has all.
const SHOWN: usize = 500;

/// Whose work, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Asked {
    period: Period,
    operator: Option<OperatorId>,
}

/// The time that is reported.
#[derive(Clone, Copy, Debug)]
struct Span {
    from: Timestamp,
    to: Timestamp,
}

/// What one person did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Sum {
    sessions: u64,
    seconds: u64,
    used: ActionSet,
}

/// What one person did in one session.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    session: SessionId,
    operator: OperatorId,
    created: Timestamp,
    joined: Option<Timestamp>,
    ended: Option<Timestamp>,
    seconds: u64,
    still: bool,
    used: ActionSet,
}

#[derive(Template)]
#[template(path = "work.html")]
struct WorkPage<'a> {
    csrf: &'a str,
    here: String,
    problem: Option<String>,
    period: PeriodFields,
    people: Vec<Choice>,
    sums: Option<Table>,
    table: Option<Table>,
    /// Whether there are more than the table has.
    cut: bool,
    csv_to: &'a str,
    query: String,
}

impl Asked {
    /// What an address asks for; whoever sees their own sessions only cannot choose others.
    fn by(person: &Person, query: &Query, now: Timestamp) -> Result<Self, String> {
        let asked = Self::read(query, now)?;
        let operator = asked.operator.filter(|_| person.sees().is_none());
        Ok(Self { operator, ..asked })
    }

    fn read(query: &Query, now: Timestamp) -> Result<Self, String> {
        let operator = match query.first("operator") {
            "" => None,
            typed => Some(typed.parse().map_err(|_| text::unknown_choice(typed))?),
        };
        Ok(Self { period: Period::read(query, DEFAULT, now)?, operator })
    }

    fn query(&self) -> Query {
        let operator = self.operator.map(|id| id.to_string()).unwrap_or_default();
        self.period.add_to(Query::default(), DEFAULT).with("operator", &operator)
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
    let chosen = query.first("operator");
    let choice =
        |row: &OperatorRow| Choice::of(&row.id.to_string(), row.name.or(text::ERASED), chosen);
    let people = match person.sees() {
        Some(_) => Vec::new(),
        None => hub.views.read(|models| models.roster.all().iter().map(choice).collect()),
    };
    let mut page = WorkPage {
        csrf: &person.session.csrf,
        here: query.of(PATH),
        problem: None,
        period: PeriodFields::of(&query, asked.as_ref().ok().map(|asked| asked.period), DEFAULT),
        people,
        sums: None,
        table: None,
        cut: false,
        csv_to: "/report/export",
        query: String::new(),
    };
    let status = match asked {
        Ok(asked) => {
            let (known, parts) = read(&hub, &person, &asked, SHOWN).await?;
            page.here = asked.query().of(PATH);
            page.query = asked.query().to_string();
            page.sums = Some(sums(&known, &parts));
            page.cut = parts.len() > SHOWN;
            page.table = Some(table(&known, &parts));
            StatusCode::OK
        }
        Err(problem) => {
            page.problem = Some(problem);
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    let title = text::page_title(text::WORK);
    let page = Page { name: "work", title, body: page.render()? };
    part_or_page(&hub, &person, &request, status, page)
}

/// The sessions as a file.
pub async fn export(
    hub: web::Data<Hub>,
    person: Person,
    posted: Posted<Fields>,
) -> Result<HttpResponse, Refusal> {
    let _only = hub.reception.export()?;
    let asked =
        Asked::by(&person, &posted.form.query()?, hub.clock.now()).map_err(Refusal::Rule)?;
    let (known, parts) = read(&hub, &person, &asked, super::csv::ROWS_MAX).await?;
    few_enough(parts.len())?;
    let columns = [
        text::SESSION_ID,
        text::SESSION,
        text::OPERATOR,
        text::CREATED_AT,
        text::JOINED_AT,
        text::ENDED_AT,
        text::SECONDS_CONNECTED,
        text::USED,
    ];
    let mut csv = super::csv::Csv::new(columns);
    for part in &parts {
        let at = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
        csv.row([
            part.session.to_string(),
            known.title(part.session).unwrap_or_default(),
            known.name(part.operator),
            part.created.to_string(),
            at(part.joined),
            at(part.ended),
            part.seconds.to_string(),
            actions(part.used),
        ]);
    }
    csv.answer(&hub, &person, List::WorkReport, "work").await
}

/// What was done in the time, with the names of the first `met` sessions.
async fn read(
    hub: &Hub,
    person: &Person,
    asked: &Asked,
    met: usize,
) -> Result<(Known, Vec<Part>), Refusal> {
    let span = Span {
        from: asked.period.from.unwrap_or(Timestamp::from_micros(0)),
        to: asked.period.to.unwrap_or(hub.clock.now()),
    };
    let only = person.sees().or(asked.operator);
    let query = WorkQuery { operator: only, from: span.from, to: span.to };
    let mut known = Known::people(hub);
    let turn = hub.reception.report().await?;
    let found = hub.views.look(move |tables| {
        // Until it is read, even where nobody waits for it any more.
        let _turn = turn;
        let rows = tables.work(&query)?;
        if rows.len() > WORK_MAX {
            return Ok(None);
        }
        let mut parts: Vec<_> = rows
            .iter()
            .flat_map(|row| parts(row, span))
            .filter(|part| only.is_none_or(|only| only == part.operator))
            .collect();
        parts.reverse();
        for part in parts.iter().take(met) {
            known.meet_one(tables, part.session)?;
        }
        Ok(Some((known, parts)))
    });
    found.await?.ok_or_else(|| Refusal::Rule(text::REPORT_LONG.to_owned()))
}

/// What each of those who were connected did in it; nothing where nobody was.
fn parts(row: &WorkRow, span: Span) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for spell in &row.spells {
        let Some(seconds) = within(spell, span) else { continue };
        let still = spell.to.is_none() && row.ended.is_none();
        let known = parts.iter_mut().find(|part| part.operator == spell.operator);
        if let Some(part) = known {
            part.seconds += seconds;
            part.still |= still;
            continue;
        }
        parts.push(Part {
            session: row.session,
            operator: spell.operator,
            created: row.created,
            joined: row.joined,
            ended: row.ended,
            seconds,
            still,
            // Whoever is connected uses what is in use.
            used: row.in_use.iter().map(|used| used.action).collect(),
        });
    }
    parts
}

/// How many seconds of a spell are in the span; none where it does not touch it.
fn within(spell: &Spell, span: Span) -> Option<u64> {
    let (from, to) = (spell.from.max(span.from), spell.to.unwrap_or(span.to).min(span.to));
    (from <= to).then(|| to.since(from).as_secs())
}

fn by_operator(parts: &[Part]) -> BTreeMap<OperatorId, Sum> {
    let mut sums: BTreeMap<OperatorId, Sum> = BTreeMap::new();
    for part in parts {
        let sum = sums.entry(part.operator).or_default();
        sum.sessions += 1;
        sum.seconds += part.seconds;
        sum.used = sum.used.or(part.used);
    }
    sums
}

fn sums(known: &Known, parts: &[Part]) -> Table {
    let mut sums: Vec<_> = by_operator(parts).into_iter().collect();
    sums.sort_by_key(|(operator, sum)| (std::cmp::Reverse(sum.seconds), known.name(*operator)));
    let line = |(operator, sum): (OperatorId, Sum)| Line {
        id: format!("o-{operator}"),
        cells: vec![
            Cell::words(known.name(operator)),
            Cell::Number(sum.sessions, None),
            Cell::words(text::duration(sum.seconds)),
            Cell::words(actions(sum.used)),
        ],
    };
    let heads = vec![
        Head::of("operator", text::OPERATOR),
        Head::of("sessions", text::SESSIONS),
        Head::of("duration", text::DURATION),
        Head::of("used", text::USED),
    ];
    let lines = sums.into_iter().map(line).collect();
    Table { id: "operators", caption: text::BY_OPERATOR, heads, lines }
}

fn table(known: &Known, parts: &[Part]) -> Table {
    let line = |part: &Part| Line {
        id: format!("w-{}-{}", part.session, part.operator),
        cells: vec![
            Cell::Link(Link {
                words: known.title(part.session).unwrap_or_else(|| part.session.to_string()),
                to: format!("/sessions/{}", part.session),
                only: None,
            }),
            Cell::words(known.name(part.operator)),
            Cell::at(part.joined),
            Cell::at(part.ended),
            Cell::words(lasted(part)),
            Cell::words(actions(part.used)),
        ],
    };
    let heads = vec![
        Head::of("session", text::SESSION),
        Head::of("operator", text::OPERATOR),
        Head::of("joined", text::JOINED_AT),
        Head::of("ended", text::ENDED_AT),
        Head::of("duration", text::DURATION),
        Head::of("used", text::USED),
    ];
    let shown = parts.iter().take(SHOWN);
    Table { id: "work", caption: text::THEIR_SESSIONS, heads, lines: shown.map(line).collect() }
}

fn lasted(part: &Part) -> String {
    let lasted = text::duration(part.seconds);
    if part.still { format!("{lasted}, {}", text::STILL) } else { lasted }
}

fn actions(used: ActionSet) -> String {
    let used: Vec<_> = used.iter().map(text::action).collect();
    if used.is_empty() { text::NOTHING_USED.to_owned() } else { used.join(", ") }
}

//! The audit log: one row an event, the newest first.

mod asked;
mod column;
mod told;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use beckon_events::Timestamp;
use beckon_events::envelope::{Actor, ActorKind};
use beckon_events::operator::List;
use beckon_projections::{AuditLog, AuditRow, OperatorRow};
use serde::Deserialize;

use super::audit_nav::AuditNav;
use super::csv::few_enough;
use super::filter::{Chip, Choice, Pages, PeriodFields};
use super::form::Posted;
use super::page::{Page, part_or_page};
use super::period::{Period, Preset};
use super::person::Person;
use super::query::Query;
use super::refusal::Refusal;
use super::table::{Cell, Head, Line, Link, Table};
use super::trail::Trail;
use super::viewed::viewed;
use crate::hub::Hub;
use crate::text;
use crate::views::AuditQuery;
use asked::{ACTORS, Asked, FILTERS_MAX, Kind, Who};
use column::Column;
pub(super) use told::{Known, tell};

const PATH: &str = "/audit/log";
/// So many rows stand on a page.
const ON_PAGE: usize = 50;
/// So many are read at once for a file.
const AT_ONCE: usize = 2_000;

#[derive(Template)]
#[template(path = "audit_log.html")]
struct AuditLogPage<'a> {
    csrf: &'a str,
    nav: AuditNav,
    /// The address of this view.
    here: String,
    /// The same without any filter.
    bare: &'a str,
    problem: Option<String>,
    period: PeriodFields,
    groups: Vec<Group>,
    actors: Vec<Choice>,
    people: Vec<Choice>,
    kept_kinds: Vec<String>,
    kept_who: Vec<String>,
    session: String,
    q: String,
    columns: Vec<Choice>,
    chose_columns: bool,
    chips: Vec<Chip>,
    /// None where what was asked makes no sense.
    table: Option<Table>,
    pages: Pages,
    csv_to: &'a str,
    query: String,
}

/// A group of kinds of events.
struct Group {
    slug: &'static str,
    words: &'static str,
    kinds: Vec<Choice>,
}

/// What a list that is taken away was filtered by.
#[derive(Debug, Deserialize)]
pub struct Fields {
    #[serde(default)]
    query: String,
}

impl Fields {
    /// The filters.
    pub fn query(&self) -> Result<Query, Refusal> {
        Query::sent(&self.query)
    }
}

/// The page.
pub async fn get(
    hub: web::Data<Hub>,
    request: HttpRequest,
    person: Person,
    query: Query,
) -> Result<HttpResponse, Refusal> {
    viewed(&hub, &person, None).await?;
    let mut page = blank(&hub, &person, &query);
    let status = match Asked::read(&query, hub.clock.now()) {
        Ok(asked) => {
            fill(&hub, &mut page, &query, asked).await?;
            StatusCode::OK
        }
        Err(problem) => {
            page.problem = Some(problem);
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    let title = text::page_title(text::AUDIT_LOG);
    let page = Page { name: "audit-log", title, body: page.render()? };
    part_or_page(&hub, &person, &request, status, page)
}

/// The rows as a file.
pub async fn export(
    hub: web::Data<Hub>,
    person: Person,
    posted: Posted<Fields>,
) -> Result<HttpResponse, Refusal> {
    let _only = hub.reception.export()?;
    let asked = Asked::read(&posted.form.query()?, hub.clock.now()).map_err(Refusal::Rule)?;
    let asked = asked.at(Trail::default());
    let mut csv = table(&hub, &asked, &Known::default(), Vec::new()).file();
    let (mut after, mut rows) = (None, 0);
    loop {
        let (known, told, next) = read(&hub, &asked, after, AT_ONCE).await?;
        rows += told.len();
        few_enough(rows)?;
        table(&hub, &asked, &known, told).add_to(&mut csv);
        match next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    csv.answer(&hub, &person, List::AuditLog, "audit-log").await
}

/// The page with what was typed, without rows.
fn blank<'a>(hub: &Hub, person: &'a Person, query: &Query) -> AuditLogPage<'a> {
    let person_choice =
        |row: &OperatorRow| Choice::of(&row.id.to_string(), row.name.or(text::ERASED), "");
    let people = hub.views.read(|models| models.roster.all().iter().map(person_choice).collect());
    let kept = |name| query.all(name).take(FILTERS_MAX).map(str::to_owned).collect();
    AuditLogPage {
        csrf: &person.session.csrf,
        nav: AuditNav::of(person, "log"),
        here: query.of(PATH),
        bare: PATH,
        problem: None,
        period: PeriodFields::of(query, None, asked::DEFAULT),
        groups: groups(),
        actors: ACTORS.iter().map(|(kind, slug)| Choice::of(slug, actor(*kind), "")).collect(),
        people,
        kept_kinds: kept("kind"),
        kept_who: kept("who"),
        session: query.first("session").to_owned(),
        q: query.first("q").to_owned(),
        columns: columns(&column::DEFAULT),
        chose_columns: false,
        chips: Vec::new(),
        table: None,
        pages: Pages::default(),
        csv_to: "/audit/log/export",
        query: String::new(),
    }
}

/// Adds the rows, and what is in force.
async fn fill(
    hub: &Hub,
    page: &mut AuditLogPage<'_>,
    query: &Query,
    asked: Asked,
) -> Result<(), Refusal> {
    let (known, told, next) = read(hub, &asked, asked.trail.after(), ON_PAGE).await?;
    page.here = asked.query().of(PATH);
    page.period = PeriodFields::of(query, Some(asked.period), asked::DEFAULT);
    page.kept_kinds = asked.kinds.iter().map(|kind| kind.slug().to_owned()).collect();
    page.kept_who = asked.who.iter().map(|who| who.slug()).collect();
    page.columns = columns(&asked.columns);
    page.chose_columns = asked.columns != column::DEFAULT;
    page.chips = chips(&asked, &known);
    page.query = asked.at(Trail::default()).query().to_string();
    let at = |trail: Trail| asked.at(trail).query().of(PATH);
    page.pages = Pages {
        newer: asked.trail.newer().map(at),
        older: next.map(|next| at(asked.trail.older(next))),
    };
    page.table = Some(table(hub, &asked, &known, told));
    Ok(())
}

type Told = Vec<(AuditRow, String)>;

async fn read(
    hub: &Hub,
    asked: &Asked,
    after: Option<u64>,
    limit: usize,
) -> Result<(Known, Told, Option<u64>), Refusal> {
    let query = audit_query(hub, asked, after, limit);
    let mut known = Known::people(hub);
    let (page, known) = hub
        .views
        .look(move |tables| {
            let page = tables.audit(&query)?;
            known.meet(tables, &page.rows)?;
            query.session.map_or(Ok(()), |session| known.meet_one(tables, session))?;
            Ok((page, known))
        })
        .await?;
    let (known, told) = tell(hub, known, page.rows).await?;
    Ok((known, told, page.next))
}

fn audit_query(hub: &Hub, asked: &Asked, after: Option<u64>, limit: usize) -> AuditQuery {
    let actor = |who: &Who| match *who {
        Who::Kind(kind) => Actor { kind, id: None },
        Who::Person(id) => Actor::operator(id),
    };
    let wanted = asked.text.to_lowercase();
    let is_meant = |row: &&OperatorRow| {
        let has = |name: &str| name.to_lowercase().contains(&wanted);
        let email = row.email.as_ref().and_then(|email| email.known());
        row.name.known().is_some_and(|name| has(name)) || email.is_some_and(|email| has(email))
    };
    let named = match wanted.as_str() {
        "" => Vec::new(),
        _ => hub
            .views
            .read(|models| models.roster.all().iter().filter(is_meant).map(|row| row.id).collect()),
    };
    AuditQuery {
        from: asked.period.from,
        // There it is the last moment that is meant, here the first that is not.
        to: asked.period.to.map(|to| Timestamp::from_micros(to.micros() - 1)),
        kinds: asked.kinds.iter().flat_map(|kind| kind.names()).collect(),
        actors: asked.who.iter().map(actor).collect(),
        session: asked.session,
        operator: None,
        text: asked.text.clone(),
        named,
        after,
        limit,
    }
}

fn table(hub: &Hub, asked: &Asked, known: &Known, told: Told) -> Table {
    let heads = asked.columns.iter().map(|column| Head::of(column.slug(), column.words()));
    let line = |(row, words): (AuditRow, String)| Line {
        id: format!("e-{}", row.position),
        cells: asked
            .columns
            .iter()
            .map(|column| cell(hub, asked, known, &row, &words, *column))
            .collect(),
    };
    Table {
        id: "events",
        caption: text::AUDIT_LOG,
        heads: heads.collect(),
        lines: told.into_iter().map(line).collect(),
    }
}

fn cell(
    hub: &Hub,
    asked: &Asked,
    known: &Known,
    row: &AuditRow,
    words: &str,
    column: Column,
) -> Cell {
    match column {
        Column::When => Cell::At(row.at),
        Column::Who => Cell::words(super::session_page::who(hub, row.actor)),
        Column::What => Cell::words(words),
        Column::Where => place(asked, known, row),
        Column::Kind => Cell::words(text::kind(row.kind)),
        Column::Stream => Cell::words(row.stream.as_str()),
        Column::Version => Cell::Number(row.version, None),
        Column::Position => {
            let as_of = Query::default().with("position", &row.position.to_string());
            Cell::Number(row.position, Some(as_of.of(super::as_of::PATH)))
        }
    }
}

fn place(asked: &Asked, known: &Known, row: &AuditRow) -> Cell {
    match (row.session, row.operator, row.category) {
        (Some(session), _, _) => {
            let only = Asked { session: Some(session), ..asked.at(Trail::default()) };
            let at = match row.category {
                "session" => format!("?at={}", row.version),
                _ => String::new(),
            };
            Cell::Link(Link {
                words: known.title(session).unwrap_or_else(|| session.to_string()),
                to: format!("/sessions/{session}/replay{at}"),
                only: asked.session.is_none().then(|| only.query().of(PATH)),
            })
        }
        (None, Some(operator), _) => Cell::words(known.name(operator)),
        (None, None, "account") => Cell::words(text::WHOLE_COMPANY),
        (None, None, _) => Cell::words(text::THE_SERVER),
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
    for kind in &asked.kinds {
        let words = match kind {
            Kind::Group(group) => text::group(group).to_owned(),
            Kind::One(name) => text::kind(name),
        };
        chips.push(Chip { words, less: less(&|less| less.kinds.retain(|other| other != kind)) });
    }
    for who in &asked.who {
        let words = match *who {
            Who::Kind(kind) => actor(kind).to_owned(),
            Who::Person(id) => known.name(id),
        };
        chips.push(Chip { words, less: less(&|less| less.who.retain(|other| other != who)) });
    }
    if let Some(session) = asked.session {
        let title = known.title(session).unwrap_or_else(|| session.to_string());
        let less = less(&|less| less.session = None);
        chips.push(Chip { words: text::of_session(&title), less });
    }
    if !asked.text.is_empty() {
        let less = less(&|less| less.text.clear());
        chips.push(Chip { words: text::containing(&asked.text), less });
    }
    chips
}

fn groups() -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (slug, name) in AuditLog::kinds() {
        if groups.last().is_none_or(|group| group.slug != slug) {
            groups.push(Group { slug, words: text::group(slug), kinds: Vec::new() });
        }
        if let Some(group) = groups.last_mut() {
            group.kinds.push(Choice::of(name, text::kind(name), ""));
        }
    }
    groups
}

fn columns(chosen: &[Column]) -> Vec<Choice> {
    let choice = |column: Column| Choice {
        value: column.slug().to_owned(),
        words: column.words().to_owned(),
        chosen: chosen.contains(&column),
    };
    Column::ALL.map(choice).to_vec()
}

fn actor(kind: ActorKind) -> &'static str {
    match kind {
        ActorKind::Policy => text::ACTOR_POLICY,
        ActorKind::System => text::ACTOR_SYSTEM,
        ActorKind::Operator | ActorKind::User | ActorKind::Agent => text::actor(kind),
    }
}

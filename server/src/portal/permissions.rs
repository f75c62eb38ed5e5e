//! Who may do what: every route of the portal, in the order in which they are tried.

use actix_web::http::Method;
use actix_web::{Route as Handler, guard, web};
use beckon_events::operator::Role;
use beckon_projections::Right;

use super::{
    account_page, as_of, assets, audit_log, audit_page, code_dialog, confirm, control_page, create,
    export, hand_out, health, history, invitation, launch, live, probe, replay, session_page,
    sessions, setup, sign_in, users, web_session, work,
};

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody, before the server is set up too.
    Always,
    /// Everybody, once the server is set up.
    Anyone,
    /// Everybody who is signed in.
    SignedIn,
    /// Who is signed in and has this right.
    May(Right),
}

/// Whether a request says that somebody sits there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Somebody did it.
    Acts,
    /// A page does it by itself.
    Watches,
}

/// One route.
pub struct Route {
    /// `GET` or `POST`.
    pub method: Method,
    /// The path, with names in braces.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
    /// Whether it counts as activity.
    pub presence: Presence,
    /// What answers.
    pub to: fn() -> Handler,
}

use Access::{Always, Anyone, May, SignedIn};
use Presence::{Acts, Watches};
use Right::{ExportLog, HoldSessions, ManageUsers, ReadLog};

/// Declares the rows of the table.
macro_rules! table {
    ($($method:ident $path:literal $access:expr, $presence:ident => $to:path;)*) => {
        &[$(Route {
            method: Method::$method,
            path: $path,
            access: $access,
            presence: $presence,
            to: || takes(Method::$method).to($to),
        },)*]
    };
}

/// Every route. What is not here does not exist.
pub const TABLE: &[Route] = table! {
    GET  "/healthz" Always, Watches => health::get;
    GET  "/health/echo/{ask}" Always, Watches => probe::echo;
    GET  "/health/stream/{ask}" Always, Watches => probe::stream;
    GET  "/health/socket/{ask}" Always, Watches => probe::socket;
    GET  "/assets/{name}" Always, Watches => assets::get;
    GET  "/setup" Always, Acts => setup::get;
    POST "/setup" Always, Acts => setup::claim;
    GET  "/setup/account" Always, Acts => setup::form;
    POST "/setup/account" Always, Acts => setup::finish;
    GET  "/sign-in" Anyone, Acts => sign_in::get;
    POST "/sign-in" Anyone, Acts => sign_in::post;
    GET  "/j" Anyone, Acts => invitation::get;
    POST "/j" Anyone, Acts => invitation::open;
    POST "/j/code" Anyone, Acts => invitation::typed;
    GET  "/agent/{platform}" Anyone, Acts => hand_out::agent;
    GET  "/" SignedIn, Acts => sessions::home;
    POST "/sign-out" SignedIn, Acts => sign_in::sign_out;
    GET  "/web-session" SignedIn, Watches => web_session::left;
    POST "/web-session" SignedIn, Acts => web_session::stay;
    GET  "/account" SignedIn, Acts => account_page::get;
    POST "/account/revoke" SignedIn, Acts => account_page::revoke;
    GET  "/live" SignedIn, Watches => live::get;
    GET  "/sessions" SignedIn, Acts => sessions::list;
    GET  "/sessions/rows" SignedIn, Watches => sessions::rows;
    GET  "/sessions/new" May(HoldSessions), Acts => create::form;
    POST "/sessions" May(HoldSessions), Acts => create::post;
    GET  "/sessions/{id}" SignedIn, Acts => session_page::get;
    GET  "/sessions/{id}/now" SignedIn, Watches => session_page::now;
    GET  "/sessions/{id}/replay" SignedIn, Acts => replay::get;
    GET  "/sessions/{id}/replay/event" SignedIn, Acts => replay::event;
    GET  "/sessions/{id}/replay/bytes" SignedIn, Acts => replay::bytes;
    GET  "/sessions/{id}/replay/proof" SignedIn, Watches => replay::proof;
    GET  "/sessions/{id}/code" May(HoldSessions), Acts => code_dialog::get;
    POST "/sessions/{id}/send" May(HoldSessions), Acts => code_dialog::send;
    GET  "/sessions/{id}/cancel" May(HoldSessions), Acts => confirm::ask_cancel;
    POST "/sessions/{id}/cancel" May(HoldSessions), Acts => confirm::cancel;
    GET  "/sessions/{id}/end" May(HoldSessions), Acts => confirm::ask_end;
    POST "/sessions/{id}/end" May(HoldSessions), Acts => confirm::end;
    POST "/sessions/{id}/export" May(ExportLog), Acts => export::session;
    POST "/sessions/{id}/launch" May(HoldSessions), Acts => launch::post;
    POST "/launches" May(HoldSessions), Watches => launch::redeemed;
    GET  "/history" SignedIn, Acts => history::get;
    POST "/history/export" SignedIn, Acts => history::export;
    GET  "/report" SignedIn, Acts => work::get;
    POST "/report/export" SignedIn, Acts => work::export;
    GET  "/control" May(HoldSessions), Acts => control_page::get;
    GET  "/control/{platform}" May(HoldSessions), Acts => hand_out::control;
    GET  "/audit/log" May(ReadLog), Acts => audit_log::get;
    POST "/audit/log/export" May(ReadLog), Acts => audit_log::export;
    GET  "/as-of" May(ReadLog), Acts => as_of::get;
    GET  "/audit" May(ExportLog), Acts => audit_page::get;
    GET  "/audit/checkpoint" May(ExportLog), Acts => audit_page::checkpoint;
    POST "/audit/export" May(ExportLog), Acts => export::log;
    GET  "/users" May(ManageUsers), Acts => users::get;
};

/// Where HEAD is answered as GET is, without the body: what monitors, link checkers and downloaders
/// ask for. Nothing that is recorded when it is looked at.
const HEADS: [&str; 8] = [
    "/healthz",
    "/assets/{name}",
    "/sign-in",
    "/j",
    "/agent/{platform}",
    "/",
    "/sessions",
    "/control/{platform}",
];

/// The row for a request.
pub fn find(method: &Method, path: &str) -> Option<&'static Route> {
    TABLE.iter().find(|route| route.answers(method) && fits(route.path, path))
}

impl Route {
    fn answers(&self, method: &Method) -> bool {
        let head = *method == Method::HEAD && HEADS.contains(&self.path);
        self.method == if head { &Method::GET } else { method }
    }
}

/// The gate lets HEAD through to few of those that take GET.
fn takes(method: Method) -> Handler {
    match method {
        Method::GET => web::route().guard(guard::Any(guard::Get()).or(guard::Head())),
        method => web::method(method),
    }
}

impl Access {
    /// Whether somebody signed in with this role may.
    pub fn admits(self, role: Role) -> bool {
        match self {
            Always | Anyone | SignedIn => true,
            May(right) => Right::of(role).contains(&right),
        }
    }

    /// Whether one has to be signed in.
    pub fn needs_sign_in(self) -> bool {
        matches!(self, SignedIn | May(_))
    }
}

fn fits(pattern: &str, path: &str) -> bool {
    let mut path = path.split('/');
    let fits = pattern.split('/').all(|wanted| {
        path.next()
            .is_some_and(|part| part == wanted || (wanted.starts_with('{') && !part.is_empty()))
    });
    fits && path.next().is_none()
}

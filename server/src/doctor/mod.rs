//! Finds the broken hop between people and this server: `beckon-server doctor`.
//!
//! **Invariant.** It changes nothing: it reads files, asks the running server over `admin.sock`,
//! and takes the way to the public address that everybody else takes. No probe takes longer than
//! five seconds.
//!
//! ```text
//! doctor ─ admin.sock ─► server ─ a word that only it can answer ─┐
//!    └──── name ─► connection ─► certificate ─► proxies ─► /health/… ─► the same server?
//! ```

mod certificate;
mod files;
mod folder;
mod hops;
mod line;
mod ports;
mod report;
mod running;
mod standing;

use std::path::Path;
use std::sync::Arc;

use rustls::RootCertStore;

use crate::config::{Config, PublicUrl};
use crate::text::doctor as text;
use line::Line;
pub use report::{Check, Finding, Outcome, Report};
pub use standing::{Behind, Standing, behind};

/// What a configuration that cannot be used is like, problem by problem; empty where it can.
pub fn configuration(
    path: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Report {
    let mut report = Report::default();
    for problem in Config::problems(path, environment) {
        report.fail(Check::Configuration, (problem.to_string(), String::new()));
    }
    report
}

/// Those whom this machine trusts to certify names.
pub fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

/// Looks at everything. Where `mail_to` is given, one mail is sent there.
pub async fn examine(
    (config, path): (&Config, Option<&Path>),
    roots: RootCertStore,
    mail_to: Option<lettre::Address>,
) -> Report {
    let mut report = Report::default();
    files::look(config, &mut report);
    if report.passed() {
        report.ok(Check::Configuration, text::configuration(path));
    }
    let standing = running::ask(config, &mut report).await;
    folder::look(config, standing.as_ref(), &mut report).await;
    if let Some(standing) = &standing {
        running::look(config, standing, &mut report);
    }
    running::synchronised(&mut report).await;
    let public = standing.as_ref().and_then(|standing| standing.public_url.parse().ok());
    let url = public.or_else(|| known_url(config));
    let line = url.map(|url| Line { url, roots: Arc::new(roots) });
    if let Some(line) = &line {
        hops::follow(config, line, standing.as_ref(), &mut report).await;
    }
    ports::mail(config, mail_to, &mut report).await;
    ports::downloads(config, &mut report).await;
    if standing.is_some() {
        ports::face(config, line.as_ref(), &mut report).await;
    }
    ports::metrics(config, standing.as_ref(), &mut report).await;
    report
}

/// Where people reach a server that does not run; unknown where the port is chosen at its start.
fn known_url(config: &Config) -> Option<PublicUrl> {
    let known = config.public_url.is_some() || config.listen.port() != 0;
    known.then(|| config.public_url_for(config.listen))
}

//! `beckon-server doctor`.

use std::path::Path;

use anyhow::{Context, bail};
use beckon_server::config::Config;
use beckon_server::doctor::{self, Report};
use beckon_server::{mail, text};

/// Examines and says what was found; an error where something does not work.
pub fn run(
    path: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
    json: bool,
    mail_to: Option<String>,
) -> anyhow::Result<()> {
    let environment: Vec<_> = environment.into_iter().collect();
    let mail_to =
        mail_to.map(|typed| mail::address(&typed).context(text::doctor::NO_ADDRESS)).transpose()?;
    let report = match Config::load(path, environment.clone()) {
        Err(_) => doctor::configuration(path, environment),
        Ok(config) => {
            let roots = doctor::system_roots();
            beckon_server::system(doctor::examine((&config, path), roots, mail_to))
        }
    };
    say(&report, json)?;
    if !report.passed() {
        bail!(text::doctor::SOMETHING_FAILED);
    }
    Ok(())
}

fn say(report: &Report, json: bool) -> anyhow::Result<()> {
    if json {
        super::say(&serde_json::to_string(report)?);
    } else {
        super::say(&report.to_string());
    }
    Ok(())
}

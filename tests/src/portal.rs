//! The portal without a browser: an operator by plain HTTP, for measurements of a real server.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use beckon_events::SessionId;
use beckon_protocol::{InvitationLink, LaunchLink};
use serde_json::Value;

use crate::http::{self, Answer};
use crate::invitation::Invitation;
use crate::operator::{PASSWORD, Wish};
use crate::server::Server;
use crate::session::{COMPANY, EMAIL, OPERATOR};

/// Somebody who is signed in at the portal of a server.
pub struct Portal {
    address: String,
    cookies: BTreeMap<String, String>,
}

impl Portal {
    /// Sets an empty server up, as its first administrator.
    pub fn signs_up(server: &Server) -> Self {
        let link = server.init(COMPANY);
        let (_, token) = link.split_once('#').expect("a token in the link");
        let mut portal = Self { address: server.address().to_owned(), cookies: BTreeMap::new() };
        portal.fills("/setup", "/setup", &[("token", token)]);
        let person = [("name", OPERATOR), ("email", EMAIL)];
        let password = [("password", PASSWORD), ("again", PASSWORD)];
        let form = [person, password].concat();
        portal.fills("/setup/account", "/setup/account", &form);
        portal
    }

    /// Creates a session.
    pub fn creates(&mut self, name: &str) -> Invitation {
        let page = self.asks("GET", "/sessions/new", &[], "").text();
        let names = ["session", "code", "token", "expires", "mac"];
        let draft = names.map(|name| (name, field(&page, name)));
        let mut form: Vec<_> = draft.iter().map(|(name, value)| (*name, value.as_str())).collect();
        form.extend([("name", name), ("note", ""), ("to", ""), ("do", "create")]);
        self.sends("/sessions", &page, &form, "text/html");
        let [(_, session), (_, code), ..] = &draft;
        let session: SessionId = session.parse().expect("the draft names a session");
        let server = self.address.parse().expect("an address");
        let (token, folded) = (draft[2].1.parse(), code.parse());
        let link = InvitationLink {
            server,
            token: token.expect("the draft has a token"),
            code: folded.expect("the draft has a code"),
        };
        Invitation { name: name.to_owned(), link: link.to_string(), code: code.clone(), session }
    }

    /// Presses View or Control beside a session: the link that opens Control.
    pub fn launches(&mut self, invitation: &Invitation, wish: Wish) -> LaunchLink {
        let wanted = match wish {
            Wish::View => "view",
            Wish::Control => "control",
        };
        let page = self.asks("GET", "/sessions", &[], "").text();
        let path = format!("/sessions/{}/launch", invitation.session);
        let answer = self.sends(&path, &page, &[("wanted", wanted)], "application/json");
        let answer: Value = serde_json::from_slice(&answer.body).expect("a link as JSON");
        answer["link"].as_str().and_then(|link| link.parse().ok()).expect("a link")
    }

    /// Fills in the form of a page.
    fn fills(&mut self, page: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.asks("GET", page, &[], "").text();
        self.sends(path, &page, fields, "text/html")
    }

    /// Sends the form of a page that is open.
    fn sends(&mut self, path: &str, page: &str, fields: &[(&str, &str)], accept: &str) -> Answer {
        let csrf = field(page, "csrf");
        let mut form = String::new();
        for (name, value) in [("csrf", csrf.as_str())].iter().chain(fields) {
            let _ = write!(form, "{name}={}&", escaped(value));
        }
        let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", accept)];
        let answer = self.asks("POST", path, &headers, form.trim_end_matches('&'));
        assert!(answer.status < 400, "{path}: {} {}", answer.status, answer.text());
        answer
    }

    fn asks(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let cookies = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        let cookies = cookies.collect::<Vec<_>>().join("; ");
        let origin = format!("http://{}", self.address);
        let mut all = vec![("Cookie", cookies.as_str()), ("Origin", origin.as_str())];
        all.extend(headers);
        let answer = http::ask(&self.address, method, path, &all, body.as_bytes());
        for (name, value) in &answer.headers {
            let pair = value.split(';').next().and_then(|pair| pair.split_once('='));
            if let ("set-cookie", Some((name, value))) = (name.as_str(), pair) {
                self.cookies.insert(name.trim().to_owned(), value.trim().to_owned());
            }
        }
        answer
    }
}

/// The value of a field in a page.
fn field(page: &str, name: &str) -> String {
    let begins = format!("name=\"{name}\" value=\"");
    let value = page.split_once(&begins).and_then(|(_, rest)| rest.split_once('"'));
    let (value, _) = value.unwrap_or_else(|| panic!("no field {name} in: {page}"));
    value.to_owned()
}

fn escaped(value: &str) -> String {
    let mut escaped = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(byte.into());
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

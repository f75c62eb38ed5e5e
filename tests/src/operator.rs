//! An operator: somebody at a desk with the portal in Chromium and Control beside it.

use serde_json::json;

use beckon_events::SessionId;

use crate::browser::{Browser, Look};
use crate::clock::{PATIENCE, within};
use crate::control::Control;
use crate::desk::Desk;
use crate::invitation::Invitation;
use crate::programs::Programs;
use crate::server::Server;

/// The password of every operator.
pub const PASSWORD: &str = "three blue horses";

/// What an operator asks for when opening a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// To see the screen.
    View,
    /// To see it, and to use mouse and keyboard.
    Control,
}

/// Somebody who helps.
pub struct Operator<'d> {
    desk: &'d Desk,
    browser: Browser<'d>,
    origin: String,
}

impl<'d> Operator<'d> {
    /// Sits down at a desk and opens the browser. The portal may open `beckon://` links without
    /// the browser asking, as after “always allow”.
    pub fn sits_at(desk: &'d Desk, look: Look, server: &Server) -> Self {
        let browser = Browser::open(desk, look, &[server.origin()]);
        Self { desk, browser, origin: server.origin().to_owned() }
    }

    /// The desk.
    pub fn desk(&self) -> &'d Desk {
        self.desk
    }

    /// The browser with the portal.
    pub fn browser(&self) -> &Browser<'d> {
        &self.browser
    }

    /// Follows a setup link, fills in the form, and is signed in.
    pub fn signs_up(&self, setup_link: &str, name: &str, email: &str) {
        self.browser.go(setup_link);
        self.browser.fill("First and last name", name);
        self.browser.fill("E-mail", email);
        self.browser.fill("Password", PASSWORD);
        self.browser.fill("The same password again", PASSWORD);
        self.browser.click("Save and sign in");
        self.browser.arrives_at("/sessions");
        self.browser.sees(name);
    }

    /// Signs in, and sees the list of sessions.
    pub fn signs_in(&self, email: &str) {
        self.browser.go(&format!("{}/sign-in", self.origin));
        self.browser.fill("E-mail", email);
        self.browser.fill("Password", PASSWORD);
        self.browser.click("Sign in");
        self.browser.arrives_at("/sessions");
    }

    /// Looks at the list of sessions.
    pub fn looks_at_list(&self) {
        self.browser.go(&format!("{}/sessions", self.origin));
    }

    /// Looks at the page of a session.
    pub fn looks_at(&self, invitation: &Invitation) {
        self.browser.go(&format!("{}/sessions/{}", self.origin, invitation.session));
    }

    /// Opens the Create dialog and fills it in; nothing is created yet. The invitation says what
    /// the dialog shows.
    pub fn drafts(&self, name: &str, note: &str) -> Invitation {
        self.browser.click("Create");
        self.browser.fill("Name", name);
        self.browser.fill("Note (optional)", note);
        let session = self
            .browser
            .script("return document.querySelector('#create-form [name=session]').value", &[]);
        let session = session.as_str().and_then(|id| id.parse::<SessionId>().ok());
        Invitation {
            name: name.to_owned(),
            link: self.browser.field("Link"),
            code: self.browser.field("Code"),
            session: session.unwrap_or_else(|| self.browser.fail("the dialog names no session")),
        }
    }

    /// Creates a session and sees it in the list.
    pub fn creates(&self, name: &str, note: &str) -> Invitation {
        let invitation = self.drafts(name, note);
        self.confirms(&invitation);
        invitation
    }

    /// Presses Create in the dialog, and sees the new session in the list.
    pub fn confirms(&self, invitation: &Invitation) {
        self.browser.click("Create");
        self.sees(invitation, "waiting-for-user");
        self.closes_dialog();
    }

    /// Closes the dialog, where one is still open.
    pub fn closes_dialog(&self) {
        if self.browser.offers("Close") {
            self.browser.click("Close");
        }
    }

    /// Waits until the list shows a session in `state`, such as `available`.
    pub fn sees(&self, invitation: &Invitation, state: &str) {
        if within(PATIENCE, || (self.state(invitation) == state).then_some(())).is_none() {
            let shown = self.state(invitation);
            self.browser.fail(&format!("“{}” is {shown:?} and not {state}", invitation.name));
        }
    }

    /// The state of a session on the page that is open: in the list or on its own page. Empty
    /// when it is not there.
    pub fn state(&self, invitation: &Invitation) -> String {
        let script = "const row = document.getElementById('s-' + arguments[0]) \
                      || (location.pathname.endsWith(arguments[0]) && document.getElementById('state')); \
                      return row ? row.dataset.state : ''";
        let state = self.browser.script(script, &[json!(invitation.session.to_string())]);
        state.as_str().unwrap_or_default().to_owned()
    }

    /// Makes `beckon://` links open Control, as the page Get Control says.
    pub fn registers_control(&self) {
        let program = Programs::built().path("beckon-control");
        let (status, said) = self.desk.environment().run(program, &["register"]);
        assert!(status.success(), "Control is not registered: {said}");
    }

    /// Presses View or Control beside a session, and trusts the portal when Control asks.
    pub fn opens(&self, invitation: &Invitation, wish: Wish) -> Control<'d> {
        self.clicks(invitation, wish);
        let control = Control::on(self.desk);
        control.trusts_portal();
        control
    }

    /// Presses View or Control beside a session.
    pub fn clicks(&self, invitation: &Invitation, wish: Wish) {
        let action = match wish {
            Wish::View => "View",
            Wish::Control => "Control",
        };
        self.browser.click(&format!("{action} {}", invitation.name));
    }

    /// Presses View or Control without a browser that follows: the link that it would open.
    pub fn gets_link(&self, invitation: &Invitation, wish: Wish) -> String {
        let wanted = match wish {
            Wish::View => "view",
            Wish::Control => "control",
        };
        let script = "const form = document.querySelector(`[data-launch='${arguments[0]}']`); \
             return fetch(form.getAttribute('action'), { method: 'POST', headers: { Accept: 'application/json' }, \
             body: new URLSearchParams({ csrf: form.elements.csrf.value, wanted: arguments[1] }) }) \
             .then((answer) => answer.json()).then((answer) => answer.link)";
        let session = json!(invitation.session.to_string());
        let link = self.browser.script(script, &[session, json!(wanted)]);
        link.as_str().unwrap_or_else(|| self.browser.fail("there is no link")).to_owned()
    }

    /// Presses End session beside a session and Yes in the question.
    pub fn ends(&self, invitation: &Invitation) {
        self.browser.click(&format!("End session: {}", invitation.name));
        self.browser.click("Yes, end session");
    }

    /// Presses Cancel invitation beside a session and Yes in the question.
    pub fn cancels(&self, invitation: &Invitation) {
        self.browser.click(&format!("Cancel invitation: {}", invitation.name));
        self.browser.click("Yes, cancel invitation");
    }

    /// What happened, sentence by sentence, from the page of the session.
    pub fn timeline(&self, invitation: &Invitation) -> Vec<String> {
        self.looks_at(invitation);
        let script = "return Array.from(document.querySelectorAll('#timeline li'), \
                      (line) => line.innerText.replace(/\\s+/g, ' ').trim())";
        let lines = self.browser.script(script, &[]);
        let lines = lines.as_array().cloned().unwrap_or_default();
        lines.iter().filter_map(|line| line.as_str().map(str::to_owned)).collect()
    }
}

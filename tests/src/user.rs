//! An end user: somebody at a desk who is helped, with the agent.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::browser::{Browser, Look};
use crate::clock::{PATIENCE, within};
use crate::desk::Desk;
use crate::invitation::Invitation;
use crate::process::Process;
use crate::programs::Programs;
use crate::widget::{Role, Widget};
use crate::window::Window;

/// Somebody who is helped.
pub struct User<'d> {
    desk: &'d Desk,
    program: PathBuf,
    agent: Process,
}

impl<'d> User<'d> {
    /// Starts the agent as it was downloaded for an invitation: server and code are filled in.
    pub fn starts_download(desk: &'d Desk, invitation: &Invitation) -> Self {
        let folder = desk.scratch().folder("home/Downloads");
        let program = Programs::built().copy("beckon-agent", &folder, &invitation.file_name());
        Self::starts(desk, program, &[])
    }

    /// Opens the link of an invitation in a browser.
    pub fn opens_link(desk: &'d Desk, invitation: &Invitation) -> Browser<'d> {
        let browser = Browser::open(desk, Look::Headless, &[]);
        browser.go(&invitation.link);
        browser.sees("is waiting for you.");
        browser
    }

    /// Downloads the agent from the invitation page and makes it a program, as the page says.
    pub fn downloads(page: &Browser<'d>, invitation: &Invitation) -> PathBuf {
        page.click("Download for Linux");
        let program = page.downloaded(&invitation.file_name());
        let executable = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&program, executable).expect("the download is the user's own");
        program
    }

    /// Starts the agent under the name that it was built with, where it can stay.
    pub fn starts_installed(desk: &'d Desk, arguments: &[&str]) -> Self {
        let folder = desk.scratch().folder("home/programs");
        let program = folder.join("beckon-agent");
        if !program.exists() {
            Programs::built().copy("beckon-agent", &folder, "beckon-agent");
        }
        Self::starts(desk, program, arguments)
    }

    /// Starts a program that is an agent, and waits for its window.
    pub fn starts(desk: &'d Desk, program: PathBuf, arguments: &[&str]) -> Self {
        let agent = desk.start("agent", &program, arguments);
        desk.window_of(&agent);
        Self { desk, program, agent }
    }

    /// Starts the same program again, after the one before has ended or was killed.
    pub fn starts_again(&mut self, arguments: &[&str]) {
        assert!(self.agent.ended().is_some(), "it still runs");
        self.agent = self.desk.start("agent", &self.program, arguments);
        self.desk.window_of(&self.agent);
    }

    /// The desk.
    pub fn desk(&self) -> &'d Desk {
        self.desk
    }

    /// The program file of the agent.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// The process of the agent.
    pub fn agent(&mut self) -> &mut Process {
        &mut self.agent
    }

    /// The agent's window.
    pub fn window(&self) -> Window<'d> {
        self.desk.window_of(&self.agent)
    }

    /// Types a server and a code.
    pub fn types(&self, server: &str, code: &str) {
        self.window().fill("Server", server);
        self.window().fill("Code", code);
    }

    /// Presses Start and waits until the agent says that it is ready for `company`.
    pub fn joins(&self, company: &str) {
        self.window().click("Start");
        self.window().sees(&format!("Ready. Waiting for {company}…"));
    }

    /// Waits until somebody asks, by the names in the certificate.
    pub fn is_asked_by(&self, operator: &str, company: &str) {
        self.window().sees(&format!("{operator} from {company} asks to help you"));
    }

    /// Presses Approve once it can be pressed, and waits until somebody helps.
    pub fn approves(&self) {
        self.window().click("Approve");
        self.window().pressable("Pause");
    }

    /// Presses End Session, and End in the question.
    pub fn ends(&self) {
        self.window().click("End Session");
        self.window().sees("End this session?");
        self.window().click("End");
    }

    /// Waits until the border around the screen is there in `colour`, or in none.
    pub fn border_becomes(&self, border: Border) {
        let seen = || (self.border() == border).then_some(());
        if within(PATIENCE, seen).is_none() {
            let (is, wanted) = (self.border(), border);
            self.window().fail(&format!("the border is {is:?} and not {wanted:?}"));
        }
    }

    /// The border as it is on the screen.
    pub fn border(&self) -> Border {
        border_of(self.desk)
    }

    /// Clicks the tick of an action: takes it out of what will be allowed, or puts it back.
    pub fn ticks(&self, action: &str) {
        self.window().click(action);
    }

    /// The things in the agent's window that can be pressed now.
    pub fn choices(&self) -> Vec<String> {
        let can = |widget: &Widget| widget.role == Role::Button && widget.is_enabled();
        let widgets = self.window().widgets().into_iter().filter(can);
        widgets.map(|widget| widget.name).collect()
    }
}

/// What the border around a shared screen says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Border {
    /// Nobody sees or does anything.
    None,
    /// The screen is seen.
    Seen,
    /// Mouse and keyboard are used.
    Controlled,
}

/// The border as it is on a desk, at the middle of each edge.
pub fn border_of(desk: &Desk) -> Border {
    let picture = desk.picture();
    let (right, bottom) = (picture.width() - 1, picture.height() - 1);
    let (middle, half) = (right / 2, bottom / 2);
    let edges = [(middle, 1), (middle, bottom - 1), (1, half), (right - 1, half)];
    let is = |wanted| edges.iter().all(|(x, y)| picture.colour(*x, *y) == wanted);
    match () {
        () if is([0x1D, 0x5B, 0xB8]) => Border::Seen,
        () if is([0xB3, 0x26, 0x1E]) => Border::Controlled,
        () => Border::None,
    }
}

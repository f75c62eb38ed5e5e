//! An end user at Windows, with the agent.

use std::path::{Path, PathBuf};

use crate::clock::{PATIENCE, within};
use crate::invitation::Invitation;
use crate::process::Process;
use crate::user::{Border, border_of};
use crate::wine::pane::Pane;
use crate::wine::{Wine, program};

/// Somebody at Windows who is helped.
pub struct Guest<'w, 'd> {
    wine: &'w Wine<'d>,
    program: PathBuf,
    agent: Process,
}

impl<'w, 'd> Guest<'w, 'd> {
    /// Starts the agent as it was downloaded for an invitation.
    pub fn starts_download(wine: &'w Wine<'d>, invitation: &Invitation) -> Self {
        let name = format!("{}.exe", invitation.file_name());
        Self::starts(wine, &program("beckon-agent"), &name)
    }

    /// Puts a program among the downloads under a name and starts it.
    pub fn starts(wine: &'w Wine<'d>, from: &Path, name: &str) -> Self {
        let program = wine.downloads().join(name);
        std::fs::copy(from, &program).expect("the prefix is ours");
        let agent = wine.start("agent", &wine.calls(&program), &[]);
        let guest = Self { wine, program, agent };
        guest.pane();
        guest
    }

    /// Starts the same program again, after the one before has ended or was killed.
    pub fn starts_again(&mut self) {
        assert!(self.agent.ended().is_some(), "it still runs");
        self.agent = self.wine.start("agent", &self.wine.calls(&self.program), &[]);
        self.pane();
    }

    /// The agent's window.
    pub fn pane(&self) -> Pane<'d> {
        Pane::titled(self.wine.desk(), "Beckon")
    }

    /// The process of the agent.
    pub fn agent(&mut self) -> &mut Process {
        &mut self.agent
    }

    /// The program file.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Presses Start and waits until the agent is ready.
    pub fn joins(&self, company: &str) {
        self.pane().click("Start");
        self.pane().sees(&format!("Ready. Waiting for {company}"));
    }

    /// Writes a code in place of the one that was there.
    pub fn writes_code(&self, code: &str) {
        let (picture, seen) = self.pane().picture();
        let label = crate::eyes::Reading::of(&picture).alone("Code");
        let (x, y) = label.unwrap_or_else(|| self.pane().fail("there is no field “Code”")).middle();
        // The field stands below its label.
        self.wine.desk().hand().click((seen.x + x, seen.y + y + 40));
        self.wine.desk().hand().press(&["ctrl+a", "Delete"]);
        self.wine.desk().hand().write(code);
    }

    /// Presses Approve once it can be pressed, waits until somebody helps, and moves the agent
    /// aside, so that what it stood on can be seen.
    pub fn approves(&self) {
        self.pane().clicks_until("Approve", "Pause");
        self.pane().window().moves_to((840, 60));
    }

    /// Presses End Session, and is asked.
    pub fn asks_to_end(&self) {
        self.pane().click("End Session");
        self.pane().sees("End this session?");
    }

    /// Presses End Session, and End in the question.
    pub fn ends(&self) {
        self.asks_to_end();
        self.pane().click("End");
    }

    /// Waits until the border around the screen is there in a colour, or in none.
    pub fn border_becomes(&self, border: Border) {
        let seen = || (border_of(self.wine.desk()) == border).then_some(());
        if within(PATIENCE, seen).is_none() {
            let is = border_of(self.wine.desk());
            self.pane().fail(&format!("the border is {is:?} and not {border:?}"));
        }
    }

    /// Waits until the program file is gone.
    pub fn program_goes(&self) {
        let gone = || (!self.program.exists()).then_some(());
        assert!(within(PATIENCE, gone).is_some(), "{} is still there", self.program.display());
    }
}

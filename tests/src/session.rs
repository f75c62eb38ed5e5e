//! A session: an operator and an end user who have come together, and what is between them.

use crate::browser::Look;
use crate::control::Control;
use crate::desk::Desk;
use crate::invitation::Invitation;
use crate::operator::{Operator, Wish};
use crate::server::Server;
use crate::user::User;

/// The company of every server in a scenario.
pub const COMPANY: &str = "Example Ltd";
/// The operator's name.
pub const OPERATOR: &str = "Olga Ruiz";
/// The operator's sign-in name.
pub const EMAIL: &str = "olga@example.com";
/// The characters that a helper types in scenarios; most are on no US keyboard.
pub const LETTERS: &str = "Grüße ß é 漢 €";

/// Two people in a session that the user has approved.
pub struct Session<'d> {
    /// Who helps.
    pub operator: Operator<'d>,
    /// Who is helped.
    pub user: User<'d>,
    /// What brought them together.
    pub invitation: Invitation,
    /// What the operator works with.
    pub control: Control<'d>,
}

impl<'d> Session<'d> {
    /// From an empty server to the bar of the agent: the operator signs up, creates a session and
    /// opens it; the user starts the download, joins and approves.
    pub fn begins(server: &Server, office: &'d Desk, home: &'d Desk, wish: Wish) -> Self {
        office.hand().teach_keyboard(LETTERS);
        let operator = Operator::sits_at(office, Look::Headless, server);
        operator.signs_up(&server.init(COMPANY), OPERATOR, EMAIL);
        operator.registers_control();
        let invitation = operator.creates("Printer", "");
        let user = User::starts_download(home, &invitation);
        user.joins(COMPANY);
        operator.sees(&invitation, "available");
        let control = operator.opens(&invitation, wish);
        user.is_asked_by(OPERATOR, COMPANY);
        user.approves();
        stands_aside(&user);
        operator.sees(&invitation, "in-session");
        if wish == Wish::Control {
            control.controls();
        }
        Self { operator, user, invitation, control }
    }
}

/// Moves the agent to the right edge of the desk, so that what it stood on can be seen.
pub fn stands_aside(user: &User<'_>) {
    user.window().moves_to((840, 60));
}

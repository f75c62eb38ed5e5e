//! How most scenarios open: an operator with an invitation, a user who has joined.

use beckon_tests::browser::Look;
use beckon_tests::control::Control;
use beckon_tests::desk::Desk;
use beckon_tests::invitation::Invitation;
use beckon_tests::operator::{Operator, Wish};
use beckon_tests::process::Process;
use beckon_tests::server::Server;
use beckon_tests::session::{COMPANY, EMAIL, OPERATOR};
use beckon_tests::user::User;

/// An operator who has signed up at a new server, with an empty list.
pub fn signed_up<'d>(desk: &'d Desk, server: &Server) -> Operator<'d> {
    let operator = Operator::sits_at(desk, Look::Headless, server);
    operator.signs_up(&server.init(COMPANY), OPERATOR, EMAIL);
    operator
}

/// Two people between an invitation and a request.
pub struct Opening<'d> {
    /// Who helps.
    pub operator: Operator<'d>,
    /// Who needs help.
    pub user: User<'d>,
    /// What brought them together.
    pub invitation: Invitation,
}

impl<'d> Opening<'d> {
    /// From a new server to “Available”.
    pub fn joined(server: &Server, office: &'d Desk, home: &'d Desk) -> Self {
        let operator = signed_up(office, server);
        let invitation = operator.creates("Printer", "");
        let user = User::starts_download(home, &invitation);
        user.joins(COMPANY);
        operator.sees(&invitation, "available");
        Self { operator, user, invitation }
    }

    /// The operator opens the session in Control, and the user is asked.
    pub fn asks(&self, wish: Wish) -> (Control<'d>, Process) {
        let opened = open(&self.operator, &self.invitation, wish);
        opened.0.window().sees("waiting for the user");
        self.user.is_asked_by(OPERATOR, COMPANY);
        self.operator.sees(&self.invitation, "approval-requested");
        opened
    }

    /// The same, and the user approves.
    pub fn helps(&self, wish: Wish) -> (Control<'d>, Process) {
        let opened = self.asks(wish);
        self.user.approves();
        opened.0.window().sees(match wish {
            Wish::View => "Viewing",
            Wish::Control => "Control is active",
        });
        self.operator.sees(&self.invitation, "in-session");
        opened
    }
}

/// Opens a session in Control, by the link that the portal gives.
pub fn open<'d>(
    operator: &Operator<'d>,
    invitation: &Invitation,
    wish: Wish,
) -> (Control<'d>, Process) {
    let link = operator.gets_link(invitation, wish);
    let (control, process) = Control::starts(operator.desk(), &link);
    control.trusts_portal();
    (control, process)
}

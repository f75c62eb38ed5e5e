//! What a smoke scenario begins with: a server that hands out the Windows builds, an operator.

use crate::browser::Look;
use crate::desk::Desk;
use crate::invitation::Invitation;
use crate::operator::Operator;
use crate::server::Server;
use crate::session::{COMPANY, EMAIL, LETTERS, OPERATOR};
use crate::wine::program;

/// A server with the Windows builds of agent and Control among its downloads.
pub fn server() -> Server {
    let server = Server::start();
    let folder = server.scratch().folder("data/downloads");
    for name in ["beckon-agent", "beckon-control"] {
        let file = folder.join(format!("{name}-x86_64-pc-windows-gnu.exe"));
        std::fs::copy(program(name), file).expect("the data folder is ours");
    }
    server
}

/// An operator at Linux who has signed up and made an invitation.
pub fn invites<'d>(server: &Server, office: &'d Desk) -> (Operator<'d>, Invitation) {
    office.hand().teach_keyboard(LETTERS);
    let operator = Operator::sits_at(office, Look::Headless, server);
    operator.signs_up(&server.init(COMPANY), OPERATOR, EMAIL);
    operator.registers_control();
    let invitation = operator.creates("Printer", "");
    (operator, invitation)
}

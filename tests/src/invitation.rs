//! An invitation: what an operator tells the person who needs help.

use beckon_events::SessionId;
use beckon_protocol::{AgentFileName, InvitationLink};

/// A link and a code, and the session they lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The name of the session.
    pub name: String,
    /// The address of the invitation page.
    pub link: String,
    /// The code in groups, as it is read out.
    pub code: String,
    /// The session.
    pub session: SessionId,
}

impl Invitation {
    /// The name under which a browser keeps the agent on Linux.
    pub fn file_name(&self) -> String {
        let link: InvitationLink = self.link.parse().expect("the portal shows a link");
        AgentFileName { server: link.server, code: link.code }.to_string()
    }
}

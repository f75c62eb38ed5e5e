//! Who may do what.

use super::audit::{Names, called};
use super::{to_do, to_do_one, within};
use crate::{Power, Who};

/// Who may do something, at the beginning of a line.
pub fn who(who: &Who, names: &dyn Names) -> String {
    match who {
        Who::Invited => "Whoever has the code or the link".to_owned(),
        Who::EndUser => "The user".to_owned(),
        Who::Holder(id) => {
            format!("{}, whose session it is", first(within(&called(Some(*id), names))))
        }
        Who::Control(id) => {
            format!("{}, in Control", first(within(&called(Some(*id), names))))
        }
        Who::Server => "The server, by time".to_owned(),
        Who::OtherOperators => "Other operators".to_owned(),
        Who::Administrators => "Administrators".to_owned(),
        Who::Auditors => "Auditors".to_owned(),
    }
}

/// What somebody may do, without its time: "end the session".
pub fn power(power: &Power) -> String {
    match power {
        Power::Join { .. } => "join with the code or the link".to_owned(),
        Power::CancelInvitation => "cancel the invitation".to_owned(),
        Power::Ask => "ask the user to be let in".to_owned(),
        Power::TakeBackRequest => "withdraw the request".to_owned(),
        Power::Approve { actions, .. } => format!("allow the operator to {}", to_do(*actions)),
        Power::Reject => "decline the request".to_owned(),
        Power::Use { action, .. } => to_do_one(*action).to_owned(),
        Power::AskForMore => "ask to do more".to_owned(),
        Power::AllowMore { actions } => {
            format!("also allow the operator to {}", to_do(*actions))
        }
        Power::RefuseMore => "decline what was also asked for".to_owned(),
        Power::Withdraw { actions } => {
            format!("take back what is allowed: {}", to_do(*actions))
        }
        Power::Pause => "pause the session".to_owned(),
        Power::Continue => "let the session go on".to_owned(),
        Power::Leave => "leave and let the session stay available".to_owned(),
        Power::End => "end the session".to_owned(),
        Power::Lapse { .. } => "count no answer as no".to_owned(),
        Power::GiveUp { .. } => {
            "end the session because the user's computer does not come back".to_owned()
        }
        Power::Expire { .. } => "let the session expire".to_owned(),
        Power::ReportRemoval => "report what the agent removed".to_owned(),
        Power::SignEnd => "sign the end of the record".to_owned(),
        Power::See => "see the session in the portal".to_owned(),
        Power::Replay => "replay what was recorded".to_owned(),
        Power::Export => "export what was recorded".to_owned(),
    }
}

fn first(name: &str) -> String {
    let mut rest = name.chars();
    rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
}

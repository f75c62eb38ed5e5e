//! Time that passes: a real agent at a server whose clock the test moves.

use std::time::Duration;

use beckon_protocol::InvitationLink;
use beckon_tests::desk::Desk;
use beckon_tests::inside::ground::{Ground, Invited};
use beckon_tests::stage::Stage;
use beckon_tests::user::User;
use tokio::runtime::Runtime;

/// How long invitations are open and users wait where nothing else is set.
const WAIT: Duration = Duration::from_hours(2);
const SECOND: Duration = Duration::from_secs(1);

fn link(ground: &Ground, invited: &Invited) -> String {
    let (token, code) = (invited.token.clone(), invited.code.clone());
    InvitationLink { server: ground.address.to_string().parse().unwrap(), token, code }.to_string()
}

#[test]
fn a_session_to_which_nobody_connects_expires_and_the_agent_says_so() {
    let _stage = Stage::take();
    let runtime = Runtime::new().unwrap();
    let ground = runtime.block_on(Ground::new());
    let invited = runtime.block_on(ground.invited());
    let desk = Desk::open("user");
    let mut user = User::starts_installed(&desk, &[&link(&ground, &invited)]);
    user.joins("Acme");
    ground.clock.advance(WAIT.saturating_sub(SECOND));
    user.window().never_sees("Nobody connected in time");
    ground.clock.advance(SECOND);
    let window = user.window();
    window.sees("Nobody connected in time");
    window.sees("Ask your helper for a new invitation. This window closes by itself.");
    window.sees("Nothing was shared.");
    window.sees("The server has recorded the end.");
    window.shot("agent-expired");
    window.sees("Your receipt proves that this session and its end stand in the log of Acme.");
    let mut story = runtime.block_on(ground.story(invited.session));
    story[3..].sort_unstable();
    assert_eq!(story, ["Created", "Joined", "Expired", "AgentRemoved", "HeadSigned"]);
    window.click("Close");
    assert!(user.agent().ends().success());
}

#[test]
fn an_invitation_that_nobody_used_in_time_opens_nothing() {
    let _stage = Stage::take();
    let runtime = Runtime::new().unwrap();
    let ground = runtime.block_on(Ground::new());
    let invited = runtime.block_on(ground.invited());
    let desk = Desk::open("user");
    let user = User::starts_installed(&desk, &[&link(&ground, &invited)]);
    ground.clock.advance(WAIT);
    runtime.block_on(ground.recorded(invited.session, "Expired"));
    user.window().click("Start");
    user.window().sees("This invitation is no longer valid. Ask your helper for a new one.");
    let story = runtime.block_on(ground.story(invited.session));
    assert_eq!(story, ["Created", "Expired"]);
}

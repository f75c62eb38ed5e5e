//! Launch links: once, in time, signed, and for their session only.

use std::time::Duration;

use beckon_protocol::{ControlSays, ToControl};
use ring::signature::Ed25519KeyPair;

use beckon_tests::inside::client::{Agent, Control, Heard};
use beckon_tests::inside::ground::Ground;

fn pair(ground: &Ground) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&ground.hub.random.bytes::<32>()).unwrap()
}

async fn refused(ground: &Ground, make: impl FnOnce(&[u8]) -> ControlSays) -> String {
    let (mut socket, nonce) = Control::greet(ground).await;
    socket.say(&make(&nonce)).await;
    let ToControl::NotValid { why } = socket.hear().await else { panic!("it was let in") };
    assert!(!matches!(socket.closed().await, Heard::Message(_)));
    why
}

#[tokio::test]
async fn a_launch_link_opens_once_and_enrols_its_control() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let _agent = Agent::joined(&ground, &invited).await;
    let (token, key) = (ground.launch(&invited), pair(&ground));
    let (mut socket, nonce) = Control::greet(&ground).await;
    socket.say(&Control::redeem(&key, &nonce, &token)).await;
    assert!(matches!(socket.hear().await, ToControl::Door { .. }));
    let keys = Control::keys_of(&key);
    assert!(ground.hub.may_control(invited.operator, &keys), "enrolled");
    let again = refused(&ground, |nonce| Control::redeem(&key, nonce, &token)).await;
    assert!(again.contains("portal again"), "{again}");
    assert!(ground.hub.launches.is_redeemed(&token, invited.operator));
}

#[tokio::test]
async fn an_old_forged_or_wrongly_signed_link_opens_nothing() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let _agent = Agent::joined(&ground, &invited).await;
    let key = pair(&ground);
    refused(&ground, |nonce| Control::redeem(&key, nonce, &"A".repeat(43))).await;
    let token = ground.launch(&invited);
    let other_nonce = [0; 32];
    refused(&ground, |_| Control::redeem(&key, &other_nonce, &token)).await;
    assert!(!ground.hub.launches.is_redeemed(&token, invited.operator), "it is still good");
    ground.clock.advance(Duration::from_mins(1));
    refused(&ground, |nonce| Control::redeem(&key, nonce, &token)).await;
}

#[tokio::test]
async fn a_key_that_was_never_enrolled_cannot_come_back() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let _agent = Agent::joined(&ground, &invited).await;
    let control = Control::launched(&ground, &invited).await;
    let stranger = pair(&ground);
    let session = control.door.session;
    refused(&ground, |nonce| {
        let bytes = beckon_protocol::control_resume_bytes(nonce, session);
        let signature = beckon_protocol::Base64(stranger.sign(&bytes).as_ref().to_vec());
        ControlSays::Resume { session, keys: Control::keys_of(&stranger), signature }
    })
    .await;
}

#[tokio::test]
async fn a_disabled_operator_s_control_does_nothing_more() {
    let ground = Ground::new().await;
    let invited = ground.invited().await;
    let _agent = Agent::joined(&ground, &invited).await;
    let mut control = Control::launched(&ground, &invited).await;
    let disable = beckon_events::operator::Command::Disable;
    let done = ground.hub.operator(invited.operator, ground.own(), disable).await.unwrap();
    assert!(ground.hub.reached(&done).await);
    control.request([beckon_events::Action::View]).await;
    assert!(matches!(control.socket.hear().await, ToControl::NotValid { .. }));
    assert_eq!(ground.story(invited.session).await, ["Created", "Joined"]);
}

//! The log of the program, as JSON: readable by programs, and silent about people.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use beckon_events::OperatorId;
use beckon_events::operator::{Command, Role};
use beckon_protocol::{ControlSays, JoinBy, ToControl};
use beckon_server::clock::SystemClock;
use beckon_server::config::{Config, Log};
use beckon_server::logs;
use beckon_tests::http;
use beckon_tests::inside::client::{Agent, Control};
use beckon_tests::inside::ground::Ground;
use serde_json::Value;

/// Keeps what is written.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn as_json() -> Log {
    let environment = [("BECKON_LOG__FORMAT", "json"), ("BECKON_LOG__LEVEL", "debug")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Config::parse("", environment).unwrap().log
}

/// Somebody without whom the portal shows nothing.
async fn administrator(ground: &Ground<SystemClock>) {
    let operator = OperatorId(ground.hub.random.uuid());
    let account = ground.hub.views.read(|models| models.account.account()).unwrap();
    let (name, role) = ("Ada".into(), Role::Admin);
    let invite = Command::Invite { operator, account, name, role };
    ground.hub.operator(operator, ground.own(), invite).await.unwrap();
    let register = Command::Register { name: "Ada".into(), email: "ada@example.org".into() };
    let done = ground.hub.operator(operator, ground.own(), register).await.unwrap();
    assert!(ground.hub.reached(&done).await);
}

/// Tries to sign in with a wrong password, as a browser does.
fn sign_in(address: &str, email: &str, password: &str) -> u16 {
    let page = http::get(address, "/sign-in");
    let cookie = page.header("set-cookie").unwrap_or_default();
    let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
    let text = page.text();
    let csrf = text.split_once("name=\"csrf\" value=\"").and_then(|(_, rest)| rest.split_once('"'));
    let csrf = csrf.map_or("", |(token, _)| token);
    let email = email.replace('@', "%40");
    let form = format!("csrf={csrf}&email={email}&password={password}&next=%2F");
    let origin = format!("http://{address}");
    let headers = [
        ("Cookie", cookie.as_str()),
        ("Origin", origin.as_str()),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ];
    http::ask(address, "POST", "/sign-in", &headers, form.as_bytes()).status
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_is_json_and_no_line_holds_anything_about_people() {
    let kept = Kept::default();
    let writer = kept.clone();
    // The whole process logs there from now on: whatever other tests do must be JSON, too.
    assert!(logs::start(as_json(), move || writer.clone()), "somebody else keeps the logs");
    let ground = Ground::in_real_time().await;
    administrator(&ground).await;
    let operator = ground.operator("Wilhelmina Quastenberg").await;
    let invited = ground.invitation(operator).await;
    let mut stranger = Agent::connect(&ground).await;
    stranger.try_code("QQQQQ-WRONG", None).await;
    let by = JoinBy::Token(invited.token.as_str().to_owned());
    let mut agent = Agent::connect(&ground).await;
    agent.try_join(by, None).await;
    let mut control = Control::launched(&ground, &invited).await;
    control.request([beckon_events::Action::Control]).await;
    agent.approve(&control, ground.hub.journal.now()).await;
    control.until(|heard| matches!(heard, ToControl::Approved { .. })).await;
    control.socket.say(&ControlSays::Connected {}).await;
    // The two come over lines of their own.
    ground.recorded(invited.session, "OperatorConnected").await;
    agent.socket.text("{\"t\":\"secret-nonsense\"}").await;
    ground.recorded(invited.session, "AgentLost").await;
    let mut agent = agent.resume(&ground).await;
    let end = agent.ended();
    agent.socket.say(&end).await;
    control.until(|heard| matches!(heard, ToControl::Ended { .. })).await;
    let address = ground.address.to_string();
    let email = "Wilhelmina.Quastenberg@example.org";
    let status = tokio::task::block_in_place(|| sign_in(&address, email, "Qu4stenb3rg-s3cret"));
    assert_eq!(status, 422, "the wrong password was looked at");
    let session = invited.session.to_string();
    drop(ground);
    let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
    let mut told = BTreeSet::new();
    for line in text.lines() {
        let said: Value = serde_json::from_str(line).unwrap_or_else(|why| panic!("{why}: {line}"));
        for key in ["timestamp", "level", "target", "message"] {
            assert!(said[key].is_string(), "{key} is missing: {line}");
        }
        if said["session"] == session.as_str() && said["level"] == "INFO" {
            told.extend(said["event"].as_str().map(str::to_owned));
        }
    }
    for event in ["Created", "Joined", "ApprovalRequested", "Approved", "Ended"] {
        assert!(told.contains(event), "{event} of {session} is no line: {told:?}");
    }
    let secrets = [
        invited.code.folded(),
        invited.code.to_string(),
        invited.token.as_str().to_owned(),
        "QQQQQWR0NG".to_owned(),
        "QQQQQ-WRONG".to_owned(),
        "Wilhelmina".to_owned(),
        "Quastenberg".to_owned(),
        email.to_owned(),
        "Qu4stenb3rg".to_owned(),
        "secret-nonsense".to_owned(),
    ];
    for secret in secrets {
        let told = text.lines().find(|line| line.to_lowercase().contains(&secret.to_lowercase()));
        assert_eq!(told, None, "{secret} is in the log");
    }
}

//! Histories that cannot have happened, signed by the real key: the server itself is dishonest.

use beckon_events::ActionSet;
use beckon_events::session::Fact;
use beckon_events::{Digest, Salt, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

use super::dice::Dice;
use super::ground::Ground;
use super::mutant::{Expected, Mutant};
use super::scene::{Outcome, Scene, everything, strange_key, stranger};
use super::trial::Trial;

/// 150 of them: each way in as many sessions as it takes.
pub fn add(ground: &Ground, dice: &mut Dice, trial: &mut Trial) {
    let mut made = 0;
    while made < 150 {
        let (what, change) = WAYS[made % WAYS.len()];
        let (bundle, expected) = changed(ground, dice, change);
        let what = format!("illegal: {what}");
        // Where the whole log is wrong there, its session is too.
        let of_one = made / WAYS.len() % 2 == 1 && expected.0 != "V5";
        let export =
            match of_one.then(|| bundle.1.and_then(|session| session.parse().ok())).flatten() {
                Some(session) => bundle.0.of_session(session),
                None => bundle.0,
            };
        trial.add(Mutant { zip: made % 5 == 0, ..Mutant::new(what, export.all(), expected) });
        made += 1;
    }
}

type Changed = ((beckon_audit::fabricate::Bundle, Option<String>), Expected);

fn changed(ground: &Ground, dice: &mut Dice, change: Way) -> Changed {
    for _ in 0..2_000 {
        let original = dice.one(&ground.logs);
        let (number, stream) = dice.one(&original.sessions()).clone();
        let mut scene = Scene::new(original, number);
        if let Some(expected) = change(&mut scene) {
            let session = stream.strip_prefix("session-").map(str::to_owned);
            return ((scene.bundle(), session), expected);
        }
    }
    panic!("no session can be changed in this way");
}

type Way = fn(&mut Scene<'_>) -> Outcome;

fn nothing() -> Value {
    json!({})
}

const WAYS: [(&str, Way); 59] = [
    ("an action before its grant", |s| {
        s.before("Approved", "ActionStarted", json!({"action": "view"}))
    }),
    ("an action before anybody came", |s| {
        s.before("Joined", "ActionStarted", json!({"action": "view"}))
    }),
    ("an action after the end", |s| s.after("Ended", "ActionStarted", json!({"action": "view"}))),
    ("a pause after the end", |s| {
        let end = s.end()?;
        s.insert(end + 1, "Paused", nothing())
    }),
    ("ended twice", |s| s.twice("Ended")),
    ("expired twice", |s| s.twice("Expired")),
    ("joined after it had expired", |s| {
        s.after("Expired", "Joined", json!({"agent": {"ed25519": strange_key()}}))
    }),
    ("a clipboard that nobody shared", |s| {
        let copied = json!({"direction": "to_user", "kind": "text", "bytes": 3});
        s.after("ActionStarted", "ClipboardShared", copied)
    }),
    ("more than granted", |s| s.after("Approved", "ActionStarted", json!({"action": "camera"}))),
    ("no approval", |s| s.without("Approved")),
    ("no request", |s| s.without("ApprovalRequested")),
    ("nobody joined", |s| s.without("Joined")),
    ("never created", |s| s.without("Created")),
    ("created twice", |s| s.twice("Created")),
    ("joined twice", |s| s.twice("Joined")),
    ("requested twice", |s| s.twice("ApprovalRequested")),
    ("started twice", |s| s.twice("ActionStarted")),
    ("stopped what did not run", |s| {
        s.after("Approved", "ActionStopped", json!({"action": "view", "why": "user"}))
    }),
    ("connected before the approval", |s| s.swapped("Approved", "OperatorConnected")),
    ("requested before anybody came", |s| s.swapped("Joined", "ApprovalRequested")),
    ("removed before the end", |s| s.swapped("Ended", "AgentRemoved")),
    ("continued without a pause", |s| s.after("Approved", "Continued", nothing())),
    ("paused twice", |s| s.twice("Paused")),
    ("lost twice", |s| s.twice("AgentLost")),
    ("resumed without a loss", |s| s.after("Joined", "AgentResumed", nothing())),
    ("an event that does not exist", |s| s.after("Joined", "Teleported", nothing())),
    ("an extension that nobody asked for", |s| s.without("ExtensionRequested")),
    ("an extension refused that nobody asked for", |s| {
        s.after("Approved", "ExtensionRefused", json!({"actions": ["files"]}))
    }),
    ("an action after the operator left", |s| {
        s.after("OperatorLeft", "ActionStarted", json!({"action": "chat"}))
    }),
    ("an answer to another request", |s| s.fields("Approved", "V8", &[("request", json!(7))])),
    ("a lapse of another request", |s| s.fields("ApprovalLapsed", "V8", &[("request", json!(7))])),
    ("connected as somebody else", |s| {
        s.fields("OperatorConnected", "V8", &[("operator", json!(Uuid::from_u128(7)))])
    }),
    ("connected with another Control", |s| {
        s.fields("OperatorConnected", "V8", &[("control", json!(strange_key()))])
    }),
    ("another action than granted", |s| {
        s.fields("ActionStarted", "V8", &[("action", json!("files"))])
    }),
    ("more approved than asked for", |s| {
        s.granted("Approved", |grant| grant.actions = everything())
    }),
    ("nothing approved", |s| s.granted("Approved", |grant| grant.actions = ActionSet::EMPTY)),
    ("more extended than asked for", |s| {
        s.granted("GrantExtended", |grant| grant.actions = everything())
    }),
    ("an extension that is not newer", |s| s.granted("GrantExtended", |grant| grant.n = 1)),
    ("nothing withdrawn", |s| {
        let granted = s.grant("GrantExtended")?.actions;
        s.granted("GrantWithdrawn", |grant| grant.actions = granted)
    }),
    ("an action after the grant's time", |s| {
        let until = s.draft.metadata(s.find("Approved")?).at;
        s.granted("Approved", |grant| grant.until = until)?;
        Some(super::mutant::at("V8", s.find("ActionStarted")?))
    }),
    ("a grant by somebody else", |s| {
        let statement = s.grant("Approved")?.sign(&stranger());
        s.stated("Approved", &statement)
    }),
    ("a grant for another session", |s| {
        let mut grant = s.grant("Approved")?;
        grant.session.0 = Uuid::from_u128(7);
        let statement = grant.sign(&s.agent());
        s.stated("Approved", &statement)
    }),
    ("a grant for another operator", |s| {
        let mut grant = s.grant("Approved")?;
        grant.operator.0 = Uuid::from_u128(7);
        let statement = grant.sign(&s.agent());
        s.stated("Approved", &statement)
    }),
    ("a grant for another Control", |s| {
        let mut grant = s.grant("Approved")?;
        grant.control = strange_key();
        let statement = grant.sign(&s.agent());
        s.stated("Approved", &statement)
    }),
    ("more in the event than in the grant", |s| {
        s.fields("Approved", "V7", &[("actions", json!(["view", "control", "chat", "files"]))])
    }),
    ("longer in the event than in the grant", |s| {
        s.fields("Approved", "V7", &[("until", json!("2031-01-01T00:00:00.000000Z"))])
    }),
    ("another number than in the grant", |s| s.fields("Approved", "V7", &[("n", json!(3))])),
    ("an extension with the first grant", |s| {
        let grant = s.grant("Approved")?.sign(&s.agent());
        s.stated("GrantExtended", &grant)
    }),
    ("a signature that does not hold", |s| {
        let index = s.find("Approved")?;
        s.draft.body(index, |data| {
            let sig = data["statement"]["sig"].as_str().unwrap().to_owned();
            let first = if sig.starts_with('A') { "B" } else { "A" };
            data["statement"]["sig"] = json!(format!("{first}{}", &sig[1..]));
        });
        Some(super::mutant::at("V7", index))
    }),
    ("ended by a user who said nothing", |s| {
        s.statement("Ended")?;
        s.fields("Ended", "V7", &[("statement", Value::Null)])
    }),
    ("ended by the user of another session", |s| {
        s.statement("Ended")?;
        let statement = s.says(beckon_events::SessionId(Uuid::from_u128(7)), Fact::Ended);
        s.stated("Ended", &statement)
    }),
    ("ended with another fact", |s| {
        s.statement("Ended")?;
        let statement = s.says(s.session(), Fact::removal(&[], &[]));
        s.stated("Ended", &statement)
    }),
    ("removed another number of things", |s| {
        let statement = s.says(s.session(), Fact::removal(&[], &[]));
        s.stated("AgentRemoved", &statement)
    }),
    ("removed something else", |s| {
        s.draft.is_opened(s.find("AgentRemoved")?).then_some(())?;
        let thing =
            |value: &str| beckon_events::Committed { salt: Salt([1; 16]), value: value.into() };
        let removed = [thing("a"), thing("b")];
        let statement = s.says(s.session(), Fact::removal(&removed, &[thing("c")]));
        s.stated("AgentRemoved", &statement)
    }),
    ("removed twice", |s| s.twice("AgentRemoved")),
    ("signed the head twice", |s| s.twice("HeadSigned")),
    ("a head by somebody else", |s| {
        let bytes = s.statement("HeadSigned")?;
        s.stated("HeadSigned", &Statement::sign(&bytes, &stranger()))
    }),
    ("a head of another event", |s| s.head(|_, leaf| *leaf = Digest([5; 32]))),
    ("a head of another version", |s| s.head(|version, _| *version -= 1)),
];

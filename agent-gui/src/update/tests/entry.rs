use super::*;
use crate::model::{Entry, Ticket, WhyNot};
use crate::text;
use beckon_protocol::{AgentFileName, InvitationLink, JoinBy, LinkToken};

fn entry(world: &World) -> &Entry {
    match &world.model.stage {
        Stage::Entry(entry) => entry,
        other => panic!("not at the entry but {other:?}"),
    }
}

fn ready(world: &World) -> Result<(), WhyNot> {
    entry(world).ready(world.now).map(drop)
}

fn typed_in() -> World {
    let mut world = World::new();
    world.user(User::TypesServer("localhost:8080".into()));
    world.user(User::TypesCode(CODE.into()));
    world
}

fn wrong(attempts_left: u32, wait_seconds: Option<u64>) -> ToAgent {
    ToAgent::WrongCode { attempts_left, ticket: "ticket".into(), wait_seconds }
}

fn link() -> InvitationLink {
    InvitationLink {
        server: "localhost:8080".parse().unwrap(),
        token: LinkToken::from_random([1; 16]),
        code: CODE.parse().unwrap(),
    }
}

#[test]
fn start_is_possible_only_with_a_server_and_a_code_that_can_be_right() {
    for (server, code, is) in [
        ("", "", Err(WhyNot::Incomplete)),
        ("localhost", "0123", Err(WhyNot::Incomplete)),
        ("", CODE, Err(WhyNot::Incomplete)),
        ("localhost", "oi234 56789", Ok(())),
        ("localhost", "01234-56788", Err(WhyNot::Wrong("One character seems wrong.".into()))),
        (
            "http://help.example.org",
            CODE,
            Err(WhyNot::Wrong(
                "This server offers no protected connection, ask your helper.".into(),
            )),
        ),
    ] {
        let mut world = World::new();
        world.user(User::TypesServer(server.into()));
        world.user(User::TypesCode(code.into()));
        assert_eq!(ready(&world), is, "{server} {code}");
        let effects = world.user(User::Starts);
        assert_eq!(effects.is_empty(), is.is_err(), "{server} {code}: {effects:?}");
    }
}

#[test]
fn a_file_s_name_and_a_link_only_fill_the_fields() {
    let mut world = World::new();
    let name = AgentFileName::find("beckon-agent_localhost_8080_0123456789").unwrap();
    let effects = world.feed(Input::Named(name));
    assert_eq!(effects, [Effect::LoadTicket(link().server)]);
    assert_eq!(
        (entry(&world).server.as_str(), entry(&world).code.as_str()),
        ("localhost:8080", CODE)
    );
    let mut pasted = World::new();
    pasted.user(User::TypesCode(link().to_string()));
    assert_eq!(
        (entry(&pasted).server.as_str(), entry(&pasted).code.as_str()),
        ("localhost:8080", CODE)
    );
    assert!(entry(&pasted).joining.is_none(), "the user presses Start");
}

#[test]
fn a_link_joins_by_its_token_unless_the_code_was_changed() {
    let mut world = World::new();
    world.feed(Input::Linked(link()));
    world.user(User::Starts);
    let effects = world.up();
    assert!(matches!(
        said(&effects)[..],
        [AgentSays::Join { by: JoinBy::Token(token), .. }] if *token == *link().token.as_str()
    ));
    let mut world = World::new();
    world.feed(Input::Linked(link()));
    world.user(User::TypesCode("0000000000".into()));
    world.user(User::Starts);
    let effects = world.up();
    assert!(matches!(said(&effects)[..], [AgentSays::Join { by: JoinBy::Code(_), .. }]));
}

#[test]
fn wrong_codes_are_counted_and_the_same_one_is_not_sent_twice() {
    let mut world = typed_in();
    assert_eq!(world.user(User::Starts), [Effect::Connect(1, link().server)]);
    world.up();
    let effects = world.server(wrong(4, None));
    let ticket = Ticket { ticket: Some("ticket".into()), attempts_left: 4, wait_until: None };
    assert_eq!(effects, [Effect::SaveTicket(link().server, ticket), Effect::Disconnect]);
    assert_eq!(ready(&world), Err(WhyNot::Incomplete), "the code must be changed");
    world.user(User::TypesCode("0000000000".into()));
    assert_eq!(world.user(User::Starts).len(), 1);
    let effects = world.up();
    assert!(matches!(
        said(&effects)[..],
        [AgentSays::Join { ticket: Some(ticket), .. }] if ticket == "ticket"
    ));
}

#[test]
fn after_too_many_wrong_codes_there_is_a_wait_that_a_restart_does_not_end() {
    let mut world = typed_in();
    world.user(User::Starts);
    world.up();
    let effects = world.server(wrong(0, Some(900)));
    let Some(Effect::SaveTicket(server, kept)) = effects.first().cloned() else { panic!() };
    assert_eq!(ready(&world), Err(WhyNot::Wait(Duration::from_mins(15))));
    let mut again = typed_in();
    again.now = world.now;
    again.later(60_000);
    again.feed(Input::TicketFound(server.clone(), kept));
    assert_eq!(ready(&again), Err(WhyNot::Wait(Duration::from_mins(14))));
    assert_eq!(again.user(User::Starts), []);
    let effects = again.after(14 * 60_000);
    assert_eq!(effects, [Effect::DropTicket(server)], "the wait is over");
    assert_eq!(ready(&again), Ok(()));
}

#[test]
fn a_server_that_says_wait_is_believed() {
    let mut world = typed_in();
    world.user(User::Starts);
    world.up();
    world.server(ToAgent::Wait { wait_seconds: 30 });
    assert_eq!(ready(&world), Err(WhyNot::Wait(Duration::from_secs(30))));
}

#[test]
fn what_goes_wrong_is_said_and_can_be_tried_again() {
    let mut world = typed_in();
    world.user(User::Starts);
    assert_eq!(world.down(), [Effect::Disconnect]);
    assert_eq!(entry(&world).problem.as_deref(), Some("The connection was lost."));
    assert_eq!(ready(&world), Ok(()));
    let mut world = World::new();
    world.feed(Input::Linked(link()));
    world.user(User::Starts);
    world.up();
    world.server(ToAgent::NotValid {});
    assert_eq!(entry(&world).problem.as_deref(), Some(text::NOT_VALID));
    assert_eq!(ready(&world), Err(WhyNot::Incomplete));
}

#[test]
fn what_an_older_connection_says_is_ignored() {
    let mut world = typed_in();
    world.user(User::Starts);
    world.user(User::Cancels);
    world.user(User::Starts);
    let joined = ToAgent::NotValid {};
    assert_eq!(world.feed(Input::Line(1, Line::Message(joined))), []);
    assert!(entry(&world).joining.is_some());
}

#[test]
fn closing_the_entry_closes_at_once() {
    let mut world = typed_in();
    assert_eq!(world.user(User::Closes), [Effect::Exit]);
    assert!(matches!(world.model.stage, Stage::Gone));
}

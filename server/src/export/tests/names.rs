//! Whose names can be read.

use super::*;

/// What the manifest says, and the subjects whose keys are there.
async fn opened(
    server: &Server,
    session: Option<SessionId>,
    names: Names,
) -> (String, Vec<String>) {
    let (contents, files) = server.export(session, names).await;
    let said = json(&files, "manifest.json")["names"].as_str().unwrap().to_owned();
    let keys = files.contains_key("subjects.json").then(|| json(&files, "subjects.json"));
    let mut keys = keys.map_or(Vec::new(), |keys| {
        let keys = keys.as_object().unwrap().clone();
        for (subject, key) in &keys {
            let own = beckon_events::Keys::key(&server.hub.keys, subject.parse().unwrap());
            let own = data_encoding::BASE64.encode(own.unwrap().unwrap().bytes());
            assert_eq!(*key, own, "{subject}");
        }
        keys.into_iter().map(|(subject, _)| subject).collect()
    });
    // The order of a parsed object depends on what else is built.
    keys.sort_unstable();
    assert_eq!(contents.opened, keys.len() as u64);
    assert_eq!(files.contains_key("subjects.json"), said != "none");
    (said, keys)
}

fn subjects() -> [Subject; 3] {
    [Subject::operator(ANA), Subject::user(FIRST), Subject::user(SECOND)]
}

#[actix_web::test]
async fn keys_leave_only_for_those_who_are_named_and_stand_in_it() {
    let server = Server::new().await;
    let [ana, first, second] = subjects().map(|subject| subject.to_string());
    let all = vec![ana.clone(), first.clone(), second];
    assert_eq!(opened(&server, None, Names::None).await, ("none".into(), vec![]));
    assert_eq!(opened(&server, None, Names::All).await, ("all".into(), all));
    let stranger = Subject::user(SessionId(Uuid::from_u128(77)));
    let some = Names::Some(vec![Subject::operator(ANA), Subject::user(FIRST), stranger]);
    assert_eq!(
        opened(&server, None, some.clone()).await,
        ("some".into(), vec![ana, first.clone()])
    );
    let of_first = ("some".to_owned(), vec![first.clone()]);
    assert_eq!(opened(&server, Some(FIRST), some.clone()).await, of_first);
    assert_eq!(opened(&server, Some(SECOND), some).await, ("some".into(), vec![]));
    assert_eq!(opened(&server, Some(FIRST), Names::All).await, ("all".into(), vec![first]));
}

#[actix_web::test]
async fn all_is_claimed_only_where_the_log_explains_every_missing_key() {
    let server = Server::new().await;
    let [ana, first, second] = subjects();
    server.hub.keys.erase(first).unwrap();
    let left = vec![ana.to_string(), second.to_string()];
    assert_eq!(opened(&server, None, Names::All).await, ("some".into(), left.clone()));
    let reason = "asked for it".to_owned();
    server.account(Command::Erase { subject: first, reason: reason.clone() }).await;
    assert_eq!(opened(&server, None, Names::All).await, ("all".into(), left));
    assert_eq!(opened(&server, Some(FIRST), Names::All).await, ("all".into(), vec![]));
    // Recorded, though the key is still there: it does not leave.
    server.account(Command::Erase { subject: second, reason }).await;
    assert_eq!(opened(&server, None, Names::All).await, ("all".into(), vec![ana.to_string()]));
}

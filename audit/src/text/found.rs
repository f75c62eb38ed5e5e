//! What is wrong with events, checkpoints and receipts (V1 to V9).

/// V1.
pub mod chain {
    /// Another log.
    pub const OTHER_LOG: &str = "the event belongs to another log";
    /// Another session.
    pub const OTHER_STREAM: &str = "the event belongs to another session";
    /// Not the data that was written.
    pub const BODY: &str = "its data was changed: it is not what its envelope names";
    /// Not the next one.
    pub const GAP: &str = "an event before it in its stream is missing, or stands twice";
    /// Another predecessor.
    pub const PREV: &str = "it does not follow the event before it in its stream";
    /// Time.
    pub const EARLIER: &str = "its time is before that of an event before it";
    /// A session's events in another order.
    pub const ORDER: &str = "its place in the log is not after that of the event before it";
    /// Version 0.
    pub const UNFROZEN: &str = "it was written by a development build (version 0), before the \
        format of the log was frozen; such logs cannot be verified";
    /// Not an envelope.
    pub const ENVELOPE: &str = "its metadata does not have the form of version 1";

    /// A version that is to come.
    pub fn newer(v: u64) -> String {
        format!(
            "the event has version {v} and this program reads version 1: use a newer beckon-audit"
        )
    }

    /// Not strict JSON.
    pub fn not_json(which: &str, what: &str) -> String {
        format!("its {which} is not written as the log writes: {what}")
    }
}

/// V2.
pub mod tree {
    /// Level 0.
    pub const LEAF: &str = "the tiles hold another event at this place";
    /// Levels above.
    pub const NODE: &str = "it does not hold the hashes over the tiles below it";
    /// Of one session.
    pub const PROOF: &str = "its proof does not lead to the root of the checkpoint";
}

/// V3, V4 and V5.
pub mod history {
    use beckon_protocol::evidence::Fingerprint;

    /// The last one is of another size.
    pub const SIZE: &str = "the last checkpoint is not over as many events as manifest.json says";
    /// Signature.
    pub const SIGNATURE: &str =
        "a checkpoint is not signed by the key that keys.json names for its era";
    /// Sizes.
    pub const SHRINKS: &str =
        "a checkpoint is not larger than the one before it, or than what was restored";
    /// The event that begins an era.
    pub const RESTORED: &str = "LogRestored does not name the next era and the events before it";
    /// An era without one.
    pub const NOT_RESTORED: &str = "there are checkpoints of an era that no LogRestored begins";

    /// Another root.
    pub fn root(size: u64) -> String {
        format!("the root over the first {size} events is not the one in its checkpoint")
    }

    /// The key that the caller named is another.
    pub fn other_key(own: Fingerprint) -> String {
        format!(
            "the export is signed by the key {own}, not by the one that you named: compare it \
             with what `beckon-server init` printed; if that is the one you named, somebody \
             signed this log anew"
        )
    }
}

/// V6.
pub mod receipts {
    /// `HeadSigned`.
    pub const OTHER_HEAD: &str =
        "HeadSigned names another event than the one that closed its session";
    /// None.
    pub const NO_RECEIPT: &str =
        "the session is over and its receipt is missing: every export has it then";
    /// Whose.
    pub const STRANGER: &str = "it is signed by nobody who took part in the session";
    /// Unreadable.
    pub const UNREADABLE: &str = "the event or the checkpoint in the receipt cannot be read";
    /// Inclusion.
    pub const PROOF: &str = "the proof in the receipt does not lead to the root of its checkpoint";
    /// Signature.
    pub const SIGNATURE: &str =
        "the checkpoint in the receipt is not signed by the key that it names";
    /// The log.
    pub const OTHER_LOG: &str = "it is about another log than this export; compare the right two";
    /// The key.
    pub const OTHER_KEY: &str = "it was signed by another key than this export names for its era: \
        the log was signed anew, or this is another one";
    /// The era.
    pub const NO_ERA: &str = "the export knows no key for its era: take an export that is newer \
        than this checkpoint; if it is, entries are missing";
    /// Which event.
    pub const NOT_THE_END: &str = "the event in the receipt is not the end of a session";
    /// The holder.
    pub const HOLDER: &str = "what its holder signed is not the end of this session";
    /// Gone.
    pub const GONE: &str =
        "the export has another event at this place, or none: the log was changed";
    /// A break.
    pub const IN_A_BREAK: &str =
        "it proves events that were lost when the log was put back from a backup";
    /// Fork.
    pub const FORK: &str = "the log had other events at this size: it was changed";

    /// An export that is older than what was seen, or whose end was cut off.
    pub fn cut_off(has: u64, speaks: u64) -> String {
        let has = crate::text::events(has);
        format!(
            "the export has {has} and this checkpoint speaks of {speaks}: take an export that is \
             newer than the checkpoint; if it is, entries are missing"
        )
    }
}

/// What the caller has seen.
pub mod seen {
    /// Something else.
    pub const NEITHER: &str =
        "this is neither a checkpoint nor a receipt; give the file as it was kept";
    /// A folder.
    pub const FOLDER: &str = "this is a folder; give the file of a checkpoint or of a receipt";
    /// Damaged.
    pub const RECEIPT: &str =
        "the receipt in this file is damaged or cut off; take another copy of it";
    /// Other words.
    pub const WORDS: &str = "the text above the block of this receipt is not the one that belongs \
        to it: it was changed; take another copy";
    /// Two.
    pub const SEVERAL: &str = "there is more than one receipt in this file; give one at a time";
}

/// V7.
pub mod endpoint {
    /// Fields.
    pub const UNREADABLE: &str = "what the endpoint stated cannot be read";
    /// No statement.
    pub const MISSING: &str = "the endpoint's signed statement is missing";
    /// Signature.
    pub const SIGNATURE: &str = "the signature under the endpoint's statement is wrong";
    /// Key.
    pub const OTHER_KEY: &str = "the statement is not signed by the endpoint of this session";
    /// Session.
    pub const OTHER_SESSION: &str = "the statement was made for another session";
    /// Another spelling.
    pub const SPELLING: &str = "the statement is not written in the one way that agents sign";
    /// No grant.
    pub const NO_GRANT: &str = "the statement is no grant";
    /// Other words.
    pub const OTHER_GRANT: &str = "the event says something else than the agent signed";
    /// Other people.
    pub const OTHER_HOLDER: &str = "the grant was signed for another operator or another Control";
    /// No fact.
    pub const NO_FACT: &str = "the statement says nothing that is known";
    /// Another fact.
    pub const OTHER_FACT: &str = "the statement says something else than the event";
    /// Removal.
    pub const OTHER_COUNT: &str = "the agent signed another number of things than the event lists";
    /// Removal.
    pub const OTHER_COMMITMENT: &str = "the agent signed something else than the event lists";
    /// Head.
    pub const OTHER_HEAD: &str =
        "what was signed is not the end of the session that the event names";
}

/// V8.
pub mod legality {
    /// Table.
    pub const NOT_NOW: &str = "this cannot happen in the state that the session was in";
    /// Table.
    pub const AFTER_THE_END: &str = "it happened after the end of its session";
    /// Once.
    pub const TWICE: &str = "this can happen only once";
    /// Pairs.
    pub const NOT_IN_TURN: &str = "it does not alternate with its counterpart";
    /// Answers.
    pub const OTHER_REQUEST: &str = "it answers another request than the open one";
    /// Grants.
    pub const MORE_THAN_ASKED: &str = "it allows nothing, or more than was asked for";
    /// Grants.
    pub const NO_NEWER: &str = "its grant is no newer than the one before";
    /// Grants.
    pub const NOT_ASKED: &str = "it answers an extension that nobody asked for";
    /// Grants.
    pub const NO_PART: &str = "what is left is not a part of what was allowed";
    /// Grants.
    pub const OTHER_PART: &str = "what it says was taken back is not what is missing now";
    /// The session.
    pub const OTHER_SESSION: &str = "Created names another session than its stream";
    /// People.
    pub const OTHER_OPERATOR: &str = "the operator or the Control is not the one that was allowed";
    /// Actions.
    pub const NOT_ALLOWED: &str = "an action was used that nobody had allowed, or no longer";
    /// Actions.
    pub const RUNS_ALREADY: &str = "an action was started that was in use already";
    /// Actions.
    pub const DOES_NOT_RUN: &str = "an action was stopped that was not in use";
    /// Nothing can have gone over.
    pub const NEVER_SHARED: &str = "something was copied over before the clipboard was shared";

    /// A name that is unknown.
    pub fn unknown(kind: &str) -> String {
        format!("no session has an event {kind}")
    }

    /// A version of the fields that is unknown.
    pub fn schema(kind: &str, schema: u64) -> String {
        format!("{kind} has schema {schema}, this program knows 1: use a newer beckon-audit")
    }

    /// Fields that are missing or of another kind.
    pub fn unreadable(kind: &str) -> String {
        format!("the fields of {kind} are not those that it has")
    }
}

/// V9.
pub mod sealed {
    use beckon_events::Subject;

    /// Fields.
    pub const OTHER_FIELDS: &str = "its sealed fields are not those that its envelope lists";
    /// An erasure of nobody.
    pub const NO_SUBJECT: &str = "SubjectErased does not say who was erased";

    /// Form.
    pub fn form(pointer: &str) -> String {
        format!("the sealed field {pointer} does not have its form")
    }

    /// Key.
    pub fn shut(pointer: &str, subject: Subject) -> String {
        format!("the sealed field {pointer} does not open with the key of {subject}")
    }

    /// Order.
    pub fn after_erasure(subject: Subject) -> String {
        format!("something is sealed for {subject}, who had been erased")
    }

    /// A key is missing.
    pub fn no_key(subject: Subject, index: u64) -> String {
        format!(
            "{subject} (first in event {index}) has neither a key here nor an erasure in the log"
        )
    }

    /// A key is still there.
    pub fn erased_with_key(subject: Subject) -> String {
        format!("{subject} was erased and still has a key here")
    }
}

//! A whole log, event by event.

use std::collections::HashMap;
use std::time::Duration;

use beckon_events::envelope::{self, Actor, Cause, Head, Sealed, Seals};
use beckon_events::session::Session;
use beckon_events::{
    AccountId, CommandId, Decider, Digest, DomainEvent, LogId, Subject, Timestamp, account, node,
    operator,
};
use beckon_protocol::evidence::{Checkpoint, Origin, Tile, Tiler};
use uuid::Uuid;

use super::Recipe;
use super::script::Script;
use super::seed::{Seed, public};

/// How many sessions are under way at the same time.
const TOGETHER: usize = 4;
/// The host in the origin.
const HOST: &str = "help.example.org";

/// Where a log goes while it is made.
pub trait Sink {
    /// The next event.
    fn event(&mut self, event: &Sealed);
    /// A tile that will not change any more.
    fn tile(&mut self, tile: &Tile);
    /// A checkpoint.
    fn checkpoint(&mut self, era: u32, note: &str);
}

/// What was made.
#[derive(Debug)]
pub struct Made {
    /// The log.
    pub log: LogId,
    /// Its source.
    pub seed: Seed,
    /// How many eras it has.
    pub eras: u32,
    /// How many events.
    pub size: u64,
    /// Those who were erased.
    pub erased: Vec<Subject>,
}

/// Makes a log.
pub fn make(recipe: &Recipe, sink: &mut dyn Sink) -> Made {
    let seed = Seed::new(recipe.seed);
    let mut log = Log {
        log: seed.log(),
        seed,
        sink,
        heads: HashMap::new(),
        tiler: Tiler::default(),
        now: Timestamp::from_micros(1_795_334_400_000_000),
        commands: 0,
        era: 0,
        signed: 0,
        every: recipe.checkpoint_every.max(1),
    };
    log.set_up(recipe);
    let per_era = recipe.sessions.div_ceil(recipe.eras.max(1)).max(1);
    for era in 0..recipe.eras.max(1) {
        if era > 0 {
            log.restore();
        }
        let last = recipe.sessions.min((era + 1) * per_era);
        log.sessions(era * per_era..last, recipe);
    }
    let erased = log.erase(recipe);
    log.checkpoint();
    let Log { tiler, seed, era, sink, log, .. } = log;
    tiler.partials().iter().for_each(|tile| sink.tile(tile));
    Made { log, seed, eras: era + 1, size: tiler.size(), erased }
}

impl Made {
    /// The origin in `era`.
    pub fn origin(&self, era: u32) -> Origin {
        Origin { host: HOST.to_owned(), log: self.log, era }
    }
}

struct Log<'a> {
    log: LogId,
    seed: Seed,
    sink: &'a mut dyn Sink,
    heads: HashMap<String, Head>,
    tiler: Tiler,
    now: Timestamp,
    commands: u64,
    era: u32,
    signed: u64,
    every: u64,
}

struct Live {
    id: Uuid,
    script: Script,
    state: Session,
    closing: Digest,
}

impl Log<'_> {
    fn set_up(&mut self, recipe: &Recipe) {
        let account = AccountId(self.seed.uuid("account", 0));
        let opened = account::Event::Opened { account, company: "Acme <Helps> & Co".to_owned() };
        self.append(account.0, Actor::SYSTEM, &[opened]);
        self.start();
        for number in 0..recipe.operators {
            let id = self.seed.operator(number);
            let name = || format!("Ana Silva {number}").as_str().into();
            let role = operator::Role::Operator;
            let invited = operator::Event::Invited { operator: id, account, name: name(), role };
            self.append(id.0, Actor::SYSTEM, &[invited]);
            let email = format!("ana{number}@example.org").as_str().into();
            let registered = operator::Event::Registered { name: name(), email };
            self.append(id.0, Actor::operator(id), &[registered]);
            let control = self.seed.control_keys(number);
            let enrolled = operator::Event::ControlEnrolled { control, device: "notebook".into() };
            self.append(id.0, Actor::operator(id), &[enrolled]);
        }
    }

    fn start(&mut self) {
        let key = public(&self.seed.log_pair(self.era));
        let started = node::Event::ServerStarted {
            log: self.log,
            build: "0.1.0".to_owned(),
            era: self.era,
            log_key: Some(key),
        };
        self.node(started);
    }

    fn node(&mut self, event: node::Event) {
        let correlation = self.seed.uuid("node", 0);
        self.stored("node-0", correlation, Actor::SYSTEM, &[event]);
    }

    fn sessions(&mut self, numbers: std::ops::Range<u32>, recipe: &Recipe) {
        let mut coming = numbers.map(|number| (number, Script::new(number, recipe)));
        let mut live: Vec<Live> = Vec::new();
        loop {
            while live.len() < TOGETHER {
                let Some((number, script)) = coming.next() else { break };
                let id = self.seed.session(number).0;
                live.push(Live { id, script, state: Session::default(), closing: Digest::ZERO });
            }
            if live.is_empty() {
                return;
            }
            live.retain_mut(|one| self.step(one));
        }
    }

    /// One command of a session; whether more will come.
    fn step(&mut self, one: &mut Live) -> bool {
        let next = one.script.next(&self.seed, &one.state, one.closing, self.now);
        let Some((command, actor)) = next else {
            self.heads.remove(&envelope::stream_name("session", one.id));
            return false;
        };
        let events = one.state.decide(command.clone());
        let events = events.unwrap_or_else(|why| unreachable!("{command:?} is refused: {why}"));
        let was_open = one.state.is_open();
        let stored = self.append(one.id, actor, &events);
        one.state = events.iter().fold(std::mem::take(&mut one.state), Session::evolve);
        if was_open && !one.state.is_open() {
            one.closing = stored.last().map_or(Digest::ZERO, |event| event.leaf);
        }
        true
    }

    fn erase(&mut self, recipe: &Recipe) -> Vec<Subject> {
        let account = self.seed.uuid("account", 0);
        let mut erased = Vec::new();
        for number in 0..recipe.erased.min(recipe.sessions) {
            let subject = Subject::user(self.seed.session(number));
            let reason = "asked for it in writing".to_owned();
            self.append(
                account,
                Actor::SYSTEM,
                &[account::Event::SubjectErased { subject, reason }],
            );
            erased.push(subject);
        }
        erased
    }

    /// Goes on from a backup that lacks what was signed last.
    fn restore(&mut self) {
        self.checkpoint();
        let (size, checkpoint) = (self.tiler.size(), self.note());
        let mut lost = self.tiler.clone();
        for number in 0..5 {
            lost.push(Digest(self.seed.bytes("lost", number)));
            if number % 2 == 0 {
                let note = self.sign(&lost);
                self.sink.checkpoint(self.era, &note);
            }
        }
        self.era += 1;
        let (era, checkpoint) = (self.era, Some(checkpoint));
        self.node(node::Event::LogRestored { era, size, checkpoint });
        self.start();
    }

    fn append<E: DomainEvent>(&mut self, id: Uuid, actor: Actor, events: &[E]) -> Vec<Sealed> {
        self.stored(&envelope::stream_name(E::CATEGORY, id), id, actor, events)
    }

    fn stored<E: DomainEvent>(
        &mut self,
        stream: &str,
        correlation: Uuid,
        actor: Actor,
        events: &[E],
    ) -> Vec<Sealed> {
        self.now = self.now.plus(Duration::from_millis(700));
        self.commands += 1;
        let command = CommandId(self.seed.uuid("command", self.commands));
        let cause = Cause { log: self.log, command, correlation, at: self.now, actor };
        let head = self.heads.entry(stream.to_owned()).or_default();
        let seals = Seals { keys: &self.seed, nonces: &self.seed };
        let stored = envelope::build(stream, *head, &cause, events, seals)
            .unwrap_or_else(|why| unreachable!("{why}"));
        if let Some(last) = stored.last() {
            *head = Head {
                next: head.next + u64::try_from(stored.len()).unwrap_or(0),
                leaf: last.leaf,
            };
        }
        for event in &stored {
            self.sink.event(event);
            for tile in self.tiler.push(event.leaf) {
                self.sink.tile(&tile);
            }
            if self.tiler.size() >= self.signed + self.every {
                self.checkpoint();
            }
        }
        stored
    }

    fn checkpoint(&mut self) {
        if self.tiler.size() > self.signed {
            self.signed = self.tiler.size();
            let note = self.note();
            self.sink.checkpoint(self.era, &note);
        }
    }

    fn note(&self) -> String {
        self.sign(&self.tiler)
    }

    fn sign(&self, tiler: &Tiler) -> String {
        let origin = Origin { host: HOST.to_owned(), log: self.log, era: self.era };
        let point = Checkpoint { origin, size: tiler.size(), root: tiler.root() };
        point.sign(&self.seed.log_pair(self.era)).note
    }
}

//! What was so for how long, as bars under the timeline of a replay.

use beckon_events::{Action, ActionSet};

use super::axis::{Axis, Place};
use super::facts;
use super::film::{Film, Step};
use crate::text;

/// One row of bars.
pub struct Lane {
    /// Of what.
    pub name: String,
    /// The bars, from the left.
    pub bars: Vec<Bar>,
    /// All of it in words.
    pub words: String,
}

/// For how long something was so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// From here.
    pub from: Place,
    /// So far.
    pub width: Place,
    /// For the style sheet.
    pub class: &'static str,
    /// What was so.
    pub words: String,
}

/// Something that was so: its class and its words.
type Value = (&'static str, String);

/// The state, the two ends, and each action that was ever asked for.
pub fn of(film: &Film, axis: &Axis) -> Vec<Lane> {
    let lane = |name: &str, value: &dyn Fn(&Step) -> Option<Value>| {
        let values: Vec<_> = film.steps.iter().map(value).collect();
        Lane::of(name, &values, axis)
    };
    let mut lanes = vec![
        lane(text::replay::STATE, &|step| {
            let state = facts::state(step)?;
            Some((facts::class(state), text::state(state).to_owned()))
        }),
        lane(text::replay::COMPUTER, &computer),
        lane(text::replay::OPERATOR, &|step| {
            step.standing.connected().map(|_| ("tied", text::replay::CONNECTED.to_owned()))
        }),
    ];
    let mentioned = |all: ActionSet, step: &Step| all.or(asked(step)).or(allowed(step));
    let all = film.steps.iter().fold(ActionSet::EMPTY, mentioned);
    for action in Action::ALL.into_iter().filter(|action| all.contains(*action)) {
        let name = text::replay::things(ActionSet::EMPTY.with(action).minus(implied(action)));
        lanes.push(lane(&name, &|step| use_of(step, action)));
    }
    lanes
}

impl Bar {
    /// Whether its words fit into it on a usual window: a letter is about a percent wide.
    pub fn fits(&self) -> bool {
        self.width.thousandths() > 1_500 + 1_050 * self.words.chars().count() as u64
    }
}

impl Lane {
    fn of(name: &str, values: &[Option<Value>], axis: &Axis) -> Self {
        let mut bars: Vec<Bar> = Vec::new();
        let mut begun = 0;
        for (index, value) in values.iter().enumerate() {
            if values.get(index + 1) == Some(value) {
                continue;
            }
            if let Some((class, words)) = value {
                let from = axis.place(begun);
                let width = from.until(axis.place(index + 1));
                bars.push(Bar { from, width, class, words: words.clone() });
            }
            begun = index + 1;
        }
        let words: Vec<_> = bars.iter().map(|bar| bar.words.as_str()).collect();
        let words = format!("{name}: {}", words.join(", "));
        Self { name: name.to_owned(), bars, words }
    }
}

fn computer(step: &Step) -> Option<Value> {
    let session = step.standing.session();
    let there = session.agent().is_some() && session.is_open();
    there.then(|| match step.lost_until {
        None => ("tied", text::replay::CONNECTED.to_owned()),
        Some(_) => ("away", text::replay::IS_AWAY.to_owned()),
    })
}

fn asked(step: &Step) -> ActionSet {
    let session = step.standing.session();
    let request = session.request().map(|request| request.actions);
    request.unwrap_or_default().or(session.extension().unwrap_or_default())
}

fn allowed(step: &Step) -> ActionSet {
    step.standing.session().grant().map(|grant| grant.actions).unwrap_or_default()
}

fn use_of(step: &Step, action: Action) -> Option<Value> {
    let session = step.standing.session();
    let (class, words) = if session.running().contains(action) {
        if session.is_paused() {
            ("held", text::replay::PAUSED)
        } else {
            ("used", text::replay::IN_USE)
        }
    } else if allowed(step).contains(action) {
        ("allowed", text::replay::ALLOWED)
    } else if asked(step).contains(action) && session.is_open() {
        ("asked", text::replay::ASKED)
    } else {
        return None;
    };
    Some((class, words.to_owned()))
}

/// What an action brings with it, which has a lane of its own.
fn implied(action: Action) -> ActionSet {
    let view = ActionSet::EMPTY.with(Action::View);
    if action == Action::Control { view } else { ActionSet::EMPTY }
}

#[cfg(test)]
mod tests {
    use beckon_events::Timestamp;

    use super::*;

    #[test]
    fn what_stays_so_is_one_bar_and_the_last_reaches_to_the_end() {
        let times: Vec<_> =
            (0..4).map(|second| Timestamp::from_micros(second * 1_000_000)).collect();
        let axis = Axis::of(&times);
        let on = || Some(("used", "on".to_owned()));
        let lane = Lane::of("View", &[None, on(), on(), None], &axis);
        let bar = |from: usize, to: Place| Bar {
            from: axis.place(from),
            width: axis.place(from).until(to),
            class: "used",
            words: "on".to_owned(),
        };
        assert_eq!(lane.bars, [bar(1, axis.place(3))]);
        assert_eq!(lane.words, "View: on");
        let lane = Lane::of("View", &[on(), None, None, on()], &axis);
        assert_eq!(lane.bars, [bar(0, axis.place(1)), bar(3, Place::END)]);
    }
}

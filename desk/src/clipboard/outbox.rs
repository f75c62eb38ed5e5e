//! What was copied here, on its way to the other side: behind everything else.

use std::pin::Pin;
use std::time::Duration;
use std::vec::IntoIter;

use beckon_peer::{Clip, SealError, Sealer, Stream};
use tokio::sync::watch;
use tokio::time::{Sleep, sleep};

use super::Sort;

/// The pause between two records where nothing is known of the link.
const PAUSE: Duration = Duration::from_millis(50);
/// The shortest and the longest pause.
const PAUSES: [Duration; 2] = [Duration::from_millis(5), Duration::from_secs(2)];
/// An answer that does not come holds nothing up for longer.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// What waits; may be cloned.
#[derive(Clone, Debug)]
pub struct Clips {
    waiting: watch::Sender<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    open: bool,
    /// What is halfway out stays here too.
    recalled: bool,
    /// What is copied later takes its place.
    clip: Option<Clip>,
    /// What the link carries, in bytes a second.
    rate: Option<u64>,
    /// The ping after the last record, until it is answered.
    ping: Option<u64>,
}

/// The sending end.
#[derive(Debug)]
pub struct Outbox {
    clips: Clips,
    waiting: watch::Receiver<Waiting>,
    begun: Option<Begun>,
}

/// A message of which records are still to be sent.
#[derive(Debug)]
struct Begun {
    records: IntoIter<Vec<u8>>,
    sort: Sort,
    pause: Duration,
    /// Until the next record: it goes on where other messages come between.
    rest: Pin<Box<Sleep>>,
}

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// A record.
    Record(Vec<u8>),
    /// The last record of this.
    Last(Vec<u8>, Sort),
    /// Nothing after all.
    Nothing,
    /// It was stopped halfway: the rest stays here, so that the channel has to be made anew.
    Recalled,
}

impl Clips {
    /// Nothing may be sent yet.
    pub fn new() -> (Self, Outbox) {
        let (sender, waiting) = watch::channel(Waiting::default());
        let clips = Self { waiting: sender };
        (clips.clone(), Outbox { clips, waiting, begun: None })
    }

    /// What is copied may be sent from now on, or may not, also what is halfway out.
    pub fn open(&self, open: bool) {
        self.waiting.send_modify(|waiting| {
            waiting.open = open;
            waiting.recalled = !open;
            if !open {
                waiting.clip = None;
            }
        });
    }

    /// What is copied may not be sent any more; what has begun is finished, unless it is stopped
    /// too.
    pub fn close(&self) {
        self.waiting.send_modify(|waiting| {
            waiting.open = false;
            waiting.clip = None;
        });
    }

    /// What waits is not sent; what has begun is finished.
    pub fn forget(&self) {
        self.waiting.send_modify(|waiting| waiting.clip = None);
    }

    /// Sends `clip` instead of what waits; `rate` is what the link carries, in bytes a second.
    pub fn send(&self, clip: Clip, rate: Option<u64>) {
        self.waiting.send_if_modified(|waiting| {
            if waiting.open {
                (waiting.clip, waiting.rate) = (Some(clip), rate);
            }
            waiting.open
        });
    }

    /// The ping with this nonce has been answered.
    pub fn answered(&self, nonce: u64) {
        self.waiting
            .send_if_modified(|waiting| waiting.ping.take_if(|ping| *ping <= nonce).is_some());
    }
}

impl Outbox {
    /// Waits until [`Outbox::next`] has something to say.
    pub async fn ready(&mut self) {
        let mut changes = self.waiting.clone();
        match &mut self.begun {
            Some(begun) => {
                let in_turn = async {
                    // Half of what the link carries is left to everything else,
                    begun.rest.as_mut().await;
                    // and where its speed is not known, one record at a time.
                    let answer = self.waiting.wait_for(|waiting| waiting.ping.is_none());
                    drop(tokio::time::timeout(ANSWER_WITHIN, answer).await);
                };
                tokio::select! {
                    () = in_turn => {}
                    _ = changes.wait_for(|waiting| waiting.recalled) => {}
                }
            }
            // It fails when nobody can copy anything any more, and that is when the link ends.
            None => drop(changes.wait_for(|waiting| waiting.clip.is_some()).await),
        }
    }

    /// The next record.
    pub fn next(&mut self, sealer: &mut Sealer) -> Result<Next, SealError> {
        if self.begun.is_some() && self.waiting.borrow().recalled {
            return Ok(Next::Recalled);
        }
        let begun = match &mut self.begun {
            Some(begun) => begun,
            none => {
                let mut taken = None;
                self.clips.waiting.send_if_modified(|waiting| {
                    taken = waiting.clip.take().map(|clip| (clip, waiting.rate));
                    waiting.ping = None;
                    false
                });
                let Some((clip, rate)) = taken else { return Ok(Next::Nothing) };
                let records = sealer.seal(Stream::Clipboard, &clip.to_bytes())?;
                let pause = pause(&records, rate);
                let (sort, rest) = (Sort::of(&clip), Box::pin(sleep(pause)));
                none.insert(Begun { records: records.into_iter(), sort, pause, rest })
            }
        };
        begun.rest = Box::pin(sleep(begun.pause));
        let (record, sort) = (begun.records.next(), begun.sort);
        let is_last = begun.records.len() == 0;
        if is_last {
            self.begun = None;
        }
        Ok(match record {
            Some(record) if is_last => Next::Last(record, sort),
            Some(record) => Next::Record(record),
            None => Next::Nothing,
        })
    }

    /// The next record waits until the ping with this nonce, which was sent after the last one,
    /// has been answered.
    pub fn pinged(&self, nonce: u64) {
        self.clips.waiting.send_modify(|waiting| waiting.ping = Some(nonce));
    }
}

fn pause(records: &[Vec<u8>], rate: Option<u64>) -> Duration {
    let length = records.first().map_or(0, Vec::len);
    let bytes = u64::try_from(length).unwrap_or(u64::MAX);
    let [shortest, longest] = PAUSES;
    rate.filter(|rate| *rate > 0).map_or(PAUSE, |rate| {
        let micros = bytes.saturating_mul(2_000_000) / rate;
        Duration::from_micros(micros).clamp(shortest, longest)
    })
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    fn clip(text: &str) -> Clip {
        Clip::text(text.to_owned()).unwrap()
    }

    /// An outbox that is in the middle of something.
    fn busy() -> (Clips, Outbox) {
        let (clips, mut outbox) = Clips::new();
        clips.open(true);
        let records = vec![vec![1], vec![2]].into_iter();
        let (sort, rest) = (Sort::of(&clip("a")), Box::pin(sleep(PAUSE)));
        outbox.begun = Some(Begun { records, sort, pause: PAUSE, rest });
        (clips, outbox)
    }

    async fn is_ready(outbox: &mut Outbox, within: Duration) -> bool {
        timeout(within, outbox.ready()).await.is_ok()
    }

    #[tokio::test]
    async fn only_the_newest_waits_and_nothing_once_it_is_stopped() {
        let (clips, mut outbox) = Clips::new();
        clips.send(clip("before it is shared"), None);
        assert!(clips.waiting.borrow().clip.is_none());
        clips.open(true);
        clips.send(clip("a"), None);
        clips.send(clip("b"), None);
        assert_eq!(clips.waiting.borrow().clip, Some(clip("b")));
        outbox.ready().await;
        clips.open(false);
        assert!(!is_ready(&mut outbox, PAUSE).await, "there is nothing to send");
    }

    #[tokio::test]
    async fn it_pauses_and_waits_for_the_answer_and_a_stop_ends_both() {
        let (clips, mut outbox) = busy();
        assert!(!is_ready(&mut outbox, PAUSES[0]).await, "it pauses");
        outbox.pinged(7);
        assert!(!is_ready(&mut outbox, PAUSE * 2).await, "it waits");
        clips.answered(6);
        assert!(!is_ready(&mut outbox, PAUSE).await, "an older answer says nothing");
        clips.answered(7);
        assert!(is_ready(&mut outbox, PAUSES[0]).await, "the pause is over too");
        outbox.pinged(8);
        clips.open(false);
        assert!(is_ready(&mut outbox, PAUSES[0]).await, "so that it can be recalled");
        assert!(outbox.begun.is_some());
    }

    #[tokio::test]
    async fn what_has_begun_is_finished_when_it_is_closed_and_not_when_it_is_stopped() {
        let (clips, mut outbox) = busy();
        clips.close();
        clips.send(clip("later"), None);
        assert!(clips.waiting.borrow().clip.is_none());
        assert!(!is_ready(&mut outbox, PAUSES[0]).await, "it keeps its pace");
        assert!(is_ready(&mut outbox, PAUSE * 2).await, "the next record follows");
        clips.open(false);
        assert!(is_ready(&mut outbox, PAUSES[0]).await);
        assert!(outbox.waiting.borrow().recalled && outbox.begun.is_some());
    }

    #[test]
    fn half_of_the_link_is_left_to_everything_else() {
        let records = [vec![0; 65_536]];
        assert_eq!(pause(&records, None), PAUSE);
        assert_eq!(pause(&records, Some(131_072)), Duration::from_secs(1));
        assert_eq!(pause(&records, Some(1)), PAUSES[1]);
        assert_eq!(pause(&records, Some(u64::MAX)), PAUSES[0]);
    }
}

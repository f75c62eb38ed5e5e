//! An agent that means no good: the tunnel ends with a reason, the program goes on.

use beckon_peer::{Opener, Why};
use tokio::task::spawn_blocking;

use super::*;

/// An update that is built by hand.
#[derive(Clone)]
struct Bytes(Vec<u8>);

impl Bytes {
    /// An update `number`; a reset to a picture of `size` where there is one.
    fn update(number: u32, size: Option<[u16; 2]>) -> Self {
        let mut out = vec![2, u8::from(size.is_some())];
        out.extend(number.to_be_bytes());
        out.extend(7_u32.to_be_bytes());
        if let Some([width, height]) = size {
            out.extend(5_u32.to_be_bytes());
            out.extend(width.to_be_bytes());
            out.extend(height.to_be_bytes());
            out.push(0);
        }
        Self(out)
    }

    fn lists(mut self, moves: &[[u16; 6]], text: &[[u16; 2]], photos: u16) -> Self {
        self.short(moves.len());
        self.0.extend(moves.as_flattened().iter().flat_map(|value| value.to_be_bytes()));
        self.short(text.len());
        self.0.extend(text.as_flattened().iter().flat_map(|value| value.to_be_bytes()));
        self.short(0);
        self.0.extend(photos.to_be_bytes());
        self
    }

    /// The end: what goes through zstd.
    fn zstd(mut self, zstd: &[u8]) -> Vec<u8> {
        self.0.extend(u32::try_from(zstd.len()).unwrap().to_be_bytes());
        self.0.extend(zstd);
        self.0
    }

    fn short(&mut self, value: usize) {
        self.0.extend(u16::try_from(value).unwrap().to_be_bytes());
    }
}

/// A zstd frame of blocks that each repeat a byte so often, never ended.
/// Source: RFC 8878, sections 3.1.1.1 and 3.1.1.2.
fn repeated(blocks: &[u32]) -> Vec<u8> {
    let mut out = vec![0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x70];
    for length in blocks {
        out.extend_from_slice(&(length << 3 | 0b010).to_le_bytes()[..3]);
        out.push(200);
    }
    out
}

const SIZE: Option<[u16; 2]> = Some([64, 64]);
const TILE: u32 = 64 * 64 * 4;

/// A picture of one tile.
fn picture(number: u32) -> Vec<u8> {
    Bytes::update(number, SIZE).lists(&[], &[[0, 0]], 0).zstd(&repeated(&[TILE]))
}

/// Moves a pixel.
fn moved(number: u32) -> Vec<u8> {
    Bytes::update(number, None).lists(&[[0, 0, 1, 1, 1, 0]], &[], 0).zstd(&[])
}

/// What the window hears in the end while an agent says this, after `asks` for it.
fn hears_of(
    asks: &[ControlMessage],
    say_all: impl AsyncFnOnce(&mut Caller, &mut Sealer, &mut Opener),
) -> Vec<TunnelEvent> {
    on_this_computer(async |listener, server| {
        let (desk, agent) = (Desk::new(), identity());
        let (mut relay, channel) = tunnel(&desk, (&listener, server), &agent, &agent).await;
        let Channel { mut sealer, mut opener, .. } = channel.unwrap();
        for ask in asks {
            desk.worker.carry_out(Effect::Send(ask.clone()));
            loop {
                let record = bytes(&mut relay).await;
                let (_, message) = opener.open(&record).unwrap().unwrap();
                if ControlMessage::from_bytes(&message).unwrap() == *ask {
                    break;
                }
            }
        }
        let heard = spawn_blocking(move || {
            let mut heard = Vec::new();
            loop {
                let Told::Input(Input::Tunnel { event, .. }) = desk.hears() else { continue };
                if matches!(event, TunnelEvent::Disturbed(_) | TunnelEvent::Down) {
                    // What is only heard in its newest state may come after the end.
                    desk.heard.borrow_mut().extend(desk.hearing.take());
                    for told in desk.heard.take() {
                        if let Told::Input(Input::Tunnel { event, .. }) = told {
                            heard.push(event);
                        }
                    }
                    heard.push(event);
                    return heard;
                }
                heard.push(event);
            }
        });
        say_all(&mut relay, &mut sealer, &mut opener).await;
        // An agent that was believed to the end goes.
        relay.close(None).await.ok();
        heard.await.unwrap()
    })
}

/// What is heard of an agent that is asked for its screen and sends these updates.
fn hears_of_updates(updates: Vec<Vec<u8>>) -> Vec<TunnelEvent> {
    hears_of(&[ControlMessage::StartAction(Action::View)], async |relay, sealer, _| {
        for update in updates {
            if !say(relay, sealer, Stream::Screen, &update).await {
                return;
            }
        }
    })
}

fn why(heard: &[TunnelEvent]) -> &str {
    match heard.last() {
        Some(TunnelEvent::Disturbed(why)) => why,
        other => panic!("not disturbed: {other:?}"),
    }
}

#[test]
fn what_these_tests_build_by_hand_is_a_picture() {
    let heard = hears_of_updates(vec![picture(1), moved(2), picture(3)]);
    assert_eq!(heard.last(), Some(&TunnelEvent::Down), "{heard:?}");
    assert!(heard.contains(&TunnelEvent::Picture { monitor: 5 }));
}

#[test]
fn an_update_that_cannot_be_decoded_ends_the_tunnel_with_a_reason() {
    let full = |lists: Bytes, zstd: &[u8]| lists.zstd(zstd);
    let reset = || Bytes::update(1, SIZE);
    let truncated = |length: usize| picture(1)[..length].to_vec();
    let bomb = repeated(&[128 * 1024; 4_000]);
    for (name, updates) in [
        ("tiles outside", vec![full(reset().lists(&[], &[[0, 999]], 0), &repeated(&[TILE]))]),
        ("a tile twice", vec![full(reset().lists(&[], &[[0, 0], [0, 0]], 0), &repeated(&[TILE]))]),
        ("a move outside", vec![full(reset().lists(&[[0, 0, 9, 9, 60, 0]], &[], 0), &[])]),
        ("many moves", vec![full(reset().lists(&[[0, 0, 64, 64, 0, 0]; 60], &[], 0), &[])]),
        ("photos that are not there", vec![full(reset().lists(&[], &[], 9), &[])]),
        ("truncated lists", vec![truncated(24)]),
        ("truncated pixels", vec![truncated(picture(1).len() - 2)]),
        ("empty", vec![Vec::new()]),
        ("trailing", vec![[picture(1), vec![0]].concat()]),
        ("a bomb", vec![full(reset().lists(&[], &[[0, 0]], 0), &bomb)]),
        ("no zstd", vec![full(reset().lists(&[], &[[0, 0]], 0), &[9; 100])]),
        ("another version", vec![vec![9; 40]]),
        ("no picture to change", vec![moved(1)]),
        ("one left out", vec![picture(1), moved(3)]),
        ("twice the same", vec![picture(1), moved(2), moved(2)]),
        ("nothing", vec![picture(1), full(Bytes::update(2, None).lists(&[], &[], 0), &[])]),
    ] {
        let heard = hears_of_updates(updates);
        assert!(!why(&heard).is_empty(), "{name}");
    }
}

#[test]
fn a_picture_of_an_absurd_size_is_not_shown_and_a_smaller_one_goes_on() {
    let absurd = || {
        Bytes::update(1, Some([u16::MAX, u16::MAX]))
            .lists(&[], &[[0, 0]], 0)
            .zstd(&repeated(&[TILE]))
    };
    let view = ControlMessage::StartAction(Action::View);
    let heard = hears_of(&[view], async |relay, sealer, opener| {
        for update in [absurd(), moved(2), moved(3), picture(4)] {
            assert!(say(relay, sealer, Stream::Screen, &update).await);
        }
        let mut acknowledged = Vec::new();
        while acknowledged.last() != Some(&4) {
            let record = bytes(relay).await;
            let (_, message) = opener.open(&record).unwrap().unwrap();
            if let ControlMessage::Ack { update } = ControlMessage::from_bytes(&message).unwrap() {
                acknowledged.push(update);
            }
        }
        assert_eq!(acknowledged, [1, 2, 3, 4], "the agent waits for none of them");
    });
    assert_eq!(heard.last(), Some(&TunnelEvent::Down), "{heard:?}");
    let at = |event: &TunnelEvent| heard.iter().position(|heard| heard == event);
    assert!(at(&TunnelEvent::TooLarge).is_some(), "{heard:?}");
    assert!(at(&TunnelEvent::Picture { monitor: 5 }).is_some(), "{heard:?}");
}

#[test]
fn ten_thousand_updates_in_a_second_are_too_much() {
    let updates = [picture(1)].into_iter().chain((2..=10_000).map(moved)).collect();
    let heard = hears_of_updates(updates);
    assert_eq!(why(&heard), "the other computer says too much");
}

#[test]
fn a_screen_that_begins_anew_again_and_again_is_too_much() {
    for sizes in [[[1_000, 800], [800, 1_000]], [[1_000, 800]; 2]] {
        let sizes = sizes.into_iter().cycle().zip(1..=60);
        let anew = |(size, number)| Bytes::update(number, Some(size)).lists(&[], &[], 0).zstd(&[]);
        let heard = hears_of_updates(sizes.map(anew).collect());
        assert_eq!(why(&heard), "the other screen begins anew too often");
    }
}

#[test]
fn twenty_thousand_messages_in_a_second_are_too_much() {
    let heard = hears_of(&[], async |relay, sealer, _| {
        let paused = AgentMessage::Paused.to_bytes();
        for _ in 0..20_000 {
            if !say(relay, sealer, Stream::Control, &paused).await {
                return;
            }
        }
    });
    assert_eq!(why(&heard), "the other computer says too much");
    let told = heard.iter().filter(|event| matches!(event, TunnelEvent::Told(_))).count();
    assert!((1_000..20_000).contains(&told), "{told}");
}

#[test]
fn what_nobody_asked_for_ends_the_tunnel() {
    let back = |back| ControlMessage::ShareClipboard { out: true, back };
    let view = || ControlMessage::StartAction(Action::View);
    let text = || b"\x01secret".to_vec();
    for (asks, stream, message) in [
        (vec![], Stream::Screen, picture(1)),
        (vec![back(true)], Stream::Screen, picture(1)),
        (vec![view()], Stream::Clipboard, text()),
        (vec![view(), back(false)], Stream::Clipboard, text()),
        (vec![view(), back(true)], Stream::File, text()),
        (vec![view(), back(true)], Stream::Camera, text()),
        (vec![view(), back(true)], Stream::Chat, text()),
    ] {
        let heard = hears_of(&asks, async |relay, sealer, _| {
            say(relay, sealer, stream, &message).await;
        });
        assert!(why(&heard).contains("nobody asked for"), "{heard:?}");
    }
}

#[test]
fn pictures_that_were_on_their_way_when_viewing_ended_are_not_shown() {
    let heard = hears_of(&[ControlMessage::StartAction(Action::View)], async |relay, sealer, _| {
        let stopped = AgentMessage::Stopped { action: Action::View, why: Why::Withdrawn };
        say(relay, sealer, Stream::Control, &stopped.to_bytes()).await;
        say(relay, sealer, Stream::Screen, &picture(1)).await;
    });
    assert_eq!(heard.last(), Some(&TunnelEvent::Down), "{heard:?}");
    assert!(!heard.contains(&TunnelEvent::Picture { monitor: 5 }), "{heard:?}");
}

#[test]
fn a_clip_that_is_none_ends_the_tunnel() {
    let asked = [ControlMessage::ShareClipboard { out: false, back: true }];
    for clip in [&b"\x02no picture"[..], b"\x01\xFF", b"\x09x", b"\x01"] {
        let heard = hears_of(&asked, async |relay, sealer, _| {
            say(relay, sealer, Stream::Clipboard, clip).await;
        });
        assert!(!why(&heard).is_empty());
    }
}

#[test]
fn bytes_that_the_agent_did_not_seal_disturb_the_tunnel() {
    let heard = hears_of(&[], async |relay, sealer, _| {
        let mut record = sealer.seal(Stream::Control, &AgentMessage::Paused.to_bytes()).unwrap();
        *record[0].last_mut().unwrap() ^= 1;
        relay.send(Message::binary(record.remove(0))).await.unwrap();
    });
    assert!(!heard.iter().any(|event| matches!(event, TunnelEvent::Told(_))), "{heard:?}");
    assert!(!why(&heard).is_empty());
}

//! From the name in `public_url` to this server, hop by hop.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, SystemTime};

use actix_web::http::header::HttpDate;
use beckon_events::Timestamp;
use beckon_protocol::limits::FRAME_MAX;
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::{self, Message};

use super::certificate::{Refused, days_left};
use super::line::{Answer, Line, WITHIN};
use super::report::{Check, Report};
use super::running::{self, APART, apart};
use super::standing::Standing;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::probes::{Probe, Seen};
use crate::text::doctor as text;

/// A certificate is renewed when fewer days are left.
const DAYS_LEFT: u64 = 21;
/// Two lines that are sent a second apart and come closer together were kept back.
const KEPT_BACK: Duration = Duration::from_millis(500);

/// Follows the way as far as it leads.
pub async fn follow(
    config: &Config,
    line: &Line,
    standing: Option<&Standing>,
    report: &mut Report,
) {
    let Some(addresses) = arrive(line, report).await else { return };
    let Some(standing) = standing else { return };
    let probe = &standing.probe;
    let Some(own) = leads_here(config, line, (&addresses, probe), report).await else { return };
    sockets(line, (&addresses, probe), report).await;
    buffering(line, (&addresses, probe), report).await;
    let seen = running::seen(config, &probe.ask).await;
    if let Some(seen) = seen.first() {
        visitors(config, line, own, seen, report);
    }
}

/// The name, the connection and the certificate.
async fn arrive(line: &Line, report: &mut Report) -> Option<Vec<SocketAddr>> {
    let (host, port) = (line.host(), line.port());
    let addresses = match line.resolve().await {
        Ok(addresses) => addresses,
        Err(error) => {
            report.fail(Check::Name, text::name_unknown(host, &error));
            return None;
        }
    };
    if host.parse::<IpAddr>().is_ok() {
        report.ok(Check::Name, text::name_is_address(host));
    } else {
        report.ok(Check::Name, text::name(host, &addresses));
    }
    let tcp = match Line::connect(&addresses).await {
        Ok(tcp) => tcp,
        Err(error) => {
            report.fail(Check::Connection, text::no_connection(host, port, &error));
            return None;
        }
    };
    report.ok(Check::Connection, text::connection(host, port));
    if !line.url.is_https() {
        return Some(addresses);
    }
    match line.begin_tls(tcp).await {
        Ok((_, chain)) => {
            let now = SystemClock::new().now().micros();
            let now = Duration::from_micros(u64::try_from(now).unwrap_or(0));
            match days_left(&chain, host, &line.roots, now) {
                Some(days) if days < DAYS_LEFT => {
                    report.warn(Check::Certificate, text::certificate_ends(host, days));
                }
                Some(days) => report.ok(Check::Certificate, text::certificate(host, days)),
                None => report.fail(Check::Certificate, text::certificate_untrusted(host)),
            }
            Some(addresses)
        }
        Err(error) => {
            report.fail(
                Check::Certificate,
                match Refused::of(&error) {
                    Refused::Expired => text::certificate_expired(host),
                    Refused::NotYet => text::certificate_not_yet(host),
                    Refused::OtherName => text::certificate_of_another(host),
                    Refused::Untrusted => text::certificate_untrusted(host),
                    Refused::NoTls(why) => text::no_tls(host, port, &why),
                },
            );
            None
        }
    }
}

/// Whether whoever answers there is this server; this end of the connection then.
async fn leads_here(
    config: &Config,
    line: &Line,
    (addresses, probe): (&[SocketAddr], &Probe),
    report: &mut Report,
) -> Option<SocketAddr> {
    let path = format!("/health/echo/{}", probe.ask);
    let clock = SystemClock::new();
    let before = clock.now();
    let asked = async {
        let connected = line.open(addresses).await?;
        let answer = line.get(connected.stream, &path, &[&probe.answer]).await?;
        Ok::<_, std::io::Error>((connected.own, answer))
    };
    let (own, answer) = match asked.await {
        Ok(answered) => answered,
        Err(error) => {
            report.fail(Check::Address, text::no_answer(&line.url, &error));
            return None;
        }
    };
    if let Some(date) = date_of(&answer) {
        dates(date, (before, clock.now()), report);
    }
    if heard(&answer, 0).is_some() {
        report.ok(Check::Address, text::leads_here(&line.url));
        return Some(own);
    }
    report.fail(
        Check::Address,
        match answer.status {
            502..=504 => text::proxy_finds_nobody(&line.url, answer.status, config.listen),
            status => text::leads_elsewhere(&line.url, status, config.listen),
        },
    );
    None
}

fn heard(answer: &Answer, word: usize) -> Option<Duration> {
    answer.heard.get(word).copied().flatten()
}

fn date_of(answer: &Answer) -> Option<Timestamp> {
    let date: HttpDate = answer.date.as_ref()?.parse().ok()?;
    let since = SystemTime::from(date).duration_since(SystemTime::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_micros()).ok().map(Timestamp::from_micros)
}

/// The answer's date against this machine's clock before and after.
fn dates(date: Timestamp, (before, after): (Timestamp, Timestamp), report: &mut Report) {
    // A date has whole seconds: it may be up to one behind.
    let late = before.since(date.plus(Duration::from_secs(1)));
    let early = date.since(after);
    let off = late.max(early);
    if off > APART {
        report.warn(Check::Clock, text::clocks_differ(apart(date, after).as_secs()));
    } else {
        report.ok(Check::Clock, text::CLOCKS_AGREE);
    }
}

/// What came of a socket.
enum Echoed {
    /// The message came back.
    Back,
    /// There is no socket: the status of the answer, where there was one.
    Refused(Option<u16>),
    /// There was a socket, but the message did not come back.
    Lost,
}

async fn sockets(line: &Line, (at, probe): (&[SocketAddr], &Probe), report: &mut Report) {
    match echoed(line, (at, probe), 16).await {
        Echoed::Back => report.ok(Check::WebSockets, text::WEB_SOCKETS_PASS),
        Echoed::Refused(status) => {
            return report.fail(Check::WebSockets, text::web_sockets_refused(status));
        }
        Echoed::Lost => return report.fail(Check::WebSockets, text::WEB_SOCKETS_LOSE),
    }
    match echoed(line, (at, probe), FRAME_MAX).await {
        Echoed::Back => report.ok(Check::FrameSize, text::FRAMES_PASS),
        Echoed::Refused(_) | Echoed::Lost => {
            report.fail(Check::FrameSize, text::FRAMES_ARE_CUT);
        }
    }
}

/// Sends one message of so many bytes over a socket of its own and waits for it to come back.
async fn echoed(line: &Line, (at, probe): (&[SocketAddr], &Probe), bytes: usize) -> Echoed {
    let scheme = if line.url.is_https() { "wss" } else { "ws" };
    let url = format!("{scheme}://{}/health/socket/{}", line.authority(), probe.ask);
    let Ok(connected) = line.open(at).await else { return Echoed::Refused(None) };
    let opening = tokio_tungstenite::client_async(url, connected.stream);
    let (mut socket, _) = match tokio::time::timeout(WITHIN, opening).await {
        Ok(Ok(opened)) => opened,
        Ok(Err(tungstenite::Error::Http(answer))) => {
            return Echoed::Refused(Some(answer.status().as_u16()));
        }
        Ok(Err(_)) | Err(_) => return Echoed::Refused(None),
    };
    let message = vec![0x62; bytes];
    let talk = async {
        socket.send(Message::binary(message.clone())).await.ok()?;
        let mut greeted = false;
        loop {
            match socket.next().await?.ok()? {
                Message::Text(text) if text.as_str() == probe.answer => greeted = true,
                Message::Binary(back) => return (greeted && back == message).then_some(()),
                Message::Ping(_) | Message::Pong(_) => {}
                _ => return None,
            }
        }
    };
    match tokio::time::timeout(WITHIN, talk).await {
        Ok(Some(())) => Echoed::Back,
        Ok(None) | Err(_) => Echoed::Lost,
    }
}

async fn buffering(line: &Line, (at, probe): (&[SocketAddr], &Probe), report: &mut Report) {
    let path = format!("/health/stream/{}", probe.ask);
    let asked = async {
        let connected = line.open(at).await?;
        line.get(connected.stream, &path, &["event: first", "event: second"]).await
    };
    let (first, second) = match asked.await {
        Ok(answer) => (heard(&answer, 0), heard(&answer, 1)),
        Err(_) => (None, None),
    };
    match (first, second) {
        (Some(first), Some(second)) if second.saturating_sub(first) >= KEPT_BACK => {
            report.ok(Check::Buffering, text::NOTHING_IS_KEPT_BACK);
        }
        (Some(_), Some(_)) => report.fail(Check::Buffering, text::KEPT_BACK),
        _ => report.fail(Check::Buffering, text::STREAM_LOST),
    }
}

/// Whether the server knows visitors from proxies.
fn visitors(config: &Config, line: &Line, own: SocketAddr, seen: &Seen, report: &mut Report) {
    let (peer, trusted) = (seen.peer.ip(), config.trusted_proxies.trusts(seen.peer.ip()));
    let direct = seen.peer == own;
    match (seen.forwarded, trusted) {
        (true, false) => report.warn(Check::Visitors, text::proxy_not_trusted(peer)),
        (true, true) => report.ok(Check::Visitors, text::visitor_seen(seen.client)),
        (false, _) if direct => report.ok(Check::Visitors, text::VISITORS_COME_DIRECTLY),
        // TLS ends in this server: what stands between forwards bytes, or renames addresses.
        (false, _) if config.tls.is_some() && line.url.is_https() => {
            report.warn(Check::Visitors, text::address_renamed(peer));
        }
        (false, true) => report.warn(Check::Visitors, text::proxy_names_nobody(peer)),
        (false, false) => report.warn(Check::Visitors, text::proxy_unknown(peer)),
    }
}

//! Mail, the programs to hand out, and the ports beside the portal's.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::line::{Line, WITHIN, timely};
use super::report::{Check, Report};
use super::standing::Standing;
use crate::config::Config;
use crate::downloads::{Downloads, Platform, Program};
use crate::mail::{self, MailError};
use crate::text::doctor as text;

/// Speaks to the mail server; sends a mail only where it is told to whom.
pub async fn mail(config: &Config, to: Option<lettre::Address>, report: &mut Report) {
    let Some(smtp) = &config.smtp else {
        return match to {
            None => report.ok(Check::Mail, text::NO_MAIL),
            Some(_) => report.fail(Check::Mail, text::NO_MAIL_TO_SEND),
        };
    };
    let trying = tokio::time::timeout(WITHIN, mail::greet(smtp));
    if let Err(error) = trying.await.unwrap_or(Err(MailError::Timeout)) {
        return report.fail(Check::Mail, text::mail_broken(smtp, &error));
    }
    let Some(to) = to else {
        return report.ok(Check::Mail, text::mail(smtp));
    };
    match mail::try_out(smtp, to.clone()).await {
        Ok(()) => report.ok(Check::Mail, text::mail_sent(smtp, &to)),
        Err(error) => report.fail(Check::Mail, text::mail_broken(smtp, &error)),
    }
}

/// Which programs there are to hand out.
pub async fn downloads(config: &Config, report: &mut Report) {
    let folder = config.downloads.clone().unwrap_or_else(|| config.data.join("downloads"));
    let named = folder.clone();
    let looking = tokio::task::spawn_blocking(move || {
        let downloads = Downloads::open(folder);
        [Program::Agent, Program::Control].map(|program| {
            let found =
                |platform: &Platform| matches!(downloads.find(program, *platform), Ok(Some(_)));
            Platform::ALL.into_iter().filter(found).map(Platform::words).collect::<Vec<_>>()
        })
    });
    let Ok([agents, controls]) = looking.await else { return };
    match (agents.is_empty(), controls.is_empty()) {
        (true, _) => report.warn(Check::Downloads, text::no_builds("beckon-agent", &named)),
        (false, true) => report.warn(Check::Downloads, text::no_builds("beckon-control", &named)),
        (false, false) => report.ok(Check::Downloads, text::builds(&agents, &controls)),
    }
}

/// Whether EventStoreDB clients find the log's port, and would trust it.
pub async fn face(config: &Config, line: Option<&Line>, report: &mut Report) {
    let Some(face) = &config.face else {
        return report.ok(Check::Face, text::NO_FACE);
    };
    let at = SocketAddr::new(reached_here(face.listen.ip()), face.listen.port());
    let tcp = match timely(TcpStream::connect(at)).await {
        Ok(tcp) => tcp,
        Err(error) => return report.fail(Check::Face, text::face_broken(at, &error)),
    };
    let (Some(_), Some(line)) = (&face.tls, line) else {
        return report.ok(Check::Face, text::face(at));
    };
    match line.begin_tls(tcp).await {
        Ok(_) => report.ok(Check::Face, text::face(at)),
        Err(error) => report.warn(Check::Face, text::face_not_trusted(at, line.host(), &error)),
    }
}

/// From where this machine reaches a port that listens there.
fn reached_here(listen: IpAddr) -> IpAddr {
    match listen {
        IpAddr::V4(any) if any.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(any) if any.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        other => other,
    }
}

/// Whether the metrics are served where they should be.
pub async fn metrics(config: &Config, standing: Option<&Standing>, report: &mut Report) {
    let Some(configured) = config.metrics else {
        return report.ok(Check::Metrics, text::NO_METRICS);
    };
    let Some(standing) = standing else { return };
    let at = standing.metrics.unwrap_or(configured);
    match served(at).await {
        Ok(true) => report.ok(Check::Metrics, text::metrics(at)),
        Ok(false) => report.fail(Check::Metrics, text::metrics_of_another(at)),
        Err(error) => report.fail(Check::Metrics, text::metrics_broken(at, &error)),
    }
}

async fn served(at: SocketAddr) -> std::io::Result<bool> {
    let mut stream = timely(TcpStream::connect(at)).await?;
    let mut answer = Vec::new();
    let asked = async {
        let request = format!("GET /metrics HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        (&mut stream).take(1024 * 1024).read_to_end(&mut answer).await
    };
    timely(asked).await?;
    let name = b"beckon_build_info";
    Ok(answer.windows(name.len()).any(|part| part == name))
}

//! Downloads of agent and Control.

use std::io;

use actix_web::body::SizedStream;
use actix_web::http::header;
use actix_web::{HttpResponse, web};
use bytes::Bytes;
use futures_util::{Stream, stream};
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;

use super::refusal::Refusal;
use crate::downloads::{Build, Downloads, Platform, Program};
use crate::hub::Hub;

/// How much is read at once.
const CHUNK: usize = 64 * 1024;

/// The agent, without a file name: the page's link gives it one, so that the code is in no
/// address and no log.
pub async fn agent(
    hub: web::Data<Hub>,
    platform: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    let platform = platform.parse().map_err(|()| Refusal::NotFound)?;
    hand_out(&hub, Program::Agent, platform, "attachment".to_owned()).await
}

/// Control.
pub async fn control(
    hub: web::Data<Hub>,
    platform: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    let platform: Platform = platform.parse().map_err(|()| Refusal::NotFound)?;
    let name = format!("attachment; filename=\"{}{}\"", Program::Control.name(), platform.exe());
    hand_out(&hub, Program::Control, platform, name).await
}

/// The builds of a program, for every platform.
pub async fn builds(
    downloads: &Downloads,
    program: Program,
) -> Result<Vec<(Platform, Option<Build>)>, Refusal> {
    let downloads = downloads.clone();
    let found = web::block(move || {
        Platform::ALL.map(|platform| (platform, downloads.find(program, platform)))
    });
    let read = |(platform, found): (Platform, std::io::Result<Option<Build>>)| {
        let found = found.unwrap_or_else(|error| {
            tracing::error!(%error, platform = platform.slug(), "a build cannot be read");
            None
        });
        (platform, found)
    };
    Ok(found.await?.into_iter().map(read).collect())
}

async fn hand_out(
    hub: &Hub,
    program: Program,
    platform: Platform,
    disposition: String,
) -> Result<HttpResponse, Refusal> {
    let failed = |error: std::io::Error| {
        tracing::error!(%error, platform = platform.slug(), "a build cannot be read");
        Refusal::Busy
    };
    let downloads = hub.downloads.clone();
    let found = web::block(move || downloads.find(program, platform)).await?;
    let build = found.map_err(failed)?.ok_or(Refusal::NotFound)?;
    let file = File::open(&build.path).await.map_err(failed)?;
    if !build.is(&file.metadata().await.map_err(failed)?) {
        // Replaced at this very moment: the page has promised another file.
        return Err(Refusal::Busy);
    }
    Ok(HttpResponse::Ok()
        .content_type("application/octet-stream")
        .insert_header((header::CONTENT_DISPOSITION, disposition))
        .body(SizedStream::new(build.bytes, Box::pin(chunks(file)))))
}

/// A file from where it stands, a piece at a time.
pub fn chunks(file: File) -> impl Stream<Item = io::Result<Bytes>> {
    stream::unfold(file, |mut file| async move {
        let mut chunk = vec![0; CHUNK];
        match file.read(&mut chunk).await {
            Ok(0) => None,
            Ok(read) => {
                chunk.truncate(read);
                Some((Ok(Bytes::from(chunk)), file))
            }
            Err(error) => Some((Err(error), file)),
        }
    })
}

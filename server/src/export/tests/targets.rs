//! Where an export goes.

use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;
use crate::export::sink::Sink;
use crate::export::{write_nameless, write_to};

/// A disk with so much space left.
struct Full(usize);

impl Sink for Full {
    fn begin(&mut self, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
        Ok(())
    }
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[actix_web::test]
async fn a_folder_and_a_zip_hold_the_same_bytes_for_nobody_else() {
    let server = Server::new().await;
    let basis = Arc::new(server.basis(None, Names::All).await);
    let (folder, zip) = (server.path("log"), server.path("log.zip"));
    for path in [&folder, &zip] {
        let (target, basis) = (Target::new(path.clone()).unwrap(), Arc::clone(&basis));
        tokio::task::spawn_blocking(move || target.write(&basis)).await.unwrap().unwrap();
    }
    let files = folder_files(&folder);
    assert!(files.len() == 6, "{:?}", files.keys());
    assert_eq!(zip_files(fs::File::open(&zip).unwrap()), files);
    let nameless = tokio::task::spawn_blocking(move || write_nameless(&basis)).await.unwrap();
    assert_eq!(zip_files(nameless.unwrap()), files);
    server.verify(&folder);
    server.verify(&zip);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&folder.join("tiles/0")), mode(&zip)), (0o700, 0o700, 0o600));
    assert!(files.keys().all(|path| mode(&folder.join(path)) == 0o600));
    assert_eq!(names_in(server.folder.path()), ["data", "log", "log.zip"], "and no draft");
    let data = names_in(&server.path("data"));
    assert!(!data.iter().any(|name| name.contains("export")), "{data:?}");
}

#[actix_web::test]
async fn what_is_there_already_stays_as_it_is() {
    let server = Server::new().await;
    fs::create_dir(server.path("folder")).unwrap();
    fs::write(server.path("file.zip"), "old").unwrap();
    symlink(server.path("nowhere"), server.path("link")).unwrap();
    for name in ["folder", "file.zip", "link"] {
        let wish = Wish { session: None, names: Names::None };
        let said = write_to(&server.hub, server.path(name), wish).await.unwrap_err().to_string();
        assert!(said.contains(&format!("{name} is there already")), "{said}");
    }
    assert_eq!(fs::read(server.path("file.zip")).unwrap(), b"old");
    assert_eq!(names_in(server.folder.path()), ["data", "file.zip", "folder", "link"]);
    assert_eq!(server.recorded(), 0, "nothing was exported");
    let root = Target::new(PathBuf::from("/")).unwrap_err();
    assert!(matches!(root, ExportError::Nameless), "{root}");
}

#[actix_web::test]
async fn a_wish_that_cannot_be_is_refused_before_anything_is_recorded() {
    let server = Server::new().await;
    let refused = async |path: &str, names: Names| {
        let wish = Wish { session: None, names };
        write_to(&server.hub, server.path(path), wish).await.unwrap_err().to_string()
    };
    write_to(&server.hub, server.path("log"), Wish { session: None, names: Names::None })
        .await
        .unwrap();
    fs::create_dir(server.path("backup")).unwrap();
    fs::write(server.path("backup/backup.json"), "{}").unwrap();
    symlink(server.path("data"), server.path("link")).unwrap();
    for path in ["data/x", "data/keys/x.zip", "link/x", "log/x", "log/tiles/x", "backup/x"] {
        let said = refused(path, Names::None).await;
        assert!(said.contains("must not be inside") && said.contains("another place"), "{said}");
        assert!(!server.path(path).exists());
    }
    let said = refused("nope/x", Names::None).await;
    let folder = server.path("nope").display().to_string();
    assert!(said.contains(&format!("the folder {folder} does not exist")), "{said}");
    for (stranger, found) in [
        (Subject::user(SessionId(Uuid::from_u128(77))), "beckon-audit sessions"),
        (Subject::operator(OperatorId(Uuid::from_u128(77))), "beckon-server user list"),
    ] {
        let names = Names::Some(vec![Subject::operator(ANA), stranger]);
        let said = refused("other", names).await;
        assert!(said.contains(&format!("nothing in the log belongs to {stranger}")), "{said}");
        assert!(said.contains(found), "{said}");
    }
    assert_eq!(server.recorded(), 1, "only the one that was made");
}

#[actix_web::test]
async fn a_target_that_comes_up_meanwhile_is_not_replaced() {
    let server = Server::new().await;
    let basis = server.basis(None, Names::None).await;
    let target = Target::new(server.path("log.zip")).unwrap();
    fs::write(server.path("log.zip"), "other").unwrap();
    let refused = tokio::task::spawn_blocking(move || target.write(&basis)).await.unwrap();
    assert!(matches!(refused, Err(ExportError::Exists(_))));
    assert_eq!(fs::read(server.path("log.zip")).unwrap(), b"other");
    assert_eq!(names_in(server.folder.path()), ["data", "log.zip"]);
}

#[actix_web::test]
async fn an_export_that_fails_leaves_nothing() {
    let server = Server::new().await;
    fs::create_dir(server.path("gone")).unwrap();
    let target = Target::new(server.path("gone/log")).unwrap();
    fs::remove_dir(server.path("gone")).unwrap();
    let basis = server.basis(None, Names::None).await;
    let refused = tokio::task::spawn_blocking(move || target.write(&basis)).await.unwrap();
    let said = refused.unwrap_err().to_string();
    assert!(said.contains("cannot be written") && said.contains("check the free space"), "{said}");
    // The tiles wait in the data folder until the events are written: now they cannot.
    let data = server.path("data");
    fs::rename(&data, server.path("moved")).unwrap();
    for name in ["log", "log.zip"] {
        let refused = write(&server.path(name), server.basis(None, Names::None).await).await;
        assert!(matches!(refused, Err(ExportError::Write(_))), "{name}");
    }
    fs::rename(server.path("moved"), data).unwrap();
    assert_eq!(names_in(server.folder.path()), ["data"]);
}

#[actix_web::test]
async fn a_full_disk_is_said_wherever_it_becomes_full() {
    let server = Server::new().await;
    let basis = server.basis(None, Names::All).await;
    let check = move || {
        let mut whole = Full(usize::MAX);
        basis.write(&mut whole).unwrap();
        let bytes = usize::MAX - whole.0;
        for space in (0..bytes).step_by(bytes / 40) {
            let refused = basis.write(&mut Full(space));
            let Err(ExportError::Write(error)) = refused else { panic!("{space}: {refused:?}") };
            assert_eq!(error.kind(), io::ErrorKind::StorageFull, "{space}");
        }
        basis.write(&mut Full(bytes)).unwrap();
    };
    tokio::task::spawn_blocking(check).await.unwrap();
}

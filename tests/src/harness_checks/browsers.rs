//! Browsers: what is read and pressed on a page, and links that open another program.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;

use beckon_tests::browser::{Browser, Look};
use beckon_tests::clock::eventually;
use beckon_tests::desk::Desk;
use beckon_tests::stage::Stage;

const PAGE: &str = r#"<!doctype html><html lang="en"><title>A page</title>
<h1>Sessions</h1>
<label for="name">Name</label> <input id="name" value="old">
<ul><li>Anna <button id="anna">End session</button></li><li>Bert <button id="bert">End session</button></li></ul>
<a href="/second">Second page</a> <button id="launch">Control</button> <p id="said">nothing yet</p>
<script>
for (const button of document.querySelectorAll("li button"))
  button.onclick = () => { said.textContent = button.id + " was ended by " + document.getElementById("name").value; };
launch.onclick = () => { location.href = "beckon://launch/127.0.0.1?t=abc"; };
</script></html>"#;

const DIMMED_WHITE: [u8; 3] = [0x66, 0x66, 0x66];

/// Serves the page at `/` and a link to a file at `/second`, until the test process ends.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || listener.incoming().flatten().for_each(answer));
    origin
}

fn answer(mut stream: TcpStream) {
    let mut request = [0; 4_096];
    let read = stream.read(&mut request).unwrap_or(0);
    let request = String::from_utf8_lossy(&request[..read]).into_owned();
    let (kind, body) = if request.starts_with("GET /file") {
        ("application/octet-stream\r\nContent-Disposition: attachment", "bytes")
    } else if request.starts_with("GET /second") {
        (
            "text/html",
            "<title>Second</title><a href=/file download=agent_127.0.0.1_CODE>Download</a>",
        )
    } else {
        ("text/html; charset=utf-8", PAGE)
    };
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}", body.len());
    let _ = write!(stream, "{head}\r\nConnection: close\r\n\r\n{body}");
}

#[test]
fn a_page_is_read_and_used_without_a_window() {
    let _stage = Stage::take();
    let desk = Desk::open("reader");
    let origin = serve();
    let browser = Browser::open(&desk, Look::Headless, &[]);
    browser.go(&origin);
    assert_eq!(browser.title(), "A page");
    browser.sees("Sessions");
    browser.never_sees("Gone");
    browser.fill("Name", "Olga Ö");
    assert_eq!(browser.field("Name"), "Olga Ö");
    browser.click_in("Bert", "End session");
    browser.sees("bert was ended by Olga Ö");
    browser.row_says("Anna", "End session");
    assert!(browser.offers("Control") && !browser.offers("View"));
    browser.shot("harness-page");
    browser.click("Second page");
    browser.arrives_at("/second");
    browser.click("Download");
    let file = browser.downloaded("agent_127.0.0.1_CODE");
    assert_eq!(std::fs::read_to_string(file).unwrap(), "bytes");
}

#[test]
fn a_link_of_a_page_opens_the_program_that_registered_for_it() {
    let _stage = Stage::take();
    let desk = Desk::open("opener");
    let heard = desk.scratch().path().join("heard");
    register(&desk, &heard);
    let origin = serve();
    for look in [Look::Window, Look::Headless] {
        let browser = Browser::open(&desk, look, &[&origin]);
        browser.go(&origin);
        browser.click("Control");
        let link = eventually("the link", || {
            std::fs::read_to_string(&heard).ok().filter(|text| text.ends_with('\n'))
        });
        assert_eq!(link.trim(), "beckon://launch/127.0.0.1?t=abc", "{look:?}");
        desk.shot("harness-launch");
        std::fs::remove_file(&heard).unwrap();
    }
}

#[test]
fn a_link_that_was_never_allowed_asks_first() {
    let _stage = Stage::take();
    let desk = Desk::open("asker");
    let heard = desk.scratch().path().join("heard");
    register(&desk, &heard);
    let browser = Browser::open(&desk, Look::Window, &[]);
    browser.go(&serve());
    browser.click("Control");
    // The prompt belongs to the browser, not to the page: it shows by the page growing dim.
    eventually("the prompt", || (desk.picture().count(DIMMED_WHITE) > 100_000).then_some(()));
    desk.shot("harness-launch-prompt");
    desk.hand().press(&["Escape"]);
    eventually("the page", || (desk.picture().count(DIMMED_WHITE) < 100).then_some(()));
    assert!(!heard.exists());
}

/// Registers a program that writes down the link that it was opened with.
fn register(desk: &Desk, heard: &std::path::Path) {
    let program = desk.scratch().path().join("opened");
    std::fs::write(&program, format!("#!/bin/sh\necho \"$1\" >'{}'\n", heard.display())).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let applications = desk.scratch().folder("home/.local/share/applications");
    let entry = format!(
        "[Desktop Entry]\nType=Application\nName=Opened\nExec={} %u\nMimeType=x-scheme-handler/beckon;\n",
        program.display()
    );
    std::fs::write(applications.join("opened.desktop"), entry).unwrap();
    let (status, said) = desk
        .environment()
        .run("xdg-mime", &["default", "opened.desktop", "x-scheme-handler/beckon"]);
    assert!(status.success(), "{said}");
}

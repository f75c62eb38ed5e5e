//! Garbage on every socket of the real program: an end for whoever sent it, nothing for others.

use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use beckon_tests::http;
use beckon_tests::server::Server;

const LONG: usize = 1024 * 1024;

/// What the admin socket answers to these bytes, until it hangs up.
fn admin_answers(server: &Server, bytes: &[u8]) -> String {
    let path = server.scratch().path().join("data/admin.sock");
    let mut stream = UnixStream::connect(path).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    // It may hang up before it has read everything.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(Shutdown::Write);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn garbage_on_any_socket_of_the_server_disturbs_nobody() {
    let mut server = Server::start();
    server.init("Example Ltd");
    let before = server.log().lines();
    let long = vec![b'['; LONG];
    for bytes in [&b""[..], b"\n", b"{}\n", b"\0\xff\n", b"{\"init\":", &long] {
        let answer = admin_answers(&server, bytes);
        let clear = answer.is_empty() || answer.contains("the request cannot be read");
        assert!(clear, "{answer}");
    }
    let silent = UnixStream::connect(server.scratch().path().join("data/admin.sock")).unwrap();
    for bytes in [&b"\x16\x03\x01\x02\0\x01\0"[..], b"GET", b"\0\0\0\0\r\n\r\n", &long] {
        let path = "/ws/agent";
        let answer = http::send(server.address(), &[bytes, b"\r\n\r\n"].concat());
        assert!(answer.status == 0 || answer.status >= 400, "{answer:?}");
        let answer = http::ask(server.address(), "POST", path, &[], bytes);
        assert!(answer.status >= 400, "{answer:?}");
    }
    assert_eq!(http::get(server.address(), "/healthz").status, 200);
    let (added, words) = server.verb(&["user", "add", "Otto Braun", "--role", "operator"]);
    assert!(added.success(), "{words}");
    assert_eq!(server.log().lines()[..before.len()], before[..]);
    drop(silent);
    assert!(server.stop().success());
    assert!(!server.process().words().contains("panicked"), "{}", server.process().words());
}

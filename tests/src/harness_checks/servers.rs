//! The server program: started, set up, killed and started again.

use beckon_tests::http;
use beckon_tests::server::Server;

#[test]
fn a_server_is_killed_and_comes_back_on_its_port_with_its_log() {
    let mut server = Server::start();
    let origin = server.origin().to_owned();
    assert_eq!(http::get(server.address(), "/healthz").status, 200);
    let link = server.init("Example Ltd");
    assert!(link.starts_with(&format!("{origin}/setup#")), "{link}");
    let before = server.log().events();
    assert!(server.log().count("Opened") == 1, "{:?}", server.log().lines());

    server.kill();
    assert_eq!(server.log().events(), before, "the log is read without a server");
    server.start_again();
    assert_eq!(server.origin(), origin);
    assert_eq!(http::get(server.address(), "/healthz").status, 200);
    assert_eq!(server.log().events()[..before.len()], before[..]);
    assert!(server.stop().success());
}

#[test]
fn bytes_that_are_no_http_get_an_answer_and_disturb_nobody() {
    let server = Server::start();
    let answer = http::send(server.address(), b"\x16\x03\x01 garbage\r\n\r\n");
    assert_eq!(answer.status, 400, "{answer:?}");
    assert_eq!(http::get(server.address(), "/healthz").status, 200);
}

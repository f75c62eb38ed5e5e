//! Mail: what is sent arrives as it was written.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;

use beckon_tests::smtp_sink::{Mood, SmtpSink};

/// Says the lines to the sink, each after the answer to the one before, and returns the answers.
fn converse(sink: &SmtpSink, lines: &[&str]) -> Vec<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", sink.port())).unwrap();
    let mut heard = BufReader::new(stream.try_clone().unwrap()).lines().map(Result::unwrap);
    let mut answer =
        || heard.find(|line| line.as_bytes().get(3) != Some(&b'-')).unwrap_or_default();
    let mut answers = vec![answer()];
    for line in lines {
        stream.write_all(format!("{line}\r\n").as_bytes()).unwrap();
        answers.push(answer());
    }
    answers
}

#[test]
fn a_mail_arrives_as_it_was_written() {
    let sink = SmtpSink::start(Mood::Takes);
    let body = "Subject: Help\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
        Gr=C3=BC=C3=9Fe, open http://127.0.0.1:8080/j#to=\r\nken.CODE now\r\n..dot\r\n.";
    converse(
        &sink,
        &["EHLO me", "MAIL FROM:<a@example.com>", "RCPT TO:<b@example.com>", "DATA", body, "QUIT"],
    );
    let mail = sink.mail_to("b@example.com");
    assert_eq!(mail.from, "a@example.com");
    assert_eq!(mail.header("subject").as_deref(), Some("Help"));
    assert_eq!(mail.text(), "Grüße, open http://127.0.0.1:8080/j#token.CODE now\n.dot\n");
    assert_eq!(mail.link().as_deref(), Some("http://127.0.0.1:8080/j#token.CODE"));
}

#[test]
fn of_several_parts_the_plain_one_is_read() {
    let sink = SmtpSink::start(Mood::Takes);
    let body = "Content-Type: multipart/alternative;\r\n boundary=\"xyz\"\r\n\r\n--xyz\r\n\
        Content-Type: text/html\r\n\r\n<p>no</p>\r\n--xyz\r\nContent-Type: text/plain; charset=utf-8\r\n\
        Content-Transfer-Encoding: base64\r\n\r\nR3LDvMOfZQ==\r\n--xyz--\r\n.";
    converse(
        &sink,
        &["EHLO me", "MAIL FROM:<a@example.com>", "RCPT TO:<b@example.com>", "DATA", body, "QUIT"],
    );
    assert_eq!(sink.mail_to("b@example.com").text(), "Grüße");
}

#[test]
fn a_mail_server_in_a_bad_mood_keeps_nothing() {
    let sink = SmtpSink::start(Mood::RefusesRecipients);
    let answers = converse(
        &sink,
        &["EHLO me", "MAIL FROM:<a@example.com>", "RCPT TO:<b@example.com>", "DATA"],
    );
    assert!(answers[3].starts_with("550") && answers[4].starts_with("503"), "{answers:?}");
    assert!(sink.mails().is_empty());
    let sink = SmtpSink::start(Mood::OutOfOrder);
    assert!(converse(&sink, &[])[0].starts_with("421"));
}

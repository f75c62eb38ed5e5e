//! Invitations by e-mail.

use std::time::Duration;

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use crate::config::{Encryption, Smtp};
use crate::data_folder::{SecretError, read_secret};
use crate::text;

/// The longest address, in characters.
pub const ADDRESS_MAX: usize = 128;
/// How long the mail server may take for one step.
const STEP: Duration = Duration::from_secs(10);
/// How long the whole conversation may take.
const WHOLE: Duration = Duration::from_secs(30);

/// What an invitation mail says.
#[derive(Clone, Debug)]
pub struct InvitationMail {
    /// The recipient, checked by [`address`].
    pub to: Address,
    /// Who waits.
    pub operator: String,
    /// For which company.
    pub company: String,
    /// The link.
    pub link: String,
    /// The code, in groups.
    pub code: String,
    /// Until when both work.
    pub until: String,
}

/// Why a mail was not sent. The text is for the person who pressed Send.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The sender in the configuration is no address.
    #[error("smtp.from in the configuration is not an e-mail address; tell your administrator.")]
    Sender,
    /// The password file cannot be used.
    #[error("the mail server's password cannot be read; tell your administrator.")]
    Password(#[source] SecretError),
    /// It took too long.
    #[error("the mail server did not answer in time. Try again later.")]
    Timeout,
    /// The mail server refused.
    #[error("the mail server refused it: {0}")]
    Refused(String),
    /// The mail server cannot be reached, or not safely.
    #[error("the mail server cannot be reached ({0}). Try again later, or send the link yourself.")]
    Unreachable(String),
}

impl MailError {
    /// What it is, for the server's log: what mail servers answer often quotes the address.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Sender => "smtp.from is no address",
            Self::Password(_) => "the password file cannot be read",
            Self::Timeout => "no answer in time",
            Self::Refused(_) => "refused by the mail server",
            Self::Unreachable(_) => "the mail server cannot be reached",
        }
    }
}

/// Reads an address as typed; none where it is no address or too long.
pub fn address(typed: &str) -> Option<Address> {
    let typed = typed.trim();
    if typed.chars().count() > ADDRESS_MAX || !typed.is_ascii() {
        return None;
    }
    typed.parse().ok()
}

/// Hands a mail to the configured mail server.
pub async fn send(smtp: &Smtp, mail: &InvitationMail) -> Result<(), MailError> {
    let message = message(smtp, mail)?;
    let transport = transport(smtp)?;
    match tokio::time::timeout(WHOLE, transport.send(message)).await {
        Err(_) => Err(MailError::Timeout),
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(explain(&error)),
    }
}

/// Connects to the configured mail server and signs in where that is set; sends nothing.
pub async fn greet(smtp: &Smtp) -> Result<(), MailError> {
    smtp.from.parse::<Mailbox>().map_err(|_| MailError::Sender)?;
    match transport(smtp)?.test_connection().await {
        Ok(true) => Ok(()),
        Ok(false) => Err(MailError::Refused("it does not answer to NOOP".to_owned())),
        Err(error) => Err(explain(&error)),
    }
}

/// Sends a mail that only tries whether mails arrive.
pub async fn try_out(smtp: &Smtp, to: Address) -> Result<(), MailError> {
    let message = Message::builder()
        .from(smtp.from.parse::<Mailbox>().map_err(|_| MailError::Sender)?)
        .to(Mailbox::new(None, to))
        .subject(text::doctor::TRIAL_SUBJECT)
        .header(ContentType::TEXT_PLAIN)
        .body(text::doctor::TRIAL_BODY.to_owned())
        .map_err(|error| MailError::Refused(error.to_string()))?;
    match tokio::time::timeout(WHOLE, transport(smtp)?.send(message)).await {
        Err(_) => Err(MailError::Timeout),
        Ok(sent) => sent.map(drop).map_err(|error| explain(&error)),
    }
}

fn message(smtp: &Smtp, mail: &InvitationMail) -> Result<Message, MailError> {
    let from: Mailbox = smtp.from.parse().map_err(|_| MailError::Sender)?;
    let (operator, company) = (mail.operator.as_str(), mail.company.as_str());
    Message::builder()
        .from(from)
        .to(Mailbox::new(None, mail.to.clone()))
        .subject(text::mail::subject(operator, company))
        .header(ContentType::TEXT_PLAIN)
        .body(text::mail::body(operator, company, &mail.link, &mail.code, &mail.until))
        .map_err(|error| MailError::Refused(error.to_string()))
}

fn transport(smtp: &Smtp) -> Result<AsyncSmtpTransport<Tokio1Executor>, MailError> {
    let tls = || {
        TlsParameters::new(smtp.host.clone())
            .map_err(|error| MailError::Unreachable(error.to_string()))
    };
    let tls = match smtp.encryption {
        Encryption::None => Tls::None,
        Encryption::StartTls => Tls::Required(tls()?),
        Encryption::Tls => Tls::Wrapper(tls()?),
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&smtp.host)
        .port(smtp.port)
        .tls(tls)
        .timeout(Some(STEP));
    if let Some(username) = &smtp.username {
        let password = match &smtp.password_file {
            Some(path) => read_secret(path).map_err(MailError::Password)?,
            None => zeroize::Zeroizing::new(Vec::new()),
        };
        let password = String::from_utf8_lossy(&password).trim_end().to_owned();
        builder = builder.credentials(Credentials::new(username.clone(), password));
    }
    Ok(builder.build())
}

fn explain(error: &lettre::transport::smtp::Error) -> MailError {
    if error.is_timeout() {
        return MailError::Timeout;
    }
    let mut said = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let inner_said = inner.to_string();
        if !said.contains(&inner_said) {
            said = format!("{said}: {inner_said}");
        }
        cause = inner.source();
    }
    let said: String = said.chars().filter(|c| !c.is_control()).take(200).collect();
    if error.is_permanent() || error.is_transient() {
        MailError::Refused(said)
    } else {
        MailError::Unreachable(said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn smtp(port: u16) -> Smtp {
        Smtp {
            host: "127.0.0.1".to_owned(),
            port,
            encryption: Encryption::None,
            username: None,
            password_file: None,
            from: "Beckon <beckon@example.org>".to_owned(),
        }
    }

    fn mail() -> InvitationMail {
        InvitationMail {
            to: address("user@example.org").unwrap(),
            operator: "Ana Silva\r\nBcc: x@y.z".to_owned(),
            company: "Acme".to_owned(),
            link: "https://help.example.org/j#t.c".to_owned(),
            code: "01234-56789".to_owned(),
            until: "2026-11-22 10:00 UTC".to_owned(),
        }
    }

    #[test]
    fn an_address_has_at_most_128_characters_and_no_second_line() {
        assert!(address(" a@b.org ").is_some());
        let long = format!("{}@b.org", "a".repeat(130));
        for bad in ["", "a", "a@", "a@b.org\nBcc: c@d.org", "a@b.org, c@d.org", long.as_str()] {
            assert!(address(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn a_mail_holds_link_and_code_and_no_header_can_be_smuggled_in() {
        let message = message(&smtp(25), &mail()).unwrap();
        assert_eq!(message.envelope().to(), [address("user@example.org").unwrap()]);
        let bytes = String::from_utf8(message.formatted()).unwrap();
        let (head, body) = bytes.split_once("\r\n\r\n").unwrap();
        assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
        assert!(body.contains("https://help.example.org/j#t.c"), "{body}");
        assert!(body.contains("01234-56789"), "{body}");
    }

    #[tokio::test]
    async fn a_mail_server_that_is_down_is_said_to_be() {
        let port = {
            let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            free.local_addr().unwrap().port()
        };
        let error = send(&smtp(port), &mail()).await.unwrap_err();
        assert!(matches!(error, MailError::Unreachable(_)), "{error}");
        assert!(error.to_string().contains("refused"), "{error}");
    }

    #[test]
    fn a_sender_that_is_no_address_is_named() {
        let smtp = Smtp { from: "nobody".to_owned(), ..smtp(25) };
        assert!(matches!(message(&smtp, &mail()), Err(MailError::Sender)));
    }
}

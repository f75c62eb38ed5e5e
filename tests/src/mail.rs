//! A mail as its receiver gets it.

use data_encoding::BASE64_MIME_PERMISSIVE;

/// A mail that was delivered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mail {
    /// The address that the sender named to the mail server.
    pub from: String,
    /// The addresses it was delivered to.
    pub to: Vec<String>,
    /// Headers and body as sent, with line feeds.
    pub source: String,
}

impl Mail {
    /// The value of the first header of that name, as sent.
    pub fn header(&self, name: &str) -> Option<String> {
        header(&self.source, name)
    }

    /// The body as text; of several parts the plain one, else the first.
    pub fn text(&self) -> String {
        let kind = self.header("Content-Type").unwrap_or_default();
        let Some(boundary) = parameter(&kind, "boundary") else { return decoded(&self.source) };
        let separator = format!("--{boundary}");
        let parts: Vec<_> =
            self.source.split(separator.as_str()).skip(1).map(str::trim_start).collect();
        let plain = parts.iter().find(|part| {
            header(part, "Content-Type").is_some_and(|kind| kind.starts_with("text/plain"))
        });
        plain.or(parts.first()).map(|part| decoded(part)).unwrap_or_default()
    }

    /// The first web address in the text.
    pub fn link(&self) -> Option<String> {
        let text = self.text();
        let start = text.find("http://").or_else(|| text.find("https://"))?;
        let rest = &text[start..];
        let end = rest.find(|letter: char| letter.is_whitespace() || "<>\"".contains(letter));
        Some(rest[..end.unwrap_or(rest.len())].to_owned())
    }
}

fn header(source: &str, name: &str) -> Option<String> {
    let (head, _) = source.split_once("\n\n").unwrap_or((source, ""));
    let unfolded = head.replace("\n ", " ").replace("\n\t", " ");
    let mut lines = unfolded.lines().filter_map(|line| line.split_once(':'));
    lines
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim().to_owned())
}

fn parameter(value: &str, name: &str) -> Option<String> {
    let (_, rest) = value.split_once(&format!("{name}="))?;
    Some(rest.split(';').next()?.trim().trim_matches('"').to_owned())
}

fn decoded(part: &str) -> String {
    let (_, body) = part.split_once("\n\n").unwrap_or(("", part));
    match header(part, "Content-Transfer-Encoding")
        .unwrap_or_default()
        .to_ascii_lowercase()
        .as_str()
    {
        "base64" => {
            let bytes = BASE64_MIME_PERMISSIVE.decode(body.trim().as_bytes()).expect("base64");
            String::from_utf8(bytes).expect("UTF-8")
        }
        "quoted-printable" => quoted_printable(body),
        _ => body.to_owned(),
    }
}

fn quoted_printable(body: &str) -> String {
    let joined = body.replace("=\n", "");
    let mut pieces = joined.split('=');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let code = piece.get(..2).and_then(|code| u8::from_str_radix(code, 16).ok());
        bytes.push(code.unwrap_or(b'='));
        bytes.extend_from_slice(piece.get(2..).unwrap_or_default().as_bytes());
    }
    String::from_utf8(bytes).expect("UTF-8")
}

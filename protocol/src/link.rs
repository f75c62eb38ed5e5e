//! How an end user comes in: the link, and the name under which the agent was downloaded.

use std::str::FromStr;

use data_encoding::BASE64URL_NOPAD;

use crate::{AddressError, CodeError, JoinCode, ServerAddress};

/// The secret of a link: 128 bits as 22 characters of base64url.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkToken(String);

impl LinkToken {
    /// A token from 16 random bytes.
    pub fn from_random(random: [u8; 16]) -> Self {
        Self(BASE64URL_NOPAD.encode(&random))
    }

    /// The characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for LinkToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LinkToken(…)")
    }
}

impl FromStr for LinkToken {
    type Err = LinkError;
    fn from_str(text: &str) -> Result<Self, LinkError> {
        match BASE64URL_NOPAD.decode(text.as_bytes()) {
            Ok(bytes) if bytes.len() == 16 => Ok(Self(text.to_owned())),
            _ => Err(LinkError::Malformed),
        }
    }
}

/// An invitation's link: `https://<host>[:port]/j#<token>.<code>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationLink {
    /// The server.
    pub server: ServerAddress,
    /// The token, which counts in place of the code.
    pub token: LinkToken,
    /// The code.
    pub code: JoinCode,
}

/// Why a text is no invitation's link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// It does not look like one.
    #[error("this is not an invitation's link, it looks like https://help.example.org/j#…")]
    Malformed,
    /// The server in it is none.
    #[error(transparent)]
    Server(#[from] AddressError),
    /// The code in it is none.
    #[error(transparent)]
    Code(#[from] CodeError),
}

impl FromStr for InvitationLink {
    type Err = LinkError;

    fn from_str(text: &str) -> Result<Self, LinkError> {
        let text = text.trim();
        if text.len() > 512 {
            return Err(LinkError::Malformed);
        }
        let (page, secret) = text.split_once('#').ok_or(LinkError::Malformed)?;
        let server = page.strip_suffix("/j").or(page.strip_suffix("/j/"));
        let server = server.filter(|server| server.contains("://")).ok_or(LinkError::Malformed)?;
        let (token, code) = secret.split_once('.').ok_or(LinkError::Malformed)?;
        Ok(Self { server: server.parse()?, token: token.parse()?, code: code.parse()? })
    }
}

impl std::fmt::Display for InvitationLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}#{}.{}", self.server.page("/j"), self.token.0, self.code.folded())
    }
}

/// The name under which an agent was downloaded: `beckon-agent_<host>[_<port>]_<CODE>[.exe]`.
/// It is found anywhere in a file's name, so "(1)" and " - Copy" need no rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentFileName {
    /// The server.
    pub server: ServerAddress,
    /// The code.
    pub code: JoinCode,
}

impl AgentFileName {
    const START: &str = "beckon-agent_";

    /// Looks for the pattern in a file's name.
    pub fn find(name: &str) -> Option<Self> {
        let (_, rest) = name.split_once(Self::START)?;
        let mut parts = rest.split('_');
        let host = parts.next()?;
        let second = parts.next()?;
        let (port, code) = match parts.next() {
            Some(third) => (Some(second.parse().ok()?), third),
            None => (None, second),
        };
        let end = code.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(code.len());
        let code = code.get(..end)?.parse().ok()?;
        Some(Self { server: ServerAddress::new(host, port).ok()?, code })
    }
}

impl std::fmt::Display for AgentFileName {
    /// The stem, without `.exe`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", Self::START, self.server.host())?;
        if let Some(port) = self.server.port() {
            write!(f, "_{port}")?;
        }
        write!(f, "_{}", self.code.folded())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code() -> JoinCode {
        JoinCode::from_random(&[0, 1, 2, 3, 4, 5, 6, 7, 8])
    }

    #[test]
    fn a_link_reads_as_it_is_written() {
        let link = InvitationLink {
            server: "https://help.example.org:8443".parse().unwrap(),
            token: LinkToken::from_random([255; 16]),
            code: code(),
        };
        let text = link.to_string();
        assert_eq!(text, "https://help.example.org:8443/j#_____________________w.0123456789");
        assert_eq!(format!(" {text}\n").parse(), Ok(link));
    }

    #[test]
    fn what_is_no_link_is_refused() {
        for text in
            ["", "https://a.org/j", "https://a.org/k#x.y", "https://a.org/j#short.0123456789"]
        {
            assert_eq!(text.parse::<InvitationLink>(), Err(LinkError::Malformed), "{text}");
        }
        let plain = format!("http://a.org/j#{}.0123456789", "_".repeat(21) + "w");
        let refused = Err(LinkError::Server(AddressError::Unprotected));
        assert_eq!(plain.parse::<InvitationLink>(), refused);
    }

    #[test]
    fn the_download_s_name_is_found_anywhere_in_the_file_s_name() {
        let local = AgentFileName { server: "127.0.0.1:8080".parse().unwrap(), code: code() };
        assert_eq!(local.to_string(), "beckon-agent_127.0.0.1_8080_0123456789");
        let far = AgentFileName { server: "help.example.org".parse().unwrap(), code: code() };
        for (name, found) in [
            ("beckon-agent_127.0.0.1_8080_0123456789", Some(&local)),
            ("beckon-agent_help.example.org_0123456789.exe", Some(&far)),
            ("beckon-agent_help.example.org_0123456789 (1).exe", Some(&far)),
            ("Copy of beckon-agent_help.example.org_0123456789 - Copy.exe", Some(&far)),
            ("beckon-agent", None),
            ("beckon-agent_help.example.org_0123456784", None),
            ("beckon-agent_help.example.org_http_0123456789", None),
        ] {
            assert_eq!(AgentFileName::find(name).as_ref(), found, "{name}");
        }
    }
}

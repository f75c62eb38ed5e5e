//! How the portal opens Control.

use std::str::FromStr;

use data_encoding::BASE64URL_NOPAD;

use crate::{AddressError, ServerAddress};

/// `beckon://launch/<host>[:port]?t=<43 characters of base64url>`: one verb, one token.
#[derive(Clone, PartialEq, Eq)]
pub struct LaunchLink {
    server: ServerAddress,
    token: String,
}

/// Why a text is no launch link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LaunchError {
    /// It does not look like one.
    #[error("this link was not made by a Beckon portal")]
    Malformed,
    /// The server in it is none.
    #[error(transparent)]
    Server(#[from] AddressError),
}

impl LaunchLink {
    /// The longest link, in bytes.
    pub const LONGEST: usize = 160;

    /// A link to `server` with a token of 256 random bits.
    pub fn new(server: ServerAddress, token: [u8; 32]) -> Self {
        Self { server, token: BASE64URL_NOPAD.encode(&token) }
    }

    /// The server.
    pub fn server(&self) -> &ServerAddress {
        &self.server
    }

    /// The token's 43 characters.
    pub fn token(&self) -> &str {
        &self.token
    }
}

impl FromStr for LaunchLink {
    type Err = LaunchError;

    fn from_str(text: &str) -> Result<Self, LaunchError> {
        if text.len() > Self::LONGEST {
            return Err(LaunchError::Malformed);
        }
        let rest = text.strip_prefix("beckon://launch/").ok_or(LaunchError::Malformed)?;
        let (server, token) = rest.split_once("?t=").ok_or(LaunchError::Malformed)?;
        let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).map_err(|_| LaunchError::Malformed)?;
        if bytes.len() != 32 || server.contains("://") || server.contains('/') {
            return Err(LaunchError::Malformed);
        }
        Ok(Self { server: server.parse()?, token: token.to_owned() })
    }
}

impl std::fmt::Display for LaunchLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "beckon://launch/{}?t={}", self.server, self.token)
    }
}

impl std::fmt::Debug for LaunchLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LaunchLink({}, …)", self.server)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_has_one_form_only() {
        let link = LaunchLink::new("127.0.0.1:8080".parse().unwrap(), [0; 32]);
        let token = "A".repeat(43);
        assert_eq!(link.to_string(), format!("beckon://launch/127.0.0.1:8080?t={token}"));
        assert_eq!(link.to_string().parse(), Ok(link.clone()));
        for bad in [
            format!("beckon://open/127.0.0.1?t={token}"),
            format!("beckon://launch/127.0.0.1?t={token}&x=1"),
            format!("beckon://launch/127.0.0.1/x?t={token}"),
            format!("beckon://launch/http://a.org?t={token}"),
            "beckon://launch/127.0.0.1?t=short".to_owned(),
            format!("beckon://launch/{}?t={token}", "a".repeat(100)),
        ] {
            assert!(bad.parse::<LaunchLink>().is_err(), "{bad}");
        }
        assert!(!format!("{link:?}").contains(&token), "the token is not printed");
    }
}

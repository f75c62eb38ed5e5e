//! The way out where a company's network has only one.

#[cfg(target_os = "windows")]
mod auto;
#[cfg(any(target_os = "windows", test))]
mod settings;
#[cfg(target_os = "windows")]
mod win32;

use std::env;

use beckon_protocol::ServerAddress;
use data_encoding::BASE64;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::SocketError;

/// The longest answer of a proxy, in bytes.
const LONGEST: usize = 8 * 1024;

/// An HTTP proxy that lets CONNECT through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Proxy {
    pub(crate) host: String,
    pub(crate) port: u16,
    /// `user:password`, as it goes into the header.
    credentials: Option<String>,
}

impl Proxy {
    /// What `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` say about `server`, else what is set in
    /// Windows, automatic configuration included. A server on this computer is never reached
    /// through a proxy.
    #[cfg_attr(
        not(target_os = "windows"),
        expect(clippy::unused_async, reason = "Windows may have to ask its network")
    )]
    pub(crate) async fn of(server: &ServerAddress) -> Result<Option<Self>, SocketError> {
        let variable = |name: &str| {
            env::var(name).or_else(|_| env::var(name.to_lowercase())).ok().filter(|v| !v.is_empty())
        };
        let named = variable("HTTPS_PROXY").or_else(|| variable("ALL_PROXY"));
        let except = variable("NO_PROXY").unwrap_or_default();
        #[cfg(target_os = "windows")]
        if named.is_none() && server.is_tls() && !is_excepted(server.host(), &except) {
            return choose(server, win32::named_for(server).await.as_deref(), "");
        }
        choose(server, named.as_deref(), &except)
    }

    /// Asks the proxy at the other end of `stream` for a tunnel to `server`.
    pub(crate) async fn tunnel(
        &self,
        stream: &mut TcpStream,
        server: &ServerAddress,
    ) -> Result<(), SocketError> {
        let broken = |_| SocketError::Proxy("it closed the connection".to_owned());
        let request = self.request(server);
        stream.write_all(request.as_bytes()).await.map_err(broken)?;
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            if answer.len() >= LONGEST {
                return Err(SocketError::Proxy("its answer is too long".to_owned()));
            }
            answer.push(stream.read_u8().await.map_err(broken)?);
        }
        let first = answer.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let first = String::from_utf8_lossy(first);
        match first.split(' ').nth(1) {
            Some("200") => Ok(()),
            Some("407") => {
                let (host, port) = (&self.host, self.port);
                Err(SocketError::Proxy(format!(
                    "it wants a user name and a password, set \
                     HTTPS_PROXY=http://user:password@{host}:{port} and start again"
                )))
            }
            _ => Err(SocketError::Proxy(format!("it answers {first:?}"))),
        }
    }

    fn request(&self, server: &ServerAddress) -> String {
        let to = format!("{}:{}", server.host(), server.effective_port());
        let credentials = self.credentials.as_ref().map_or_else(String::new, |credentials| {
            format!("Proxy-Authorization: Basic {}\r\n", BASE64.encode(credentials.as_bytes()))
        });
        format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n{credentials}\r\n")
    }
}

fn choose(
    server: &ServerAddress,
    named: Option<&str>,
    except: &str,
) -> Result<Option<Proxy>, SocketError> {
    let Some(named) = named.filter(|_| server.is_tls() && !is_excepted(server.host(), except))
    else {
        return Ok(None);
    };
    let unknown = || SocketError::Proxy(format!("its address {named:?} is not http://host:port"));
    let rest = match named.split_once("://") {
        Some(("http", rest)) => rest,
        Some(_) => return Err(unknown()),
        None => named,
    };
    let (credentials, place) = match rest.trim_end_matches('/').rsplit_once('@') {
        Some((credentials, place)) => (Some(decoded(credentials)), place),
        None => (None, rest.trim_end_matches('/')),
    };
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().map_err(|_| unknown())?),
        None => (place, 80),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    if host.is_empty() {
        return Err(unknown());
    }
    Ok(Some(Proxy { host, port, credentials }))
}

fn is_excepted(host: &str, except: &str) -> bool {
    except.split(',').map(str::trim).filter(|pattern| !pattern.is_empty()).any(|pattern| {
        let domain = pattern.trim_start_matches('*').trim_start_matches('.');
        pattern == "*" || host == domain || host.ends_with(&format!(".{domain}"))
    })
}

/// Undoes %XX; what is no such sequence stays as it is.
fn decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let hex = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex.filter(|_| *first == b'%').and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { tail.get(2..).unwrap_or_default() } else { tail };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(text: &str) -> ServerAddress {
        text.parse().unwrap()
    }

    #[test]
    fn a_proxy_is_used_for_other_computers_only_and_not_for_the_excepted() {
        let far = server("help.example.org");
        let used = |server: &ServerAddress, except: &str| {
            choose(server, Some("http://proxy:3128"), except).unwrap().is_some()
        };
        assert!(used(&far, ""));
        assert!(used(&far, "other.org, ple.org"));
        assert!(!used(&far, "localhost,.example.org"));
        assert!(!used(&far, "*"));
        assert!(!used(&server("127.0.0.1:8080"), ""));
        assert_eq!(choose(&far, None, "").unwrap(), None);
    }

    #[test]
    fn a_tunnel_is_asked_for_with_the_credentials_of_the_address() {
        let far = server("help.example.org:8443");
        let proxy = choose(&far, Some("http://me:p%40ss@[::1]:3128/"), "").unwrap().unwrap();
        assert_eq!((proxy.host.as_str(), proxy.port), ("::1", 3128));
        assert_eq!(
            proxy.request(&far),
            "CONNECT help.example.org:8443 HTTP/1.1\r\nHost: help.example.org:8443\r\n\
             Proxy-Authorization: Basic bWU6cEBzcw==\r\n\r\n"
        );
        for bad in ["socks5://proxy:1080", "http://:80", "proxy:port"] {
            assert!(choose(&far, Some(bad), "").is_err(), "{bad}");
        }
    }
}

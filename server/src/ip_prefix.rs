//! Networks: who counts as one source, and which proxies are believed.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// The addresses that share their first bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IpPrefix {
    // INVARIANT: bits beyond `length` are zero, and an IPv4 address is never written as IPv6.
    address: IpAddr,
    length: u8,
}

impl IpPrefix {
    /// The network of `address` with this many leading bits; more than it has means all of them.
    pub fn of(address: IpAddr, length: u8) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => {
                let length = length.min(32);
                let mask = u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0);
                let address = Ipv4Addr::from_bits(v4.to_bits() & mask).into();
                Self { address, length }
            }
            IpAddr::V6(v6) => {
                let length = length.min(128);
                let mask = u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0);
                let address = Ipv6Addr::from_bits(v6.to_bits() & mask).into();
                Self { address, length }
            }
        }
    }

    /// Whether it is of IPv4.
    pub fn is_ipv4(&self) -> bool {
        self.address.is_ipv4()
    }

    /// How many leading bits are shared.
    pub fn length(&self) -> u8 {
        self.length
    }

    /// Whether `address` is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.address.is_ipv4() && Self::of(address, self.length) == *self
    }
}

impl FromStr for IpPrefix {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(drop)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let length = length.map_or(Ok(most), |l| l.parse().map_err(drop))?;
        // A mapped IPv6 network would shrink to another one: refused rather than guessed.
        let mapped = address.to_canonical() != address;
        let prefix = Self::of(address, length);
        let exact = prefix.address == address && length <= most && !mapped;
        exact.then_some(prefix).ok_or(())
    }
}

impl fmt::Display for IpPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

/// The proxies in front of the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(pub Vec<IpPrefix>);

impl TrustedProxies {
    /// Who is at the other end: `peer`, or what the proxies say in `X-Forwarded-For`.
    ///
    /// Read from the right, as each proxy adds what it saw at the end: the first address that is
    /// no proxy of ours counts, whatever a client wrote before it.
    pub fn client(&self, peer: IpAddr, x_forwarded_for: Option<&str>) -> IpAddr {
        let mut client = peer.to_canonical();
        for hop in x_forwarded_for.into_iter().flat_map(|h| h.rsplit(',')) {
            let Ok(next) = hop.trim().parse::<IpAddr>() else {
                break;
            };
            if !self.trusts(client) {
                break;
            }
            client = next.to_canonical();
        }
        client
    }

    /// Whether this address is a proxy of ours.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|prefix| prefix.contains(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_network_holds_its_addresses_and_no_others() {
        let ten: IpPrefix = "10.0.0.0/8".parse().unwrap();
        assert!(ten.contains(ip("10.255.0.1")) && ten.contains(ip("::ffff:10.1.2.3")));
        assert!(!ten.contains(ip("11.0.0.1")) && !ten.contains(ip("::1")));
        assert!(IpPrefix::of(ip("1.2.3.4"), 0).contains(ip("9.9.9.9")));
        assert_eq!(IpPrefix::of(ip("2001:db8:1:2:3::4"), 64).to_string(), "2001:db8:1:2::/64");
        for bad in ["", "10.0.0.1/8", "10.0.0.0/33", "::ffff:1.2.3.4", "host", "1.2.3.4/x"] {
            assert!(bad.parse::<IpPrefix>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_forwarded_address_counts_only_from_a_proxy_of_ours() {
        let proxies = TrustedProxies(vec!["10.0.0.0/8".parse().unwrap()]);
        let table = [
            ("203.0.113.9", Some("198.51.100.1"), "203.0.113.9"),
            ("10.0.0.1", Some("198.51.100.1"), "198.51.100.1"),
            ("10.0.0.1", Some("1.1.1.1, 198.51.100.1"), "198.51.100.1"),
            ("10.0.0.1", Some("198.51.100.1, 10.0.0.2"), "198.51.100.1"),
            ("10.0.0.1", Some("nonsense"), "10.0.0.1"),
            ("10.0.0.1", Some("nonsense, 10.0.0.7"), "10.0.0.7"),
            ("10.0.0.1", None, "10.0.0.1"),
        ];
        for (peer, header, client) in table {
            assert_eq!(proxies.client(ip(peer), header), ip(client), "{peer} {header:?}");
        }
    }
}

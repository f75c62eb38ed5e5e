//! Where a request comes from.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::HttpRequest;

use crate::ip_prefix::TrustedProxies;

/// Who sends a request, seen through the proxies in front. Every line of the header counts: a
/// proxy may add its own below the one that the visitor made up.
pub fn client_address(proxies: &TrustedProxies, request: &HttpRequest) -> IpAddr {
    let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    let forwarded: Vec<_> = request
        .headers()
        .get_all("X-Forwarded-For")
        .filter_map(|value| value.to_str().ok())
        .collect();
    let forwarded = (!forwarded.is_empty()).then(|| forwarded.join(","));
    proxies.client(peer, forwarded.as_deref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use actix_web::test::TestRequest;

    #[test]
    fn what_a_visitor_made_up_does_not_count_before_the_proxy_s_own_line() {
        let environment = [("BECKON_TRUSTED_PROXIES".to_owned(), "10.0.0.1".to_owned())];
        let config = Config::parse("", environment).unwrap();
        let request = |peer: &str| {
            TestRequest::default()
                .peer_addr(format!("{peer}:1000").parse().unwrap())
                .append_header(("X-Forwarded-For", "203.0.113.9"))
                .append_header(("X-Forwarded-For", "198.51.100.7"))
                .to_http_request()
        };
        let proxied = client_address(&config.trusted_proxies, &request("10.0.0.1"));
        assert_eq!(proxied, IpAddr::from([198, 51, 100, 7]));
        let direct = client_address(&config.trusted_proxies, &request("192.0.2.1"));
        assert_eq!(direct, IpAddr::from([192, 0, 2, 1]), "nobody else is believed");
    }
}

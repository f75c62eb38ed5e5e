//! How Windows writes down which proxy is set.
//!
//! Source: `WINHTTP_PROXY_INFO` and `INTERNET_PROXY_INFO` (Microsoft).

/// The proxy for `https` in a list such as `proxy:8080`, `http=a:80;https=b:81` or
/// `first:80 second:80`, as `http://host:port`; `None` where there is none that speaks HTTP.
pub(super) fn for_https(list: &str) -> Option<String> {
    let mut entries = list.split([';', ' ']).map(str::trim).filter(|entry| !entry.is_empty());
    let chosen = entries.find_map(|entry| match entry.split_once('=') {
        Some((scheme, proxy)) => scheme.eq_ignore_ascii_case("https").then_some(proxy),
        None => Some(entry),
    })?;
    let place = chosen.rsplit_once("://").map_or(chosen, |(_, place)| place);
    (!place.is_empty()).then(|| format!("http://{place}"))
}

/// Whether `host` is reached directly: by a list such as `<local>;*.corp;10.*`.
pub(super) fn is_direct(host: &str, except: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']').to_lowercase();
    except.split([';', ' ']).map(str::trim).filter(|pattern| !pattern.is_empty()).any(|pattern| {
        let pattern = pattern.to_lowercase();
        let pattern = pattern.split_once("://").map_or(&*pattern, |(_, rest)| rest);
        match pattern {
            "<local>" => !host.contains(['.', ':']),
            pattern => fits(pattern, &host),
        }
    })
}

/// `*` stands for anything.
fn fits(pattern: &str, host: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else { return pattern == host };
    let Some(rest) = host.strip_prefix(before) else { return false };
    (0..=rest.len()).filter_map(|at| rest.get(at..)).any(|rest| fits(after, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proxy_for_https_is_found_in_every_kind_of_list() {
        for (list, proxy) in [
            ("proxy:8080", Some("http://proxy:8080")),
            ("http://proxy:8080", Some("http://proxy:8080")),
            ("http=a:80;https=b:81", Some("http://b:81")),
            ("HTTPS=http://b:81 http=a:80", Some("http://b:81")),
            ("first:80;second:80", Some("http://first:80")),
            ("http=a:80;socks=c:1080", None),
            ("", None),
            ("https=", None),
        ] {
            assert_eq!(for_https(list).as_deref(), proxy, "{list}");
        }
    }

    #[test]
    fn what_is_excepted_is_reached_directly() {
        let except = "<local>; *.Corp.example;10.*;https://exact.example";
        for host in ["intranet", "a.corp.example", "10.1.2.3", "EXACT.example"] {
            assert!(is_direct(host, except), "{host}");
        }
        for host in ["help.example.org", "corp.example", "110.1.2.3", "[2001:db8::1]"] {
            assert!(!is_direct(host, except), "{host}");
        }
        assert!(is_direct("anything.example", "*"));
        assert!(!is_direct("intranet", ""));
    }
}

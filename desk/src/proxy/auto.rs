//! Proxies that a network or a script names, asked of `WinHTTP`.
#![expect(unsafe_code, reason = "WinHTTP has no safe face")]

use windows::Win32::Foundation::{GlobalFree, HGLOBAL};
use windows::Win32::Networking::WinHttp::{
    WINHTTP_ACCESS_TYPE_NAMED_PROXY, WINHTTP_ACCESS_TYPE_NO_PROXY, WINHTTP_AUTO_DETECT_TYPE_DHCP,
    WINHTTP_AUTO_DETECT_TYPE_DNS_A, WINHTTP_AUTOPROXY_AUTO_DETECT, WINHTTP_AUTOPROXY_CONFIG_URL,
    WINHTTP_AUTOPROXY_OPTIONS, WINHTTP_PROXY_INFO, WinHttpCloseHandle, WinHttpGetProxyForUrl,
    WinHttpOpen,
};
use windows::core::{HSTRING, PCWSTR, PWSTR};

/// What a script, or the network, says of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// It is reached directly.
    Direct,
    /// Through the first of these proxies.
    Through(String),
}

/// What a script, or one that the network names where it `detects`, says of the page `url`;
/// `None` where there is no answer. May take as long as the network.
pub(super) fn ask(url: &str, script: Option<&str>, detects: bool) -> Option<Way> {
    let (url, script) = (HSTRING::from(url), script.map(HSTRING::from));
    let mut options = WINHTTP_AUTOPROXY_OPTIONS::default();
    if detects {
        options.dwFlags |= WINHTTP_AUTOPROXY_AUTO_DETECT;
        options.dwAutoDetectFlags = WINHTTP_AUTO_DETECT_TYPE_DHCP | WINHTTP_AUTO_DETECT_TYPE_DNS_A;
    }
    if let Some(script) = &script {
        options.dwFlags |= WINHTTP_AUTOPROXY_CONFIG_URL;
        options.lpszAutoConfigUrl = PCWSTR(script.as_ptr());
    }
    let mut found = WINHTTP_PROXY_INFO::default();
    // SAFETY: all texts end with 0 and live longer than the calls, `options` and `found` are ours,
    // and the session is closed.
    let asked = unsafe {
        let (agent, none) = (HSTRING::from("Beckon"), PCWSTR::null());
        let session = WinHttpOpen(&agent, WINHTTP_ACCESS_TYPE_NO_PROXY, none, none, 0);
        if session.is_null() {
            return None;
        }
        let asked = WinHttpGetProxyForUrl(session, &url, &raw mut options, &raw mut found);
        let closed = WinHttpCloseHandle(session);
        asked.and(closed)
    };
    let (proxies, _bypass) = (taken(found.lpszProxy), taken(found.lpszProxyBypass));
    asked.ok()?;
    let named = proxies.filter(|_| found.dwAccessType == WINHTTP_ACCESS_TYPE_NAMED_PROXY);
    Some(named.map_or(Way::Direct, Way::Through))
}

/// A text that was given to us, and is ours to free.
fn taken(text: PWSTR) -> Option<String> {
    if text.is_null() {
        return None;
    }
    // SAFETY: WinHTTP gives texts that end with 0, to be freed so, once.
    unsafe {
        let read = text.to_string().ok();
        let _null_where_freed = GlobalFree(Some(HGLOBAL(text.0.cast())));
        read
    }
}

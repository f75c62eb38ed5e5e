//! What a monitor asks.

use beckon_tests::http;
use beckon_tests::inside::ground::Ground;

#[tokio::test(flavor = "multi_thread")]
async fn a_monitor_that_asks_for_the_head_alone_hears_what_the_whole_would_be() {
    let ground = Ground::in_real_time().await;
    let address = ground.address.to_string();
    for path in ["/healthz", "/assets/beckon.css", "/nothing"] {
        let ask =
            |method| tokio::task::block_in_place(|| http::ask(&address, method, path, &[], &[]));
        let (head, whole) = (ask("HEAD"), ask("GET"));
        assert_eq!(head.status, whole.status, "{path}");
        assert!(head.body.is_empty() && !whole.body.is_empty(), "{path}");
        for name in ["content-length", "content-type", "etag", "cache-control"] {
            assert_eq!(head.header(name), whole.header(name), "{path} {name}");
        }
        assert_eq!(head.header("content-length"), Some(whole.body.len().to_string().as_str()));
        assert_eq!(head.header("set-cookie"), None, "{path}");
    }
}

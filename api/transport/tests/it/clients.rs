//! The reference clients and audits of the GraphQL foundation's protocols, run in Node against a server of ours.

use serde_json::json;

use crate::{node, server};

#[tokio::test]
async fn every_audit_of_graphql_over_http_passes() {
    let server = server::start().await;
    let results = node::run("audit.mjs", &[&server.url()], "").await;
    let results = results.as_array().unwrap();
    assert_eq!(results.len(), 61);
    let failed: Vec<_> = results.iter().filter(|result| result["status"] != "ok").collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

#[tokio::test]
async fn the_graphql_ws_client_gets_results_errors_and_codes() {
    let server = server::start().await;
    let report = node::run("socket.mjs", &[&server.url().replace("http", "ws")], "").await;
    assert_eq!(report["query"], json!({ "results": [{ "data": { "viewer": "good" } }] }));
    assert_eq!(report["mutation"], json!({ "results": [{ "data": { "change": 2 } }] }));
    let counted: Vec<_> = (1..=3).map(|n| json!({ "data": { "count": n } })).collect();
    assert_eq!(report["subscription"], json!({ "results": counted }));
    assert_eq!(report["invalid"]["error"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(report["iterated"], json!([{ "data": { "ticks": 0 } }, { "data": { "ticks": 1 } }]));
    assert_eq!(report["denied"]["error"], 4403);
    server.open_feeds_become(0).await;
}

#[tokio::test]
async fn the_graphql_sse_client_gets_results_errors_and_statuses() {
    let server = server::start().await;
    let report = node::run("stream.mjs", &[&server.stream_url()], "").await;
    assert_eq!(report["query"], json!({ "results": [{ "data": { "viewer": "good" } }] }));
    assert_eq!(report["mutation"], json!({ "results": [{ "data": { "change": 2 } }] }));
    let counted: Vec<_> = (1..=3).map(|n| json!({ "data": { "count": n } })).collect();
    assert_eq!(report["subscription"], json!({ "results": counted }));
    let lines = "one\ntwo\r\nthree\u{2028}\r\r\n\nevent: complete";
    assert_eq!(report["lines"], json!({ "results": [{ "data": { "lines": lines } }] }));
    assert_eq!(report["invalid"]["results"][0]["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
    assert_eq!((&report["broken"]["error"], &report["denied"]["error"]), (&json!(400), &json!(401)));
    assert_eq!(report["iterated"], json!([{ "data": { "ticks": 0 } }, { "data": { "ticks": 1 } }]));
}

//! Server-Sent Events, line by line.

use std::{sync::atomic::Ordering, time::Duration};

use reqwest::{RequestBuilder, Response, header};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::{
    server::{self, Server, answer},
    socket::client::fresh,
};

const PATIENCE: Duration = Duration::from_secs(20);

fn ask(server: &Server, query: &str) -> RequestBuilder {
    server
        .client
        .post(server.stream_url())
        .header(header::ACCEPT, "text/event-stream")
        .header(header::CONTENT_TYPE, "application/json")
        .body(json!({ "query": query }).to_string())
}

/// Everything until the stream ends.
async fn whole(request: RequestBuilder) -> String {
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    timeout(PATIENCE, response.text()).await.unwrap().unwrap()
}

/// Reads on until the text contains something.
async fn until(response: &mut Response, seen: &mut String, wanted: &str) {
    let reading = async {
        while !seen.contains(wanted) {
            let chunk = response.chunk().await.unwrap().expect("the stream has ended");
            seen.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    };
    timeout(PATIENCE, reading).await.unwrap();
}

fn without_keep_alive(text: &str) -> String {
    text.split_inclusive("\n\n").filter(|event| *event != ":\n\n").collect()
}

#[tokio::test]
async fn a_subscription_is_a_next_for_each_result_and_a_complete() {
    let server = server::start().await;
    let text = whole(ask(&server, "subscription { count(to: 2) }")).await;
    let expected =
        "event: next\ndata: {\"data\":{\"count\":1}}\n\nevent: next\ndata: {\"data\":{\"count\":2}}\n\nevent: complete\ndata:\n\n";
    assert_eq!(without_keep_alive(&text), expected);
}

#[tokio::test]
async fn queries_and_mutations_are_answered_too() {
    let server = server::start().await;
    let text = whole(ask(&server, "mutation { change(by: 3) }")).await;
    assert_eq!(without_keep_alive(&text), "event: next\ndata: {\"data\":{\"change\":3}}\n\nevent: complete\ndata:\n\n");
    let get = server.get(&server.stream_url(), &[("query", "{ viewer }")]).header(header::ACCEPT, "text/event-stream");
    assert!(whole(get).await.contains("nobody"));
}

#[tokio::test]
async fn the_headers_keep_proxies_from_holding_events_back() {
    let server = server::start().await;
    let response = ask(&server, "{ viewer }").send().await.unwrap();
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "text/event-stream; charset=utf-8");
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(header("x-accel-buffering"), "no");
    assert_eq!(header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn line_ends_in_data_do_not_break_the_framing() {
    let server = server::start().await;
    let text = without_keep_alive(&whole(ask(&server, "subscription { lines }")).await);
    let lines: Vec<&str> = text.split('\n').collect();
    assert_eq!(lines.len(), 7, "{lines:?}");
    assert!(!text.contains('\r'));
    let data: Value = serde_json::from_str(lines[1].strip_prefix("data: ").unwrap()).unwrap();
    assert_eq!(data["data"]["lines"], "one\ntwo\r\nthree\u{2028}\r\r\n\nevent: complete");
}

#[tokio::test]
async fn what_http_can_refuse_is_refused_with_a_status() {
    let server = server::start().await;
    let refused = async |request: RequestBuilder| answer(request).await;
    refused(ask(&server, "{ viewer }").bearer_auth("wrong")).await.is_refused(401, "UNAUTHENTICATED");
    refused(ask(&server, "{")).await.is_refused(400, "GRAPHQL_PARSE_FAILED");
    let plain = server.client.post(server.stream_url()).header(header::CONTENT_TYPE, "text/plain").body("{}");
    refused(plain).await.is_refused(415, "UNSUPPORTED_MEDIA_TYPE");
    let json = server.client.post(server.stream_url()).header(header::ACCEPT, "application/json").body("{}");
    refused(json).await.is_refused(406, "NOT_ACCEPTABLE");
    refused(server.client.put(server.stream_url())).await.is_refused(405, "METHOD_NOT_ALLOWED");
    let get = server.get(&server.stream_url(), &[("query", "mutation { change }")]);
    let get = refused(get).await;
    get.is_refused(405, "METHOD_NOT_ALLOWED");
    assert_eq!((get.header("allow"), server.changes()), ("POST", 0));
}

#[tokio::test]
async fn validation_errors_arrive_as_an_event() {
    let server = server::start().await;
    let text = without_keep_alive(&whole(ask(&server, "{ unknown }")).await);
    assert!(text.starts_with("event: next\ndata: {\"errors\":[{"), "{text}");
    assert!(text.contains("GRAPHQL_VALIDATION_FAILED") && text.ends_with("event: complete\ndata:\n\n"), "{text}");
}

#[tokio::test]
async fn silence_is_filled_with_comments() {
    let server = server::limited(|limits| limits.keep_alive = Duration::from_millis(50)).await;
    let mut response = ask(&server, "subscription { silence }").send().await.unwrap();
    let mut seen = String::new();
    until(&mut response, &mut seen, "silence").await;
    seen.clear();
    until(&mut response, &mut seen, ":\n\n:\n\n:\n\n").await;
}

#[tokio::test]
async fn twenty_streams_are_freed_when_their_clients_leave() {
    let server = server::limited(|limits| limits.keep_alive = Duration::from_millis(50)).await;
    let mut responses = Vec::new();
    for _ in 0..20 {
        responses.push(ask(&server, "subscription { silence }").send().await.unwrap());
    }
    server.open_feeds_become(20).await;
    drop(responses);
    server.open_feeds_become(0).await;
}

#[tokio::test]
async fn streams_over_the_limit_of_their_holder_are_429_until_one_of_them_ends() {
    let server = server::limited(|limits| {
        limits.holder_connections = 2;
        limits.keep_alive = Duration::from_millis(50);
    })
    .await;
    let silence = || ask(&server, "subscription { silence }").bearer_auth("held");
    let open = [silence().send().await.unwrap(), silence().send().await.unwrap()];
    assert!(open.iter().all(|response| response.status() == 200));
    let refused = answer(silence()).await;
    refused.is_refused(429, "TOO_MANY_REQUESTS");
    assert_eq!(refused.header("retry-after"), "30");
    // Sockets and streams count together.
    let mut socket = fresh(&server).await;
    socket.say(&json!({ "type": "connection_init", "payload": { "Authorization": "Bearer held" } })).await;
    socket.is_closed_with(1013).await;
    let other = ask(&server, "{ viewer }").bearer_auth("held-by-another");
    assert!(whole(other).await.contains("held-by-another"));
    drop(open);
    server.open_feeds_become(0).await;
    assert!(whole(ask(&server, "{ viewer }").bearer_auth("held")).await.contains("held"));
}

#[tokio::test]
async fn shutdown_completes_open_streams() {
    let server = server::start().await;
    let mut response = ask(&server, "subscription { silence }").send().await.unwrap();
    until(&mut response, &mut String::new(), "silence").await;
    server.shutdown.cancel();
    let rest = timeout(PATIENCE, response.text()).await.unwrap().unwrap();
    assert_eq!(without_keep_alive(&rest), "event: complete\ndata:\n\n");
    server.open_feeds_become(0).await;
}

#[tokio::test]
async fn an_admission_that_ends_says_so_and_completes() {
    let server = server::limited(|limits| limits.recheck_every = Duration::from_millis(50)).await;
    let text = whole(ask(&server, "subscription { ticks }").bearer_auth("expiring")).await;
    assert!(text.contains("UNAUTHENTICATED") && text.ends_with("event: complete\ndata:\n\n"), "{text}");

    let mut response = ask(&server, "subscription { ticks }").bearer_auth("revocable").send().await.unwrap();
    let mut seen = String::new();
    until(&mut response, &mut seen, "\"ticks\":3").await;
    server.gate.revoked.store(true, Ordering::SeqCst);
    until(&mut response, &mut seen, "event: complete").await;
    assert!(seen.contains("UNAUTHENTICATED"), "{seen}");
    server.open_feeds_become(0).await;
}

#[tokio::test]
async fn a_slow_reader_slows_only_its_own_stream() {
    let server = server::start().await;
    let flood = ask(&server, "subscription { flood(bytes: 60000) }").send().await.unwrap();
    for _ in 0..10 {
        server.ask("{ viewer }").await.is_data(&json!({ "viewer": "nobody" }));
    }
    drop(flood);
    server.open_feeds_become(0).await;
}

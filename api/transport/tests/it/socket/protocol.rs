//! The rules of the protocol and its close codes.

use std::time::Duration;

use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Error, Message, client::IntoClientRequest};

use super::client::{Client, PATIENCE, SPOKEN, dial, fresh, open};
use crate::server;

async fn says(message: &str) -> (u16, String) {
    let server = server::start().await;
    let mut client = open(&server).await;
    client.send(Message::text(message)).await;
    client.closed().await
}

#[tokio::test]
async fn the_subprotocol_is_agreed_or_closed_with_4406() {
    let server = server::start().await;
    let (_, response) = dial(&server, &[("sec-websocket-protocol", "other, graphql-transport-ws")]).await.unwrap();
    assert_eq!(response.headers()["sec-websocket-protocol"], "graphql-transport-ws");
    let request = format!("ws://{}/graphql", server.address).into_client_request().unwrap();
    let (stream, _) = tokio_tungstenite::connect_async(request).await.unwrap();
    Client(stream).is_closed_with(4406).await;
}

#[tokio::test]
async fn a_legacy_subprotocol_is_not_spoken() {
    let server = server::start().await;
    // A correct client gives up by itself when the server picks none of its protocols.
    assert!(dial(&server, &[("sec-websocket-protocol", "graphql-ws")]).await.is_err());
}

#[tokio::test]
async fn foreign_origins_get_403_and_our_own_a_socket() {
    let server = server::start().await;
    for origin in ["https://evil.example", "null", "https://app.example.evil.example", "http://app.example", ""] {
        match dial(&server, &[SPOKEN, ("origin", origin)]).await {
            Err(Error::Http(response)) => assert_eq!(response.status(), 403, "{origin}"),
            _ => panic!("{origin} was let in"),
        }
    }
    let own = format!("http://{}", server.address);
    for origin in ["https://app.example", own.as_str()] {
        assert!(dial(&server, &[SPOKEN, ("origin", origin)]).await.is_ok(), "{origin}");
    }
}

#[tokio::test]
async fn a_handshake_that_is_none_and_two_authorizations_get_400() {
    let server = server::start().await;
    let request = server.client.get(server.url()).header("upgrade", "websocket").header("connection", "upgrade");
    server::answer(request).await.is_refused(400, "BAD_REQUEST");
    let doubled = dial(&server, &[SPOKEN, ("authorization", "Bearer good"), ("authorization", "Bearer wrong")]).await;
    assert!(matches!(doubled, Err(Error::Http(response)) if response.status() == 400));
}

#[tokio::test]
async fn without_connection_init_the_socket_closes_with_4408_whatever_pings_come() {
    let server = server::limited(|limits| limits.init_timeout = Duration::from_millis(300)).await;
    let mut client = fresh(&server).await;
    let closed = async {
        loop {
            client.say(&json!({ "type": "ping" })).await;
            match client.0.next().await {
                Some(Ok(Message::Close(Some(frame)))) => return u16::from(frame.code),
                None | Some(Err(_)) => return 1006,
                _ => {}
            }
        }
    };
    assert_eq!(timeout(PATIENCE, closed).await, Ok(4408));
}

#[tokio::test]
async fn subscribe_before_the_acknowledgement_closes_with_4401() {
    let server = server::start().await;
    let mut client = fresh(&server).await;
    client.subscribe("1", "{ viewer }").await;
    client.is_closed_with(4401).await;

    let mut hasty = fresh(&server).await;
    hasty.say(&json!({ "type": "connection_init", "payload": { "Authorization": "Bearer slow" } })).await;
    hasty.subscribe("1", "{ viewer }").await;
    hasty.is_closed_with(4401).await;
}

#[tokio::test]
async fn wrong_and_odd_credentials_close_with_4403() {
    let server = server::start().await;
    for payload in [
        json!({ "Authorization": "Bearer wrong" }),
        json!({ "authorization": "good" }),
        json!({ "Authorization": 7 }),
        json!({ "Authorization": ["Bearer good"] }),
        json!({ "Authorization": null }),
    ] {
        let mut client = fresh(&server).await;
        client.say(&json!({ "type": "connection_init", "payload": payload })).await;
        client.is_closed_with(4403).await;
    }
}

#[tokio::test]
async fn a_gate_that_cannot_decide_closes_with_1013() {
    let server = server::start().await;
    for token in ["throttled", "broken"] {
        let mut client = fresh(&server).await;
        client.say(&json!({ "type": "connection_init", "payload": { "Authorization": format!("Bearer {token}") } })).await;
        client.is_closed_with(1013).await;
    }
}

#[tokio::test]
async fn the_handshakes_authorization_counts_when_the_payload_has_none() {
    let server = server::start().await;
    let (mut client, _) = dial(&server, &[SPOKEN, ("authorization", "Bearer good")]).await.unwrap();
    client.say(&json!({ "type": "connection_init" })).await;
    assert_eq!(client.hear().await["type"], "connection_ack");
    client.subscribe("1", "{ viewer }").await;
    assert_eq!(client.hear().await["payload"]["data"]["viewer"], "good");
}

#[tokio::test]
async fn a_second_init_closes_with_4429_even_while_the_first_is_decided() {
    let server = server::start().await;
    let mut client = open(&server).await;
    client.say(&json!({ "type": "connection_init" })).await;
    client.is_closed_with(4429).await;

    let mut hasty = fresh(&server).await;
    for _ in 0..2 {
        hasty.say(&json!({ "type": "connection_init", "payload": { "Authorization": "Bearer slow" } })).await;
    }
    hasty.is_closed_with(4429).await;
}

#[tokio::test]
async fn an_id_in_use_closes_with_4409_and_one_that_is_done_can_be_used_again() {
    let server = server::start().await;
    let mut client = open(&server).await;
    for _ in 0..2 {
        client.subscribe("1", "{ viewer }").await;
        assert_eq!(client.hear().await["type"], "next");
        assert_eq!(client.hear().await, json!({ "type": "complete", "id": "1" }));
    }
    client.subscribe("1", "{ unknown }").await;
    assert_eq!(client.hear().await["type"], "error");
    client.subscribe("1", "subscription { silence }").await;
    assert_eq!(client.hear().await["payload"]["data"]["silence"], 1);
    client.subscribe("1", "{ viewer }").await;
    client.is_closed_with(4409).await;
    server.open_feeds_become(0).await;
}

#[tokio::test]
async fn malformed_messages_close_with_4400() {
    for message in [
        "",
        "{",
        "[]",
        "null",
        "\"ping\"",
        "{}",
        r#"{"type": 1}"#,
        r#"{"type": "start", "id": "1", "payload": {"query": "{ viewer }"}}"#,
        r#"{"type": "stop", "id": "1"}"#,
        r#"{"type": "connection_terminate"}"#,
        r#"{"type": "next", "id": "1", "payload": {}}"#,
        r#"{"type": "ping", "payload": []}"#,
        r#"{"type": "pong", "payload": "x"}"#,
        r#"{"type": "subscribe", "payload": {"query": "{ viewer }"}}"#,
        r#"{"type": "subscribe", "id": "", "payload": {"query": "{ viewer }"}}"#,
        r#"{"type": "subscribe", "id": 1, "payload": {"query": "{ viewer }"}}"#,
        r#"{"type": "subscribe", "id": "1"}"#,
        r#"{"type": "subscribe", "id": "1", "payload": {}}"#,
        r#"{"type": "subscribe", "id": "1", "payload": {"query": 1}}"#,
        r#"{"type": "subscribe", "id": "1", "payload": {"query": "{ viewer }", "variables": []}}"#,
        r#"{"type": "subscribe", "id": "1", "payload": {"query": "{ viewer }", "operationName": 1}}"#,
        r#"{"type": "subscribe", "id": "1", "payload": {"query": "{ viewer }", "query": "{ viewer }"}}"#,
        r#"{"type": "complete"}"#,
        r#"{"type": "complete", "id": null}"#,
    ] {
        let (code, reason) = says(message).await;
        assert_eq!(code, 4400, "{message} {reason}");
        assert!(!reason.is_empty() && reason.len() < 123);
    }
}

#[tokio::test]
async fn binary_messages_close_with_4400_and_a_bad_init_payload_too() {
    let server = server::start().await;
    let mut client = open(&server).await;
    client.send(Message::binary(br#"{"type":"ping"}"#.to_vec())).await;
    client.is_closed_with(4400).await;
    let mut client = fresh(&server).await;
    client.say(&json!({ "type": "connection_init", "payload": [] })).await;
    client.is_closed_with(4400).await;
}

#[tokio::test]
async fn pings_are_answered_before_and_after_the_acknowledgement() {
    let server = server::start().await;
    let mut client = fresh(&server).await;
    client.say(&json!({ "type": "ping", "payload": { "n": 1 } })).await;
    assert_eq!(client.hear().await, json!({ "type": "pong", "payload": { "n": 1 } }));
    client.say(&json!({ "type": "pong" })).await;
    client.say(&json!({ "type": "ping" })).await;
    assert_eq!(client.hear().await, json!({ "type": "pong" }));
    client.send(Message::Ping(b"hello".to_vec().into())).await;
    assert_eq!(client.frame().await, Some(Message::Pong(b"hello".to_vec().into())));
}

#[tokio::test]
async fn request_errors_are_error_messages_and_leave_the_socket_open() {
    let server = server::start().await;
    let mut client = open(&server).await;
    for (query, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ unknown }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { viewer } query B { viewer }", "OPERATION_RESOLUTION_FAILURE"),
        ("query ($a: Int!) { add(a: $a) }", "BAD_USER_INPUT"),
        ("{ nest { nests { nests { nests { value } } } } }", "QUERY_COST"),
        ("subscription { count(to: 1) silence }", "GRAPHQL_VALIDATION_FAILED"),
    ] {
        client.subscribe("1", query).await;
        let message = client.hear().await;
        assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("1")), "{query}");
        assert_eq!(message["payload"][0]["extensions"]["code"], code, "{message}");
        let cost = if code == "QUERY_COST" { json!(1_000_001) } else { Value::Null };
        assert_eq!(message["payload"][0]["extensions"]["cost"], cost, "{message}");
    }
    client.subscribe("1", "{ viewer }").await;
    assert_eq!(client.hear().await["payload"], json!({ "data": { "viewer": "good" } }));
}

#[tokio::test]
async fn a_failing_source_shows_no_internals() {
    let server = server::start().await;
    let mut client = open(&server).await;
    client.subscribe("1", "subscription { failing }").await;
    assert_eq!(client.hear().await["payload"]["data"]["failing"], 1);
    let message = client.hear().await;
    assert!(!message.to_string().contains("db.internal"), "{message}");
    assert!(message.to_string().contains("INTERNAL"), "{message}");
    assert_eq!(client.hear().await, json!({ "type": "complete", "id": "1" }));

    client.subscribe("2", "subscription { refused }").await;
    let message = client.hear().await;
    assert!(message.to_string().contains("FORBIDDEN"), "{message}");
}

#[tokio::test]
async fn a_panic_ends_its_operation_with_an_error_and_nothing_else() {
    let server = server::start().await;
    let mut client = open(&server).await;
    client.subscribe("1", "subscription { panicking }").await;
    assert_eq!(client.hear().await["payload"]["data"]["panicking"], 1);
    let message = client.hear().await;
    assert_eq!((&message["type"], &message["payload"][0]["extensions"]["code"]), (&json!("error"), &json!("INTERNAL")));
    assert!(!message.to_string().contains("db.internal"), "{message}");
    client.subscribe("1", "{ viewer }").await;
    assert_eq!(client.hear().await["type"], "next");
}

#[tokio::test]
async fn complete_from_the_client_frees_the_feed() {
    let server = server::start().await;
    let mut client = open(&server).await;
    client.subscribe("1", "subscription { silence }").await;
    client.hear().await;
    server.open_feeds_become(1).await;
    client.say(&json!({ "type": "complete", "id": "1" })).await;
    client.say(&json!({ "type": "complete", "id": "never-used" })).await;
    server.open_feeds_become(0).await;
    client.say(&json!({ "type": "ping" })).await;
    assert_eq!(client.hear().await["type"], "pong");
}

#[tokio::test]
async fn a_lost_connection_frees_its_feeds() {
    let server = server::start().await;
    let mut client = open(&server).await;
    client.subscribe("1", "subscription { ticks }").await;
    client.subscribe("2", "subscription { silence }").await;
    server.open_feeds_become(2).await;
    drop(client);
    server.open_feeds_become(0).await;
}

#[tokio::test]
async fn the_close_frame_is_answered_with_its_code() {
    use tokio_tungstenite::tungstenite::protocol::{CloseFrame, frame::coding::CloseCode};
    let server = server::start().await;
    let mut client = open(&server).await;
    client.subscribe("1", "subscription { silence }").await;
    client.hear().await;
    client.send(Message::Close(Some(CloseFrame { code: CloseCode::Normal, reason: "bye".into() }))).await;
    client.is_closed_with(1000).await;
    server.open_feeds_become(0).await;
}

//! graphql-transport-ws, frame by frame: every close code and rule of the protocol, and what must not bring us down.

use std::{sync::atomic::Ordering, time::Duration};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Error, Message, client::IntoClientRequest, handshake::client::Response, http::HeaderValue},
};

use crate::server::{self, Server};

/// Longer than anything but a hang.
const PATIENCE: Duration = Duration::from_secs(20);

struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

async fn dial(server: &Server, headers: &[(&'static str, &str)]) -> Result<(Client, Response), Error> {
    let mut request = format!("ws://{}/graphql", server.address).into_client_request()?;
    for (name, value) in headers {
        request.headers_mut().append(*name, HeaderValue::from_str(value).unwrap());
    }
    tokio_tungstenite::connect_async(request).await.map(|(stream, response)| (Client(stream), response))
}

const SPOKEN: (&str, &str) = ("sec-websocket-protocol", "graphql-transport-ws");

/// Connected, nothing said yet.
async fn fresh(server: &Server) -> Client {
    dial(server, &[SPOKEN]).await.unwrap().0
}

/// Connected and acknowledged.
async fn open_as(server: &Server, token: &str) -> Client {
    let mut client = fresh(server).await;
    client.say(&json!({ "type": "connection_init", "payload": { "Authorization": format!("Bearer {token}") } })).await;
    assert_eq!(client.hear().await, json!({ "type": "connection_ack" }));
    client
}

async fn open(server: &Server) -> Client {
    open_as(server, "good").await
}

impl Client {
    async fn say(&mut self, message: &Value) {
        self.send(Message::text(message.to_string())).await;
    }

    async fn send(&mut self, message: Message) {
        // A server that has closed already is seen by what it said.
        let _ = self.0.send(message).await;
    }

    async fn subscribe(&mut self, id: &str, query: &str) {
        self.say(&json!({ "type": "subscribe", "id": id, "payload": { "query": query } })).await;
    }

    async fn frame(&mut self) -> Option<Message> {
        match timeout(PATIENCE, self.0.next()).await.expect("the server is silent") {
            Some(Ok(message)) => Some(message),
            _ => None,
        }
    }

    /// The next message of the protocol.
    #[track_caller]
    fn hear(&mut self) -> impl Future<Output = Value> {
        async {
            loop {
                match self.frame().await {
                    Some(Message::Text(text)) => return serde_json::from_str(&text).unwrap(),
                    Some(Message::Ping(_) | Message::Pong(_)) => {}
                    other => panic!("no message but {other:?}"),
                }
            }
        }
    }

    /// The code that the server closes with; results still on their way are skipped.
    async fn closed(&mut self) -> (u16, String) {
        loop {
            match self.frame().await {
                Some(Message::Close(Some(frame))) => return (frame.code.into(), frame.reason.to_string()),
                Some(Message::Close(None)) => return (1005, String::new()),
                Some(_) => {}
                None => return (1006, String::new()),
            }
        }
    }

    #[track_caller]
    fn is_closed_with(&mut self, code: u16) -> impl Future<Output = ()> {
        async move {
            let (closed, reason) = self.closed().await;
            assert_eq!(closed, code, "{reason}");
            assert!(reason.len() < 123);
        }
    }
}

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

#[tokio::test]
async fn a_message_over_the_limit_closes_with_1009_whole_or_in_fragments() {
    use tokio_tungstenite::tungstenite::protocol::frame::{Frame, coding::{Data, OpCode}};
    let server = server::limited(|limits| limits.message_bytes = 4_096).await;
    let mut client = fresh(&server).await;
    client.send(Message::text("x".repeat(8_192))).await;
    client.is_closed_with(1009).await;

    let mut client = fresh(&server).await;
    client.send(Message::Frame(Frame::message("x".repeat(1_024), OpCode::Data(Data::Text), false))).await;
    for _ in 0..8 {
        client.send(Message::Frame(Frame::message("x".repeat(1_024), OpCode::Data(Data::Continue), false))).await;
    }
    client.is_closed_with(1009).await;
}

#[tokio::test]
async fn text_that_is_not_utf8_closes_with_1007() {
    use tokio_tungstenite::tungstenite::protocol::frame::{Frame, coding::{Data, OpCode}};
    let server = server::start().await;
    let mut client = fresh(&server).await;
    client.send(Message::Frame(Frame::message(vec![0xFF, 0xFE], OpCode::Data(Data::Text), true))).await;
    client.is_closed_with(1007).await;
}

#[tokio::test]
async fn an_unmasked_frame_closes_with_1002() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let server = server::start().await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let handshake = "GET /graphql HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n";
    stream.write_all(handshake.as_bytes()).await.unwrap();
    let mut seen = vec![0; 1_024];
    let read = stream.read(&mut seen).await.unwrap();
    assert!(seen[..read].starts_with(b"HTTP/1.1 101"));
    stream.write_all(b"\x81\x02{}").await.unwrap();
    let mut rest = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut rest)).await.unwrap().unwrap();
    assert_eq!(rest.get(2..4), Some(&1002_u16.to_be_bytes()[..]), "{rest:?}");
}

#[tokio::test]
async fn operations_over_the_limit_of_a_socket_get_an_error() {
    let server = server::limited(|limits| limits.socket_operations = 3).await;
    let mut client = open(&server).await;
    for id in ["1", "2", "3"] {
        client.subscribe(id, "subscription { silence }").await;
        assert_eq!(client.hear().await["type"], "next");
    }
    client.subscribe("4", "{ viewer }").await;
    let refused = client.hear().await;
    assert_eq!((&refused["type"], &refused["id"]), (&json!("error"), &json!("4")));
    assert_eq!(refused["payload"][0]["extensions"]["code"], "TOO_MANY_REQUESTS");
    client.say(&json!({ "type": "complete", "id": "1" })).await;
    client.subscribe("4", "{ viewer }").await;
    assert_eq!(client.hear().await["type"], "next");
}

#[tokio::test]
async fn sockets_over_the_limit_of_the_process_get_503() {
    let server = server::limited(|limits| limits.connections = 1).await;
    let first = open(&server).await;
    assert!(matches!(dial(&server, &[SPOKEN]).await, Err(Error::Http(response)) if response.status() == 503));
    drop(first);
    let again = async { while dial(&server, &[SPOKEN]).await.is_err() { tokio::time::sleep(Duration::from_millis(5)).await } };
    timeout(PATIENCE, again).await.unwrap();
}

#[tokio::test]
async fn an_admission_that_expires_closes_with_4403_and_ends_its_feeds() {
    let server = server::start().await;
    let mut client = open_as(&server, "expiring").await;
    client.subscribe("1", "subscription { ticks }").await;
    client.hear().await;
    client.is_closed_with(4403).await;
    server.open_feeds_become(0).await;
}

#[tokio::test]
async fn a_revoked_admission_closes_with_4403_at_the_next_recheck() {
    let server = server::limited(|limits| limits.recheck_every = Duration::from_millis(50)).await;
    let mut client = open_as(&server, "revocable").await;
    client.subscribe("1", "subscription { ticks }").await;
    for _ in 0..10 {
        client.hear().await;
    }
    server.gate.revoked.store(true, Ordering::SeqCst);
    client.is_closed_with(4403).await;
    server.open_feeds_become(0).await;
}

#[test]
fn the_default_recheck_keeps_within_five_seconds() {
    assert!(transport::Limits::default().recheck_every < Duration::from_secs(5));
}

#[tokio::test]
async fn shutdown_closes_every_socket_with_1001() {
    let server = server::start().await;
    let mut quiet = fresh(&server).await;
    let mut busy = open(&server).await;
    busy.subscribe("1", "subscription { ticks }").await;
    busy.hear().await;
    server.shutdown.cancel();
    quiet.is_closed_with(1001).await;
    busy.is_closed_with(1001).await;
    server.open_feeds_become(0).await;
}

#[tokio::test]
async fn the_server_pings_and_drops_a_socket_that_never_answers() {
    let server = server::limited(|limits| limits.keep_alive = Duration::from_millis(100)).await;
    let mut client = open(&server).await;
    client.subscribe("1", "subscription { silence }").await;
    client.hear().await;
    // Reading answers pings: the socket outlives many of them.
    for _ in 0..5 {
        assert!(matches!(client.frame().await, Some(Message::Ping(_))));
    }
    server.open_feeds_become(1).await;
    // Not reading does not: this client is still connected, but no longer answers.
    server.open_feeds_become(0).await;
    drop(client);
}

#[tokio::test]
async fn a_reader_that_never_reads_is_given_up_and_others_are_unhurt() {
    let server = server::limited(|limits| limits.write_timeout = Duration::from_millis(300)).await;
    let mut slow = open(&server).await;
    slow.subscribe("1", "subscription { flood(bytes: 60000) }").await;
    server.open_feeds_become(1).await;
    let mut other = open(&server).await;
    for _ in 0..20 {
        other.subscribe("1", "{ viewer }").await;
        assert_eq!(other.hear().await["type"], "next");
        assert_eq!(other.hear().await["type"], "complete");
    }
    server.open_feeds_become(0).await;
    other.say(&json!({ "type": "ping" })).await;
    assert_eq!(other.hear().await["type"], "pong");
    drop(slow);
}

#[tokio::test]
async fn a_client_that_pings_without_reading_is_given_up() {
    let server = server::limited(|limits| limits.write_timeout = Duration::from_millis(300)).await;
    let mut client = open(&server).await;
    client.subscribe("1", "subscription { silence }").await;
    client.hear().await;
    let ping = json!({ "type": "ping", "payload": { "x": "y".repeat(50_000) } }).to_string();
    let flood = async {
        while client.0.send(Message::text(ping.clone())).await.is_ok() {}
    };
    let _ = timeout(Duration::from_secs(3), flood).await;
    server.open_feeds_become(0).await;
}

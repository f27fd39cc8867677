//! Limits, ends of admissions, shutdown, peers that are slow, silent or gone.

use std::{sync::atomic::Ordering, time::Duration};

use futures_util::SinkExt;
use serde_json::json;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::client::{PATIENCE, SPOKEN, dial, fresh, open, open_as};
use crate::server;

#[tokio::test]
async fn a_message_over_the_limit_closes_with_1009_whole_or_in_fragments() {
    use tokio_tungstenite::tungstenite::protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    };
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
    use tokio_tungstenite::tungstenite::protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    };
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
    let again = async {
        while dial(&server, &[SPOKEN]).await.is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, again).await.unwrap();
}

#[tokio::test]
async fn sockets_over_the_limit_of_their_holder_close_with_1013_until_one_of_them_ends() {
    let server = server::limited(|limits| limits.holder_connections = 2).await;
    let first = open_as(&server, "held").await;
    let mut second = open_as(&server, "held").await;
    let mut third = fresh(&server).await;
    third.say(&json!({ "type": "connection_init", "payload": { "Authorization": "Bearer held" } })).await;
    third.is_closed_with(1013).await;
    // Others are unhurt, and so are the sockets that are open.
    open_as(&server, "held-by-another").await;
    open(&server).await;
    second.say(&json!({ "type": "ping" })).await;
    assert_eq!(second.hear().await["type"], "pong");
    drop(first);
    let again = async {
        loop {
            let mut socket = fresh(&server).await;
            socket.say(&json!({ "type": "connection_init", "payload": { "Authorization": "Bearer held" } })).await;
            if let Some(Message::Text(said)) = socket.frame().await {
                assert!(said.contains("connection_ack"), "{said}");
                break;
            }
        }
    };
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
    let flood = async { while client.0.send(Message::text(ping.clone())).await.is_ok() {} };
    let _ = timeout(Duration::from_secs(3), flood).await;
    server.open_feeds_become(0).await;
}

//! Ctrl-C and SIGTERM: what runs is finished, sockets are told, and the process ends by itself with success.

use std::time::Instant;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest, http::HeaderValue};

use super::{
    client::Client,
    demo::Demo,
    product::{Installation, Process},
};

/// Requests end within 10 s, jobs within 30 s after them; and the machine may be busy.
const GRACE_S: u64 = 60;

type Socket = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

#[test]
fn sigterm_under_load_tells_sockets_and_streams_and_ends_with_success() {
    testdb::block_on(ends_cleanly("TERM"));
}

#[test]
fn ctrl_c_under_load_tells_sockets_and_streams_and_ends_with_success() {
    testdb::block_on(ends_cleanly("INT"));
}

async fn ends_cleanly(signal: &str) {
    let demo = Demo::start().await;
    let owner = demo.client(0, "OWNER");
    let mut socket = open_socket(demo.process.url(), owner.token()).await;
    let mut stream = owner.subscribe("subscription { casesChanged { cursor change } }", json!({})).await;
    stream.next_data().await;
    let load: Vec<_> = (0..8).map(|_| tokio::spawn(ask_until_it_ends(owner.clone()))).collect();
    let mut process = demo.process;
    let began = Instant::now();
    process.signal(signal);
    assert_eq!(close_code(&mut socket).await, 1001, "a socket is told that the server goes away");
    while stream.next().await.is_some() {}
    let status = process.ended().await;
    assert_eq!(status.code(), Some(0), "{}", process.stderr());
    assert!(began.elapsed().as_secs() < GRACE_S, "took {:?}", began.elapsed());
    for client in load {
        let answers = client.await.unwrap();
        assert!(answers.iter().all(|status| [200, 503].contains(status)), "{answers:?}");
    }
    assert!(process.stderr().contains("stopping"), "{}", process.stderr());
    assert!(!process.stderr().contains("panicked"), "{}", process.stderr());
}

#[test]
fn workers_end_with_success_too() {
    testdb::block_on(async {
        let installation = Installation::on(testdb::Backend::Postgres).await;
        let mut workers = [installation.work().await, installation.work().await];
        for (worker, signal) in workers.iter_mut().zip(["TERM", "INT"]) {
            worker.signal(signal);
            let status = worker.ended().await;
            assert_eq!(status.code(), Some(0), "{signal}: {}", worker.stderr());
        }
    });
}

#[test]
fn what_was_answered_before_the_signal_is_there_after_the_restart() {
    testdb::block_on(async {
        let demo = Demo::start().await;
        let owner = demo.client(0, "OWNER");
        let document = "mutation($name: String!) { integrationCreateCsv(name: $name) { integration { id } userErrors { code } } }";
        let made = owner.change(document, json!({ "name": "The last word" })).await;
        let Demo { mut process, installation, .. } = demo;
        process.signal("TERM");
        process.ended().await;
        let again: Process = installation.serve(&["demo"]).await;
        let found = owner.at(again.url()).ask("query($id: ID!) { node(id: $id) { id } }", json!({ "id": made["integration"]["id"] })).await;
        assert_eq!(found["node"]["id"], made["integration"]["id"]);
    });
}

/// The statuses of all answers until the server is gone.
async fn ask_until_it_ends(client: Client) -> Vec<u16> {
    let mut answers = Vec::new();
    while let Ok(answer) = client.send("{ cases(first: 20) { nodes { id debtor { name } letters { id } } } }", json!({})).await {
        answers.push(answer.status);
    }
    answers
}

async fn open_socket(url: &str, token: &str) -> Socket {
    let mut request = format!("{}/graphql", url.replace("http://", "ws://")).into_client_request().unwrap();
    request.headers_mut().append("sec-websocket-protocol", HeaderValue::from_static("graphql-transport-ws"));
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
    say(&mut socket, &json!({ "type": "connection_init", "payload": { "Authorization": format!("Bearer {token}") } })).await;
    let query = "subscription { casesChanged { cursor change } }";
    say(&mut socket, &json!({ "type": "subscribe", "id": "1", "payload": { "query": query } })).await;
    loop {
        let message: Value = serde_json::from_str(socket.next().await.unwrap().unwrap().to_text().unwrap()).unwrap();
        match message["type"].as_str().unwrap() {
            "connection_ack" => {}
            "next" => return socket,
            _ => panic!("{message}"),
        }
    }
}

async fn say(socket: &mut Socket, message: &Value) {
    socket.send(Message::text(message.to_string())).await.unwrap();
}

async fn close_code(socket: &mut Socket) -> u16 {
    loop {
        match socket.next().await {
            Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
            Some(Ok(_)) => {}
            other => panic!("the socket ended without a word: {other:?}"),
        }
    }
}

//! A WebSocket client that says what it is told to, right or wrong.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Error, Message, client::IntoClientRequest, handshake::client::Response, http::HeaderValue},
};

use crate::server::Server;

/// Longer than anything but a hang.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub struct Client(pub WebSocketStream<MaybeTlsStream<TcpStream>>);

pub async fn dial(server: &Server, headers: &[(&'static str, &str)]) -> Result<(Client, Response), Error> {
    let mut request = format!("ws://{}/graphql", server.address).into_client_request()?;
    for (name, value) in headers {
        request.headers_mut().append(*name, HeaderValue::from_str(value).unwrap());
    }
    tokio_tungstenite::connect_async(request).await.map(|(stream, response)| (Client(stream), response))
}

pub const SPOKEN: (&str, &str) = ("sec-websocket-protocol", "graphql-transport-ws");

/// Connected, nothing said yet.
pub async fn fresh(server: &Server) -> Client {
    dial(server, &[SPOKEN]).await.unwrap().0
}

/// Connected and acknowledged.
pub async fn open_as(server: &Server, token: &str) -> Client {
    let mut client = fresh(server).await;
    client.say(&json!({ "type": "connection_init", "payload": { "Authorization": format!("Bearer {token}") } })).await;
    assert_eq!(client.hear().await, json!({ "type": "connection_ack" }));
    client
}

pub async fn open(server: &Server) -> Client {
    open_as(server, "good").await
}

impl Client {
    pub async fn say(&mut self, message: &Value) {
        self.send(Message::text(message.to_string())).await;
    }

    pub async fn send(&mut self, message: Message) {
        // A server that has closed already is seen by what it said.
        let _ = self.0.send(message).await;
    }

    pub async fn subscribe(&mut self, id: &str, query: &str) {
        self.say(&json!({ "type": "subscribe", "id": id, "payload": { "query": query } })).await;
    }

    pub async fn frame(&mut self) -> Option<Message> {
        match timeout(PATIENCE, self.0.next()).await.expect("the server is silent") {
            Some(Ok(message)) => Some(message),
            _ => None,
        }
    }

    /// The next message of the protocol.
    pub async fn hear(&mut self) -> Value {
        loop {
            match self.frame().await {
                Some(Message::Text(text)) => return serde_json::from_str(&text).unwrap(),
                Some(Message::Ping(_) | Message::Pong(_)) => {}
                other => panic!("no message but {other:?}"),
            }
        }
    }

    /// The code that the server closes with; results still on their way are skipped.
    pub async fn closed(&mut self) -> (u16, String) {
        loop {
            match self.frame().await {
                Some(Message::Close(Some(frame))) => return (frame.code.into(), frame.reason.to_string()),
                Some(Message::Close(None)) => return (1005, String::new()),
                Some(_) => {}
                None => return (1006, String::new()),
            }
        }
    }

    pub async fn is_closed_with(&mut self, code: u16) {
        let (closed, reason) = self.closed().await;
        assert_eq!(closed, code, "{reason}");
        assert!(reason.len() < 123);
    }
}

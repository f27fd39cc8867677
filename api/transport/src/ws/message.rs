//! The messages of `graphql-transport-ws`: reads the client's, writes the server's.

use async_graphql::Response;
use serde_json::{Map, Value, json};

use super::close::Close;
use crate::{
    fault::{Fault, errors_json},
    gate::TraceId,
    json,
    params::Params,
};

/// Longest operation id, in bytes; clients use UUIDs or counters.
const ID_BYTES: usize = 256;

/// What a client says.
#[derive(Debug)]
pub(super) enum Incoming {
    Init(Map<String, Value>),
    Ping(Option<Value>),
    Pong,
    Subscribe { id: String, params: Params },
    Complete { id: String },
}

/// Reads one message; anything that the protocol does not know closes with 4400.
pub(super) fn read(text: &str) -> Result<Incoming, Close> {
    let Ok(Value::Object(mut message)) = json::parse(text) else {
        return Err(Close::Invalid("Message is not a JSON object"));
    };
    let Some(Value::String(kind)) = message.remove("type") else {
        return Err(Close::Invalid("Message has no type"));
    };
    match kind.as_str() {
        "connection_init" => Ok(Incoming::Init(payload(&mut message)?.unwrap_or_default())),
        "ping" => Ok(Incoming::Ping(payload(&mut message)?.map(Value::Object))),
        "pong" => payload(&mut message).map(|_| Incoming::Pong),
        "subscribe" => {
            let id = id(&mut message)?;
            let payload = payload(&mut message)?.ok_or(Close::Invalid("Message has no payload"))?;
            let params = Params::from_json(Value::Object(payload)).map_err(|_| Close::Invalid("Payload is not a GraphQL request"))?;
            Ok(Incoming::Subscribe { id, params })
        }
        "complete" => Ok(Incoming::Complete { id: id(&mut message)? }),
        _ => Err(Close::Invalid("Unknown message type")),
    }
}

fn id(message: &mut Map<String, Value>) -> Result<String, Close> {
    match message.remove("id") {
        Some(Value::String(id)) if !id.is_empty() && id.len() <= ID_BYTES => Ok(id),
        _ => Err(Close::Invalid("Message has no usable id")),
    }
}

fn payload(message: &mut Map<String, Value>) -> Result<Option<Map<String, Value>>, Close> {
    match message.remove("payload") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(payload)) => Ok(Some(payload)),
        Some(_) => Err(Close::Invalid("Payload is not an object")),
    }
}

pub(super) fn ack() -> String {
    json!({ "type": "connection_ack" }).to_string()
}

pub(super) fn pong(payload: Option<Value>) -> String {
    match payload {
        Some(payload) => json!({ "type": "pong", "payload": payload }).to_string(),
        None => json!({ "type": "pong" }).to_string(),
    }
}

/// One result of an operation.
pub(super) fn next(id: &str, response: &Response) -> Result<String, serde_json::Error> {
    #[derive(serde::Serialize)]
    struct Next<'a> {
        r#type: &'static str,
        id: &'a str,
        payload: &'a Response,
    }
    serde_json::to_string(&Next { r#type: "next", id, payload: response })
}

pub(super) fn error(id: &str, faults: &[Fault], trace: &TraceId) -> String {
    json!({ "type": "error", "id": id, "payload": errors_json(faults, trace) }).to_string()
}

pub(super) fn complete(id: &str) -> String {
    json!({ "type": "complete", "id": id }).to_string()
}

//! Reads what a request carries: its type, its bytes within the limit, its JSON.

use std::time::Duration;

use actix_web::{
    HttpRequest,
    http::header::{self, HeaderMap, HeaderName},
    web,
};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use serde_json::{Map, Value};

use super::reply::Refusal;
use crate::{
    fault::{Code, Fault},
    json,
};

/// Time for a refusal to leave before its request's body is dropped.
const ANSWERING: Duration = Duration::from_secs(2);

/// Only `application/json` in UTF-8 and not compressed. Anything a form or a plain script could send is refused: a browser
/// asks us before it sends this type from another site.
pub(crate) fn check_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let refuse = |message: &str| Err(Fault::new(Code::UnsupportedMediaType, message).into());
    match only(headers, &header::CONTENT_TYPE) {
        Some(value) if is_json(value) => {}
        _ => return refuse("The body must be application/json in UTF-8."),
    }
    match headers.get(header::CONTENT_ENCODING) {
        Some(encoding) if !encoding.as_bytes().eq_ignore_ascii_case(b"identity") => refuse("The body must not be compressed."),
        _ => Ok(()),
    }
}

fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut all = headers.get_all(name);
    let first = all.next()?;
    if all.next().is_some() { None } else { first.to_str().ok() }
}

fn is_json(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    essence.eq_ignore_ascii_case("application/json")
        && parts.filter(|part| !part.is_empty()).all(|part| match part.split_once('=') {
            Some((name, value)) => !name.trim().eq_ignore_ascii_case("charset") || is_utf8(value),
            None => false,
        })
}

/// Whether a charset parameter says UTF-8, quoted or not.
pub(crate) fn is_utf8(charset: &str) -> bool {
    charset.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
}

/// Reads the body, refusing at the limit: by the announced length before the first byte, else while it arrives.
pub(crate) async fn read(headers: &HeaderMap, payload: &mut web::Payload, limit: usize) -> Result<Bytes, Refusal> {
    let too_large = || Refusal::closing(Fault::new(Code::BodyTooLarge, format!("The body is larger than {limit} bytes.")));
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Refusal::closing(Fault::new(Code::BadRequest, "The body broke off.")))?;
        if body.len().saturating_add(chunk.len()) > limit {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// Lets go of a body that was not read to its end. The server reads on to the end of a chunked body that nobody holds, be
/// it endless; while it is held, the connection closes with the answer.
pub(crate) fn abandon(request: &HttpRequest, payload: web::Payload) {
    if request.headers().contains_key(header::TRANSFER_ENCODING) {
        actix_web::rt::spawn(async move {
            tokio::time::sleep(ANSWERING).await;
            drop(payload);
        });
    }
}

/// The JSON of a body. A byte order mark is skipped, anything else that is not UTF-8 is refused.
pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Value, Fault> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| Fault::new(Code::BadRequest, "The body is not UTF-8."))?;
    json::parse(text).map_err(|error| {
        let message = format!("The body is not JSON: line {}, column {}.", error.line(), error.column());
        Fault::new(Code::BadRequest, message)
    })
}

/// The parameters of a GET, as the object that a POST would carry.
pub(crate) fn from_query_string(query_string: &str) -> Result<Value, Fault> {
    let bad = |message: String| Fault::new(Code::BadRequest, message);
    let pairs = web::Query::<Vec<(String, String)>>::from_query(query_string)
        .map_err(|_| bad("The query string cannot be read.".to_owned()))?
        .into_inner();
    let mut object = Map::new();
    for (name, text) in pairs {
        let value = match name.as_str() {
            "query" | "documentId" | "operationName" => Value::String(text),
            "variables" | "extensions" if text.is_empty() => Value::Null,
            "variables" | "extensions" => json::parse(&text).map_err(|_| bad(format!("The parameter \"{name}\" is not JSON.")))?,
            _ => continue,
        };
        if object.insert(name, value).is_some() {
            return Err(bad("A parameter is given twice.".to_owned()));
        }
    }
    Ok(Value::Object(object))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_json_in_utf8_is_json() {
        for fine in [
            "application/json",
            "Application/JSON",
            "application/json;charset=utf-8",
            "application/json; charset=\"UTF-8\"",
            "application/json;",
        ] {
            assert!(is_json(fine), "{fine}");
        }
        for other in [
            "",
            "text/plain",
            "text/plain; application/json",
            "text/json",
            "application/jsonp",
            "application/json, text/plain",
            "application/json; charset=utf-16",
            "application/json; charset=utf-8; charset=latin1",
            "application/json; charset",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
        ] {
            assert!(!is_json(other), "{other}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_skipped_and_wrong_bytes_are_refused() {
        assert!(from_bytes(b"\xEF\xBB\xBF{}").is_ok());
        assert!(from_bytes(b"{\"a\": \"\xFF\"}").is_err());
        assert!(from_bytes("{}".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>().as_slice()).is_err());
        assert!(from_bytes(br#"{"a": "\ud800"}"#).is_err());
    }

    #[test]
    fn a_parameter_given_twice_is_refused() {
        assert!(from_query_string("query=a&query=b").is_err());
        assert!(from_query_string("query=a&variables=%7B%7D&other=x&other=y").is_ok());
    }
}

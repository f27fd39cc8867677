//! Broken bodies made from good ones.

use serde_json::Value;

use super::Manner;

/// Bytes in the body that is far too long.
const HUGE: usize = 30 * 1024 * 1024;

/// A word that no provider has for anything.
const UNKNOWN: &str = "SOMETHING_NEW";

/// A body and its content type, after the manner was applied to a good body.
pub(crate) fn spoiled(manner: &Manner, body: Vec<u8>, content_type: String) -> (Vec<u8>, String) {
    match manner {
        Manner::Html => (b"<!DOCTYPE html><html><body><h1>Sign in</h1></body></html>".to_vec(), "text/html".to_owned()),
        Manner::Truncated => (body[..body.len() / 2].to_vec(), content_type),
        Manner::UnknownValue { field } => (changed(body, &mut |name, value| set_unknown(name == field, value)), content_type),
        Manner::MissingField { field } => (changed(body, &mut |name, _| name != field), content_type),
        Manner::Huge => (huge(), content_type),
        Manner::Status { .. } | Manner::Slow { .. } | Manner::Lost => (body, content_type),
    }
}

/// A JSON array of spaces: cheap to make, valid as far as anybody reads, and too long.
fn huge() -> Vec<u8> {
    let mut body = vec![b' '; HUGE];
    body[0] = b'[';
    body[HUGE - 1] = b']';
    body
}

fn set_unknown(meant: bool, value: &mut Value) -> bool {
    if meant && !value.is_object() && !value.is_array() {
        *value = UNKNOWN.into();
    }
    true
}

/// The body with each field of each object changed or, where the visitor answers false, left out. A body that is not
/// JSON stays as it is.
fn changed(body: Vec<u8>, visit: &mut dyn FnMut(&str, &mut Value) -> bool) -> Vec<u8> {
    let Ok(mut value) = serde_json::from_slice::<Value>(&body) else { return body };
    walk(&mut value, visit);
    value.to_string().into_bytes()
}

fn walk(value: &mut Value, visit: &mut dyn FnMut(&str, &mut Value) -> bool) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, value| visit(name, value));
            fields.values_mut().for_each(|value| walk(value, visit));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, visit)),
        _ => {}
    }
}

//! Answers that all paths share: a list or 204 when it is empty, and problems with a title and a detail.

use actix_web::HttpResponse;
use serde::Serialize;
use serde_json::{Value, json};

use super::query::Wrong;

/// A list with the fields asked for; an empty one is 204 without a body.
pub fn listed<T: Serialize>(items: &[T], fields: Option<&[String]>) -> HttpResponse {
    if items.is_empty() {
        return HttpResponse::NoContent().finish();
    }
    let Some(fields) = fields else { return HttpResponse::Ok().json(items) };
    let chosen: Vec<Value> = items.iter().map(|item| chosen(item, fields)).collect();
    HttpResponse::Ok().json(chosen)
}

fn chosen<T: Serialize>(item: &T, fields: &[String]) -> Value {
    let mut value = serde_json::to_value(item).unwrap_or_default();
    if let Value::Object(object) = &mut value {
        object.retain(|name, _| fields.contains(&name.to_lowercase()));
    }
    value
}

/// The refusal of a call that cannot be read.
pub fn bad(wrong: &Wrong) -> HttpResponse {
    HttpResponse::BadRequest().json(json!({ "title": "The request is not valid", "detail": wrong.0 }))
}

/// There is no such thing.
pub fn missing(what: &str, id: &str) -> HttpResponse {
    HttpResponse::NotFound().json(json!({ "title": "Nothing found", "detail": format!("There is no {what} {id}.") }))
}

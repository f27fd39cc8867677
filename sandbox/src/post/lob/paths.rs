//! The paths of Lob's API: letters.

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{AUTHORIZATION, CONTENT_TYPE},
    },
    web::{Bytes, Data, Query, ServiceConfig, get, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{API_KEY, Letter, control::LobControl, form::Form};

/// Calls of a window, and its length in seconds, as told in the headers.
const WINDOW_CALLS: u32 = 150;
const WINDOW_SECONDS: i64 = 5;

/// Letters of a page unless told, and at most.
const PAGE: usize = 10;
const MAX_PAGE: usize = 100;

/// Adds the paths.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/v1/letters", post().to(create)).route("/v1/letters", get().to(list)).route("/v1/letters/{id}", get().to(one));
}

fn answer(control: &LobControl, status: StatusCode) -> HttpResponseBuilder {
    let mut answer = HttpResponse::build(status);
    answer.insert_header(("ratelimit-limit", WINDOW_CALLS.to_string()));
    answer.insert_header(("ratelimit-remaining", (WINDOW_CALLS - 1).to_string()));
    answer.insert_header(("ratelimit-reset", (control.frame.now().timestamp() + WINDOW_SECONDS).to_string()));
    answer
}

fn problem(control: &LobControl, status: u16, code: &str, message: &str) -> HttpResponse {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    answer(control, status).json(json!({ "error": { "message": message, "status_code": status.as_u16(), "code": code } }))
}

/// The refusal of a call without the account's key.
fn refused(control: &LobControl, request: &HttpRequest) -> Option<HttpResponse> {
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let good = header == format!("Basic {}", STANDARD.encode(format!("{API_KEY}:")));
    (!good).then(|| problem(control, 401, "invalid_api_key", "Your API key is not valid."))
}

async fn create(control: Data<LobControl>, request: HttpRequest, body: Bytes) -> HttpResponse {
    if let Some(refusal) = refused(&control, &request) {
        return refusal;
    }
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let key = header("idempotency-key");
    if key.as_ref().is_some_and(|key| key.len() > 256) {
        return problem(&control, 422, "invalid", "The idempotency key has more than 256 characters.");
    }
    let digest = Sha256::digest(&body).to_vec();
    if let Some((before, id)) = key.as_ref().and_then(|key| control.held().keys.get(key).cloned()) {
        let view = control.of(&id, Letter::view);
        return match view.filter(|_| before == digest) {
            Some(view) => answer(&control, StatusCode::OK).json(view),
            None => problem(&control, 409, "conflict", "The idempotency key was used for something else."),
        };
    }
    let form = header(CONTENT_TYPE.as_str()).and_then(|media_type| Form::read(&media_type, &body));
    let Some(form) = form else { return problem(&control, 422, "bad_request", "This is no form with a file.") };
    let pages = match form.pages() {
        Ok(pages) => pages,
        Err((code, message)) => return problem(&control, 422, code, &message),
    };
    if control.held().beside.undeliverable.contains(form.text("to[address_line1]")) {
        return problem(&control, 422, "failed_deliverability_strictness", "The address is not deliverable.");
    }
    let letter = Letter {
        id: format!("ltr_{}", &control.frame.chance.uuid().simple().to_string()[..16]),
        pages,
        created_at: control.frame.now(),
        events: Vec::new(),
        pdf: form.file.unwrap_or_default(),
        fields: form.texts,
    };
    let view = letter.view();
    let mut held = control.held();
    held.keys.extend(key.map(|key| (key, (digest, letter.id.clone()))));
    held.letters.push(letter);
    answer(&control, StatusCode::OK).json(view)
}

async fn list(control: Data<LobControl>, request: HttpRequest) -> HttpResponse {
    if let Some(refusal) = refused(&control, &request) {
        return refusal;
    }
    let Ok(asked) = Query::<Vec<(String, String)>>::from_query(request.query_string()) else {
        return problem(&control, 422, "bad_request", "The query cannot be read.");
    };
    let limit = asked.iter().find(|(name, _)| name == "limit").map_or(Some(PAGE), |(_, text)| text.parse().ok());
    let Some(limit) = limit.filter(|limit| (1..=MAX_PAGE).contains(limit)) else {
        return problem(&control, 422, "invalid", "limit is from 1 to 100.");
    };
    let wanted: Vec<(&str, &str)> =
        asked.iter().filter_map(|(name, value)| Some((name.strip_prefix("metadata[")?.strip_suffix(']')?, value.as_str()))).collect();
    let letters = control.letters();
    let meets = |letter: &&Letter| wanted.iter().all(|(name, value)| letter.metadata().get(name) == Some(value));
    let data: Vec<Value> = letters.iter().rev().filter(meets).take(limit).map(Letter::view).collect();
    let count = data.len();
    answer(&control, StatusCode::OK).json(json!({ "data": data, "object": "list", "next_url": null, "previous_url": null, "count": count }))
}

async fn one(control: Data<LobControl>, request: HttpRequest) -> HttpResponse {
    if let Some(refusal) = refused(&control, &request) {
        return refusal;
    }
    let id = request.match_info().get("id").unwrap_or_default();
    let view = control.of(id, Letter::view);
    match view {
        Some(view) => answer(&control, StatusCode::OK).json(view),
        None => problem(&control, 404, "not_found", "There is no such letter."),
    }
}

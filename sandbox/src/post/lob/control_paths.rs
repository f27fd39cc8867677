//! What tests and people tell the stand-in Lob over HTTP, below `/_control/`, and the page at `/`.

use actix_web::{
    HttpRequest, HttpResponse, get, post,
    web::{Bytes, Data, Path, ServiceConfig},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{API_KEY, control::LobControl};
use crate::{
    input::{answer, blank_is_none, read},
    page::page,
};

/// How many letters and webhooks the page and the list show, newest first.
const SHOWN: usize = 200;

/// Adds the control paths and the page.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(shown).service(list).service(pdf).service(happen).service(refuse).service(webhook).service(send_again);
}

#[get("/")]
async fn shown(control: Data<LobControl>) -> HttpResponse {
    page(&control.frame, include_str!("page.html"), summary(&control))
}

#[get("/_control/letters")]
async fn list(control: Data<LobControl>) -> HttpResponse {
    HttpResponse::Ok().json(summary(&control))
}

#[get("/_control/letters/{id}/pdf")]
async fn pdf(control: Data<LobControl>, id: Path<String>) -> HttpResponse {
    match control.letters().into_iter().find(|letter| letter.id == *id) {
        Some(letter) => HttpResponse::Ok().content_type("application/pdf").body(letter.pdf),
        None => HttpResponse::NotFound().finish(),
    }
}

fn summary(control: &LobControl) -> Value {
    let (letters, deliveries) = (control.letters(), control.deliveries());
    json!({
        "api_key": API_KEY,
        "webhook": control.webhooks.url(),
        "count": letters.len(),
        "letters": letters.iter().rev().take(SHOWN).collect::<Vec<_>>(),
        "deliveries": deliveries.iter().rev().take(SHOWN).collect::<Vec<_>>(),
    })
}

#[derive(Deserialize)]
struct HappenInput {
    word: String,
}

#[post("/_control/letters/{id}/happen")]
async fn happen(control: Data<LobControl>, request: HttpRequest, id: Path<String>, body: Bytes) -> HttpResponse {
    answer(&request, read(&request, &body).and_then(|input: HappenInput| control.happen(&id, &input.word)))
}

#[derive(Deserialize)]
struct RefuseInput {
    line1: String,
}

#[post("/_control/undeliverable")]
async fn refuse(control: Data<LobControl>, request: HttpRequest, body: Bytes) -> HttpResponse {
    answer(&request, read(&request, &body).map(|input: RefuseInput| control.refuse_address(&input.line1)))
}

#[derive(Deserialize)]
struct WebhookInput {
    /// Empty: no webhooks.
    #[serde(default, deserialize_with = "blank_is_none")]
    url: Option<String>,
    #[serde(default)]
    secret: String,
}

#[post("/_control/webhook")]
async fn webhook(control: Data<LobControl>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let outcome = read(&request, &body).map(|input: WebhookInput| control.set_webhook(input.url.as_deref(), &input.secret));
    answer(&request, outcome)
}

#[post("/_control/webhook/{id}/again")]
async fn send_again(control: Data<LobControl>, request: HttpRequest, id: Path<String>) -> HttpResponse {
    answer(&request, control.send_again(&id))
}

//! What tests and people tell the stand-in Pingen over HTTP, below `/_control/`, and the page at `/`.

use actix_web::{
    HttpRequest, HttpResponse, get, post,
    web::{Bytes, Data, Path, ServiceConfig},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{CLIENT_ID, CLIENT_SECRET, ORGANISATION, control::PingenControl};
use crate::{
    input::{answer, blank_is_none, read},
    page::page,
};

/// How many letters and webhooks the page and the list show, newest first.
const SHOWN: usize = 200;

/// Adds the control paths and the page.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(shown).service(list).service(pdf).service(move_to).service(webhook).service(send_again).service(expire_tokens);
}

#[get("/")]
async fn shown(control: Data<PingenControl>) -> HttpResponse {
    page(&control.frame, include_str!("page.html"), summary(&control))
}

#[get("/_control/letters")]
async fn list(control: Data<PingenControl>) -> HttpResponse {
    HttpResponse::Ok().json(summary(&control))
}

#[get("/_control/letters/{id}/pdf")]
async fn pdf(control: Data<PingenControl>, id: Path<String>) -> HttpResponse {
    match control.letters().into_iter().find(|letter| letter.id == *id) {
        Some(letter) => HttpResponse::Ok().content_type("application/pdf").body(letter.pdf),
        None => HttpResponse::NotFound().finish(),
    }
}

fn summary(control: &PingenControl) -> Value {
    let (letters, deliveries) = (control.letters(), control.deliveries());
    json!({
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "organisation": ORGANISATION,
        "webhook": control.webhooks.url(),
        "count": letters.len(),
        "letters": letters.iter().rev().take(SHOWN).collect::<Vec<_>>(),
        "deliveries": deliveries.iter().rev().take(SHOWN).collect::<Vec<_>>(),
    })
}

#[derive(Deserialize)]
struct MoveInput {
    status: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    reason: String,
}

#[post("/_control/letters/{id}/move")]
async fn move_to(control: Data<PingenControl>, request: HttpRequest, id: Path<String>, body: Bytes) -> HttpResponse {
    let outcome = read(&request, &body).and_then(|input: MoveInput| control.move_to(&id, &input.status, &input.code, &input.reason));
    answer(&request, outcome)
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
async fn webhook(control: Data<PingenControl>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let outcome = read(&request, &body).map(|input: WebhookInput| control.set_webhook(input.url.as_deref(), &input.secret));
    answer(&request, outcome)
}

#[post("/_control/webhook/{id}/again")]
async fn send_again(control: Data<PingenControl>, request: HttpRequest, id: Path<String>) -> HttpResponse {
    answer(&request, control.send_again(&id))
}

#[post("/_control/tokens/expire")]
async fn expire_tokens(control: Data<PingenControl>, request: HttpRequest) -> HttpResponse {
    control.expire_tokens();
    answer(&request, Ok(()))
}

//! What tests and the demo tell the stand-in Amili over HTTP, below `/_control/`, and the page at `/` for people. Each
//! path does one thing of the typed control; amounts are decimals with a point.

use actix_web::{
    HttpRequest, HttpResponse, get, post,
    web::{Bytes, Data, Path, ServiceConfig},
};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    access::{CLIENT_ID, CLIENT_SECRET, ORGANIZATION},
    case::Case,
    control::AmiliControl,
};
use crate::{
    decimal::{decimal, minor},
    input::{Refused, answer, read},
    page::page,
    webhooks::Aim,
};

/// How many cases and webhooks the page and the list show, newest first.
const SHOWN: usize = 200;

/// Adds the control paths and the page.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(shown).service(list).service(polls).service(work).service(reject).service(collect).service(close).service(move_on);
    config.service(webhook).service(send_again).service(expire_tokens).service(token_seconds);
}

#[get("/")]
async fn shown(control: Data<AmiliControl>) -> HttpResponse {
    page(&control.frame, include_str!("page.html"), summary(&control))
}

#[get("/_control/cases")]
async fn list(control: Data<AmiliControl>) -> HttpResponse {
    HttpResponse::Ok().json(summary(&control))
}

fn summary(control: &AmiliControl) -> Value {
    let (cases, deliveries) = (control.cases(), control.deliveries());
    json!({
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "organization": ORGANIZATION,
        "webhook": control.webhook_url(),
        "count": cases.len(),
        "cases": cases.iter().rev().take(SHOWN).map(row).collect::<Vec<_>>(),
        "deliveries": deliveries.iter().rev().take(SHOWN).collect::<Vec<_>>(),
    })
}

fn row(case: &Case) -> Value {
    json!({
        "id": case.id,
        "number": case.number,
        "debtor": case.debtor.name,
        "invoice": case.invoice_number,
        "source_id": case.source_id,
        "original": decimal(case.original_minor),
        "remaining": decimal(case.remaining_minor()),
        "kind": case.kind,
        "status": case.status,
        "sub_status": case.sub_status,
    })
}

#[derive(Deserialize)]
struct PollsInput {
    polls: u32,
}

#[post("/_control/batches/polls")]
async fn polls(control: Data<AmiliControl>, request: HttpRequest, body: Bytes) -> HttpResponse {
    answer(&request, read(&request, &body).map(|input: PollsInput| control.set_polls(input.polls)))
}

#[post("/_control/batches/work")]
async fn work(control: Data<AmiliControl>, request: HttpRequest) -> HttpResponse {
    control.work_on_batches();
    answer(&request, Ok(()))
}

#[derive(Deserialize)]
struct RejectInput {
    source_id: String,
    code: String,
    message: String,
}

#[post("/_control/reject")]
async fn reject(control: Data<AmiliControl>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let outcome = read(&request, &body).map(|input: RejectInput| control.reject(&input.source_id, &input.code, &input.message));
    answer(&request, outcome)
}

#[derive(Deserialize)]
struct AmountInput {
    amount: String,
}

#[post("/_control/cases/{id}/collect")]
async fn collect(control: Data<AmiliControl>, request: HttpRequest, id: Path<Uuid>, body: Bytes) -> HttpResponse {
    let outcome = read(&request, &body).and_then(|input: AmountInput| {
        let amount = minor(&input.amount).ok_or_else(|| Refused::Unreadable(format!("{:?} is no amount", input.amount)))?;
        control.collect(*id, amount)
    });
    answer(&request, outcome)
}

#[derive(Deserialize)]
struct WordInput {
    word: String,
}

#[post("/_control/cases/{id}/close")]
async fn close(control: Data<AmiliControl>, request: HttpRequest, id: Path<Uuid>, body: Bytes) -> HttpResponse {
    answer(&request, read(&request, &body).and_then(|input: WordInput| control.close(*id, &input.word)))
}

#[post("/_control/cases/{id}/sub-status")]
async fn move_on(control: Data<AmiliControl>, request: HttpRequest, id: Path<Uuid>, body: Bytes) -> HttpResponse {
    answer(&request, read(&request, &body).and_then(|input: WordInput| control.set_sub_status(*id, &input.word)))
}

#[post("/_control/webhook")]
async fn webhook(control: Data<AmiliControl>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let outcome = read(&request, &body).map(|aim: Aim| control.set_webhook(aim.url.as_deref(), &aim.secret));
    answer(&request, outcome)
}

#[post("/_control/webhook/{key}/again")]
async fn send_again(control: Data<AmiliControl>, request: HttpRequest, key: Path<String>) -> HttpResponse {
    answer(&request, control.send_again(&key))
}

#[post("/_control/tokens/expire")]
async fn expire_tokens(control: Data<AmiliControl>, request: HttpRequest) -> HttpResponse {
    control.expire_tokens();
    answer(&request, Ok(()))
}

#[derive(Deserialize)]
struct SecondsInput {
    seconds: i64,
}

#[post("/_control/tokens/seconds")]
async fn token_seconds(control: Data<AmiliControl>, request: HttpRequest, body: Bytes) -> HttpResponse {
    answer(&request, read(&request, &body).map(|input: SecondsInput| control.set_token_seconds(input.seconds)))
}

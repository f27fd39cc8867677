//! The paths of API v1: the list that tells the outstanding amount, one invoice with its due date, and its balance.

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Path, ServiceConfig},
};
use serde_json::json;

use super::{
    control::XentralControl,
    filter::{Api, Filter, Order, Pairs, Violation},
    v1_view::{Row, balance, invoice},
    v3::{accepts, pairs, refused, signature},
};
use crate::pdf;

/// The media type that v1's list must be asked for by.
const MINIMAL: &str = "application/vnd.xentral.minimal+json";

/// Rows of a page unless told, and at least.
const MIN_SIZE: usize = 10;

/// Rows of a page at most.
const MAX_SIZE: usize = 50;

/// Adds the paths, below `/api`.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list).service(one).service(balance_of);
}

#[get("/v1/invoices")]
async fn list(control: Data<XentralControl>, request: HttpRequest) -> HttpResponse {
    if !accepts(&request, MINIMAL) {
        return HttpResponse::NotAcceptable().finish();
    }
    listed(&control, &request).unwrap_or_else(|violation| refused(&violation))
}

fn listed(control: &XentralControl, request: &HttpRequest) -> Result<HttpResponse, Violation> {
    let pairs = pairs(request);
    let (filter, order) = (Filter::parse(&pairs, Api::V1)?, Order::of_v1(&pairs)?);
    let number = paged(&pairs, "page[number]", 1, usize::MAX)?;
    let size = paged(&pairs, "page[size]", MIN_SIZE, MAX_SIZE)?;
    let book = control.read();
    let rows = control.rows(&book, &signature("v1", &pairs), &filter, &order);
    let start = number.saturating_sub(1).saturating_mul(size).min(rows.len());
    let page = &rows[start..start.saturating_add(size).min(rows.len())];
    let data: Vec<_> = page
        .iter()
        .map(|row| {
            let invoice = &book.invoices()[*row as usize];
            Row::new(invoice, book.customer_of(invoice))
        })
        .collect();
    let body = json!({ "data": data, "extra": { "totalCount": rows.len(), "page": { "number": number, "size": size } } });
    Ok(HttpResponse::Ok().content_type(MINIMAL).body(body.to_string()))
}

/// A number of the query from its least value, which it also has when it is missing.
fn paged(pairs: &Pairs, name: &str, least: usize, most: usize) -> Result<usize, Violation> {
    let Some((_, text)) = pairs.iter().find(|(key, _)| key == name) else { return Ok(least) };
    let number = text.parse().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| Violation::new(name, format!("{text:?} is not a number from {least} to {most}.")))
}

#[get("/v1/invoices/{id}")]
async fn one(control: Data<XentralControl>, request: HttpRequest, id: Path<String>) -> HttpResponse {
    let book = control.read();
    let Some(found) = id.parse().ok().and_then(|id| book.invoice(id)) else { return HttpResponse::NotFound().finish() };
    if accepts(&request, "application/pdf") {
        let title = format!("Rechnung {}", found.number.as_deref().unwrap_or("(Entwurf)"));
        return HttpResponse::Ok().content_type("application/pdf").body(pdf::of_one_line(&title));
    }
    if accepts(&request, MINIMAL) {
        let body = json!({ "data": { "id": found.id.to_string() }, "extra": { "totalCount": 1, "page": { "number": 1, "size": 10 } } });
        return HttpResponse::Ok().content_type(MINIMAL).body(body.to_string());
    }
    if !accepts(&request, "application/json") {
        return HttpResponse::NotAcceptable().finish();
    }
    HttpResponse::Ok().json(json!({ "data": invoice(found, book.customer_of(found)) }))
}

#[get("/v1/invoices/{id}/balance")]
async fn balance_of(control: Data<XentralControl>, request: HttpRequest, id: Path<String>) -> HttpResponse {
    if !accepts(&request, "application/json") {
        return HttpResponse::NotAcceptable().finish();
    }
    let book = control.read();
    let found = id.parse().ok().and_then(|id| book.invoice(id));
    found.map_or_else(|| HttpResponse::NotFound().finish(), |found| HttpResponse::Ok().json(json!({ "data": balance(found) })))
}

//! The paths of API v3: invoices as a list and alone, the dunning settings of one, customers.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::ACCEPT,
    patch,
    web::{Bytes, Data, Path, Query, ServiceConfig},
};
use chrono::NaiveDate;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::{
    control::XentralControl,
    filter::{Api, Filter, Order, Pairs, Violation},
    invoice::{Dunning, DunningLevel},
    paging::Asked,
    v3_view::{Include, InvoiceView, customer},
};
use crate::pdf;

/// Adds the paths, below `/api`.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list).service(one).service(set_dunning).service(one_customer);
}

/// The pairs of a query, decoded.
pub(super) fn pairs(request: &HttpRequest) -> Pairs {
    Query::<Pairs>::from_query(request.query_string()).map(Query::into_inner).unwrap_or_default()
}

/// What makes a list: the parts of the query that are not about the page.
pub(super) fn signature(version: &str, pairs: &Pairs) -> String {
    let about = |name: &str| ["filter", "sort", "order"].iter().any(|start| name.starts_with(start));
    let parts = pairs.iter().filter(|(name, _)| about(name)).map(|(name, value)| format!("&{name}={value}"));
    parts.fold(version.to_owned(), |all, part| all + &part)
}

/// Whether a call accepts a media type by name.
pub(super) fn accepts(request: &HttpRequest, media_type: &str) -> bool {
    let header = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    header.split(',').any(|range| range.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(media_type))
}

/// The refusal of a request that breaks the rules.
pub(super) fn refused(violation: &Violation) -> HttpResponse {
    HttpResponse::BadRequest().content_type("application/problem+json").body(
        json!({
            "type": "https://api.xentral.biz/problems/request-validation",
            "title": "The request is not valid.",
            "violations": { violation.field.as_str(): [violation.message] },
        })
        .to_string(),
    )
}

fn unknown() -> HttpResponse {
    HttpResponse::NotFound().json(json!({ "message": "Not Found" }))
}

fn include(pairs: &Pairs) -> Result<Include, Violation> {
    let mut include = Include::default();
    for name in pairs.iter().filter(|(name, _)| name == "include").flat_map(|(_, value)| value.split(',')) {
        match name {
            "lineItems" => include.line_items = true,
            "address" => include.address = true,
            "project" => include.project = true,
            // Nothing of these kinds is kept, so there is nothing to include.
            "customFields" | "lineItems.customFields" | "tags" | "activity" | "relatedDocuments" => {}
            other => return Err(Violation::new("include", format!("{other:?} cannot be included."))),
        }
    }
    Ok(include)
}

#[get("/v3/invoices")]
async fn list(control: Data<XentralControl>, request: HttpRequest) -> HttpResponse {
    listed(&control, &request).unwrap_or_else(|violation| refused(&violation))
}

fn listed(control: &XentralControl, request: &HttpRequest) -> Result<HttpResponse, Violation> {
    let pairs = pairs(request);
    if pairs.iter().any(|(name, _)| name == "search") {
        return Err(Violation::new("search", "The stand-in does not search; an answer without it would mislead."));
    }
    let (filter, order) = (Filter::parse(&pairs, Api::V3)?, Order::of_v3(&pairs)?);
    let (asked, include) = (Asked::of(request, &pairs)?, include(&pairs)?);
    let book = control.read();
    let rows = control.rows(&book, &signature("v3", &pairs), &filter, &order);
    let range = asked.range(&rows, &book, &order);
    let next = asked.next_cursor(&rows, &range, &book, &order);
    let (links, meta) = asked.frame(request, &pairs, &rows, &range, next.as_deref());
    let invoices = rows[range].iter().map(|row| &book.invoices()[*row as usize]);
    let data: Vec<_> = invoices.map(|invoice| InvoiceView::new(invoice, book.customer_of(invoice), include)).collect();
    Ok(written(&data, &format!(r#","links":{links},"meta":{meta}"#)))
}

/// `{"data": …, more}`: the data may be large, so they are written once and straight.
fn written(data: &impl serde::Serialize, more: &str) -> HttpResponse {
    let mut body = br#"{"data":"#.to_vec();
    if serde_json::to_writer(&mut body, data).is_err() {
        return HttpResponse::InternalServerError().finish();
    }
    body.extend_from_slice(more.as_bytes());
    body.push(b'}');
    HttpResponse::Ok().content_type("application/json").body(body)
}

#[get("/v3/invoices/{id}")]
async fn one(control: Data<XentralControl>, request: HttpRequest, id: Path<String>) -> HttpResponse {
    let include = match include(&pairs(&request)) {
        Ok(include) => include,
        Err(violation) => return refused(&violation),
    };
    let book = control.read();
    let Some(invoice) = id.parse().ok().and_then(|id| book.invoice(id)) else { return unknown() };
    if accepts(&request, "application/pdf") {
        let title = format!("Rechnung {}", invoice.number.as_deref().unwrap_or("(Entwurf)"));
        return HttpResponse::Ok().content_type("application/pdf").body(pdf::of_one_line(&title));
    }
    written(&InvoiceView::new(invoice, book.customer_of(invoice), include), "")
}

/// What a PATCH may say; anything else is refused rather than ignored.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Change {
    dunning_settings: DunningChange,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DunningChange {
    level: Option<String>,
    blocked: Option<bool>,
    /// Absent, null or text: an explicit null empties the field.
    #[serde(default, deserialize_with = "present")]
    date: Option<Value>,
    comment: Option<String>,
}

/// Tells a field that is null from one that is missing.
fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(from).map(Some)
}

impl DunningChange {
    fn apply(self, dunning: &mut Dunning) -> Result<(), Violation> {
        let wrong =
            |field: &str| Violation::new(format!("dunningSettings.{field}"), format!("The dunningSettings.{field} field is invalid."));
        if let Some(level) = self.level {
            dunning.level = Some(DunningLevel::from_v3(&level).ok_or_else(|| wrong("level"))?);
        }
        if let Some(date) = self.date {
            dunning.on = serde_json::from_value::<Option<NaiveDate>>(date).map_err(|_| wrong("date"))?;
        }
        dunning.blocked = self.blocked.unwrap_or(dunning.blocked);
        dunning.comment = self.comment.or_else(|| dunning.comment.take());
        Ok(())
    }
}

#[patch("/v3/invoices/{id}")]
async fn set_dunning(control: Data<XentralControl>, id: Path<String>, body: Bytes) -> HttpResponse {
    let Some(mut dunning) = id.parse().ok().and_then(|id| control.invoice(id)).map(|invoice| invoice.dunning) else { return unknown() };
    let change = serde_json::from_slice::<Change>(&body).map_err(|error| Violation::new("_", error.to_string()));
    if let Err(violation) = change.and_then(|change| change.dunning_settings.apply(&mut dunning)) {
        return refused(&violation);
    }
    let id = id.parse().unwrap_or_default();
    if control.edit(id, |invoice| invoice.dunning = dunning).is_err() {
        return unknown();
    }
    let book = control.read();
    book.invoice(id).map_or_else(unknown, |invoice| written(&InvoiceView::new(invoice, book.customer_of(invoice), Include::default()), ""))
}

#[get("/v3/customers/{id}")]
async fn one_customer(control: Data<XentralControl>, id: Path<String>) -> HttpResponse {
    let book = control.read();
    id.parse().ok().and_then(|id| book.customer(id)).map_or_else(unknown, |found| written(&customer(found), ""))
}

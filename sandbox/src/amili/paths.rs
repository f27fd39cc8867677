//! The paths of the agency's API: sending in, looking at batches, cases and what a creditor may ask for a case.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Bytes, Data, Path, Query, ServiceConfig, get, post, scope},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    access::{ORGANIZATION, refused, token},
    case::{Case, Status},
    control::AmiliControl,
    intake::{Corrections, Invoices, Payments},
    office::Content,
};

/// Rows of a page unless told.
const PAGE_SIZE: usize = 50;

/// Rows of a page at most.
const MAX_PAGE_SIZE: usize = 500;

/// Adds the paths.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/token", post().to(token));
    config.service(
        scope("/collection/v1")
            .route("/orgs/{org}/invoices", post().to(invoices))
            .route("/orgs/{org}/payments", post().to(payments))
            .route("/orgs/{org}/corrections", post().to(corrections))
            .route("/orgs/{org}/batches/{id}", get().to(batch))
            .route("/batches/{id}", get().to(batch))
            .route("/orgs/{org}/cases", get().to(cases))
            .route("/orgs/{org}/cases/{id}", get().to(case))
            .route("/orgs/{org}/cases/{id}/{deed}", post().to(deed)),
    );
}

/// A refusal.
pub(super) fn problem(status: u16, detail: &str) -> HttpResponse {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let title = status.canonical_reason().unwrap_or_default();
    HttpResponse::build(status).json(json!({ "title": title, "status": status.as_u16(), "detail": detail }))
}

fn enveloped(status: StatusCode, data: &Value) -> HttpResponse {
    HttpResponse::build(status).json(json!({ "summary": { "status": "SUCCESS" }, "data": data }))
}

async fn invoices(control: Data<AmiliControl>, request: HttpRequest, body: Bytes) -> HttpResponse {
    sent_in(&control, &request, &body, |sent: Invoices| (!sent.invoices.is_empty()).then_some(Content::Invoices(sent.invoices)))
}

async fn payments(control: Data<AmiliControl>, request: HttpRequest, body: Bytes) -> HttpResponse {
    sent_in(&control, &request, &body, |sent: Payments| (!sent.payments.is_empty()).then_some(Content::Payments(sent.payments)))
}

async fn corrections(control: Data<AmiliControl>, request: HttpRequest, body: Bytes) -> HttpResponse {
    sent_in(&control, &request, &body, |sent: Corrections| (!sent.corrections.is_empty()).then_some(Content::Corrections(sent.corrections)))
}

fn sent_in<T: DeserializeOwned>(
    control: &AmiliControl,
    request: &HttpRequest,
    body: &Bytes,
    content: impl FnOnce(T) -> Option<Content>,
) -> HttpResponse {
    if let Some(refusal) = refused(control, request, true) {
        return refusal;
    }
    match serde_json::from_slice::<T>(body) {
        Err(error) if error.is_data() => problem(422, &error.to_string()),
        Err(error) => problem(400, &error.to_string()),
        Ok(sent) => content(sent)
            .map_or_else(|| problem(422, "There is nothing in it."), |content| enveloped(StatusCode::ACCEPTED, &control.take(content))),
    }
}

/// The last part of a path as an id; what is no id is unknown.
fn id(request: &HttpRequest) -> Option<Uuid> {
    request.match_info().get("id")?.parse().ok()
}

async fn batch(control: Data<AmiliControl>, request: HttpRequest) -> HttpResponse {
    if let Some(refusal) = refused(&control, &request, false) {
        return refusal;
    }
    let batch = id(&request).and_then(|id| control.look(id));
    batch.map_or_else(|| problem(404, "There is no such batch."), |batch| enveloped(StatusCode::OK, &batch))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Asked {
    status: Option<String>,
    #[serde(rename = "Type")]
    kind: Option<String>,
    case_number: Option<String>,
    customer_number: Option<String>,
    unique_source_invoice_id: Option<String>,
    search_term: Option<String>,
    from_created_at: Option<DateTime<Utc>>,
    to_created_at: Option<DateTime<Utc>>,
    page_token: Option<usize>,
    page_size: Option<usize>,
}

impl Asked {
    fn meets(&self, case: &Case) -> bool {
        let same = |asked: &Option<String>, own: &str| asked.as_deref().is_none_or(|asked| asked == own);
        same(&self.status, case.status.word())
            && same(&self.kind, case.kind)
            && same(&self.case_number, &case.number)
            && same(&self.unique_source_invoice_id, &case.source_id)
            && same(&self.customer_number, case.debtor.customer_number.as_deref().unwrap_or_default())
            && self
                .search_term
                .as_deref()
                .is_none_or(|term| [&case.debtor.name, &case.invoice_number].iter().any(|text| text.contains(term)))
            && self.from_created_at.is_none_or(|from| case.registered_at >= from)
            && self.to_created_at.is_none_or(|to| case.registered_at <= to)
    }
}

async fn cases(control: Data<AmiliControl>, request: HttpRequest) -> HttpResponse {
    if let Some(refusal) = refused(&control, &request, false) {
        return refusal;
    }
    let asked = match Query::<Asked>::from_query(request.query_string()) {
        Ok(asked) => asked.into_inner(),
        Err(error) => return problem(400, &error.to_string()),
    };
    let size = asked.page_size.unwrap_or(PAGE_SIZE);
    if !(1..=MAX_PAGE_SIZE).contains(&size) {
        return problem(400, &format!("PageSize is from 1 to {MAX_PAGE_SIZE}."));
    }
    let office = control.office();
    let start = asked.page_token.unwrap_or_default();
    let met: Vec<_> = office.cases().iter().enumerate().skip(start).filter(|(_, case)| asked.meets(case)).take(size + 1).collect();
    // The token is the place at which the next page starts; cases are never removed, so no page loses one.
    let next = met.get(size).map(|(at, _)| at.to_string());
    let data: Vec<_> = met.into_iter().take(size).map(|(_, case)| case.view(ORGANIZATION)).collect();
    HttpResponse::Ok().json(json!({ "data": data, "nextPageToken": next }))
}

async fn case(control: Data<AmiliControl>, request: HttpRequest) -> HttpResponse {
    if let Some(refusal) = refused(&control, &request, false) {
        return refusal;
    }
    let case = id(&request).and_then(|id| control.office().case(id).map(|case| case.view(ORGANIZATION)));
    case.map_or_else(|| problem(404, "There is no such case."), |case| enveloped(StatusCode::OK, &case))
}

/// What a creditor may ask for a case, from which status to which.
fn step(deed: &str, status: Status) -> Option<Result<Status, ()>> {
    Some(match (deed, status) {
        ("pause", Status::Open) => Ok(Status::Paused),
        ("resume", Status::Paused) => Ok(Status::Open),
        ("withdraw", Status::Open | Status::Paused) => Ok(Status::Closed),
        ("pause" | "resume" | "withdraw", _) => Err(()),
        _ => return None,
    })
}

async fn deed(control: Data<AmiliControl>, request: HttpRequest, path: Path<(String, Uuid, String)>) -> HttpResponse {
    if let Some(refusal) = refused(&control, &request, true) {
        return refusal;
    }
    let (_, id, deed) = path.into_inner();
    let now = control.now();
    let Some(step) = control.office().case(id).and_then(|case| step(&deed, case.status)) else {
        return problem(404, "There is no such case or deed.");
    };
    let Ok(next) = step else { return problem(409, &format!("The case's status does not allow to {deed} it.")) };
    let changed = control.change(id, &["status"], |case| {
        case.status = next;
        if next == Status::Closed {
            (case.closed_at, case.sub_status) = (Some(now), "WITHDRAWN".to_owned());
        }
    });
    match (changed, control.office().case(id)) {
        (Ok(()), Some(case)) => enveloped(StatusCode::OK, &case.view(ORGANIZATION)),
        _ => problem(404, "There is no such case."),
    }
}

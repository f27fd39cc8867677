//! The entrance of the accounting paths: who calls, for which organisation, with which scopes, and not too fast. On the
//! way out it adds what is left of the limits, and turns into XML what was not asked for as JSON, as Xero does.

use actix_web::{
    Error, HttpMessage as _, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{self, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::Data,
};
use uuid::Uuid;

use super::problem::{Problem, bearer, tenant};
use crate::{
    limiter::{Permit, Problem as Limit, Remaining, TooFast},
    xero::{XeroControl, identity::scope},
};

/// The organisation that a call was let in for.
#[derive(Clone, Copy)]
pub struct Tenant(pub Uuid);

/// Lets a call in, or answers why not.
pub async fn entrance(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(control) = request.app_data::<Data<XeroControl>>().cloned() else {
        return Ok(request.into_response(HttpResponse::InternalServerError().finish()));
    };
    let tenant = match let_in(&control, &request) {
        Ok(tenant) => tenant,
        Err(problem) => return Ok(request.into_response(problem.answer(&control))),
    };
    let json = asks_for(&request, "application/json") || asks_for(&request, "application/pdf");
    let mut response = match control.enter(tenant) {
        Ok(permit) => {
            // The permit ends with the request, after whatever delays its answer.
            request.extensions_mut().insert(permit.map(std::sync::Arc::<Permit>::new));
            request.extensions_mut().insert(Tenant(tenant));
            next.call(request).await?.map_into_boxed_body()
        }
        Err(too_fast) => request.into_response(throttled(too_fast)),
    };
    add_remaining(&mut response, control.remaining(tenant));
    Ok(if json { response } else { as_xml(response) })
}

fn let_in(control: &XeroControl, request: &ServiceRequest) -> Result<Uuid, Problem> {
    let scopes = bearer(control, request.headers())?;
    let tenant = tenant(control, request.headers())?;
    let resource = request.path().trim_start_matches("/api.xro/2.0/").split('/').next().unwrap_or_default();
    if scope::allow(&scopes, resource, request.method() != Method::GET) {
        Ok(tenant)
    } else {
        Err(Problem::unauthorised("AuthorizationUnsuccessful"))
    }
}

fn asks_for(request: &ServiceRequest, kind: &str) -> bool {
    let accepted = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|accepted| accepted.contains(kind))
}

fn throttled(too_fast: TooFast) -> HttpResponse {
    let mut answer = HttpResponse::TooManyRequests();
    answer.insert_header(("X-Rate-Limit-Problem", word(too_fast.problem)));
    if let Some(seconds) = too_fast.retry_after {
        answer.insert_header((header::RETRY_AFTER, seconds.to_string()));
    }
    answer.finish()
}

fn word(problem: Limit) -> &'static str {
    match problem {
        Limit::Concurrent => "concurrent",
        Limit::Minute => "minute",
        Limit::Day => "day",
        Limit::AppMinute => "appminute",
    }
}

fn add_remaining(response: &mut ServiceResponse, remaining: Remaining) {
    let each = [
        ("x-daylimit-remaining", remaining.day),
        ("x-minlimit-remaining", remaining.minute),
        ("x-appminlimit-remaining", remaining.app_minute),
    ];
    for (name, value) in each {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from(value));
    }
}

/// The answer for somebody who forgot to ask for JSON. Its content says only that, since nobody here reads XML.
fn as_xml(response: ServiceResponse) -> ServiceResponse {
    let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if content_type.is_none_or(|content_type| !content_type.starts_with("application/json")) {
        return response;
    }
    let body =
        "<Response xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\"><Status>OK</Status><ProviderName>Stand-in</ProviderName></Response>";
    let (request, response) = response.into_parts();
    let mut response = response.set_body(BoxBody::new(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=utf-8"));
    ServiceResponse::new(request, response)
}

//! Who may ask and how often: a bearer token with the scope of the path, and 100 calls in 60 seconds for each client
//! address. v1 refuses with a page, v3 with JSON. Whether scoped tokens work on v1 is not documented; here they do.

use std::str::FromStr as _;

use actix_web::{
    Error, HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER},
    },
    middleware::Next,
    web::Data,
};
use serde_json::json;

use super::control::{Rights, XentralControl};
use crate::limiter::TooFast;

/// Calls in 60 seconds, as the header tells.
const LIMIT: &str = "100";

/// Lets a call through, or refuses it.
pub(super) async fn guard(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(control) = request.app_data::<Data<XentralControl>>().cloned() else {
        return next.call(request).await.map(ServiceResponse::map_into_boxed_body);
    };
    let client = request.peer_addr().map(|address| address.ip().to_string()).unwrap_or_default();
    let now = control.frame.now();
    let limited = control.frame.options.limits;
    let permit = match control.limiter.enter(&client, now) {
        Err(too_fast) if limited => return Ok(request.into_response(throttled(too_fast, now.timestamp()))),
        permit => permit,
    };
    let mut response = match refused(&control, request.request()) {
        Some(response) => request.into_response(response),
        None => next.call(request).await?.map_into_boxed_body(),
    };
    drop(permit);
    if limited {
        let left = control.limiter.remaining(&client, now).minute;
        tell(response.headers_mut(), "x-ratelimit-limit", LIMIT);
        tell(response.headers_mut(), "x-ratelimit-remaining", &left.to_string());
    }
    Ok(response)
}

fn throttled(too_fast: TooFast, now: i64) -> HttpResponse {
    let seconds = too_fast.retry_after.unwrap_or(1);
    let mut response = HttpResponse::TooManyRequests().json(json!({ "message": "Too Many Requests" }));
    for (name, value) in [
        (RETRY_AFTER.as_str(), seconds.to_string()),
        ("x-ratelimit-reset", (now + seconds).to_string()),
        ("x-ratelimit-limit", LIMIT.to_owned()),
        ("x-ratelimit-remaining", "0".to_owned()),
    ] {
        tell(response.headers_mut(), name, &value);
    }
    response
}

fn tell(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::from_str(name), HeaderValue::from_str(value)) {
        headers.insert(name, value);
    }
}

/// The refusal of a call without a token that is known and may do this.
fn refused(control: &XentralControl, request: &HttpRequest) -> Option<HttpResponse> {
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let rights = header.and_then(|header| header.strip_prefix("Bearer ")).and_then(|token| control.rights(token));
    let v3 = request.path().starts_with("/api/v3");
    match rights {
        None if v3 => Some(HttpResponse::Unauthorized().json(json!({ "message": "Unauthenticated." }))),
        None => Some(HttpResponse::Unauthorized().content_type("text/html; charset=UTF-8").body("Unauthorized")),
        Some(Rights::Unlimited) => None,
        Some(Rights::Scopes(scopes)) => {
            let needed = scope(request);
            let allowed = scopes.iter().any(|scope| scope == needed);
            (!allowed).then(|| HttpResponse::Forbidden().json(json!({ "message": format!("The scope {needed} is missing.") })))
        }
    }
}

fn scope(request: &HttpRequest) -> &'static str {
    match (request.path().contains("/customers"), request.method() == Method::GET) {
        (true, _) => "customer:read",
        (false, true) => "invoice:read",
        (false, false) => "invoice:update",
    }
}

//! What providers tell without being asked. The raw bytes are checked against their signature and kept as hints; what
//! they name is pulled later. The answer has no body and tells nobody who is connected.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use domain::{
    handover::{self, Told},
    port::webhook::WebhookError,
    sync,
};
use entity::{AgencyKind, Provider};

use super::{Shared, reply};

/// Longest call that is read, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// Longest wait for a call's bytes; Xero itself waits five seconds for the answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Takes what Xero tells.
pub(super) async fn xero(shared: web::Data<Shared>, request: HttpRequest, body: web::Payload) -> HttpResponse {
    take(&shared, Provider::Xero, &request, body).await
}

/// Takes what Amili tells. How it signs is not documented: what it names is only asked about earlier.
pub(super) async fn amili(shared: web::Data<Shared>, request: HttpRequest, body: web::Payload) -> HttpResponse {
    let event = request.headers().get("x-amili-event").and_then(|value| value.to_str().ok());
    let body = match read(body).await {
        Ok(body) => body,
        Err(status) => return empty(status),
    };
    match handover::told(&shared.env, AgencyKind::Amili, event, &body).await {
        Ok(Told::Taken) => empty(StatusCode::OK),
        Ok(Told::Unreadable) => empty(StatusCode::BAD_REQUEST),
        Ok(Told::Unknown) => reply::not_found().await,
        Err(error) => {
            tracing::warn!(%error, "what an agency told could not be kept; it is asked in its turn");
            empty(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

/// The call's bytes, or the status that refuses them.
pub(super) async fn read(body: web::Payload) -> Result<web::Bytes, StatusCode> {
    match tokio::time::timeout(PATIENCE, body.to_bytes_limited(MAX_BYTES)).await {
        Ok(Ok(Ok(body))) => Ok(body),
        Ok(Ok(Err(_))) => Err(StatusCode::BAD_REQUEST),
        Ok(Err(_)) => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}

async fn take(shared: &Shared, provider: Provider, request: &HttpRequest, body: web::Payload) -> HttpResponse {
    let webhook = shared.env.outside.systems.get(&provider).and_then(|system| system.webhook.as_ref());
    let Some(webhook) = webhook else { return reply::not_found().await };
    let signature = request.headers().get(webhook.header()).and_then(|value| value.to_str().ok());
    let body = match read(body).await {
        Ok(body) => body,
        Err(status) => return empty(status),
    };
    match sync::take_hints(&shared.env, provider, signature, &body).await {
        Ok(Ok(())) => empty(StatusCode::OK),
        Ok(Err(WebhookError::BadSignature)) => empty(StatusCode::UNAUTHORIZED),
        Ok(Err(WebhookError::Unreadable)) => empty(StatusCode::BAD_REQUEST),
        Err(error) => {
            tracing::warn!(%error, ?provider, "what a provider told could not be kept; it is told again");
            empty(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

pub(super) fn empty(status: StatusCode) -> HttpResponse {
    HttpResponse::build(status).finish()
}

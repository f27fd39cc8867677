//! What providers tell without being asked. The raw bytes are checked against their signature and kept as hints; what
//! they name is pulled later. The answer has no body and tells nobody who is connected.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use domain::{port::webhook::WebhookError, sync};
use entity::Provider;

use super::{Shared, reply};

/// Longest call that is read, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// Longest wait for a call's bytes; Xero itself waits five seconds for the answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Takes what Xero tells.
pub(super) async fn xero(shared: web::Data<Shared>, request: HttpRequest, body: web::Payload) -> HttpResponse {
    take(&shared, Provider::Xero, &request, body).await
}

async fn take(shared: &Shared, provider: Provider, request: &HttpRequest, body: web::Payload) -> HttpResponse {
    let webhook = shared.env.outside.systems.get(&provider).and_then(|system| system.webhook.as_ref());
    let Some(webhook) = webhook else { return reply::not_found().await };
    let signature = request.headers().get(webhook.header()).and_then(|value| value.to_str().ok());
    let body = match tokio::time::timeout(PATIENCE, body.to_bytes_limited(MAX_BYTES)).await {
        Ok(Ok(Ok(body))) => body,
        Ok(Ok(Err(_))) => return empty(StatusCode::BAD_REQUEST),
        Ok(Err(_)) => return empty(StatusCode::PAYLOAD_TOO_LARGE),
        Err(_) => return empty(StatusCode::REQUEST_TIMEOUT),
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

fn empty(status: StatusCode) -> HttpResponse {
    HttpResponse::build(status).finish()
}

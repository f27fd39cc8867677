//! Puts an answer on the wire: status, headers, body.

use std::{sync::Arc, time::Duration};

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{StatusCode, header},
};
use serde_json::json;

use super::{
    accept::Media,
    origin::{self, Site},
};
use crate::{
    fault::{Code, Fault, errors_json},
    gate::{Denied, TraceId},
};

/// A request that was not executed.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) faults: Arc<[Fault]>,
    allow: Option<&'static str>,
    retry_after: Option<Duration>,
    /// The rest of the body is not worth reading.
    close: bool,
}

impl Refusal {
    pub(crate) fn closing(fault: Fault) -> Self {
        Self { close: true, ..fault.into() }
    }

    /// Worth another try after this long.
    pub(crate) fn retry_after(self, wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..self }
    }

    pub(crate) fn allowing(self, methods: &'static str) -> Self {
        Self { allow: Some(methods), ..self }
    }
}

impl From<Arc<[Fault]>> for Refusal {
    fn from(faults: Arc<[Fault]>) -> Self {
        let by_get = faults.iter().any(|fault| fault.code == Code::MethodNotAllowed);
        Self { faults, allow: by_get.then_some("POST"), retry_after: None, close: false }
    }
}

impl From<Vec<Fault>> for Refusal {
    fn from(faults: Vec<Fault>) -> Self {
        Arc::<[Fault]>::from(faults).into()
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        vec![fault].into()
    }
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        let message = denied.to_string();
        match denied {
            Denied::Unauthenticated(_) => Fault::new(Code::Unauthenticated, message).into(),
            Denied::Throttled(after) => Self::from(Fault::new(Code::TooManyRequests, message)).retry_after(after),
            Denied::Unavailable => Fault::new(Code::Unavailable, message).into(),
        }
    }
}

/// The status of a refusal that HTTP itself has a word for; `None` for errors of the GraphQL request.
fn status(code: Code) -> Option<StatusCode> {
    let status = match code {
        Code::BadRequest
        | Code::BatchingDisabled
        | Code::PersistedQueryNotSupported
        | Code::PersistedQueryMismatch
        | Code::SubscriptionNotSupported => StatusCode::BAD_REQUEST,
        Code::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
        Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Code::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::Timeout | Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::Forbidden => StatusCode::FORBIDDEN,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        _ => return None,
    };
    Some(status)
}

/// How to answer one request.
pub(crate) struct Reply {
    pub(crate) media: Media,
    pub(crate) trace: TraceId,
    pub(crate) site: Site,
}

impl Reply {
    /// The headers that every answer has.
    pub(crate) fn start(&self, status: StatusCode) -> HttpResponseBuilder {
        let mut response = HttpResponse::build(status);
        response
            .content_type(self.media.content_type())
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header((header::VARY, "Accept, Origin"))
            .insert_header(("x-request-id", &*self.trace.0));
        origin::decorate(&mut response, &self.site);
        response
    }

    /// The answer of an operation that ran, with or without errors of its own.
    pub(crate) fn executed(&self, executed: &async_graphql::Response) -> HttpResponse {
        let mut response = self.start(StatusCode::OK);
        for (name, value) in &executed.http_headers {
            response.append_header((name.as_str(), value.as_bytes()));
        }
        match serde_json::to_vec(executed) {
            Ok(body) => response.body(body),
            Err(error) => {
                tracing::error!(trace_id = %self.trace, %error, "an answer could not be written");
                self.refuse(&Fault::new(Code::Internal, "Something went wrong on our side.").into())
            }
        }
    }

    pub(crate) fn refuse(&self, refusal: &Refusal) -> HttpResponse {
        let fixed = refusal.faults.iter().find_map(|fault| status(fault.code));
        let status = fixed.unwrap_or(match self.media {
            Media::Json => StatusCode::OK,
            _ => StatusCode::BAD_REQUEST,
        });
        let mut response = self.start(status);
        if self.media == Media::EventStream {
            response.content_type(Media::Json.content_type());
        }
        if let Some(allow) = refusal.allow {
            response.insert_header((header::ALLOW, allow));
        }
        if let Some(after) = refusal.retry_after {
            response.insert_header((header::RETRY_AFTER, after.as_secs().max(1).to_string()));
        }
        if status == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        if refusal.close {
            response.force_close();
        }
        response.body(json!({ "errors": errors_json(&refusal.faults, &self.trace) }).to_string())
    }
}

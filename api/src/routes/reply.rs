//! What routes other than GraphQL say when they refuse: a status and `{ "error": { "code", "message" } }`.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};
use domain::{Error, RefusalCode};
use serde_json::json;

/// A refusal.
pub(super) fn refuse(status: StatusCode, code: &str, message: &str) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .json(json!({ "error": { "code": code, "message": message } }))
}

/// Nothing is here.
pub(super) async fn not_found() -> HttpResponse {
    refuse(StatusCode::NOT_FOUND, "NOT_FOUND", "There is nothing here.")
}

/// A link that opens nothing: changed, ended, or made for something else. Which one is nobody's business.
pub(super) fn bad_link() -> HttpResponse {
    refuse(StatusCode::FORBIDDEN, "FORBIDDEN", "This link is not valid, or no longer.")
}

/// What a use case refused or failed at.
pub(super) fn of(error: Error) -> HttpResponse {
    match error {
        Error::Refused(refusal) => refuse(status(refusal.code), refusal.code.as_str(), &refusal.message),
        fault => {
            tracing::error!(error = %fault, "a file could not be served");
            refuse(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", "Something went wrong on our side.")
        }
    }
}

fn status(code: RefusalCode) -> StatusCode {
    match code {
        RefusalCode::NotFound => StatusCode::NOT_FOUND,
        RefusalCode::Forbidden => StatusCode::FORBIDDEN,
        RefusalCode::IllegalTransition => StatusCode::CONFLICT,
        RefusalCode::LimitExceeded => StatusCode::PAYLOAD_TOO_LARGE,
        RefusalCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

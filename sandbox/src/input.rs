//! Reading what a control path is given: JSON from tests and programs, form fields from the page. The two differ in what
//! they get back, too: a program gets JSON, a person is led back to the page.

use actix_web::{HttpRequest, HttpResponse, http::header, web::Bytes};
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use serde_json::json;

/// Why something that was asked of a stand-in's control could not be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// What was given cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// There is nothing with that id.
    #[error("there is no {what} {id}")]
    Unknown {
        /// What was looked for.
        what: &'static str,
        /// The id or name that was given.
        id: String,
    },
    /// The state of things does not allow it.
    #[error("{0}")]
    NotNow(String),
}

/// Reads the body of a control call.
///
/// # Errors
/// When it is neither JSON nor form fields of the expected shape.
pub(crate) fn read<T: DeserializeOwned>(request: &HttpRequest, body: &Bytes) -> Result<T, Refused> {
    if is_form(request) {
        return actix_web::web::Query::<T>::from_query(&String::from_utf8_lossy(body))
            .map(actix_web::web::Query::into_inner)
            .map_err(|error| Refused::Unreadable(error.to_string()));
    }
    let body: &[u8] = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| Refused::Unreadable(error.to_string()))
}

/// The answer of a control call: what was done as JSON, or the way back to the page, or why not.
pub(crate) fn answer<T: Serialize>(request: &HttpRequest, outcome: Result<T, Refused>) -> HttpResponse {
    match outcome {
        Ok(_) if is_form(request) => HttpResponse::SeeOther().insert_header((header::LOCATION, "/")).finish(),
        Ok(done) => HttpResponse::Ok().json(done),
        Err(refused @ Refused::Unknown { .. }) => HttpResponse::NotFound().json(json!({ "error": refused.to_string() })),
        Err(refused @ Refused::Unreadable(_)) => HttpResponse::BadRequest().json(json!({ "error": refused.to_string() })),
        Err(refused @ Refused::NotNow(_)) => HttpResponse::Conflict().json(json!({ "error": refused.to_string() })),
    }
}

/// For optional fields: an empty field of a form is none.
pub(crate) fn blank_is_none<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(from)?.filter(|text| !text.trim().is_empty()))
}

fn is_form(request: &HttpRequest) -> bool {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"))
}

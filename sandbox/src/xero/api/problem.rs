//! Refusals as Xero words them, and who a call speaks for.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderMap},
    },
};
use serde_json::json;
use uuid::Uuid;

use crate::xero::{XeroControl, identity::NoBearer, query::BadQuery};

/// A call that is not let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    title: &'static str,
    detail: String,
}

impl Problem {
    pub fn unauthorised(detail: impl Into<String>) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, title: "Unauthorized", detail: detail.into() }
    }

    pub fn forbidden() -> Self {
        Self { status: StatusCode::FORBIDDEN, title: "Forbidden", detail: "AuthenticationUnsuccessful".to_owned() }
    }

    pub fn answer(&self, control: &XeroControl) -> HttpResponse {
        let body = json!({
            "Type": null, "Title": self.title, "Status": self.status.as_u16(), "Detail": self.detail,
            "Instance": control.frame.chance.uuid(), "Extensions": {},
        });
        HttpResponse::build(self.status).json(body)
    }
}

/// The scopes of the access token that a call bears.
///
/// # Errors
/// When it bears none, or one that is not good any more.
pub fn bearer(control: &XeroControl, headers: &HeaderMap) -> Result<Vec<String>, Problem> {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| value.strip_prefix("Bearer "));
    let token = token.ok_or_else(|| Problem::unauthorised("AuthenticationUnsuccessful"))?;
    match control.world().grants.bearer(token, control.frame.now()) {
        Ok(bearer) => Ok(bearer.scopes.to_vec()),
        Err(NoBearer::Unknown) => Err(Problem::unauthorised("AuthenticationUnsuccessful")),
        Err(NoBearer::Expired(at)) => {
            Err(Problem::unauthorised(format!("TokenExpired: token expired at {}", at.format("%m/%d/%Y %H:%M:%S"))))
        }
    }
}

/// The organisation that a call is for.
///
/// # Errors
/// When it names none, or one that the app is not connected to.
pub fn tenant(control: &XeroControl, headers: &HeaderMap) -> Result<Uuid, Problem> {
    let named = headers.get("xero-tenant-id").and_then(|value| value.to_str().ok()).and_then(|value| value.parse().ok());
    named.filter(|tenant| control.world().grants.reaches(*tenant)).ok_or_else(Problem::forbidden)
}

/// A list that cannot be answered.
pub fn bad_query(bad: &BadQuery) -> HttpResponse {
    HttpResponse::BadRequest().json(json!({ "ErrorNumber": 16, "Type": "QueryParseException", "Message": bad.to_string() }))
}

/// A document that Xero would not take.
pub fn invalid(message: &str) -> HttpResponse {
    HttpResponse::BadRequest().json(json!({
        "ErrorNumber": 10, "Type": "ValidationException", "Message": "A validation exception occurred",
        "Elements": [{ "ValidationErrors": [{ "Message": message }] }],
    }))
}

/// There is no such document; Xero says so in plain text.
pub fn not_found() -> HttpResponse {
    HttpResponse::NotFound().content_type("text/plain; charset=utf-8").body("The resource you're looking for cannot be found")
}

//! Tokens of the agency: one client with its secret, scopes, an hour of life.

use std::collections::HashMap;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::AUTHORIZATION,
    web::{Bytes, Data, Query},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{control::AmiliControl, paths::problem};

/// The client id of the sandbox's creditor.
pub const CLIENT_ID: &str = "sandbox-amili-client";

/// Its secret.
pub const CLIENT_SECRET: &str = "sandbox-amili-secret";

/// The scope that sending in needs; reading needs none.
pub const WRITE_SCOPE: &str = "write:collection.case";

/// The creditor's organisation at the agency.
pub const ORGANIZATION: Uuid = Uuid::from_u128(0x2f8d_4c61_0b7e_4e35_a9d2_7c51_e60f_9384);

/// Seconds that a token lives unless told.
pub const TOKEN_SECONDS: i64 = 3_600;

/// Tokens that were issued: scopes and end.
#[derive(Default)]
pub struct Tokens(HashMap<String, (Vec<String>, DateTime<Utc>)>);

impl Tokens {
    /// Ends all.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    fn add(&mut self, token: String, scopes: Vec<String>, expires_at: DateTime<Utc>) {
        self.0.insert(token, (scopes, expires_at));
    }

    fn scopes(&self, token: &str, now: DateTime<Utc>) -> Option<&[String]> {
        self.0.get(token).filter(|(_, expires_at)| *expires_at > now).map(|(scopes, _)| scopes.as_slice())
    }
}

#[derive(Deserialize)]
struct Asked {
    grant_type: String,
    client_id: String,
    client_secret: String,
    #[serde(default)]
    scope: String,
}

/// `POST /token`.
pub(super) async fn token(control: Data<AmiliControl>, body: Bytes) -> HttpResponse {
    let asked = match Query::<Asked>::from_query(&String::from_utf8_lossy(&body)) {
        Ok(asked) => asked.into_inner(),
        Err(error) => {
            return HttpResponse::BadRequest().json(json!({ "error": "invalid_request", "error_description": error.to_string() }));
        }
    };
    if asked.grant_type != "client_credentials" {
        return HttpResponse::BadRequest().json(json!({ "error": "unsupported_grant_type" }));
    }
    if asked.client_id != CLIENT_ID || asked.client_secret != CLIENT_SECRET {
        return HttpResponse::Unauthorized().json(json!({ "error": "invalid_client" }));
    }
    let (token, now) = (control.frame.chance.token(), control.frame.now());
    let seconds = control.token_seconds();
    let expires_at = now + TimeDelta::seconds(seconds);
    control.tokens().add(token.clone(), asked.scope.split_whitespace().map(str::to_owned).collect(), expires_at);
    HttpResponse::Ok().json(json!({
        "access_token": token,
        "token_type": "Bearer",
        "not_before": now.timestamp(),
        "expires_in": seconds,
        "expires_on": expires_at.timestamp(),
        "resource": "collection",
    }))
}

/// The refusal of a call whose token is missing, over or not enough, or that is about another organisation.
pub(super) fn refused(control: &AmiliControl, request: &HttpRequest, writes: bool) -> Option<HttpResponse> {
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let tokens = control.tokens();
    let Some(scopes) = header.strip_prefix("Bearer ").and_then(|token| tokens.scopes(token, control.frame.now())) else {
        return Some(problem(401, "The token is missing, unknown or expired."));
    };
    if writes && !scopes.iter().any(|scope| scope == WRITE_SCOPE) {
        return Some(problem(403, "The scope write:collection.case is missing."));
    }
    let organization = request.match_info().get("org");
    let foreign = organization.is_some_and(|text| text.parse() != Ok(ORGANIZATION));
    foreign.then(|| problem(403, "The token is not for this organisation."))
}

//! The endpoints that an app calls itself: tokens, revocation, connections.

use actix_web::{
    HttpRequest, HttpResponse, delete, get,
    http::header,
    post,
    web::{Data, Form, Path, Query},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Connection, InvalidGrant};
use crate::xero::{XeroControl, api::problem};

#[derive(Deserialize)]
struct TokenInput {
    #[serde(default)]
    grant_type: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    redirect_uri: String,
    code_verifier: Option<String>,
    #[serde(default)]
    refresh_token: String,
}

#[post("/connect/token")]
pub async fn token(control: Data<XeroControl>, request: HttpRequest, input: Form<TokenInput>) -> HttpResponse {
    if !is_app(&control, &request) {
        return refused("invalid_client");
    }
    let (now, chance) = (control.frame.now(), &control.frame.chance);
    let grants = &mut control.world_mut().grants;
    let outcome = match input.grant_type.as_str() {
        "authorization_code" => grants.exchange(&input.code, &input.redirect_uri, input.code_verifier.as_deref(), chance, now),
        "refresh_token" => grants.refresh(&input.refresh_token, chance, now),
        _ => return refused("unsupported_grant_type"),
    };
    match outcome {
        Ok(set) => HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(set),
        Err(InvalidGrant) => refused("invalid_grant"),
    }
}

#[derive(Deserialize)]
struct RevocationInput {
    #[serde(default)]
    token: String,
}

#[post("/connect/revocation")]
pub async fn revocation(control: Data<XeroControl>, request: HttpRequest, input: Form<RevocationInput>) -> HttpResponse {
    if !is_app(&control, &request) {
        return refused("invalid_client");
    }
    control.world_mut().grants.revoke(&input.token);
    HttpResponse::Ok().finish()
}

fn refused(error: &str) -> HttpResponse {
    HttpResponse::BadRequest().json(json!({ "error": error }))
}

/// Whether the call bears the app's id and secret.
fn is_app(control: &XeroControl, request: &HttpRequest) -> bool {
    let app = &control.frame.options.app;
    let expected = format!("{}:{}", app.client_id, app.client_secret);
    let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Basic ")).and_then(|value| STANDARD.decode(value).ok());
    given.is_some_and(|given| given == expected.as_bytes())
}

#[derive(Deserialize)]
struct ConnectionsInput {
    #[serde(rename = "authEventId")]
    event: Option<Uuid>,
}

#[get("/connections")]
pub async fn connections(control: Data<XeroControl>, request: HttpRequest, input: Query<ConnectionsInput>) -> HttpResponse {
    if let Err(problem) = problem::bearer(&control, request.headers()) {
        return problem.answer(&control);
    }
    let world = control.world();
    let listed = world.grants.connections().iter().filter(|connection| input.event.is_none_or(|event| connection.event == event));
    let named = listed.filter_map(|connection| Some(shown(connection, &world.books_of(connection.tenant)?.organisation.name)));
    HttpResponse::Ok().json(named.collect::<Vec<Value>>())
}

fn shown(connection: &Connection, name: &str) -> Value {
    json!({
        "id": connection.id, "authEventId": connection.event, "tenantId": connection.tenant, "tenantType": "ORGANISATION",
        "tenantName": name, "createdDateUtc": seven_digits(connection.created_at), "updatedDateUtc": seven_digits(connection.updated_at),
    })
}

/// As Xero writes instants here: without a zone and with seven digits of a second.
fn seven_digits(at: DateTime<Utc>) -> String {
    format!("{}.{:07}", at.format("%Y-%m-%dT%H:%M:%S"), at.timestamp_subsec_nanos() / 100)
}

#[delete("/connections/{id}")]
pub async fn disconnect(control: Data<XeroControl>, request: HttpRequest, id: Path<Uuid>) -> HttpResponse {
    if let Err(problem) = problem::bearer(&control, request.headers()) {
        return problem.answer(&control);
    }
    let known = control.world_mut().grants.disconnect(|connection| connection.id == *id);
    if known { HttpResponse::NoContent().finish() } else { HttpResponse::NotFound().finish() }
}

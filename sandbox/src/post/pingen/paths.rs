//! The paths of Pingen's API: tokens, uploads and letters.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{AUTHORIZATION, CONTENT_TYPE},
    },
    web::{Bytes, Data, Query, ServiceConfig, get, post, put},
};
use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{CLIENT_ID, CLIENT_SECRET, Letter, ORGANISATION, control::PingenControl};
use crate::post::paper;

/// The media type that letters must have.
const JSON_API: &str = "application/vnd.api+json";

/// Seconds that a token lives.
const TOKEN_SECONDS: i64 = 43_200;

/// Letters of a page unless told, and at most.
const PAGE: usize = 20;
const MAX_PAGE: usize = 100;

/// Adds the paths.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/auth/access-tokens", post().to(token)).route("/file-upload", get().to(upload)).route("/storage/{id}", put().to(store));
    config.route("/organisations/{org}/deliveries/letters", post().to(create));
    config.route("/organisations/{org}/deliveries/letters", get().to(list));
    config.route("/organisations/{org}/deliveries/letters/{id}", get().to(one));
}

fn problem(status: u16, title: &str, pointer: Option<&str>) -> HttpResponse {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let source = pointer.map(|pointer| json!({ "pointer": pointer }));
    let error = json!({ "code": status.as_str(), "title": title, "source": source });
    HttpResponse::build(status).content_type(JSON_API).body(json!({ "errors": [error] }).to_string())
}

fn document(status: StatusCode, data: &Value) -> HttpResponse {
    HttpResponse::build(status).content_type(JSON_API).body(json!({ "data": data }).to_string())
}

#[derive(Deserialize)]
struct Asked {
    grant_type: String,
    client_id: String,
    client_secret: String,
    #[serde(default)]
    scope: String,
}

async fn token(control: Data<PingenControl>, body: Bytes) -> HttpResponse {
    let Ok(asked) = Query::<Asked>::from_query(&String::from_utf8_lossy(&body)) else {
        return HttpResponse::BadRequest().json(json!({ "error": "invalid_request" }));
    };
    if asked.grant_type != "client_credentials" {
        return HttpResponse::BadRequest().json(json!({ "error": "unsupported_grant_type" }));
    }
    if asked.client_id != CLIENT_ID || asked.client_secret != CLIENT_SECRET {
        return HttpResponse::Unauthorized().json(json!({ "error": "invalid_client" }));
    }
    if !asked.scope.split(' ').any(|scope| scope == "letter") {
        return HttpResponse::BadRequest().json(json!({ "error": "invalid_scope" }));
    }
    let token = control.frame.chance.token();
    control.held().beside.tokens.insert(token.clone(), control.frame.now() + TimeDelta::seconds(TOKEN_SECONDS));
    HttpResponse::Ok().json(json!({ "token_type": "Bearer", "expires_in": TOKEN_SECONDS, "access_token": token }))
}

/// The refusal of a call without a good token, or about another organisation.
fn refused(control: &PingenControl, request: &HttpRequest) -> Option<HttpResponse> {
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let now = control.frame.now();
    let good = header.strip_prefix("Bearer ").is_some_and(|token| control.held().beside.tokens.get(token).is_some_and(|ends| *ends > now));
    if !good {
        return Some(problem(401, "Access denied.", None));
    }
    let organisation = request.match_info().get("org");
    organisation.is_some_and(|organisation| organisation != ORGANISATION).then(|| problem(403, "Not your organisation.", None))
}

async fn upload(control: Data<PingenControl>, request: HttpRequest) -> HttpResponse {
    if let Some(refusal) = refused(&control, &request) {
        return refusal;
    }
    let (id, signature) = (control.frame.chance.uuid().to_string(), control.frame.chance.token());
    let connection = request.connection_info();
    let url = format!("{}://{}/storage/{id}?signature={signature}", connection.scheme(), connection.host());
    control.held().beside.uploads.insert(signature.clone(), (url.clone(), None));
    document(
        StatusCode::OK,
        &json!({ "id": id, "type": "file_uploads", "attributes": { "url": url, "url_signature": signature, "expires_at": null } }),
    )
}

/// The storage is another house: it knows no tokens, and answers in its own words.
async fn store(control: Data<PingenControl>, request: HttpRequest, body: Bytes) -> HttpResponse {
    if request.headers().contains_key(AUTHORIZATION) {
        return HttpResponse::BadRequest().content_type("application/xml").body("<Error><Code>InvalidArgument</Code></Error>");
    }
    let signature = request.query_string().strip_prefix("signature=").unwrap_or_default().to_owned();
    match control.held().beside.uploads.get_mut(&signature) {
        Some((_, bytes)) => {
            *bytes = Some(body.to_vec());
            HttpResponse::Ok().finish()
        }
        None => HttpResponse::Forbidden().content_type("application/xml").body("<Error><Code>AccessDenied</Code></Error>"),
    }
}

#[derive(Deserialize)]
struct Sent {
    data: SentData,
}

#[derive(Deserialize)]
struct SentData {
    #[serde(rename = "type")]
    kind: String,
    attributes: Attributes,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Attributes {
    file_original_name: String,
    file_url: String,
    file_url_signature: String,
    address_position: String,
    auto_send: bool,
    delivery_product: Option<String>,
    print_mode: Option<String>,
    print_spectrum: Option<String>,
}

impl Attributes {
    /// What of it is wrong: the field.
    fn wrong(&self) -> Option<&'static str> {
        let one_of = |value: &Option<String>, words: &[&str]| match value {
            Some(value) => words.contains(&value.as_str()),
            None => !self.auto_send,
        };
        if !(5..=255).contains(&self.file_original_name.len()) {
            return Some("file_original_name");
        }
        if !["left", "right"].contains(&self.address_position.as_str()) {
            return Some("address_position");
        }
        if !one_of(&self.delivery_product, &["cheap", "fast", "bulk", "premium", "registered"]) {
            return Some("delivery_product");
        }
        if !one_of(&self.print_mode, &["simplex", "duplex"]) {
            return Some("print_mode");
        }
        (!one_of(&self.print_spectrum, &["color", "grayscale"])).then_some("print_spectrum")
    }
}

async fn create(control: Data<PingenControl>, request: HttpRequest, body: Bytes) -> HttpResponse {
    if let Some(refusal) = refused(&control, &request) {
        return refusal;
    }
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    if header(CONTENT_TYPE.as_str()).as_deref() != Some(JSON_API) {
        return problem(415, "The content type is application/vnd.api+json.", None);
    }
    let key = header("idempotency-key");
    if key.as_ref().is_some_and(|key| !(1..=64).contains(&key.len())) {
        return problem(400, "The idempotency key has 1 to 64 characters.", None);
    }
    let digest = Sha256::digest(&body).to_vec();
    if let Some((before, id)) = key.as_ref().and_then(|key| control.held().keys.get(key).cloned()) {
        if before != digest {
            return problem(409, "The idempotency key was used for something else.", None);
        }
        let view = control.of(&id, Letter::view);
        let mut answer = document(StatusCode::CREATED, &view.unwrap_or_default());
        answer.headers_mut().insert("idempotent-replayed".parse().expect("a name"), "true".parse().expect("a value"));
        return answer;
    }
    let sent: Sent = match serde_json::from_slice(&body) {
        Ok(sent) => sent,
        Err(error) => return problem(422, &error.to_string(), Some("/data")),
    };
    match made(&control, sent.data) {
        Ok(letter) => {
            let mut held = control.held();
            held.keys.extend(key.map(|key| (key, (digest, letter.id.clone()))));
            let view = letter.view();
            held.letters.push(letter);
            document(StatusCode::CREATED, &view)
        }
        Err(field) => problem(422, "The given data was invalid.", Some(&format!("/data/attributes/{field}"))),
    }
}

/// The letter, or the field that does not let it be one. An upload is good for one letter.
fn made(control: &PingenControl, sent: SentData) -> Result<Letter, &'static str> {
    let attributes = sent.attributes;
    if sent.kind != "letters" {
        return Err("type");
    }
    attributes.wrong().map_or(Ok(()), Err)?;
    let upload = control.held().beside.uploads.remove(&attributes.file_url_signature);
    let Some((url, Some(pdf))) = upload else { return Err("file_url_signature") };
    if url != attributes.file_url {
        return Err("file_url");
    }
    let sheets = paper::sheets(&pdf).ok_or("file_url")?;
    let good = paper::all_are(&sheets, 595.28, 841.89);
    let status = if !good {
        "invalid"
    } else if attributes.auto_send {
        "submitted"
    } else {
        "valid"
    };
    Ok(Letter {
        id: control.frame.chance.uuid().to_string(),
        status: status.to_owned(),
        file_original_name: attributes.file_original_name,
        pages: sheets.len(),
        delivery_product: attributes.delivery_product.unwrap_or_default(),
        print_mode: attributes.print_mode.unwrap_or_default(),
        print_spectrum: attributes.print_spectrum.unwrap_or_default(),
        created_at: control.frame.now(),
        pdf,
    })
}

#[derive(Deserialize)]
struct Listing {
    sort: Option<String>,
    #[serde(rename = "page[number]")]
    number: Option<usize>,
    #[serde(rename = "page[limit]")]
    limit: Option<usize>,
}

async fn list(control: Data<PingenControl>, request: HttpRequest) -> HttpResponse {
    if let Some(refusal) = refused(&control, &request) {
        return refusal;
    }
    let Ok(asked) = Query::<Listing>::from_query(request.query_string()) else { return problem(400, "The query cannot be read.", None) };
    let (number, limit) = (asked.number.unwrap_or(1).max(1), asked.limit.unwrap_or(PAGE));
    if !(1..=MAX_PAGE).contains(&limit) {
        return problem(400, "A page has 1 to 100 letters.", Some("page[limit]"));
    }
    let mut letters = control.letters();
    match asked.sort.as_deref() {
        None | Some("created_at") => {}
        Some("-created_at") => letters.reverse(),
        Some(_) => return problem(400, "Letters are not sorted by that.", Some("sort")),
    }
    let data: Vec<Value> = letters.iter().skip((number - 1) * limit).take(limit).map(Letter::view).collect();
    let meta = json!({ "current_page": number, "per_page": limit, "total": letters.len() });
    HttpResponse::Ok().content_type(JSON_API).body(json!({ "data": data, "meta": meta }).to_string())
}

async fn one(control: Data<PingenControl>, request: HttpRequest) -> HttpResponse {
    if let Some(refusal) = refused(&control, &request) {
        return refusal;
    }
    let id = request.match_info().get("id").unwrap_or_default();
    let view = control.of(id, Letter::view);
    view.map_or_else(|| problem(404, "There is no such letter.", None), |view| document(StatusCode::OK, &view))
}

//! What every call must have – the subscription key, patience, a token, the privilege – and the token itself. Ten calls
//! in any second are answered for a subscription key, over all clients; the refusal names no header, only a body. The
//! words of a refused key and of a refused token are not documented and so our own.

use actix_web::{
    Error, HttpMessage as _, HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE},
    middleware::Next,
    web::{Bytes, Data},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use super::{
    access::{Denied, SUBSCRIPTION_KEY},
    control::PowerOfficeControl,
};

/// The client that a call is for: the position.
#[derive(Clone, Copy)]
pub(super) struct Caller(pub usize);

/// Lets a call through, or refuses it.
pub(super) async fn guard(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(control) = request.app_data::<Data<PowerOfficeControl>>().cloned() else {
        return next.call(request).await.map(ServiceResponse::map_into_boxed_body);
    };
    match judged(&control, request.request()) {
        Err(refusal) => return Ok(request.into_response(refusal.response())),
        Ok(Some(caller)) => drop(request.extensions_mut().insert(caller)),
        Ok(None) => {}
    }
    next.call(request).await.map(ServiceResponse::map_into_boxed_body)
}

/// Why a call is refused.
#[derive(Clone, Copy)]
enum Refusal {
    Key,
    Pace,
    Denied(Denied),
}

impl Refusal {
    fn response(self) -> HttpResponse {
        match self {
            Self::Key => {
                HttpResponse::Unauthorized().json(json!({ "statusCode": 401, "message": "The subscription key is missing or unknown." }))
            }
            Self::Pace => {
                let message = "Rate limit is exceeded. Try again in 1 seconds.";
                HttpResponse::TooManyRequests().json(json!({ "statusCode": "429", "message": message }))
            }
            Self::Denied(Denied::Token) => {
                HttpResponse::Unauthorized().insert_header((WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")).finish()
            }
            Self::Denied(Denied::Privilege) => HttpResponse::Forbidden().finish(),
        }
    }
}

/// The client that a call is for; none for the paths that come before a token.
fn judged(control: &PowerOfficeControl, request: &HttpRequest) -> Result<Option<Caller>, Refusal> {
    let now = control.frame.now();
    if header(request, "Ocp-Apim-Subscription-Key") != Some(SUBSCRIPTION_KEY) {
        return Err(Refusal::Key);
    }
    if control.frame.options.limits && !control.pace.admits(now) {
        return Err(Refusal::Pace);
    }
    if request.path().contains("/OAuth/") || request.path().contains("/Onboarding/") {
        return Ok(None);
    }
    let token = header(request, AUTHORIZATION.as_str()).and_then(|header| header.strip_prefix("Bearer ")).unwrap_or_default();
    control.access().check(token, privilege(request.path()), now).map(|client| Some(Caller(client))).map_err(Refusal::Denied)
}

fn privilege(path: &str) -> Option<&'static str> {
    let resource = |name: &str| path.split('/').any(|part| part == name);
    [
        ("Customerledger", "CustomerLedger"),
        ("OutgoingInvoices", "OutgoingInvoice"),
        ("Customers", "Customer"),
        ("ContactPersons", "ContactPerson"),
    ]
    .into_iter()
    .find(|(name, _)| resource(name))
    .map(|(_, privilege)| privilege)
}

fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

/// `POST /OAuth/Token`.
pub(super) async fn token(control: Data<PowerOfficeControl>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let refuse = |error: &str, words: &str| HttpResponse::BadRequest().json(json!({ "error": error, "error_description": words }));
    let form = header(&request, CONTENT_TYPE.as_str()).is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
    if !form {
        return refuse("invalid_request", "The body must be form fields.");
    }
    let fields = actix_web::web::Query::<Vec<(String, String)>>::from_query(&String::from_utf8_lossy(&body));
    let is_grant =
        |fields: &Vec<(String, String)>| fields.iter().any(|(name, value)| name == "grant_type" && value == "client_credentials");
    if !fields.is_ok_and(|fields| is_grant(&fields)) {
        return refuse("unsupported_grant_type", "Only client_credentials is supported.");
    }
    let (token, now) = (control.frame.chance.token(), control.frame.now());
    let mut access = control.access_mut();
    let seconds = access.token_seconds;
    let issued = keys(&request).and_then(|(application, client)| access.issue(&application, &client, token, now));
    match issued {
        Some(token) => HttpResponse::Ok().json(json!({ "access_token": token, "token_type": "bearer", "expires_in": seconds })),
        None => refuse("invalid_client", "No client integration has these keys in this environment."),
    }
}

/// The application key and the client key of `Authorization: Basic`.
fn keys(request: &HttpRequest) -> Option<(String, String)> {
    let encoded = header(request, AUTHORIZATION.as_str())?.strip_prefix("Basic ")?;
    let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    decoded.split_once(':').map(|(application, client)| (application.to_owned(), client.to_owned()))
}

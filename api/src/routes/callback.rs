//! Where a provider sends the browser back to after a person's consent. Nothing is changed here and nobody is signed in
//! by it: the state names the page of ours that began, the browser is sent on to it with what the provider gave, and
//! that page ends the consent with its own viewer (`xeroConnectFinish`, `powerOfficeConnectFinish`). A state that names
//! no page is answered with a few plain words.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web,
};
use domain::integration::connect;
use url::{Url, form_urlencoded};

use super::Shared;

/// Longest value of a provider's that is handed on, in bytes.
const MAX_BYTES: usize = 8_192;

/// What the page says to a person who is not sent on.
const OVER: &str = "This way of connecting is over: it was used already, took longer than ten minutes, or was not begun here. \
                    Go back to the app where you began and connect again. Nothing was changed.";

/// What the page says when the database does not answer.
const LATER: &str = "Something went wrong on our side, and nothing was changed. Reload this page in a minute.";

/// Back from Xero, with a code.
pub(super) async fn xero(shared: web::Data<Shared>, request: HttpRequest) -> HttpResponse {
    back(&shared, &request, "code", |name| name == "code").await
}

/// Back from `PowerOffice` GO, with a token. How GO calls it is not documented: whatever ends on the word is taken.
pub(super) async fn power_office(shared: web::Data<Shared>, request: HttpRequest) -> HttpResponse {
    back(&shared, &request, "token", |name| name.to_ascii_lowercase().ends_with("token")).await
}

async fn back(shared: &Shared, request: &HttpRequest, named: &str, is_code: fn(&str) -> bool) -> HttpResponse {
    let brought: Vec<(String, String)> = form_urlencoded::parse(request.query_string().as_bytes()).into_owned().collect();
    let first = |wanted: &dyn Fn(&str) -> bool| brought.iter().find(|(name, _)| wanted(name)).map(|(_, value)| value.as_str());
    let Some(state) = first(&|name| name == "state") else { return page(StatusCode::BAD_REQUEST, OVER) };
    let to = match connect::return_to(&shared.env, state).await {
        Ok(to) => to.and_then(|to| Url::parse(&to).ok()),
        Err(error) => {
            tracing::error!(%error, "a browser could not be sent on to the page that began");
            return page(StatusCode::SERVICE_UNAVAILABLE, LATER);
        }
    };
    let Some(mut to) = to else { return page(StatusCode::BAD_REQUEST, OVER) };
    let fits = |value: &&str| !value.is_empty() && value.len() <= MAX_BYTES;
    let (name, value) = match (first(&|name| name == "error").filter(fits), first(&is_code).filter(fits)) {
        (Some(error), _) => ("error", error),
        (None, Some(code)) => (named, code),
        (None, None) => ("error", "invalid_response"),
    };
    to.query_pairs_mut().append_pair("state", state).append_pair(name, value);
    sent_on(&to)
}

/// The address holds a code: it is kept by nobody and told to no other site.
fn sent_on(to: &Url) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, to.as_str()))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .finish()
}

fn page(status: StatusCode, words: &str) -> HttpResponse {
    let policy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Connecting</title>\
         <meta name=\"viewport\" content=\"width=device-width\"></head><body><h1>Not connected</h1><p>{words}</p></body></html>\n"
    );
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(html)
}

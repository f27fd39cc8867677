//! How a client's people add the integration: the app initiates, a person signs in and agrees on a page, the app is led
//! back a token and exchanges it for client keys. Where the token stands in the redirect is not documented: here in the
//! query as `token`, a refusal as `error=access_denied`. The page asks for no password.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::LOCATION,
    web::{Bytes, Data, Query},
};
use minijinja::{Environment, context, value::Serde};
use serde::Deserialize;
use serde_json::json;

use super::{access::APPLICATION_KEY, answer::bad, control::PowerOfficeControl, moment, query::Wrong};

/// The path of the page on which a person agrees.
pub(super) const PAGE: &str = "/ApiAuth";

/// Who agrees when nobody has to.
const AUTO_EMAIL: &str = "daglig.leder@nordlys-trevare.example";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Initiate {
    application_key: String,
    client_organization_no: Option<String>,
    redirect_uri: String,
}

/// `POST /Onboarding/Initiate`.
pub(super) async fn initiate(control: Data<PowerOfficeControl>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let asked: Initiate = match serde_json::from_slice(&body) {
        Ok(asked) => asked,
        Err(error) => return bad(&Wrong(error.to_string())),
    };
    if asked.application_key != APPLICATION_KEY {
        return bad(&Wrong("There is no such application.".to_owned()));
    }
    let temporary = control.frame.chance.token();
    let organization_no = asked.client_organization_no.filter(|no| !no.is_empty());
    let begun = control.access_mut().initiate(temporary.clone(), asked.redirect_uri, organization_no, control.frame.now());
    let Some(valid_until) = begun else {
        return bad(&Wrong("The redirect address is not one that is allowed.".to_owned()));
    };
    let url = format!("http://{}{PAGE}?token={temporary}", request.connection_info().host());
    HttpResponse::Ok().json(json!({ "TemporaryUrl": url, "ValidUntilDateTimeOffset": moment::text(valid_until) }))
}

#[derive(Deserialize)]
pub(super) struct Temporary {
    token: String,
}

/// The page on which a person agrees.
pub(super) async fn shown(control: Data<PowerOfficeControl>, asked: Query<Temporary>) -> HttpResponse {
    let Some(offered) = control.access().offered(&asked.token, control.frame.now()) else { return expired() };
    if control.frame.options.auto_consent {
        let all = offered.into_iter().map(|(at, _)| at).collect();
        return back(&control, &asked.token, all, AUTO_EMAIL);
    }
    let clients: Vec<_> =
        offered.into_iter().map(|(at, client)| json!({ "at": at, "name": client.name, "no": client.organization_no })).collect();
    match consent_page(&asked.token, &clients) {
        Ok(page) => HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page),
        Err(error) => HttpResponse::InternalServerError().body(format!("the page has an error: {error:#}")),
    }
}

/// The page; the template's name ends in `.html`, by which names are escaped.
fn consent_page(token: &str, clients: &[serde_json::Value]) -> Result<String, minijinja::Error> {
    let mut pages = Environment::new();
    pages.add_template("consent.html", include_str!("consent.html"))?;
    pages.get_template("consent.html")?.render(context! { token => token, clients => minijinja::Value::from(Serde(&clients)) })
}

/// What the person decided.
pub(super) async fn decided(control: Data<PowerOfficeControl>, asked: Query<Temporary>, body: Bytes) -> HttpResponse {
    let fields = Query::<Vec<(String, String)>>::from_query(&String::from_utf8_lossy(&body)).map(Query::into_inner).unwrap_or_default();
    let of = |name: &'static str| fields.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str());
    let denied = of("decision").next() == Some("deny");
    let clients = if denied { Vec::new() } else { of("client").filter_map(|at| at.parse().ok()).collect() };
    back(&control, &asked.token, clients, of("email").next().unwrap_or(AUTO_EMAIL))
}

fn back(control: &PowerOfficeControl, temporary: &str, clients: Vec<usize>, email: &str) -> HttpResponse {
    let token = control.frame.chance.token();
    let address = control.access_mut().decide(temporary, clients, email.to_owned(), token, control.frame.now());
    address.map_or_else(expired, |address| HttpResponse::Found().insert_header((LOCATION, address)).finish())
}

fn expired() -> HttpResponse {
    HttpResponse::Gone().content_type("text/html; charset=utf-8").body("<h1>This address is no longer good.</h1>")
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Finalize {
    onboarding_token: String,
}

/// `POST /Onboarding/Finalize`.
pub(super) async fn finalize(control: Data<PowerOfficeControl>, body: Bytes) -> HttpResponse {
    let asked: Finalize = match serde_json::from_slice(&body) {
        Ok(asked) => asked,
        Err(error) => return bad(&Wrong(error.to_string())),
    };
    let new_key = || control.frame.chance.uuid().to_string();
    let Some((clients, email)) = control.access_mut().finalize(&asked.onboarding_token, new_key, control.frame.now()) else {
        return bad(&Wrong("The onboarding token is unknown, used or expired.".to_owned()));
    };
    let clients: Vec<_> = clients
        .into_iter()
        .map(|client| json!({ "ClientKey": client.key, "ClientName": client.name, "ClientOrganizationNumber": client.organization_no }))
        .collect();
    HttpResponse::Ok().json(json!({ "OnboardedClientsInformation": clients, "UserEmail": email }))
}

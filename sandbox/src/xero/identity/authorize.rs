//! The page on which a person consents: checks what the app asks, lists the organisations, and leads back to the app.

use actix_web::{
    HttpResponse, get,
    http::header,
    post,
    web::{Data, Query},
};
use minijinja::{Environment, Value, context, value::Serde};
use serde::Deserialize;
use uuid::Uuid;

use super::{Asked, scope};
use crate::xero::XeroControl;

#[derive(Deserialize)]
struct Question {
    #[serde(default)]
    response_type: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    redirect_uri: String,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    state: String,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
}

impl Question {
    /// What is asked, or the word for what is wrong with it.
    fn checked(self, control: &XeroControl) -> Result<Asked, &'static str> {
        let app = &control.frame.options.app;
        if self.client_id != app.client_id {
            return Err("unauthorized_client");
        }
        if !app.allows_redirect(&self.redirect_uri) {
            return Err("invalid_request: redirect_uri");
        }
        if self.response_type != "code" {
            return Err("unsupported_response_type");
        }
        // Asking for no method means `plain`, which Xero does not take.
        if self.code_challenge.is_some() && self.code_challenge_method.as_deref() != Some("S256") {
            return Err("invalid_request: code_challenge_method");
        }
        let scopes = scope::parse(&self.scope).ok_or("invalid_scope")?;
        Ok(Asked { redirect_uri: self.redirect_uri, scopes, state: self.state, challenge: self.code_challenge })
    }
}

/// Shows the page, or leads back at once where that was chosen. What is wrong is shown to the person and never sent to
/// the app, as Xero does it.
#[get("/identity/connect/authorize")]
pub async fn authorize(control: Data<XeroControl>, question: Query<Question>) -> HttpResponse {
    let asked = match question.into_inner().checked(&control) {
        Ok(asked) => asked,
        Err(wrong) => return page("error.html", HttpResponse::BadRequest(), context! { wrong }),
    };
    if control.consents_at_once() {
        let tenants: Vec<Uuid> = control.organisations().into_iter().map(|(id, _)| id).collect();
        return back(&asked.clone(), &control.consented(asked, &tenants));
    }
    let scopes = asked.scopes.clone();
    let name = control.world_mut().grants.ask(asked, &control.frame.chance);
    let organisations: Vec<_> = control.organisations().into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    page("consent.html", HttpResponse::Ok(), context! { name, scopes, organisations => Value::from(Serde(&organisations)) })
}

/// Takes the decision: `name` of the question, `decision` allow or deny, and each `organisation` that is allowed.
#[post("/identity/connect/consent")]
pub async fn consent(control: Data<XeroControl>, body: String) -> HttpResponse {
    let Ok(fields) = Query::<Vec<(String, String)>>::from_query(&body) else { return HttpResponse::BadRequest().finish() };
    let field = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap_or_default();
    let Some(asked) = control.world_mut().grants.take_asked(field("name")) else { return HttpResponse::NotFound().finish() };
    let chosen = fields.iter().filter(|(key, _)| key == "organisation").filter_map(|(_, value)| value.parse().ok());
    let tenants: Vec<Uuid> = chosen.collect();
    let allowed = field("decision") == "allow" && !tenants.is_empty();
    let answer = if allowed { control.consented(asked.clone(), &tenants) } else { vec![("error", "access_denied".to_owned())] };
    back(&asked, &answer)
}

/// Leads the person back to the app.
fn back(asked: &Asked, answer: &[(&str, String)]) -> HttpResponse {
    let mut answer = answer.to_vec();
    answer.push(("state", asked.state.clone()));
    let joint = if asked.redirect_uri.contains('?') { '&' } else { '?' };
    let query: Vec<String> = answer.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    let location = format!("{}{joint}{}", asked.redirect_uri, query.join("&"));
    HttpResponse::Found().insert_header((header::LOCATION, location)).finish()
}

/// A value as it may stand in a query.
fn encoded(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    value.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn page(name: &str, mut answer: actix_web::HttpResponseBuilder, shown: Value) -> HttpResponse {
    let mut pages = Environment::new();
    let added = pages
        .add_template("consent.html", include_str!("../../templates/consent.html"))
        .and_then(|()| pages.add_template("error.html", include_str!("../../templates/error.html")));
    match added.and_then(|()| pages.get_template(name)?.render(shown)) {
        Ok(html) => answer.content_type("text/html; charset=utf-8").body(html),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}

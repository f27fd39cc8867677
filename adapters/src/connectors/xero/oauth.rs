//! The `oauth2` crate over our HTTP client, which its own is not: redirects off, bounded, errors without secrets.

use std::pin::Pin;

use chrono::DateTime;
use domain::port::vault::{ExposeSecret, SecretString};
use oauth2::{
    AsyncHttpClient, AuthUrl, ClientId, ClientSecret, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, RedirectUrl,
    RequestTokenError, TokenUrl, basic::BasicClient, basic::BasicErrorResponse, basic::BasicErrorResponseType, http, url::form_urlencoded,
};

use super::settings::Settings;
use crate::http::{Http, HttpError, Url, header};

/// Xero's client: consent and tokens.
pub(super) type Client = BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// Why a token endpoint gave nothing.
pub(super) type TokenError = RequestTokenError<HttpError, BasicErrorResponse>;

/// The client of an app's registration.
///
/// # Errors
///
/// When a configured address is none.
pub(super) fn client(settings: &Settings) -> Result<Client, oauth2::url::ParseError> {
    Ok(BasicClient::new(ClientId::new(settings.client_id.clone()))
        .set_client_secret(ClientSecret::new(settings.client_secret.expose_secret().to_owned()))
        .set_auth_uri(AuthUrl::new(settings.authorize_url.clone())?)
        .set_token_uri(TokenUrl::new(settings.token_url.clone())?)
        .set_redirect_uri(RedirectUrl::new(settings.redirect_url.clone())?))
}

/// Whether the code or refresh token itself is refused for good: revoked, run out, used up. Everything else, a wrong
/// client secret included, is not the fault of whoever consented.
pub(super) fn is_invalid_grant(error: &TokenError) -> bool {
    matches!(error, RequestTokenError::ServerResponse(answer) if *answer.error() == BasicErrorResponseType::InvalidGrant)
}

/// In words, without anything that the answer quoted.
pub(super) fn described(error: &TokenError) -> String {
    match error {
        RequestTokenError::ServerResponse(answer) => format!("Xero refuses this app: {}", answer.error().as_ref()),
        RequestTokenError::Request(error) => error.to_string(),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => "Xero's token endpoint did not answer as documented".into(),
    }
}

/// Carries the crate's requests.
pub(super) struct Carrier<'h>(pub(super) &'h Http);

impl<'c> AsyncHttpClient<'c> for Carrier<'_> {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(carry(self.0, request))
    }
}

async fn carry(http: &Http, request: HttpRequest) -> Result<HttpResponse, HttpError> {
    let unsendable = |_| HttpError::Unsendable("the token endpoint's address is none".into());
    let url = Url::parse(&request.uri().to_string()).map_err(unsendable)?;
    let fields: Vec<_> = form_urlencoded::parse(request.body()).collect();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_ref(), value.as_ref())).collect();
    let mut call = http.call(request.method().clone(), url).form(&fields).header(header::ACCEPT, "application/json");
    if let Some(value) = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()) {
        call = call.secret_header(header::AUTHORIZATION, &SecretString::from(value));
    }
    // How long to wait is decided by whoever renews; the instant only serves to read it.
    let answer = call.send().await?.sorted(DateTime::UNIX_EPOCH)?;
    let mut response = http::Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    response.body(answer.body).map_err(|_| HttpError::Broken("the token endpoint's answer has headers that cannot be read".into()))
}

//! One call: what is asked, with which keys, and how much of an answer is waited for and read.

use std::{error::Error, time::Duration};

use domain::port::vault::{ExposeSecret, SecretString};
use reqwest::{
    Method, RequestBuilder, Response, StatusCode, Url,
    header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION},
};
use serde::Serialize;

use super::{Http, MAX_BODY_BYTES, TIMEOUT, answer::Answer, error::HttpError, resolver::NotPublic, snippet::snippet};

/// What goes in a request's body.
enum Body {
    None,
    Json(Vec<u8>),
    Form(Vec<(String, String)>),
    Raw(String, Vec<u8>),
}

/// A call that was not sent yet. It does not print: it holds keys.
#[must_use = "nothing is called before `send`"]
pub struct Call<'a> {
    http: &'a Http,
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Body,
    within: Duration,
    at_most: usize,
    /// The first thing that cannot be sent, told by `send`.
    fault: Option<HttpError>,
}

impl<'a> Call<'a> {
    pub(super) fn new(http: &'a Http, method: Method, url: Url) -> Self {
        Self { http, method, url, headers: HeaderMap::new(), body: Body::None, within: TIMEOUT, at_most: MAX_BODY_BYTES, fault: None }
    }

    /// Adds parameters to the address. No credentials here: addresses end up in everybody's logs.
    pub fn query(mut self, parameters: &[(&str, &str)]) -> Self {
        if !parameters.is_empty() {
            self.url.query_pairs_mut().extend_pairs(parameters);
        }
        self
    }

    /// Sets a header that may be seen.
    pub fn header(self, name: HeaderName, value: &str) -> Self {
        self.with(name, value, false)
    }

    /// Sets a header that holds a key.
    pub fn secret_header(self, name: HeaderName, value: &SecretString) -> Self {
        self.with(name, value.expose_secret(), true)
    }

    /// Authorises by a bearer token (RFC 6750).
    pub fn bearer(self, token: &SecretString) -> Self {
        let value = format!("Bearer {}", token.expose_secret());
        self.with(AUTHORIZATION, &value, true)
    }

    /// Authorises by name and password (RFC 7617).
    pub fn basic(self, user: &str, password: &SecretString) -> Self {
        let pair = format!("{user}:{}", password.expose_secret());
        let value = format!("Basic {}", base64::Engine::encode(&base64::engine::general_purpose::STANDARD, pair));
        self.with(AUTHORIZATION, &value, true)
    }

    /// Authorises by a key as the name, without a password.
    pub fn basic_user(self, key: &SecretString) -> Self {
        let pair = format!("{}:", key.expose_secret());
        let value = format!("Basic {}", base64::Engine::encode(&base64::engine::general_purpose::STANDARD, pair));
        self.with(AUTHORIZATION, &value, true)
    }

    /// Sends a JSON document.
    pub fn json(mut self, document: &impl Serialize) -> Self {
        match serde_json::to_vec(document) {
            Ok(bytes) => self.body = Body::Json(bytes),
            Err(_) => self.fail("the document cannot be written as JSON"),
        }
        self
    }

    /// Sends a form, as OAuth's token endpoints want it.
    pub fn form(mut self, fields: &[(&str, &str)]) -> Self {
        self.body = Body::Form(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect());
        self
    }

    /// Sends bytes of a media type: a file, or a document of a dialect of JSON.
    pub fn bytes(mut self, media_type: &str, bytes: Vec<u8>) -> Self {
        self.body = Body::Raw(media_type.to_owned(), bytes);
        self
    }

    /// Waits no longer for the whole answer; [`TIMEOUT`] unless set.
    pub fn within(mut self, longest: Duration) -> Self {
        self.within = longest;
        self
    }

    /// Reads no longer bodies; [`MAX_BODY_BYTES`] unless set.
    pub fn at_most(mut self, bytes: usize) -> Self {
        self.at_most = bytes;
        self
    }

    /// Sends it and reads the whole answer, whatever its status. Nothing is tried again.
    ///
    /// # Errors
    ///
    /// [`HttpError`]: `Blocked`, `Unsendable`, `Unavailable`, `Redirected`, or `Broken` for a body that is too long or
    /// compressed, which was not asked for.
    pub async fn send(self) -> Result<Answer, HttpError> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let host = place(&self.url);
        let request = self.http.client_for(&self.url)?.request(self.method, self.url).headers(self.headers).timeout(self.within);
        let response = with_body(request, self.body).send().await.map_err(|error| failed(&host, error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        check_redirect(&host, status, &headers)?;
        check_encoding(&host, &headers)?;
        let body = read(&host, response, self.at_most).await?;
        Ok(Answer { host, status, headers, body })
    }

    fn with(mut self, name: HeaderName, value: &str, secret: bool) -> Self {
        match HeaderValue::from_str(value) {
            Ok(mut value) => {
                value.set_sensitive(secret);
                self.headers.insert(name, value);
            }
            Err(_) => self.fail(&format!("the value for {name} has characters that cannot be sent")),
        }
        self
    }

    fn fail(&mut self, why: &str) {
        self.fault.get_or_insert_with(|| HttpError::Unsendable(why.to_owned()));
    }
}

fn with_body(request: RequestBuilder, body: Body) -> RequestBuilder {
    match body {
        Body::None => request,
        Body::Json(bytes) => request.header(CONTENT_TYPE, "application/json").body(bytes),
        Body::Form(fields) => request.form(&fields),
        Body::Raw(media_type, bytes) => request.header(CONTENT_TYPE, media_type).body(bytes),
    }
}

/// Reads piece by piece, so that an endless body ends at the limit and not with the memory.
async fn read(host: &str, mut response: Response, at_most: usize) -> Result<Vec<u8>, HttpError> {
    let too_long = || HttpError::Broken(format!("the answer of {host} is longer than {at_most} bytes"));
    if response.content_length().is_some_and(|length| usize::try_from(length).is_ok_and(|length| length > at_most)) {
        return Err(too_long());
    }
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| failed(host, error))? {
        if piece.len() > at_most - body.len() {
            return Err(too_long());
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

fn check_redirect(host: &str, status: StatusCode, headers: &HeaderMap) -> Result<(), HttpError> {
    if !status.is_redirection() || status == StatusCode::NOT_MODIFIED {
        return Ok(());
    }
    let target = headers.get(LOCATION).and_then(|value| value.to_str().ok()).and_then(|text| Url::parse(text).ok());
    let to = target.map_or_else(|| "another address".into(), |url| place(&url));
    Err(HttpError::Redirected(format!("{host} redirects to {to} ({}), which is not followed", status.as_u16())))
}

fn check_encoding(host: &str, headers: &HeaderMap) -> Result<(), HttpError> {
    match headers.get(CONTENT_ENCODING) {
        Some(encoding) if encoding != "identity" => {
            Err(HttpError::Broken(format!("{host} compressed its answer, which was not asked for")))
        }
        _ => Ok(()),
    }
}

/// Host and port: what of an address may be told. A path may hold ids, a query anything.
fn place(url: &Url) -> String {
    let host = snippet(url.host_str().unwrap_or("another address").as_bytes());
    url.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}"))
}

/// Sorts what the client says, by its innermost cause: the outer ones only say that something failed.
fn failed(host: &str, error: reqwest::Error) -> HttpError {
    let error = error.without_url();
    if error.is_timeout() {
        return HttpError::Unavailable(format!("{host} did not answer in time"));
    }
    if error.is_builder() {
        return HttpError::Unsendable("the request cannot be written".into());
    }
    let mut cause: &dyn Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    if cause.is::<NotPublic>() {
        return HttpError::Blocked(format!("{host} may not be called: {cause}"));
    }
    HttpError::Unavailable(format!("{host} cannot be reached: {}", snippet(cause.to_string().as_bytes())))
}

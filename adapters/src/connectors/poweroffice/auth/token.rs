//! Access tokens by client credentials (RFC 6749, 4.4): Basic with application key and client key, and the subscription
//! key in a header. A refusal names one of RFC 6749's codes; anything else is not the client's fault.

use std::time::Duration;

use chrono::DateTime;
use domain::port::{
    access::RenewError,
    connect::ConnectError,
    vault::{ExposeSecret, SecretString},
};
use serde::Deserialize;

use super::super::Setup;
use crate::http::{Answer, HttpError, StatusCode};

/// Most bytes of a token's answer; real ones have some two thousand.
const MAX_BYTES: usize = 64 * 1024;

/// What is shown when GO does not know the pair of keys.
const REFUSED: &str = "PowerOffice GO does not know this client key for our application: check in GO that the extension is still \
                       switched on, that the key is copied whole, and that it is of the same environment (production or demo)";

/// What is shown when the operator's keys are refused.
const SETTINGS: &str = "PowerOffice GO refuses the application's own keys: whoever operates this server must check application key and \
                        subscription key; the clients need not do anything";

/// An access token.
pub(super) struct Token {
    pub access: SecretString,
    pub good_for: Duration,
}

#[derive(Deserialize)]
struct Given {
    access_token: Option<String>,
    expires_in: Option<u32>,
}

#[derive(Deserialize)]
struct Refused {
    error: Option<String>,
}

/// Why there is no token.
pub(super) enum TokenError {
    /// The client key is refused for good.
    Refused,
    /// No answer that can be used.
    Http(HttpError),
}

/// Asks for a token.
pub(super) async fn ask(setup: &Setup, client_key: &SecretString) -> Result<Token, TokenError> {
    let url = setup.token_url().map_err(TokenError::Http)?;
    let call = setup.http.post(url).form(&[("grant_type", "client_credentials")]).at_most(MAX_BYTES);
    let call = setup.subscribed(call).basic(setup.settings.application_key.expose_secret(), client_key);
    let answer = call.send().await.map_err(TokenError::Http)?;
    // A date in Retry-After would need a clock; GO tells seconds or nothing, and the past makes the shortest wait.
    let answer = answer.sorted(DateTime::UNIX_EPOCH).map_err(TokenError::Http)?;
    match answer.status {
        StatusCode::OK => given(&answer).map_err(TokenError::Http),
        StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED => Err(refused(&answer)),
        _ => Err(TokenError::Http(answer.unexpected())),
    }
}

fn given(answer: &Answer) -> Result<Token, HttpError> {
    let lacks = |field: &str| HttpError::Broken(format!("the token of PowerOffice GO lacks {field}"));
    let given: Given = answer.json()?;
    let access = given.access_token.filter(|token| !token.is_empty()).ok_or_else(|| lacks("access_token"))?;
    let seconds = given.expires_in.filter(|seconds| *seconds > 0).ok_or_else(|| lacks("expires_in"))?;
    Ok(Token { access: access.into(), good_for: Duration::from_secs(seconds.into()) })
}

/// Whether the keys are refused: only RFC 6749's codes about them say so. The gateway in front of GO answers 401 in its
/// own words to a wrong subscription key, which is ours and not the client's.
fn refused(answer: &Answer) -> TokenError {
    match answer.json::<Refused>().ok().and_then(|refused| refused.error).as_deref() {
        Some("invalid_client" | "unauthorized_client" | "invalid_grant") => TokenError::Refused,
        _ if answer.status == StatusCode::UNAUTHORIZED => TokenError::Http(HttpError::Unavailable(SETTINGS.into())),
        _ => TokenError::Http(answer.unexpected()),
    }
}

impl From<TokenError> for ConnectError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Refused => Self::Refused(REFUSED.into()),
            TokenError::Http(error) => error.into(),
        }
    }
}

impl From<TokenError> for RenewError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Refused => Self::Refused(REFUSED.into()),
            TokenError::Http(error) => error.into(),
        }
    }
}

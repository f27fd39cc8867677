//! The keys of one grant as they are sealed: Xero's access token and its refresh token. One grant opens all the
//! organisations that were chosen with it.

use std::time::Duration;

use domain::port::{
    access::Fresh,
    vault::{ExposeSecret, SecretString},
};
use oauth2::{TokenResponse, basic::BasicTokenResponse};
use secrecy::zeroize::Zeroize;
use serde::{Deserialize, Serialize};

/// How long an access token lives when the answer does not say. <https://developer.xero.com/faq/oauth2>
const ACCESS_TOKEN_LIVES: Duration = Duration::from_mins(30);

/// The sealed document. It does not print.
#[derive(Serialize, Deserialize)]
pub(super) struct Keys {
    access_token: String,
    refresh_token: String,
}

/// Opened keys do not stay in freed memory.
impl Drop for Keys {
    fn drop(&mut self) {
        self.access_token.zeroize();
        self.refresh_token.zeroize();
    }
}

impl Keys {
    /// Reads the document; none when it is not one of ours.
    pub(super) fn read(document: &SecretString) -> Option<Self> {
        serde_json::from_str(document.expose_secret()).ok()
    }

    pub(super) fn access_token(&self) -> SecretString {
        SecretString::from(self.access_token.as_str())
    }

    pub(super) fn refresh_token(&self) -> &str {
        &self.refresh_token
    }
}

/// The keys that an answer brought. An answer without a refresh token leaves the old one valid (RFC 6749, 6); without
/// any the grant would end with the access token, so it is none.
pub(super) fn fresh(answer: &BasicTokenResponse, old_refresh_token: Option<&str>) -> Option<Fresh> {
    let refresh_token = answer.refresh_token().map(|token| token.secret().as_str()).or(old_refresh_token)?;
    let keys = Keys { access_token: answer.access_token().secret().clone(), refresh_token: refresh_token.to_owned() };
    let document = serde_json::to_string(&keys).ok()?;
    let scopes = answer.scopes().into_iter().flatten().map(|scope| scope.to_string()).collect();
    Some(Fresh { keys: document.into(), good_for: Some(answer.expires_in().unwrap_or(ACCESS_TOKEN_LIVES)), scopes })
}

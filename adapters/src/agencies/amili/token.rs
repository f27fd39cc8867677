//! Tokens by client credentials, kept until shortly before they run out, one per set of keys.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use domain::port::{
    agency::{AgencyError, AgencyLink},
    vault::{ExposeSecret, SecretString},
};
use sha2::{Digest, Sha256};

use super::{failed, wire};
use crate::http::{Http, StatusCode, Url};

/// The right to send cases in.
const SCOPE: &str = "write:collection.case";

/// How long before its end a token is not lent any more.
const MARGIN: TimeDelta = TimeDelta::minutes(1);

/// How long a token is kept that does not tell its end.
const USUAL: TimeDelta = TimeDelta::minutes(5);

/// A token and its end.
type Ending = (SecretString, DateTime<Utc>);

/// Tokens by a digest of the keys that made them.
#[derive(Default)]
pub(super) struct Tokens(Mutex<HashMap<[u8; 32], Ending>>);

impl Tokens {
    /// A token that is good for at least a minute.
    pub(super) async fn lend(&self, http: &Http, url: &str, link: &AgencyLink) -> Result<SecretString, AgencyError> {
        if let Some(token) = self.kept(link) {
            return Ok(token);
        }
        let url = Url::parse(url).map_err(|_| AgencyError::Unavailable("the address configured for Amili's tokens is none".into()))?;
        let (id, secret) = (&link.keys.client_id, link.keys.client_secret.expose_secret());
        let form = [("grant_type", "client_credentials"), ("client_id", id.as_str()), ("client_secret", secret), ("scope", SCOPE)];
        let answer = http.post(url).form(&form).send().await.and_then(|answer| answer.sorted(link.now));
        let answer = answer.map_err(|error| failed(super::Effect::Reads, &error))?;
        match answer.status {
            StatusCode::OK => {}
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                return Err(AgencyError::Unauthorised("Amili refuses the keys".into()));
            }
            _ => return Err(AgencyError::Unavailable(answer.unexpected().to_string())),
        }
        let token: wire::Token = answer.json().map_err(|error| failed(super::Effect::Reads, &error))?;
        let ends = token.ends(link.now).unwrap_or(link.now + USUAL);
        let token = SecretString::from(token.access_token);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key(link), (token.clone(), ends));
        Ok(token)
    }

    /// Forgets a token that was refused.
    pub(super) fn forget(&self, link: &AgencyLink) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&key(link));
    }

    fn kept(&self, link: &AgencyLink) -> Option<SecretString> {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.retain(|_, (_, ends)| *ends > link.now + MARGIN);
        tokens.get(&key(link)).map(|(token, _)| token.clone())
    }
}

fn key(link: &AgencyLink) -> [u8; 32] {
    let digest = Sha256::new().chain_update(&link.keys.client_id).chain_update([0]).chain_update(link.keys.client_secret.expose_secret());
    digest.finalize().into()
}

//! The token by client credentials, kept until shortly before it runs out.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use domain::port::{
    SendError,
    vault::{ExposeSecret, SecretString},
};
use tokio::time::Instant;

use super::{ANSWER_TIMEOUT, PingenSettings, nothing_sent, throttled, wire};
use crate::http::{Http, Url};

/// What letters need.
const SCOPE: &str = "letter";

/// How long before its end a token is not lent any more.
const MARGIN: Duration = Duration::from_mins(1);

/// How long a token is kept that does not tell its end, and at most.
const USUAL: Duration = Duration::from_mins(5);
const LONGEST: Duration = Duration::from_hours(24);

/// The kept token and when to let it go, on the machine's monotonic clock: it only spares us calls.
#[derive(Default)]
pub(super) struct Tokens(Mutex<Option<(SecretString, Instant)>>);

impl Tokens {
    /// A token that is good for at least a minute.
    pub(super) async fn lend(&self, http: &Http, url: &Url, settings: &PingenSettings) -> Result<SecretString, SendError> {
        if let Some(token) = self.kept() {
            return Ok(token);
        }
        let secret = settings.client_secret.expose_secret();
        let form = [("grant_type", "client_credentials"), ("client_id", &settings.client_id), ("client_secret", secret), ("scope", SCOPE)];
        let answer = http.post(url.clone()).form(&form).within(ANSWER_TIMEOUT).send().await.map_err(|error| nothing_sent(&error))?;
        match answer.status.as_u16() {
            200..300 => {}
            400..=403 => return Err(SendError::Unauthorised { message: "Pingen refuses the application's keys".into() }),
            429 => return Err(throttled(&answer)),
            _ => return Err(nothing_sent(&answer.unexpected())),
        }
        let token: wire::Token = answer.json().map_err(|error| nothing_sent(&error))?;
        let lives = token.expires_in.map_or(USUAL, Duration::from_secs).min(LONGEST);
        let made = SecretString::from(token.access_token);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((made.clone(), Instant::now() + lives));
        Ok(made)
    }

    /// Forgets a token that was refused.
    pub(super) fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn kept(&self) -> Option<SecretString> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().filter(|(_, ends)| *ends > Instant::now() + MARGIN).map(|(token, _)| token.clone())
    }
}

//! Webhooks of all stand-ins that post some: what happened is posted once, signed as the provider signs. There is no retry: what failed is on the list
//! and can be sent again, the same bytes under the same id.

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::input::{Refused, blank_is_none};

/// One webhook, sent or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// The event's id, by which a receiver knows a repetition.
    pub id: String,
    /// What happened, in the provider's word.
    pub event: String,
    /// The body.
    pub body: String,
    /// The receiver's answer; none while there is none.
    pub status: Option<u16>,
}

/// Where webhooks go and by which key they are signed.
#[derive(Clone, Debug)]
struct Target {
    url: String,
    secret: String,
}

/// The headers of a webhook.
pub(crate) type Headers = Vec<(&'static str, String)>;

/// What a provider posts beside the body, for a key and a time: its signature, and what else it says in headers.
type Signer = Box<dyn Fn(&str, DateTime<Utc>, &Delivery) -> Headers + Send + Sync>;

/// Where people and tests say that webhooks go.
#[derive(Deserialize)]
pub(crate) struct Aim {
    /// Empty: no webhooks.
    #[serde(default, deserialize_with = "blank_is_none")]
    pub(crate) url: Option<String>,
    #[serde(default)]
    pub(crate) secret: String,
}

/// The list of webhooks and where they go.
pub(crate) struct Webhooks {
    signer: Signer,
    target: Mutex<Option<Target>>,
    sent: Arc<Mutex<Vec<Delivery>>>,
    client: reqwest::Client,
}

impl Webhooks {
    pub(crate) fn new(signer: impl Fn(&str, DateTime<Utc>, &Delivery) -> Headers + Send + Sync + 'static) -> Self {
        Self { signer: Box::new(signer), target: Mutex::default(), sent: Arc::default(), client: reqwest::Client::new() }
    }

    /// Posts to an address from now on, signed by a key; none: nobody.
    pub(crate) fn aim(&self, url: Option<&str>, secret: &str) {
        *lock(&self.target) = url.map(|url| Target { url: url.to_owned(), secret: secret.to_owned() });
    }

    pub(crate) fn url(&self) -> Option<String> {
        lock(&self.target).as_ref().map(|target| target.url.clone())
    }

    pub(crate) fn all(&self) -> Vec<Delivery> {
        lock(&self.sent).clone()
    }

    /// Puts one on the list and posts it when somebody wants it.
    pub(crate) fn tell(&self, id: String, event: String, body: String, now: DateTime<Utc>) {
        let at = {
            let mut sent = lock(&self.sent);
            sent.push(Delivery { id, event, body, status: None });
            sent.len() - 1
        };
        self.post(at, now);
    }

    /// Posts one again.
    pub(crate) fn again(&self, id: &str, now: DateTime<Utc>) -> Result<(), Refused> {
        let at = lock(&self.sent).iter().position(|one| one.id == id);
        self.post(at.ok_or_else(|| Refused::Unknown { what: "webhook", id: id.to_owned() })?, now);
        Ok(())
    }

    fn post(&self, at: usize, now: DateTime<Utc>) {
        let (Some(target), Some(one)) = (lock(&self.target).clone(), lock(&self.sent).get(at).cloned()) else { return };
        let mut request = self.client.post(&target.url).header("Content-Type", "application/json");
        for (name, value) in (self.signer)(&target.secret, now, &one) {
            request = request.header(name, value);
        }
        let (request, sent) = (request.body(one.body), self.sent.clone());
        tokio::spawn(async move {
            let status = request.send().await.ok().map(|answer| answer.status().as_u16());
            if let Some(one) = lock(&sent).get_mut(at) {
                one.status = status;
            }
        });
    }
}

/// HMAC-SHA256 in hexadecimal digits.
pub(crate) fn digits(secret: &str, pieces: &[&[u8]]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    for piece in pieces {
        mac.update(piece);
    }
    mac.finalize().into_bytes().iter().fold(String::new(), |mut digits, byte| {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

/// What a mutex holds; the stand-in goes on after a test's panic.
pub(crate) fn lock<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_rfc_4231() {
        let of_case_2 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(digits("Jefe", &[b"what do ya want ", b"for nothing?"]), of_case_2);
    }
}

//! What all of those who print and post letters are told alike, by tests and by people: which letters there are, and where
//! webhooks go. Over HTTP below `/_control/`, with the page at `/`.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Path, ServiceConfig, get, post},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    frame::Frame,
    input::{Refused, answer, read},
    page,
    webhooks::{Aim, Delivery, Headers, Webhooks, lock},
};

/// How many letters and webhooks the page and the list show, newest first.
const SHOWN: usize = 200;

/// A letter as one of the providers keeps it, and with it what is that provider's own.
pub trait Kept: Clone + Serialize + Send + 'static {
    /// What it keeps beside letters.
    type Beside: Default + Send + 'static;

    /// The page for people.
    const PAGE: &'static str;

    /// The letter's id.
    fn id(&self) -> &str;

    /// The bytes that were handed over.
    fn pdf(&self) -> &[u8];

    /// The headers that sign a webhook's body by a key at a time.
    fn sign(secret: &str, now: DateTime<Utc>, body: &[u8]) -> Headers;

    /// The keys of the sandbox's account, by name.
    fn account() -> Value;
}

/// What one of them holds.
pub(super) struct Held<L: Kept> {
    /// Letters, oldest first.
    pub(super) letters: Vec<L>,
    /// Idempotency keys: a digest of the body and the letter.
    pub(super) keys: HashMap<String, (Vec<u8>, String)>,
    /// What is its own.
    pub(super) beside: L::Beside,
}

/// What tests tell a stand-in of theirs directly.
pub struct Control<L: Kept> {
    pub(super) frame: Arc<Frame>,
    held: Mutex<Held<L>>,
    webhooks: Webhooks,
}

impl<L: Kept> Control<L> {
    pub(crate) fn new(frame: &Arc<Frame>) -> Self {
        let held = Held { letters: Vec::new(), keys: HashMap::new(), beside: L::Beside::default() };
        Self {
            frame: frame.clone(),
            held: Mutex::new(held),
            webhooks: Webhooks::new(|secret, now, told| L::sign(secret, now, told.body.as_bytes())),
        }
    }

    /// All letters as they are now, oldest first.
    pub fn letters(&self) -> Vec<L> {
        self.held().letters.clone()
    }

    /// Posts webhooks to an address from now on, signed by a key; none: nobody.
    pub fn set_webhook(&self, url: Option<&str>, secret: &str) {
        self.webhooks.aim(url, secret);
    }

    /// The headers that sign a body by a key now.
    pub fn headers(&self, secret: &str, body: &[u8]) -> Headers {
        L::sign(secret, self.frame.now(), body)
    }

    /// All webhooks so far, oldest first.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.webhooks.all()
    }

    /// Posts a webhook again, the same bytes, signed for now.
    ///
    /// # Errors
    /// When there is no such webhook.
    pub fn send_again(&self, id: &str) -> Result<(), Refused> {
        self.webhooks.again(id, self.frame.now())
    }

    /// Something happens to a letter and is told by a webhook: what it is called there, and its body at this time.
    pub(super) fn happens(
        &self,
        id: &str,
        event: String,
        change: impl FnOnce(&mut L),
        told: impl FnOnce(&L, &str, DateTime<Utc>) -> (String, Value),
    ) -> Result<(), Refused> {
        let now = self.frame.now();
        let letter = {
            let mut held = self.held();
            let letter = held.letters.iter_mut().find(|letter| letter.id() == id);
            let letter = letter.ok_or_else(|| Refused::Unknown { what: "letter", id: id.to_owned() })?;
            change(letter);
            letter.clone()
        };
        let (word, body) = told(&letter, &event, now);
        self.webhooks.tell(event, word, body.to_string(), now);
        Ok(())
    }

    /// What is read of a letter; none when there is no such letter.
    pub(super) fn of<T>(&self, id: &str, read: impl FnOnce(&L) -> T) -> Option<T> {
        self.held().letters.iter().find(|letter| letter.id() == id).map(read)
    }

    pub(super) fn held(&self) -> MutexGuard<'_, Held<L>> {
        lock(&self.held)
    }

    fn summary(&self) -> Value {
        let (letters, deliveries) = (self.letters(), self.deliveries());
        let mut summary = L::account();
        summary["webhook"] = json!(self.webhooks.url());
        summary["count"] = json!(letters.len());
        summary["letters"] = json!(letters.iter().rev().take(SHOWN).collect::<Vec<_>>());
        summary["deliveries"] = json!(deliveries.iter().rev().take(SHOWN).collect::<Vec<_>>());
        summary
    }
}

/// Adds the control paths that all have, and the page.
pub(super) fn routes<L: Kept>(config: &mut ServiceConfig) {
    config.route("/", get().to(shown::<L>));
    config.route("/_control/letters", get().to(list::<L>)).route("/_control/letters/{id}/pdf", get().to(pdf::<L>));
    config.route("/_control/webhook", post().to(webhook::<L>)).route("/_control/webhook/{id}/again", post().to(send_again::<L>));
}

async fn shown<L: Kept>(control: Data<Control<L>>) -> HttpResponse {
    page::page(&control.frame, L::PAGE, control.summary())
}

async fn list<L: Kept>(control: Data<Control<L>>) -> HttpResponse {
    HttpResponse::Ok().json(control.summary())
}

async fn pdf<L: Kept>(control: Data<Control<L>>, id: Path<String>) -> HttpResponse {
    match control.of(&id, |letter| letter.pdf().to_vec()) {
        Some(pdf) => HttpResponse::Ok().content_type("application/pdf").body(pdf),
        None => HttpResponse::NotFound().finish(),
    }
}

async fn webhook<L: Kept>(control: Data<Control<L>>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let outcome = read(&request, &body).map(|aim: Aim| control.set_webhook(aim.url.as_deref(), &aim.secret));
    answer(&request, outcome)
}

async fn send_again<L: Kept>(control: Data<Control<L>>, request: HttpRequest, id: Path<String>) -> HttpResponse {
    answer(&request, control.send_again(&id))
}

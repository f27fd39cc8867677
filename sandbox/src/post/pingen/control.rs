//! What tests and the control page tell the stand-in Pingen: where letters stand, and where webhooks go.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use chrono::{DateTime, Utc};

use super::letter::Letter;
use crate::{
    frame::Frame,
    input::Refused,
    post::webhook::{Delivery, Webhooks, digits, lock},
};

/// What Pingen holds.
#[derive(Default)]
pub(super) struct Held {
    /// Tokens and their ends.
    pub(super) tokens: HashMap<String, DateTime<Utc>>,
    /// Uploads that were named, by their signature: the address and the bytes, once they came.
    pub(super) uploads: HashMap<String, (String, Option<Vec<u8>>)>,
    /// Letters, oldest first.
    pub(super) letters: Vec<Letter>,
    /// Idempotency keys: a digest of the body and the letter.
    pub(super) keys: HashMap<String, (Vec<u8>, String)>,
}

/// What tests tell the stand-in Pingen directly.
pub struct PingenControl {
    pub(super) frame: Arc<Frame>,
    held: Mutex<Held>,
    pub(super) webhooks: Webhooks,
}

impl PingenControl {
    pub(crate) fn new(frame: &Arc<Frame>) -> Self {
        let signer = |secret: &str, _, body: &[u8]| vec![("Signature", digits(secret, &[body]))];
        Self { frame: frame.clone(), held: Mutex::default(), webhooks: Webhooks::new(signer) }
    }

    /// All letters as they are now, oldest first.
    pub fn letters(&self) -> Vec<Letter> {
        self.held().letters.clone()
    }

    /// Moves a letter to a state, for instance `sent`, `undeliverable` or `action_required`, and tells it.
    ///
    /// # Errors
    /// When there is no such letter.
    pub fn move_to(&self, id: &str, status: &str, code: &str, reason: &str) -> Result<(), Refused> {
        let (event, now) = (self.frame.chance.uuid().to_string(), self.frame.now());
        let letter = {
            let mut held = self.held();
            let letter = held.letters.iter_mut().find(|letter| letter.id == id);
            let letter = letter.ok_or_else(|| Refused::Unknown { what: "letter", id: id.to_owned() })?;
            status.clone_into(&mut letter.status);
            letter.clone()
        };
        let body = letter.told(&event, code, reason, now).to_string();
        self.webhooks.tell(event, letter.category().to_owned(), body, now);
        Ok(())
    }

    /// Adds letters that somebody else sent, made now.
    pub fn add_others(&self, count: usize) {
        let now = self.frame.now();
        for _ in 0..count {
            let id = self.frame.chance.uuid().to_string();
            let letter = Letter {
                file_original_name: format!("{id}-other.pdf"),
                id,
                status: "sent".into(),
                pages: 1,
                delivery_product: "cheap".into(),
                print_mode: "simplex".into(),
                print_spectrum: "grayscale".into(),
                created_at: now,
                pdf: Vec::new(),
            };
            self.held().letters.push(letter);
        }
    }

    /// Posts webhooks to an address from now on, signed by a key; none: nobody.
    pub fn set_webhook(&self, url: Option<&str>, secret: &str) {
        self.webhooks.aim(url, secret);
    }

    /// The headers that sign a body by a key now.
    pub fn headers(&self, secret: &str, body: &[u8]) -> Vec<(&'static str, String)> {
        self.webhooks.headers(secret, body, self.frame.now())
    }

    /// All webhooks so far, oldest first.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.webhooks.all()
    }

    /// Posts a webhook again, the same bytes.
    ///
    /// # Errors
    /// When there is no such webhook.
    pub fn send_again(&self, id: &str) -> Result<(), Refused> {
        self.webhooks.again(id, self.frame.now())
    }

    /// Ends all access tokens; new ones can be had.
    pub fn expire_tokens(&self) {
        self.held().tokens.clear();
    }

    pub(super) fn held(&self) -> MutexGuard<'_, Held> {
        lock(&self.held)
    }
}

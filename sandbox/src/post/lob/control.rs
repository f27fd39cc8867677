//! What tests and the control page tell the stand-in Lob: what happens to letters, and where webhooks go.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard},
};

use super::letter::Letter;
use crate::{
    frame::Frame,
    input::Refused,
    post::webhook::{Delivery, Webhooks, digits, lock},
};

/// What Lob holds.
#[derive(Default)]
pub(super) struct Held {
    /// Letters, oldest first.
    pub(super) letters: Vec<Letter>,
    /// Idempotency keys: a digest of the body and the letter.
    pub(super) keys: HashMap<String, (Vec<u8>, String)>,
    /// First address lines that are known not to be deliverable.
    pub(super) undeliverable: HashSet<String>,
}

/// What tests tell the stand-in Lob directly.
pub struct LobControl {
    pub(super) frame: Arc<Frame>,
    held: Mutex<Held>,
    pub(super) webhooks: Webhooks,
}

impl LobControl {
    pub(crate) fn new(frame: &Arc<Frame>) -> Self {
        let webhooks = Webhooks::new(|secret, now, body| {
            let time = now.timestamp_millis().to_string();
            let signature = digits(secret, &[time.as_bytes(), b".", body]);
            vec![("Lob-Signature", signature), ("Lob-Signature-Timestamp", time)]
        });
        Self { frame: frame.clone(), held: Mutex::default(), webhooks }
    }

    /// All letters as they are now, oldest first.
    pub fn letters(&self) -> Vec<Letter> {
        self.held().letters.clone()
    }

    /// Says that no mail arrives at addresses with this first line.
    pub fn refuse_address(&self, line1: &str) {
        self.held().undeliverable.insert(line1.to_owned());
    }

    /// Something happens to a letter, for instance `mailed`, `delivered`, `returned_to_sender`; it is told.
    ///
    /// # Errors
    /// When there is no such letter.
    pub fn happen(&self, id: &str, word: &str) -> Result<(), Refused> {
        let (event, now) = (format!("evt_{}", self.frame.chance.uuid().simple()), self.frame.now());
        let letter = {
            let mut held = self.held();
            let letter = held.letters.iter_mut().find(|letter| letter.id == id);
            let letter = letter.ok_or_else(|| Refused::Unknown { what: "letter", id: id.to_owned() })?;
            letter.events.push(word.to_owned());
            letter.clone()
        };
        let body = letter.told(&event, word, now).to_string();
        self.webhooks.tell(event, format!("letter.{word}"), body, now);
        Ok(())
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

    /// Posts a webhook again, the same bytes, signed for now.
    ///
    /// # Errors
    /// When there is no such webhook.
    pub fn send_again(&self, id: &str) -> Result<(), Refused> {
        self.webhooks.again(id, self.frame.now())
    }

    pub(super) fn held(&self) -> MutexGuard<'_, Held> {
        lock(&self.held)
    }
}

//! What tests and the control page tell the stand-in Amili: what the agency's handlers do with batches and cases, and
//! where webhooks go. Every change that a webhook tells is posted from here.

use std::sync::{
    Arc, Mutex, MutexGuard,
    atomic::{AtomicI64, Ordering},
};

use chrono::{DateTime, SubsecRound as _, Utc};
use uuid::Uuid;

use super::{
    access::{ORGANIZATION, TOKEN_SECONDS, Tokens},
    case::{Case, Status},
    intake::Rejection,
    office::{Content, Event, Office},
    samples,
    webhook::headers,
};
use crate::{
    frame::Frame,
    input::Refused,
    webhooks::{Delivery, Webhooks, lock},
};

/// What tests tell the stand-in Amili directly.
pub struct AmiliControl {
    pub(super) frame: Arc<Frame>,
    office: Mutex<Office>,
    tokens: Mutex<Tokens>,
    token_seconds: AtomicI64,
    webhooks: Webhooks,
}

impl AmiliControl {
    pub(crate) fn new(frame: &Arc<Frame>) -> Self {
        let mut office = Office::new();
        if frame.options.samples {
            samples::samples(&mut office, &|| frame.chance.uuid(), frame.now().trunc_subsecs(0));
        }
        let posting = frame.clone();
        Self {
            frame: frame.clone(),
            office: Mutex::new(office),
            tokens: Mutex::default(),
            token_seconds: AtomicI64::new(TOKEN_SECONDS),
            webhooks: Webhooks::new(move |secret, _, told| headers(secret, told, posting.chance.uuid())),
        }
    }

    /// How many looks at a batch that comes in from now on find it queued; 1 at first.
    pub fn set_polls(&self, polls: u32) {
        self.office().polls = polls;
    }

    /// Works on all batches that wait, however often they were looked at.
    pub fn work_on_batches(&self) {
        let now = self.now();
        let events = self.office().work_on_all(&|| self.frame.chance.uuid(), now);
        self.tell(&events);
    }

    /// Rejects the invoice with this id of the creditor when it is sent in.
    pub fn reject(&self, source_id: &str, code: &str, message: &str) {
        self.office().reject(source_id, Rejection::new(code, message));
    }

    /// All cases as they are now, oldest first.
    pub fn cases(&self) -> Vec<Case> {
        self.office().cases().to_vec()
    }

    /// The case of an invoice by the creditor's id of it.
    pub fn case_of(&self, source_id: &str) -> Option<Case> {
        self.office().cases().iter().find(|case| case.source_id == source_id).cloned()
    }

    /// Moves a case to a place in the process, for instance `DEBT_COLLECTION_LIST_MANUAL`.
    ///
    /// # Errors
    /// When there is no such case.
    pub fn set_sub_status(&self, case: Uuid, sub_status: &str) -> Result<(), Refused> {
        self.change(case, &["status"], |case| sub_status.clone_into(&mut case.sub_status))
    }

    /// Closes a case for a reason, for instance `UNCOLLECTABLE`.
    ///
    /// # Errors
    /// When there is no such case.
    pub fn close(&self, case: Uuid, reason: &str) -> Result<(), Refused> {
        let now = self.now();
        self.change(case, &["status"], |case| {
            (case.status, case.closed_at) = (Status::Closed, Some(now));
            reason.clone_into(&mut case.sub_status);
        })
    }

    /// Money in øre that the debtor paid to the agency; the case closes when nothing is left.
    ///
    /// # Errors
    /// When there is no such case.
    pub fn collect(&self, case: Uuid, amount_minor: i64) -> Result<(), Refused> {
        let event = self.office().collect(case, amount_minor, self.now());
        self.tell(&[event.ok_or_else(|| unknown(case))?]);
        Ok(())
    }

    /// Changes a case in any way and tells which fields were changed.
    ///
    /// # Errors
    /// When there is no such case.
    pub fn change(&self, case: Uuid, fields: &[&'static str], change: impl FnOnce(&mut Case)) -> Result<(), Refused> {
        let event = self.office().change(case, fields, |case| {
            change(case);
            true
        });
        self.tell(&[event.ok_or_else(|| unknown(case))?]);
        Ok(())
    }

    /// Posts webhooks to an address from now on, signed by a key; none: nobody.
    pub fn set_webhook(&self, url: Option<&str>, secret: &str) {
        self.webhooks.aim(url, secret);
    }

    pub(super) fn webhook_url(&self) -> Option<String> {
        self.webhooks.url()
    }

    /// All webhooks so far, oldest first.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.webhooks.all()
    }

    /// Posts a webhook again, with the same key.
    ///
    /// # Errors
    /// When there is no such webhook.
    pub fn send_again(&self, idempotency_key: &str) -> Result<(), Refused> {
        self.webhooks.again(idempotency_key, self.now())
    }

    /// Ends all access tokens; new ones can be had.
    pub fn expire_tokens(&self) {
        self.tokens().clear();
    }

    /// Seconds that tokens live which are issued from now on.
    pub fn set_token_seconds(&self, seconds: i64) {
        self.token_seconds.store(seconds, Ordering::SeqCst);
    }

    pub(super) fn token_seconds(&self) -> i64 {
        self.token_seconds.load(Ordering::SeqCst)
    }

    /// Takes a batch in and tells it as the API writes it.
    pub(super) fn take(&self, content: Content) -> serde_json::Value {
        let id = self.frame.chance.uuid();
        self.office().take(id, content, self.now()).view(ORGANIZATION)
    }

    /// Looks at a batch, by which it may be worked on.
    pub(super) fn look(&self, batch: Uuid) -> Option<serde_json::Value> {
        let now = self.now();
        let mut office = self.office();
        let events = office.look(batch, &|| self.frame.chance.uuid(), now);
        let view = office.batch(batch).map(|batch| batch.view(ORGANIZATION));
        drop(office);
        self.tell(&events);
        view
    }

    /// Puts events on the list of webhooks and posts them when somebody wants them.
    pub(super) fn tell(&self, events: &[Event]) {
        let now = self.now();
        for event in events {
            let id = self.frame.chance.uuid();
            let (word, body) = event.told(ORGANIZATION, id, now);
            self.webhooks.tell(id.to_string(), word.to_owned(), body.to_string(), now);
        }
    }

    pub(super) fn office(&self) -> MutexGuard<'_, Office> {
        lock(&self.office)
    }

    pub(super) fn tokens(&self) -> MutexGuard<'_, Tokens> {
        lock(&self.tokens)
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.frame.now().trunc_subsecs(0)
    }
}

fn unknown(case: Uuid) -> Refused {
    Refused::Unknown { what: "case", id: case.to_string() }
}

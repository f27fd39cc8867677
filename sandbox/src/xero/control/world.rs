//! All that a stand-in Xero holds.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::xero::{books::Books, identity::Grants, webhook::Event};

/// The answer to a write that bore an idempotency key.
#[derive(Clone)]
pub struct Remembered {
    /// What was asked: path and body.
    pub asked: Vec<u8>,
    /// What was answered.
    pub answer: Vec<u8>,
    /// When.
    pub at: DateTime<Utc>,
}

/// The organisations, the sign-in, and what was remembered.
pub struct World {
    /// The books of each organisation.
    pub books: Vec<Books>,
    /// Tokens and connections.
    pub grants: Grants,
    /// Answers by organisation and idempotency key.
    pub remembered: HashMap<(Uuid, String), Remembered>,
    /// Changes that no webhook was sent for yet.
    pub events: Vec<Event>,
    /// The number of the last event sent.
    pub sequence: u32,
}

impl World {
    /// The books of an organisation.
    pub fn books_of(&self, tenant: Uuid) -> Option<&Books> {
        self.books.iter().find(|books| books.organisation.id == tenant)
    }

    /// The books of an organisation, to change them.
    pub fn books_of_mut(&mut self, tenant: Uuid) -> Option<&mut Books> {
        self.books.iter_mut().find(|books| books.organisation.id == tenant)
    }
}

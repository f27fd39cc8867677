//! Where a pull stands: small enough for a row, good in any process.
//!
//! A page of the product is cut where its calls are used up, so it may end inside a page of Xentral's list. The list
//! moves: rows that are paid leave it. So the place inside is the last row's own key, not a count.

use chrono::{DateTime, SecondsFormat, Utc};
use domain::port::SourceError;
use serde::{Deserialize, Serialize};

/// Which list is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stage {
    /// Invoices.
    Invoices,
    /// Customers.
    Customers,
    /// Through.
    Done,
}

/// What a row is sorted by: when it was changed, in pulls of changes, and its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Place {
    pub at: Option<DateTime<Utc>>,
    pub id: u64,
}

/// Where a pull stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    pub stage: Stage,
    /// Xentral's cursor of the page that is being read; none for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// The last row of it that was taken over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Place>,
    /// How many of the wanted ids are done.
    #[serde(default)]
    pub wanted_done: usize,
    /// Whether this instance lets its customers be listed (Beta there, and a right of its own).
    pub customers: bool,
    /// Where the next pull of changes begins.
    pub mark: DateTime<Utc>,
    /// Rows looked at.
    pub rows: u64,
}

impl Position {
    /// The start of a pull.
    pub(super) fn start(mark: DateTime<Utc>) -> Self {
        Self { stage: Stage::Invoices, cursor: None, after: None, wanted_done: 0, customers: true, mark, rows: 0 }
    }

    /// Reads a stored position.
    ///
    /// # Errors
    ///
    /// [`SourceError::Broken`].
    pub(super) fn read(text: &str) -> Result<Self, SourceError> {
        serde_json::from_str(text).map_err(|_| SourceError::Broken("the stored position of this pull cannot be read".into()))
    }

    /// As it is stored.
    pub(super) fn written(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Goes to another list.
    pub(super) fn go_to(&mut self, stage: Stage) {
        (self.stage, self.cursor, self.after, self.wanted_done) = (stage, None, None, 0);
    }
}

/// An instant as filters and marks write it.
pub(super) fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

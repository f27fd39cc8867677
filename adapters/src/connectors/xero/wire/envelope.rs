//! The envelope around every answer: when it was made, where the page stands in its list, and the records.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::port::Problem;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use super::{Listed, Pagination};
use crate::{
    connectors::wire::{Instant, each},
    http::{Answer, HttpError},
};

/// A page of a list.
#[derive(Debug, Clone)]
pub(in crate::connectors::xero) struct Listing<T> {
    /// The records that can be read.
    pub good: Vec<T>,
    /// One for each that cannot.
    pub problems: Vec<Problem>,
    /// Where it stands; none for lists without pages.
    pub pagination: Option<Pagination>,
    /// When Xero made it, by Xero's clock.
    pub made_at: Option<DateTime<Utc>>,
    /// The latest change among its records.
    pub updated: Option<DateTime<Utc>>,
}

impl<T: DeserializeOwned + Listed> Listing<T> {
    /// Reads an answer's body.
    ///
    /// # Errors
    ///
    /// [`HttpError::Broken`] when nothing of it can be told.
    pub(in crate::connectors::xero) fn read(answer: &Answer, field: &str, id_field: &str) -> Result<Self, HttpError> {
        // Checks the content type and that the document is whole.
        answer.json::<serde::de::IgnoredAny>()?;
        let lacking = || HttpError::Broken(format!("the answer has no list {field}"));
        let envelope: BTreeMap<String, &RawValue> = serde_json::from_slice(&answer.body).map_err(|_| lacking())?;
        let items: Vec<&RawValue> = envelope.get(field).and_then(|list| serde_json::from_str(list.get()).ok()).ok_or_else(lacking)?;
        let records = each::<T>(items, &[id_field]);
        let updated = records.good.iter().filter_map(Listed::updated).max();
        Ok(Self {
            good: records.good,
            problems: records.problems,
            pagination: beside(&envelope, "pagination"),
            made_at: beside::<Instant>(&envelope, "DateTimeUTC").map(|instant| instant.0),
            updated,
        })
    }
}

impl<T> Listing<T> {
    /// Records on the page, good and bad.
    pub(in crate::connectors::xero) fn len(&self) -> usize {
        self.good.len() + self.problems.len()
    }

    /// Whether there are pages after it, on a list of pages of so many records.
    pub(in crate::connectors::xero) fn has_more(&self, page_size: usize) -> bool {
        self.pagination.map_or(self.len() >= page_size, |at| at.page < at.page_count)
    }
}

fn beside<'de, T: Deserialize<'de>>(envelope: &BTreeMap<String, &'de RawValue>, field: &str) -> Option<T> {
    serde_json::from_str(envelope.get(field)?.get()).ok()
}

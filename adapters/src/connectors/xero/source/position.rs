//! Where a pull stands: what is asked next, and what the run began with. Written into the run's row as JSON, so that
//! another process goes on at the same page.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use domain::{
    RefusalCode,
    port::{Scope, SourceError},
};
use serde::{Deserialize, Serialize};

use crate::connectors::xero::wire::Listing;

/// Grows when the meaning of what is written changes.
const VERSION: u32 = 1;

/// How far a pull of changes reaches back behind the last one's beginning: Xero's clock, its replicas and its whole
/// seconds must not hide a change.
const OVERLAP: TimeDelta = TimeDelta::minutes(2);

/// A place in a list that is read in the order of its records' last changes.
///
/// The list moves while it is read: a record that changes goes to its end, and every record behind it moves up, over the
/// boundary of the page that comes next. So the next page is not the next number but begins again with what changed
/// since the last record read, one second earlier because Xero's filter knows whole seconds. Records of that second come
/// twice. Numbers only go on while a page did not get beyond one second: after a bulk import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Place {
    /// Only what changed after it.
    pub since: Option<DateTime<Utc>>,
    /// From 1.
    pub page: u32,
}

impl Place {
    /// The beginning of a list.
    pub(super) const fn beginning(since: Option<DateTime<Utc>>) -> Self {
        Self { since, page: 1 }
    }

    /// The place behind a page; none when it was the last.
    pub(super) fn behind<T>(self, page: &Listing<T>, page_size: usize) -> Option<Self> {
        page.has_more(page_size).then(|| self.behind_change(page.updated).unwrap_or(Self { since: self.since, page: self.page + 1 }))
    }

    /// The place behind a record that changed at an instant; none when that is no progress.
    pub(super) fn behind_change(self, at: Option<DateTime<Utc>>) -> Option<Self> {
        let since = at?.duration_trunc(TimeDelta::seconds(1)).ok()? - TimeDelta::seconds(1);
        self.since.is_none_or(|before| since > before).then_some(Self { since: Some(since), page: 1 })
    }
}

/// What is asked next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Phase {
    /// The organisation.
    Account,
    /// Changed contacts.
    Contacts(Place),
    /// Open or changed invoices.
    Invoices(Place),
    /// Changed payments.
    Payments(Place),
    /// Wanted invoices from this one on.
    WantedInvoices(usize),
    /// Wanted contacts from this one on.
    WantedDebtors(usize),
    /// Nothing.
    End,
}

/// A pull under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    version: u32,
    pub phase: Phase,
    /// Records told so far.
    pub rows: u64,
    /// When the first answer was made, by Xero's clock: everything that changes later is the next pull's.
    pub began: Option<DateTime<Utc>>,
    /// Where the pull of changes begins; none for others.
    pub changes_since: Option<DateTime<Utc>>,
}

impl Position {
    /// The position before the first page.
    ///
    /// # Errors
    ///
    /// [`SourceError::Refused`] for a mark that is none of ours.
    pub(super) fn first(scope: &Scope) -> Result<Self, SourceError> {
        let (phase, changes_since) = match scope {
            Scope::Everything => (Phase::Account, None),
            Scope::Changes(mark) => {
                let mark: DateTime<Utc> =
                    mark.parse().map_err(|_| refused("the mark of the last pull is none of Xero's: pull everything again"))?;
                let since = Some(mark - OVERLAP);
                (Phase::Contacts(Place::beginning(since)), since)
            }
            Scope::Only(_) => (Phase::WantedInvoices(0), None),
        };
        Ok(Self { version: VERSION, phase, rows: 0, began: None, changes_since })
    }

    /// Reads it back.
    ///
    /// # Errors
    ///
    /// [`SourceError::Refused`] for another version's.
    pub(super) fn parse(text: &str) -> Result<Self, SourceError> {
        let position: Option<Self> = serde_json::from_str(text).ok();
        let position = position.filter(|position| position.version == VERSION);
        position.ok_or_else(|| refused("the place to go on at was written by another version: pull again"))
    }

    /// As written into the run's row.
    pub(super) fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

fn refused(message: &str) -> SourceError {
    SourceError::Refused { code: RefusalCode::Invalid.as_str().into(), message: message.into() }
}

//! How far a run reaches, and what it left aside.

use async_graphql::{Enum, SimpleObject};
use domain::port::Scope;
use serde::Deserialize;

/// How far a pull reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum SyncScope {
    /// Everything that is open, and what changed it.
    Everything,
    /// What changed since the last pull.
    Changes,
    /// Certain records only: ticked ones, or those that the provider told of.
    Only,
}

impl From<Scope> for SyncScope {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Everything => Self::Everything,
            Scope::Changes(_) => Self::Changes,
            Scope::Only(_) => Self::Only,
        }
    }
}

/// Open invoices of the integration that were not proposed when the run ended, each counted for its first reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
pub struct SyncSkipped {
    /// Asked for by name, their source did not tell of them.
    #[serde(default)]
    pub missing: i64,
    /// The debtor is exempt, or in an excluded group.
    pub exempt: i64,
    /// Disputed, or blocked from dunning in the books.
    pub disputed: i64,
    /// Issued before `activateFrom`.
    pub before_activation: i64,
    /// Less than `minimumAmount` is outstanding.
    pub too_small: i64,
    /// Near enough to the due date for the reminder that the debtor's policy begins with, but nobody is reminded: with
    /// `caseGrouping: PER_DEBTOR` there are no reminders ahead, because a debtor's invoices fall due on different days.
    /// Counted among the 10,000 that are due soonest; the rest is in `tooEarly`.
    #[serde(default)]
    pub not_reminded_ahead: i64,
    /// Not overdue for long enough.
    pub too_early: i64,
}

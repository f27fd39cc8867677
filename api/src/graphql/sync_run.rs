//! Runs: one pull from an accounting system or one file import, with live counters.

mod reach;

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::port::Scope;
use entity::{sync_issue, sync_run};

pub use reach::{SyncScope, SyncSkipped};

use super::{
    connection::list_cost,
    error::query_error,
    id,
    integration::Integration,
    kind::{SyncStatus, SyncTrigger},
    loader::{self, IssuesOf, Member, Row},
    upload::Upload,
    viewer::User,
};

/// One pull from an accounting system or one file import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncRun(pub sync_run::Model);

impl From<sync_run::Model> for SyncRun {
    fn from(row: sync_run::Model) -> Self {
        Self(row)
    }
}

/// How far a run is.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct Progress {
    /// What is being done: `queued`, `reading`, `waiting` for a source that asks to wait or does not answer, `proposing`
    /// or `done`.
    pub phase: String,
    /// Records looked at.
    pub done: i64,
    /// Bytes of the file looked at, for imports.
    pub bytes_done: i64,
    /// Bytes of the file; null while unknown.
    pub bytes_total: Option<i64>,
    /// Whole percent of the file; null while unknown.
    pub percent: Option<i32>,
}

/// What a run brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, SimpleObject)]
pub struct SyncCounters {
    /// Invoice records.
    pub invoices_seen: i64,
    /// Of them, unknown before.
    pub invoices_new: i64,
    /// Of them, changed.
    pub invoices_updated: i64,
    /// Of them, as before.
    pub invoices_unchanged: i64,
    /// Payments and credit notes unknown before.
    pub payments_new: i64,
    /// Payments changed or reversed.
    pub payments_updated: i64,
    /// Debtors unknown before.
    pub debtors_new: i64,
    /// Debtors changed.
    pub debtors_updated: i64,
    /// Records with a problem, listed or not.
    pub rows_failed: i64,
    /// Cases proposed when the run ended.
    pub cases_proposed: i64,
    /// Cases that the run's payments closed.
    pub cases_closed: i64,
}

/// Why a run failed.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct SyncError {
    /// Stable reason.
    pub code: String,
    /// The same for people.
    pub message: String,
}

/// One record that a run could not take over, with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncIssue(pub sync_issue::Model);

/// One record that a run could not take over, with the reason.
#[Object]
impl SyncIssue {
    /// Its id, `iss_…`.
    pub async fn id(&self) -> ID {
        id::encode(self.0.id)
    }

    /// Row of the file; the header is row 1.
    async fn row(&self) -> Option<i64> {
        self.0.row_number
    }

    /// Column of the file.
    async fn column(&self) -> Option<&str> {
        self.0.column_name.as_deref()
    }

    /// The record's id in the accounting system.
    async fn external_id(&self) -> Option<&str> {
        self.0.external_id.as_deref()
    }

    /// Stable reason, mostly a `UserErrorCode`.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// The same for people.
    async fn message(&self) -> &str {
        &self.0.message
    }
}

impl SyncRun {
    fn phase(&self) -> &'static str {
        use entity::SyncStatus::{Cancelled, Failed, PartiallySucceeded, Queued, Running, Succeeded};
        match self.0.status {
            Queued => "queued",
            Running if self.0.resume_at.is_some() => "waiting",
            Running if self.0.bytes_total.is_some_and(|total| self.0.bytes_done >= total) => "proposing",
            Running => "reading",
            Succeeded | PartiallySucceeded | Failed | Cancelled => "done",
        }
    }
}

/// One pull from an accounting system or one file import.
#[Object]
impl SyncRun {
    /// Its id, `run_…`.
    pub async fn id(&self) -> ID {
        id::encode(self.0.id)
    }

    /// Which integration.
    async fn integration(&self, ctx: &Context<'_>) -> async_graphql::Result<Integration> {
        let row = loader::one(ctx, Row(self.0.tenant_id, self.0.integration_id)).await?;
        row.map(Integration).ok_or_else(|| "a run without an integration".into())
    }

    /// Which file, for imports.
    async fn upload(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Upload>> {
        match self.0.upload_id {
            Some(upload) => Ok(loader::one(ctx, Row(self.0.tenant_id, upload)).await?.map(Upload)),
            None => Ok(None),
        }
    }

    /// What started it.
    async fn trigger(&self) -> SyncTrigger {
        self.0.trigger.into()
    }

    /// How far it reaches; null for files.
    async fn scope(&self) -> async_graphql::Result<Option<SyncScope>> {
        let scope: Option<Scope> =
            self.0.scope.clone().map(serde_json::from_value).transpose().map_err(|error| query_error(error.into()))?;
        Ok(scope.map(SyncScope::from))
    }

    /// Where it stands.
    async fn status(&self) -> SyncStatus {
        self.0.status.into()
    }

    /// How far it is.
    async fn progress(&self) -> Progress {
        let total = self.0.bytes_total.filter(|total| *total > 0);
        let percent = total.map(|total| i32::try_from(self.0.bytes_done.clamp(0, total).saturating_mul(100) / total).unwrap_or(100));
        Progress {
            phase: self.phase().into(),
            done: self.0.rows_done,
            bytes_done: self.0.bytes_done,
            bytes_total: self.0.bytes_total,
            percent,
        }
    }

    /// What it brought.
    async fn counters(&self) -> SyncCounters {
        let run = &self.0;
        SyncCounters {
            invoices_seen: run.invoices_seen,
            invoices_new: run.invoices_new,
            invoices_updated: run.invoices_updated,
            invoices_unchanged: run.invoices_unchanged,
            payments_new: run.payments_new,
            payments_updated: run.payments_updated,
            debtors_new: run.debtors_new,
            debtors_updated: run.debtors_updated,
            rows_failed: run.rows_failed,
            cases_proposed: run.cases_proposed,
            cases_closed: run.cases_closed,
        }
    }

    /// Open invoices of the integration that were not proposed when it ended, by reason; null before.
    async fn skipped(&self) -> async_graphql::Result<Option<SyncSkipped>> {
        self.0.skipped.clone().map(serde_json::from_value).transpose().map_err(|error| query_error(error.into()))
    }

    /// Records that could not be taken over, the first hundred by row; `counters.rowsFailed` counts all.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn issues(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<SyncIssue>> {
        let rows = loader::one(ctx, IssuesOf(self.0.tenant_id, self.0.id)).await?.unwrap_or_default();
        Ok(rows.into_iter().map(SyncIssue).collect())
    }

    /// Why it failed; null unless it did.
    async fn error(&self) -> Option<SyncError> {
        let code = self.0.error_code.clone()?;
        Some(SyncError { code, message: self.0.error_message.clone().unwrap_or_default() })
    }

    /// Who asked for it; null for the clock and the provider.
    async fn created_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<User>> {
        match self.0.created_by {
            Some(user) => Ok(loader::one(ctx, Member(self.0.tenant_id, user)).await?.map(|(user, role)| User { user, role })),
            None => Ok(None),
        }
    }

    /// When it was asked for.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When a worker first took it up.
    async fn started_at(&self) -> Option<DateTime<Utc>> {
        self.0.started_at
    }

    /// It waits for its source and goes on at this instant at the earliest, by the machine's clock.
    async fn resume_at(&self) -> Option<DateTime<Utc>> {
        self.0.resume_at
    }

    /// When it ended.
    async fn finished_at(&self) -> Option<DateTime<Utc>> {
        self.0.finished_at
    }
}

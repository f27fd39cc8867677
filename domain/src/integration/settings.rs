//! Changing an integration: which invoices are eligible, whether proposals are approved at once, pause and resume.

use chrono::NaiveDate;
use entity::{IntegrationId, IntegrationStatus, OverdueBasis, integration};

use crate::{
    actor::{Action, Viewer},
    change::Change,
    env::Env,
    error::{Refusal, RefusalCode, Result},
    event::{Happened, kind},
    money::MAX_AMOUNT_MINOR,
    sync,
};

/// What may be changed; what is none stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IntegrationChanges {
    /// Shown to people.
    pub name: Option<String>,
    /// 1 to 3,650.
    pub minimum_days_overdue: Option<i32>,
    /// Which date the days count from.
    pub overdue_basis: Option<OverdueBasis>,
    /// Only invoices issued on or after this day; `Some(None)` lifts the limit.
    pub activate_from: Option<Option<NaiveDate>>,
    /// Only invoices with at least this much outstanding.
    pub minimum_amount_minor: Option<i64>,
    /// Approve proposals at once.
    pub auto_approve: Option<bool>,
    /// Let letters wait when the last sync is older; `Some(None)` lifts the limit.
    pub freshness_hours: Option<Option<i32>>,
    /// Refuse when the integration is at another version.
    pub expected_version: Option<i64>,
}

/// Changes settings; eligible invoices are looked for at once.
///
/// # Errors
///
/// A refusal naming the setting.
pub async fn update(env: &Env, viewer: &Viewer, id: IntegrationId, changes: &IntegrationChanges) -> Result<integration::Model> {
    viewer.require(Action::Configure)?;
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let mut row = super::lock(&change, id).await?;
    if changes.expected_version.is_some_and(|expected| expected != row.version) {
        let message = format!("the integration changed meanwhile: it is at version {}", row.version);
        return Err(Refusal::new(RefusalCode::StaleVersion, message).at("expectedVersion").into());
    }
    apply(&mut row, changes)?;
    row.version += 1;
    row.next_proposal_at = Some(change.now);
    super::save(&change, &mut row).await?;
    change.record(Happened::new(kind::INTEGRATION_CHANGED).integration(id).with("version", row.version));
    change.commit().await?;
    Ok(row)
}

fn apply(row: &mut integration::Model, changes: &IntegrationChanges) -> Result<()> {
    let out_of_range = |field: &str, message: &str| Refusal::new(RefusalCode::OutOfRange, message).at(field);
    if let Some(name) = &changes.name {
        row.name = super::check_name(name)?;
    }
    if let Some(days) = changes.minimum_days_overdue {
        if !(1..=3_650).contains(&days) {
            return Err(out_of_range("minimumDaysOverdue", "1 to 3650 days; due today is not overdue").into());
        }
        row.minimum_days_overdue = days;
    }
    if let Some(basis) = changes.overdue_basis {
        row.overdue_basis = basis;
    }
    if let Some(from) = changes.activate_from {
        row.activate_from = from;
    }
    if let Some(amount) = changes.minimum_amount_minor {
        if !(0..=MAX_AMOUNT_MINOR).contains(&amount) {
            return Err(out_of_range("minimumAmount", "zero or more").into());
        }
        row.minimum_amount_minor = amount;
    }
    if let Some(auto_approve) = changes.auto_approve {
        row.auto_approve = auto_approve;
    }
    if let Some(hours) = changes.freshness_hours {
        if hours.is_some_and(|hours| !(1..=8_760).contains(&hours)) {
            return Err(out_of_range("freshnessHours", "1 to 8760 hours").into());
        }
        row.freshness_hours = hours;
    }
    Ok(())
}

/// Pauses or resumes an integration: while paused, nothing is pulled and nothing proposed. Open cases go on.
///
/// # Errors
///
/// A refusal: unknown integration, one that is neither active nor paused.
pub async fn set_paused(env: &Env, viewer: &Viewer, id: IntegrationId, paused: bool) -> Result<integration::Model> {
    viewer.require(Action::Configure)?;
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let mut row = super::lock(&change, id).await?;
    row.status = match (row.status, paused) {
        (IntegrationStatus::Active, true) => IntegrationStatus::Paused,
        (IntegrationStatus::Paused, false) => IntegrationStatus::Active,
        (
            IntegrationStatus::Active
            | IntegrationStatus::Paused
            | IntegrationStatus::PendingAuthorization
            | IntegrationStatus::NeedsReauthorization
            | IntegrationStatus::Disconnected,
            _,
        ) => {
            return Err(Refusal::new(RefusalCode::IllegalTransition, "the integration is not in a state for this").at("id").into());
        }
    };
    row.version += 1;
    if paused {
        sync::cancel_runs(&change, id).await?;
    } else {
        row.next_proposal_at = Some(change.now);
    }
    super::save(&change, &mut row).await?;
    change.record(Happened::new(kind::INTEGRATION_CHANGED).integration(id).with("paused", paused));
    change.commit().await?;
    Ok(row)
}

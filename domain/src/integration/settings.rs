//! Changing an integration: which invoices are eligible, whether proposals are approved at once, pause and resume.

use chrono::{NaiveDate, TimeDelta};
use entity::{IntegrationId, IntegrationStatus, OverdueBasis, Scoped, credential, integration};
use sea_orm::{ColumnTrait, QueryFilter};
use serde::{Deserialize, Deserializer, Serialize};

use crate::{
    actor::{Action, Viewer},
    change::Change,
    env::Env,
    error::{Refusal, RefusalCode, Result},
    event::{Happened, kind},
    letter::text,
    money::MAX_AMOUNT_MINOR,
    port::System,
    sync,
};

/// Most groups of debtors that are not collected from.
pub const MAX_GROUPS: usize = 100;

/// Longest name of a group, in characters.
pub const MAX_GROUP_CHARS: usize = 100;

/// What may be changed; what is none stays. Serialised, it waits on an authorization for the integration to be made.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct IntegrationChanges {
    /// Shown to people.
    pub name: Option<String>,
    /// From the system's floor to 3,650.
    pub minimum_days_overdue: Option<i32>,
    /// Which date the days count from.
    pub overdue_basis: Option<OverdueBasis>,
    /// Only invoices issued on or after this day; `Some(None)` lifts the limit.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub activate_from: Option<Option<NaiveDate>>,
    /// Only invoices with at least this much outstanding.
    pub minimum_amount_minor: Option<i64>,
    /// Approve proposals at once.
    pub auto_approve: Option<bool>,
    /// Let letters wait when the last sync is older; `Some(None)` lifts the limit.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub freshness_hours: Option<Option<i32>>,
    /// Minutes between two pulls, 5 to 1,440; only for systems that are asked.
    pub poll_minutes: Option<i32>,
    /// Write notes on hand-over and closing into the books; only for systems that take them.
    pub write_back: Option<bool>,
    /// Groups of debtors that are not collected from: at most 100 names.
    pub excluded_groups: Option<Vec<String>>,
    /// Refuse when the integration is at another version.
    pub expected_version: Option<i64>,
}

/// A null that is there says that a limit is lifted; one that is not there says nothing.
#[expect(clippy::option_option, reason = "the fields that it reads tell three things apart")]
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
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
    apply(super::system(env, row.provider)?, &mut row, changes)?;
    if let Some(minutes) = changes.poll_minutes {
        let soon = change.now + TimeDelta::minutes(minutes.into());
        row.next_sync_at = row.next_sync_at.map(|at| at.min(soon));
    }
    row.version += 1;
    row.next_proposal_at = row.next_proposal_at.map(|_| change.now);
    super::save(&change, &mut row).await?;
    if changes.excluded_groups.is_some() {
        super::groups::recount(&change, &row).await?;
    }
    change.record(Happened::new(kind::INTEGRATION_CHANGED).integration(id).with("version", row.version));
    change.commit().await?;
    Ok(row)
}

/// Applies settings to a row, as far as its system allows them.
pub(super) fn apply(system: &System, row: &mut integration::Model, changes: &IntegrationChanges) -> Result<(), Refusal> {
    let out_of_range = |field: &str, message: String| Refusal::new(RefusalCode::OutOfRange, message).at(field);
    if let Some(name) = &changes.name {
        row.name = super::check_name(name)?;
    }
    if let Some(days) = changes.minimum_days_overdue {
        let floor = system.profile.minimum_days_floor.max(1);
        if !(floor..=3_650).contains(&days) {
            return Err(out_of_range("minimumDaysOverdue", format!("{floor} to 3650 days; due today is not overdue")));
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
            return Err(out_of_range("minimumAmount", "zero or more".into()));
        }
        row.minimum_amount_minor = amount;
    }
    if let Some(auto_approve) = changes.auto_approve {
        row.auto_approve = auto_approve;
    }
    if let Some(hours) = changes.freshness_hours {
        if hours.is_some_and(|hours| !(1..=8_760).contains(&hours)) {
            return Err(out_of_range("freshnessHours", "1 to 8760 hours".into()));
        }
        row.freshness_hours = hours;
    }
    apply_provider(system, row, changes)
}

/// The settings that depend on what the system can do.
fn apply_provider(system: &System, row: &mut integration::Model, changes: &IntegrationChanges) -> Result<(), Refusal> {
    if let Some(minutes) = changes.poll_minutes {
        if system.profile.poll_minutes.is_none() {
            return Err(Refusal::new(RefusalCode::Invalid, "this integration is not pulled from").at("pollEveryMinutes"));
        }
        if !(5..=1_440).contains(&minutes) {
            return Err(Refusal::new(RefusalCode::OutOfRange, "5 to 1440 minutes").at("pollEveryMinutes"));
        }
        row.poll_minutes = Some(minutes);
    }
    if let Some(write_back) = changes.write_back {
        if write_back && system.notes.is_none() {
            let message = format!("{} takes no notes", system.profile.name);
            return Err(Refusal::new(RefusalCode::Invalid, message).at("writeBackNotes"));
        }
        row.write_back = write_back;
    }
    if let Some(groups) = &changes.excluded_groups {
        let groups = check_groups(groups)?;
        row.excluded_groups = (!groups.is_empty()).then(|| groups.into());
    }
    Ok(())
}

/// Cleaned names, each once, in their order.
fn check_groups(groups: &[String]) -> Result<Vec<String>, Refusal> {
    let refuse = |code, message: String| Refusal::new(code, message).at("debtorGroupsExcluded");
    if groups.len() > MAX_GROUPS {
        return Err(refuse(RefusalCode::LimitExceeded, format!("at most {MAX_GROUPS} groups")));
    }
    let mut cleaned: Vec<String> = Vec::with_capacity(groups.len());
    for group in groups {
        let group = text::clean_line(group).map_err(|e| refuse(RefusalCode::Invalid, e.to_string()))?;
        if group.chars().count() > MAX_GROUP_CHARS {
            return Err(refuse(RefusalCode::TooLong, format!("a group's name has at most {MAX_GROUP_CHARS} characters")));
        }
        if !cleaned.contains(&group) {
            cleaned.push(group);
        }
    }
    Ok(cleaned)
}

/// Pauses or resumes an integration: while paused, nothing is pulled and nothing proposed. Open cases go on.
///
/// # Errors
///
/// A refusal: unknown integration, one that is neither active nor paused.
pub async fn set_paused(env: &Env, viewer: &Viewer, id: IntegrationId, paused: bool) -> Result<integration::Model> {
    viewer.require(Action::Configure)?;
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let mut row = super::lock_with_runs(&change, id).await?;
    row.status = match (row.status, paused) {
        (IntegrationStatus::Active, true) => IntegrationStatus::Paused,
        (IntegrationStatus::Paused, false) if refused(&change, &row).await? => IntegrationStatus::NeedsReauthorization,
        (IntegrationStatus::Paused, false) => IntegrationStatus::Active,
        // It stands still already, and goes on when a person connects it again.
        (IntegrationStatus::NeedsReauthorization, true | false) => return Ok(row),
        (IntegrationStatus::Active | IntegrationStatus::Paused | IntegrationStatus::Disconnected, _) => {
            return Err(Refusal::new(RefusalCode::IllegalTransition, "the integration is not in a state for this").at("id").into());
        }
    };
    row.version += 1;
    if paused {
        sync::cancel_runs(&mut change, id).await?;
    } else {
        row.next_proposal_at = Some(change.now);
        // Nothing is due of one that a person must connect again first.
        row.next_sync_at = row.poll_minutes.map(|_| change.now);
    }
    super::save(&change, &mut row).await?;
    change.record(Happened::new(kind::INTEGRATION_CHANGED).integration(id).with("paused", paused));
    change.commit().await?;
    Ok(row)
}

/// Whether the provider refused an integration's keys for good, while it was paused.
async fn refused(change: &Change<'_>, row: &integration::Model) -> Result<bool> {
    let Some(id) = row.credential_id else { return Ok(false) };
    let found = credential::Entity::of(change.tenant).filter(credential::Column::Id.eq(id)).one(&change.tx).await?;
    Ok(found.is_some_and(|keys| keys.refused_at.is_some()))
}

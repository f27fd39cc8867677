//! Due instants: when the next step of a case is due, and which cases are due now.

use chrono::{DateTime, Days, TimeDelta, Utc};
use chrono_tz::Tz;
use entity::{CaseId, CaseStatus, LetterStatus, PolicyId, Scoped, TenantId, collection_case, invoice, letter, payment, tenant};
use sea_orm::{ColumnTrait, Condition, DatabaseConnection, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{
    calendar::{self, ContactHours},
    change::Change,
    error::Result,
    policy::{self, Ladder},
    port::Work,
};

/// First due instants of many cases of one tenant, reading its settings and ladders once.
pub(crate) struct FirstDue {
    zone: Tz,
    hours: ContactHours,
    ladders: std::collections::HashMap<(PolicyId, i32), Ladder>,
}

impl FirstDue {
    /// Reads the tenant's settings.
    pub(crate) async fn new(change: &Change<'_>) -> Result<Self> {
        let tenant = crate::tenant::find(&change.tx, change.tenant).await?;
        Ok(Self {
            zone: calendar::zone(&tenant.time_zone)?,
            hours: serde_json::from_value(tenant.contact_windows)?,
            ladders: std::collections::HashMap::new(),
        })
    }

    /// When the first step of a case approved now is due.
    pub(crate) async fn of(&mut self, change: &Change<'_>, case: &collection_case::Model) -> Result<DateTime<Utc>> {
        let key = (case.policy_id, case.policy_revision);
        #[expect(clippy::map_entry, reason = "an entry cannot be held while the ladder is read")]
        if !self.ladders.contains_key(&key) {
            let ladder = policy::ladder_of(&change.tx, change.tenant, key.0, key.1).await?;
            self.ladders.insert(key, ladder);
        }
        let ladder = self.ladders.get(&key);
        Ok(ladder.map_or(change.now, |ladder| step_due(ladder, 0, &self.hours, self.zone, change.now)))
    }
}

/// When the next step of an approved case is due: its wait counts from when the previous step ran.
///
/// # Errors
///
/// When the database refuses.
pub(crate) async fn next_due(change: &Change<'_>, case: &collection_case::Model) -> Result<DateTime<Utc>> {
    let tenant = crate::tenant::find(&change.tx, change.tenant).await?;
    let zone = calendar::zone(&tenant.time_zone)?;
    let hours: ContactHours = serde_json::from_value(tenant.contact_windows)?;
    let ladder = policy::ladder_of(&change.tx, change.tenant, case.policy_id, case.policy_revision).await?;
    let since = case.last_step_at.or(case.approved_at).unwrap_or(change.now);
    let delay = TimeDelta::days(tenant.part_payment_delay_days.into());
    let due = step_due(&ladder, usize::try_from(case.next_step).unwrap_or(0), &hours, zone, since);
    let due = part_payments(change, case, since).await?.into_iter().fold(due, |due, paid_at| due.max(paid_at) + delay);
    Ok(if due >= change.now { due } else { hours.next_open(zone, change.now).unwrap_or(change.now) })
}

/// When the part payments since the last step became known: each moved the next step, and a hold must not undo that.
async fn part_payments(change: &Change<'_>, case: &collection_case::Model, since: DateTime<Utc>) -> Result<Vec<DateTime<Utc>>> {
    let invoices = invoice::Entity::of(change.tenant).filter(invoice::Column::CaseId.eq(case.id));
    let invoices = invoices.select_only().column(invoice::Column::Id);
    Ok(payment::Entity::of(change.tenant)
        .select_only()
        .column(payment::Column::CreatedAt)
        .filter(payment::Column::InvoiceId.in_subquery(sea_orm::QueryTrait::into_query(invoices)))
        .filter(payment::Column::Reconciled.eq(true))
        .filter(payment::Column::ReversedAt.is_null())
        .filter(payment::Column::CreatedAt.gt(since))
        .order_by_asc(payment::Column::CreatedAt)
        .into_tuple()
        .all(&change.tx)
        .await?)
}

/// When a step is due whose predecessor ran at an instant: at the tenant's opening on the day that lies its wait later,
/// behind the last step that of the hand-over.
pub(super) fn step_due(ladder: &Ladder, step: usize, hours: &ContactHours, zone: Tz, since: DateTime<Utc>) -> DateTime<Utc> {
    let wait = ladder.steps.get(step).map_or(ladder.handover_after_days.unwrap_or(0), |step| step.wait_days);
    let from = calendar::local_date(zone, since);
    let day = from.checked_add_days(Days::new(wait.into())).unwrap_or(from);
    let first = hours.opening_from(zone, day).unwrap_or_else(|| calendar::day_start(zone, day));
    if first >= since { first } else { hours.next_open(zone, since).unwrap_or(since) }
}

/// Enqueues a look at the case when it is due already.
pub(crate) fn call_if_due(change: &mut Change<'_>, case: &collection_case::Model) {
    if case.next_action_at.is_some_and(|at| at <= change.now) {
        change.enqueue(Work::Escalate { tenant: change.tenant, case: case.id });
    }
}

/// Cases that are due, oldest promise first, and cases with a letter whose consent is over: for the dispatcher. Tenants
/// whose master switch is off have none, but for holds and consents that end.
///
/// # Errors
///
/// When the database refuses.
pub async fn due_cases(db: &DatabaseConnection, now: DateTime<Utc>, limit: u64) -> Result<Vec<(TenantId, CaseId)>> {
    let mut due = promised(db, now, limit).await?;
    for case in expired_consents(db, now, limit).await? {
        if !due.contains(&case) {
            due.push(case);
        }
    }
    Ok(due)
}

#[expect(clippy::disallowed_methods, reason = "the dispatcher serves all tenants and only learns ids")]
async fn promised(db: &DatabaseConnection, now: DateTime<Utc>, limit: u64) -> Result<Vec<(TenantId, CaseId)>> {
    let on = tenant::Entity::find().select_only().column(tenant::Column::Id).filter(tenant::Column::AutomaticActions.eq(true));
    let active = Condition::all()
        .add(collection_case::Column::Status.eq(CaseStatus::Active))
        .add(collection_case::Column::TenantId.in_subquery(sea_orm::QueryTrait::into_query(on)));
    Ok(collection_case::Entity::find()
        .select_only()
        .column(collection_case::Column::TenantId)
        .column(collection_case::Column::Id)
        .filter(collection_case::Column::NextActionAt.lte(now))
        .filter(Condition::any().add(active).add(collection_case::Column::Status.eq(CaseStatus::OnHold)))
        .order_by_asc(collection_case::Column::NextActionAt)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?)
}

#[expect(clippy::disallowed_methods, reason = "the dispatcher serves all tenants and only learns ids")]
async fn expired_consents(db: &DatabaseConnection, now: DateTime<Utc>, limit: u64) -> Result<Vec<(TenantId, CaseId)>> {
    Ok(letter::Entity::find()
        .select_only()
        .column(letter::Column::TenantId)
        .column(letter::Column::CaseId)
        .filter(letter::Column::ConsentExpiresAt.lte(now))
        .filter(letter::Column::Status.is_in([LetterStatus::AwaitingConsent, LetterStatus::Scheduled]))
        .order_by_asc(letter::Column::ConsentExpiresAt)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?)
}

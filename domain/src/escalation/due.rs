//! Due instants: when the next step of a case is due, and which cases are due now.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use entity::{
    CaseId, CaseStatus, DebtorId, IntegrationId, InvoiceStatus, LetterStatus, PolicyId, Scoped, TenantId, collection_case, debtor,
    integration, invoice, letter, payment, tenant,
};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DatabaseConnection, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::facts::{Around, around};
use crate::{
    calendar::{self, ContactHours, Openings, Place},
    case::overdue_on,
    change::Change,
    error::{Error, Result},
    policy::{self, Ladder},
    port::Work,
};

/// Ids in one statement, far below the databases' limits of bound values.
const CHUNK: usize = 2_000;

/// The days of a case's open invoices that a ladder which begins before the due date keeps to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DueDays {
    /// The day on which the first of them falls due.
    pub(super) first_due_on: NaiveDate,
    /// The first day on which all of them are overdue for as long as the integration wants.
    pub(super) overdue_on: NaiveDate,
}

impl DueDays {
    /// From due and issue dates of open invoices; none without any.
    pub(crate) fn of(dates: impl IntoIterator<Item = (NaiveDate, NaiveDate)>, integration: &integration::Model) -> Option<Self> {
        dates
            .into_iter()
            .map(|(due_on, issued_on)| Self { first_due_on: due_on, overdue_on: overdue_on(integration, due_on, issued_on) })
            .reduce(|a, b| Self { first_due_on: a.first_due_on.min(b.first_due_on), overdue_on: a.overdue_on.max(b.overdue_on) })
    }
}

/// An open invoice of a case: when it fell due, when it was issued.
pub(crate) type Dated = (CaseId, NaiveDate, NaiveDate);

/// First due instants of many cases of one tenant, in a few statements whatever their number.
pub(crate) struct FirstDue {
    zone: Tz,
    tenant: tenant::Model,
    hours: ContactHours,
    ladders: HashMap<(PolicyId, i32), Arc<Ladder>>,
    places: HashMap<DebtorId, Place>,
    days: HashMap<CaseId, DueDays>,
}

impl FirstDue {
    /// Reads what is needed for these cases. `invoices` has the open invoices of cases that do not have them in their
    /// rows yet.
    pub(crate) async fn new(change: &Change<'_>, cases: &[collection_case::Model], invoices: Option<Vec<Dated>>) -> Result<Self> {
        let tenant = crate::tenant::find(&change.tx, change.tenant).await?;
        let mut dues = Self {
            zone: calendar::zone(&tenant.time_zone)?,
            hours: serde_json::from_value(tenant.contact_windows.clone())?,
            tenant,
            ladders: HashMap::new(),
            places: HashMap::new(),
            days: HashMap::new(),
        };
        for case in cases {
            let key = (case.policy_id, case.policy_revision);
            if let std::collections::hash_map::Entry::Vacant(entry) = dues.ladders.entry(key) {
                entry.insert(Arc::new(policy::ladder_of(&change.tx, change.tenant, key.0, key.1).await?));
            }
        }
        dues.read_places(change, cases).await?;
        dues.read_days(change, cases, invoices).await?;
        Ok(dues)
    }

    async fn read_places(&mut self, change: &Change<'_>, cases: &[collection_case::Model]) -> Result<()> {
        let ids: Vec<DebtorId> = cases.iter().map(|case| case.debtor_id).collect::<HashSet<_>>().into_iter().collect();
        for chunk in ids.chunks(CHUNK) {
            let rows = debtor::Entity::of(change.tenant).filter(debtor::Column::Id.is_in(chunk.iter().copied())).all(&change.tx).await?;
            self.places.extend(rows.iter().map(|row| (row.id, Place::of_debtor(row, &self.tenant.country, self.zone))));
        }
        Ok(())
    }

    /// The days of the cases whose ladder begins before the due date.
    async fn read_days(&mut self, change: &Change<'_>, cases: &[collection_case::Model], invoices: Option<Vec<Dated>>) -> Result<()> {
        let ahead = |case: &&collection_case::Model| {
            self.ladders.get(&(case.policy_id, case.policy_revision)).is_some_and(|ladder| ladder.before_due().is_some())
        };
        let ahead: HashMap<CaseId, IntegrationId> = cases.iter().filter(ahead).map(|case| (case.id, case.integration_id)).collect();
        if ahead.is_empty() {
            return Ok(());
        }
        let integrations = integration::Entity::of(change.tenant).all(&change.tx).await?;
        let ids: Vec<CaseId> = ahead.keys().copied().collect();
        let dated = match invoices {
            Some(dated) => dated,
            None => open_dates(&change.tx, change.tenant, &ids).await?,
        };
        let mut by_case: HashMap<CaseId, Vec<(NaiveDate, NaiveDate)>> = HashMap::new();
        for (case, due_on, issued_on) in dated {
            by_case.entry(case).or_default().push((due_on, issued_on));
        }
        for (case, dates) in by_case {
            let integration = ahead.get(&case).and_then(|id| integrations.iter().find(|row| row.id == *id));
            self.days.extend(integration.and_then(|row| DueDays::of(dates, row)).map(|days| (case, days)));
        }
        Ok(())
    }

    /// When the first step of a case approved now is due: a proposal may have been moved behind the first of its ladder.
    pub(crate) fn of(&self, change: &Change<'_>, case: &collection_case::Model) -> Result<DateTime<Utc>> {
        let gone = |what: &str| Error::Bug(format!("case {} without its {what}", case.id));
        let ladder = self.ladders.get(&(case.policy_id, case.policy_revision)).ok_or_else(|| gone("ladder"))?;
        let place = self.places.get(&case.debtor_id).ok_or_else(|| gone("debtor"))?;
        let openings = Openings::new(self.hours.clone(), place.clone(), self.tenant.skip_holidays);
        let times = Times { ladder, openings: &openings, zone: self.zone, days: self.days.get(&case.id).copied() };
        Ok(times.step_due(usize::try_from(case.next_step).unwrap_or(0), change.now))
    }
}

/// Due and issue dates of the open invoices of cases.
async fn open_dates(db: &impl ConnectionTrait, tenant: TenantId, cases: &[CaseId]) -> Result<Vec<Dated>> {
    let mut found = Vec::new();
    for chunk in cases.chunks(CHUNK) {
        let rows: Vec<Dated> = invoice::Entity::of(tenant)
            .select_only()
            .columns([invoice::Column::CaseId, invoice::Column::DueOn, invoice::Column::IssuedOn])
            .filter(invoice::Column::CaseId.is_in(chunk.iter().copied()))
            .filter(invoice::Column::Status.eq(InvoiceStatus::Open))
            .into_tuple()
            .all(db)
            .await?;
        found.extend(rows);
    }
    Ok(found)
}

/// When the next step of an approved case is due: its wait counts from when the previous step ran.
///
/// # Errors
///
/// When the database refuses.
pub(crate) async fn next_due(change: &Change<'_>, case: &collection_case::Model) -> Result<DateTime<Utc>> {
    next_due_around(change, case, &around(&change.tx, case).await?).await
}

/// The same, by rows that were read already.
///
/// # Errors
///
/// See [`next_due`].
pub(crate) async fn next_due_around(change: &Change<'_>, case: &collection_case::Model, around: &Around) -> Result<DateTime<Utc>> {
    let Around { tenant, debtor, integration, revision, .. } = around;
    let zone = calendar::zone(&tenant.time_zone)?;
    let hours = serde_json::from_value(tenant.contact_windows.clone())?;
    let openings = Openings::new(hours, Place::of_debtor(debtor, &tenant.country, zone), tenant.skip_holidays);
    let ladder = policy::ladder_in(revision.clone())?;
    let days = if ladder.before_due().is_some() {
        let dated = open_dates(&change.tx, change.tenant, &[case.id]).await?;
        DueDays::of(dated.into_iter().map(|(_, due_on, issued_on)| (due_on, issued_on)), integration)
    } else {
        None
    };
    let since = case.last_step_at.or(case.approved_at).unwrap_or(change.now);
    let delay = TimeDelta::days(tenant.part_payment_delay_days.into());
    let times = Times { ladder: &ladder, openings: &openings, zone, days };
    let due = times.step_due(usize::try_from(case.next_step).unwrap_or(0), since);
    let due = part_payments(change, case, since).await?.into_iter().fold(due, |due, paid_at| due.max(paid_at) + delay);
    Ok(if due >= change.now { due } else { openings.next_open(change.now).unwrap_or(change.now) })
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

/// What the due instants of one case are reckoned by.
pub(super) struct Times<'a> {
    pub(super) ladder: &'a Ladder,
    /// The debtor's.
    pub(super) openings: &'a Openings,
    /// The tenant's: its days count.
    pub(super) zone: Tz,
    /// Known where the ladder begins before the due date.
    pub(super) days: Option<DueDays>,
}

impl Times<'_> {
    /// When a step is due whose predecessor ran at an instant: when contact opens on the day that lies its wait later,
    /// behind the last step that of the hand-over. The day is the tenant's and the debtor's, whichever begins later.
    pub(super) fn step_due(&self, step: usize, since: DateTime<Utc>) -> DateTime<Utc> {
        let day = self.day(step, calendar::local_date(self.zone, since));
        let start = calendar::day_start(self.zone, day);
        let first = self.openings.opening_from(day).map_or(start, |opening| opening.max(start));
        let first = self.openings.next_open(first).unwrap_or(first);
        if first >= since { first } else { self.openings.next_open(since).unwrap_or(since) }
    }

    /// A step ahead of the due date keeps its distance to it; behind one, nothing comes before the claim is overdue.
    fn day(&self, step: usize, from: NaiveDate) -> NaiveDate {
        let wait = self.ladder.steps.get(step).map_or(self.ladder.handover_after_days.unwrap_or(0), |step| step.wait_days);
        let waited = from.checked_add_days(Days::new(wait.into())).unwrap_or(from);
        match (self.ladder.before_due(), self.days) {
            (Some(before), Some(days)) if step == 0 => ahead_of(days.first_due_on, before).max(from),
            (Some(_), Some(days)) => waited.max(days.overdue_on),
            _ => waited,
        }
    }
}

/// The day that lies so many days before a due date.
pub(super) fn ahead_of(due_on: NaiveDate, before: u32) -> NaiveDate {
    due_on.checked_sub_days(Days::new(before.into())).unwrap_or(due_on)
}

/// Enqueues a look at the case when it is due already.
pub(crate) fn call_if_due(change: &mut Change<'_>, case: &collection_case::Model) {
    if case.next_action_at.is_some_and(|at| at <= change.now) {
        change.enqueue(Work::Escalate { tenant: change.tenant, case: case.id });
    }
}

/// Cases that are due, oldest promise first, and cases with a letter whose consent is over, or that
/// spoke for several cases of which one changed: for the dispatcher. Tenants
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
        .filter(letter::Column::Status.is_in([
            LetterStatus::AwaitingConsent,
            LetterStatus::Scheduled,
            LetterStatus::Sending,
            LetterStatus::Failed,
        ]))
        .order_by_asc(letter::Column::ConsentExpiresAt)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?)
}

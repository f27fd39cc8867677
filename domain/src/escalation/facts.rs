//! Reading what the decision and the last gate before sending look at.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::{
    CaseId, Channel, IntegrationStatus, InvoiceStatus, LetterId, LetterKind, LetterStatus, Scoped, TenantId, WorkTaskStatus,
    collection_case, debtor, integration, invoice, letter, payment, tenant, work_task,
};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    Facts, Freshness,
    contacts::{self, Contact},
    due::{DueDays, Times, place_of},
    exempt_on,
    rules::Rules,
};
use crate::{
    calendar::{self, Openings},
    change::Change,
    claim, delivery,
    error::{Error, Result},
    law::Limit,
    policy::{self, Ladder},
};

/// Everything about a case that is read under its lock.
pub(crate) struct Gathered {
    pub(crate) tenant: Arc<tenant::Model>,
    pub(crate) debtor: debtor::Model,
    pub(crate) invoices: Vec<invoice::Model>,
    pub(crate) payments: Vec<payment::Model>,
    pub(crate) ladder: Arc<Ladder>,
    pub(crate) openings: Openings,
    pub(crate) tenant_zone: chrono_tz::Tz,
    pub(crate) zone: chrono_tz::Tz,
    pub(crate) reachable: Vec<Channel>,
    pub(crate) rules: Rules,
    pub(crate) charges: claim::Known,
    pub(super) contacts: Vec<Contact>,
    pub(super) freshness: Freshness,
    pub(super) letters: Letters,
    pub(super) missing: Vec<&'static str>,
    days: Option<DueDays>,
    task_open: bool,
    bank_known: bool,
}

/// What the decision needs to know about a case's letters.
#[derive(Debug, Clone, Default)]
pub(crate) struct Letters {
    /// One waits for consent, for its instant, or for its channel's answer.
    pub(super) under_way: bool,
    /// When the newest collection notice left.
    pub(super) notice_sent_at: Option<DateTime<Utc>>,
    /// Those whose consent, asked for or given, is over, or that spoke for several cases of which one changed.
    pub(super) expired: Vec<LetterId>,
}

/// The rows that belong to one case, for those who read many cases at once.
pub(super) struct Rows {
    pub(super) debtor: debtor::Model,
    pub(super) integration: Arc<integration::Model>,
    pub(super) invoices: Vec<invoice::Model>,
    pub(super) payments: Vec<payment::Model>,
    pub(super) letters: Letters,
    pub(super) task_open: bool,
    pub(super) reachable: Vec<Channel>,
}

/// Reads everything about a case inside a change.
///
/// # Errors
///
/// When the database refuses, or a row that must be there is not.
pub(crate) async fn gather(change: &Change<'_>, case: &collection_case::Model) -> Result<Gathered> {
    gather_on(&change.tx, case, change.now).await
}

/// The same for a letter that is about to leave: whoever else is about to contact the debtor waits until the change is
/// over.
///
/// # Errors
///
/// See [`gather`].
pub(crate) async fn gather_to_leave(change: &Change<'_>, case: &collection_case::Model) -> Result<Gathered> {
    let mut gathered = gather_rows(&change.tx, case, change.now).await?;
    if !gathered.rules.caps.is_unlimited() {
        contacts::lock(change, &gathered.debtor).await?;
    }
    gathered.read_contacts(&change.tx, change.now).await?;
    Ok(gathered)
}

/// The same by any connection, without a lock: for those who only ask.
///
/// # Errors
///
/// See [`gather`].
pub(crate) async fn gather_on(db: &impl ConnectionTrait, case: &collection_case::Model, now: DateTime<Utc>) -> Result<Gathered> {
    let mut gathered = gather_rows(db, case, now).await?;
    gathered.read_contacts(db, now).await?;
    gathered.look_for_missing(case, now)?;
    Ok(gathered)
}

async fn gather_rows(db: &impl ConnectionTrait, case: &collection_case::Model, now: DateTime<Utc>) -> Result<Gathered> {
    let id = case.tenant_id;
    let gone = |what: &str| Error::Bug(format!("case {} without its {what}", case.id));
    let tenant = Arc::new(crate::tenant::find(db, id).await?);
    let debtor = debtor::Entity::of(id).filter(debtor::Column::Id.eq(case.debtor_id)).one(db).await?.ok_or_else(|| gone("debtor"))?;
    let integration = integration::Entity::of(id).filter(integration::Column::Id.eq(case.integration_id)).one(db).await?;
    let invoices = invoice::Entity::of(id).filter(invoice::Column::CaseId.eq(case.id));
    let invoices = invoices.order_by_asc(invoice::Column::DueOn).order_by_asc(invoice::Column::Id).all(db).await?;
    let payments = payment::Entity::of(id)
        .filter(payment::Column::InvoiceId.is_in(invoices.iter().map(|i| i.id)))
        .filter(payment::Column::ReversedAt.is_null())
        .order_by_asc(payment::Column::ReceivedOn)
        .order_by_asc(payment::Column::Id)
        .all(db)
        .await?;
    let tasks = work_task::Entity::of(id).filter(work_task::Column::CaseId.eq(case.id));
    let home = delivery::Home::of(&tenant)?;
    let unusable = delivery::unusable(db, id, &debtor, &home).await?;
    let rows = Rows {
        reachable: delivery::reachable(&debtor, &home, &unusable),
        debtor,
        integration: Arc::new(integration.ok_or_else(|| gone("integration"))?),
        invoices,
        payments,
        letters: read_letters(db, id, &[case.id], now).await?.pop().map(|(_, letters)| letters).unwrap_or_default(),
        task_open: tasks.filter(work_task::Column::Status.eq(WorkTaskStatus::Open)).count(db).await? > 0,
    };
    let ladder = Arc::new(policy::ladder_of(db, id, case.policy_id, case.policy_revision).await?);
    let charges = claim::Known::read(db, &tenant, case.id).await?;
    Ok(Gathered { charges, ..Gathered::of(tenant, ladder, rows, now)? })
}

/// What the decision needs to know about the letters of cases; cases without such letters are left out.
///
/// # Errors
///
/// When the database refuses.
pub(super) async fn read_letters(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    cases: &[CaseId],
    now: DateTime<Utc>,
) -> Result<Vec<(CaseId, Letters)>> {
    type Row = (CaseId, LetterId, LetterStatus, LetterKind, Option<DateTime<Utc>>, Option<DateTime<Utc>>);
    let open = [LetterStatus::AwaitingConsent, LetterStatus::Scheduled, LetterStatus::Sending];
    let notice =
        Condition::all().add(letter::Column::Kind.eq(LetterKind::CollectionNotice)).add(letter::Column::Status.eq(LetterStatus::Sent));
    let let_go = Condition::all().add(letter::Column::Status.eq(LetterStatus::Failed)).add(letter::Column::ConsentExpiresAt.is_not_null());
    let rows: Vec<Row> = letter::Entity::of(tenant)
        .select_only()
        .columns([letter::Column::CaseId, letter::Column::Id, letter::Column::Status, letter::Column::Kind])
        .columns([letter::Column::SentAt, letter::Column::ConsentExpiresAt])
        .filter(letter::Column::CaseId.is_in(cases.iter().copied()))
        .filter(Condition::any().add(letter::Column::Status.is_in(open)).add(notice).add(let_go))
        .order_by_asc(letter::Column::CaseId)
        .order_by_asc(letter::Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    let mut found: Vec<(CaseId, Letters)> = Vec::new();
    for (case, id, status, kind, sent_at, expires_at) in rows {
        if found.last().is_none_or(|(last, _)| *last != case) {
            found.push((case, Letters::default()));
        }
        let Some((_, letters)) = found.last_mut() else { continue };
        letters.under_way |= !matches!(status, LetterStatus::Sent | LetterStatus::Failed);
        if status != LetterStatus::Sent && expires_at.is_some_and(|at| at <= now) {
            letters.expired.push(id);
        }
        if kind == LetterKind::CollectionNotice {
            letters.notice_sent_at = letters.notice_sent_at.max(sent_at);
        }
    }
    Ok(found)
}

impl Gathered {
    /// From the rows of one case; its contacts are added by who reads them.
    pub(super) fn of(tenant: Arc<tenant::Model>, ladder: Arc<Ladder>, rows: Rows, now: DateTime<Utc>) -> Result<Self> {
        let Rows { debtor, integration, invoices, payments, letters, task_open, reachable } = rows;
        let tenant_zone = calendar::zone(&tenant.time_zone)?;
        let today = calendar::local_date(tenant_zone, now);
        let place = place_of(&debtor, &tenant, tenant_zone);
        let open = invoices.iter().filter(|invoice| invoice.status == InvoiceStatus::Open);
        let days = DueDays::of(open.map(|invoice| (invoice.due_on, invoice.issued_on)), &integration);
        Ok(Self {
            zone: place.zone,
            tenant_zone,
            ladder,
            openings: Openings::new(serde_json::from_value(tenant.contact_windows.clone())?, place, tenant.skip_holidays),
            reachable,
            rules: Rules::of(&tenant, &debtor, today),
            charges: claim::Known::default(),
            contacts: Vec::new(),
            freshness: Freshness {
                last_synced_at: integration.last_synced_at,
                limit: integration.freshness_hours.map(|hours| TimeDelta::hours(hours.into())),
                unseen: integration.poll_minutes.is_some()
                    && invoices.iter().any(|invoice| invoice.status == InvoiceStatus::Open && invoice.checked_at.is_none()),
                askable: integration.poll_minutes.is_some() && integration.status == IntegrationStatus::Active,
            },
            letters,
            missing: Vec::new(),
            days,
            task_open,
            bank_known: crate::tenant::bank_known(&tenant),
            tenant,
            debtor,
            invoices,
            payments,
        })
    }

    /// What due instants are reckoned by.
    pub(super) fn times(&self) -> Times<'_> {
        Times { ladder: &self.ladder, openings: &self.openings, zone: self.tenant_zone, days: self.days }
    }

    /// The day on which the first of the open invoices falls due.
    pub(crate) fn first_due_on(&self) -> Option<NaiveDate> {
        self.days.map(|days| days.first_due_on)
    }

    /// Letters whose consent, asked for or given, is over, and which have not left.
    pub(crate) fn expired_letters(&self) -> Vec<LetterId> {
        self.letters.expired.clone()
    }

    /// Reads the contacts with the debtor, when any limit counts them.
    async fn read_contacts(&mut self, db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<()> {
        if !self.rules.caps.is_unlimited() {
            self.contacts = contacts::read(db, self.tenant.id, &self.debtor, self.rules.caps, now).await?;
        }
        Ok(())
    }

    /// What the claim is computed from.
    pub(crate) fn claim<'a>(&'a self, case: &'a collection_case::Model) -> claim::Facts<'a> {
        let Self { tenant, debtor, invoices, payments, charges, .. } = self;
        claim::Facts { tenant, debtor, case, invoices, payments, known: charges }
    }

    /// Notes what the country's law wants in the next letter and nobody knows.
    pub(super) fn look_for_missing(&mut self, case: &collection_case::Model, now: DateTime<Utc>) -> Result<()> {
        let index = usize::try_from(case.next_step).unwrap_or(0);
        let Some(step) = self.ladder.steps.get(index).filter(|step| step.speaks() && self.bank_known) else { return Ok(()) };
        let lacking = crate::letter::lacking(case, self, index, step, now)?;
        self.missing = lacking.into_iter().map(|missing| missing.field).collect();
        Ok(())
    }

    /// The facts of the decision.
    pub(crate) fn facts<'a>(&'a self, case: &'a collection_case::Model, now: DateTime<Utc>) -> Facts<'a> {
        let today = calendar::local_date(self.tenant_zone, now);
        let open = || self.invoices.iter().filter(|i| i.status == InvoiceStatus::Open);
        Facts {
            automatic_actions: self.tenant.automatic_actions,
            status: case.status,
            next_step: usize::try_from(case.next_step).unwrap_or(0),
            next_action_at: case.next_action_at,
            currency: &case.currency,
            // What is owed beside the invoices as last reckoned: a day of interest more decides nothing.
            outstanding_minor: case.outstanding_minor.saturating_add(case.charges_minor),
            letter_under_way: self.letters.under_way,
            task_open: self.task_open,
            exempt: exempt_on(&self.debtor, today),
            disputed: open().any(|i| i.disputed),
            not_due: open().any(|i| i.due_on >= today),
            ahead: case.next_step == 0 && self.ladder.before_due().is_some(),
            first_due_on: self.first_due_on(),
            payment_pending: self.payments.iter().any(|p| !p.reconciled),
            bank_known: self.bank_known,
            freshness: self.freshness,
            reachable: &self.reachable,
            missing: &self.missing,
            notice_sent_at: self.letters.notice_sent_at,
            limitation: self.limitation().map(|limit| limit.ends_on),
            contacts: &self.contacts,
            letter: None,
            ladder: &self.ladder,
            rules: &self.rules,
            openings: &self.openings,
            zone: self.zone,
            today,
        }
    }

    /// The limitation period of the open invoice that ends first, where the country's rules tell.
    pub(crate) fn limitation(&self) -> Option<Limit> {
        let open = self.invoices.iter().filter(|invoice| invoice.status == InvoiceStatus::Open);
        open.filter_map(|invoice| self.rules.limitation(invoice.due_on)).min_by_key(|limit| limit.ends_on)
    }
}

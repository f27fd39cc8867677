//! Reading what the decision and the last gate before sending look at.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::{
    CaseId, Channel, DeliveryStatus, InvoiceStatus, LetterId, LetterKind, LetterStatus, Provider, Scoped, TenantId, collection_case,
    debtor, integration, invoice, letter, payment, policy_revision, tenant,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DerivePartialModel, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::{
    Facts, Freshness,
    contacts::{self, Contact, Of},
    due::{DueDays, Times},
    exempt_on,
    rules::Rules,
};
use crate::{
    calendar::{self, Openings, Place},
    change::Change,
    claim,
    delivery::{self, Unusable},
    error::{Error, Result},
    law::Limit,
    online_page::Question,
    policy::{self, Ladder},
    port::Outside,
};

/// Everything about a case that is read under its lock.
#[expect(clippy::struct_excessive_bools, reason = "facts that have nothing to do with each other, no states of one thing")]
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
    pub(crate) unusable: Unusable,
    pub(crate) rules: Rules,
    pub(crate) charges: claim::Known,
    /// The accounting system, when it can be asked now.
    askable: Option<Provider>,
    pub(super) contacts: Vec<Contact>,
    pub(super) freshness: Freshness,
    pub(super) letters: Letters,
    pub(super) missing: Vec<&'static str>,
    days: Option<DueDays>,
    /// Another debtor was merged into this one: its contacts count too.
    merged: bool,
    task_open: bool,
    bank_known: bool,
    /// The accounting system can be asked for pages of invoices on the web. Noted by who issues letters, and who explains when.
    has_pages: bool,
}

/// What the decision needs to know about a case's letters.
#[derive(Debug, Clone, Default)]
pub(crate) struct Letters {
    /// One of a step waits for consent, for its instant, or for its channel's answer. Letters beside the ladder do not
    /// count: nothing goes on when they left.
    pub(super) under_way: bool,
    /// One left, or is leaving, that spoke of arrears: what the law wants in the first one is said.
    pub(super) spoke: bool,
    /// Step and course of those that no channel took.
    pub(super) failed: Vec<(i32, i32)>,
    /// When the newest collection notice left; by its last way, when the first ones reached nobody.
    pub(super) notice_sent_at: Option<DateTime<Utc>>,
    /// Those whose consent, asked for or given, is over, or that spoke for several cases of which one changed.
    pub(super) expired: Vec<LetterId>,
}

/// What is read of a letter.
#[derive(FromQueryResult)]
struct LetterRow {
    case_id: CaseId,
    id: LetterId,
    status: LetterStatus,
    kind: LetterKind,
    step: i32,
    course: i32,
    sent_at: Option<DateTime<Utc>>,
    consent_expires_at: Option<DateTime<Utc>>,
    lead_id: Option<LetterId>,
}

impl Letters {
    fn note(&mut self, row: &LetterRow, now: DateTime<Utc>) {
        let LetterRow { status, kind, .. } = *row;
        self.under_way |= kind.is_step() && !matches!(status, LetterStatus::Sent | LetterStatus::Failed);
        self.spoke |= kind.speaks_of_arrears() && matches!(status, LetterStatus::Sending | LetterStatus::Sent);
        if status == LetterStatus::Failed {
            self.failed.push((row.step, row.course));
        }
        if status != LetterStatus::Sent && row.consent_expires_at.is_some_and(|at| at <= now) {
            self.expired.push(row.id);
        }
        if kind == LetterKind::CollectionNotice {
            self.notice_sent_at = self.notice_sent_at.max(row.sent_at);
        }
    }
}

/// The rows that belong to one case, for those who read many cases at once.
pub(super) struct Rows {
    pub(super) debtor: debtor::Model,
    pub(super) integration: Arc<integration::Model>,
    pub(super) invoices: Vec<invoice::Model>,
    pub(super) payments: Vec<payment::Model>,
    pub(super) letters: Letters,
    pub(super) home: delivery::Home,
    pub(super) unusable: Unusable,
}

/// The rows that a case has one of each, in one statement.
#[derive(DerivePartialModel)]
#[sea_orm(entity = "debtor::Entity")]
pub(crate) struct Around {
    #[sea_orm(nested)]
    pub(crate) debtor: debtor::Model,
    #[sea_orm(nested)]
    pub(crate) tenant: tenant::Model,
    #[sea_orm(nested)]
    pub(crate) integration: integration::Model,
    #[sea_orm(nested)]
    pub(crate) revision: policy_revision::Model,
    /// Another debtor was merged into this one.
    #[sea_orm(from_expr = "contacts::was_merged_with()")]
    pub(crate) merged: bool,
}

/// Reads everything about a case inside a change.
///
/// # Errors
///
/// When the database refuses, or a row that must be there is not.
pub(crate) async fn gather(change: &Change<'_>, case: &collection_case::Model) -> Result<Gathered> {
    let mut gathered = gather_on(&change.tx, case, change.now).await?;
    gathered.note_pages(&change.env.outside);
    Ok(gathered)
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
    gathered.read_contacts(&change.tx, case.id, change.now).await?;
    Ok(gathered)
}

/// The same by any connection, without a lock: for those who only ask.
///
/// # Errors
///
/// See [`gather`].
pub(crate) async fn gather_on(db: &impl ConnectionTrait, case: &collection_case::Model, now: DateTime<Utc>) -> Result<Gathered> {
    let mut gathered = gather_rows(db, case, now).await?;
    gathered.read_contacts(db, case.id, now).await?;
    gathered.look_for_missing(case, now)?;
    Ok(gathered)
}

async fn gather_rows(db: &impl ConnectionTrait, case: &collection_case::Model, now: DateTime<Utc>) -> Result<Gathered> {
    let id = case.tenant_id;
    let Around { debtor, tenant, integration, revision, merged } = around(db, case).await?;
    let tenant = Arc::new(tenant);
    let invoices = invoice::Entity::of(id).filter(invoice::Column::CaseId.eq(case.id));
    let invoices = invoices.order_by_asc(invoice::Column::DueOn).order_by_asc(invoice::Column::Id).all(db).await?;
    let payments = payment::Entity::of(id)
        .filter(payment::Column::InvoiceId.is_in(invoices.iter().map(|i| i.id)))
        .filter(payment::Column::ReversedAt.is_null())
        .order_by_asc(payment::Column::ReceivedOn)
        .order_by_asc(payment::Column::Id)
        .all(db)
        .await?;
    let home = delivery::Home::of(&tenant)?;
    let rows = Rows {
        unusable: delivery::unusable(db, id, &debtor, &home).await?,
        home,
        debtor,
        integration: Arc::new(integration),
        invoices,
        payments,
        letters: read_letters(db, id, &[case.id], now).await?.pop().map(|(_, letters)| letters).unwrap_or_default(),
    };
    let ladder = Arc::new(policy::ladder_in(revision)?);
    let charges = claim::Known::read(db, &tenant, case.id).await?;
    Ok(Gathered { charges, merged, ..Gathered::of(tenant, ladder, rows, now)? })
}

/// Reads them.
///
/// # Errors
///
/// When the database refuses, or one is not there.
pub(crate) async fn around(db: &impl ConnectionTrait, case: &collection_case::Model) -> Result<Around> {
    use debtor::Column::TenantId as Of;
    let tenants = debtor::Entity::belongs_to(tenant::Entity).from(Of).to(tenant::Column::Id);
    let integrations = debtor::Entity::belongs_to(integration::Entity).from(Of).to(integration::Column::TenantId);
    let revisions = debtor::Entity::belongs_to(policy_revision::Entity).from(Of).to(policy_revision::Column::TenantId);
    let found = debtor::Entity::of(case.tenant_id)
        .filter(debtor::Column::Id.eq(case.debtor_id))
        .join(JoinType::InnerJoin, tenants.into())
        .join(JoinType::InnerJoin, integrations.into())
        .filter(integration::Column::Id.eq(case.integration_id))
        .join(JoinType::InnerJoin, revisions.into())
        .filter(policy_revision::Column::PolicyId.eq(case.policy_id))
        .filter(policy_revision::Column::Revision.eq(case.policy_revision))
        .into_partial_model()
        .one(db)
        .await?;
    found.ok_or_else(|| Error::Bug(format!("case {} without its debtor, integration or policy", case.id)))
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
    let open = [LetterStatus::AwaitingConsent, LetterStatus::Scheduled, LetterStatus::Sending, LetterStatus::Failed];
    let spoke =
        Condition::all().add(letter::Column::Status.eq(LetterStatus::Sent)).add(letter::Column::Kind.is_in(LetterKind::of_arrears()));
    let mut rows: Vec<LetterRow> = letter::Entity::of(tenant)
        .select_only()
        .columns([letter::Column::CaseId, letter::Column::Id, letter::Column::Status, letter::Column::Kind])
        .columns([letter::Column::Step, letter::Column::Course, letter::Column::SentAt, letter::Column::ConsentExpiresAt])
        .column(letter::Column::LeadId)
        .filter(letter::Column::CaseId.is_in(cases.iter().copied()))
        .filter(Condition::any().add(letter::Column::Status.is_in(open)).add(spoke))
        .order_by_asc(letter::Column::CaseId)
        .order_by_asc(letter::Column::Id)
        .into_model()
        .all(db)
        .await?;
    notices_by_last_way(db, tenant, &mut rows).await?;
    let mut found: Vec<(CaseId, Letters)> = Vec::new();
    for row in rows {
        if found.last().is_none_or(|(last, _)| *last != row.case_id) {
            found.push((row.case_id, Letters::default()));
        }
        if let Some((_, letters)) = found.last_mut() {
            letters.note(&row, now);
        }
    }
    Ok(found)
}

/// A notice that came back and then went by another way was sent when it went that way: the debtor has its days from
/// then on. Asks nothing where no notice left.
async fn notices_by_last_way(db: &impl ConnectionTrait, tenant: TenantId, rows: &mut [LetterRow]) -> Result<()> {
    let notice = |row: &&mut LetterRow| row.kind == LetterKind::CollectionNotice && row.sent_at.is_some();
    let bearers: Vec<LetterId> = rows.iter_mut().filter(notice).map(|row| row.lead_id.unwrap_or(row.id)).collect();
    if bearers.is_empty() {
        return Ok(());
    }
    let left: Vec<(LetterId, Option<DateTime<Utc>>)> = entity::delivery::Entity::of(tenant)
        .select_only()
        .columns([entity::delivery::Column::LetterId, entity::delivery::Column::SentAt])
        .filter(entity::delivery::Column::LetterId.is_in(bearers))
        .filter(entity::delivery::Column::Status.is_in([DeliveryStatus::Sent, DeliveryStatus::Delivered]))
        .into_tuple()
        .all(db)
        .await?;
    for row in rows.iter_mut().filter(notice) {
        let bearer = row.lead_id.unwrap_or(row.id);
        let last = left.iter().filter(|(letter, _)| *letter == bearer).filter_map(|(_, at)| *at).max();
        row.sent_at = row.sent_at.max(last);
    }
    Ok(())
}

impl Gathered {
    /// From the rows of one case; its contacts are added by who reads them.
    pub(super) fn of(tenant: Arc<tenant::Model>, ladder: Arc<Ladder>, rows: Rows, now: DateTime<Utc>) -> Result<Self> {
        let Rows { debtor, integration, invoices, payments, letters, home, unusable } = rows;
        let tenant_zone = calendar::zone(&tenant.time_zone)?;
        let today = calendar::local_date(tenant_zone, now);
        let place = Place::of_debtor(&debtor, &tenant.country, tenant_zone);
        let rules = Rules::of(&tenant, &place, today);
        let open = invoices.iter().filter(|invoice| invoice.status == InvoiceStatus::Open);
        let days = DueDays::of(open.map(|invoice| (invoice.due_on, invoice.issued_on)), &integration);
        Ok(Self {
            zone: place.zone,
            tenant_zone,
            ladder,
            openings: Openings::new(serde_json::from_value(tenant.contact_windows.clone())?, place, tenant.skip_holidays),
            reachable: delivery::reachable(&debtor, &home, &unusable),
            unusable,
            rules,
            charges: claim::Known::default(),
            contacts: Vec::new(),
            freshness: Freshness {
                last_synced_at: integration.last_synced_at,
                limit: integration.freshness_hours.map(|hours| TimeDelta::hours(hours.into())),
                unseen: integration.poll_minutes.is_some()
                    && invoices.iter().any(|invoice| invoice.status == InvoiceStatus::Open && invoice.checked_at.is_none()),
                askable: crate::integration::can_be_asked(&integration),
            },
            askable: crate::integration::can_be_asked(&integration).then_some(integration.provider),
            letters,
            missing: Vec::new(),
            days,
            merged: false,
            task_open: false,
            bank_known: crate::tenant::bank_known(&tenant),
            has_pages: false,
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

    /// Whether no letter of the case has left yet that spoke of arrears: the first may have to state more than the others.
    pub(crate) fn none_left(&self) -> bool {
        !self.letters.spoke
    }

    /// Whether the step that is to be run has a letter already that no channel took.
    pub(crate) fn failed_before(&self, case: &collection_case::Model) -> bool {
        self.letters.failed.contains(&(case.next_step, case.course))
    }

    /// Letters whose consent, asked for or given, is over, and which have not left.
    pub(crate) fn expired_letters(&self) -> Vec<LetterId> {
        self.letters.expired.clone()
    }

    /// Reads the contacts with the debtor, when any limit counts them, and what a person was asked to do for the case.
    async fn read_contacts(&mut self, db: &impl ConnectionTrait, case: CaseId, now: DateTime<Utc>) -> Result<()> {
        let caps = self.rules.caps;
        let counted = if caps.is_unlimited() { Vec::new() } else { contacts::together_with(db, &self.debtor, self.merged).await? };
        let of = if caps.is_unlimited() { Of::Case(case) } else { Of::Debtors(&counted) };
        let since = contacts::since(caps, now);
        let tasks = contacts::tasks(db, self.tenant.id, of, since).await?;
        self.task_open = tasks.iter().any(|task| task.case_id == case && task.done_at.is_none());
        if !caps.is_unlimited() {
            let letters = contacts::letters(db, self.tenant.id, of, since, now).await?;
            self.contacts = letters.into_iter().map(|(_, contact)| contact).collect();
            self.contacts.extend(tasks.iter().filter_map(contacts::Asked::contact));
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

    /// Notes whether the accounting system can be asked for pages of invoices on the web.
    pub(super) fn note_pages(&mut self, outside: &Outside) {
        let has_pages = |provider| outside.systems.get(&provider).is_some_and(|system| system.online.is_some());
        self.has_pages = self.askable.is_some_and(has_pages);
    }

    /// The next letter speaks for several cases: it names no invoice's page.
    pub(super) fn names_no_page(&mut self) {
        self.has_pages = false;
    }

    /// Where the question for the page stands that the next step's letter would name.
    fn question(&self, case: &collection_case::Model) -> Question {
        let index = usize::try_from(case.next_step).unwrap_or(0);
        let names_it = self.ladder.steps.get(index).is_some_and(|step| step.kind.demands_payment());
        if names_it { Question::of(case, &self.invoices, self.has_pages) } else { Question::Settled }
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
            letter_failed: self.failed_before(case),
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
            page: self.question(case),
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

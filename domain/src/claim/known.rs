//! What is known of a case's charges, read once, and the claim that follows from it.

use chrono::NaiveDate;
use chrono_tz::Tz;
use entity::{
    CaseId, ChargeKind, DebtorKind, InvoiceStatus, LetterId, LetterKind, LetterStatus, PaymentKind, Scoped, TenantId, charge,
    charge_payment, collection_case, debtor, invoice, letter, payment, tenant,
};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    lines::{Charged, Input, Owed, Paid, Received, State, Waiver},
    settings::{ChargeSettings, Interest},
    state::state,
    terms::Terms,
};
use crate::{
    calendar,
    error::{Refusal, RefusalCode, Result},
    letter::LetterFacts,
    payment::counts,
};

/// What is known of a case's charges besides its invoices and payments.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// What the tenant charges.
    pub settings: ChargeSettings,
    /// Fees, fixed sums, and interest that was given up.
    pub charges: Vec<charge::Model>,
    /// Money that was received for them and not taken back.
    pub received: Vec<charge_payment::Model>,
    /// The day on which the first letter left that asked for payment.
    pub first_demand_on: Option<NaiveDate>,
}

/// Whether a tenant ever charged anything beside its invoices: without that nothing more need be read.
pub fn in_use(tenant: &tenant::Model) -> bool {
    tenant.charges.as_object().is_some_and(|settings| !settings.is_empty())
}

impl Known {
    /// Reads it.
    ///
    /// # Errors
    ///
    /// When the database refuses.
    pub async fn read(db: &impl ConnectionTrait, tenant: &tenant::Model, case: CaseId) -> Result<Self> {
        if !in_use(tenant) {
            return Ok(Self::default());
        }
        let charges = charge::Entity::of(tenant.id).filter(charge::Column::CaseId.eq(case)).order_by_asc(charge::Column::Id);
        let received = charge_payment::Entity::of(tenant.id).filter(charge_payment::Column::CaseId.eq(case));
        let received = received.filter(charge_payment::Column::ReversedAt.is_null()).order_by_asc(charge_payment::Column::Id);
        Ok(Self {
            settings: ChargeSettings::of(tenant)?,
            charges: charges.all(db).await?,
            received: received.all(db).await?,
            first_demand_on: first_demand(db, tenant.id, case, calendar::zone(&tenant.time_zone)?).await?,
        })
    }

    /// From rows that were read already.
    ///
    /// # Errors
    ///
    /// When the tenant's settings have another shape.
    pub fn of(
        tenant: &tenant::Model,
        charges: Vec<charge::Model>,
        received: Vec<charge_payment::Model>,
        letters: &[letter::Model],
    ) -> Result<Self> {
        let zone = calendar::zone(&tenant.time_zone)?;
        let demands = letters.iter().filter(|l| l.status == LetterStatus::Sent && l.kind.speaks_of_arrears());
        Ok(Self {
            settings: ChargeSettings::of(tenant)?,
            charges,
            received: received.into_iter().filter(|row| row.reversed_at.is_none()).collect(),
            first_demand_on: demands.filter_map(|l| l.posted_on.or(l.sent_at.map(|at| calendar::local_date(zone, at)))).min(),
        })
    }
}

async fn first_demand(db: &impl ConnectionTrait, tenant: TenantId, case: CaseId, zone: Tz) -> Result<Option<NaiveDate>> {
    let sent: Vec<(Option<NaiveDate>, Option<chrono::DateTime<chrono::Utc>>)> = letter::Entity::of(tenant)
        .select_only()
        .columns([letter::Column::PostedOn, letter::Column::SentAt])
        .filter(letter::Column::CaseId.eq(case))
        .filter(letter::Column::Status.eq(LetterStatus::Sent))
        .filter(letter::Column::Kind.is_in(LetterKind::of_arrears()))
        .into_tuple()
        .all(db)
        .await?;
    Ok(sent.into_iter().filter_map(|(posted_on, sent_at)| posted_on.or(sent_at.map(|at| calendar::local_date(zone, at)))).min())
}

/// Everything that a claim is computed from.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Whose claim.
    pub tenant: &'a tenant::Model,
    /// Who owes.
    pub debtor: &'a debtor::Model,
    /// The case.
    pub case: &'a collection_case::Model,
    /// Its invoices.
    pub invoices: &'a [invoice::Model],
    /// What reduces them.
    pub payments: &'a [payment::Model],
    /// What is known of its charges.
    pub known: &'a Known,
}

impl Facts<'_> {
    /// The claim of a day. With a letter it holds what that letter charges once it leaves.
    ///
    /// # Errors
    ///
    /// `OUT_OF_RANGE` when a sum leaves the range of amounts.
    pub fn claim(&self, as_of: NaiveDate, letter: Option<LetterId>) -> Result<State, Refusal> {
        state(&self.input(as_of, letter), as_of).map_err(|error| Refusal::new(RefusalCode::OutOfRange, error.to_string()))
    }

    /// What a letter would state today that was issued with these figures: the same when nothing but time went by.
    ///
    /// # Errors
    ///
    /// See [`Self::claim`].
    pub(crate) fn stated(&self, letter: LetterId, stated: &LetterFacts) -> Result<i64, Refusal> {
        let claim = self.claim(stated.figures_on.unwrap_or(stated.dated_on), Some(letter))?;
        Ok(self.case.outstanding_minor.saturating_add(claim.charges_minor))
    }

    /// The rules that the claim follows.
    pub(super) fn terms(&self) -> Terms {
        Terms::of(&self.tenant.country, self.debtor.kind, self.known.settings.interest)
    }

    /// From whom it is claimed.
    pub(super) fn debtor_kind(&self) -> DebtorKind {
        self.debtor.kind
    }

    pub(super) fn input(&self, as_of: NaiveDate, letter: Option<LetterId>) -> Input {
        let terms = self.terms();
        let demanded = self.known.first_demand_on;
        let live = self.invoices.iter().filter(|invoice| invoice.status != InvoiceStatus::Voided);
        let owed = |row: &&charge::Model| row.kind != ChargeKind::Interest && (row.charged_on.is_some() || row.letter_id == letter);
        let waived = self.known.charges.iter().filter(|row| row.kind == ChargeKind::Interest && row.waived_at.is_some());
        Input {
            invoices: live.map(|invoice| owed_on(invoice, terms.starts(self.debtor.kind, invoice.due_on, demanded))).collect(),
            payments: self.payments.iter().filter(|payment| counts(payment)).map(paid).collect(),
            charges: self.known.charges.iter().filter(owed).map(|row| charged(row, as_of)).collect(),
            received: self.known.received.iter().map(|row| Received { amount_minor: row.amount_minor, on: row.received_on }).collect(),
            rates: (self.known.settings.interest != Interest::None).then(|| terms.rates.clone()).flatten(),
            fixed_at_start: terms.fixed_at_start,
            day_count: terms.day_count,
            waivers: waived.filter_map(|row| Some(Waiver { amount_minor: row.amount_minor, on: row.waived_on? })).collect(),
            order: terms.order,
        }
    }
}

fn owed_on(invoice: &invoice::Model, interest_from: Option<NaiveDate>) -> Owed {
    Owed {
        id: invoice.id,
        total_minor: invoice.total_minor,
        outstanding_minor: invoice.outstanding_minor,
        due_on: invoice.due_on,
        given_up: invoice.status == InvoiceStatus::WrittenOff,
        interest_from,
    }
}

fn paid(payment: &payment::Model) -> Paid {
    let kind: PaymentKind = payment.kind;
    Paid { id: payment.id, invoice: payment.invoice_id, kind, amount_minor: payment.amount_minor, on: payment.received_on }
}

fn charged(row: &charge::Model, as_of: NaiveDate) -> Charged {
    Charged {
        id: row.id,
        kind: row.kind,
        amount_minor: row.amount_minor,
        on: row.charged_on.unwrap_or(as_of),
        invoice: row.invoice_id,
        waived_on: row.waived_on.filter(|_| row.waived_at.is_some()),
    }
}

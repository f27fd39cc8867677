//! A person records money that arrived: it goes to the oldest invoice of the case first.

use chrono::NaiveDate;
use entity::{CaseId, InvoiceStatus, PaymentId, PaymentKind, PaymentSource, Scoped, collection_case, invoice, payment};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, IntoActiveModel, QueryFilter, QueryOrder};

use super::{Counted, balance};
use crate::{
    actor::{Action, Viewer},
    calendar, case,
    change::Change,
    env::Env,
    error::{Refusal, RefusalCode, Result},
    event::{Happened, kind},
    tenant,
};

/// Longest payer's text, in characters.
const MAX_REFERENCE_CHARS: usize = 200;

/// Money that arrived, as a person tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPayment {
    /// On which case.
    pub case: CaseId,
    /// How much, in minor units of the currency.
    pub amount_minor: i64,
    /// ISO 4217; must be the case's.
    pub currency: String,
    /// Value date, not in the future.
    pub received_on: NaiveDate,
    /// As the payer wrote it.
    pub reference: Option<String>,
}

/// Records a payment and settles the case.
///
/// # Errors
///
/// A refusal: unknown case, another currency, an amount that is not positive or more than is open, a day in the future.
pub async fn record(env: &Env, viewer: &Viewer, new: &NewPayment) -> Result<(collection_case::Model, Vec<PaymentId>)> {
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let recorded = record_in(&mut change, viewer, new).await?;
    change.commit().await?;
    Ok(recorded)
}

/// The same inside a change that the caller commits.
///
/// # Errors
///
/// See [`record`].
pub async fn record_in(change: &mut Change<'_>, viewer: &Viewer, new: &NewPayment) -> Result<(collection_case::Model, Vec<PaymentId>)> {
    viewer.require(Action::WorkCases)?;
    let mut case = case::lock(change, new.case).await?;
    let today = calendar::local_date(calendar::zone(&tenant::find(&change.tx, change.tenant).await?.time_zone)?, change.now);
    let (open_minor, what) = (case.outstanding_minor, "outstanding");
    new.check(&Against { case: &case, today, open_minor, what, on: "receivedOn", text: "reference" })?;
    let invoices = invoice::Entity::of(viewer.tenant)
        .filter(invoice::Column::CaseId.eq(case.id))
        .filter(invoice::Column::Status.eq(InvoiceStatus::Open))
        .order_by_asc(invoice::Column::DueOn)
        .order_by_asc(invoice::Column::Id)
        .all(&change.tx)
        .await?;
    let mut left = new.amount_minor;
    let mut ids = Vec::new();
    for invoice in invoices {
        let part = left.min(invoice.outstanding_minor);
        if part > 0 {
            ids.push(insert(change, &case, &invoice, part, new).await?);
            rebalance(change, invoice).await?;
            left -= part;
        }
    }
    case::settle(change, &mut case).await?;
    Ok((case, ids))
}

/// What money that a person tells of is checked against.
pub(crate) struct Against<'a> {
    /// The case, locked.
    pub(crate) case: &'a collection_case::Model,
    /// The tenant's day.
    pub(crate) today: NaiveDate,
    /// The most that it may be, in minor units.
    pub(crate) open_minor: i64,
    /// What that is: "outstanding".
    pub(crate) what: &'a str,
    /// What callers name the value date.
    pub(crate) on: &'a str,
    /// What callers name the payer's text.
    pub(crate) text: &'a str,
}

impl NewPayment {
    /// Checks currency, amount, text and day.
    ///
    /// # Errors
    ///
    /// `CURRENCY_MISMATCH`, `OUT_OF_RANGE`, `INVALID`.
    pub(crate) fn check(&self, against: &Against<'_>) -> Result<(), Refusal> {
        let Against { case, today, open_minor, what, on, text } = *against;
        let refuse = |code, message: String, field: &str| Err(Refusal::new(code, message).at(field));
        if self.currency != case.currency {
            return refuse(RefusalCode::CurrencyMismatch, format!("the case is in {}", case.currency), "amount.currency");
        }
        if self.amount_minor <= 0 {
            return refuse(RefusalCode::OutOfRange, "a payment is more than zero".into(), "amount.amount");
        }
        if self.amount_minor > open_minor {
            let open = crate::money::to_decimal(open_minor, &case.currency);
            return refuse(RefusalCode::OutOfRange, format!("only {open} {} is {what}", case.currency), "amount.amount");
        }
        if self.reference.as_deref().is_some_and(|text| text.chars().count() > MAX_REFERENCE_CHARS || text.chars().any(char::is_control)) {
            return refuse(RefusalCode::Invalid, format!("at most {MAX_REFERENCE_CHARS} characters, none of control"), text);
        }
        if self.received_on > today || self.received_on < today - chrono::Days::new(3_650) {
            return refuse(RefusalCode::OutOfRange, "the value date lies in the last ten years".into(), on);
        }
        Ok(())
    }
}

async fn insert(
    change: &mut Change<'_>,
    case: &collection_case::Model,
    invoice: &invoice::Model,
    amount_minor: i64,
    new: &NewPayment,
) -> Result<PaymentId> {
    let id: PaymentId = change.env.new_id();
    let row = payment::Model {
        tenant_id: change.tenant,
        id,
        integration_id: invoice.integration_id,
        invoice_id: invoice.id,
        external_id: format!("manual:{id}"),
        kind: PaymentKind::Payment,
        source: PaymentSource::Manual,
        amount_minor,
        currency: case.currency.clone(),
        received_on: new.received_on,
        reconciled: true,
        reversed_at: None,
        reference: new.reference.clone(),
        recorded_by: change.actor.user(),
        created_at: change.now,
    };
    row.into_active_model().reset_all().insert(&change.tx).await?;
    change.record(Happened::new(kind::PAYMENT_RECORDED).case(case).subject(id.0).with("amountMinor", amount_minor));
    Ok(id)
}

/// Computes an invoice's balance anew and saves it.
pub(super) async fn rebalance(change: &Change<'_>, invoice: invoice::Model) -> Result<()> {
    let payments = payment::Entity::of(change.tenant).filter(payment::Column::InvoiceId.eq(invoice.id)).all(&change.tx).await?;
    let counted: Vec<Counted> = payments.iter().map(Counted::of).collect();
    let cancelled = matches!(invoice.status, InvoiceStatus::Voided | InvoiceStatus::WrittenOff).then_some(invoice.status);
    let balance = balance(invoice.total_minor, invoice.stated_outstanding_minor, cancelled, &counted);
    let mut row = invoice.into_active_model();
    row.outstanding_minor = Set(balance.outstanding_minor);
    row.status = Set(balance.status);
    row.updated_at = Set(change.now);
    row.update(&change.tx).await?;
    Ok(())
}

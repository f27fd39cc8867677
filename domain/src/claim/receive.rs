//! Money for what is owed beside the invoices: a person tells of it, because the books do not know of the debt.

use chrono::NaiveDate;
use entity::{CaseId, CaseStatus, ChargePaymentId, Scoped, charge_payment, collection_case};
use sea_orm::{ActiveModelTrait, ColumnTrait, IntoActiveModel, QueryFilter};

use super::reckon::Books;
use crate::{
    actor::{Action, Viewer},
    calendar, case,
    change::Change,
    env::Env,
    error::{Refusal, RefusalCode, Result},
    event::{Happened, kind},
    money,
};

/// Longest note, in characters.
const MAX_NOTE_CHARS: usize = 200;

/// Money that arrived for charges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChargePayment {
    /// On which case.
    pub case: CaseId,
    /// How much, in minor units of the currency.
    pub amount_minor: i64,
    /// ISO 4217; must be the case's.
    pub currency: String,
    /// Value date, not in the future.
    pub received_on: NaiveDate,
    /// As the payer wrote it.
    pub note: Option<String>,
}

/// Records money for charges and settles the case, inside a change that the caller commits.
///
/// # Errors
///
/// A refusal: unknown case, one that is not worked, another currency, an amount that is not positive or more than is open
/// beside the invoices, a day in the future.
pub async fn receive_in(
    change: &mut Change<'_>,
    viewer: &Viewer,
    new: &NewChargePayment,
) -> Result<(collection_case::Model, ChargePaymentId)> {
    viewer.require(Action::WorkCases)?;
    let mut row = case::lock(change, new.case).await?;
    check(change, &row, new).await?;
    let payment = charge_payment::Model {
        tenant_id: change.tenant,
        id: change.env.new_id(),
        case_id: row.id,
        amount_minor: new.amount_minor,
        currency: row.currency.clone(),
        received_on: new.received_on,
        note: new.note.clone(),
        reversed_at: None,
        recorded_by: change.actor.user(),
        created_at: change.now,
    };
    let id = payment.id;
    payment.into_active_model().reset_all().insert(&change.tx).await?;
    change.record(Happened::new(kind::CHARGES_PAID).case(&row).subject(id.0).with("amountMinor", new.amount_minor));
    case::settle_charges(change, &mut row).await?;
    Ok((row, id))
}

async fn check(change: &Change<'_>, row: &collection_case::Model, new: &NewChargePayment) -> Result<()> {
    let refuse = |code, message: String, field: &str| Err(Refusal::new(code, message).at(field).into());
    if matches!(row.status, CaseStatus::Proposed | CaseStatus::Declined | CaseStatus::Closed) {
        return refuse(RefusalCode::IllegalTransition, "charges are paid while a case is worked".into(), "caseId");
    }
    if new.currency != row.currency {
        return refuse(RefusalCode::CurrencyMismatch, format!("the case is in {}", row.currency), "amount.currency");
    }
    if new.amount_minor <= 0 {
        return refuse(RefusalCode::OutOfRange, "a payment is more than zero".into(), "amount.amount");
    }
    if new.note.as_deref().is_some_and(|text| text.chars().count() > MAX_NOTE_CHARS || text.chars().any(char::is_control)) {
        return refuse(RefusalCode::Invalid, format!("at most {MAX_NOTE_CHARS} characters, none of control"), "note");
    }
    let Some(books) = Books::read(&change.tx, row).await? else {
        return refuse(RefusalCode::OutOfRange, "nothing is owed beside the invoices".into(), "amount.amount");
    };
    let today = calendar::local_date(calendar::zone(&books.tenant.time_zone)?, change.now);
    if new.received_on > today || new.received_on < today - chrono::Days::new(3_650) {
        return refuse(RefusalCode::OutOfRange, "the value date lies in the last ten years".into(), "on");
    }
    let open = books.facts(row).claim(today, None)?.charges_minor;
    if new.amount_minor > open {
        let open = money::to_decimal(open, &row.currency);
        return refuse(RefusalCode::OutOfRange, format!("only {open} {} is open beside the invoices", row.currency), "amount.amount");
    }
    Ok(())
}

/// Takes money for charges back: it was a mistake, or it bounced. A case that it had closed opens again.
///
/// # Errors
///
/// A refusal: unknown payment, one reversed already, no reason.
pub async fn reverse_received(env: &Env, viewer: &Viewer, id: ChargePaymentId, reason: &str) -> Result<collection_case::Model> {
    viewer.require(Action::WorkCases)?;
    let note = case::check_note(reason)?;
    if note.is_empty() {
        return Err(Refusal::new(RefusalCode::Required, "say why").at("reason").into());
    }
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let case_id = find(&change, id).await?.case_id;
    let mut row = case::lock(&change, case_id).await?;
    // Read again: the lock may have had to wait.
    let mut payment = find(&change, id).await?;
    if payment.reversed_at.is_some() {
        return Err(Refusal::new(RefusalCode::IllegalTransition, "this payment is reversed already").at("id").into());
    }
    payment.reversed_at = Some(change.now);
    let happened = Happened::new(kind::CHARGE_PAYMENT_REVERSED).case(&row).subject(id.0).with("amountMinor", payment.amount_minor);
    change.record(happened.with("reason", note));
    payment.into_active_model().reset_all().update(&change.tx).await?;
    case::settle_charges(&mut change, &mut row).await?;
    change.commit().await?;
    Ok(row)
}

async fn find(change: &Change<'_>, id: ChargePaymentId) -> Result<charge_payment::Model> {
    let found = charge_payment::Entity::of(change.tenant).filter(charge_payment::Column::Id.eq(id)).one(&change.tx).await?;
    found.ok_or_else(|| Refusal::not_found("payment").at("id").into())
}

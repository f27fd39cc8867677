//! Money for what is owed beside the invoices: a person tells of it, because the books do not know of the debt.

use entity::{CaseStatus, ChargePaymentId, Scoped, charge_payment, collection_case};
use sea_orm::{ActiveModelTrait, ColumnTrait, IntoActiveModel, QueryFilter};

use super::reckon::Books;
use crate::{
    actor::{Action, Viewer},
    calendar, case,
    change::Change,
    env::Env,
    error::{Refusal, RefusalCode, Result},
    event::{Happened, kind},
    payment::{Against, NewPayment},
};

/// Records money for charges and settles the case, inside a change that the caller commits.
///
/// # Errors
///
/// A refusal: unknown case, one that is not worked, another currency, an amount that is not positive or more than is open
/// beside the invoices, a day in the future.
pub async fn receive_in(change: &mut Change<'_>, viewer: &Viewer, new: &NewPayment) -> Result<(collection_case::Model, ChargePaymentId)> {
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
        note: new.reference.clone(),
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

async fn check(change: &Change<'_>, row: &collection_case::Model, new: &NewPayment) -> Result<()> {
    if matches!(row.status, CaseStatus::Proposed | CaseStatus::Declined | CaseStatus::Closed) {
        return Err(Refusal::new(RefusalCode::IllegalTransition, "charges are paid while a case is worked").at("caseId").into());
    }
    let nothing = || Refusal::new(RefusalCode::OutOfRange, "nothing is owed beside the invoices").at("amount.amount");
    let books = Books::read(&change.tx, row).await?.ok_or_else(nothing)?;
    let today = calendar::local_date(calendar::zone(&books.tenant.time_zone)?, change.now);
    let (open_minor, what) = (books.facts(row).claim(today, None)?.charges_minor, "open beside the invoices");
    new.check(&Against { case: row, today, open_minor, what, on: "on", text: "note" })?;
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

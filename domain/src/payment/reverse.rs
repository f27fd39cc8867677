//! A payment that was recorded by hand is taken back: it was a mistake, or it bounced. Payments of the accounting
//! system are reversed there.

use entity::{PaymentId, PaymentSource, Scoped, collection_case, invoice, payment};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, IntoActiveModel, QueryFilter};

use super::record::rebalance;
use crate::{
    actor::{Action, Viewer},
    case,
    change::Change,
    env::Env,
    error::{Error, Refusal, RefusalCode, Result},
    event::{Happened, kind},
};

/// Reverses a payment and settles its case; a case that it had closed opens again.
///
/// # Errors
///
/// A refusal: unknown payment, one reversed already, one that the accounting system keeps.
pub async fn reverse(env: &Env, viewer: &Viewer, id: PaymentId, reason: &str) -> Result<(payment::Model, Option<collection_case::Model>)> {
    viewer.require(Action::WorkCases)?;
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > 500 {
        return Err(Refusal::new(RefusalCode::Required, "say why, in at most 500 characters").at("reason").into());
    }
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let invoice_id = find(&change, id).await?.invoice_id;
    let invoice = invoice::Entity::of(viewer.tenant).filter(invoice::Column::Id.eq(invoice_id)).one(&change.tx).await?;
    let case_id = invoice.ok_or_else(|| Error::Bug(format!("payment {id} without an invoice")))?.case_id;
    let mut case = match case_id {
        Some(case) => Some(case::lock(&change, case).await?),
        None => None,
    };
    // Read again: the lock may have had to wait.
    let found = find(&change, id).await?;
    if found.source != PaymentSource::Manual {
        return Err(Refusal::new(RefusalCode::IllegalTransition, "a payment of the accounting system is reversed there").at("id").into());
    }
    if found.reversed_at.is_some() {
        return Err(Refusal::new(RefusalCode::IllegalTransition, "this payment is reversed already").at("id").into());
    }
    let mut row = found.into_active_model();
    row.reversed_at = Set(Some(change.now));
    let found = row.update(&change.tx).await?;
    let invoice = invoice::Entity::of(viewer.tenant).filter(invoice::Column::Id.eq(invoice_id)).one(&change.tx).await?;
    if let Some(invoice) = invoice {
        rebalance(&change, invoice).await?;
    }
    if let Some(case) = &mut case {
        let happened = Happened::new(kind::PAYMENT_REVERSED).case(case).subject(id.0).with("reason", reason);
        change.record(happened.with("amountMinor", found.amount_minor));
        case::settle(&mut change, case).await?;
    }
    change.commit().await?;
    Ok((found, case))
}

async fn find(change: &Change<'_>, id: PaymentId) -> Result<payment::Model> {
    let found = payment::Entity::of(change.tenant).filter(payment::Column::Id.eq(id)).one(&change.tx).await?;
    found.ok_or_else(|| Refusal::not_found("payment").at("id").into())
}

//! What the agency is told of money: each payment once when it counts, once more when it no longer does. What was known
//! when the claim was frozen is never told; what changes the claim without money is told as a correction.

use std::collections::{HashMap, HashSet};

use entity::{AgencyTaskKind, PaymentId, PaymentKind, Scoped, TaskStatus, agency_task, collection_case, handover, invoice, payment};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::{agency_task as tasks, calendar, change::Change, error::Result, tenant};

/// The payments that the claim, as it is frozen now, accounts for.
pub(super) fn known(payments: &[payment::Model]) -> Result<serde_json::Value> {
    let ids: Vec<PaymentId> = payments.iter().filter(|row| counts(row)).map(|row| row.id).collect();
    Ok(serde_json::to_value(ids)?)
}

fn counts(row: &payment::Model) -> bool {
    row.kind == PaymentKind::Payment && crate::payment::counts(row)
}

/// Plans what the agency was not told yet; answers the sum of it, in minor units, negative for reversals.
pub(super) async fn tell(change: &mut Change<'_>, case: &collection_case::Model, row: &handover::Model) -> Result<i64> {
    let mut told = told(change, row).await?;
    let mut sum = 0_i64;
    for payment in of_case(change, case).await? {
        let balance = told.remove(&payment.id).unwrap_or(0);
        let sign = match (counts(&payment), balance > 0) {
            (true, false) => 1,
            (false, true) => -1,
            (true, true) | (false, false) => continue,
        };
        let news =
            tasks::News { kind: AgencyTaskKind::Payment, amount_minor: Some(sign * payment.amount_minor), on: Some(payment.received_on) };
        tasks::plan(change, row, news, Some(payment.id)).await?;
        sum += sign * payment.amount_minor;
    }
    Ok(sum)
}

/// Plans to tell what payments do not explain of a claim that went from one sum to another.
pub(super) async fn correct(change: &mut Change<'_>, row: &handover::Model, less_minor: i64, paid_minor: i64) -> Result<()> {
    let rest = less_minor - paid_minor;
    // More was paid than was open, or less was reversed than is open again: nobody corrected anything.
    let explained = (paid_minor > 0 && rest < 0) || (paid_minor < 0 && rest > 0);
    if rest == 0 || explained {
        return Ok(());
    }
    let zone = calendar::zone(&tenant::find(&change.tx, change.tenant).await?.time_zone)?;
    let on = Some(calendar::local_date(zone, change.now));
    tasks::plan(change, row, tasks::News { kind: AgencyTaskKind::Correction, amount_minor: Some(rest), on }, None).await
}

/// How often each payment counts at the agency: once when it was known or told, not at all when its reversal was told.
async fn told(change: &Change<'_>, row: &handover::Model) -> Result<HashMap<PaymentId, i64>> {
    let known: HashSet<PaymentId> = row.known_payments.clone().map(serde_json::from_value).transpose()?.unwrap_or_default();
    let mut told: HashMap<PaymentId, i64> = known.into_iter().map(|id| (id, 1)).collect();
    let planned = agency_task::Entity::of(change.tenant)
        .filter(agency_task::Column::HandoverId.eq(row.id))
        .filter(agency_task::Column::Kind.eq(AgencyTaskKind::Payment))
        .filter(agency_task::Column::Status.ne(TaskStatus::Cancelled))
        .all(&change.tx)
        .await?;
    for task in planned {
        if let (Some(id), Some(amount)) = (task.payment_id, task.amount_minor) {
            *told.entry(id).or_default() += amount.signum();
        }
    }
    Ok(told)
}

async fn of_case(change: &Change<'_>, case: &collection_case::Model) -> Result<Vec<payment::Model>> {
    let invoices = invoice::Entity::of(change.tenant).filter(invoice::Column::CaseId.eq(case.id));
    let invoices = invoices.select_only().column(invoice::Column::Id).into_query();
    let select = payment::Entity::of(change.tenant).filter(payment::Column::InvoiceId.in_subquery(invoices));
    Ok(select.order_by_asc(payment::Column::ReceivedOn).order_by_asc(payment::Column::Id).all(&change.tx).await?)
}

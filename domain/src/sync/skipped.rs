//! Why open invoices of an integration were not proposed: counted when a run ends, one statement each.

use entity::{InvoiceStatus, Scoped, debtor, integration, invoice};
use sea_orm::{ColumnTrait, Condition, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait, Select, sea_query::ExprTrait};
use serde_json::{Value, json};

use crate::{calendar, case, change::Change, error::Result, tenant};

/// The counts by reason. An invoice that has several reasons is counted for the first of them, in this order.
pub(crate) async fn count(change: &Change<'_>, row: &integration::Model) -> Result<Value> {
    let tenant = tenant::find(&change.tx, change.tenant).await?;
    let today = calendar::local_date(calendar::zone(&tenant.time_zone)?, change.now);
    let all = invoice::Entity::of(change.tenant)
        .filter(invoice::Column::IntegrationId.eq(row.id))
        .filter(invoice::Column::Status.eq(InvoiceStatus::Open))
        .filter(invoice::Column::CaseId.is_null());
    let open = all.clone().filter(invoice::Column::MissingSince.is_null());
    let exempt = debtor::Entity::of(change.tenant).select_only().column(debtor::Column::Id).filter(case::not_collected_from(today));
    let exempt = || Condition::all().add(invoice::Column::DebtorId.in_subquery(exempt.clone().into_query()));
    let collected = || exempt().not();
    let old_enough = case::old_enough(row, today);
    let before = row.activate_from.map(|from| invoice::Column::IssuedOn.lt(from));
    let count = |select: Select<invoice::Entity>| async { select.count(&change.tx).await };
    let not_before = |select: Select<invoice::Entity>| match row.activate_from {
        Some(from) => select.filter(invoice::Column::IssuedOn.gte(from)),
        None => select,
    };
    let small = invoice::Column::OutstandingMinor.lt(std::cmp::max(row.minimum_amount_minor, 1));
    let settled = || open.clone().filter(collected()).filter(invoice::Column::Disputed.eq(false));
    let ahead = case::not_reminded_ahead(change, &tenant, row, today).await?;
    let early = count(not_before(settled()).filter(small.clone().not()).filter(old_enough.not())).await?;
    Ok(json!({
        "missing": count(all.filter(invoice::Column::MissingSince.is_not_null())).await?,
        "exempt": count(open.clone().filter(exempt())).await?,
        "disputed": count(open.clone().filter(collected()).filter(invoice::Column::Disputed.eq(true))).await?,
        "beforeActivation": match before { Some(before) => count(settled().filter(before)).await?, None => 0 },
        "tooSmall": count(not_before(settled()).filter(small)).await?,
        "notRemindedAhead": ahead,
        "tooEarly": early.saturating_sub(ahead),
    }))
}

//! What a full pull did not tell of: it is asked for by name, and when its source is silent even then, a person is told,
//! once.
//!
//! A payment that its source no longer names is taken back by itself (`settled_by`), an invoice is not: the one opens a
//! claim, and each letter is checked by every gate before it leaves; the other would end a claim for good, on a silence
//! that a lost right to read or a record that is broken there give as well. So the case waits, and a person decides.

use chrono::{DateTime, Utc};
use entity::{CaseId, InvoiceStatus, Scoped, SyncTrigger, collection_case, integration, invoice};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use super::start::{MAX_WANTED, put};
use crate::{
    change::Change,
    error::Result,
    event::{Happened, kind},
    port::{Scope, Wanted},
};

/// Most runs that one full pull asks for to look at what it did not see; the next night goes on.
const MAX_FOLLOW_UPS: usize = 10;

/// Why a case is stuck whose invoice its source does not tell of.
const INVOICE_MISSING: &str = "INVOICE_MISSING";

/// What a person can do about it.
const ADVICE: &str = "The accounting system was asked for the invoice and does not tell of it: it was deleted there, or cannot be read any \
                      more. Restore it there, or end the case here. Until then no letter leaves.";

/// What we hold for open and a full pull did not tell of is paid, voided or gone there: it is looked at by name. Until
/// then nobody has checked it, and no letter leaves on it, however fresh the pull was. What was asked for in vain comes
/// last: it must not use up every night's turn.
pub(super) async fn ask(change: &mut Change<'_>, row: &integration::Model, started: DateTime<Utc>) -> Result<()> {
    invoice::Entity::update_of(change.tenant)
        .col_expr(invoice::Column::CheckedAt, Expr::value(None::<DateTime<Utc>>))
        .filter(invoice::Column::IntegrationId.eq(row.id))
        .filter(invoice::Column::Status.eq(InvoiceStatus::Open))
        .filter(invoice::Column::CheckedAt.lt(started))
        .exec(&change.tx)
        .await?;
    let unseen: Vec<String> = invoice::Entity::of(change.tenant)
        .select_only()
        .column(invoice::Column::ExternalId)
        .filter(invoice::Column::IntegrationId.eq(row.id))
        .filter(invoice::Column::Status.eq(InvoiceStatus::Open))
        .filter(invoice::Column::CheckedAt.is_null())
        .order_by_asc(invoice::Column::MissingSince.is_not_null())
        .order_by_asc(invoice::Column::Id)
        .limit(u64::try_from(MAX_WANTED * MAX_FOLLOW_UPS).unwrap_or(u64::MAX))
        .into_tuple()
        .all(&change.tx)
        .await?;
    for chunk in unseen.chunks(MAX_WANTED) {
        let wanted = Wanted { invoices: chunk.to_vec(), debtors: Vec::new() };
        put(change, row.id, SyncTrigger::Schedule, Scope::Only(wanted), None).await?;
    }
    Ok(())
}

/// Notes which of the invoices that were asked for by name are still unseen, and tells it of their cases.
pub(super) async fn tell(change: &mut Change<'_>, row: &integration::Model, asked: &[String]) -> Result<()> {
    let missing: Vec<invoice::Model> = invoice::Entity::of(change.tenant)
        .filter(invoice::Column::IntegrationId.eq(row.id))
        .filter(invoice::Column::ExternalId.is_in(asked))
        .filter(invoice::Column::Status.eq(InvoiceStatus::Open))
        .filter(invoice::Column::CheckedAt.is_null())
        .filter(invoice::Column::MissingSince.is_null())
        .order_by_asc(invoice::Column::Id)
        .all(&change.tx)
        .await?;
    if missing.is_empty() {
        return Ok(());
    }
    invoice::Entity::update_of(change.tenant)
        .col_expr(invoice::Column::MissingSince, Expr::value(change.now))
        .filter(invoice::Column::Id.is_in(missing.iter().map(|invoice| invoice.id)))
        .exec(&change.tx)
        .await?;
    let cases: Vec<CaseId> = missing.iter().filter_map(|invoice| invoice.case_id).collect();
    let cases: Vec<collection_case::Model> = collection_case::Entity::of(change.tenant)
        .filter(collection_case::Column::Id.is_in(cases))
        .filter(collection_case::Column::ClosedAt.is_null())
        .all(&change.tx)
        .await?;
    for invoice in missing {
        let Some(case) = cases.iter().find(|case| Some(case.id) == invoice.case_id) else { continue };
        let happened = Happened::new(kind::CASE_STUCK).case(case).integration(row.id).subject(invoice.id.0);
        change.record(happened.with("because", INVOICE_MISSING).with("advice", ADVICE));
    }
    Ok(())
}

//! Taking over invoices: new ones inserted, changed ones updated, the rest untouched. Balances follow in
//! [`super::payments`], when the page's payments are known.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use entity::{DebtorId, IntegrationId, InvoiceStatus, Scoped, collection_case, invoice};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, sea_query::Expr};

use super::page::{Counts, LOOKUP_CHUNK, digest};
use crate::{
    RefusalCode,
    change::{Change, rows_per_insert},
    error::Result,
    letter::aid::is_web_address,
    port::{InvoiceSnapshot, InvoiceState},
};

/// An invoice of a page: the row as it will be, and what must happen to it.
pub(super) struct Touched {
    pub(super) row: invoice::Model,
    /// Not in the database yet.
    pub(super) new: bool,
    /// Differs from the row in the database.
    pub(super) dirty: bool,
    /// The page tells of it, changed or not.
    pub(super) told: bool,
}

/// Reads the invoices that a page's records and payments name.
pub(super) async fn known(change: &Change<'_>, integration: IntegrationId, keys: &[&str]) -> Result<HashMap<String, invoice::Model>> {
    let mut known = HashMap::with_capacity(keys.len());
    for chunk in keys.chunks(LOOKUP_CHUNK) {
        let select = invoice::Entity::of(change.tenant).filter(invoice::Column::IntegrationId.eq(integration));
        for row in select.filter(invoice::Column::ExternalId.is_in(chunk.iter().copied())).all(&change.tx).await? {
            known.insert(row.external_id.clone(), row);
        }
    }
    Ok(known)
}

/// An invoice that does not fit the case that works it.
pub(super) struct Misfit {
    pub(super) code: RefusalCode,
    pub(super) message: String,
    /// The debtor it is kept with, so that its figures still count; none when nothing of it can be taken.
    pub(super) stays_with: Option<DebtorId>,
}

/// Why a changed invoice does not fit the case that works it: letters went to that debtor, over that currency.
pub(super) fn misfit(
    snapshot: &InvoiceSnapshot,
    debtor: DebtorId,
    tenants: &str,
    known: Option<&invoice::Model>,
    cases: &[collection_case::Model],
) -> Option<Misfit> {
    let case = cases.iter().find(|case| Some(case.id) == known.and_then(|row| row.case_id))?;
    if snapshot.currency.as_deref().unwrap_or(tenants) != case.currency {
        let message = format!("the invoice is in a case in {}: end that case first", case.currency);
        return Some(Misfit { code: RefusalCode::CurrencyMismatch, message, stays_with: None });
    }
    (debtor != case.debtor_id).then(|| Misfit {
        code: RefusalCode::Invalid,
        message: "the invoice is in a case of another debtor: end that case first; until then only its figures are taken over".into(),
        stays_with: Some(case.debtor_id),
    })
}

/// Compares a page's invoices with what is known; nothing is written yet.
pub(super) fn compare(
    change: &Change<'_>,
    integration: IntegrationId,
    currency: &str,
    snapshots: BTreeMap<&str, (&InvoiceSnapshot, DebtorId)>,
    known: HashMap<String, invoice::Model>,
    counts: &mut Counts,
) -> Result<BTreeMap<String, Touched>> {
    let mut touched: BTreeMap<String, Touched> =
        known.into_iter().map(|(key, row)| (key, Touched { row, new: false, dirty: false, told: false })).collect();
    for (key, (snapshot, debtor)) in snapshots {
        let hash = digest(&(snapshot, debtor))?;
        match touched.get_mut(key) {
            Some(found) if found.row.snapshot_hash == hash => {
                found.told = true;
                counts.invoices_unchanged += 1;
            }
            Some(found) => {
                counts.invoices_updated += 1;
                write(&mut found.row, snapshot, debtor, currency, hash);
                (found.dirty, found.told) = (true, true);
            }
            None => {
                counts.invoices_new += 1;
                let row = insert(change, integration, snapshot, debtor, currency, hash);
                touched.insert(key.to_owned(), Touched { row, new: true, dirty: true, told: true });
            }
        }
    }
    Ok(touched)
}

fn insert(
    change: &Change<'_>,
    integration: IntegrationId,
    snapshot: &InvoiceSnapshot,
    debtor: DebtorId,
    currency: &str,
    hash: String,
) -> invoice::Model {
    let mut row = invoice::Model {
        tenant_id: change.tenant,
        id: change.env.new_id(),
        integration_id: integration,
        external_id: snapshot.external_id.clone(),
        debtor_id: debtor,
        case_id: None,
        number: String::new(),
        title: None,
        issued_on: snapshot.issued_on,
        due_on: snapshot.due_on,
        currency: String::new(),
        total_minor: 0,
        stated_outstanding_minor: None,
        outstanding_minor: 0,
        status: InvoiceStatus::Open,
        disputed: false,
        payment_reference: None,
        online_url: None,
        online_asked_at: None,
        online_ask_at: None,
        checked_at: Some(change.now),
        missing_since: None,
        snapshot_hash: String::new(),
        created_at: change.now,
        updated_at: change.now,
    };
    write(&mut row, snapshot, debtor, currency, hash);
    row
}

fn write(row: &mut invoice::Model, snapshot: &InvoiceSnapshot, debtor: DebtorId, currency: &str, hash: String) {
    row.debtor_id = debtor;
    row.number.clone_from(&snapshot.number);
    row.title.clone_from(&snapshot.title);
    row.issued_on = snapshot.issued_on;
    row.due_on = snapshot.due_on;
    row.currency = snapshot.currency.clone().unwrap_or_else(|| currency.to_owned());
    row.total_minor = snapshot.total_minor;
    row.stated_outstanding_minor = snapshot.outstanding_minor;
    row.disputed = snapshot.disputed;
    row.payment_reference.clone_from(&snapshot.payment_reference);
    // Silence is no news: the address may have been asked for apart. One that no letter can show, and no app should open,
    // keeps no claim away.
    if let Some(address) = snapshot.online_url.as_ref().filter(|address| is_web_address(address)) {
        row.online_url = Some(address.clone());
    }
    row.snapshot_hash = hash;
    row.status = match snapshot.state {
        InvoiceState::Voided => InvoiceStatus::Voided,
        InvoiceState::WrittenOff => InvoiceStatus::WrittenOff,
        // What the creditor gave up here stays given up, whatever else changes there.
        InvoiceState::Approved if row.status == InvoiceStatus::WrittenOff => InvoiceStatus::WrittenOff,
        InvoiceState::Approved => InvoiceStatus::Open,
    };
}

/// Notes on the page's invoices that their source told of them now, in one statement.
pub(super) async fn mark_checked(change: &Change<'_>, touched: &BTreeMap<String, Touched>) -> Result<()> {
    let ids: Vec<_> = touched.values().filter(|t| !t.new && t.told).map(|t| t.row.id).collect();
    for chunk in ids.chunks(LOOKUP_CHUNK) {
        invoice::Entity::update_of(change.tenant)
            .col_expr(invoice::Column::CheckedAt, Expr::value(change.now))
            .col_expr(invoice::Column::MissingSince, Expr::value(None::<DateTime<Utc>>))
            .filter(invoice::Column::Id.is_in(chunk.iter().copied()))
            .exec(&change.tx)
            .await?;
    }
    Ok(())
}

/// Writes what changed: new rows in batches, changed rows one by one.
pub(super) async fn write_all(change: &Change<'_>, touched: &BTreeMap<String, Touched>) -> Result<()> {
    use sea_orm::ActiveModelTrait;
    let row = |t: &Touched| invoice::Model { updated_at: change.now, ..t.row.clone() }.into_active_model().reset_all();
    let new: Vec<_> = touched.values().filter(|t| t.new).map(row).collect();
    for chunk in new.chunks(rows_per_insert::<invoice::Entity>()) {
        invoice::Entity::insert_many(chunk.to_vec()).exec_without_returning(&change.tx).await?;
    }
    for changed in touched.values().filter(|t| t.dirty && !t.new) {
        row(changed).update(&change.tx).await?;
    }
    Ok(())
}

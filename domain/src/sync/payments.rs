//! Taking over payments and credit notes, and what they leave open on the invoices that they touch.

use std::collections::{BTreeMap, HashMap, HashSet};

use entity::{IntegrationId, InvoiceId, InvoiceStatus, PaymentSource, Scoped, payment};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::{
    invoices::Touched,
    page::{Counts, LOOKUP_CHUNK},
};
use crate::{
    RefusalCode,
    change::{Change, rows_per_insert},
    error::Result,
    payment::{Counted, balance},
    port::{PaymentSnapshot, Problem},
};

/// The payments of a page, compared with what is known.
#[derive(Default)]
pub(super) struct Compared {
    new: Vec<payment::Model>,
    changed: Vec<payment::Model>,
    /// Every payment of the invoices that are touched, as it will be.
    by_invoice: HashMap<InvoiceId, Vec<Counted>>,
    /// Payments that count now and did not before: amount and invoice; negative when one no longer counts.
    pub(super) news: Vec<(InvoiceId, entity::PaymentId, i64)>,
}

/// Compares; nothing is written yet. A payment for an invoice that nobody knows is a problem of its row.
pub(super) async fn compare(
    change: &Change<'_>,
    integration: IntegrationId,
    snapshots: BTreeMap<&str, (&PaymentSnapshot, Option<u64>)>,
    touched: &BTreeMap<String, Touched>,
    settled_by: &HashMap<InvoiceId, &[String]>,
    counts: &mut Counts,
    problems: &mut Vec<Problem>,
) -> Result<Compared> {
    let mut known = known(change, touched).await?;
    let unseen: Vec<&str> = snapshots.keys().copied().filter(|key| !known.contains_key(*key)).collect();
    let mut elsewhere = HashSet::new();
    for row in on_others(change, integration, &unseen).await? {
        // One that was taken back there is free to count here: the books moved it.
        if row.reversed_at.is_some() {
            known.insert(row.external_id.clone(), row);
        } else {
            elsewhere.insert(row.external_id);
        }
    }
    let mut compared = Compared::default();
    for (key, (snapshot, row)) in snapshots {
        match check(snapshot, touched, elsewhere.contains(key)) {
            Err((column, code, message)) => problems.push(Problem {
                row,
                column: None,
                external_id: Some(key.to_owned()),
                code: code.as_str().into(),
                message: format!("{column}: {message}"),
            }),
            Ok(invoice) => match known.remove(key) {
                None => compared.add(fresh(change, integration, snapshot, invoice), counts),
                Some(before) => compared.change(&before, snapshot, invoice, change, counts),
            },
        }
    }
    for other in known.into_values() {
        if gone(&other, settled_by) {
            compared.take_back(other, change, counts);
        } else {
            compared.by_invoice.entry(other.invoice_id).or_default().push(Counted::of(&other));
        }
    }
    Ok(compared)
}

/// Whether a known payment of the source is not among those that settle its invoice now.
fn gone(row: &payment::Model, settled_by: &HashMap<InvoiceId, &[String]>) -> bool {
    row.source == PaymentSource::AccountingSync
        && row.reversed_at.is_none()
        && settled_by.get(&row.invoice_id).is_some_and(|all| !all.contains(&row.external_id))
}

/// Every payment of the touched invoices, by its id in the accounting system.
async fn known(change: &Change<'_>, touched: &BTreeMap<String, Touched>) -> Result<HashMap<String, payment::Model>> {
    let ids: Vec<InvoiceId> = touched.values().filter(|t| !t.new).map(|t| t.row.id).collect();
    let mut known = HashMap::new();
    for chunk in ids.chunks(LOOKUP_CHUNK) {
        let select = payment::Entity::of(change.tenant).filter(payment::Column::InvoiceId.is_in(chunk.iter().copied()));
        for row in select.all(&change.tx).await? {
            known.insert(row.external_id.clone(), row);
        }
    }
    Ok(known)
}

/// Payments that are known, but on invoices that this page does not touch.
async fn on_others(change: &Change<'_>, integration: IntegrationId, unseen: &[&str]) -> Result<Vec<payment::Model>> {
    let mut found = Vec::new();
    for chunk in unseen.chunks(LOOKUP_CHUNK) {
        let select = payment::Entity::of(change.tenant).filter(payment::Column::IntegrationId.eq(integration));
        let select = select.filter(payment::Column::ExternalId.is_in(chunk.iter().copied()));
        found.extend(select.all(&change.tx).await?);
    }
    Ok(found)
}

fn check<'t>(
    snapshot: &PaymentSnapshot,
    touched: &'t BTreeMap<String, Touched>,
    elsewhere: bool,
) -> Result<&'t entity::invoice::Model, (&'static str, RefusalCode, String)> {
    let Some(found) = touched.get(&snapshot.invoice_external_id) else {
        return Err(("invoice", RefusalCode::NotFound, "no invoice with this id is known".into()));
    };
    match &snapshot.currency {
        _ if elsewhere => Err(("payment", RefusalCode::AlreadyExists, "this payment belongs to another invoice already".into())),
        Some(currency) if *currency != found.row.currency => {
            Err(("currency", RefusalCode::CurrencyMismatch, format!("the invoice is in {}", found.row.currency)))
        }
        _ => Ok(&found.row),
    }
}

fn fresh(change: &Change<'_>, integration: IntegrationId, snapshot: &PaymentSnapshot, invoice: &entity::invoice::Model) -> payment::Model {
    payment::Model {
        tenant_id: change.tenant,
        id: change.env.new_id(),
        integration_id: integration,
        invoice_id: invoice.id,
        external_id: snapshot.external_id.clone(),
        kind: snapshot.kind,
        source: PaymentSource::AccountingSync,
        amount_minor: snapshot.amount_minor.unwrap_or(invoice.total_minor),
        currency: invoice.currency.clone(),
        received_on: snapshot.received_on,
        reconciled: snapshot.reconciled,
        reversed_at: snapshot.reversed.then_some(change.now),
        reference: snapshot.reference.clone(),
        recorded_by: None,
        created_at: change.now,
    }
}

impl Compared {
    fn add(&mut self, row: payment::Model, counts: &mut Counts) {
        counts.payments_new += 1;
        let counted = Counted::of(&row);
        if counted.counts {
            self.news.push((row.invoice_id, row.id, row.amount_minor));
        }
        self.by_invoice.entry(row.invoice_id).or_default().push(counted);
        self.new.push(row);
    }

    /// A payment that the source no longer tells of.
    fn take_back(&mut self, mut row: payment::Model, change: &Change<'_>, counts: &mut Counts) {
        counts.payments_updated += 1;
        self.news.push((row.invoice_id, row.id, -row.amount_minor));
        row.reversed_at = Some(change.now);
        self.by_invoice.entry(row.invoice_id).or_default().push(Counted::of(&row));
        self.changed.push(row);
    }

    fn change(
        &mut self,
        before: &payment::Model,
        snapshot: &PaymentSnapshot,
        invoice: &entity::invoice::Model,
        change: &Change<'_>,
        counts: &mut Counts,
    ) {
        let mut row = before.clone();
        row.kind = snapshot.kind;
        row.amount_minor = snapshot.amount_minor.unwrap_or(invoice.total_minor);
        row.received_on = snapshot.received_on;
        row.reconciled = snapshot.reconciled;
        row.reference.clone_from(&snapshot.reference);
        row.invoice_id = invoice.id;
        row.reversed_at = match (snapshot.reversed, before.reversed_at) {
            (true, None) => Some(change.now),
            (true, at) => at,
            (false, _) => None,
        };
        let (was, is) = (Counted::of(before), Counted::of(&row));
        let effect = |c: Counted| if c.counts { c.amount_minor } else { 0 };
        if effect(was) != effect(is) {
            self.news.push((row.invoice_id, row.id, effect(is) - effect(was)));
        }
        self.by_invoice.entry(row.invoice_id).or_default().push(is);
        if row != *before {
            counts.payments_updated += 1;
            self.changed.push(row);
        }
    }

    /// Brings the balances of the touched invoices in line.
    pub(super) fn rebalance(&self, touched: &mut BTreeMap<String, Touched>) {
        for found in touched.values_mut() {
            let row = &mut found.row;
            let cancelled = matches!(row.status, InvoiceStatus::Voided | InvoiceStatus::WrittenOff).then_some(row.status);
            let payments = self.by_invoice.get(&row.id).map_or(&[][..], Vec::as_slice);
            let balance = balance(row.total_minor, row.stated_outstanding_minor, cancelled, payments);
            if row.outstanding_minor != balance.outstanding_minor || row.status != balance.status {
                row.outstanding_minor = balance.outstanding_minor;
                row.status = balance.status;
                found.dirty = true;
            }
        }
    }

    /// Writes what changed.
    pub(super) async fn write_all(self, change: &Change<'_>) -> Result<()> {
        let new: Vec<_> = self.new.into_iter().map(|row| row.into_active_model().reset_all()).collect();
        for chunk in new.chunks(rows_per_insert::<payment::Entity>()) {
            payment::Entity::insert_many(chunk.to_vec()).exec_without_returning(&change.tx).await?;
        }
        for row in self.changed {
            row.into_active_model().reset_all().update(&change.tx).await?;
        }
        Ok(())
    }
}

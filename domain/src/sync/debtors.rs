//! Taking over debtors: new ones inserted, changed ones updated, the rest untouched.

use std::collections::{BTreeMap, HashMap, HashSet};

use entity::{DebtorId, DebtorKind, IntegrationId, Scoped, collection_case, debtor, invoice};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, sea_query::Expr};

use super::page::{Books, Counts, LOOKUP_CHUNK, digest};
use crate::{
    change::{Change, rows_per_insert},
    country,
    error::Result,
    event::{Happened, kind},
    port::{DebtorSnapshot, Record},
};

/// Takes over a page's debtors, the later record of one id winning, and returns the id of each. One that comes without
/// an invoice is news of a debtor that is known, and makes no new one.
pub(super) async fn take(
    change: &mut Change<'_>,
    books: &Books<'_>,
    records: &[Record],
    counts: &mut Counts,
) -> Result<HashMap<String, DebtorId>> {
    let alone = |r: &Record| r.invoice.is_none() && r.payment.is_none();
    let owing: HashSet<&str> = records.iter().filter(|r| !alone(r)).filter_map(|r| Some(r.debtor.as_ref()?.external_id.as_str())).collect();
    let snapshots: BTreeMap<&str, &DebtorSnapshot> =
        records.iter().filter_map(|r| r.debtor.as_ref()).map(|d| (d.external_id.as_str(), d)).collect();
    let mut known = known(change, books, &snapshots).await?;
    let excluded: Vec<String> = books.integration.excluded_groups.clone().map(serde_json::from_value).transpose()?.unwrap_or_default();
    let mut ids = HashMap::with_capacity(snapshots.len());
    let mut new = Vec::new();
    // Mergers first: the one that is left may be new in this very page, and is then who was merged, under another id.
    for (key, snapshot) in &snapshots {
        if let (Some(target), Some(row)) = (snapshot.merged_into.as_deref(), known.get(*key).cloned()) {
            counts.debtors_updated += 1;
            ids.insert((*key).to_owned(), merge(change, row, target, &mut known).await?);
        }
    }
    for (key, snapshot) in snapshots {
        if ids.contains_key(key) {
            continue;
        }
        let hash = digest(snapshot)?;
        match known.get_mut(key) {
            None if owing.contains(key) => {
                let row = insert(change, books.integration.id, snapshot, hash, &excluded);
                ids.insert(key.to_owned(), row.id);
                new.push(row.into_active_model().reset_all());
            }
            None => {}
            Some(row) => {
                ids.insert(key.to_owned(), row.id);
                if row.snapshot_hash != hash {
                    counts.debtors_updated += 1;
                    update(change, row, snapshot, hash, &excluded).await?;
                }
            }
        }
    }
    counts.debtors_new += i64::try_from(new.len()).unwrap_or(i64::MAX);
    for chunk in new.chunks(rows_per_insert::<debtor::Entity>()) {
        debtor::Entity::insert_many(chunk.to_vec()).exec_without_returning(&change.tx).await?;
    }
    Ok(ids)
}

/// The debtors that a page names, and those that they were merged into.
async fn known(
    change: &Change<'_>,
    books: &Books<'_>,
    snapshots: &BTreeMap<&str, &DebtorSnapshot>,
) -> Result<HashMap<String, debtor::Model>> {
    let targets = snapshots.values().filter_map(|s| s.merged_into.as_deref());
    let mut keys: Vec<&str> = snapshots.keys().copied().chain(targets).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut known = HashMap::new();
    for chunk in keys.chunks(LOOKUP_CHUNK) {
        let select = debtor::Entity::of(change.tenant).filter(debtor::Column::IntegrationId.eq(books.integration.id));
        for row in select.filter(debtor::Column::ExternalId.is_in(chunk.iter().copied())).all(&change.tx).await? {
            known.insert(row.external_id.clone(), row);
        }
    }
    Ok(known)
}

/// Two debtors became one at the source. A target that nobody knows yet is the same person under a new id; one that is
/// known takes over the invoices, the cases, and what a person said about exemption and policy. Returns who it is now.
async fn merge(
    change: &mut Change<'_>,
    mut row: debtor::Model,
    target: &str,
    known: &mut HashMap<String, debtor::Model>,
) -> Result<DebtorId> {
    row.updated_at = change.now;
    let Some(other) = known.get(target).map(|other| other.id) else {
        target.clone_into(&mut row.external_id);
        row.clone().into_active_model().reset_all().update(&change.tx).await?;
        known.insert(target.to_owned(), row.clone());
        return Ok(row.id);
    };
    if row.merged_into == Some(other) || row.id == other {
        return Ok(other);
    }
    collection_case::Entity::update_of(change.tenant)
        .col_expr(collection_case::Column::DebtorId, Expr::value(other))
        .filter(collection_case::Column::DebtorId.eq(row.id))
        .exec(&change.tx)
        .await?;
    invoice::Entity::update_of(change.tenant)
        .col_expr(invoice::Column::DebtorId, Expr::value(other))
        .filter(invoice::Column::DebtorId.eq(row.id))
        .exec(&change.tx)
        .await?;
    if let Some(target) = known.get_mut(target) {
        inherit(change, &row, target).await?;
    }
    row.merged_into = Some(other);
    change.record(Happened::new(kind::DEBTOR_CHANGED).debtor(row.id).subject(other.0).with("what", "merged"));
    row.into_active_model().reset_all().update(&change.tx).await?;
    Ok(other)
}

/// Nobody is chased because two records became one: an exemption goes on, and so does a policy of its own.
async fn inherit(change: &Change<'_>, from: &debtor::Model, to: &mut debtor::Model) -> Result<()> {
    if from.exempt && !to.exempt {
        (to.exempt, to.exempt_until) = (true, from.exempt_until);
        to.exempt_reason.clone_from(&from.exempt_reason);
    }
    to.policy_id = to.policy_id.or(from.policy_id);
    to.updated_at = change.now;
    to.clone().into_active_model().reset_all().update(&change.tx).await?;
    Ok(())
}

fn insert(
    change: &Change<'_>,
    integration: IntegrationId,
    snapshot: &DebtorSnapshot,
    snapshot_hash: String,
    excluded: &[String],
) -> debtor::Model {
    let mut row = debtor::Model {
        tenant_id: change.tenant,
        id: change.env.new_id(),
        integration_id: integration,
        external_id: snapshot.external_id.clone(),
        name: String::new(),
        kind: DebtorKind::Business,
        email: None,
        phone: None,
        line1: None,
        line2: None,
        postal_code: None,
        city: None,
        region: None,
        country: None,
        language: None,
        exempt: false,
        exempt_reason: None,
        exempt_until: None,
        groups: None,
        group_excluded: false,
        merged_into: None,
        policy_id: None,
        address_source: None,
        contact_edited: false,
        snapshot_hash,
        version: 1,
        created_at: change.now,
        updated_at: change.now,
    };
    contact(&mut row, snapshot);
    exemption(&mut row, snapshot);
    groups(&mut row, snapshot, excluded);
    row
}

async fn update(change: &Change<'_>, row: &mut debtor::Model, snapshot: &DebtorSnapshot, hash: String, excluded: &[String]) -> Result<()> {
    if !row.contact_edited {
        contact(row, snapshot);
    }
    exemption(row, snapshot);
    groups(row, snapshot, excluded);
    row.snapshot_hash = hash;
    row.version += 1;
    row.updated_at = change.now;
    row.clone().into_active_model().reset_all().update(&change.tx).await?;
    Ok(())
}

/// The groups at the source, and whether one of them is not collected from. A source that did not tell leaves them.
fn groups(row: &mut debtor::Model, snapshot: &DebtorSnapshot, excluded: &[String]) {
    if let Some(groups) = &snapshot.groups {
        row.group_excluded = groups.iter().any(|group| excluded.contains(group));
        row.groups = Some(groups.clone().into());
    }
}

fn contact(row: &mut debtor::Model, snapshot: &DebtorSnapshot) {
    row.name.clone_from(&snapshot.name);
    row.kind = snapshot.kind.unwrap_or(row.kind);
    row.email.clone_from(&snapshot.email);
    row.phone.clone_from(&snapshot.phone);
    row.line1.clone_from(&snapshot.line1);
    row.line2.clone_from(&snapshot.line2);
    row.postal_code.clone_from(&snapshot.postal_code);
    row.city.clone_from(&snapshot.city);
    row.region.clone_from(&snapshot.region);
    // An unknown code is none: the invoice is taken all the same, and the debtor counts as one of the tenant's country.
    row.country = snapshot.country.clone().filter(|code| country::is_known(code));
    row.language.clone_from(&snapshot.language);
}

/// The accounting system's word on exemption counts only where it has one; a person's exemption is not lifted by it.
fn exemption(row: &mut debtor::Model, snapshot: &DebtorSnapshot) {
    const SOURCE: &str = "exempt in the accounting system";
    match snapshot.exempt {
        Some(true) if !row.exempt => {
            row.exempt = true;
            row.exempt_reason = Some(SOURCE.into());
            row.exempt_until = None;
        }
        Some(false) if row.exempt && row.exempt_reason.as_deref() == Some(SOURCE) => {
            row.exempt = false;
            row.exempt_reason = None;
        }
        _ => {}
    }
}

//! Taking over debtors: new ones inserted, changed ones updated, the rest untouched.

use std::collections::{BTreeMap, HashMap};

use entity::{DebtorId, DebtorKind, IntegrationId, Scoped, debtor};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::page::{Counts, LOOKUP_CHUNK, digest};
use crate::{change::Change, error::Result, port::DebtorSnapshot};

/// Rows per INSERT: 25 columns stay below SQLite's 32,766 bound values.
const ROWS_PER_INSERT: usize = 1_000;

/// Takes over a page's debtors, the later record of one id winning, and returns the id of each.
pub(super) async fn take(
    change: &Change<'_>,
    integration: IntegrationId,
    snapshots: BTreeMap<&str, &DebtorSnapshot>,
    counts: &mut Counts,
) -> Result<HashMap<String, DebtorId>> {
    let mut known = HashMap::new();
    let keys: Vec<&str> = snapshots.keys().copied().collect();
    for chunk in keys.chunks(LOOKUP_CHUNK) {
        let select = debtor::Entity::of(change.tenant).filter(debtor::Column::IntegrationId.eq(integration));
        for row in select.filter(debtor::Column::ExternalId.is_in(chunk.iter().copied())).all(&change.tx).await? {
            known.insert(row.external_id.clone(), row);
        }
    }
    let mut ids = HashMap::with_capacity(snapshots.len());
    let mut new = Vec::new();
    for (key, snapshot) in snapshots {
        let hash = digest(snapshot)?;
        match known.remove(key) {
            None => {
                let row = insert(change, integration, snapshot, hash);
                ids.insert(key.to_owned(), row.id);
                new.push(row.into_active_model().reset_all());
            }
            Some(row) => {
                ids.insert(key.to_owned(), row.id);
                if row.snapshot_hash != hash {
                    counts.debtors_updated += 1;
                    update(change, row, snapshot, hash).await?;
                }
            }
        }
    }
    counts.debtors_new += i64::try_from(new.len()).unwrap_or(i64::MAX);
    for chunk in new.chunks(ROWS_PER_INSERT) {
        debtor::Entity::insert_many(chunk.to_vec()).exec_without_returning(&change.tx).await?;
    }
    Ok(ids)
}

fn insert(change: &Change<'_>, integration: IntegrationId, snapshot: &DebtorSnapshot, snapshot_hash: String) -> debtor::Model {
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
        contact_edited: false,
        snapshot_hash,
        version: 1,
        created_at: change.now,
        updated_at: change.now,
    };
    contact(&mut row, snapshot);
    exemption(&mut row, snapshot);
    row
}

async fn update(change: &Change<'_>, mut row: debtor::Model, snapshot: &DebtorSnapshot, hash: String) -> Result<()> {
    if !row.contact_edited {
        contact(&mut row, snapshot);
    }
    exemption(&mut row, snapshot);
    row.snapshot_hash = hash;
    row.version += 1;
    row.updated_at = change.now;
    row.into_active_model().reset_all().update(&change.tx).await?;
    Ok(())
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
    row.country.clone_from(&snapshot.country);
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

//! What stands where in the file of a batch: for whoever fills the envelopes, and for folding machines.

use std::collections::HashMap;

use entity::{LetterId, LetterStatus, PrintBatchId, Scoped, TenantId, letter};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter};

use super::letters;
use crate::{error::Result, letter::LetterFacts};

/// One letter of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Which letter.
    pub letter: LetterId,
    /// Its first page in the file, from 1; none when it is not in it.
    pub first_page: Option<i32>,
    /// Its pages there.
    pub pages: Option<i32>,
    /// Where it stands now: one that was cancelled meanwhile is taken out by hand.
    pub status: LetterStatus,
    /// The reference that it bears.
    pub reference: String,
    /// The name in its window.
    pub recipient: String,
    /// The lines below the name.
    pub address_lines: Vec<String>,
    /// ISO 3166-1 alpha-2 of the address.
    pub country: String,
    /// Hex SHA-256 of the letter's own file.
    pub sha256: Option<String>,
}

/// The letters of a batch in the order of its file.
///
/// # Errors
///
/// When the database refuses.
pub async fn manifest(db: &impl ConnectionTrait, tenant: TenantId, id: PrintBatchId) -> Result<Vec<Entry>> {
    let places = letters(db, tenant, id).await?;
    let ids = places.iter().map(|place| place.letter_id);
    let rows = letter::Entity::of(tenant).filter(letter::Column::Id.is_in(ids)).all(db).await?;
    let mut rows: HashMap<LetterId, letter::Model> = rows.into_iter().map(|row| (row.id, row)).collect();
    let mut entries = Vec::with_capacity(places.len());
    for place in places {
        let Some(row) = rows.remove(&place.letter_id) else { continue };
        let facts: LetterFacts = serde_json::from_value(row.facts)?;
        entries.push(Entry {
            letter: row.id,
            first_page: place.first_page,
            pages: place.pages,
            status: row.status,
            reference: facts.reference,
            recipient: facts.debtor.name,
            address_lines: facts.debtor.address_lines,
            country: facts.debtor.country,
            sha256: row.pdf_sha256,
        });
    }
    Ok(entries)
}

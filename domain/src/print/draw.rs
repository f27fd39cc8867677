//! The file of a batch: drawn once, outside any transaction, kept with its hash, and the same for everyone.

use std::collections::HashMap;

use entity::{LetterId, PrintBatchId, Scoped, TenantId, print_batch, print_batch_document, print_batch_letter};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, IntoActiveModel, QueryFilter};

use super::{find, letters, lock_open, ready, still_open};
use crate::{
    actor::Actor,
    change::Change,
    env::Env,
    error::{Error, Refusal, RefusalCode, Result},
    letter,
    port::{Bound, Placed},
};

/// Most bytes of all letters of a batch together, which are in memory at once while they are bound.
pub const MAX_BYTES: usize = 64 * 1024 * 1024;

/// How often a batch that changes while it is drawn is drawn again.
const ROUNDS: usize = 3;

/// The file of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintFile {
    /// A PDF.
    pub pdf: Vec<u8>,
    /// Hex SHA-256 of it.
    pub sha256: String,
}

/// The file of a batch, drawn and kept on the first call. A letter that was stopped before is not in it.
///
/// # Errors
///
/// `NOT_FOUND`; `ILLEGAL_TRANSITION` when the batch ended before it was drawn; `LIMIT_EXCEEDED` beyond [`MAX_BYTES`];
/// what hinders the drawing of a letter.
pub async fn document(env: &Env, tenant: TenantId, id: PrintBatchId) -> Result<PrintFile> {
    for _ in 0..ROUNDS {
        let batch = find(&env.db, tenant, id).await?;
        if let Some(kept) = kept(env, &batch).await? {
            return Ok(kept);
        }
        still_open(&batch)?;
        let (chosen, pdfs) = gather(env, &batch).await?;
        let bound = bind(env, pdfs, batch.duplex).await?;
        keep(env, &batch, &chosen, bound).await?;
    }
    Err(Error::Bug(format!("print batch {id} changes faster than it is drawn")))
}

async fn kept(env: &Env, batch: &print_batch::Model) -> Result<Option<PrintFile>> {
    let Some(sha256) = batch.sha256.clone() else { return Ok(None) };
    let select = print_batch_document::Entity::of(batch.tenant_id).filter(print_batch_document::Column::BatchId.eq(batch.id));
    Ok(select.one(&env.db).await?.map(|row| PrintFile { pdf: row.pdf, sha256 }))
}

/// The letters that are still to be posted, each with its own file.
async fn gather(env: &Env, batch: &print_batch::Model) -> Result<(Vec<LetterId>, Vec<Vec<u8>>)> {
    let rows = letters(&env.db, batch.tenant_id, batch.id).await?;
    let ids: Vec<LetterId> = rows.iter().map(|row| row.letter_id).collect();
    let waiting = ready(&env.db, batch.tenant_id, &ids).await?;
    let (mut chosen, mut pdfs, mut bytes) = (Vec::new(), Vec::new(), 0);
    for row in rows.iter().filter(|row| waiting.contains(&row.letter_id)) {
        let drawn = letter::document(env, batch.tenant_id, row.letter_id).await?;
        bytes += drawn.pdf.len();
        if bytes > MAX_BYTES {
            return Err(Refusal::new(RefusalCode::LimitExceeded, "the letters are too large for one batch").at("id").into());
        }
        chosen.push(row.letter_id);
        pdfs.push(drawn.pdf);
    }
    if chosen.is_empty() {
        return Err(Refusal::new(RefusalCode::IllegalTransition, "no letter of the batch is to be posted any more").at("id").into());
    }
    Ok((chosen, pdfs))
}

async fn bind(env: &Env, pdfs: Vec<Vec<u8>>, duplex: bool) -> Result<Bound> {
    let outside = env.outside.clone();
    let bound = tokio::task::spawn_blocking(move || outside.renderer.bind(&pdfs, duplex));
    let bound = bound.await.map_err(|error| Error::Bug(format!("binding letters: {error}")))?;
    Ok(bound.map_err(|error| Refusal::new(RefusalCode::Invalid, error.to_string()))?)
}

/// Keeps the drawing unless somebody else did, or the batch ended meanwhile.
async fn keep(env: &Env, seen: &print_batch::Model, chosen: &[LetterId], bound: Bound) -> Result<()> {
    let change = Change::begin(env, seen.tenant_id, Actor::System).await?;
    let batch = lock_open(&change, seen.id).await?;
    if batch.sha256.is_some() {
        return Ok(());
    }
    let places: HashMap<LetterId, Placed> = chosen.iter().copied().zip(bound.places).collect();
    for row in letters(&change.tx, seen.tenant_id, seen.id).await? {
        let place = places.get(&row.letter_id).copied();
        let mut row: print_batch_letter::ActiveModel = row.into();
        row.first_page = Set(place.and_then(|place| i32::try_from(place.first_page).ok()));
        row.pages = Set(place.and_then(|place| i32::try_from(place.pages).ok()));
        row.update(&change.tx).await?;
    }
    let kept = print_batch_document::Model { tenant_id: seen.tenant_id, batch_id: seen.id, pdf: bound.bytes };
    kept.into_active_model().reset_all().insert(&change.tx).await?;
    let mut batch = batch.into_active_model();
    batch.sha256 = Set(Some(bound.sha256));
    batch.pages = Set(i32::try_from(bound.pages).ok());
    batch.updated_at = Set(change.now);
    batch.update(&change.tx).await?;
    change.commit().await
}

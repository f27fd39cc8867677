//! The PDF of a letter: drawn once, outside any transaction, kept with its hash, and the same for everyone.

use entity::{LetterId, LetterStatus, Scoped, TenantId, letter, letter_document};
use sea_orm::{ActiveModelTrait, ColumnTrait, IntoActiveModel, QueryFilter, QuerySelect};

use super::super::{LetterFacts, compose};
use crate::{
    actor::Actor,
    change::Change,
    env::Env,
    error::{Error, Refusal, RefusalCode, Result},
    port::{Pdf, RenderError},
};

/// A drawn letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The file.
    pub pdf: Vec<u8>,
    /// Hex SHA-256 of the file.
    pub sha256: String,
    /// File name, made from ids and numbers only.
    pub file_name: String,
}

/// The PDF of a letter, drawn and kept on the first call; that of its lead when another letter speaks for it.
///
/// # Errors
///
/// `NOT_FOUND`; `GLYPH_MISSING` or `INVALID` when the letter cannot be drawn.
pub async fn document(env: &Env, tenant: TenantId, id: LetterId) -> Result<Document> {
    for _ in 0..3 {
        let mut letter = super::find_row(&env.db, tenant, id).await?;
        if let Some(lead) = letter.lead_id {
            letter = super::find_row(&env.db, tenant, lead).await?;
        }
        if let Some(kept) = kept(env, &letter).await? {
            return Ok(kept);
        }
        let facts: LetterFacts = serde_json::from_value(letter.facts.clone())?;
        let pdf = draw(env, facts).await?;
        if letter.status == LetterStatus::Cancelled {
            return Ok(Document { file_name: file_name(&letter), pdf: pdf.bytes, sha256: pdf.sha256 });
        }
        keep(env, &letter, &pdf).await?;
    }
    Err(Error::Bug(format!("letter {id} changes faster than it is drawn")))
}

async fn kept(env: &Env, letter: &letter::Model) -> Result<Option<Document>> {
    let Some(sha256) = letter.pdf_sha256.clone() else { return Ok(None) };
    let row = letter_document::Entity::of(letter.tenant_id).filter(letter_document::Column::LetterId.eq(letter.id)).one(&env.db).await?;
    Ok(row.map(|row| Document { pdf: row.pdf, sha256, file_name: file_name(letter) }))
}

fn file_name(letter: &letter::Model) -> String {
    format!("letter-{}.pdf", letter.id.0.simple())
}

/// Draws a letter on a thread of its own.
pub(in super::super) async fn draw(env: &Env, facts: LetterFacts) -> Result<Pdf> {
    let outside = env.outside.clone();
    let drawn = tokio::task::spawn_blocking(move || {
        let document = compose(&facts).map_err(|e| Refusal::new(RefusalCode::Invalid, e.to_string()))?;
        outside.renderer.render(&document).map_err(|e| match e {
            RenderError::MissingGlyph(_) => Refusal::new(RefusalCode::GlyphMissing, e.to_string()),
            RenderError::Unprintable(_) => Refusal::new(RefusalCode::Invalid, e.to_string()),
        })
    });
    Ok(drawn.await.map_err(|e| Error::Bug(format!("drawing a letter: {e}")))??)
}

/// Keeps the drawing unless somebody else did, or the letter changed meanwhile.
async fn keep(env: &Env, seen: &letter::Model, pdf: &Pdf) -> Result<()> {
    let change = Change::begin(env, seen.tenant_id, Actor::System).await?;
    let select = letter::Entity::of(seen.tenant_id).filter(letter::Column::Id.eq(seen.id));
    let Some(now) = select.lock_exclusive().one(&change.tx).await? else { return Ok(()) };
    if now.pdf_sha256.is_some() || now.facts != seen.facts {
        return Ok(());
    }
    let row = letter_document::Model { tenant_id: seen.tenant_id, letter_id: seen.id, pdf: pdf.bytes.clone() };
    row.into_active_model().reset_all().insert(&change.tx).await?;
    let mut row = now.into_active_model();
    row.pdf_sha256 = sea_orm::ActiveValue::Set(Some(pdf.sha256.clone()));
    row.pdf_pages = sea_orm::ActiveValue::Set(i32::try_from(pdf.pages).ok());
    row.update(&change.tx).await?;
    change.commit().await
}

//! The PDF of a letter: drawn once, outside any transaction, kept with its hash, and the same for everyone.

use entity::{LetterId, LetterStatus, Scoped, TenantId, letter, letter_document};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

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

/// A letter's page as it is taken along: kept already, or drawn just now and to be kept under the letter's lock.
#[derive(Debug, Clone)]
pub struct Page {
    /// The drawing.
    pub document: Document,
    new: Option<New>,
}

/// What was drawn, and how it came out.
#[derive(Debug, Clone)]
struct New {
    facts: serde_json::Value,
    pages: u32,
}

impl Page {
    /// Whether nobody has kept it, as far as was seen.
    pub(crate) fn is_new(&self) -> bool {
        self.new.is_some()
    }

    /// Keeps a new page with its letter, which is locked, and saved by the caller. False when it is not the letter's page
    /// any more: the letter changed, or somebody kept another drawing.
    ///
    /// # Errors
    ///
    /// When the database refuses.
    pub(crate) async fn keep(&self, change: &Change<'_>, letter: &mut letter::Model) -> Result<bool> {
        let Document { pdf, sha256, .. } = &self.document;
        let Some(new) = self.new.as_ref().filter(|_| letter.pdf_sha256.is_none()) else {
            return Ok(letter.pdf_sha256.as_ref() == Some(sha256));
        };
        if letter.facts != new.facts {
            return Ok(false);
        }
        let row = letter_document::Model { tenant_id: letter.tenant_id, letter_id: letter.id, pdf: pdf.clone() };
        letter_document::Entity::insert(row.into_active_model().reset_all()).exec_without_returning(&change.tx).await?;
        letter.pdf_sha256 = Some(sha256.clone());
        letter.pdf_pages = i32::try_from(new.pages).ok();
        Ok(true)
    }
}

/// The page of a letter that was read: the kept one, else drawn now and not kept yet.
///
/// # Errors
///
/// `GLYPH_MISSING` or `INVALID` when the letter cannot be drawn.
pub async fn page(env: &Env, letter: &letter::Model) -> Result<Page> {
    if let Some(sha256) = letter.pdf_sha256.clone() {
        let select = letter_document::Entity::of(letter.tenant_id).filter(letter_document::Column::LetterId.eq(letter.id));
        if let Some(row) = select.one(&env.db).await? {
            return Ok(Page { document: Document { pdf: row.pdf, sha256, file_name: file_name(letter) }, new: None });
        }
    }
    let facts: LetterFacts = serde_json::from_value(letter.facts.clone())?;
    let Pdf { bytes, sha256, pages } = draw(env, facts).await?;
    let new = New { facts: letter.facts.clone(), pages };
    Ok(Page { document: Document { pdf: bytes, sha256, file_name: file_name(letter) }, new: Some(new) })
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
        let page = page(env, &letter).await?;
        if !page.is_new() || letter.status == LetterStatus::Cancelled || keep(env, &letter, &page).await? {
            return Ok(page.document);
        }
    }
    Err(Error::Bug(format!("letter {id} changes faster than it is drawn")))
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

/// Keeps a page in a change of its own; false when it is not the letter's any more.
async fn keep(env: &Env, seen: &letter::Model, page: &Page) -> Result<bool> {
    let change = Change::begin(env, seen.tenant_id, Actor::System).await?;
    let mut letter = super::lock_row(&change, seen.id).await?;
    let kept = letter.pdf_sha256.is_some();
    if !page.keep(&change, &mut letter).await? {
        return Ok(false);
    }
    if !kept {
        super::save_row(&change, &mut letter).await?;
    }
    change.commit().await?;
    Ok(true)
}

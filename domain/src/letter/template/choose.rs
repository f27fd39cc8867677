//! Which text a letter gets: the tenant's for the debtor's country, else the tenant's for any country, else the
//! product's own. One with words that a law forbids in this letter is passed over.

use entity::{LetterKind, Scoped, TenantId, letter_template, letter_template_revision};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, QueryFilter};

use super::{
    OwnWording, Piece, TEXT_REVISION, language_text, letter_text, text_of,
    unsaid::{For, unsaid},
};
use crate::{
    error::{Error, Result},
    letter::{Language, LetterFacts},
};

/// The tenant's own text for a letter with these facts, if there is one.
///
/// # Errors
///
/// When the database refuses.
pub(crate) async fn choose(db: &impl ConnectionTrait, tenant: TenantId, facts: &LetterFacts) -> Result<Option<OwnWording>> {
    let country = facts.debtor.country.as_str();
    let any = letter_template::Column::Country.is_null();
    let mut found = letter_template::Entity::of(tenant)
        .filter(letter_template::Column::Kind.eq(facts.kind))
        .filter(letter_template::Column::Language.eq(facts.language.as_str()))
        .filter(letter_template::Column::Archived.eq(false))
        .filter(Condition::any().add(letter_template::Column::Country.eq(country)).add(any))
        .all(db)
        .await?;
    found.sort_by_key(|row| row.country.is_none());
    let letters =
        For { kind: facts.kind, language: facts.language, creditor: &facts.creditor.country, debtors: Some(country), day: facts.dated_on };
    for row in &found {
        let wording = wording(db, row).await?;
        if unsaid(&wording.text, letters).is_empty() {
            return Ok(Some(wording));
        }
    }
    Ok(None)
}

/// The newest revision of a template.
///
/// # Errors
///
/// When the database refuses.
pub(super) async fn wording(db: &impl ConnectionTrait, row: &letter_template::Model) -> Result<OwnWording> {
    let revision = letter_template_revision::Entity::of(row.tenant_id)
        .filter(letter_template_revision::Column::TemplateId.eq(row.id))
        .filter(letter_template_revision::Column::Revision.eq(row.revision))
        .one(db)
        .await?
        .ok_or_else(|| Error::Bug(format!("template {} has no revision {}", row.id, row.revision)))?;
    Ok(OwnWording { template: Some(row.id), revision: row.revision, text: text_of(&revision)? })
}

/// The product's own text for a letter: what a tenant's own replaces, and a place to start from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shipped {
    /// The revision that it belongs to.
    pub revision: &'static str,
    /// The heading.
    pub subject: String,
    /// Before the claim.
    pub opening: Vec<Piece>,
    /// After the account.
    pub closing: Vec<Piece>,
    /// The short message.
    pub sms: Vec<Piece>,
}

/// The product's own text for letters to debtors in a country; `country` may be empty.
///
/// # Errors
///
/// When a language lacks a kind, which no release does.
pub fn shipped(kind: LetterKind, language: Language, country: &str) -> Result<Shipped> {
    let lacking = || Error::Bug(format!("no text for {} in {}", kind.as_str(), language.as_str()));
    let words = language_text(TEXT_REVISION, language).ok_or_else(lacking)?;
    let text = letter_text(words, kind, country).ok_or_else(lacking)?;
    Ok(Shipped { revision: TEXT_REVISION, subject: text.subject, opening: text.opening, closing: text.closing, sms: text.sms })
}

//! Which case a payment is for, by the reference that the payer quoted: what a person sees on a bank statement.

use entity::{Scoped, TenantId, collection_case, invoice};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder};

use crate::{
    error::{Refusal, RefusalCode, Result},
    letter::aid::{Named, named},
    tenant,
};

/// Longest reference that is looked for, in characters: what a credit transfer carries.
const MAX_CHARS: usize = 140;

/// What a reference names.
#[derive(Debug, Clone, PartialEq)]
pub enum Quoted {
    /// A case, by its own reference or by that of one of its invoices.
    Case(Box<collection_case::Model>),
    /// Nothing of this tenant, as far as we know.
    Nothing,
    /// It has the form of a reference of this tenant, and its check digits do not fit.
    BadCheckDigits,
}

/// The case that a reference names, whatever became of it. A reference that an invoice has in the books comes first:
/// letters on that invoice alone ask for it.
///
/// # Errors
///
/// A refusal for a text that no payment carries.
pub async fn by_reference(db: &impl ConnectionTrait, id: TenantId, reference: &str) -> Result<Quoted> {
    let text = reference.trim();
    if text.is_empty() || text.chars().count() > MAX_CHARS || text.chars().any(char::is_control) {
        let message = format!("a reference has 1 to {MAX_CHARS} characters, none of control");
        return Err(Refusal::new(RefusalCode::Invalid, message).at("reference").into());
    }
    if let Some(case) = of_invoice(db, id, text).await? {
        return Ok(Quoted::Case(Box::new(case)));
    }
    let number = match named(text, tenant::bank(&tenant::find(db, id).await?)?.reference) {
        Named::Case(number) => number,
        Named::BadCheckDigits => return Ok(Quoted::BadCheckDigits),
        Named::Nothing => return Ok(Quoted::Nothing),
    };
    let found = collection_case::Entity::of(id).filter(collection_case::Column::Number.eq(number)).one(db).await?;
    Ok(found.map_or(Quoted::Nothing, |case| Quoted::Case(Box::new(case))))
}

/// The case of the newest invoice that has this reference in the books, as written or without blanks.
async fn of_invoice(db: &impl ConnectionTrait, id: TenantId, text: &str) -> Result<Option<collection_case::Model>> {
    let plain: String = text.split_whitespace().collect();
    let found = invoice::Entity::of(id)
        .filter(invoice::Column::PaymentReference.is_in([text, plain.as_str()]))
        .filter(invoice::Column::CaseId.is_not_null())
        .order_by_desc(invoice::Column::Id)
        .one(db)
        .await?;
    let Some(case) = found.and_then(|invoice| invoice.case_id) else { return Ok(None) };
    Ok(collection_case::Entity::of(id).filter(collection_case::Column::Id.eq(case)).one(db).await?)
}

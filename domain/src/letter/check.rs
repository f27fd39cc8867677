//! Facts that contradict each other never become a letter.

use super::{ClaimLine, ClaimLineKind, ComposeError, LetterFacts, LetterKind, MAX_CLAIM_LINES, TEXT_REVISION};

/// The contradictions that no wording can mend.
pub(super) fn check(facts: &LetterFacts) -> Result<(), ComposeError> {
    if facts.text_revision != TEXT_REVISION {
        return Err(ComposeError::UnknownRevision(facts.text_revision.chars().take(32).collect()));
    }
    if facts.step_number == 0 || facts.step_number > facts.steps_total {
        return Err(ComposeError::NoSuchStep { number: facts.step_number, total: facts.steps_total });
    }
    check_lines(&facts.lines, facts.outstanding_minor)?;
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

//! The lines of a letter for what is owed beside the invoices, each with how its amount was reached.

use entity::invoice;

use super::super::{ClaimLine, ClaimLineKind, Language, MAX_CLAIM_LINES, amount::format_amount, date::format_short};
use crate::claim::{Calculation, Line, LineKind, State, percent};

/// The lines: fixed sums, fees, interest by invoice and stretch, and what was received for them or given
/// up. Together they are what the claim has open beside the invoices.
pub(super) fn charge_lines(claim: &State, invoices: &[invoice::Model], currency: &str, language: Language) -> Vec<ClaimLine> {
    let beside = claim.lines.iter().filter_map(|line| Some((kind(line.kind)?, line)));
    let mut lines: Vec<(ClaimLineKind, &Line)> = beside.collect();
    lines.sort_by_key(|(kind, line)| (place(*kind), line.on));
    let shown = |(kind, line): (ClaimLineKind, &Line)| ClaimLine {
        kind,
        invoice_number: line.invoice.and_then(|id| invoices.iter().find(|invoice| invoice.id == id)).map(|invoice| invoice.number.clone()),
        title: None,
        issued_on: line.on,
        due_on: None,
        amount_minor: line.amount_minor,
        note: line.calculation.map(|calculation| note(&calculation, currency, language)),
    };
    let lines: Vec<ClaimLine> = lines.into_iter().map(shown).collect();
    // Half of a letter's lines are for invoices and payments.
    if lines.len() > MAX_CLAIM_LINES / 2 { by_invoice(lines) } else { lines }
}

const fn kind(kind: LineKind) -> Option<ClaimLineKind> {
    match kind {
        LineKind::Interest => Some(ClaimLineKind::Interest),
        LineKind::Fee => Some(ClaimLineKind::Fee),
        LineKind::FixedSum => Some(ClaimLineKind::FixedSum),
        LineKind::ChargePayment => Some(ClaimLineKind::Payment),
        LineKind::Waiver => Some(ClaimLineKind::Waiver),
        LineKind::Principal | LineKind::Payment | LineKind::CreditNote | LineKind::WriteOff => None,
    }
}

const fn place(kind: ClaimLineKind) -> u8 {
    match kind {
        ClaimLineKind::FixedSum => 0,
        ClaimLineKind::Fee => 1,
        ClaimLineKind::Interest => 2,
        ClaimLineKind::Principal | ClaimLineKind::Payment | ClaimLineKind::CreditNote | ClaimLineKind::Waiver => 3,
    }
}

/// `01.01.2026–31.01.2026: 1.234,50 € × 10,27 % × 31/365`.
fn note(calculation: &Calculation, currency: &str, language: Language) -> String {
    let Calculation { principal_minor, ppm, first, last, days, year_days } = *calculation;
    let (first, last) = (format_short(first, language), format_short(last, language));
    let principal =
        format_amount(principal_minor, currency, language).unwrap_or_else(|_| crate::money::to_decimal(principal_minor, currency));
    let rate = percent(ppm);
    let rate = match language {
        Language::En => format!("{rate}%"),
        Language::De | Language::Nb => format!("{}\u{a0}%", rate.replace('.', ",")),
    };
    format!("{first}–{last}: {principal} × {rate} × {days}/{year_days}")
}

/// One line of interest for each invoice, where a line for each stretch would not fit.
fn by_invoice(lines: Vec<ClaimLine>) -> Vec<ClaimLine> {
    let mut merged: Vec<ClaimLine> = Vec::new();
    for line in lines {
        let same = |other: &&mut ClaimLine| other.kind == ClaimLineKind::Interest && other.invoice_number == line.invoice_number;
        match merged.iter_mut().find(same).filter(|_| line.kind == ClaimLineKind::Interest) {
            Some(other) => {
                other.amount_minor = other.amount_minor.saturating_add(line.amount_minor);
                other.issued_on = line.issued_on;
                other.note = None;
            }
            None => merged.push(line),
        }
    }
    merged
}

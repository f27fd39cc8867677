//! The lines of a letter: its claim as the debtor reads it, interest with how its amount was reached.

use entity::{InvoiceStatus, invoice};

use super::super::{ClaimLine, ClaimLineKind, Language, MAX_CLAIM_LINES, amount::format_amount, date::format_short};
use crate::claim::{Calculation, Line, LineKind, State, percent};

/// The lines: each invoice that was not given up with what was credited and paid on it, then what is owed beside.
pub(super) fn claim_lines(claim: &State, invoices: &[invoice::Model], currency: &str, language: Language) -> Vec<ClaimLine> {
    let own = claim.lines.iter().filter(|line| !line.kind.is_beside()).filter_map(|line| {
        let invoice = invoices.iter().find(|invoice| Some(invoice.id) == line.invoice)?;
        (invoice.status != InvoiceStatus::WrittenOff).then(|| own_line(line, invoice)).flatten()
    });
    own.chain(charge_lines(claim, invoices, currency, language)).collect()
}

fn own_line(line: &Line, invoice: &invoice::Model) -> Option<ClaimLine> {
    let sum = line.kind == LineKind::Principal;
    Some(ClaimLine {
        kind: kind(line.kind)?,
        invoice_number: Some(invoice.number.clone()),
        title: invoice.title.clone().filter(|_| sum),
        issued_on: if sum { Some(invoice.issued_on) } else { line.on },
        due_on: sum.then_some(invoice.due_on),
        amount_minor: line.amount_minor,
        note: None,
    })
}

/// Fixed sums, fees, interest by invoice and stretch, and what was received for them or given up. Together they are what
/// the claim has open beside the invoices.
fn charge_lines(claim: &State, invoices: &[invoice::Model], currency: &str, language: Language) -> Vec<ClaimLine> {
    let beside = claim.lines.iter().filter(|line| line.kind.is_beside()).filter_map(|line| Some((kind(line.kind)?, line)));
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

/// How a letter calls it; none for what was given up of an invoice, which no letter names.
const fn kind(kind: LineKind) -> Option<ClaimLineKind> {
    match kind {
        LineKind::Principal => Some(ClaimLineKind::Principal),
        LineKind::Interest => Some(ClaimLineKind::Interest),
        LineKind::Fee => Some(ClaimLineKind::Fee),
        LineKind::FixedSum => Some(ClaimLineKind::FixedSum),
        LineKind::Payment | LineKind::ChargePayment => Some(ClaimLineKind::Payment),
        LineKind::CreditNote => Some(ClaimLineKind::CreditNote),
        LineKind::Waiver => Some(ClaimLineKind::Waiver),
        LineKind::WriteOff => None,
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

#[cfg(test)]
mod tests {
    use entity::{ChargeId, ChargeKind, DebtorId, IntegrationId, InvoiceId, PaymentId, PaymentKind, TenantId};
    use uuid::Uuid;

    use super::*;
    use crate::claim::{Charged, Input, Owed, Paid, state};

    fn invoice(total_minor: i64, status: InvoiceStatus) -> invoice::Model {
        let day = |text: &str| text.parse().unwrap();
        invoice::Model {
            tenant_id: TenantId(Uuid::nil()),
            id: InvoiceId(Uuid::from_u128(1)),
            integration_id: IntegrationId(Uuid::nil()),
            external_id: String::new(),
            debtor_id: DebtorId(Uuid::nil()),
            case_id: None,
            number: "R-1".to_owned(),
            title: Some("Timber".to_owned()),
            issued_on: day("2026-01-02"),
            due_on: day("2026-01-16"),
            currency: "EUR".to_owned(),
            total_minor,
            stated_outstanding_minor: None,
            outstanding_minor: 0,
            status,
            disputed: false,
            payment_reference: None,
            online_url: None,
            online_asked_at: None,
            online_ask_at: None,
            checked_at: None,
            missing_since: None,
            snapshot_hash: String::new(),
            created_at: chrono::DateTime::UNIX_EPOCH,
            updated_at: chrono::DateTime::UNIX_EPOCH,
        }
    }

    /// Half of the invoice was credited, all of it was paid, and a fee is owed.
    fn overpaid(of: &invoice::Model) -> State {
        let on = of.due_on;
        let id = of.id;
        let paid = |n, kind, amount_minor| Paid { id: PaymentId(Uuid::from_u128(n)), invoice: id, kind, amount_minor, on };
        let (total_minor, given_up) = (of.total_minor, of.status == InvoiceStatus::WrittenOff);
        let input = Input {
            invoices: vec![Owed { id, total_minor, outstanding_minor: 0, due_on: on, given_up, interest_from: None }],
            payments: vec![paid(1, PaymentKind::Payment, 10_000), paid(2, PaymentKind::CreditNote, 5_000)],
            charges: vec![Charged {
                id: ChargeId(Uuid::nil()),
                kind: ChargeKind::Fee,
                amount_minor: 2_000,
                on,
                invoice: None,
                waived_on: None,
            }],
            received: Vec::new(),
            rates: None,
            fixed_at_start: false,
            day_count: crate::law::DayCount::Act365,
            waivers: Vec::new(),
            order: [crate::law::Part::Costs, crate::law::Part::Interest, crate::law::Part::Principal],
        };
        state(&input, on).unwrap()
    }

    #[test]
    fn money_that_is_more_than_an_invoice_asks_for_is_told_once() {
        let invoice = invoice(10_000, InvoiceStatus::Open);
        let lines = claim_lines(&overpaid(&invoice), std::slice::from_ref(&invoice), "EUR", Language::En);
        let told: Vec<_> = lines.iter().map(|line| (line.kind, line.amount_minor, line.title.is_some(), line.due_on.is_some())).collect();
        assert_eq!(
            told,
            [
                (ClaimLineKind::Principal, 10_000, true, true),
                (ClaimLineKind::CreditNote, -5_000, false, false),
                (ClaimLineKind::Payment, -5_000, false, false),
                (ClaimLineKind::Fee, 2_000, false, false),
                (ClaimLineKind::Payment, -2_000, false, false),
            ]
        );
        assert_eq!((lines[0].issued_on, lines[1].issued_on), (Some(invoice.issued_on), Some(invoice.due_on)));
    }

    #[test]
    fn an_invoice_that_was_given_up_is_not_named() {
        let invoice = invoice(20_000, InvoiceStatus::WrittenOff);
        let lines = claim_lines(&overpaid(&invoice), std::slice::from_ref(&invoice), "EUR", Language::En);
        assert!(lines.iter().all(|line| line.invoice_number.is_none()), "{lines:?}");
    }
}

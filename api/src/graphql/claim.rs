//! The claim of a case: what is owed, line by line.

use async_graphql::{Enum, SimpleObject};
use domain::letter::{ClaimLineKind as Stored, claim_lines};
use entity::{InvoiceStatus, collection_case, invoice, payment};

use super::{invoice::Invoice, money::Money, scalars::Date};

/// What a line of the claim stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum ClaimLineKind {
    /// An invoice's sum.
    Principal,
    /// Interest for late payment.
    Interest,
    /// A fee for collecting.
    Fee,
    /// A fixed sum for late payment that the law allows.
    FixedSum,
    /// Money received; negative.
    Payment,
    /// A credit note; negative.
    CreditNote,
    /// A charge that the creditor gave up; negative.
    Waiver,
    /// What the creditor gave up; negative.
    WriteOff,
}

/// One line of the claim.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct ClaimLine {
    /// What it stands for.
    pub kind: ClaimLineKind,
    /// What is owed is positive, what reduces it negative.
    pub amount: Money,
    /// The day of the invoice, payment or credit note; null where only the accounting system's sum says so.
    pub on: Option<Date>,
    /// Which invoice.
    pub invoice: Invoice,
}

/// What is owed in a case. The lines add up to what is outstanding.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct Claim {
    /// Sum of the invoices.
    pub principal: Money,
    /// Money received.
    pub paid: Money,
    /// Credit notes.
    pub credited: Money,
    /// What the creditor gave up.
    pub written_off: Money,
    /// What is still open.
    pub outstanding: Money,
    /// Line by line, by invoice.
    pub lines: Vec<ClaimLine>,
}

/// The claim of a case, from its invoices and what reduces them.
pub fn claim(case: &collection_case::Model, invoices: &[invoice::Model], payments: &[payment::Model]) -> Claim {
    let lines: Vec<ClaimLine> = invoices.iter().flat_map(|invoice| lines(invoice, payments)).collect();
    let sum = |kind| -lines.iter().filter(|line| line.kind == kind).map(|line| line.amount.minor).sum::<i64>();
    let money = |minor| Money::new(minor, &case.currency);
    Claim {
        principal: money(case.principal_minor),
        paid: money(sum(ClaimLineKind::Payment)),
        credited: money(sum(ClaimLineKind::CreditNote)),
        written_off: money(sum(ClaimLineKind::WriteOff)),
        outstanding: money(case.outstanding_minor),
        lines,
    }
}

fn lines(invoice: &invoice::Model, payments: &[payment::Model]) -> Vec<ClaimLine> {
    let given_up = invoice.status == InvoiceStatus::WrittenOff;
    // A letter leaves out what was given up; the creditor sees it as a line of its own.
    let shown = invoice::Model { status: if given_up { InvoiceStatus::Open } else { invoice.status }, ..invoice.clone() };
    claim_lines(&[shown], payments)
        .into_iter()
        .map(|line| ClaimLine {
            kind: match line.kind {
                // What no payment explains on an invoice that was given up.
                Stored::Payment if given_up && line.issued_on.is_none() => ClaimLineKind::WriteOff,
                Stored::Principal => ClaimLineKind::Principal,
                Stored::Interest => ClaimLineKind::Interest,
                Stored::Fee => ClaimLineKind::Fee,
                Stored::FixedSum => ClaimLineKind::FixedSum,
                Stored::Payment => ClaimLineKind::Payment,
                Stored::CreditNote => ClaimLineKind::CreditNote,
                Stored::Waiver => ClaimLineKind::Waiver,
            },
            amount: Money::new(line.amount_minor, &invoice.currency),
            on: line.issued_on.map(Date),
            invoice: Invoice(invoice.clone()),
        })
        .collect()
}

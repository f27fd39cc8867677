//! A claim with what settled it: one invoice and its payments and credit notes.
//!
//! GO's ledger keeps balances in the client's currency only. An invoice in another currency is told in its own one while
//! that can be done exactly: when nothing, all, or only whole payments in that currency settled it. Otherwise it is told
//! as disputed, so that nobody is dunned for a converted sum, with a problem that says so.

use domain::{
    RefusalCode,
    port::{InvoiceSnapshot, InvoiceState, PaymentSnapshot, Problem},
};

use super::{
    super::{CURRENCY, wire::OutgoingInvoice},
    Around, Entry, Kind, Piece,
    entry::{piece_id, told_as},
    settle,
    settled::settled_by,
};
use crate::connectors::wire::{CONTRACT_BROKEN, WireError, text};

/// Longest title.
const MAX_TITLE: usize = 300;
/// Longest number or reference.
const MAX_NUMBER: usize = 100;

/// What the list of invoices adds to a ledger entry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Details {
    pub title: Option<String>,
    /// Nullified by a reversal voucher.
    pub reversed: bool,
    /// Sold to a factoring company: not the client's claim any more.
    pub sold: bool,
}

impl Details {
    /// Reads them.
    pub fn read(wire: &OutgoingInvoice) -> Self {
        let titles = [&wire.customer_reference, &wire.purchase_order_reference];
        Self {
            title: titles.into_iter().find_map(|title| text(title.as_deref(), MAX_TITLE)),
            reversed: wire.is_reversed,
            sold: wire.invoice_delivery_type.as_deref() == Some("Factoring"),
        }
    }
}

/// What is told of one claim.
#[derive(Debug, Default)]
pub struct Told {
    pub invoice: Option<InvoiceSnapshot>,
    pub payments: Vec<PaymentSnapshot>,
    pub problem: Option<Problem>,
}

/// Makes the snapshots of a claim.
pub fn tell(claim: &Entry, details: &Details, around: &Around<'_>) -> Told {
    let Some(due_on) = claim.due_on else {
        return Told { problem: Some(WireError::Missing.at("DueDate", Some(&claim.voucher_id))), ..Told::default() };
    };
    let settled = settle(around.group);
    let own: Vec<&Piece<'_>> = settled.iter().filter(|piece| piece.debit.voucher_id == claim.voucher_id).collect();
    let books = match &claim.foreign {
        None => at_home(claim, &own),
        Some((currency, total)) => abroad(claim, currency, *total, around.group, &own),
    };
    let number = text(claim.number.as_deref(), MAX_NUMBER).unwrap_or_else(|| claim.voucher_no.to_string());
    let invoice = InvoiceSnapshot {
        external_id: claim.voucher_id.clone(),
        number,
        title: details.title.clone(),
        issued_on: claim.issued_on,
        due_on,
        currency: Some(books.currency),
        total_minor: books.total,
        outstanding_minor: books.outstanding,
        state: state(claim, details, &own),
        disputed: details.sold || books.unclear,
        settled_by: settled_by(claim, &own, &books.payments, around),
        payment_reference: text(claim.cid.as_deref(), MAX_NUMBER),
        online_url: None,
    };
    let problem = if own.is_empty() && claim.used() != 0 { Some(unexplained(claim)) } else { books.unclear.then(|| unclear(claim)) };
    Told { invoice: Some(invoice), payments: books.payments, problem }
}

/// A claim's figures.
struct Books {
    currency: String,
    total: i64,
    outstanding: Option<i64>,
    payments: Vec<PaymentSnapshot>,
    unclear: bool,
}

fn at_home(claim: &Entry, own: &[&Piece<'_>]) -> Books {
    let payments = own.iter().filter_map(|piece| payment(piece, piece.amount)).collect();
    let outstanding = Some(claim.balance.max(0));
    Books { currency: CURRENCY.into(), total: claim.amount, outstanding, payments, unclear: false }
}

fn abroad(claim: &Entry, currency: &str, total: i64, group: &[Entry], own: &[&Piece<'_>]) -> Books {
    let alone = group.iter().filter(|entry| entry.amount > 0).all(|entry| entry.voucher_id == claim.voucher_id);
    let whole: Option<Vec<i64>> = own.iter().map(|piece| in_full(piece.credit, currency)).collect();
    let exact = whole.filter(|amounts| alone && (!amounts.is_empty() || claim.used() == 0));
    let payments: Vec<PaymentSnapshot> = exact.iter().flatten().zip(own).filter_map(|(amount, piece)| payment(piece, *amount)).collect();
    let settled = exact.as_ref().map(|amounts| amounts.iter().fold(0_i64, |sum, amount| sum.saturating_add(*amount)));
    let outstanding = match (claim.balance, settled) {
        (0, _) => Some(0),
        (_, Some(settled)) => Some(total.saturating_sub(settled).max(0)),
        (_, None) => None,
    };
    Books { currency: currency.into(), total, outstanding, payments, unclear: outstanding.is_none() }
}

/// What a credit in this currency is worth, when all of it is used.
fn in_full(credit: &Entry, currency: &str) -> Option<i64> {
    let (code, amount) = credit.foreign.as_ref()?;
    (code == currency && credit.balance == 0).then(|| amount.saturating_abs())
}

/// A piece as a payment or credit note; what is written off is neither.
fn payment(piece: &Piece<'_>, amount: i64) -> Option<PaymentSnapshot> {
    Some(PaymentSnapshot {
        external_id: piece_id(piece.credit, piece.debit),
        invoice_external_id: piece.debit.voucher_id.clone(),
        kind: told_as(piece.credit.kind)?,
        amount_minor: Some(amount),
        currency: None,
        received_on: piece.credit.posted_on,
        reconciled: true,
        reversed: false,
        reference: text(piece.credit.cid.as_deref(), MAX_NUMBER),
    })
}

/// Up to this, in minor units, what is written off beside a payment is rounding and bank charges: the invoice is paid.
const ROUNDING_MINOR: i64 = 100;

fn state(claim: &Entry, details: &Details, own: &[&Piece<'_>]) -> InvoiceState {
    let by = |kind| own.iter().filter(|piece| piece.credit.kind == kind).fold(0_i64, |sum, piece| sum.saturating_add(piece.amount));
    match claim.balance {
        _ if details.reversed => InvoiceState::Voided,
        0 if by(Kind::Correction) >= claim.amount => InvoiceState::Voided,
        0 if by(Kind::WriteOff) > ROUNDING_MINOR => InvoiceState::WrittenOff,
        // Nobody paid anything: given up, however small it was.
        0 if by(Kind::WriteOff) > 0 && by(Kind::Money) == 0 => InvoiceState::WrittenOff,
        _ => InvoiceState::Approved,
    }
}

/// The balance still counts: nobody is dunned for what the ledger calls settled.
fn unexplained(claim: &Entry) -> Problem {
    let message = "the ledger says that this invoice is settled, in part or in full, and does not say by what";
    Problem { row: None, column: None, external_id: Some(claim.voucher_id.clone()), code: CONTRACT_BROKEN.into(), message: message.into() }
}

fn unclear(claim: &Entry) -> Problem {
    let message = "part of this invoice is settled in another currency than its own, and the ledger tells the rest converted only: \
                   it is held back; match it in full or handle it by hand";
    Problem {
        row: None,
        column: None,
        external_id: Some(claim.voucher_id.clone()),
        code: RefusalCode::CurrencyMismatch.as_str().into(),
        message: message.into(),
    }
}

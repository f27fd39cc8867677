//! An entry of the customer ledger, read into exact numbers and known kinds.

use chrono::{DateTime, NaiveDate, Utc};
use entity::PaymentKind;

use super::super::{
    CURRENCY,
    wire::{LedgerEntry, OutgoingInvoice},
};
use crate::connectors::wire::{Number, WireError};

/// A field whose value cannot be taken over, and why.
pub type Misfit = (&'static str, WireError);

/// What an entry is to a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A claim of ours.
    Invoice,
    /// Takes part of a claim back, by the creditor's own document.
    CreditNote,
    /// Money that came in.
    Money,
    /// The creditor gave up; no money came.
    WriteOff,
    /// Undoes another voucher.
    Correction,
    /// Anything else: GO's own reminder fees, journals by hand, kinds that are new. They may settle a claim in the books,
    /// but nothing says that the debtor paid.
    Other,
}

/// An entry of the customer ledger. Amounts are minor units of the client's currency, positive for what is owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The entry's id; none where only the invoice was read.
    pub id: Option<i64>,
    pub kind: Kind,
    pub voucher_id: String,
    pub voucher_no: i64,
    pub number: Option<String>,
    pub amount: i64,
    pub balance: i64,
    /// The currency that it was posted in, with the amount there, where that is another one.
    pub foreign: Option<(String, i64)>,
    pub issued_on: NaiveDate,
    pub posted_on: NaiveDate,
    pub due_on: Option<NaiveDate>,
    pub cid: Option<String>,
    pub match_id: Option<i64>,
    pub customer: Option<i64>,
    pub customer_no: Option<i64>,
    pub customer_name: Option<String>,
    /// None where only the invoice was read.
    pub created: Option<DateTime<Utc>>,
    pub changed: Option<DateTime<Utc>>,
}

impl Entry {
    /// Reads an entry.
    ///
    /// # Errors
    ///
    /// The field whose value cannot be taken over.
    pub fn read(wire: LedgerEntry) -> Result<Self, Misfit> {
        let currency = wire.currency_code.as_deref().map(str::trim).filter(|code| !code.is_empty() && *code != CURRENCY);
        let foreign = match (currency, &wire.currency_amount) {
            (Some(code), Some(amount)) => Some((code.to_owned(), minor("CurrencyAmount", amount, code)?)),
            (Some(_), None) => return Err(("CurrencyAmount", WireError::Missing)),
            (None, _) => None,
        };
        Ok(Self {
            id: Some(wire.id),
            kind: kind(&wire.voucher_type, wire.is_write_off == Some(true)),
            voucher_id: wire.voucher_id.trim().to_ascii_lowercase(),
            voucher_no: wire.voucher_no,
            number: wire.invoice_no,
            amount: minor("Amount", &wire.amount, CURRENCY)?,
            balance: minor("Balance", &wire.balance, CURRENCY)?,
            foreign,
            issued_on: wire.voucher_date.0,
            posted_on: wire.posting_date.0,
            due_on: wire.due_date.map(|day| day.0),
            cid: wire.cid.map(|cid| cid.trim().to_owned()).filter(|cid| !cid.is_empty()),
            match_id: wire.match_id,
            customer: wire.customer_id,
            customer_no: wire.customer_account_no,
            customer_name: wire.customer_name,
            created: Some(wire.created_date_time_offset.0),
            changed: Some(wire.last_changed_date_time_offset.0),
        })
    }

    /// Reads an invoice that is on no list of open items: what it says of its own ledger entry.
    ///
    /// # Errors
    ///
    /// The field whose value cannot be taken over.
    pub fn of_invoice(wire: &OutgoingInvoice) -> Result<Self, Misfit> {
        let currency = wire.currency_code.as_deref().map(str::trim).filter(|code| !code.is_empty() && *code != CURRENCY);
        let foreign = currency.map(|code| minor("TotalAmount", &wire.total_amount, code).map(|amount| (code.to_owned(), amount)));
        let balance = wire.balance.as_ref().ok_or(("Balance", WireError::Missing))?;
        Ok(Self {
            id: None,
            kind: kind(&wire.voucher_type, false),
            voucher_id: wire.id.trim().to_ascii_lowercase(),
            voucher_no: wire.voucher_no,
            number: wire.invoice_no.map(|number| number.to_string()),
            amount: minor("TotalPostedAmount", &wire.total_posted_amount, CURRENCY)?,
            balance: minor("Balance", balance, CURRENCY)?,
            foreign: foreign.transpose()?,
            issued_on: wire.voucher_date.0,
            posted_on: wire.voucher_date.0,
            due_on: wire.due_date.as_ref().map(|day| day.0),
            cid: wire.cid.as_deref().map(|cid| cid.trim().to_owned()).filter(|cid| !cid.is_empty()),
            match_id: wire.match_id,
            customer: wire.customer_id,
            customer_no: wire.customer_no,
            customer_name: None,
            created: None,
            changed: None,
        })
    }

    /// A claim of ours on a debtor.
    pub fn is_claim(&self) -> bool {
        self.kind == Kind::Invoice && self.amount > 0
    }

    /// Money of which something is not matched.
    pub fn waits(&self) -> bool {
        self.kind == Kind::Money && self.balance < 0
    }

    /// How much of it is matched, positive.
    pub fn used(&self) -> i64 {
        self.amount.saturating_sub(self.balance).saturating_abs()
    }
}

/// What a credit is told as.
pub fn told_as(kind: Kind) -> Option<PaymentKind> {
    match kind {
        Kind::WriteOff => None,
        Kind::Money => Some(PaymentKind::Payment),
        // Nothing says that the debtor paid: the claim is less, and nobody is thanked for it.
        Kind::Invoice | Kind::CreditNote | Kind::Correction | Kind::Other => Some(PaymentKind::CreditNote),
    }
}

/// The id of a credit's part on a claim: the same whether it is matched or still waits.
pub fn piece_id(credit: &Entry, claim: &Entry) -> String {
    format!("{}/{}", credit.id.unwrap_or_default(), claim.voucher_id)
}

fn minor(field: &'static str, number: &Number, currency: &str) -> Result<i64, Misfit> {
    number.minor(currency).map_err(|error| (field, error))
}

/// Sorts GO's voucher types. What is written off is no payment, whatever its voucher.
fn kind(voucher_type: &str, write_off: bool) -> Kind {
    match voucher_type {
        _ if write_off => Kind::WriteOff,
        "OutgoingInvoice" => Kind::Invoice,
        "OutgoingCreditNote" => Kind::CreditNote,
        "IncomingOcrGiro" | "IncomingPayments" | "BankJournal" | "CashJournal" => Kind::Money,
        "ReversalVoucher" | "CorrectionVoucher" => Kind::Correction,
        _ => Kind::Other,
    }
}

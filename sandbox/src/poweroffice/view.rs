//! Ledger entries and invoices as the API writes them. Amounts are bare numbers; an entry's invoice number is text and
//! only on invoices and credit notes, an invoice's own is a number.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::{
    customer::{Customer, Details},
    entry::{Entry, Invoice, VoucherType, voucher_id},
    ledger::Ledger,
    moment,
};
use crate::decimal::Number;

/// A ledger entry.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct EntryView {
    id: u64,
    voucher_type: &'static str,
    voucher_id: Uuid,
    voucher_no: u64,
    invoice_no: Option<String>,
    customer_id: u64,
    customer_account_no: u64,
    customer_name: String,
    amount: Number,
    balance: Number,
    currency_amount: Number,
    currency_code: &'static str,
    posting_date: NaiveDate,
    voucher_date: NaiveDate,
    due_date: Option<NaiveDate>,
    cid: Option<String>,
    match_id: Option<u32>,
    is_write_off: bool,
    is_created_by_current_integration: bool,
    #[serde(rename = "CreatedDateTimeOffset", serialize_with = "moment::write")]
    created_at: DateTime<Utc>,
    #[serde(rename = "LastChangedDateTimeOffset", serialize_with = "moment::write")]
    changed_at: DateTime<Utc>,
}

impl EntryView {
    /// An entry with a balance, which may be that of a day gone by.
    pub fn new(ledger: &Ledger, at: u32, balance_minor: i64) -> Self {
        let entry = &ledger.entries()[at as usize];
        let customer = &ledger.customers()[entry.customer as usize];
        let invoice = entry.invoice.map(|at| &ledger.invoices()[at as usize]);
        let is_document = matches!(entry.voucher_type, VoucherType::OutgoingInvoice | VoucherType::OutgoingCreditNote);
        Self {
            id: entry.id,
            voucher_type: entry.voucher_type.word(),
            voucher_id: voucher_id(at),
            voucher_no: entry.voucher_no,
            invoice_no: invoice.filter(|_| is_document).map(|invoice| invoice.no.to_string()),
            customer_id: customer.id,
            customer_account_no: customer.number,
            customer_name: name(&customer.details),
            amount: Number(entry.amount_minor),
            balance: Number(balance_minor),
            currency_amount: Number(entry.amount_minor),
            currency_code: "NOK",
            posting_date: entry.posted_on,
            voucher_date: entry.posted_on,
            due_date: entry.due_on,
            cid: kid(entry, invoice),
            match_id: entry.match_id,
            is_write_off: entry.is_write_off,
            is_created_by_current_integration: false,
            created_at: entry.created_at,
            changed_at: entry.changed_at,
        }
    }
}

/// Invoices and payments read from the bank carry the KID.
fn kid(entry: &Entry, invoice: Option<&Invoice>) -> Option<String> {
    let carries = matches!(entry.voucher_type, VoucherType::OutgoingInvoice | VoucherType::IncomingOcrGiro);
    invoice.filter(|_| carries).map(Invoice::kid)
}

/// The name under which a customer is listed.
pub fn name(details: &Details) -> String {
    let person = [&details.first_name, &details.last_name].into_iter().flatten().map(String::as_str).collect::<Vec<_>>();
    if details.is_person { person.join(" ") } else { details.name.clone().unwrap_or_default() }
}

/// An invoice or credit note.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct InvoiceView {
    id: Uuid,
    invoice_no: u64,
    voucher_no: u64,
    voucher_type: &'static str,
    voucher_date: NaiveDate,
    due_date: NaiveDate,
    payment_term: i64,
    customer_id: u64,
    customer_no: u64,
    customer_reference: Option<String>,
    currency_code: &'static str,
    net_amount: Number,
    net_posted_amount: Number,
    total_amount: Number,
    total_posted_amount: Number,
    balance: Number,
    cid: Option<String>,
    match_id: Option<u32>,
    related_invoice_no: Option<u64>,
    is_reversed: bool,
    is_created_by_current_integration: bool,
    invoice_delivery_type: &'static str,
    #[serde(rename = "SentDateTimeOffset", serialize_with = "moment::write")]
    sent_at: DateTime<Utc>,
    #[serde(rename = "CreatedDateTimeOffset", serialize_with = "moment::write")]
    created_at: DateTime<Utc>,
    #[serde(rename = "LastChangedDateTimeOffset", serialize_with = "moment::write")]
    changed_at: DateTime<Utc>,
    #[serde(rename = "BalanceLastChangedDateTimeOffset", serialize_with = "moment::write")]
    balance_changed_at: DateTime<Utc>,
}

impl InvoiceView {
    /// The document of an invoice.
    pub fn new(ledger: &Ledger, invoice: &Invoice) -> Self {
        let entry = ledger.entry_of(invoice);
        let customer: &Customer = &ledger.customers()[invoice.customer as usize];
        // 25 %, the general rate in Norway.
        let net = Number(invoice.total_minor * 4 / 5);
        let is_invoice = invoice.credits.is_none();
        Self {
            id: invoice.voucher_id(),
            invoice_no: invoice.no,
            voucher_no: entry.voucher_no,
            voucher_type: entry.voucher_type.word(),
            voucher_date: invoice.issued_on,
            due_date: invoice.due_on,
            payment_term: (invoice.due_on - invoice.issued_on).num_days(),
            customer_id: customer.id,
            customer_no: customer.number,
            customer_reference: None,
            currency_code: invoice.currency,
            net_amount: net,
            net_posted_amount: net,
            total_amount: Number(invoice.total_minor),
            total_posted_amount: Number(entry.amount_minor),
            balance: Number(entry.balance_minor),
            cid: is_invoice.then(|| invoice.kid()),
            match_id: entry.match_id,
            related_invoice_no: invoice.credits,
            is_reversed: invoice.is_reversed,
            is_created_by_current_integration: false,
            invoice_delivery_type: if customer.details.email_address.is_some() { "PdfByEmail" } else { "Print" },
            sent_at: invoice.sent_at,
            created_at: entry.created_at,
            changed_at: invoice.changed_at,
            balance_changed_at: invoice.balance_changed_at,
        }
    }
}

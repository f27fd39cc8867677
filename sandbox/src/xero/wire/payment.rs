//! Payments and credit notes as Xero writes them.

use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{
    contact::ContactStub,
    date::{Iso, Ms, Plain},
    invoice::rate,
};
use crate::xero::books::{Allocation, Batch, Books, Cents, CreditNote, Payment};

/// The bank account that payments go to; the same in every stand-in.
const ACCOUNT: Uuid = Uuid::from_u128(0x5690_f1e8_1d02_4893_90c2_ee1a_69ef_f942);

/// A payment.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PaymentView<'a> {
    #[serde(rename = "PaymentID")]
    id: Uuid,
    #[serde(rename = "BatchPaymentID", skip_serializing_if = "Option::is_none")]
    batch_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    batch_payment: Option<BatchView>,
    date: Ms,
    bank_amount: Cents,
    amount: Cents,
    reference: &'a str,
    currency_rate: Box<RawValue>,
    payment_type: &'static str,
    status: &'static str,
    #[serde(rename = "UpdatedDateUTC")]
    updated: Ms,
    #[serde(rename = "UpdatedDateUTCString")]
    updated_string: Iso,
    has_account: bool,
    is_reconciled: bool,
    account: Account,
    invoice: InvoiceStub<'a>,
    has_validation_errors: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Account {
    #[serde(rename = "AccountID")]
    id: Uuid,
    code: &'static str,
}

/// The batch of a payment. Xero writes its total and its mark as strings, against its own description.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct BatchView {
    #[serde(rename = "BatchPaymentID")]
    id: Uuid,
    date: Ms,
    #[serde(rename = "Type")]
    kind: &'static str,
    status: &'static str,
    total_amount: String,
    is_reconciled: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct InvoiceStub<'a> {
    #[serde(rename = "Type")]
    kind: &'static str,
    #[serde(rename = "InvoiceID")]
    id: Uuid,
    invoice_number: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    currency_code: &'a str,
}

impl<'a> InvoiceStub<'a> {
    fn of(id: Uuid, books: &'a Books) -> Self {
        let invoice = books.invoices.get(id);
        Self {
            kind: invoice.map_or("ACCREC", |invoice| invoice.kind.word()),
            id,
            invoice_number: invoice.map_or("", |invoice| &invoice.number),
            currency_code: invoice.map_or("", |invoice| &invoice.currency),
        }
    }
}

impl<'a> PaymentView<'a> {
    pub fn of(payment: &'a Payment, books: &'a Books) -> Self {
        Self {
            id: payment.id,
            batch_id: payment.batch.as_ref().map(|batch| batch.id),
            batch_payment: payment.batch.as_ref().map(|batch| BatchView::of(batch, payment)),
            date: Ms::on(payment.paid_on),
            bank_amount: payment.amount,
            amount: payment.amount,
            reference: &payment.reference,
            currency_rate: rate(1_000_000),
            payment_type: super::payment_type(payment, books),
            status: super::payment_status(payment),
            updated: Ms::at(payment.updated),
            updated_string: Iso(payment.updated),
            has_account: true,
            is_reconciled: payment.reconciled,
            account: Account { id: ACCOUNT, code: "970" },
            invoice: InvoiceStub::of(payment.invoice, books),
            has_validation_errors: false,
        }
    }
}

impl BatchView {
    fn of(batch: &Batch, payment: &Payment) -> Self {
        Self {
            id: batch.id,
            date: Ms::on(payment.paid_on),
            kind: "RECBATCH",
            status: super::payment_status(payment),
            total_amount: batch.total.to_string(),
            is_reconciled: if payment.reconciled { "true" } else { "false" },
        }
    }
}

/// A credit note.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreditNoteView<'a> {
    #[serde(rename = "CreditNoteID")]
    id: Uuid,
    credit_note_number: &'a str,
    payments: [(); 0],
    #[serde(rename = "Type")]
    kind: &'static str,
    reference: &'static str,
    remaining_credit: Cents,
    allocations: Vec<AllocationView<'a>>,
    has_attachments: bool,
    contact: ContactStub<'a>,
    date_string: Plain,
    date: Ms,
    status: &'static str,
    line_amount_types: &'static str,
    line_items: [(); 0],
    sub_total: Cents,
    total_tax: Cents,
    total: Cents,
    #[serde(rename = "UpdatedDateUTC")]
    updated: Ms,
    #[serde(rename = "UpdatedDateUTCString")]
    updated_string: Iso,
    currency_code: &'a str,
    currency_rate: Box<RawValue>,
    has_errors: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AllocationView<'a> {
    #[serde(rename = "AllocationID")]
    id: Uuid,
    amount: Cents,
    date: Ms,
    invoice: InvoiceStub<'a>,
    is_deleted: bool,
}

impl<'a> CreditNoteView<'a> {
    pub fn of(note: &'a CreditNote, books: &'a Books) -> Self {
        Self {
            id: note.id,
            credit_note_number: &note.number,
            payments: [],
            kind: "ACCRECCREDIT",
            reference: "",
            remaining_credit: note.remaining(),
            allocations: note.allocations.iter().map(|allocation| AllocationView::of(allocation, books)).collect(),
            has_attachments: false,
            contact: ContactStub::of(note.contact, books),
            date_string: Plain(note.issued_on),
            date: Ms::on(note.issued_on),
            status: note.status.word(),
            line_amount_types: "Exclusive",
            line_items: [],
            sub_total: note.total - note.tax,
            total_tax: note.tax,
            total: note.total,
            updated: Ms::at(note.updated),
            updated_string: Iso(note.updated),
            currency_code: &note.currency,
            currency_rate: rate(1_000_000),
            has_errors: false,
        }
    }
}

impl<'a> AllocationView<'a> {
    fn of(allocation: &'a Allocation, books: &'a Books) -> Self {
        let Allocation { id, invoice, amount, on } = allocation;
        Self { id: *id, amount: *amount, date: Ms::on(*on), invoice: InvoiceStub::of(*invoice, books), is_deleted: false }
    }
}

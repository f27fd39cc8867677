//! Invoices as Xero writes them, in the three depths in which it does.

use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{
    contact::{ContactStub, ContactView},
    date::{Iso, Ms, Plain},
};
use crate::xero::books::{Books, Cents, Credit, CreditKind, Invoice, Payment};

/// How much of an invoice is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// `summaryOnly`: no lines, payments or mark of attachments.
    Summary,
    /// A list that was not asked for page by page: no lines.
    Brief,
    /// A page of a list: lines, but the contact as a stub.
    Page,
    /// A single invoice: lines and the whole contact.
    Full,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Debtor<'a> {
    Stub(ContactStub<'a>),
    Whole(Box<ContactView<'a>>),
}

/// An invoice.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct InvoiceView<'a> {
    #[serde(rename = "Type")]
    kind: &'static str,
    #[serde(rename = "InvoiceID")]
    id: Uuid,
    invoice_number: &'a str,
    reference: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    payments: Option<Vec<PaymentStub<'a>>>,
    credit_notes: Vec<CreditView<'a>>,
    prepayments: Vec<CreditView<'a>>,
    overpayments: Vec<CreditView<'a>>,
    amount_due: Cents,
    amount_paid: Cents,
    amount_credited: Cents,
    currency_rate: Box<RawValue>,
    sent_to_contact: bool,
    has_errors: bool,
    is_discounted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    has_attachments: Option<bool>,
    contact: Debtor<'a>,
    date_string: Plain,
    date: Ms,
    due_date_string: Plain,
    due_date: Ms,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_payment_date: Option<Ms>,
    status: &'static str,
    line_amount_types: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line_items: Option<Vec<LineView<'a>>>,
    sub_total: Cents,
    total_tax: Cents,
    total: Cents,
    #[serde(rename = "UpdatedDateUTC")]
    updated: Ms,
    #[serde(rename = "UpdatedDateUTCString")]
    updated_string: Iso,
    currency_code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fully_paid_on_date: Option<Ms>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct LineView<'a> {
    #[serde(rename = "LineItemID")]
    id: Uuid,
    description: &'a str,
    quantity: Cents,
    unit_amount: Cents,
    account_code: &'static str,
    tax_type: &'static str,
    tax_amount: Cents,
    line_amount: Cents,
    tracking: [(); 0],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PaymentStub<'a> {
    #[serde(rename = "PaymentID")]
    id: Uuid,
    date: Ms,
    amount: Cents,
    reference: &'a str,
    currency_rate: Box<RawValue>,
    has_account: bool,
    has_validation_errors: bool,
}

/// A credit inside an invoice; which of the ids it has tells its kind.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CreditView<'a> {
    #[serde(rename = "CreditNoteID", skip_serializing_if = "Option::is_none")]
    credit_note: Option<Uuid>,
    #[serde(rename = "OverpaymentID", skip_serializing_if = "Option::is_none")]
    overpayment: Option<Uuid>,
    #[serde(rename = "PrepaymentID", skip_serializing_if = "Option::is_none")]
    prepayment: Option<Uuid>,
    #[serde(skip_serializing_if = "str::is_empty")]
    credit_note_number: &'a str,
    applied_amount: Cents,
    date: Ms,
    total: Cents,
    has_errors: bool,
}

impl<'a> InvoiceView<'a> {
    /// The invoice in a depth; today is the day that the contact's overdue balance is counted from.
    pub fn of(invoice: &'a Invoice, books: &'a Books, depth: Depth, today: chrono::NaiveDate) -> Self {
        let whole = books.contacts.get(invoice.contact).filter(|_| depth == Depth::Full);
        let contact = whole.map(|contact| Debtor::Whole(Box::new(ContactView::of(contact, books, Some(today)))));
        let credits = |kind| invoice.credits.iter().filter(|credit| credit.kind == kind).map(CreditView::of).collect();
        Self {
            kind: invoice.kind.word(),
            id: invoice.id,
            invoice_number: &invoice.number,
            reference: &invoice.reference,
            payments: (depth != Depth::Summary).then(|| payments(invoice, books)),
            credit_notes: credits(CreditKind::CreditNote),
            prepayments: credits(CreditKind::Prepayment),
            overpayments: credits(CreditKind::Overpayment),
            amount_due: invoice.due(),
            amount_paid: invoice.paid,
            amount_credited: invoice.credited(),
            currency_rate: rate(invoice.rate_millionths),
            sent_to_contact: invoice.sent,
            has_errors: false,
            is_discounted: false,
            has_attachments: (depth != Depth::Summary).then_some(false),
            contact: contact.unwrap_or_else(|| Debtor::Stub(ContactStub::of(invoice.contact, books))),
            date_string: Plain(invoice.issued_on),
            date: Ms::on(invoice.issued_on),
            due_date_string: Plain(invoice.due_on),
            due_date: Ms::on(invoice.due_on),
            expected_payment_date: invoice.expected_on.map(Ms::on),
            status: invoice.status.word(),
            line_amount_types: "Exclusive",
            line_items: lines(invoice, books, depth),
            sub_total: invoice.total - invoice.tax,
            total_tax: invoice.tax,
            total: invoice.total,
            updated: Ms::at(invoice.updated),
            updated_string: Iso(invoice.updated),
            currency_code: &invoice.currency,
            fully_paid_on_date: invoice.fully_paid_on.map(Ms::on),
        }
    }
}

fn lines<'a>(invoice: &'a Invoice, books: &'a Books, depth: Depth) -> Option<Vec<LineView<'a>>> {
    let net = invoice.total - invoice.tax;
    // An id that is always the same for an invoice: invoices have one line.
    let id = Uuid::from_u128(invoice.id.as_u128() ^ 1);
    match depth {
        Depth::Summary => None,
        Depth::Brief => Some(Vec::new()),
        Depth::Page | Depth::Full => Some(vec![LineView {
            id,
            description: &invoice.description,
            quantity: Cents(100),
            unit_amount: net,
            account_code: "200",
            tax_type: books.organisation.tax_type,
            tax_amount: invoice.tax,
            line_amount: net,
            tracking: [],
        }]),
    }
}

fn payments<'a>(invoice: &'a Invoice, books: &'a Books) -> Vec<PaymentStub<'a>> {
    invoice.payments.iter().filter_map(|id| books.payments.get(*id)).map(PaymentStub::of).collect()
}

impl<'a> PaymentStub<'a> {
    fn of(payment: &'a Payment) -> Self {
        Self {
            id: payment.id,
            date: Ms::on(payment.paid_on),
            amount: payment.amount,
            reference: &payment.reference,
            currency_rate: rate(1_000_000),
            has_account: false,
            has_validation_errors: false,
        }
    }
}

impl<'a> CreditView<'a> {
    fn of(credit: &'a Credit) -> Self {
        let is = |kind| (credit.kind == kind).then_some(credit.id);
        Self {
            credit_note: is(CreditKind::CreditNote),
            overpayment: is(CreditKind::Overpayment),
            prepayment: is(CreditKind::Prepayment),
            credit_note_number: &credit.number,
            applied_amount: credit.amount,
            date: Ms::on(credit.on),
            total: credit.amount,
            has_errors: false,
        }
    }
}

/// A rate as a bare number with six decimals.
pub fn rate(millionths: i64) -> Box<RawValue> {
    let text = format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000);
    RawValue::from_string(text).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

//! What an import would bring, before anything is imported.

use async_graphql::SimpleObject;
use domain::port::{DebtorSnapshot, InvoiceSnapshot, PaymentSnapshot, Preview, PreviewColumn as Column, PreviewRow as Row, Problem};

use super::{
    import_options::ImportOptions,
    kind::{ImportField, PaymentKind},
    money::Money,
    scalars::Date,
};

/// One column of the file, as found.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct PreviewColumn {
    /// Its header.
    pub name: String,
    /// The field that its name and contents suggest.
    pub suggestion: Option<ImportField>,
    /// A few of its values.
    pub samples: Vec<String>,
}

/// What is wrong with a row or record.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct RowProblem {
    /// Row of the file; the header is row 1.
    pub row: Option<i32>,
    /// Column of the file.
    pub column: Option<String>,
    /// The record's id at its source, where it has one.
    pub external_id: Option<String>,
    /// Stable reason, mostly a `UserErrorCode`.
    pub code: String,
    /// For people: what is wrong and what is expected.
    pub message: String,
}

/// An invoice as its source describes it.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct PreviewInvoice {
    /// Its id at the source; for ticking and unticking.
    pub external_id: String,
    /// As the debtor knows it.
    pub number: String,
    /// Who owes it.
    pub debtor_name: Option<String>,
    /// The day of issue.
    pub issued_on: Date,
    /// The day by which it is to be paid.
    pub due_on: Date,
    /// The whole sum.
    pub total: Money,
    /// What is open by the source; null when it does not say.
    pub outstanding: Option<Money>,
}

/// A payment as its source describes it.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct PreviewPayment {
    /// Its id at the source; for ticking and unticking.
    pub external_id: String,
    /// The invoice that it reduces, by its id at the source.
    pub invoice_external_id: String,
    /// Money or credit note.
    pub kind: PaymentKind,
    /// How much; null means all of the invoice.
    pub amount: Option<Money>,
    /// The value date.
    pub received_on: Date,
}

/// One row of the file as it would be taken over.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct PreviewRow {
    /// Row of the file; the header is row 1.
    pub row: i32,
    /// The invoice in it.
    pub invoice: Option<PreviewInvoice>,
    /// The payment in it.
    pub payment: Option<PreviewPayment>,
    /// What is wrong with it; a row with problems is not taken over.
    pub problems: Vec<RowProblem>,
}

/// What an import would bring.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct ImportPreview {
    /// How the file is read: what was given, completed by what was detected.
    pub options: ImportOptions,
    /// Its columns.
    pub columns: Vec<PreviewColumn>,
    /// Its first rows.
    pub rows: Vec<PreviewRow>,
    /// Whether the file has more rows than shown.
    pub more: bool,
}

impl ImportPreview {
    /// Of what the connector saw; `currency` is the tenant's, for records without one.
    pub fn of(preview: Preview, currency: &str) -> Self {
        Self {
            options: ImportOptions::of(&preview.request),
            columns: preview.columns.into_iter().map(PreviewColumn::from).collect(),
            rows: preview.rows.into_iter().map(|row| PreviewRow::of(row, currency)).collect(),
            more: preview.more,
        }
    }
}

impl From<Column> for PreviewColumn {
    fn from(column: Column) -> Self {
        Self { name: column.name, suggestion: column.suggestion.map(ImportField::from), samples: column.samples }
    }
}

impl From<Problem> for RowProblem {
    fn from(problem: Problem) -> Self {
        Self {
            row: problem.row.map(number),
            column: problem.column,
            external_id: problem.external_id,
            code: problem.code,
            message: problem.message,
        }
    }
}

impl PreviewRow {
    fn of(row: Row, currency: &str) -> Self {
        let record = row.record.unwrap_or_default();
        Self {
            row: number(row.row),
            payment: record.payment.map(|payment| PreviewPayment::of(payment, record.invoice.as_ref(), currency)),
            invoice: record.invoice.map(|invoice| PreviewInvoice::of(invoice, record.debtor, currency)),
            problems: row.problems.into_iter().map(RowProblem::from).collect(),
        }
    }
}

impl PreviewInvoice {
    /// Of a record; `currency` is for one without.
    pub(super) fn of(invoice: InvoiceSnapshot, debtor: Option<DebtorSnapshot>, currency: &str) -> Self {
        let money = |minor| Money::new(minor, invoice.currency.as_deref().unwrap_or(currency));
        Self {
            debtor_name: debtor.map(|debtor| debtor.name),
            issued_on: Date(invoice.issued_on),
            due_on: Date(invoice.due_on),
            total: money(invoice.total_minor),
            outstanding: invoice.outstanding_minor.map(money),
            external_id: invoice.external_id,
            number: invoice.number,
        }
    }
}

impl PreviewPayment {
    /// Of a record; its currency is its own, or its invoice's, or `currency`.
    pub(super) fn of(payment: PaymentSnapshot, invoice: Option<&InvoiceSnapshot>, currency: &str) -> Self {
        let of_invoice = invoice.and_then(|invoice| invoice.currency.as_deref());
        let currency = payment.currency.as_deref().or(of_invoice).unwrap_or(currency);
        Self {
            kind: payment.kind.into(),
            amount: payment.amount_minor.map(|minor| Money::new(minor, currency)),
            received_on: Date(payment.received_on),
            external_id: payment.external_id,
            invoice_external_id: payment.invoice_external_id,
        }
    }
}

fn number(row: u64) -> i32 {
    i32::try_from(row).unwrap_or(i32::MAX)
}

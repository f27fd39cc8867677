//! One row becomes one record, or a list of what is wrong with it. Pure and total: the same row under the same settings
//! always gives the same answer, and no cell makes it panic.
//!
//! A row is an invoice when its due date or total is filled, a payment when its payment date or amount is, both when
//! both are. A filled *paid on* cell is a reconciled payment of the whole invoice. A row with any problem gives no
//! record at all, so that nothing is taken over in part.

use chrono::NaiveDate;
use domain::{
    RefusalCode,
    import::Field,
    port::{DebtorSnapshot, InvoiceSnapshot, InvoiceState, PaymentSnapshot, Problem, Record},
};
use entity::PaymentKind;

use super::{
    country,
    reading::{Reading, RowReader},
    table::Cells,
    word,
};

/// Longest name.
pub(super) const MAX_NAME: usize = 200;
/// Longest e-mail address (RFC 5321's path without its brackets).
pub(super) const MAX_EMAIL: usize = 254;
/// Longest number or id.
pub(super) const MAX_NUMBER: usize = 100;
/// Longest phone number as given.
const MAX_PHONE: usize = 40;
/// Longest line of an address.
const MAX_LINE: usize = 200;
/// Longest town or region.
const MAX_PLACE: usize = 100;
/// Longest postal code.
const MAX_POSTAL_CODE: usize = 20;
/// Longest subject line or payment reference.
const MAX_TITLE: usize = 300;

/// Longest cell that may hold an address; a letter shows shorter ones.
const MAX_ADDRESS: usize = 4_000;

/// What a row gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mapped {
    /// Empty when there are problems.
    pub record: Record,
    pub problems: Vec<Problem>,
    /// The payment's id was made from its contents.
    pub payment_id_derived: bool,
}

/// Reads a row.
pub(super) fn map(reading: &Reading, cells: Cells<'_>, row: u64) -> Mapped {
    let mut reader = RowReader { reading, cells, row, problems: Vec::new() };
    let id = invoice_id(&mut reader);
    let mut record = Record { row: Some(row), ..Record::default() };
    if let Some(id) = &id {
        fill(&mut reader, id, &mut record);
    }
    check_width(&mut reader);
    let mut problems = reader.problems;
    if problems.is_empty() {
        let payment_id_derived = record.payment.is_some() && cells_give_no_payment_id(reading, cells);
        return Mapped { record, problems, payment_id_derived };
    }
    for problem in &mut problems {
        problem.external_id.clone_from(&id);
    }
    Mapped { record: Record { row: Some(row), ..Record::default() }, problems, payment_id_derived: false }
}

fn fill(reader: &mut RowReader<'_>, id: &str, record: &mut Record) {
    let has_payment = reader.given(Field::PaymentAmount) || reader.given(Field::PaymentDate);
    let has_invoice = reader.reading.columns.read_invoices()
        && (reader.given(Field::DueOn) || reader.given(Field::Total) || !(has_payment || reader.given(Field::PaidOn)));
    let Some((given_currency, currency)) = reader.currency() else { return };
    if has_invoice {
        record.debtor = debtor(reader);
        record.invoice = invoice(reader, id, given_currency.clone(), &currency);
    }
    if has_payment && reader.given(Field::PaidOn) {
        reader.problem(
            Field::PaidOn,
            RefusalCode::Invalid,
            "the row says both when the whole invoice was paid and a single payment: map one of them",
        );
    } else if has_payment {
        record.payment = payment(reader, id, given_currency, &currency);
    } else if let Some(received_on) = reader.date(Field::PaidOn) {
        record.payment = Some(paid_in_full(id, received_on));
    } else if !has_invoice && reader.problems.is_empty() {
        let field = if reader.reading.columns.has(Field::PaymentAmount) { Field::PaymentAmount } else { Field::PaidOn };
        reader.required(field, "the payment");
    }
}

/// Cells beyond the header shift amounts into wrong columns: usually a decimal comma in a file separated by commas.
fn check_width(reader: &mut RowReader<'_>) {
    let columns = reader.reading.columns.names().len();
    let extra = (columns..reader.cells.len()).any(|index| !reader.cells.get(index).is_empty());
    if extra {
        let message =
            format!("the row has {} cells, the header {columns}: is a cell with the delimiter inside not quoted?", reader.cells.len());
        let code = RefusalCode::Invalid.as_str().to_owned();
        reader.problems.push(Problem { row: Some(reader.row), column: None, external_id: None, code, message });
    }
}

fn invoice_id(reader: &mut RowReader<'_>) -> Option<String> {
    let field = if reader.given(Field::InvoiceId) { Field::InvoiceId } else { Field::InvoiceNumber };
    if !reader.given(field) {
        let field = if reader.reading.columns.has(Field::InvoiceNumber) { Field::InvoiceNumber } else { Field::InvoiceId };
        reader.required(field, "the invoice's number");
        return None;
    }
    let found = reader.text(field, MAX_NUMBER);
    if found.is_none() && reader.problems.is_empty() {
        reader.required(field, "the invoice's number");
    }
    found
}

fn debtor(reader: &mut RowReader<'_>) -> Option<DebtorSnapshot> {
    let problems_before = reader.problems.len();
    let id = reader.text(Field::DebtorId, MAX_NUMBER);
    let name = reader.text(Field::DebtorName, MAX_NAME);
    let (external_id, name) = match (id, name) {
        (Some(id), Some(name)) => (id, name),
        (Some(only), None) | (None, Some(only)) => (only.clone(), only),
        (None, None) => {
            let field = if reader.reading.columns.has(Field::DebtorName) { Field::DebtorName } else { Field::DebtorId };
            if reader.problems.len() == problems_before {
                reader.required(field, "the debtor's name");
            }
            return None;
        }
    };
    Some(DebtorSnapshot {
        external_id,
        name,
        kind: reader.word(Field::DebtorKind, word::debtor_kind, "\"person\" or \"business\""),
        email: reader.text(Field::DebtorEmail, MAX_EMAIL),
        phone: reader.text(Field::DebtorPhone, MAX_PHONE),
        line1: reader.text(Field::DebtorLine1, MAX_LINE),
        line2: reader.text(Field::DebtorLine2, MAX_LINE),
        postal_code: reader.text(Field::DebtorPostalCode, MAX_POSTAL_CODE),
        city: reader.text(Field::DebtorCity, MAX_PLACE),
        region: reader.text(Field::DebtorRegion, MAX_PLACE),
        country: reader.word(Field::DebtorCountry, country::code, "a country's code of two letters or its English name"),
        language: reader.word(Field::DebtorLanguage, word::language, "a language like \"en\" or \"de\""),
        exempt: None,
        groups: None,
        merged_into: None,
    })
}

fn invoice(reader: &mut RowReader<'_>, id: &str, given_currency: Option<String>, currency: &str) -> Option<InvoiceSnapshot> {
    let number = reader.text(Field::InvoiceNumber, MAX_NUMBER).unwrap_or_else(|| id.to_owned());
    let title = reader.text(Field::InvoiceTitle, MAX_TITLE);
    let state = reader.word(Field::InvoiceState, word::invoice_state, "approved, voided or written off: the row is skipped");
    let disputed = reader.word(Field::Disputed, word::flag, "yes or no").unwrap_or_default();
    let due_on = needed(reader, Field::DueOn, "the due date", RowReader::date);
    let issued_on = if reader.reading.columns.has(Field::IssuedOn) {
        needed(reader, Field::IssuedOn, "the issue date", RowReader::date)
    } else {
        due_on
    };
    let total_minor = needed(reader, Field::Total, "the total", |reader, field| reader.amount(field, currency));
    let outstanding_minor = reader.amount(Field::Outstanding, currency);
    let payment_reference = reader.text(Field::InvoiceReference, MAX_NUMBER);
    let online_url = reader.text(Field::OnlineUrl, MAX_ADDRESS);
    check_sums(reader, total_minor, outstanding_minor);
    let (due_on, issued_on, total_minor) = (due_on?, issued_on?, total_minor?);
    if due_on < issued_on {
        reader.problem(Field::DueOn, RefusalCode::OutOfRange, format!("due on {due_on}, before it was issued on {issued_on}"));
    }
    Some(InvoiceSnapshot {
        external_id: id.to_owned(),
        number,
        title,
        issued_on,
        due_on,
        currency: given_currency,
        total_minor,
        outstanding_minor,
        state: state.unwrap_or(InvoiceState::Approved),
        disputed,
        settled_by: None,
        payment_reference,
        online_url,
    })
}

fn check_sums(reader: &mut RowReader<'_>, total: Option<i64>, outstanding: Option<i64>) {
    if total.is_some_and(|total| total <= 0) {
        let message = "an invoice's total is more than zero; a credit note is imported as a payment of the kind \"credit note\"";
        reader.problem(Field::Total, RefusalCode::OutOfRange, message);
    }
    if outstanding.is_some_and(|open| open < 0 || total.is_some_and(|total| total > 0 && open > total)) {
        reader.problem(Field::Outstanding, RefusalCode::OutOfRange, "the outstanding amount lies between zero and the total");
    }
}

fn payment(reader: &mut RowReader<'_>, invoice: &str, given_currency: Option<String>, currency: &str) -> Option<PaymentSnapshot> {
    let received_on = needed(reader, Field::PaymentDate, "the payment's date", RowReader::date);
    let amount_minor = needed(reader, Field::PaymentAmount, "the payment's amount", |reader, field| reader.amount(field, currency));
    if amount_minor.is_some_and(|amount| amount <= 0) {
        let message = "a payment is more than zero; one that was taken back is the same payment marked as reversed";
        reader.problem(Field::PaymentAmount, RefusalCode::OutOfRange, message);
    }
    let kind = reader.word(Field::PaymentKind, word::payment_kind, "\"payment\" or \"credit note\"").unwrap_or(PaymentKind::Payment);
    let reconciled = reader.word(Field::PaymentReconciled, word::flag, "yes or no").unwrap_or(true);
    let reversed = reader.word(Field::PaymentReversed, word::flag, "yes or no").unwrap_or(false);
    let reference = reader.text(Field::PaymentReference, MAX_TITLE);
    let own_id = reader.text(Field::PaymentId, MAX_NUMBER);
    let (received_on, amount_minor) = (received_on?, amount_minor?);
    let external_id = own_id.unwrap_or_else(|| derived_id(invoice, received_on, amount_minor, kind, reference.as_deref()));
    Some(PaymentSnapshot {
        external_id,
        invoice_external_id: invoice.to_owned(),
        kind,
        amount_minor: Some(amount_minor),
        currency: given_currency,
        received_on,
        reconciled,
        reversed,
        reference,
    })
}

fn paid_in_full(invoice: &str, received_on: NaiveDate) -> PaymentSnapshot {
    PaymentSnapshot {
        external_id: format!("{invoice}:paid"),
        invoice_external_id: invoice.to_owned(),
        kind: PaymentKind::Payment,
        amount_minor: None,
        currency: None,
        received_on,
        reconciled: true,
        reversed: false,
        reference: None,
    }
}

/// The same payment has the same id in every file, also when it comes back as reversed.
fn derived_id(invoice: &str, received_on: NaiveDate, amount: i64, kind: PaymentKind, reference: Option<&str>) -> String {
    let kind = if kind == PaymentKind::CreditNote { ":credit" } else { "" };
    let reference = reference.map(|text| format!(":{:08x}", crc32(text.as_bytes()))).unwrap_or_default();
    format!("{invoice}:{received_on}:{amount}{kind}{reference}")
}

/// CRC-32 (ISO 3309), bit by bit: references are short, and the value must never change between versions.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
}

fn cells_give_no_payment_id(reading: &Reading, cells: Cells<'_>) -> bool {
    let filled = |field| reading.columns.of(field).is_some_and(|column| !cells.get(column).is_empty());
    !filled(Field::PaidOn) && !filled(Field::PaymentId)
}

fn needed<'a, T>(
    reader: &mut RowReader<'a>,
    field: Field,
    what: &str,
    read: impl FnOnce(&mut RowReader<'a>, Field) -> Option<T>,
) -> Option<T> {
    if reader.given(field) {
        return read(reader, field);
    }
    reader.required(field, what);
    None
}

//! A file as pages of records. Opening one surveys it, or, for a run that broke off, reads it again up to the place
//! where it stopped: what was seen before that place decides about doubles after it.

use chrono::NaiveDate;
use domain::{
    RefusalCode,
    import::{Field, ImportRequest, Selection},
    port::{Blob, Page, Problem, Pull, Record, Source, SourceError},
};

use super::{
    PAGE_ROWS, file_of,
    identity::{Seen, Sighting, fingerprint},
    map::{self, Mapped},
    position::Position,
    reading::Reading,
    refused, settle, survey,
    table::{Cells, TableReader},
};

/// Everything that says what an invoice and its debtor are; payments of one invoice may repeat it.
const CONTENTS: [Field; 24] = [
    Field::InvoiceNumber,
    Field::InvoiceTitle,
    Field::InvoiceReference,
    Field::OnlineUrl,
    Field::IssuedOn,
    Field::DueOn,
    Field::Total,
    Field::Outstanding,
    Field::Currency,
    Field::Disputed,
    Field::InvoiceState,
    Field::DebtorId,
    Field::DebtorName,
    Field::DebtorKind,
    Field::DebtorEmail,
    Field::DebtorPhone,
    Field::DebtorLine1,
    Field::DebtorLine2,
    Field::DebtorPostalCode,
    Field::DebtorCity,
    Field::DebtorRegion,
    Field::DebtorCountry,
    Field::DebtorLanguage,
    Field::InvoiceId,
];
/// Everything that says what a payment is. What became of it (matched, taken back) may follow further down.
const PAYMENT_CONTENTS: [Field; 7] = [
    Field::InvoiceNumber,
    Field::InvoiceId,
    Field::Currency,
    Field::PaymentAmount,
    Field::PaymentDate,
    Field::PaymentKind,
    Field::PaymentReference,
];

/// A file under way.
pub(super) struct CsvSource {
    blob: Box<dyn Blob>,
    table: TableReader,
    rows: Rows,
    position: Position,
}

/// What rows are turned into, and what was seen of earlier ones.
pub(super) struct Rows {
    reading: Reading,
    selection: Selection,
    invoice_columns: Vec<usize>,
    payment_columns: Vec<usize>,
    seen: Seen,
}

/// Opens a file at its beginning or where a run broke off.
pub(super) async fn open(pull: Pull) -> Result<CsvSource, SourceError> {
    let (blob, request) = file_of(pull.file)?;
    let position = match &pull.position {
        Some(text) => Position::parse(text)?,
        None => begin(blob.as_ref(), &request, &pull.currency, pull.today).await?,
    };
    let request = position.settled(request);
    let mut table = TableReader::new(position.layout());
    let names: Vec<String> = if table.next(blob.as_ref()).await? { table.cells().iter().map(str::to_owned).collect() } else { Vec::new() };
    let reading = settle::reading(&names, &request, position.currency.clone(), position.today)?;
    let mut source = CsvSource { blob, table, rows: Rows::new(reading, request.selection), position };
    source.skip().await?;
    Ok(source)
}

async fn begin(blob: &dyn Blob, request: &ImportRequest, currency: &str, today: NaiveDate) -> Result<Position, SourceError> {
    let survey = survey::survey(blob, request, currency).await?;
    settle::check(&survey, request)?;
    Ok(Position::new(survey.layout, &settle::filled(&survey, request.clone()), currency, today))
}

impl CsvSource {
    /// Passes what an earlier run took over.
    async fn skip(&mut self) -> Result<(), SourceError> {
        while self.table.offset() < self.position.offset && self.table.next(self.blob.as_ref()).await? {
            let cells = self.table.cells();
            if !cells.is_blank() {
                self.rows.take(cells, self.table.row());
            }
        }
        let is_there = self.position.row == 0 || (self.table.row(), self.table.offset()) == (self.position.row, self.position.offset);
        if is_there {
            Ok(())
        } else {
            Err(refused(RefusalCode::Invalid, "the file is not the one that the import began with: start again"))
        }
    }
}

#[async_trait::async_trait]
impl Source for CsvSource {
    async fn next_page(&mut self) -> Result<Option<Page>, SourceError> {
        let mut page = Page::default();
        let mut rows = 0;
        while rows < PAGE_ROWS && self.table.next(self.blob.as_ref()).await? {
            let cells = self.table.cells();
            if cells.is_blank() {
                continue;
            }
            rows += 1;
            let (record, problems) = self.rows.take(cells, self.table.row());
            page.records.extend(record);
            page.problems.extend(problems);
        }
        if rows == 0 {
            return Ok(None);
        }
        self.position.row = self.table.row();
        self.position.offset = self.table.offset();
        self.position.rows_done += rows as u64;
        page.position = self.position.write();
        page.rows_done = self.position.rows_done;
        page.bytes_done = self.position.offset;
        Ok(Some(page))
    }
}

impl Rows {
    pub(super) fn new(reading: Reading, selection: Selection) -> Self {
        Self {
            invoice_columns: reading.columns.all(&CONTENTS),
            payment_columns: reading.columns.all(&PAYMENT_CONTENTS),
            reading,
            selection,
            seen: Seen::default(),
        }
    }

    /// Reads a row: its record if it is good and wanted, or what is wrong with it.
    pub(super) fn take(&mut self, cells: Cells<'_>, row: u64) -> (Option<Record>, Vec<Problem>) {
        let mut mapped = map::map(&self.reading, cells, row);
        if mapped.problems.is_empty() {
            self.identify(&mut mapped, cells);
        }
        if mapped.problems.is_empty() { (select(&self.selection, mapped.record), Vec::new()) } else { (None, mapped.problems) }
    }

    fn identify(&mut self, mapped: &mut Mapped, cells: Cells<'_>) {
        let contents = |columns: &[usize]| fingerprint(columns.iter().map(|column| cells.get(*column)));
        if let Some(invoice) = &mapped.record.invoice
            && self.seen.invoice(&invoice.external_id, contents(&self.invoice_columns)) == Sighting::Different
        {
            let message = "an earlier row of this file has the same invoice with other contents; that one was taken";
            mapped.problems.push(double(&self.reading, mapped, Field::InvoiceNumber, &invoice.external_id, message));
            return;
        }
        let Some(payment) = &mut mapped.record.payment else { return };
        if mapped.payment_id_derived {
            let earlier = self.seen.earlier_payments(&payment.external_id, payment.reversed);
            if earlier > 0 {
                payment.external_id = format!("{}:#{}", payment.external_id, earlier + 1);
            }
        } else if payment.amount_minor.is_some() {
            let id = payment.external_id.clone();
            if self.seen.payment(&id, contents(&self.payment_columns)) == Sighting::Different {
                let message = "an earlier row of this file has the same payment with other contents; that one was taken";
                mapped.problems.push(double(&self.reading, mapped, Field::PaymentId, &id, message));
            }
        }
    }
}

fn double(reading: &Reading, mapped: &Mapped, field: Field, id: &str, message: &str) -> Problem {
    Problem {
        row: mapped.record.row,
        column: reading.columns.name(field).map(str::to_owned),
        external_id: Some(id.to_owned()),
        code: RefusalCode::AlreadyExists.as_str().to_owned(),
        message: message.to_owned(),
    }
}

/// Leaves out what is not wanted. A payment is left out by its own date and tick only, and with its unticked invoice:
/// that of an invoice before the wanted days may still close a case.
pub(super) fn select(selection: &Selection, mut record: Record) -> Option<Record> {
    let unticked = |invoice: &str| selection.unticked_invoices.contains(invoice);
    record.invoice = record.invoice.filter(|invoice| {
        !selection.without_invoices
            && !unticked(&invoice.external_id)
            && selection.invoices_from.is_none_or(|from| invoice.issued_on >= from)
    });
    record.payment = record.payment.filter(|payment| {
        !selection.without_payments
            && !unticked(&payment.invoice_external_id)
            && !selection.unticked_payments.contains(&payment.external_id)
            && selection.payments_from.is_none_or(|from| payment.received_on >= from)
    });
    if record.invoice.is_none() {
        record.debtor = None;
    }
    (record.invoice.is_some() || record.payment.is_some()).then_some(record)
}

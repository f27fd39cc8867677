//! Pulling from an accounting system: records as they said them, page by page, resumable.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use entity::{DebtorKind, IntegrationId, PaymentKind, TenantId};
use serde::{Deserialize, Serialize};

use super::{access::Access, connect::Account, throttle::Throttle};
use crate::import::ImportRequest;

/// A debtor as the accounting system describes it. Texts are trimmed, empty ones are none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DebtorSnapshot {
    /// Its id there.
    pub external_id: String,
    /// Name for letters.
    pub name: String,
    /// Private person or business; a business when unknown.
    pub kind: Option<DebtorKind>,
    /// E-mail address as given.
    pub email: Option<String>,
    /// Phone number as given.
    pub phone: Option<String>,
    /// Street and number.
    pub line1: Option<String>,
    /// Second address line.
    pub line2: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Town.
    pub city: Option<String>,
    /// State or region.
    pub region: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// Language tag as given.
    pub language: Option<String>,
    /// Exempt from collection, where the system can say so: flagged there, or not to be contacted any more.
    pub exempt: Option<bool>,
    /// The groups that the debtor is in there; none where the system has no groups or did not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<String>>,
    /// The debtor there that this one was merged into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<String>,
}

/// What the accounting system says about an invoice's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceState {
    /// Approved and valid.
    #[default]
    Approved,
    /// Cancelled.
    Voided,
    /// Given up by the creditor.
    WrittenOff,
}

/// An invoice as the accounting system describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceSnapshot {
    /// Its id there.
    pub external_id: String,
    /// As the debtor knows it.
    pub number: String,
    /// Subject line.
    pub title: Option<String>,
    /// Issue date.
    pub issued_on: NaiveDate,
    /// Due date.
    pub due_on: NaiveDate,
    /// ISO 4217; the tenant's when none.
    pub currency: Option<String>,
    /// The whole sum in minor units.
    pub total_minor: i64,
    /// What is open by their books; none when they do not say.
    pub outstanding_minor: Option<i64>,
    /// Valid, voided or written off.
    pub state: InvoiceState,
    /// Marked as disputed, or blocked from dunning there.
    pub disputed: bool,
    /// The ids of all payments and credits that count on it now, when the source tells all of them. One that is known
    /// and not among them does not count any more: some sources tell no deletions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_by: Option<Vec<String>>,
    /// The structured reference that a payer gives: a Norwegian KID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_reference: Option<String>,
    /// Where the debtor sees and pays it online, for sources that tell it with the invoice. Taken over when it is an
    /// address that a letter can show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub online_url: Option<String>,
}

/// A payment or credit note as the accounting system describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentSnapshot {
    /// Its id there.
    pub external_id: String,
    /// The invoice that it reduces.
    pub invoice_external_id: String,
    /// Money or credit note.
    pub kind: PaymentKind,
    /// How much, positive minor units; none means all of the invoice.
    pub amount_minor: Option<i64>,
    /// ISO 4217; the invoice's when none.
    pub currency: Option<String>,
    /// Value date.
    pub received_on: NaiveDate,
    /// Matched in their books.
    pub reconciled: bool,
    /// Deleted or bounced.
    pub reversed: bool,
    /// As the payer wrote it.
    pub reference: Option<String>,
}

/// One record of the source: a debtor's invoice, a payment, or both in one row. A debtor alone is news of one that is
/// known; it makes no new one. So is an invoice without its debtor, from books that were asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record {
    /// Row of the file (the header is row 1), for problems found later.
    pub row: Option<u64>,
    /// The debtor of the invoice.
    pub debtor: Option<DebtorSnapshot>,
    /// The invoice.
    pub invoice: Option<InvoiceSnapshot>,
    /// The payment.
    pub payment: Option<PaymentSnapshot>,
}

/// A record that cannot be taken over, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Row of the file, the header being row 1.
    pub row: Option<u64>,
    /// Column of the file.
    pub column: Option<String>,
    /// The record's id, where it has one.
    pub external_id: Option<String>,
    /// Stable reason, a [`crate::RefusalCode`]'s spelling.
    pub code: String,
    /// For people; says what is wrong and what is expected.
    pub message: String,
}

/// One page of a pull.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The good records, in the source's order.
    pub records: Vec<Record>,
    /// The bad ones.
    pub problems: Vec<Problem>,
    /// Where to go on after this page; the connector's own format.
    pub position: String,
    /// Where the next pull of changes begins, once this run is through; the connector's own format. The last page that
    /// tells one counts.
    pub mark: Option<String>,
    /// What the books say of themselves, when the page brought it.
    pub account: Option<Account>,
    /// Records looked at so far, good and bad.
    pub rows_done: u64,
    /// Bytes looked at so far, for files.
    pub bytes_done: u64,
}

/// A stored file, read piece by piece.
#[async_trait::async_trait]
pub trait Blob: Send + Sync {
    /// Its whole size in bytes.
    fn size(&self) -> u64;

    /// The piece that starts at the offset: at least one byte, at most about a mebibyte; none at the end.
    ///
    /// # Errors
    ///
    /// [`SourceError::Unavailable`].
    async fn read(&self, offset: u64) -> Result<Option<Vec<u8>>, SourceError>;
}

/// How far a pull reaches.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Everything that is open, and what changed it.
    #[default]
    Everything,
    /// What changed since a mark that an earlier pull told, in any state: also what ends a claim.
    Changes(String),
    /// These and no others, in whatever state they are now.
    Only(Wanted),
}

/// Records to be looked at again, by their ids at the source.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Wanted {
    /// Invoices, with their payments.
    #[serde(default)]
    pub invoices: Vec<String>,
    /// Debtors.
    #[serde(default)]
    pub debtors: Vec<String>,
}

/// The way to a provider's books.
#[derive(Clone)]
pub struct Link {
    /// Whose books.
    pub account: Account,
    /// Lends the keys.
    pub access: Arc<dyn Access>,
    /// Takes turns.
    pub throttle: Arc<dyn Throttle>,
    /// The machine's time when the work began.
    pub now: DateTime<Utc>,
}

/// What to pull.
pub struct Pull {
    /// The tenant.
    pub tenant: TenantId,
    /// The link.
    pub integration: IntegrationId,
    /// The tenant's currency, for records without one.
    pub currency: String,
    /// Where a broken run goes on; none from the start.
    pub position: Option<String>,
    /// How far.
    pub scope: Scope,
    /// The way to the books; none for files.
    pub link: Option<Link>,
    /// The file and how to read it, for imports.
    pub file: Option<(Box<dyn Blob>, ImportRequest)>,
    /// The tenant's day, against absurd dates.
    pub today: NaiveDate,
}

/// Why a pull stopped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// Trying again later may help.
    #[error("{0}")]
    Unavailable(String),
    /// Asked to wait this many seconds.
    #[error("the provider asks to wait {0} seconds")]
    RateLimited(u64),
    /// Our credentials are refused: a person must connect again.
    #[error("{0}")]
    Unauthorised(String),
    /// The answer is not what the provider's contract says. Nothing of it is guessed.
    #[error("{0}")]
    Broken(String),
    /// The file or answer is not what it should be, for good.
    #[error("{message}")]
    Refused {
        /// Stable reason, a [`crate::RefusalCode`]'s spelling.
        code: String,
        /// For people.
        message: String,
    },
}

/// A pull under way.
#[async_trait::async_trait]
pub trait Source: Send {
    /// The next page; none at the end.
    ///
    /// # Errors
    ///
    /// [`SourceError`]; pages before it stay taken over.
    async fn next_page(&mut self) -> Result<Option<Page>, SourceError>;
}

/// One column of a file, as found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewColumn {
    /// Its header.
    pub name: String,
    /// The field that its name and contents suggest.
    pub suggestion: Option<crate::import::Field>,
    /// A few values.
    pub samples: Vec<String>,
}

/// One row of a file as it would be taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewRow {
    /// Row of the file, the header being row 1.
    pub row: u64,
    /// The record, when the row is good.
    pub record: Option<Record>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

/// A look into a file before it is imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The settings that were detected or given: encoding, delimiter, date format, decimal mark, mapping.
    pub request: ImportRequest,
    /// The columns.
    pub columns: Vec<PreviewColumn>,
    /// The first rows.
    pub rows: Vec<PreviewRow>,
    /// Whether the file has more rows than shown.
    pub more: bool,
}

/// An accounting system.
#[async_trait::async_trait]
pub trait Connector: Send + Sync + 'static {
    /// Starts or resumes a pull.
    ///
    /// # Errors
    ///
    /// [`SourceError`]; nothing was pulled.
    async fn pull(&self, pull: Pull) -> Result<Box<dyn Source>, SourceError>;

    /// Looks into a file; only for connectors that read files.
    ///
    /// # Errors
    ///
    /// [`SourceError::Refused`] when it is not a table, or the connector reads no files.
    async fn preview(&self, _pull: Pull, _rows: usize) -> Result<Preview, SourceError> {
        Err(SourceError::Refused { code: crate::RefusalCode::Invalid.as_str().into(), message: "this integration reads no files".into() })
    }
}

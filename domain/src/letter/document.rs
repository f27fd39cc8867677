//! A finished letter: every word in place, nothing left to decide but where it goes on the page.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Language, LetterKind};

/// The complete content of one letter, in reading order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterDocument {
    /// What the letter is.
    pub kind: LetterKind,
    /// The language of all texts.
    pub language: Language,
    /// The letter's date.
    pub dated_on: NaiveDate,
    /// ISO 3166-1 alpha-2 of the debtor; decides between Chinese, Japanese and Korean character shapes.
    pub recipient_country: String,
    /// Title of the document as a file, for example `Payment reminder – C-1042 – Acme Ltd`.
    pub title: String,
    /// The creditor's name at the head of the page.
    pub letterhead: String,
    /// The creditor in one small line above the debtor's address.
    pub sender_line: String,
    /// The address window, at most [`super::MAX_ADDRESS_LINES`] lines.
    pub recipient: Vec<String>,
    /// The case number, as the debtor quotes it.
    pub reference: Field,
    /// Date, reference and contact at the right of the window.
    pub info: Block,
    /// What the letter is about.
    pub subject: String,
    /// How the debtor is addressed.
    pub salutation: String,
    /// What happened, before the table.
    pub opening: Vec<String>,
    /// The claim line by line.
    pub table: Table,
    /// What is asked by when; absent on a thank-you.
    pub demand: Option<Demand>,
    /// Where to pay; absent on a thank-you.
    pub bank: Option<Block>,
    /// What a banking app scans; absent where there is no such code.
    #[serde(default)]
    pub code: Option<PaymentCode>,
    /// What happens next, what to do when in doubt.
    pub closing_paragraphs: Vec<String>,
    /// Whom to ask.
    pub contact: Block,
    /// The complimentary close.
    pub complimentary_close: String,
    /// Who signs.
    pub signature: String,
    /// The creditor's legal data at the foot of each page, as columns of lines.
    pub footer: Vec<Vec<String>>,
    /// The word before the page number.
    pub page_label: String,
}

/// A heading with labelled values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Heading; empty when the block needs none.
    pub heading: String,
    /// Labelled values, top to bottom.
    pub fields: Vec<Field>,
}

/// A label and its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Label without colon.
    pub label: String,
    /// Value.
    pub value: String,
}

/// The claim as a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Headings of the four columns: item, date, due date, amount.
    pub header: [String; 4],
    /// One row for each line of the claim.
    pub rows: Vec<Row>,
    /// Label of the last row.
    pub total_label: String,
    /// Total with currency.
    pub total: String,
}

/// One line of the claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// What the row is.
    #[serde(default)]
    pub role: RowRole,
    /// What the amount is.
    pub item: String,
    /// What it was for; may be empty.
    pub detail: String,
    /// Date; may be empty.
    pub issued_on: String,
    /// Due date; may be empty.
    pub due_on: String,
    /// Amount without currency.
    pub amount: String,
}

/// What a row of the claim is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowRole {
    /// A line of the claim.
    #[default]
    Line,
    /// The name of the case whose lines follow; without an amount.
    Heading,
    /// What is open on the case whose lines came before.
    Subtotal,
}

/// The request for payment that the page sets apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Demand {
    /// The whole sentence, with amount and deadline.
    pub sentence: String,
    /// The amount with currency.
    pub amount: String,
    /// The deadline, written out.
    pub pay_by: String,
}

/// A code that is drawn beside the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentCode {
    /// What the code says.
    pub payload: String,
    /// The words below it.
    pub caption: String,
    /// What it is, for who cannot see it.
    pub alt: String,
}

impl LetterDocument {
    /// Every text of the letter, for checks of its characters.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let blocks = [Some(&self.info), self.bank.as_ref(), Some(&self.contact)];
        let single = [
            &self.title,
            &self.letterhead,
            &self.sender_line,
            &self.subject,
            &self.salutation,
            &self.complimentary_close,
            &self.signature,
            &self.page_label,
        ];
        let lists = [&self.recipient, &self.opening, &self.closing_paragraphs];
        single
            .into_iter()
            .chain(lists.into_iter().flatten())
            .chain(self.footer.iter().flatten())
            .chain(self.demand.iter().flat_map(|demand| [&demand.sentence, &demand.amount, &demand.pay_by]))
            .chain(blocks.into_iter().flatten().flat_map(Block::texts))
            .chain(self.table.texts())
            .chain(self.code.iter().flat_map(|code| [&code.caption, &code.alt]))
            .map(String::as_str)
    }
}

impl Block {
    fn texts(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.heading).chain(self.fields.iter().flat_map(|field| [&field.label, &field.value]))
    }
}

impl Table {
    fn texts(&self) -> impl Iterator<Item = &String> {
        let rows = self.rows.iter().flat_map(|row| [&row.item, &row.detail, &row.issued_on, &row.due_on, &row.amount]);
        self.header.iter().chain([&self.total_label, &self.total]).chain(rows)
    }
}

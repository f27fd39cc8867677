//! The creditor's own books: which invoices there are, who owes them, who pays. What the product shows is compared with
//! them.

use std::{collections::BTreeMap, fmt::Write};

use chrono::{Days, NaiveDate};

use crate::clock::Seeded;

/// Debtors, each with one case.
pub const DEBTORS: usize = 1_000;

/// Files that the invoices come in.
pub const FILES: usize = 2;

/// Invoices per debtor and file.
const PER_FILE: usize = 2;

/// Debtors whose cases are approved, the first ones; drawing a letter takes long without optimisation.
pub const APPROVED: usize = 120;

/// Of those, the ones who pay everything at the end.
pub const PAYERS: usize = 25;

/// One invoice.
pub struct Invoice {
    pub number: String,
    pub debtor: usize,
    pub total_minor: i64,
    file: usize,
}

/// All of them.
pub struct Ledger {
    pub invoices: Vec<Invoice>,
    today: NaiveDate,
}

impl Ledger {
    pub fn new(chance: &Seeded, today: NaiveDate) -> Self {
        let mut invoices = Vec::new();
        for file in 0..FILES {
            for debtor in 0..DEBTORS {
                for copy in 0..PER_FILE {
                    let total_minor = i64::try_from(1_000 + chance.below(990_000)).unwrap();
                    invoices.push(Invoice { number: format!("R{file}-{debtor:04}-{copy}"), debtor, total_minor, file });
                }
            }
        }
        Self { invoices, today }
    }

    /// A debtor's number in the creditor's books.
    pub fn debtor_id(debtor: usize) -> String {
        format!("C{debtor:04}")
    }

    /// Where a debtor's letters go.
    pub fn email(debtor: usize) -> String {
        format!("pay-{debtor:04}@example.com")
    }

    /// The debtor of a number in the creditor's books.
    pub fn debtor_of(id: &str) -> usize {
        id[1..].parse().unwrap()
    }

    /// What each debtor owes.
    pub fn debts(&self) -> BTreeMap<usize, i64> {
        let mut debts = BTreeMap::new();
        for invoice in &self.invoices {
            *debts.entry(invoice.debtor).or_insert(0) += invoice.total_minor;
        }
        debts
    }

    /// What all of them owe.
    pub fn total_minor(&self) -> i64 {
        self.invoices.iter().map(|invoice| invoice.total_minor).sum()
    }

    /// One of the files of invoices.
    pub fn invoice_file(&self, file: usize) -> String {
        let (issued, due) = (self.today - Days::new(75), self.today - Days::new(45));
        let mut text = String::from("Invoice number,Issue date,Due date,Total,Currency,Customer ID,Customer name,Email\n");
        for invoice in self.invoices.iter().filter(|invoice| invoice.file == file) {
            let Invoice { number, debtor, total_minor, .. } = invoice;
            let (id, email) = (Self::debtor_id(*debtor), Self::email(*debtor));
            writeln!(text, "{number},{issued},{due},{},EUR,{id},Debtor {debtor:04} Ltd,{email}", decimal(*total_minor)).unwrap();
        }
        text
    }

    /// The payments of those who pay, invoice by invoice.
    pub fn payment_file(&self) -> String {
        let mut text = String::from("Payment ID,Invoice number,Payment amount,Payment date,Currency\n");
        for invoice in self.invoices.iter().filter(|invoice| invoice.debtor < PAYERS) {
            writeln!(text, "P-{0},{0},{1},{2},EUR", invoice.number, decimal(invoice.total_minor), self.today).unwrap();
        }
        text
    }
}

/// An amount as files and the API spell it.
pub fn decimal(minor: i64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

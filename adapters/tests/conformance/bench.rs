//! What the list needs of a provider: its contract in a few constants, and its people at work in the stand-in's books.

use chrono::NaiveDate;
use domain::port::{DebtorSnapshot, System, connect::Granted, throttle::LimitKind};
use sandbox::{Provider, Running};

/// One provider.
pub trait Bench {
    const PROVIDER: Provider;
    /// Of the books, ISO 4217.
    const CURRENCY: &'static str;
    /// Part of the path from which everything that is open is read.
    const LIST: &'static str;
    /// A field there that takes one of a few words, without which an invoice cannot be judged.
    const WORD: &'static str;
    /// A field there with an amount.
    const AMOUNT: &'static str;
    /// An id of an invoice that there is not.
    const NOBODY: &'static str;
    /// Invented invoices that make at least two pages.
    const MANY: usize;

    /// A debtor in the books.
    type Debtor: Copy;
    /// An invoice in the books.
    type Invoice: Copy;
    /// A payment in the books.
    type Payment: Copy;

    /// The connector, set up for the stand-in's address.
    fn system(url: &str) -> System;
    /// Joins as a person does.
    async fn join(system: &System, url: &str) -> Granted;
    /// What the operator sets that nobody may see.
    fn secrets() -> Vec<&'static str>;
    /// What each call must ask the throttle for.
    fn limits() -> Vec<LimitKind>;

    /// Adds a debtor with all that letters need, and says how it is to be told.
    fn debtor(running: &Running) -> (Self::Debtor, DebtorSnapshot);
    /// Adds an approved invoice that was written twenty days before it is due.
    fn invoice(running: &Running, debtor: Self::Debtor, due_on: NaiveDate, cents: i64) -> Self::Invoice;
    /// Its id for the product.
    fn id(running: &Running, invoice: Self::Invoice) -> String;
    /// Money that came in and was matched.
    fn pay(running: &Running, invoice: Self::Invoice, cents: i64) -> Self::Payment;
    /// The bank took it back.
    fn unpay(running: &Running, payment: Self::Payment);
    /// A credit note for a part of it.
    fn credit(running: &Running, invoice: Self::Invoice, cents: i64);
    /// Takes the invoice back.
    fn void(running: &Running, invoice: Self::Invoice);
    /// Moves the due date.
    fn move_due(running: &Running, invoice: Self::Invoice, due_on: NaiveDate);
    /// The invoices with something due, and what is due.
    fn open(running: &Running) -> Vec<(Self::Invoice, i64)>;
}

/// Has invoices that are not approved.
pub trait Drafts: Bench {
    fn draft(running: &Running, debtor: Self::Debtor, due_on: NaiveDate, cents: i64) -> Self::Invoice;
}

/// Has other currencies than the books'.
pub trait Yen: Bench {
    /// An approved invoice over so many yen.
    fn yen(running: &Running, debtor: Self::Debtor, due_on: NaiveDate, yen: i64) -> Self::Invoice;
}

/// Knows money that came in but is not matched yet.
pub trait Waits: Bench {
    fn pay_unreconciled(running: &Running, debtor: Self::Debtor, invoice: Self::Invoice, cents: i64);
}

/// Tells of debtors that changed.
pub trait Renames: Bench {
    fn rename(running: &Running, debtor: Self::Debtor, name: &str);
}

/// Has a page on the web for each invoice.
pub trait Shows: Bench {
    /// The address of that page.
    fn page(running: &Running, invoice: Self::Invoice) -> String;
    /// What is asked besides when a page is: it must leave calls to the pulls.
    fn aside() -> LimitKind;
}

/// Lets a single invoice be made unreadable.
pub trait Spoils: Bench {
    fn spoil(running: &Running, invoice: Self::Invoice);
}

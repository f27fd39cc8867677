//! The books of one client, and the changes that its people and its bank make in them. Entries are never edited but for
//! their match and balance: what is taken back gets an entry of its own, as in the real ledger. Each match is about one
//! invoice; the real ledger may settle several by one match, which no reader of ours depends on.

mod settle;

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    customer::{ContactPerson, Customer, Details},
    entry::{Entry, Invoice, VoucherType, entry_of},
};
use crate::input::Refused;

/// The id of the first entry.
const FIRST_ENTRY: u64 = 500_000_001;

/// The number of the first invoice.
const FIRST_INVOICE: u64 = 10_001;

/// The id of the first customer; ids are shared with suppliers and so do not start at 1.
const FIRST_CUSTOMER: u64 = 7_000_001;

/// The number of the first customer.
const FIRST_CUSTOMER_NO: u64 = 10_000;

/// An invoice to be added: posted and sent.
#[derive(Clone, Debug)]
pub struct NewInvoice {
    /// Number of the customer.
    pub customer_no: u64,
    /// Date of the document.
    pub issued_on: NaiveDate,
    /// Day by which it is to be paid.
    pub due_on: NaiveDate,
    /// Total in øre.
    pub total_minor: i64,
}

/// The books of one client.
#[derive(Default)]
pub struct Ledger {
    customers: Vec<Customer>,
    persons: Vec<ContactPerson>,
    entries: Vec<Entry>,
    invoices: Vec<Invoice>,
    matches: HashMap<u32, Vec<u32>>,
    version: u64,
    next_match: u32,
}

/// What a posting consists of.
#[derive(Clone, Copy)]
struct Posting {
    voucher_type: VoucherType,
    invoice: Option<u32>,
    customer: u32,
    amount_minor: i64,
    on: NaiveDate,
    due_on: Option<NaiveDate>,
}

impl Ledger {
    /// Raised by every change.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// All customers.
    pub fn customers(&self) -> &[Customer] {
        &self.customers
    }

    /// The customer with an id.
    pub fn customer_by_id(&self, id: u64) -> Option<&Customer> {
        self.customers.get(usize::try_from(id.checked_sub(FIRST_CUSTOMER)?).ok()?)
    }

    /// The customer with a number.
    pub fn customer(&self, number: u64) -> Option<&Customer> {
        self.customers.get(self.customer_position(number).ok()? as usize)
    }

    /// All persons to talk to.
    pub fn persons(&self) -> &[ContactPerson] {
        &self.persons
    }

    /// All entries, oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// All invoices and credit notes, oldest first.
    pub fn invoices(&self) -> &[Invoice] {
        &self.invoices
    }

    /// The entries that settle each other under an id.
    pub fn matched(&self, match_id: u32) -> &[u32] {
        self.matches.get(&match_id).map(Vec::as_slice).unwrap_or_default()
    }

    /// The invoice with a voucher's id.
    pub fn invoice_by_voucher(&self, voucher: uuid::Uuid) -> Option<&Invoice> {
        let entry = self.entries.get(entry_of(voucher)? as usize)?;
        self.invoices.get(entry.invoice? as usize).filter(|invoice| invoice.voucher_id() == voucher)
    }

    /// The invoice with a number.
    pub fn invoice(&self, no: u64) -> Option<&Invoice> {
        self.invoices.get(self.position(no).ok()? as usize)
    }

    /// The entry of an invoice.
    pub fn entry_of(&self, invoice: &Invoice) -> &Entry {
        &self.entries[invoice.entry as usize]
    }

    /// What an entry's balance was at the end of a day: its amount less what was matched with it until then.
    pub fn balance_on(&self, entry: &Entry, day: NaiveDate) -> i64 {
        let opposite = |other: &&Entry| other.posted_on <= day && (other.amount_minor < 0) != (entry.amount_minor < 0);
        let matched = entry.match_id.map(|id| self.matched(id)).unwrap_or_default();
        let settled: i64 = matched
            .iter()
            .map(|at| &self.entries[*at as usize])
            .filter(opposite)
            .map(|other| other.amount_minor - other.balance_minor)
            .sum();
        let rest = entry.amount_minor + settled;
        // More than the amount cannot be settled; the sign of the rest stays that of the amount.
        if (rest < 0) == (entry.amount_minor < 0) { rest } else { 0 }
    }

    /// Adds a customer and tells the number.
    pub fn add_customer(&mut self, details: Details, now: DateTime<Utc>) -> u64 {
        let at = self.customers.len() as u64;
        self.customers.push(Customer {
            id: FIRST_CUSTOMER + at,
            number: FIRST_CUSTOMER_NO + at,
            details,
            created_at: now,
            changed_at: now,
        });
        self.version += 1;
        FIRST_CUSTOMER_NO + at
    }

    /// Adds a person to talk to at a customer.
    pub fn add_person(&mut self, person: ContactPerson) {
        self.persons.push(person);
        self.version += 1;
    }

    /// Changes a customer's details.
    ///
    /// # Errors
    /// When there is no such customer.
    pub fn edit_customer(&mut self, number: u64, now: DateTime<Utc>, edit: impl FnOnce(&mut Details)) -> Result<(), Refused> {
        let at = self.customer_position(number)? as usize;
        edit(&mut self.customers[at].details);
        self.customers[at].changed_at = now;
        self.version += 1;
        Ok(())
    }

    /// Adds an invoice and tells its number.
    ///
    /// # Errors
    /// When there is no such customer.
    pub fn add_invoice(&mut self, new: &NewInvoice, now: DateTime<Utc>) -> Result<u64, Refused> {
        let customer = self.customer_position(new.customer_no)?;
        Ok(self.post_invoice(customer, None, new, now))
    }

    /// Posts GO's own reminder with its fee for an invoice and tells the entry's id.
    ///
    /// # Errors
    /// When there is no such invoice.
    pub fn remind(&mut self, no: u64, fee_minor: i64, on: NaiveDate, now: DateTime<Utc>) -> Result<u64, Refused> {
        let customer = self.invoices[self.position(no)? as usize].customer;
        let voucher_type = VoucherType::OutgoingPaymentReminder;
        let at = self.post(Posting { voucher_type, invoice: None, customer, amount_minor: fee_minor, on, due_on: Some(on) }, now);
        Ok(self.entries[at as usize].id)
    }

    /// Moves the due date of an invoice.
    ///
    /// # Errors
    /// When there is no such invoice.
    pub fn set_due_on(&mut self, no: u64, due_on: NaiveDate, now: DateTime<Utc>) -> Result<(), Refused> {
        let at = self.position(no)? as usize;
        let invoice = &mut self.invoices[at];
        (invoice.due_on, invoice.changed_at) = (due_on, now);
        let entry = &mut self.entries[invoice.entry as usize];
        (entry.due_on, entry.changed_at) = (Some(due_on), now);
        self.version += 1;
        Ok(())
    }

    fn position(&self, no: u64) -> Result<u32, Refused> {
        let at = no.checked_sub(FIRST_INVOICE).and_then(|at| u32::try_from(at).ok()).filter(|at| (*at as usize) < self.invoices.len());
        at.ok_or_else(|| Refused::Unknown { what: "invoice", id: no.to_string() })
    }

    fn customer_position(&self, number: u64) -> Result<u32, Refused> {
        let at = number.checked_sub(FIRST_CUSTOMER_NO).and_then(|at| u32::try_from(at).ok());
        at.filter(|at| (*at as usize) < self.customers.len()).ok_or_else(|| Refused::Unknown { what: "customer", id: number.to_string() })
    }

    fn entry_position(&self, id: u64) -> Option<u32> {
        let at = u32::try_from(id.checked_sub(FIRST_ENTRY)?).ok()?;
        ((at as usize) < self.entries.len()).then_some(at)
    }

    fn post(&mut self, posting: Posting, now: DateTime<Utc>) -> u32 {
        let at = self.entries.len();
        let Posting { voucher_type, invoice, customer, amount_minor, on, due_on } = posting;
        self.entries.push(Entry {
            id: FIRST_ENTRY + at as u64,
            voucher_type,
            voucher_no: 1 + at as u64,
            invoice,
            customer,
            amount_minor,
            balance_minor: amount_minor,
            posted_on: on,
            due_on,
            match_id: None,
            is_write_off: false,
            created_at: now,
            changed_at: now,
        });
        self.version += 1;
        u32::try_from(at).unwrap_or(u32::MAX)
    }

    fn post_invoice(&mut self, customer: u32, credits: Option<u64>, new: &NewInvoice, now: DateTime<Utc>) -> u64 {
        let at = self.invoices.len();
        let no = FIRST_INVOICE + at as u64;
        let voucher_type = if credits.is_some() { VoucherType::OutgoingCreditNote } else { VoucherType::OutgoingInvoice };
        let invoice = u32::try_from(at).ok();
        let posting =
            Posting { voucher_type, invoice, customer, amount_minor: new.total_minor, on: new.issued_on, due_on: Some(new.due_on) };
        let entry = self.post(posting, now);
        self.invoices.push(Invoice {
            no,
            entry,
            customer,
            credits,
            total_minor: new.total_minor,
            currency: "NOK",
            issued_on: new.issued_on,
            due_on: new.due_on,
            is_reversed: false,
            sent_at: now,
            changed_at: now,
            balance_changed_at: now,
        });
        no
    }

    fn touch(&mut self, invoice: u32, now: DateTime<Utc>) {
        let invoice = &mut self.invoices[invoice as usize];
        (invoice.changed_at, invoice.balance_changed_at) = (now, now);
        self.version += 1;
    }
}

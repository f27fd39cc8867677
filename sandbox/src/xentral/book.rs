//! What one Xentral instance holds, and the changes that people make in it: customers, invoices, payments, credit notes.
//! Every change raises the version, by which kept lists are dropped. Whether a payment touches an invoice's `updatedAt`
//! is not documented; it does here unless that is switched off.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    customer::{Address, Customer},
    invoice::{CreditNote, Dunning, Invoice, Payment, Status},
};
use crate::input::Refused;

/// A customer to be added.
#[derive(Clone, Debug, Default)]
pub struct NewCustomer {
    /// Where they live; the name is in it.
    pub address: Address,
    /// Address that invoices are mailed to, if another than the main one.
    pub invoice_email: Option<String>,
    /// Language of their documents, ISO 639-1.
    pub language: String,
}

/// An invoice to be added: released and sent.
#[derive(Clone, Debug)]
pub struct NewInvoice {
    /// Id of the customer.
    pub customer: u32,
    /// Date of the document.
    pub issued_on: NaiveDate,
    /// Days to pay.
    pub target_days: u32,
    /// Gross total in cents.
    pub gross_minor: i64,
    /// ISO 4217.
    pub currency: &'static str,
}

/// The instance's data.
pub struct Book {
    customers: Vec<Customer>,
    invoices: Vec<Invoice>,
    payments: HashMap<u32, u32>,
    version: u64,
    next_document: u32,
    /// Whether a payment or credit note changes the invoice's `updatedAt`.
    pub money_touches: bool,
}

impl Book {
    /// An instance without customers.
    pub fn new() -> Self {
        Self { customers: Vec::new(), invoices: Vec::new(), payments: HashMap::new(), version: 0, next_document: 1, money_touches: true }
    }

    /// Raised by every change.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// All customers; the id is the position plus one.
    pub fn customers(&self) -> &[Customer] {
        &self.customers
    }

    /// All invoices; the id is the position plus one.
    pub fn invoices(&self) -> &[Invoice] {
        &self.invoices
    }

    /// The customer with an id.
    pub fn customer(&self, id: u32) -> Option<&Customer> {
        self.customers.get(position(id)?)
    }

    /// The invoice with an id.
    pub fn invoice(&self, id: u32) -> Option<&Invoice> {
        self.invoices.get(position(id)?)
    }

    /// The customer of an invoice; only ids that exist get into an invoice.
    pub fn customer_of(&self, invoice: &Invoice) -> &Customer {
        &self.customers[invoice.customer as usize - 1]
    }

    /// Adds a customer and tells the id.
    pub fn add_customer(&mut self, new: NewCustomer) -> u32 {
        let id = next(self.customers.len());
        let NewCustomer { address, invoice_email, language } = new;
        self.customers.push(Customer { id, number: format!("{}", 10_000 + id), address, language, invoice_email, target_days: 14 });
        self.version += 1;
        id
    }

    /// Adds an invoice and tells the id.
    pub fn add_invoice(&mut self, new: &NewInvoice, now: DateTime<Utc>) -> Result<u32, Refused> {
        if self.customer(new.customer).is_none() {
            return Err(unknown("customer", new.customer));
        }
        let id = next(self.invoices.len());
        self.invoices.push(Invoice {
            id,
            number: Some(format!("RE-{}", 400_000 + id)),
            customer: new.customer,
            issued_on: new.issued_on,
            target_days: new.target_days,
            gross_minor: new.gross_minor,
            currency: new.currency,
            status: Status::Sent,
            written_off: false,
            debited: false,
            dunning: Dunning::default(),
            payments: Vec::new(),
            credits: Vec::new(),
            created_at: now,
            updated_at: now,
        });
        self.version += 1;
        Ok(id)
    }

    /// Records money that came in for an invoice and tells the payment's id.
    pub fn record_payment(&mut self, invoice: u32, amount_minor: i64, on: NaiveDate, now: DateTime<Utc>) -> Result<u32, Refused> {
        let (id, touches) = (self.next_document, self.money_touches);
        self.change(invoice, now, touches, |invoice| invoice.payments.push(Payment { id, amount_minor, on }))?;
        self.next_document += 1;
        self.payments.insert(id, invoice);
        Ok(id)
    }

    /// Takes a payment back, as when the bank returned it.
    pub fn delete_payment(&mut self, payment: u32, now: DateTime<Utc>) -> Result<(), Refused> {
        let invoice = self.payments.remove(&payment).ok_or_else(|| unknown("payment", payment))?;
        let touches = self.money_touches;
        self.change(invoice, now, touches, |invoice| invoice.payments.retain(|one| one.id != payment))
    }

    /// Credits a part or all of an invoice and tells the credit note's id.
    pub fn credit(&mut self, invoice: u32, amount_minor: i64, on: NaiveDate, now: DateTime<Utc>) -> Result<u32, Refused> {
        let (id, touches) = (self.next_document, self.money_touches);
        self.change(invoice, now, touches, |invoice| {
            invoice.credits.push(CreditNote { id, amount_minor, on });
            let all = invoice.credited_minor() >= invoice.gross_minor;
            invoice.status = if all { Status::Cancelled } else { Status::PartiallyCancelled };
        })?;
        self.next_document += 1;
        Ok(id)
    }

    /// Changes an invoice in any other way; `updatedAt` follows.
    pub fn edit(&mut self, invoice: u32, now: DateTime<Utc>, edit: impl FnOnce(&mut Invoice)) -> Result<(), Refused> {
        self.change(invoice, now, true, edit)
    }

    /// Changes a customer.
    pub fn edit_customer(&mut self, customer: u32, edit: impl FnOnce(&mut Customer)) -> Result<(), Refused> {
        let row = position(customer).and_then(|at| self.customers.get_mut(at)).ok_or_else(|| unknown("customer", customer))?;
        edit(row);
        self.version += 1;
        Ok(())
    }

    fn change(&mut self, id: u32, now: DateTime<Utc>, touch: bool, edit: impl FnOnce(&mut Invoice)) -> Result<(), Refused> {
        let invoice = position(id).and_then(|at| self.invoices.get_mut(at)).ok_or_else(|| unknown("invoice", id))?;
        edit(invoice);
        if touch {
            invoice.updated_at = now;
        }
        self.version += 1;
        Ok(())
    }
}

fn position(id: u32) -> Option<usize> {
    usize::try_from(id.checked_sub(1)?).ok()
}

fn next(len: usize) -> u32 {
    u32::try_from(len).map_or(u32::MAX, |len| len.saturating_add(1))
}

fn unknown(what: &'static str, id: u32) -> Refused {
    Refused::Unknown { what, id: id.to_string() }
}

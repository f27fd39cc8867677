//! What tests and the control page tell the stand-in Xentral: what people do in its own user interface, and what an
//! administrator does with tokens.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use chrono::{DateTime, NaiveDate, SubsecRound as _, Utc};

use super::{
    book::{Book, NewCustomer, NewInvoice},
    customer::{Address, Customer},
    filter::{Filter, Order},
    invoice::{Invoice, Status},
    samples,
};
use crate::{
    frame::Frame,
    input::Refused,
    limiter::{Limiter, Rules},
    listing::Lists,
};

/// The personal access token that there is from the start: unlimited, as classic tokens are.
pub const TOKEN: &str = "sandbox-xentral-token";

/// 100 calls in 60 seconds for each instance and client address; no other limit is documented.
const RULES: Rules = Rules { concurrent: u32::MAX, per_minute: 100, per_day: u32::MAX, app_per_minute: u32::MAX };

/// What a token may do.
#[derive(Clone, Debug)]
pub(super) enum Rights {
    /// Everything.
    Unlimited,
    /// What its scopes name.
    Scopes(Vec<String>),
}

/// What tests tell the stand-in Xentral directly.
pub struct XentralControl {
    pub(super) frame: Arc<Frame>,
    pub(super) lists: Lists,
    pub(super) limiter: Limiter,
    book: RwLock<Book>,
    tokens: RwLock<HashMap<String, Rights>>,
}

impl XentralControl {
    pub(crate) fn new(frame: &Arc<Frame>) -> Self {
        let mut book = Book::new();
        let now = frame.now().trunc_subsecs(0);
        if frame.options.samples {
            samples::samples(&mut book, now);
        }
        samples::invent(&mut book, frame.options.invoices, now);
        Self {
            frame: frame.clone(),
            lists: Lists::default(),
            limiter: Limiter::new(RULES),
            book: RwLock::new(book),
            tokens: RwLock::new(HashMap::from([(TOKEN.to_owned(), Rights::Unlimited)])),
        }
    }

    /// Adds a customer and tells the id.
    pub fn add_customer(&self, new: NewCustomer) -> u32 {
        self.write().add_customer(new)
    }

    /// Replaces a customer's address.
    ///
    /// # Errors
    /// When there is no such customer.
    pub fn set_address(&self, customer: u32, address: Address) -> Result<(), Refused> {
        self.write().edit_customer(customer, |customer| customer.address = address)
    }

    /// Adds an invoice, released and sent, and tells the id.
    ///
    /// # Errors
    /// When there is no such customer.
    pub fn add_invoice(&self, new: &NewInvoice) -> Result<u32, Refused> {
        self.write().add_invoice(new, self.now())
    }

    /// Records money for an invoice, in cents, on today's bank statement, and tells the payment's id.
    ///
    /// # Errors
    /// When there is no such invoice.
    pub fn record_payment(&self, invoice: u32, amount_minor: i64) -> Result<u32, Refused> {
        self.write().record_payment(invoice, amount_minor, self.today(), self.now())
    }

    /// Takes a payment back.
    ///
    /// # Errors
    /// When there is no such payment.
    pub fn delete_payment(&self, payment: u32) -> Result<(), Refused> {
        self.write().delete_payment(payment, self.now())
    }

    /// Credits cents of an invoice and tells the credit note's id.
    ///
    /// # Errors
    /// When there is no such invoice.
    pub fn credit(&self, invoice: u32, amount_minor: i64) -> Result<u32, Refused> {
        self.write().credit(invoice, amount_minor, self.today(), self.now())
    }

    /// Writes an invoice off: bad debt.
    ///
    /// # Errors
    /// When there is no such invoice.
    pub fn write_off(&self, invoice: u32) -> Result<(), Refused> {
        self.edit(invoice, |invoice| invoice.written_off = true)
    }

    /// Cancels an invoice.
    ///
    /// # Errors
    /// When there is no such invoice.
    pub fn cancel(&self, invoice: u32) -> Result<(), Refused> {
        self.edit(invoice, |invoice| invoice.status = Status::Cancelled)
    }

    /// Changes the days to pay, and by that the due date.
    ///
    /// # Errors
    /// When there is no such invoice.
    pub fn set_terms(&self, invoice: u32, target_days: u32) -> Result<(), Refused> {
        self.edit(invoice, |invoice| invoice.target_days = target_days)
    }

    /// Forbids or allows dunning of an invoice.
    ///
    /// # Errors
    /// When there is no such invoice.
    pub fn block_dunning(&self, invoice: u32, blocked: bool) -> Result<(), Refused> {
        self.edit(invoice, |invoice| invoice.dunning.blocked = blocked)
    }

    /// Changes an invoice in any way; `updatedAt` follows.
    ///
    /// # Errors
    /// When there is no such invoice.
    pub fn edit(&self, invoice: u32, edit: impl FnOnce(&mut Invoice)) -> Result<(), Refused> {
        self.write().edit(invoice, self.now(), edit)
    }

    /// Whether payments and credit notes change an invoice's `updatedAt`; they do until told otherwise.
    pub fn let_money_touch(&self, touches: bool) {
        self.write().money_touches = touches;
    }

    /// An invoice as it is now.
    pub fn invoice(&self, id: u32) -> Option<Invoice> {
        self.read().invoice(id).cloned()
    }

    /// A customer as they are now.
    pub fn customer(&self, id: u32) -> Option<Customer> {
        self.read().customer(id).cloned()
    }

    /// All invoices as they are now, by id; not for a million of them.
    pub fn invoices(&self) -> Vec<Invoice> {
        self.read().invoices().to_vec()
    }

    /// Makes a token; without scopes it is unlimited.
    pub fn issue_token(&self, token: &str, scopes: &[&str]) {
        let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let rights = if scopes.is_empty() { Rights::Unlimited } else { Rights::Scopes(scopes) };
        self.tokens.write().unwrap_or_else(PoisonError::into_inner).insert(token.to_owned(), rights);
    }

    /// Revokes a token; from now on it is unknown.
    ///
    /// # Errors
    /// When there is no such token.
    pub fn revoke_token(&self, token: &str) -> Result<(), Refused> {
        let removed = self.tokens.write().unwrap_or_else(PoisonError::into_inner).remove(token);
        removed.map(drop).ok_or_else(|| Refused::Unknown { what: "token", id: "of that text".to_owned() })
    }

    /// The positions of the invoices that a query finds, in its order.
    pub(super) fn rows(&self, book: &Book, signature: &str, filter: &Filter, order: &Order) -> Arc<[u32]> {
        self.lists.of(book.version(), signature, || {
            let all = book.invoices().iter().zip(0_u32..);
            let met = all.filter(|(invoice, _)| filter.meets(invoice, book.customer_of(invoice)));
            let mut rows: Vec<u32> = met.map(|(_, row)| row).collect();
            if !order.is_by_id() {
                let at = |row: u32| &book.invoices()[row as usize];
                rows.sort_by(|left, right| {
                    let (left, right) = (at(*left), at(*right));
                    order.compare((left, book.customer_of(left)), &order.keys(right, book.customer_of(right)))
                });
            }
            rows
        })
    }

    pub(super) fn rights(&self, token: &str) -> Option<Rights> {
        self.tokens.read().unwrap_or_else(PoisonError::into_inner).get(token).cloned()
    }

    pub(super) fn read(&self) -> RwLockReadGuard<'_, Book> {
        self.book.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Book> {
        self.book.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Timestamps are shown in whole seconds, so they are kept so.
    fn now(&self) -> DateTime<Utc> {
        self.frame.now().trunc_subsecs(0)
    }

    fn today(&self) -> NaiveDate {
        self.frame.now().date_naive()
    }
}

//! What tests and the control page tell the stand-in PowerOffice: what a client's people and bank do in the ledger, and
//! what happens to keys and tokens. What concerns the ledger concerns the first client, [`CLIENT_KEY`]'s; others are
//! reached by [`PowerOfficeControl::change`].

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use chrono::{DateTime, NaiveDate, SubsecRound as _, Utc};

use super::{
    access::{Access, CLIENT_KEY, Client},
    customer::{Customer, Details},
    entry::{Entry, Invoice},
    guard::Caller,
    ledger::{Ledger, NewInvoice},
    pace::Pace,
    samples,
};
use crate::{frame::Frame, input::Refused, listing::Lists};

/// What tests tell the stand-in PowerOffice directly.
pub struct PowerOfficeControl {
    pub(super) frame: Arc<Frame>,
    pub(super) pace: Pace,
    lists: Lists,
    access: RwLock<Access>,
    ledgers: RwLock<Vec<Ledger>>,
}

impl PowerOfficeControl {
    pub(crate) fn new(frame: &Arc<Frame>) -> Self {
        let now = frame.now().trunc_subsecs(6);
        let (mut access, mut own, mut other) = (Access::new(), Ledger::default(), Ledger::default());
        access.add(samples::client(Some(CLIENT_KEY.to_owned())));
        access.add(samples::other_client());
        if frame.options.samples {
            samples::samples(&mut own, now);
            samples::other_samples(&mut other, now);
        }
        samples::invent(&mut own, frame.options.invoices, now);
        Self {
            frame: frame.clone(),
            pace: Pace::default(),
            lists: Lists::default(),
            access: RwLock::new(access),
            ledgers: RwLock::new(vec![own, other]),
        }
    }

    /// Adds a customer and tells the number.
    pub fn add_customer(&self, details: Details) -> u64 {
        self.ledgers_mut()[0].add_customer(details, self.now())
    }

    /// Changes a customer's details, for instance exempts them from debt collection.
    ///
    /// # Errors
    /// When there is no such customer.
    pub fn edit_customer(&self, number: u64, edit: impl FnOnce(&mut Details)) -> Result<(), Refused> {
        self.ledgers_mut()[0].edit_customer(number, self.now(), edit)
    }

    /// Adds an invoice, posted and sent, and tells its number.
    ///
    /// # Errors
    /// When there is no such customer.
    pub fn add_invoice(&self, new: &NewInvoice) -> Result<u64, Refused> {
        self.ledgers_mut()[0].add_invoice(new, self.now())
    }

    /// Records money for an invoice, in øre, posted today, and tells the entry's id.
    ///
    /// # Errors
    /// When there is no such invoice.
    pub fn record_payment(&self, invoice: u64, amount_minor: i64) -> Result<u64, Refused> {
        self.ledgers_mut()[0].record_payment(invoice, amount_minor, self.today(), self.now())
    }

    /// Takes a payment back by a reversal.
    ///
    /// # Errors
    /// When there is no such payment or it was taken back already.
    pub fn delete_payment(&self, entry: u64) -> Result<(), Refused> {
        self.ledgers_mut()[0].delete_payment(entry, self.today(), self.now())
    }

    /// Writes off what is left of an invoice and tells the entry's id.
    ///
    /// # Errors
    /// When there is no such invoice.
    pub fn write_off(&self, invoice: u64) -> Result<u64, Refused> {
        self.ledgers_mut()[0].write_off(invoice, self.today(), self.now())
    }

    /// Credits øre of an invoice and tells the credit note's number.
    ///
    /// # Errors
    /// When there is no such invoice.
    pub fn credit(&self, invoice: u64, amount_minor: i64) -> Result<u64, Refused> {
        self.ledgers_mut()[0].credit(invoice, amount_minor, self.today(), self.now())
    }

    /// Takes an invoice back.
    ///
    /// # Errors
    /// When there is no such invoice.
    pub fn reverse(&self, invoice: u64) -> Result<(), Refused> {
        self.ledgers_mut()[0].reverse(invoice, self.today(), self.now())
    }

    /// Posts GO's own reminder with its fee in øre and tells the entry's id.
    ///
    /// # Errors
    /// When there is no such invoice.
    pub fn remind(&self, invoice: u64, fee_minor: i64) -> Result<u64, Refused> {
        self.ledgers_mut()[0].remind(invoice, fee_minor, self.today(), self.now())
    }

    /// Moves an invoice's due date.
    ///
    /// # Errors
    /// When there is no such invoice.
    pub fn set_due_on(&self, invoice: u64, due_on: NaiveDate) -> Result<(), Refused> {
        self.ledgers_mut()[0].set_due_on(invoice, due_on, self.now())
    }

    /// Changes the ledger of any client in any way; tells what the change tells.
    ///
    /// # Errors
    /// When there is no such client.
    pub fn change<T>(&self, client: usize, change: impl FnOnce(&mut Ledger, DateTime<Utc>) -> T) -> Result<T, Refused> {
        let mut ledgers = self.ledgers_mut();
        let ledger = ledgers.get_mut(client).ok_or_else(|| Refused::Unknown { what: "client", id: client.to_string() })?;
        Ok(change(ledger, self.now()))
    }

    /// An invoice as it is now, with its entry.
    pub fn invoice(&self, no: u64) -> Option<(Invoice, Entry)> {
        let ledgers = self.ledgers();
        let invoice = ledgers[0].invoice(no)?;
        Some((invoice.clone(), ledgers[0].entry_of(invoice).clone()))
    }

    /// A customer as they are now.
    pub fn customer(&self, number: u64) -> Option<Customer> {
        self.ledgers()[0].customer(number).cloned()
    }

    /// Ends all access tokens; new ones can be had.
    pub fn expire_tokens(&self) {
        self.access_mut().expire_tokens();
    }

    /// Seconds that tokens live which are issued from now on.
    pub fn set_token_seconds(&self, seconds: i64) {
        self.access_mut().token_seconds = seconds;
    }

    /// Removes the integration from a client: its key and tokens end.
    ///
    /// # Errors
    /// When there is no such client or it has no key.
    pub fn remove_integration(&self, client: usize) -> Result<(), Refused> {
        self.access_mut().remove_integration(client)
    }

    /// Takes a privilege from a client's subscriptions, or gives it back.
    ///
    /// # Errors
    /// When there is no such client.
    pub fn set_privilege(&self, client: usize, privilege: &str, given: bool) -> Result<(), Refused> {
        let mut access = self.access_mut();
        let client = access.client_mut(client).ok_or_else(|| Refused::Unknown { what: "client", id: client.to_string() })?;
        client.missing.retain(|missing| missing != privilege);
        if !given {
            client.missing.push(privilege.to_owned());
        }
        Ok(())
    }

    /// Allows the onboarding to lead back to an address; until one is allowed, all of this machine are.
    pub fn allow_redirect(&self, uri: &str) {
        self.access_mut().allow_redirect(uri);
    }

    /// All clients, with their keys.
    pub fn clients(&self) -> Vec<Client> {
        self.access().clients().to_vec()
    }

    pub(super) fn rows(&self, caller: Caller, version: u64, signature: &str, find: impl FnOnce() -> Vec<u32>) -> Arc<[u32]> {
        // Versions of two ledgers may meet, so the client is part of what is asked.
        self.lists.of(version, &format!("{}:{signature}", caller.0), find)
    }

    pub(super) fn access(&self) -> RwLockReadGuard<'_, Access> {
        self.access.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn access_mut(&self) -> RwLockWriteGuard<'_, Access> {
        self.access.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn ledgers(&self) -> RwLockReadGuard<'_, Vec<Ledger>> {
        self.ledgers.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn ledgers_mut(&self) -> RwLockWriteGuard<'_, Vec<Ledger>> {
        self.ledgers.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> DateTime<Utc> {
        self.frame.now().trunc_subsecs(6)
    }

    fn today(&self) -> NaiveDate {
        self.frame.now().date_naive()
    }
}

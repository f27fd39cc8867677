//! What settles an invoice: payments, write-offs, credit notes and reversals, and how such a match is undone.

use chrono::{DateTime, NaiveDate, Utc};

use super::{Ledger, NewInvoice, Posting};
use crate::{input::Refused, poweroffice::entry::VoucherType};

impl Ledger {
    /// Records money that came in for an invoice and tells the entry's id. What is more than owed stays open.
    ///
    /// # Errors
    /// When there is no such invoice.
    pub fn record_payment(&mut self, no: u64, amount_minor: i64, on: NaiveDate, now: DateTime<Utc>) -> Result<u64, Refused> {
        let invoice = self.position(no)?;
        Ok(self.settle(invoice, VoucherType::IncomingOcrGiro, amount_minor, on, now))
    }

    /// Takes a payment back: a reversal settles it, and the invoice is owed again.
    ///
    /// # Errors
    /// When there is no such payment, or it no longer belongs to an invoice.
    pub fn delete_payment(&mut self, entry: u64, on: NaiveDate, now: DateTime<Utc>) -> Result<(), Refused> {
        let at = self.entry_position(entry).filter(|at| self.entries[*at as usize].voucher_type.is_payment());
        let at = at.ok_or_else(|| Refused::Unknown { what: "payment", id: entry.to_string() })?;
        if self.entries[at as usize].invoice.is_none() {
            return Err(Refused::NotNow("the payment no longer belongs to an invoice".to_owned()));
        }
        self.release(at, now);
        let (customer, amount_minor) = (self.entries[at as usize].customer, -self.entries[at as usize].amount_minor);
        let reversal =
            self.post(Posting { voucher_type: VoucherType::ReversalVoucher, invoice: None, customer, amount_minor, on, due_on: None }, now);
        self.match_fully(at, reversal, now);
        Ok(())
    }

    /// Writes off what is left of an invoice.
    ///
    /// # Errors
    /// When there is no such invoice.
    pub fn write_off(&mut self, no: u64, on: NaiveDate, now: DateTime<Utc>) -> Result<u64, Refused> {
        let invoice = self.position(no)?;
        let left = self.entries[self.invoices[invoice as usize].entry as usize].balance_minor;
        let id = self.settle(invoice, VoucherType::ManualJournal, left, on, now);
        if let Some(at) = self.entry_position(id) {
            self.entries[at as usize].is_write_off = true;
        }
        Ok(id)
    }

    /// Credits a part or all of an invoice and tells the credit note's number.
    ///
    /// # Errors
    /// When there is no such invoice.
    pub fn credit(&mut self, no: u64, amount_minor: i64, on: NaiveDate, now: DateTime<Utc>) -> Result<u64, Refused> {
        let invoice = self.position(no)?;
        let customer = self.invoices[invoice as usize].customer;
        let new = NewInvoice { customer_no: 0, issued_on: on, due_on: on, total_minor: -amount_minor };
        let note = self.post_invoice(customer, Some(no), &new, now);
        let entry = self.invoices[self.position(note)? as usize].entry;
        self.match_with(invoice, entry, now);
        Ok(note)
    }

    /// Takes an invoice back: a reversal settles it, payments for it are left open.
    ///
    /// # Errors
    /// When there is no such invoice.
    pub fn reverse(&mut self, no: u64, on: NaiveDate, now: DateTime<Utc>) -> Result<(), Refused> {
        let invoice = self.position(no)?;
        let own = self.invoices[invoice as usize].entry;
        for other in self.others(own) {
            self.release(other, now);
        }
        let (customer, amount_minor) = (self.invoices[invoice as usize].customer, -self.entries[own as usize].amount_minor);
        let reversal =
            self.post(Posting { voucher_type: VoucherType::ReversalVoucher, invoice: None, customer, amount_minor, on, due_on: None }, now);
        self.match_fully(own, reversal, now);
        self.invoices[invoice as usize].is_reversed = true;
        self.touch(invoice, now);
        Ok(())
    }

    /// Posts something that lessens an invoice, matches it and tells its entry's id.
    fn settle(&mut self, invoice: u32, voucher_type: VoucherType, amount_minor: i64, on: NaiveDate, now: DateTime<Utc>) -> u64 {
        let customer = self.invoices[invoice as usize].customer;
        let posting = Posting { voucher_type, invoice: Some(invoice), customer, amount_minor: -amount_minor, on, due_on: None };
        let at = self.post(posting, now);
        self.match_with(invoice, at, now);
        self.entries[at as usize].id
    }

    /// Matches an entry with an invoice's: both lose as much as the smaller has.
    fn match_with(&mut self, invoice: u32, entry: u32, now: DateTime<Utc>) {
        let own = self.invoices[invoice as usize].entry;
        let settled = self.entries[own as usize].balance_minor.min(-self.entries[entry as usize].balance_minor).max(0);
        self.entries[own as usize].balance_minor -= settled;
        self.entries[entry as usize].balance_minor += settled;
        self.join(own, entry, now);
        self.touch(invoice, now);
    }

    /// Matches an entry that is open in full with its reversal.
    fn match_fully(&mut self, entry: u32, reversal: u32, now: DateTime<Utc>) {
        self.entries[entry as usize].balance_minor = 0;
        self.entries[reversal as usize].balance_minor = 0;
        self.join(entry, reversal, now);
    }

    fn join(&mut self, own: u32, other: u32, now: DateTime<Utc>) {
        let id = self.entries[own as usize].match_id.unwrap_or_else(|| {
            self.next_match += 1;
            self.next_match
        });
        for at in [own, other] {
            let entry = &mut self.entries[at as usize];
            (entry.match_id, entry.changed_at) = (Some(id), now);
            let group = self.matches.entry(id).or_default();
            if !group.contains(&at) {
                group.push(at);
            }
        }
        self.version += 1;
    }

    fn others(&self, own: u32) -> Vec<u32> {
        let group = self.entries[own as usize].match_id.map(|id| self.matched(id)).unwrap_or_default();
        group.iter().copied().filter(|at| *at != own).collect()
    }

    /// Takes an entry out of its match and gives the invoice back what it had settled.
    fn release(&mut self, at: u32, now: DateTime<Utc>) {
        let entry = &self.entries[at as usize];
        let settled = entry.amount_minor - entry.balance_minor;
        let Some(id) = entry.match_id else { return };
        let group = self.matches.entry(id).or_default();
        group.retain(|other| *other != at);
        let rest = group.clone();
        if let [last] = rest[..] {
            self.matches.remove(&id);
            self.entries[last as usize].match_id = None;
        }
        self.let_go(at, now);
        let owed = rest.into_iter().find(|other| self.entries[*other as usize].voucher_type == VoucherType::OutgoingInvoice);
        if let Some(owed) = owed {
            let owed = &mut self.entries[owed as usize];
            owed.balance_minor -= settled;
            owed.changed_at = now;
            let invoice = owed.invoice;
            if let Some(invoice) = invoice {
                self.touch(invoice, now);
            }
        }
        self.version += 1;
    }

    /// Opens an entry again as a whole; a document keeps its own link, anything else no longer belongs to an invoice.
    fn let_go(&mut self, at: u32, now: DateTime<Utc>) {
        let entry = &mut self.entries[at as usize];
        if !matches!(entry.voucher_type, VoucherType::OutgoingInvoice | VoucherType::OutgoingCreditNote) {
            entry.invoice = None;
        }
        (entry.match_id, entry.balance_minor, entry.changed_at) = (None, entry.amount_minor, now);
    }
}

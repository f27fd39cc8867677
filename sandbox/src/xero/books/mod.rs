//! The books of an organisation: contacts, invoices, payments, credit notes and notes, and the rules by which they change
//! each other. Every change takes the instant at which it happens; what counts as a change of a document follows Xero:
//! due dates of part-paid invoices and balances of contacts do not.

mod contact;
mod invoice;
mod money;
mod organisation;
mod payment;
mod shelf;

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, SubsecRound as _, Utc};
use uuid::Uuid;

pub use contact::{Address, Contact, ContactStatus, Person, Phone};
pub use invoice::{Credit, CreditKind, Invoice, InvoiceType, Status};
pub use money::{Cents, NoAmount};
pub use organisation::Organisation;
pub use payment::{Allocation, Batch, CreditNote, Payment};
pub use shelf::{Document, Shelf};

/// A note in the history of an invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What it says.
    pub details: String,
    /// When it was written.
    pub at: DateTime<Utc>,
}

/// The books of one organisation.
pub struct Books {
    /// Whose books they are.
    pub organisation: Organisation,
    /// The contacts.
    pub contacts: Shelf<Contact>,
    /// The invoices.
    pub invoices: Shelf<Invoice>,
    /// The payments, also those that were taken back.
    pub payments: Shelf<Payment>,
    /// The credit notes.
    pub credit_notes: Shelf<CreditNote>,
    /// The notes on invoices, oldest first.
    pub notes: HashMap<Uuid, Vec<Note>>,
    /// Ids of the invoices of each contact.
    pub invoices_of: HashMap<Uuid, Vec<Uuid>>,
}

impl Books {
    /// Empty books.
    pub fn new(organisation: Organisation) -> Self {
        Self {
            organisation,
            contacts: Shelf::default(),
            invoices: Shelf::default(),
            payments: Shelf::default(),
            credit_notes: Shelf::default(),
            notes: HashMap::new(),
            invoices_of: HashMap::new(),
        }
    }

    /// Adds an invoice.
    pub fn add_invoice(&mut self, invoice: Invoice) -> Uuid {
        self.invoices_of.entry(invoice.contact).or_default().push(invoice.id);
        self.invoices.add(invoice)
    }

    /// Changes an invoice, settles it and stamps it.
    pub fn change_invoice(&mut self, id: Uuid, now: DateTime<Utc>, change: impl FnOnce(&mut Invoice)) {
        self.invoices.edit(id, |invoice| {
            change(invoice);
            invoice.settle(now.date_naive());
            invoice.updated = stamp(now);
        });
    }

    /// Records a payment, which the caller has checked against what is due.
    pub fn pay(&mut self, payment: Payment, now: DateTime<Utc>) -> Uuid {
        let (id, amount) = (payment.id, payment.amount);
        self.change_invoice(payment.invoice, now, |invoice| {
            invoice.payments.push(id);
            invoice.paid = invoice.paid + amount;
        });
        self.payments.add(payment)
    }

    /// Takes a payment back: what it paid is due again.
    pub fn unpay(&mut self, payment: Uuid, now: DateTime<Utc>) {
        let taken_back = self.payments.edit(payment, |payment| {
            let stood = !payment.deleted;
            (payment.deleted, payment.updated) = (true, stamp(now));
            stood.then_some((payment.invoice, payment.amount))
        });
        if let Some((invoice, amount)) = taken_back.flatten() {
            self.change_invoice(invoice, now, |invoice| {
                invoice.payments.retain(|id| *id != payment);
                invoice.paid = invoice.paid - amount;
            });
        }
    }

    /// Applies a credit to an invoice, which the caller has checked against what is due.
    pub fn credit(&mut self, invoice: Uuid, credit: Credit, now: DateTime<Utc>) {
        self.change_invoice(invoice, now, |invoice| invoice.credits.push(credit));
    }

    /// Makes one contact of two: the first is archived and points at the second, which takes over its invoices. The
    /// invoices are not stamped (Xero does not say whether they are, and not being told is the harder case).
    pub fn merge(&mut self, from: Uuid, into: Uuid, now: DateTime<Utc>) {
        self.contacts.edit(from, |contact| {
            (contact.status, contact.merged_to, contact.updated) = (ContactStatus::Archived, Some(into), stamp(now));
        });
        self.contacts.edit(into, |contact| contact.updated = stamp(now));
        let moved = self.invoices_of.remove(&from).unwrap_or_default();
        for id in &moved {
            self.invoices.edit(*id, |invoice| invoice.contact = into);
        }
        self.invoices_of.entry(into).or_default().extend(moved);
    }

    /// What a contact owes, and how much of it is overdue on a day.
    pub fn owed_by(&self, contact: Uuid, today: NaiveDate) -> (Cents, Cents) {
        let ids = self.invoices_of.get(&contact).map_or(&[][..], Vec::as_slice);
        let open = ids.iter().filter_map(|id| self.invoices.get(*id));
        let open = open.filter(|invoice| invoice.status == Status::Authorised && invoice.kind == InvoiceType::AccRec);
        open.fold((Cents(0), Cents(0)), |(all, late), invoice| {
            let overdue = if invoice.due_on < today { invoice.due() } else { Cents(0) };
            (all + invoice.due(), late + overdue)
        })
    }
}

/// Instants are kept to the millisecond, as Xero writes them.
pub fn stamp(now: DateTime<Utc>) -> DateTime<Utc> {
    now.trunc_subsecs(3)
}

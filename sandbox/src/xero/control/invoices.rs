//! What people who work in Xero do with invoices.

use chrono::{NaiveDate, TimeDelta};
use uuid::Uuid;

use super::XeroControl;
use crate::{
    input::Refused,
    xero::{
        books::{Cents, Invoice, InvoiceType, Note, Status, stamp},
        webhook::Category,
    },
};

/// An invoice to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewInvoice {
    /// Who owes.
    pub contact: Uuid,
    /// The number on it; without, the next one.
    pub number: Option<String>,
    /// The reference on it.
    pub reference: String,
    /// Its date.
    pub issued_on: NaiveDate,
    /// When it is due.
    pub due_on: NaiveDate,
    /// With tax.
    pub total: Cents,
    /// How far it is.
    pub status: Status,
}

impl NewInvoice {
    /// An approved invoice that was written twenty days before it is due.
    pub fn due(contact: Uuid, due_on: NaiveDate, total: Cents) -> Self {
        let issued_on = due_on - TimeDelta::days(20);
        Self { contact, number: None, reference: String::new(), issued_on, due_on, total, status: Status::Authorised }
    }
}

/// Whether a change counts as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamp {
    /// As Xero does it.
    Usual,
    /// The instant of the last change stays, whatever Xero would do.
    Keep,
}

impl XeroControl {
    /// Adds an invoice.
    ///
    /// # Errors
    /// When there is no such organisation or contact.
    pub fn add_invoice(&self, tenant: Uuid, new: NewInvoice) -> Result<Uuid, Refused> {
        let (id, updated) = (self.frame.chance.uuid(), stamp(self.now()));
        let NewInvoice { contact, number, reference, issued_on, due_on, total, status } = new;
        let added = self.within(tenant, |books| {
            books.contacts.get(contact)?;
            let number = number.unwrap_or_else(|| format!("INV-{:04}", 1_001 + books.invoices.count()));
            let invoice = Invoice {
                id,
                number,
                reference,
                kind: InvoiceType::AccRec,
                contact,
                issued_on,
                due_on,
                expected_on: None,
                fully_paid_on: None,
                status,
                currency: books.organisation.currency.to_owned(),
                rate_millionths: 1_000_000,
                description: "Services as agreed".to_owned(),
                total,
                tax: books.organisation.tax_within(total),
                paid: Cents(0),
                sent: status == Status::Authorised,
                payments: Vec::new(),
                credits: Vec::new(),
                updated,
            };
            Some(books.add_invoice(invoice))
        })?;
        added.ok_or_else(|| Refused::Unknown { what: "contact", id: contact.to_string() })?;
        self.tell(Category::Invoice, true, tenant, id, None);
        Ok(id)
    }

    /// Changes an invoice as a person would; what is due and the status follow.
    ///
    /// # Errors
    /// When there is no such invoice.
    pub fn edit_invoice(&self, id: Uuid, change: impl FnOnce(&mut Invoice)) -> Result<(), Refused> {
        let now = self.now();
        self.on_invoice(id, |books, _| {
            books.change_invoice(id, now, change);
            Ok(())
        })
    }

    /// Approves a draft.
    ///
    /// # Errors
    /// When there is no such invoice or it is no draft.
    pub fn approve_invoice(&self, id: Uuid) -> Result<(), Refused> {
        self.leave(id, &[Status::Draft, Status::Submitted], Status::Authorised)
    }

    /// Cancels an approved invoice.
    ///
    /// # Errors
    /// When there is no such invoice, it is not approved, or something was paid on it.
    pub fn void_invoice(&self, id: Uuid) -> Result<(), Refused> {
        if self.invoice(id).is_some_and(|invoice| invoice.paid > Cents(0)) {
            return Err(Refused::NotNow("payments must be deleted first".to_owned()));
        }
        self.leave(id, &[Status::Authorised], Status::Voided)
    }

    /// Throws a draft away.
    ///
    /// # Errors
    /// When there is no such invoice or it is no draft.
    pub fn delete_invoice(&self, id: Uuid) -> Result<(), Refused> {
        self.leave(id, &[Status::Draft, Status::Submitted], Status::Deleted)
    }

    fn leave(&self, id: Uuid, from: &[Status], to: Status) -> Result<(), Refused> {
        let now = self.now();
        self.on_invoice(id, |books, invoice| {
            if !from.contains(&invoice.status) {
                return Err(Refused::NotNow(format!("it is {}", invoice.status.word())));
            }
            books.change_invoice(id, now, |invoice| invoice.status = to);
            Ok(())
        })
    }

    /// Moves the due date. As with Xero, that does not count as a change of an invoice that is partly paid.
    ///
    /// # Errors
    /// When there is no such invoice.
    pub fn edit_due_date(&self, id: Uuid, due_on: NaiveDate, stamped: Stamp) -> Result<(), Refused> {
        let now = self.now();
        self.on_invoice(id, |books, invoice| {
            let counts = stamped == Stamp::Usual && invoice.paid == Cents(0);
            books.invoices.edit(id, |invoice| {
                invoice.due_on = due_on;
                if counts {
                    invoice.updated = stamp(now);
                }
            });
            Ok(())
        })
    }

    /// An invoice as it stands.
    pub fn invoice(&self, id: Uuid) -> Option<Invoice> {
        self.world().books.iter().find_map(|books| books.invoices.get(id).cloned())
    }

    /// All invoices of an organisation, in the order in which they were added. Copies them: not for a million.
    pub fn invoices(&self, tenant: Uuid) -> Vec<Invoice> {
        self.world().books_of(tenant).map(|books| books.invoices.all().to_vec()).unwrap_or_default()
    }

    /// The notes on an invoice, oldest first.
    pub fn notes(&self, invoice: Uuid) -> Vec<Note> {
        self.world().books.iter().find_map(|books| books.notes.get(&invoice).cloned()).unwrap_or_default()
    }
}

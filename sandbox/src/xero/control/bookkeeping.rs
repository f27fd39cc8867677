//! What people who work in Xero do with its documents.

use chrono::{NaiveDate, TimeDelta};
use uuid::Uuid;

use super::XeroControl;
use crate::{
    input::Refused,
    xero::{
        books::{
            Allocation, Batch, Books, Cents, Contact, ContactStatus, Credit, CreditKind, CreditNote, Document as _, Invoice, InvoiceType,
            Note, Payment, Status, stamp,
        },
        webhook::{Category, Event},
    },
};

/// Events kept for a webhook at most; older ones are dropped.
const EVENTS_KEPT: usize = 10_000;

/// An invoice to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewInvoice {
    /// Who owes.
    pub contact: Uuid,
    /// The number on it; the next one without.
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
    /// An approved invoice of a month ago.
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
    /// Adds a contact that has a name and an e-mail address.
    ///
    /// # Errors
    /// When there is no such organisation.
    pub fn add_contact(&self, tenant: Uuid, name: &str, email: &str) -> Result<Uuid, Refused> {
        let mut contact = Contact::named(self.frame.chance.uuid(), name, stamp(self.now()));
        email.clone_into(&mut contact.email);
        let id = self.within(tenant, |books| books.contacts.add(contact))?;
        self.tell(Category::Contact, true, tenant, id, None);
        Ok(id)
    }

    /// Changes a contact as a person would.
    ///
    /// # Errors
    /// When there is no such contact.
    pub fn edit_contact(&self, id: Uuid, change: impl FnOnce(&mut Contact)) -> Result<(), Refused> {
        let tenant = self.owner("contact", id, |books| books.contacts.get(id).is_some())?;
        let now = stamp(self.now());
        self.within(tenant, |books| {
            books.contacts.edit(id, |contact| {
                change(contact);
                contact.updated = now;
            })
        })?;
        self.tell(Category::Contact, false, tenant, id, None);
        Ok(())
    }

    /// Makes one contact of two; the first is archived and points at the second.
    ///
    /// # Errors
    /// When one of them is not there, they are one, or belong to two organisations.
    pub fn merge_contacts(&self, from: Uuid, into: Uuid) -> Result<(), Refused> {
        let tenant = self.owner("contact", from, |books| books.contacts.get(from).is_some())?;
        let same = self.owner("contact", into, |books| books.contacts.get(into).is_some())? == tenant;
        if from == into || !same {
            return Err(Refused::NotNow("only two contacts of one organisation can be merged".to_owned()));
        }
        let now = self.now();
        self.within(tenant, |books| books.merge(from, into, now))?;
        self.tell(Category::Contact, false, tenant, from, None);
        self.tell(Category::Contact, false, tenant, into, None);
        Ok(())
    }

    /// Adds an invoice.
    ///
    /// # Errors
    /// When there is no such organisation or contact.
    pub fn add_invoice(&self, tenant: Uuid, new: NewInvoice) -> Result<Uuid, Refused> {
        let (id, now) = (self.frame.chance.uuid(), stamp(self.now()));
        let added = self.within(tenant, |books| {
            books.contacts.get(new.contact)?;
            let number = new.number.clone().unwrap_or_else(|| format!("INV-{:04}", books.invoices.len() + 1));
            let invoice = Invoice {
                id,
                number,
                reference: new.reference.clone(),
                kind: InvoiceType::AccRec,
                contact: new.contact,
                issued_on: new.issued_on,
                due_on: new.due_on,
                expected_on: None,
                fully_paid_on: None,
                status: new.status,
                currency: books.organisation.currency.to_owned(),
                rate_millionths: 1_000_000,
                description: "Services as agreed".to_owned(),
                total: new.total,
                tax: books.organisation.tax_within(new.total),
                paid: Cents(0),
                sent: true,
                payments: Vec::new(),
                credits: Vec::new(),
                updated: now,
            };
            Some(books.add_invoice(invoice))
        })?;
        added.ok_or_else(|| Refused::Unknown { what: "contact", id: new.contact.to_string() })?;
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

    /// Records a payment of an invoice, dated today, and answers its id.
    ///
    /// # Errors
    /// When there is no such invoice, it is not approved, or less is due.
    pub fn record_payment(&self, invoice: Uuid, amount: Cents, reconciled: bool) -> Result<Uuid, Refused> {
        self.record(invoice, amount, reconciled, None)
    }

    /// Records a payment that came in with others in one amount of the bank's.
    ///
    /// # Errors
    /// As [`XeroControl::record_payment`].
    pub fn record_batched_payment(&self, invoice: Uuid, amount: Cents, batch_total: Cents) -> Result<Uuid, Refused> {
        let batch = Batch { id: self.frame.chance.uuid(), total: batch_total };
        self.record(invoice, amount, false, Some(batch))
    }

    fn record(&self, invoice: Uuid, amount: Cents, reconciled: bool, batch: Option<Batch>) -> Result<Uuid, Refused> {
        let (id, now) = (self.frame.chance.uuid(), self.now());
        self.on_invoice(invoice, |books, found| {
            payable(found, amount)?;
            let (paid_on, updated) = (now.date_naive(), stamp(now));
            let reference = found.number.clone();
            let payment = Payment { id, invoice, amount, paid_on, reference, reconciled, deleted: false, batch, updated };
            Ok(books.pay(payment, now))
        })
    }

    /// Matches a payment with a line of the bank's statement, or undoes that.
    ///
    /// # Errors
    /// When there is no such payment or it was deleted.
    pub fn reconcile_payment(&self, id: Uuid, reconciled: bool) -> Result<(), Refused> {
        let now = stamp(self.now());
        self.on_payment(id, |books, _| {
            books.payments.edit(id, |payment| (payment.reconciled, payment.updated) = (reconciled, now));
        })
    }

    /// Takes a payment back; what it paid is due again.
    ///
    /// # Errors
    /// When there is no such payment or it was deleted before.
    pub fn delete_payment(&self, id: Uuid) -> Result<(), Refused> {
        let now = self.now();
        let invoice = self.on_payment(id, |books, payment| {
            books.unpay(id, now);
            payment.invoice
        })?;
        self.on_invoice(invoice, |_, _| Ok(()))
    }

    /// Credits an invoice, by a new credit note of that amount or by money that was there, and answers the credit's id.
    ///
    /// # Errors
    /// When there is no such invoice, it is not approved, or less is due.
    pub fn credit_invoice(&self, invoice: Uuid, amount: Cents, kind: CreditKind) -> Result<Uuid, Refused> {
        let (id, allocation, now) = (self.frame.chance.uuid(), self.frame.chance.uuid(), self.now());
        let tenant = self.on_invoice(invoice, |books, found| {
            payable(found, amount)?;
            let (on, updated) = (now.date_naive(), stamp(now));
            let is_note = kind == CreditKind::CreditNote;
            let number = if is_note { format!("CN-{:04}", books.credit_notes.len() + 1) } else { String::new() };
            books.credit(invoice, Credit { kind, id, number: number.clone(), amount, on }, now);
            if is_note {
                let allocations = vec![Allocation { id: allocation, invoice, amount, on }];
                let (contact, currency, tax) = (found.contact, found.currency.clone(), books.organisation.tax_within(amount));
                let (issued_on, status, total) = (on, Status::Paid, amount);
                books.credit_notes.add(CreditNote { id, number, contact, issued_on, status, currency, total, tax, allocations, updated });
            }
            Ok(is_note.then_some(books.organisation.id))
        })?;
        if let Some(tenant) = tenant {
            self.tell(Category::CreditNote, true, tenant, id, Some(Status::Paid.word()));
        }
        Ok(id)
    }

    /// An invoice as it stands.
    pub fn invoice(&self, id: Uuid) -> Option<Invoice> {
        self.world().books.iter().find_map(|books| books.invoices.get(id).cloned())
    }

    /// All invoices of an organisation, in the order in which they were added. Copies them: not for a million.
    pub fn invoices(&self, tenant: Uuid) -> Vec<Invoice> {
        self.world().books_of(tenant).map(|books| books.invoices.all().to_vec()).unwrap_or_default()
    }

    /// All contacts of an organisation, in the order in which they were added.
    pub fn contacts(&self, tenant: Uuid) -> Vec<Contact> {
        self.world().books_of(tenant).map(|books| books.contacts.all().to_vec()).unwrap_or_default()
    }

    /// All payments of an organisation, in the order in which they were added.
    pub fn payments(&self, tenant: Uuid) -> Vec<Payment> {
        self.world().books_of(tenant).map(|books| books.payments.all().to_vec()).unwrap_or_default()
    }

    /// The notes on an invoice, oldest first.
    pub fn notes(&self, invoice: Uuid) -> Vec<Note> {
        self.world().books.iter().find_map(|books| books.notes.get(&invoice).cloned()).unwrap_or_default()
    }

    /// Archives a contact, or marks that it asked to be forgotten.
    ///
    /// # Errors
    /// When there is no such contact.
    pub fn set_contact_status(&self, id: Uuid, status: ContactStatus) -> Result<(), Refused> {
        self.edit_contact(id, |contact| contact.status = status)
    }

    fn on_invoice<T>(&self, id: Uuid, change: impl FnOnce(&mut Books, &Invoice) -> Result<T, Refused>) -> Result<T, Refused> {
        let tenant = self.owner("invoice", id, |books| books.invoices.get(id).is_some())?;
        let (changed, stamped) = self.within(tenant, |books| {
            let Some(before) = books.invoices.get(id).cloned() else { return (Err(unknown("invoice", id)), false) };
            let changed = change(books, &before);
            let stamped = books.invoices.get(id).is_some_and(|after| after.updated() != before.updated());
            (changed, stamped)
        })?;
        if changed.is_ok() && stamped {
            self.tell(Category::Invoice, false, tenant, id, None);
        }
        changed
    }

    fn on_payment<T>(&self, id: Uuid, change: impl FnOnce(&mut Books, &Payment) -> T) -> Result<T, Refused> {
        let tenant = self.owner("payment", id, |books| books.payments.get(id).is_some())?;
        self.within(tenant, |books| match books.payments.get(id).cloned() {
            Some(payment) if !payment.deleted => Ok(change(books, &payment)),
            Some(_) => Err(Refused::NotNow("it was deleted".to_owned())),
            None => Err(unknown("payment", id)),
        })?
    }

    fn owner(&self, what: &'static str, id: Uuid, has: impl Fn(&Books) -> bool) -> Result<Uuid, Refused> {
        let world = self.world();
        world.books.iter().find(|books| has(books)).map(|books| books.organisation.id).ok_or_else(|| unknown(what, id))
    }

    fn within<T>(&self, tenant: Uuid, change: impl FnOnce(&mut Books) -> T) -> Result<T, Refused> {
        self.world_mut().books_of_mut(tenant).map(change).ok_or_else(|| unknown("organisation", tenant))
    }

    /// Keeps a change for the next webhook.
    fn tell(&self, category: Category, created: bool, tenant: Uuid, resource: Uuid, status: Option<&'static str>) {
        let event = Event { category, created, tenant, resource, at: stamp(self.now()), status };
        let events = &mut self.world_mut().events;
        if events.len() == EVENTS_KEPT {
            events.remove(0);
        }
        events.push(event);
    }
}

fn unknown(what: &'static str, id: Uuid) -> Refused {
    Refused::Unknown { what, id: id.to_string() }
}

fn payable(invoice: &Invoice, amount: Cents) -> Result<(), Refused> {
    if invoice.status != Status::Authorised {
        return Err(Refused::NotNow(format!("it is {}", invoice.status.word())));
    }
    if amount <= Cents(0) || amount > invoice.due() {
        return Err(Refused::NotNow(format!("{} is due", invoice.due())));
    }
    Ok(())
}

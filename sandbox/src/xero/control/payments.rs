//! What people who work in Xero do with payments and credits.

use uuid::Uuid;

use super::XeroControl;
use crate::{
    input::Refused,
    xero::{
        books::{Allocation, Batch, Cents, Credit, CreditKind, CreditNote, Invoice, Payment, Status, stamp},
        webhook::Category,
    },
};

impl XeroControl {
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
        self.on_payment(id, |books| {
            books.payments.edit(id, |payment| (payment.reconciled, payment.updated) = (reconciled, now));
        })
    }

    /// Takes a payment back; what it paid is due again.
    ///
    /// # Errors
    /// When there is no such payment or it was deleted before.
    pub fn delete_payment(&self, id: Uuid) -> Result<(), Refused> {
        let now = self.now();
        self.on_payment(id, |books| books.unpay(id, now))
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
            let number = if is_note { format!("CN-{:04}", books.credit_notes.count() + 1) } else { String::new() };
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

    /// All payments of an organisation, in the order in which they were added.
    pub fn payments(&self, tenant: Uuid) -> Vec<Payment> {
        self.world().books_of(tenant).map(|books| books.payments.all().to_vec()).unwrap_or_default()
    }
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

//! Invented invoices for load: as many as wanted, for a twentieth as many contacts, each changed a second after the last.

use chrono::{Days, TimeDelta};
use uuid::Uuid;

use crate::{
    frame::Frame,
    xero::books::{Books, Cents, Contact, Invoice, InvoiceType, Status, stamp},
};

/// Invoices for each contact.
const INVOICES_EACH: usize = 20;

/// Fills the books with as many invoices as the options say.
pub fn fill(books: &mut Books, frame: &Frame) {
    let wanted = frame.options.invoices;
    let now = frame.now();
    let contacts: Vec<Uuid> = (0..wanted.div_ceil(INVOICES_EACH)).map(|at| books.contacts.add(contact(frame, at))).collect();
    for at in 0..wanted {
        let chance = frame.chance.below(u64::MAX);
        let total = Cents(i64::try_from(chance % 500_000).unwrap_or_default() + 1_000);
        let due_on = now.date_naive() - Days::new(chance / 500_000 % 180);
        let age = TimeDelta::seconds(i64::try_from(wanted - at).unwrap_or_default());
        // One in eight is paid, so that a filter by status has something to leave out.
        let paid = chance.is_multiple_of(8);
        books.add_invoice(Invoice {
            id: frame.chance.uuid(),
            number: format!("LOAD-{:07}", at + 1),
            reference: String::new(),
            kind: InvoiceType::AccRec,
            contact: contacts[at / INVOICES_EACH],
            issued_on: due_on - Days::new(20),
            due_on,
            expected_on: None,
            fully_paid_on: paid.then_some(due_on),
            status: if paid { Status::Paid } else { Status::Authorised },
            currency: books.organisation.currency.to_owned(),
            rate_millionths: 1_000_000,
            description: "Services as agreed".to_owned(),
            total,
            tax: books.organisation.tax_within(total),
            paid: if paid { total } else { Cents(0) },
            sent: true,
            payments: Vec::new(),
            credits: Vec::new(),
            updated: stamp(now - age),
        });
    }
}

fn contact(frame: &Frame, at: usize) -> Contact {
    let mut contact = Contact::named(frame.chance.uuid(), &format!("Load Customer {:06}", at + 1), stamp(frame.now()));
    contact.email = format!("load{}@example.com", at + 1);
    contact
}

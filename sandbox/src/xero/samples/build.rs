//! Makes documents of the tables, as if people had written them over the last months.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

use super::tables::{ContactRow, InvoiceRow, Mark, State};
use crate::{
    frame::Frame,
    xero::books::{
        Address, Allocation, Books, Cents, Contact, ContactStatus, Credit, CreditKind, CreditNote, Invoice, InvoiceType, Payment, Person,
        Phone, Status, stamp,
    },
};

/// Days between an invoice's date and its due date.
const TERM_DAYS: i64 = 20;

/// Fills the books of an organisation.
pub fn fill(books: &mut Books, frame: &Frame, contacts: &[ContactRow], invoices: &[InvoiceRow]) {
    let now = frame.now();
    let ids: Vec<Uuid> = contacts.iter().enumerate().map(|(at, row)| books.contacts.add(contact(frame, at, row))).collect();
    for (at, row) in invoices.iter().enumerate() {
        let issued_on = shifted(now, row.due_in - TERM_DAYS);
        // Nothing was written in the future, and no two at the same instant.
        let written = (now + TimeDelta::days(row.due_in - TERM_DAYS)).min(now - TimeDelta::hours(2)) + TimeDelta::seconds(count(at));
        let number = format!("INV-{:04}", 1_001 + at);
        let invoice = invoice(frame, books, row, (ids[row.contact], number, issued_on), written);
        let id = books.add_invoice(invoice);
        happen(frame, books, id, row, written);
    }
}

fn count(at: usize) -> i64 {
    i64::try_from(at).unwrap_or(i64::MAX)
}

fn shifted(now: DateTime<Utc>, days: i64) -> NaiveDate {
    (now + TimeDelta::days(days)).date_naive()
}

fn contact(frame: &Frame, at: usize, row: &ContactRow) -> Contact {
    let mut contact = Contact::named(frame.chance.uuid(), row.name, stamp(frame.now() - TimeDelta::days(200 - count(at))));
    contact.number = format!("C-{:03}", at + 1);
    (contact.first_name, contact.last_name, contact.email) = (row.person.0.to_owned(), row.person.1.to_owned(), row.email.to_owned());
    contact.phones = row.phones.iter().map(phone).collect();
    contact.addresses = row.addresses.iter().map(address).collect();
    match row.mark {
        Mark::None => {}
        Mark::Gdpr => contact.status = ContactStatus::GdprRequest,
        Mark::Accounts(first, last, email) => {
            let (first_name, last_name, email) = (first.to_owned(), last.to_owned(), email.to_owned());
            contact.people = vec![Person { first_name, last_name, email, included: true }];
        }
    }
    contact
}

fn phone(row: &(&'static str, &str, &str, &str)) -> Phone {
    let (kind, country, area, number) = *row;
    Phone { kind, country: country.to_owned(), area: area.to_owned(), number: number.to_owned() }
}

fn address(row: &[&'static str; 8]) -> Address {
    let [kind, attention, line, second, city, region, postal_code, country] = *row;
    let lines = [line, second].into_iter().filter(|line| !line.is_empty()).map(str::to_owned).collect();
    let owned = str::to_owned;
    Address {
        kind,
        attention: owned(attention),
        lines,
        city: owned(city),
        region: owned(region),
        postal_code: owned(postal_code),
        country: owned(country),
    }
}

fn invoice(frame: &Frame, books: &Books, row: &InvoiceRow, about: (Uuid, String, NaiveDate), written: DateTime<Utc>) -> Invoice {
    let (contact, number, issued_on) = about;
    let status = match row.state {
        State::Draft => Status::Draft,
        State::Submitted => Status::Submitted,
        State::Voided => Status::Voided,
        _ => Status::Authorised,
    };
    let expected_on = if let State::Promised(days) = row.state { Some(shifted(frame.now(), days)) } else { None };
    Invoice {
        id: frame.chance.uuid(),
        number,
        reference: row.reference.to_owned(),
        kind: if row.state == State::Bill { InvoiceType::AccPay } else { InvoiceType::AccRec },
        contact,
        issued_on,
        due_on: issued_on + Days::new(TERM_DAYS.unsigned_abs()),
        expected_on,
        fully_paid_on: None,
        status,
        currency: books.organisation.currency.to_owned(),
        rate_millionths: 1_000_000,
        description: row.description.to_owned(),
        total: Cents(row.total),
        tax: books.organisation.tax_within(Cents(row.total)),
        paid: Cents(0),
        sent: !matches!(status, Status::Draft | Status::Submitted),
        payments: Vec::new(),
        credits: Vec::new(),
        updated: stamp(written),
    }
}

/// What happened to the invoice later: ten days after it was written, at least an hour ago.
fn happen(frame: &Frame, books: &mut Books, invoice: Uuid, row: &InvoiceRow, written: DateTime<Utc>) {
    let at = (written + TimeDelta::days(10)).min(written.max(frame.now() - TimeDelta::hours(1)));
    let (paid, reconciled) = match row.state {
        State::PartPaid(amount, reconciled) => (amount, reconciled),
        State::Paid(reconciled) => (row.total, reconciled),
        State::Credited(amount) => return credited(frame, books, invoice, (amount, CreditKind::CreditNote), at),
        State::Overpaid(amount) => return credited(frame, books, invoice, (amount, CreditKind::Overpayment), at),
        State::Prepaid(amount) => return credited(frame, books, invoice, (amount, CreditKind::Prepayment), at),
        State::Open | State::Draft | State::Submitted | State::Voided | State::Promised(_) | State::Bill => return,
    };
    let (id, paid_on, updated) = (frame.chance.uuid(), at.date_naive(), stamp(at));
    let reference = "Bank transfer".to_owned();
    books.pay(Payment { id, invoice, amount: Cents(paid), paid_on, reference, reconciled, deleted: false, batch: None, updated }, at);
}

fn credited(frame: &Frame, books: &mut Books, invoice: Uuid, (cents, kind): (i64, CreditKind), at: DateTime<Utc>) {
    let (id, amount, on) = (frame.chance.uuid(), Cents(cents), at.date_naive());
    let mut number = String::new();
    if kind == CreditKind::CreditNote {
        number = format!("CN-{:04}", books.credit_notes.count() + 1);
        let contact = books.invoices.get(invoice).map(|invoice| invoice.contact).unwrap_or_default();
        books.credit_notes.add(CreditNote {
            id,
            number: number.clone(),
            contact,
            issued_on: on,
            status: Status::Paid,
            currency: books.organisation.currency.to_owned(),
            total: amount,
            tax: books.organisation.tax_within(amount),
            allocations: vec![Allocation { id: frame.chance.uuid(), invoice, amount, on }],
            updated: stamp(at),
        });
    }
    books.credit(invoice, Credit { kind, id, number, amount, on }, at);
}

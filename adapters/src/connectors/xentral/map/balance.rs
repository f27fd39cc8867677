//! What explains an invoice's outstanding amount: the money that came in and went back, and credit notes.
//!
//! The product knows payments that count or are reversed, no negative ones. Money that went back (a bounced direct
//! debit, a refund) therefore takes back what came in last: what is taken back as a whole is reversed, what is taken
//! back in part counts with the rest. The sum is the books' sum.

use domain::port::PaymentSnapshot;
use entity::PaymentKind;

use super::{Fault, check_id, text};
use crate::connectors::xentral::wire::{Balance, BookedTo, Booking, Document, Money};

/// Payments and credit notes on one invoice.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in super::super) struct Explained(pub Vec<PaymentSnapshot>);

impl Explained {
    /// The ids of what counts: not of money that went back as a whole.
    pub(super) fn counting(&self) -> Vec<String> {
        self.0.iter().filter(|one| !one.reversed).map(|one| one.external_id.clone()).collect()
    }

    /// Minor units that credit notes take off.
    pub(super) fn credited_minor(&self) -> i64 {
        let counts = self.0.iter().filter(|one| one.kind == PaymentKind::CreditNote && !one.reversed);
        counts.filter_map(|one| one.amount_minor).fold(0, i64::saturating_add)
    }
}

/// Reads v1's balance of one invoice.
///
/// # Errors
///
/// [`Fault`] when one of its entries cannot be read: half an explanation is none.
pub(in super::super) fn explained(invoice: &str, balance: &Balance) -> Result<Explained, Fault> {
    let mut all: Vec<PaymentSnapshot> = Vec::new();
    for note in &balance.documents.credit_notes {
        merge(&mut all, credit_note(invoice, note)?);
    }
    let mut back: Vec<(Booked, i64)> = Vec::new();
    for booking in &balance.payments {
        let Some(document) = document(invoice, &booking.reference) else { continue };
        match (booking.payment.kind.as_str(), document) {
            ("incoming", Booked::Invoice) => merge(&mut all, payment(invoice, booking)?),
            ("outgoing", document) => went_back(&mut back, document, magnitude(&booking.payment.amount)?),
            // Money that comes in for a credit note is what was paid back for it by mistake: the note counts again.
            ("incoming", document) => went_back(&mut back, document, -magnitude(&booking.payment.amount)?),
            _ => return Err(Fault::broken("payments.payment.type", "is neither incoming nor outgoing")),
        }
    }
    all.sort_by(|one, other| (one.received_on, &one.external_id).cmp(&(other.received_on, &other.external_id)));
    for (document, amount) in back {
        take_back(&mut all, &document, amount);
    }
    Ok(Explained(all))
}

/// Adds to what went back of a document; less than nothing takes nothing back.
fn went_back(back: &mut Vec<(Booked, i64)>, document: Booked, amount: i64) {
    match back.iter_mut().find(|(known, _)| *known == document) {
        Some((_, sum)) => *sum = sum.saturating_add(amount),
        None => back.push((document, amount)),
    }
}

/// A document that money is booked to.
#[derive(Debug, PartialEq, Eq)]
enum Booked {
    Invoice,
    /// By the external id that its credit note has here.
    CreditNote(String),
}

/// None for what is booked to another document.
fn document(invoice: &str, reference: &BookedTo) -> Option<Booked> {
    match (&reference.invoice, &reference.credit_note) {
        (Some(found), _) => (found.id == invoice).then_some(Booked::Invoice),
        (None, Some(note)) => Some(Booked::CreditNote(credit_id(invoice, &note.id))),
        (None, None) => None,
    }
}

/// One transfer may pay several invoices; its part in each is a payment of its own here.
fn payment(invoice: &str, booking: &Booking) -> Result<PaymentSnapshot, Fault> {
    let paid = &booking.payment;
    check_id("payments.payment.id", &paid.id)?;
    let named = |field: &Option<String>| text(field.as_deref());
    Ok(PaymentSnapshot {
        external_id: format!("{invoice}/payment/{}", paid.id),
        invoice_external_id: invoice.to_owned(),
        kind: PaymentKind::Payment,
        amount_minor: Some(magnitude(&paid.amount)?),
        currency: Some(paid.amount.currency.clone()),
        received_on: paid.date.0,
        // Money on an account statement was matched to the invoice there.
        reconciled: named(&paid.statement_id).or_else(|| named(&paid.account_name)).is_some(),
        reversed: false,
        reference: named(&paid.statement_id),
    })
}

fn credit_note(invoice: &str, note: &Document) -> Result<PaymentSnapshot, Fault> {
    check_id("documents.creditNotes.id", &note.id)?;
    Ok(PaymentSnapshot {
        external_id: credit_id(invoice, &note.id),
        invoice_external_id: invoice.to_owned(),
        kind: PaymentKind::CreditNote,
        amount_minor: Some(magnitude(&note.amount)?),
        currency: Some(note.amount.currency.clone()),
        received_on: note.date.0,
        reconciled: true,
        reversed: false,
        reference: None,
    })
}

fn credit_id(invoice: &str, note: &str) -> String {
    format!("{invoice}/credit/{note}")
}

/// Minor units whatever the sign: the kind of the entry says the direction.
fn magnitude(money: &Money) -> Result<i64, Fault> {
    let minor = money.amount.minor(&money.currency).map_err(|error| Fault::broken("balance.amount", &error.to_string()))?;
    minor.checked_abs().ok_or_else(|| Fault::broken("balance.amount", "is out of range"))
}

/// The same money booked in two parts is one payment.
fn merge(all: &mut Vec<PaymentSnapshot>, new: PaymentSnapshot) {
    match all.iter_mut().find(|one| one.external_id == new.external_id) {
        Some(found) => {
            found.amount_minor = Some(found.amount_minor.unwrap_or(0).saturating_add(new.amount_minor.unwrap_or(0)));
            found.received_on = found.received_on.max(new.received_on);
        }
        None => all.push(new),
    }
}

fn take_back(all: &mut [PaymentSnapshot], document: &Booked, mut amount: i64) {
    let is_of = |one: &PaymentSnapshot| match document {
        Booked::Invoice => one.kind == PaymentKind::Payment,
        Booked::CreditNote(id) => one.external_id == *id,
    };
    for one in all.iter_mut().rev().filter(|one| is_of(one) && !one.reversed) {
        let counts = one.amount_minor.unwrap_or(0);
        if amount <= 0 {
            return;
        }
        if counts <= amount {
            one.reversed = true;
        } else {
            one.amount_minor = Some(counts - amount);
        }
        amount -= counts;
    }
}

//! Which credit settled which claim. GO only says which entries are matched together and how much of each is used; where
//! one payment covers two invoices, or a fee and an invoice, the parts follow from the used amounts. Claims get their
//! exact used sums whatever the order; the order only says from which credit they come.

use super::{Entry, Kind};

/// A part of a credit that settles a claim, in minor units of the client's currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece<'a> {
    pub credit: &'a Entry,
    pub debit: &'a Entry,
    pub amount: i64,
}

/// Deals the credits of one match out over its debits.
///
/// A voucher that undoes a payment takes exactly that payment. The rest go in the order of time: claims before GO's
/// fees, so that a payment counts for the claim first, and what is written off after everything that was paid.
pub fn settle(group: &[Entry]) -> Vec<Piece<'_>> {
    let mut credits: Vec<(&Entry, i64)> = group.iter().filter(|entry| entry.amount < 0).map(|entry| (entry, entry.used())).collect();
    let mut debits: Vec<(&Entry, i64)> = group.iter().filter(|entry| entry.amount > 0).map(|entry| (entry, entry.used())).collect();
    credits.sort_by_key(|(entry, _)| (entry.kind == Kind::WriteOff, entry.posted_on, entry.id));
    debits.sort_by_key(|(entry, _)| (!entry.is_claim(), entry.due_on, entry.posted_on, entry.voucher_no, entry.id));
    let mut pieces = undone(&mut credits, &mut debits);
    for (debit, open) in &mut debits {
        for (credit, left) in &mut credits {
            let amount = (*open).min(*left);
            if amount > 0 {
                pieces.push(Piece { credit, debit, amount });
                *open -= amount;
                *left -= amount;
            }
        }
    }
    pieces
}

/// Pairs what undoes another voucher with the voucher of the same amount, if there is one.
fn undone<'a>(credits: &mut [(&'a Entry, i64)], debits: &mut [(&'a Entry, i64)]) -> Vec<Piece<'a>> {
    let mut pieces = Vec::new();
    for (debit, open) in debits.iter_mut() {
        for (credit, left) in credits.iter_mut() {
            let undoes = (debit.kind == Kind::Correction) != (credit.kind == Kind::Correction);
            if undoes && *open > 0 && *open == *left {
                pieces.push(Piece { credit, debit, amount: *open });
                (*open, *left) = (0, 0);
            }
        }
    }
    pieces
}

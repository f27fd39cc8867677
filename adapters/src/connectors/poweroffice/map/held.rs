//! Money that came in and is not matched to a claim. It holds the letters of the claim that it is most likely for: the
//! one with the same KID, else the customer's longest overdue one; holding too early costs a day, dunning somebody who
//! paid costs more. It never counts as paid.
//!
//! GO does not say what a credit was matched to before. So when an old credit changes, the claims that it may have been
//! told for (its own target, and those of its customer that changed in the same time) are told that it is not theirs.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::port::PaymentSnapshot;
use entity::PaymentKind;

use super::{
    super::position::OVERLAP,
    Entry,
    entry::{piece_id, told_as},
};

/// Whether this credit needs a look at its customer's open claims: something of it waits, or it was there at the mark
/// and changed since.
pub fn concerned(entry: &Entry, mark: Option<DateTime<Utc>>) -> bool {
    entry.amount < 0 && told_as(entry.kind).is_some() && (entry.waits() || is_old(entry, mark))
}

/// Whether an earlier pull may have told of it: that one began at most an overlap after the mark, by a clock that may be
/// wrong by as much.
fn is_old(entry: &Entry, mark: Option<DateTime<Utc>>) -> bool {
    mark.zip(entry.created).is_some_and(|(mark, created)| created <= mark + OVERLAP * 2)
}

/// The claims that a credit may wait for or have been told for: its target first.
pub fn targets<'a>(credit: &Entry, open: &'a [Entry], mark: Option<DateTime<Utc>>) -> Vec<&'a Entry> {
    let customers: Vec<&Entry> = open.iter().filter(|claim| claim.is_claim() && claim.customer == credit.customer).collect();
    let oldest = || customers.iter().min_by_key(|claim| (claim.due_on, claim.voucher_no));
    let same_kid = customers.iter().find(|claim| claim.cid.is_some() && claim.cid == credit.cid);
    let target = same_kid.or_else(oldest).copied();
    let mut found: Vec<&Entry> = target.into_iter().collect();
    if is_old(credit, mark) {
        let moved = |claim: &&Entry| is_old(claim, mark) && mark.zip(claim.changed).is_some_and(|(mark, changed)| changed > mark);
        found.extend(customers.into_iter().filter(moved).filter(|claim| target.is_none_or(|target| target.voucher_id != claim.voucher_id)));
    }
    found
}

/// What to tell of a credit besides the pieces that are matched: `matched` holds the ids of those.
pub fn held(credit: &Entry, open: &[Entry], matched: &BTreeSet<String>, mark: Option<DateTime<Utc>>) -> Vec<PaymentSnapshot> {
    let told = targets(credit, open, mark).into_iter().enumerate().filter_map(|(place, claim)| {
        let waits = place == 0 && credit.waits();
        (waits || is_old(credit, mark)).then(|| snapshot(credit, claim, waits))
    });
    told.filter(|payment| !matched.contains(&payment.external_id)).collect()
}

fn snapshot(credit: &Entry, claim: &Entry, waits: bool) -> PaymentSnapshot {
    let home = if waits { credit.balance } else { credit.amount };
    // It holds and does not count. In another currency than the claim's its own amount would mislead: all of the claim.
    let amount_minor = match (&claim.foreign, &credit.foreign) {
        (None, _) => Some(home.saturating_abs()),
        (Some((claimed, _)), Some((paid, amount))) if claimed == paid => Some(amount.saturating_abs()),
        (Some(_), _) => None,
    };
    PaymentSnapshot {
        external_id: piece_id(credit, claim),
        invoice_external_id: claim.voucher_id.clone(),
        kind: told_as(credit.kind).unwrap_or(PaymentKind::Payment),
        amount_minor,
        currency: None,
        received_on: credit.posted_on,
        reconciled: false,
        reversed: !waits,
        reference: credit.cid.clone(),
    }
}

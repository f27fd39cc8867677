//! The ids of all that counts on a claim or waits for it, where that is certain. GO tells no deletion, so what is known
//! and not in the list is taken back; a list that misses money which waits would let a letter go to somebody who paid.
//!
//! Certain means: everything that the claim is matched with was read, explains exactly what the ledger calls used, and
//! could be told in the claim's own currency; and it is known what waits for its customer. Of what waits, all is
//! listed: for which of the customer's claims it was told before, GO does not say, and [`super::held`] follows that.

use domain::port::PaymentSnapshot;

use super::{
    Entry, Piece,
    entry::{piece_id, told_as},
};

/// What is known of the ledger around a claim.
#[derive(Debug, Clone, Copy)]
pub struct Around<'e> {
    /// Everything that it is matched with, itself included.
    pub group: &'e [Entry],
    /// Whether all of the group could be read.
    pub whole: bool,
    /// Money of its customer that waits to be matched; none when it is not known.
    pub waiting: Option<&'e [Entry]>,
}

/// The ids, or none where they are not certain. `told` are the payments and credits that `own` pieces were told as.
pub fn settled_by(claim: &Entry, own: &[&Piece<'_>], told: &[PaymentSnapshot], around: &Around<'_>) -> Option<Vec<String>> {
    let explained = own.iter().fold(0_i64, |sum, piece| sum.saturating_add(piece.amount));
    let to_tell = own.iter().filter(|piece| told_as(piece.credit.kind).is_some()).count();
    let certain = around.whole && explained == claim.used() && told.len() == to_tell;
    let waiting: &[Entry] = if claim.balance > 0 { around.waiting? } else { &[] };
    let waits = waiting.iter().map(|money| piece_id(money, claim));
    certain.then(|| told.iter().map(|payment| payment.external_id.clone()).chain(waits).collect())
}

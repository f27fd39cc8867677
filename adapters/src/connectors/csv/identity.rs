//! What was seen earlier in the same file: the second payment that looks like the first gets an id of its own, and an
//! invoice that comes back with other contents is noticed.
//!
//! Only fingerprints are kept, some thirty bytes a row. They are the same in every run over the same file, so a run that
//! is carried on after a crash finds what the first one found.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::{DefaultHasher, Hash, Hasher},
};

/// Whether an id was seen, and with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sighting {
    First,
    Same,
    Different,
}

/// The memory of one pass over a file.
#[derive(Debug, Default)]
pub(super) struct Seen {
    invoices: HashMap<u64, u64>,
    payments: HashMap<u64, u64>,
}

impl Seen {
    /// Notes an invoice and what its row says.
    pub(super) fn invoice(&mut self, id: &str, contents: u64) -> Sighting {
        note(&mut self.invoices, fingerprint([id]), contents)
    }

    /// Notes a payment that has an id of its own.
    pub(super) fn payment(&mut self, id: &str, contents: u64) -> Sighting {
        note(&mut self.payments, fingerprint([id]), contents)
    }

    /// Notes a payment without an id: how many of the same there were before. Payments and payments taken back are
    /// counted apart: the first that was taken back is the first that was made.
    pub(super) fn earlier_payments(&mut self, derived_id: &str, reversed: bool) -> u64 {
        let mark = if reversed { "reversed" } else { "" };
        let count = self.payments.entry(fingerprint([derived_id, mark])).or_default();
        *count += 1;
        *count - 1
    }
}

fn note(seen: &mut HashMap<u64, u64>, id: u64, contents: u64) -> Sighting {
    match seen.entry(id) {
        Entry::Vacant(place) => {
            place.insert(contents);
            Sighting::First
        }
        Entry::Occupied(place) if *place.get() == contents => Sighting::Same,
        Entry::Occupied(_) => Sighting::Different,
    }
}

/// Sixty-four bits of these texts, for use within one pass only.
pub(super) fn fingerprint<'a>(texts: impl IntoIterator<Item = &'a str>) -> u64 {
    let mut hasher = DefaultHasher::new();
    texts.into_iter().for_each(|text| text.hash(&mut hasher));
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_payments_are_counted_and_changed_invoices_noticed() {
        let mut seen = Seen::default();
        let found = [("a", false), ("b", false), ("a", false), ("a", true)].map(|(id, reversed)| seen.earlier_payments(id, reversed));
        assert_eq!(found, [0, 0, 1, 0]);
        assert_eq!(seen.invoice("1", 7), Sighting::First);
        assert_eq!(seen.invoice("1", 7), Sighting::Same);
        assert_eq!(seen.invoice("1", 8), Sighting::Different);
        assert_eq!(seen.payment("p", 1), Sighting::First);
        assert_eq!(seen.payment("p", 2), Sighting::Different);
    }

    #[test]
    fn cells_do_not_run_into_each_other() {
        assert_ne!(fingerprint(["ab", "c"]), fingerprint(["a", "bc"]));
    }
}

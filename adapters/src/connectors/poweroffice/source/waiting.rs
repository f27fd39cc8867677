//! Money that waits to be matched, of the customers of some claims. An earlier pull may have told that it waits for one of
//! these claims; a list of all that settles the claim must name it then, or the hold on the claim's letters would be lost.
//! Where one page was all that is open, it is on that page; named claims come with the open items of their customers;
//! otherwise it is asked for, one call for some two hundred customers. What is told of it is `map::held`'s, what is
//! listed `map::settled`'s.

use std::collections::{BTreeMap, BTreeSet};

use domain::port::SourceError;

use super::{super::map::Entry, Going};

/// The voucher types that are read as [`Kind::Money`](super::super::map::Kind::Money).
const MONEY: &str = "IncomingOcrGiro,IncomingPayments,BankJournal,CashJournal";

/// What waits, by customer. A customer of whom it is not known is not in it.
#[derive(Debug, Default)]
pub(super) struct Waiting(BTreeMap<i64, Vec<Entry>>);

impl Waiting {
    /// Sorts out open items in which all that waits for these customers is.
    pub fn among(open: &[Entry], customers: BTreeSet<i64>) -> Self {
        let mut waiting: BTreeMap<i64, Vec<Entry>> = customers.into_iter().map(|customer| (customer, Vec::new())).collect();
        for entry in open.iter().filter(|entry| entry.waits()) {
            if let Some(money) = entry.customer_no.and_then(|customer| waiting.get_mut(&customer)) {
                money.push(entry.clone());
            }
        }
        Self(waiting)
    }

    /// What waits for the customer of a claim; none when it is not known.
    pub fn of(&self, claim: &Entry) -> Option<&[Entry]> {
        self.0.get(&claim.customer_no?).map(Vec::as_slice)
    }
}

impl Going {
    /// Asks what waits for the customers of claims that are open. Where one entry cannot be read, nobody knows whose it is,
    /// and so nothing is known; the ledger's own pages tell of it.
    pub(super) async fn waiting(&self, claims: &[Entry]) -> Result<Waiting, SourceError> {
        let customers = customers(claims);
        let mut problems = Vec::new();
        let money = self.open_items(&customers, MONEY, &mut problems).await?;
        Ok(if problems.is_empty() { Waiting::among(&money, customers) } else { Waiting::default() })
    }
}

/// The customers of open claims, as far as a list can ask for them.
pub(super) fn customers(claims: &[Entry]) -> BTreeSet<i64> {
    claims.iter().filter(|claim| claim.balance > 0).filter_map(|claim| claim.customer_no).filter(|number| *number >= 0).collect()
}

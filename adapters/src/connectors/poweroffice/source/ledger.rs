//! The ledger page by page: open items for everything, all entries that changed for changes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use domain::port::{Page, Problem, Scope, SourceError};
use serde_json::value::RawValue;

use super::{
    super::{
        map::{self, Entry},
        position::{Stage, stamp},
        wire::LedgerEntry,
    },
    Going,
    list::{PAGE_SIZE, lists},
    read::read,
    waiting::{Waiting, customers},
};

/// Claims and money that are open. What else settles a claim comes with the claim, as what it is matched with.
const VOUCHER_TYPES: &str = "OutgoingInvoice,IncomingOcrGiro,IncomingPayments,BankJournal,CashJournal";

/// Before every posting: GO demands a first day and has no "from the beginning".
const FIRST_DAY: &str = "1990-01-01";

/// How far ahead entries may be posted. A last day before today would give balances as of that day.
const AHEAD: TimeDelta = TimeDelta::days(366);

impl Going {
    /// One page of the ledger.
    pub(super) async fn ledger(&mut self, page: &mut Page) -> Result<(), SourceError> {
        let raws = self.ledger_page().await?;
        let entries = entries(&raws, &mut page.problems);
        let full = raws.len() >= PAGE_SIZE;
        let first = self.position.after.is_none() && self.position.page == 1;
        let all = self.scope == Scope::Everything && first && !full && page.problems.is_empty();
        let last = in_order("Customerledger", full, entries.iter().filter_map(|entry| entry.changed))?;
        let credits: Vec<&Entry> = entries.iter().filter(|entry| map::concerned(entry, self.since)).collect();
        let open = self.open_claims(&credits, &mut page.problems).await?;
        let claims = entries.iter().filter(|entry| entry.is_claim());
        let targets = credits.iter().flat_map(|credit| map::targets(credit, &open, self.since));
        let claims: BTreeMap<&str, &Entry> = targets.chain(claims).map(|claim| (claim.voucher_id.as_str(), claim)).collect();
        let claims: Vec<Entry> = claims.into_values().cloned().collect();
        let credits: Vec<Entry> = credits.into_iter().cloned().collect();
        // Where one page was all that is open, what waits is on it.
        let waiting = if all { Waiting::among(&entries, customers(&claims)) } else { self.waiting(&claims).await? };
        self.tell(page, claims, &credits, &open, BTreeMap::new(), &waiting).await?;
        self.position.rows_done += raws.len() as u64;
        if !self.position.pass(full, last) {
            let next = if matches!(self.scope, Scope::Changes(_)) { Stage::Customers } else { Stage::End };
            self.position.go(next, self.since);
        }
        Ok(())
    }

    async fn ledger_page(&self) -> Result<Vec<Box<RawValue>>, SourceError> {
        let day = self.position.day.to_string();
        let until = (self.position.day + AHEAD).to_string();
        let after = self.position.after.map(stamp);
        let (number, size) = (self.position.page.to_string(), PAGE_SIZE.to_string());
        let mut query = vec![("OrderBy", "LastChangedDateTimeOffset"), ("PageNumber", number.as_str()), ("PageSize", size.as_str())];
        query.extend(after.as_deref().map(|after| ("lastChangedDateTimeOffsetGreaterThan", after)));
        if matches!(self.scope, Scope::Changes(_)) {
            query.extend([("fromDate", FIRST_DAY), ("toDate", until.as_str())]);
            self.client.list(&["Customerledger", "Statement"], &query).await
        } else {
            query.extend([("date", day.as_str()), ("voucherTypes", VOUCHER_TYPES)]);
            self.client.list(&["Customerledger", "OpenItems"], &query).await
        }
    }

    /// The open claims of the customers of some credits.
    async fn open_claims(&self, credits: &[&Entry], problems: &mut Vec<Problem>) -> Result<Vec<Entry>, SourceError> {
        let numbers = credits.iter().filter_map(|credit| credit.customer_no).collect();
        self.open_items(&numbers, "OutgoingInvoice", problems).await
    }

    /// The open items of some customers.
    pub(super) async fn open_items(
        &self,
        customers: &BTreeSet<i64>,
        voucher_types: &str,
        problems: &mut Vec<Problem>,
    ) -> Result<Vec<Entry>, SourceError> {
        let day = self.position.day.to_string();
        let mut open = Vec::new();
        for list in lists(customers) {
            let query = [("date", day.as_str()), ("voucherTypes", voucher_types), ("customerNos", &list)];
            let raws = self.client.all(&["Customerledger", "OpenItems"], &query, "Id").await?;
            open.extend(entries(&raws, problems));
        }
        Ok(open)
    }

    /// Claims and money of some customers that are open.
    pub(super) async fn open_books(&self, customers: &BTreeSet<i64>, problems: &mut Vec<Problem>) -> Result<Vec<Entry>, SourceError> {
        self.open_items(customers, VOUCHER_TYPES, problems).await
    }
}

/// Reads entries of the ledger.
pub(super) fn entries(raws: &[Box<RawValue>], problems: &mut Vec<Problem>) -> Vec<Entry> {
    let mut good = Vec::with_capacity(raws.len());
    for wire in read::<LedgerEntry>(raws, problems) {
        let id = wire.voucher_id.clone();
        match Entry::read(wire) {
            Ok(entry) => good.push(entry),
            Err((field, error)) => problems.push(error.at(field, Some(&id))),
        }
    }
    good
}

/// The last change of a page. A full page out of order would lose records at its edge: it is not taken.
fn in_order(list: &str, full: bool, changed: impl Iterator<Item = DateTime<Utc>>) -> Result<Option<DateTime<Utc>>, SourceError> {
    let changed: Vec<_> = changed.collect();
    if full && !changed.is_sorted() {
        return Err(SourceError::Broken(format!("PowerOffice GO, {list}: the list is not in the order that was asked for")));
    }
    Ok(changed.last().copied())
}

//! Claims with all that belongs to them: what they are matched with, what the list of invoices adds, and who owes them.

use std::collections::{BTreeMap, BTreeSet};

use domain::port::{Page, Problem, Record, SourceError};

use super::{
    super::{
        map::{self, Around, Details, Entry},
        wire::OutgoingInvoice,
    },
    Going,
    ledger::entries,
    list::lists,
    read::read,
    waiting::Waiting,
};
use crate::connectors::wire::WireError;

/// What the list of invoices adds, by voucher id.
pub(super) type AllDetails = BTreeMap<String, Details>;

/// Everything that is matched together, by match id.
type Groups = BTreeMap<i64, Group>;

/// What is matched together.
struct Group {
    entries: Vec<Entry>,
    /// Every entry could be read.
    whole: bool,
}

impl Going {
    /// Puts claims on a page, and money of their customers that waits. `known` has details that were read already,
    /// `waiting` says what is known of such money.
    pub(super) async fn tell(
        &mut self,
        page: &mut Page,
        claims: Vec<Entry>,
        credits: &[Entry],
        open: &[Entry],
        known: AllDetails,
        waiting: &Waiting,
    ) -> Result<(), SourceError> {
        let details = if known.is_empty() { self.details(&claims).await? } else { known };
        let groups = self.groups(claims.iter().filter(|claim| claim.used() != 0).chain(credits), &mut page.problems).await?;
        self.people.meet(&self.client, &claims, &mut page.problems).await?;
        let mut told = BTreeSet::new();
        for claim in &claims {
            let detail = details.get(&claim.voucher_id).cloned().unwrap_or_default();
            let around = around(claim, &groups, waiting);
            self.record(page, claim, map::tell(claim, &detail, &around), &mut told);
        }
        let matched = matched(&groups);
        let here: BTreeSet<&str> = claims.iter().map(|claim| claim.voucher_id.as_str()).collect();
        for payment in credits.iter().flat_map(|credit| map::held(credit, open, &matched, self.since)) {
            if here.contains(payment.invoice_external_id.as_str()) {
                page.records.push(Record { payment: Some(payment), ..Record::default() });
            }
        }
        Ok(())
    }

    /// One record with the invoice and its debtor, one more for each further payment.
    fn record(&self, page: &mut Page, claim: &Entry, told: map::Told, seen: &mut BTreeSet<String>) {
        page.problems.extend(told.problem);
        let Some(invoice) = told.invoice else { return };
        let Some(debtor) = claim.customer.and_then(|id| self.people.get(id)) else {
            page.problems.push(WireError::Missing.at("CustomerId", Some(&invoice.external_id)));
            return;
        };
        page.records.push(Record { debtor: Some(debtor.clone()), invoice: Some(invoice), ..Record::default() });
        let payments = told.payments.into_iter().filter(|payment| seen.insert(payment.external_id.clone()));
        page.records.extend(payments.map(|payment| Record { payment: Some(payment), ..Record::default() }));
    }

    /// What the list of invoices says of claims.
    async fn details(&self, claims: &[Entry]) -> Result<AllDetails, SourceError> {
        let numbers: BTreeSet<i64> = claims.iter().map(|claim| claim.voucher_no).collect();
        let mut details = AllDetails::new();
        for list in lists(&numbers) {
            let raws = self.client.all(&["OutgoingInvoices"], &[("voucherNos", &list)], "VoucherNo").await?;
            // The ledger tells the claim; without a readable invoice it only has no title.
            let invoices: Vec<OutgoingInvoice> = read(&raws, &mut Vec::new());
            details.extend(invoices.iter().map(|invoice| (invoice.id.trim().to_ascii_lowercase(), Details::read(invoice))));
        }
        Ok(details)
    }

    /// Reads what entries are matched with.
    async fn groups<'e>(&self, of: impl Iterator<Item = &'e Entry>, problems: &mut Vec<Problem>) -> Result<Groups, SourceError> {
        let ids: BTreeSet<i64> = of.filter_map(|entry| entry.match_id).collect();
        let mut groups = Groups::new();
        for id in ids {
            let before = problems.len();
            let entries = entries(&self.client.matched(id).await?, problems);
            groups.insert(id, Group { entries, whole: problems.len() == before });
        }
        Ok(groups)
    }
}

/// What is known around a claim. One that has a match which was not read is not matched with itself alone.
fn around<'e>(claim: &'e Entry, groups: &'e Groups, waiting: &'e Waiting) -> Around<'e> {
    let group = claim.match_id.and_then(|id| groups.get(&id));
    Around {
        group: group.map_or(std::slice::from_ref(claim), |group| &group.entries),
        whole: group.map_or(claim.match_id.is_none(), |group| group.whole),
        waiting: waiting.of(claim),
    }
}

/// The ids of all pieces that are matched.
fn matched(groups: &Groups) -> BTreeSet<String> {
    groups.values().flat_map(|group| map::settle(&group.entries)).map(|piece| map::piece_id(piece.credit, piece.debit)).collect()
}

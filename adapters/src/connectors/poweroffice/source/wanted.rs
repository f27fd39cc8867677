//! Exactly the invoices and debtors that were named, in whatever state they are now.

use std::collections::{BTreeMap, BTreeSet};

use domain::port::{Page, Record, Scope, SourceError, Wanted};

use super::{
    super::{
        map::{self, Details, Entry},
        position::Stage,
        wire::OutgoingInvoice,
    },
    Going,
    claims::AllDetails,
    not_found,
    read::read,
    waiting::Waiting,
};

/// Named records of one page: each part-paid invoice and each debtor costs a call.
const PAGE: usize = 200;

/// Ids of invoices in one address: 39 characters each as encoded.
const IDS_PER_CALL: usize = 35;

impl Going {
    /// The next of the named records, invoices before debtors.
    pub(super) async fn wanted(&mut self, page: &mut Page) -> Result<(), SourceError> {
        let Scope::Only(Wanted { invoices, debtors }) = self.scope.clone() else {
            self.position.go(Stage::End, None);
            return Ok(());
        };
        let (from, count) = (self.position.page, invoices.len() + debtors.len());
        let until = (from + PAGE).min(count);
        let part = |list: &[String], offset: usize| {
            let clip = |place: usize| place.saturating_sub(offset).min(list.len());
            list[clip(from)..clip(until)].to_vec()
        };
        self.wanted_invoices(page, &part(&invoices, 0)).await?;
        self.wanted_debtors(page, &part(&debtors, invoices.len())).await?;
        self.position.rows_done += (until - from.min(until)) as u64;
        self.position.page = until;
        if until == count {
            self.position.go(Stage::End, None);
        }
        Ok(())
    }

    async fn wanted_invoices(&mut self, page: &mut Page, ids: &[String]) -> Result<(), SourceError> {
        let (mut found, mut details) = (BTreeMap::new(), AllDetails::new());
        let ours: Vec<&str> = ids.iter().map(String::as_str).filter(|id| is_voucher(id)).collect();
        for chunk in ours.chunks(IDS_PER_CALL) {
            let raws = self.client.all(&["OutgoingInvoices"], &[("invoiceIds", &chunk.join(","))], "VoucherNo").await?;
            for wire in read::<OutgoingInvoice>(&raws, &mut page.problems) {
                match Entry::of_invoice(&wire) {
                    Ok(entry) => {
                        details.insert(entry.voucher_id.clone(), Details::read(&wire));
                        found.insert(entry.voucher_id.clone(), entry);
                    }
                    Err((field, error)) => page.problems.push(error.at(field, Some(&wire.id))),
                }
            }
        }
        let told: BTreeSet<String> =
            page.problems.iter().filter_map(|problem| problem.external_id.as_deref()).map(str::to_ascii_lowercase).collect();
        let gone = ids.iter().filter(|id| !found.contains_key(&id.to_ascii_lowercase()) && !told.contains(&id.to_ascii_lowercase()));
        page.problems.extend(gone.map(|id| not_found(id, "invoice")));
        self.tell_found(page, found, details).await
    }

    /// Tells invoices as the ledger has them: one that is open there is told as it is there, with the money that waits.
    async fn tell_found(&mut self, page: &mut Page, mut found: BTreeMap<String, Entry>, details: AllDetails) -> Result<(), SourceError> {
        if found.is_empty() {
            return Ok(());
        }
        let customers = found.values().filter_map(|entry| entry.customer_no).filter(|number| *number >= 0).collect();
        let before = page.problems.len();
        let open = self.open_books(&customers, &mut page.problems).await?;
        let waiting = if page.problems.len() == before { Waiting::among(&open, customers) } else { Waiting::default() };
        for entry in open.iter().filter(|entry| entry.is_claim()) {
            if let Some(claim) = found.get_mut(&entry.voucher_id) {
                claim.clone_from(entry);
            }
        }
        let credits: Vec<Entry> = open.iter().filter(|entry| map::concerned(entry, None)).cloned().collect();
        let claims = found.into_values().filter(Entry::is_claim).collect();
        self.tell(page, claims, &credits, &open, details, &waiting).await
    }

    async fn wanted_debtors(&mut self, page: &mut Page, ids: &[String]) -> Result<(), SourceError> {
        for text in ids {
            let Ok(id) = text.parse() else {
                page.problems.push(not_found(text, "customer"));
                continue;
            };
            if self.people.look(&self.client, id, &mut page.problems).await? {
                page.records.push(Record { debtor: self.people.get(id).cloned(), ..Record::default() });
            }
        }
        Ok(())
    }
}

/// Whether a text has the form of a voucher's id. One that has not would make GO refuse the whole list.
fn is_voucher(id: &str) -> bool {
    id.len() == 36 && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

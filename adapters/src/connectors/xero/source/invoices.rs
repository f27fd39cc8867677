//! A page of invoices with what explains it: the debtors of those that can be collected, and what reduced them.

use domain::port::{PaymentSnapshot, Problem, Record, SourceError};

use super::{debtors::Debtors, payments::Payments};
use crate::connectors::{
    wire::CONTRACT_BROKEN,
    xero::{
        client::Client,
        id,
        map::{self, invoice::Claim},
        wire::Invoice,
    },
};

/// Most calls for one page's debtors and payments: what a page needs is asked again when it breaks off, and a minute has
/// sixty calls. What does not get its answers with these is left for the next page.
const CALLS_A_PAGE: usize = 30;

/// Of which invoices the payments are looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Explained {
    /// Of collectable ones. What was paid on others is told by the list of changed payments.
    Collectable,
    /// Of all.
    All,
}

/// What a page of invoices gives.
pub(super) struct Told {
    pub records: Vec<Record>,
    pub problems: Vec<Problem>,
    /// How many of the invoices are told; the others wait for the next page.
    pub invoices: usize,
}

/// An invoice that concerns us, with Xero's own words.
struct Sale<'i> {
    told: &'i Invoice,
    claim: Claim,
}

/// What is looked up beside invoices.
pub(super) struct Lookup<'l> {
    pub client: &'l Client,
    pub debtors: &'l mut Debtors,
    pub payments: &'l mut Payments,
    pub explained: Explained,
    /// Pages of invoices still to come, this one included.
    pub pages_to_come: usize,
}

impl Lookup<'_> {
    /// Tells a page of invoices, or its beginning when it needs too many calls and may be divided.
    pub(super) async fn tell(&mut self, invoices: &[Invoice], may_divide: bool) -> Result<Told, SourceError> {
        let mapped: Vec<_> =
            invoices.iter().map(|told| map::invoice::claim(told).map(|claim| claim.map(|claim| Sale { told, claim }))).collect();
        let sales: Vec<&Sale<'_>> = mapped.iter().filter_map(|sale| sale.as_ref().ok()?.as_ref()).collect();
        let mut problems = self.find(&sales, if may_divide { CALLS_A_PAGE } else { usize::MAX }).await?;
        let mut records = Vec::new();
        let mut count = 0;
        for sale in &mapped {
            match sale {
                Ok(Some(sale)) if !self.knows(sale) => break,
                Ok(Some(sale)) => self.add(sale, &mut records, &mut problems),
                Ok(None) => {}
                Err(problem) => problems.push(problem.clone()),
            }
            count += 1;
        }
        if count == 0 && !invoices.is_empty() {
            // The first one alone needs more.
            return Box::pin(self.tell(&invoices[..1], false)).await;
        }
        Ok(Told { records, problems, invoices: count })
    }

    async fn find(&mut self, sales: &[&Sale<'_>], mut calls: usize) -> Result<Vec<Problem>, SourceError> {
        let debtors: Vec<&str> = sales.iter().filter(|sale| sale.claim.is_collectable).map(|sale| sale.claim.debtor.as_str()).collect();
        let payments: Vec<&str> = sales.iter().flat_map(|sale| self.wanted_payments(sale)).collect();
        let mut problems = self.debtors.find(self.client, &debtors, self.pages_to_come, &mut calls).await?;
        problems.extend(self.payments.find(self.client, &payments, self.pages_to_come, &mut calls).await?);
        Ok(problems)
    }

    fn wanted_payments<'s>(&self, sale: &'s Sale<'_>) -> impl Iterator<Item = &'s str> + use<'s> {
        let wanted = sale.claim.is_collectable || self.explained == Explained::All;
        let paid = sale.told.payments.iter().flatten().filter(move |paid| wanted && id::is_id(&paid.id));
        paid.map(|paid| paid.id.as_str())
    }

    /// Whether everything was found that this one needs.
    fn knows(&self, sale: &Sale<'_>) -> bool {
        let debtor = !sale.claim.is_collectable || self.debtors.knows(&sale.claim.debtor);
        debtor && self.wanted_payments(sale).all(|id| self.payments.knows(id))
    }

    fn add(&self, sale: &Sale<'_>, records: &mut Vec<Record>, problems: &mut Vec<Problem>) {
        let Sale { told, claim } = sale;
        let debtor = self.debtors.get(&claim.debtor).cloned();
        if debtor.is_none() && claim.is_collectable {
            problems.push(without_contact(&told.id));
        }
        records.push(Record { debtor, invoice: Some(claim.invoice.clone()), ..Record::default() });
        let explained = self.paid(sale).into_iter().chain(map::credit::credits(told, claim));
        for payment in explained {
            match payment {
                Ok(payment) => records.push(Record { payment: Some(payment), ..Record::default() }),
                Err(problem) => problems.push(problem),
            }
        }
    }

    /// What paid it. Of a payment that was looked up in vain only the invoice tells, and nobody calls it reconciled.
    fn paid(&self, sale: &Sale<'_>) -> Vec<Result<PaymentSnapshot, Problem>> {
        let Sale { told, claim } = sale;
        let looked_up: Vec<&str> = self.wanted_payments(sale).collect();
        let payment = |paid: &crate::connectors::xero::wire::Paid| match self.payments.get(&paid.id) {
            Some(found) => Some(Ok(found.clone())),
            None if looked_up.contains(&paid.id.as_str()) => Some(map::payment::unreconciled(paid, &told.id, &claim.currency)),
            None => None,
        };
        told.payments.iter().flatten().filter_map(payment).collect()
    }
}

fn without_contact(invoice: &str) -> Problem {
    let message = "the contact of this invoice could not be read, so it cannot be collected".into();
    Problem { row: None, column: None, external_id: Some(invoice.to_owned()), code: CONTRACT_BROKEN.into(), message }
}

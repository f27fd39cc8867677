//! A page of invoices with what explains it: the debtors of those that can be collected, and what reduced them.

use domain::port::{PaymentSnapshot, Problem, Record, SourceError};

use super::{debtors::Debtors, payments::Payments};
use crate::connectors::{
    wire::CONTRACT_BROKEN,
    xero::{
        client::Client,
        id,
        map::{self, invoice::Claim},
        wire::{Invoice, Paid},
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

/// None for what does not concern us.
type Mapped<'i> = Result<Option<Sale<'i>>, Problem>;

fn map(told: &Invoice) -> Mapped<'_> {
    Ok(map::invoice::claim(told)?.map(|claim| Sale { told, claim }))
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
    /// Tells a page of invoices, or only its beginning when the whole needs too many calls; at least so many of them.
    pub(super) async fn tell(&mut self, invoices: &[Invoice], least: usize) -> Result<Told, SourceError> {
        let mapped: Vec<Mapped<'_>> = invoices.iter().map(map).collect();
        let mut problems = self.find(&mapped, CALLS_A_PAGE).await?;
        if self.known(&mapped) < least {
            problems.extend(self.find(&mapped[..least], usize::MAX).await?);
        }
        let mut told = Told { records: Vec::new(), problems, invoices: self.known(&mapped) };
        for sale in mapped.into_iter().take(told.invoices) {
            match sale {
                Ok(Some(sale)) => self.add(&sale, &mut told),
                Ok(None) => {}
                Err(problem) => told.problems.push(problem),
            }
        }
        Ok(told)
    }

    /// Of how many, from the first on, everything was found that they need.
    fn known(&self, mapped: &[Mapped<'_>]) -> usize {
        mapped.iter().take_while(|sale| !matches!(sale, Ok(Some(sale)) if !self.knows(sale))).count()
    }

    async fn find(&mut self, mapped: &[Mapped<'_>], mut calls: usize) -> Result<Vec<Problem>, SourceError> {
        let sales: Vec<&Sale<'_>> = mapped.iter().filter_map(|sale| sale.as_ref().ok()?.as_ref()).collect();
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

    fn add(&self, sale: &Sale<'_>, to: &mut Told) {
        let debtor = self.debtors.get(&sale.claim.debtor).cloned();
        if debtor.is_none() && sale.claim.is_collectable {
            to.problems.push(without_contact(&sale.told.id));
        }
        to.records.push(Record { debtor, invoice: Some(sale.claim.invoice.clone()), ..Record::default() });
        for payment in self.paid(sale).into_iter().chain(map::credit::credits(sale.told, &sale.claim)) {
            match payment {
                Ok(payment) => to.records.push(Record { payment: Some(payment), ..Record::default() }),
                Err(problem) => to.problems.push(problem),
            }
        }
    }

    /// What paid it. Of a payment that was looked up in vain only the invoice tells, and nobody calls it reconciled.
    fn paid(&self, sale: &Sale<'_>) -> Vec<Result<PaymentSnapshot, Problem>> {
        let Sale { told, claim } = sale;
        let looked_up: Vec<&str> = self.wanted_payments(sale).collect();
        let payment = |paid: &Paid| match self.payments.get(&paid.id) {
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

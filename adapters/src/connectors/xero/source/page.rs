//! The steps of a pull: each asks for one page of one list and tells its records.

use domain::port::{Account, Problem, Record, SourceError};

use super::{
    XeroSource,
    invoices::{Explained, Lookup},
    lists::{self, PAGE_SIZE},
    position::{Phase, Place},
};
use crate::connectors::xero::{
    map,
    wire::{Invoice, Listed, Listing},
};

/// What a step told, and what comes next.
pub(super) struct Step {
    pub next: Phase,
    pub records: Vec<Record>,
    pub problems: Vec<Problem>,
    pub account: Option<Account>,
}

impl Step {
    pub(super) const fn to(next: Phase) -> Self {
        Self { next, records: Vec::new(), problems: Vec::new(), account: None }
    }
}

impl XeroSource {
    pub(super) async fn step(&mut self) -> Result<Step, SourceError> {
        self.debtors.tidy();
        self.payments.tidy();
        match self.position.phase {
            Phase::Account => self.account().await,
            Phase::Contacts(place) => self.contacts(place).await,
            Phase::Invoices(place) => self.invoices(place).await,
            Phase::Payments(place) => self.changed_payments(place).await,
            Phase::WantedInvoices(from) => self.wanted_invoices(from).await,
            Phase::WantedDebtors(from) => self.wanted_debtors(from).await,
            Phase::End => Ok(Step::to(Phase::End)),
        }
    }

    async fn account(&mut self) -> Result<Step, SourceError> {
        let listing = lists::organisation(&self.client).await?;
        self.begin(&listing);
        let told = listing.good.first().ok_or_else(|| SourceError::Broken("GET Organisation: Xero tells no organisation".into()))?;
        let account = map::organisation::account(&self.client.link.account, told);
        Ok(Step { account: Some(account), ..Step::to(Phase::Invoices(Place::beginning(None))) })
    }

    /// Changed contacts: news of debtors that are known, and at hand for the invoices that follow.
    async fn contacts(&mut self, place: Place) -> Result<Step, SourceError> {
        let listing = lists::changed_contacts(&self.client, place).await?;
        self.begin(&listing);
        let then = Phase::Invoices(Place::beginning(self.position.changes_since));
        let mut step = Step::to(place.behind(&listing, PAGE_SIZE).map_or(then, Phase::Contacts));
        for contact in &listing.good {
            match self.debtors.keep(contact) {
                Ok(()) => step
                    .records
                    .extend(self.debtors.get(&contact.id).map(|debtor| Record { debtor: Some(debtor.clone()), ..Record::default() })),
                Err(problem) => step.problems.push(problem),
            }
        }
        step.problems.extend(listing.problems);
        Ok(step)
    }

    /// Open invoices, or all that changed.
    async fn invoices(&mut self, place: Place) -> Result<Step, SourceError> {
        let since = self.position.changes_since;
        let listing = match since {
            None => lists::open_invoices(&self.client, place).await?,
            Some(_) => lists::changed_invoices(&self.client, place).await?,
        };
        if since.is_some() && listing.good.iter().any(has_payments) {
            self.payments.read_ahead(&self.client, Place::beginning(since)).await?;
        }
        let behind = place.behind(&listing, PAGE_SIZE);
        // A page is divided where its second part can be asked for by itself.
        let divisible = listing.good.iter().position(|invoice| place.behind_change(invoice.updated()).is_some());
        let least = divisible.map_or(listing.good.len(), |at| at + 1);
        let told = self.lookup(Explained::Collectable, pages_to_come(&listing)).tell(&listing.good, least).await?;
        let next = match listing.good.get(told.invoices) {
            None => behind,
            Some(_) => place.behind_change(listing.good[..told.invoices].iter().filter_map(Listed::updated).max()),
        };
        let then = if since.is_some() { Phase::Payments(Place::beginning(since)) } else { Phase::End };
        let mut step = Step { records: told.records, problems: told.problems, ..Step::to(next.map_or(then, Phase::Invoices)) };
        step.problems.extend(listing.problems);
        Ok(step)
    }

    /// Changed payments: also of invoices that did not change, and deleted ones.
    async fn changed_payments(&mut self, place: Place) -> Result<Step, SourceError> {
        let listing = self.payments.changed(&self.client, place).await?;
        let mut step = Step::to(place.behind(&listing, PAGE_SIZE).map_or(Phase::End, Phase::Payments));
        for told in &listing.good {
            match map::payment::payment(told) {
                Ok(payment) => step.records.extend(payment.map(|payment| Record { payment: Some(payment), ..Record::default() })),
                Err(problem) => step.problems.push(problem),
            }
        }
        step.problems.extend(listing.problems);
        Ok(step)
    }

    /// Remembers when the run's first answer was made.
    fn begin<T>(&mut self, first: &Listing<T>) {
        let now = self.client.link.now;
        self.position.began.get_or_insert(first.made_at.unwrap_or(now));
    }

    pub(super) fn lookup(&mut self, explained: Explained, pages_to_come: usize) -> Lookup<'_> {
        Lookup { client: &self.client, debtors: &mut self.debtors, payments: &mut self.payments, explained, pages_to_come }
    }
}

fn has_payments(invoice: &Invoice) -> bool {
    invoice.payments.as_ref().is_some_and(|payments| !payments.is_empty())
}

fn pages_to_come(listing: &Listing<Invoice>) -> usize {
    listing.pagination.map_or(1, |at| (at.page_count.saturating_sub(at.page) as usize).saturating_add(1))
}

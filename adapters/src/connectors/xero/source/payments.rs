//! Payments: those of the invoices at hand, looked up because only `GET /Payments` knows whether they are reconciled;
//! those that changed, as news.

use std::collections::HashMap;

use domain::port::{PaymentSnapshot, Problem, SourceError};

use super::{
    catalogue::{Catalogue, Step},
    lists::{self, PAGE_SIZE},
    position::Place,
};
use crate::connectors::xero::{
    client::Client,
    map,
    wire::{Listing, Payment},
};

/// Pages of changed payments that are read ahead, so that an invoice and what paid it are told together.
const MAX_PAGES_AHEAD: usize = 5;

/// Payments by id, and the pages of changed ones that were read ahead.
pub(super) struct Payments {
    found: Catalogue<PaymentSnapshot>,
    ahead: Option<HashMap<Place, Listing<Payment>>>,
}

impl Payments {
    pub(super) fn new() -> Self {
        Self { found: Catalogue::new(1), ahead: None }
    }

    pub(super) fn get(&self, id: &str) -> Option<&PaymentSnapshot> {
        self.found.get(id)
    }

    pub(super) fn knows(&self, id: &str) -> bool {
        self.found.knows(id)
    }

    pub(super) fn tidy(&mut self) {
        self.found.tidy();
    }

    /// A page of changed payments, from what was read ahead where it was.
    pub(super) async fn changed(&mut self, client: &Client, place: Place) -> Result<Listing<Payment>, SourceError> {
        match self.ahead.as_mut().and_then(|ahead| ahead.remove(&place)) {
            Some(listing) => Ok(listing),
            None => lists::changed_payments(client, place).await,
        }
    }

    /// Reads the changed payments ahead, once.
    pub(super) async fn read_ahead(&mut self, client: &Client, beginning: Place) -> Result<(), SourceError> {
        if self.ahead.is_some() {
            return Ok(());
        }
        let mut ahead = HashMap::new();
        let mut next = Some(beginning);
        while let Some(place) = next.filter(|_| ahead.len() < MAX_PAGES_AHEAD) {
            let listing = lists::changed_payments(client, place).await?;
            next = place.behind(&listing, PAGE_SIZE);
            self.keep(&listing);
            ahead.insert(place, listing);
        }
        self.ahead = Some(ahead);
        Ok(())
    }

    /// Finds these, with at most so many calls. Problems are told only of those that were asked for.
    pub(super) async fn find(
        &mut self,
        client: &Client,
        wanted: &[&str],
        pages_to_come: usize,
        calls: &mut usize,
    ) -> Result<Vec<Problem>, SourceError> {
        let mut problems = Vec::new();
        while *calls > 0 {
            match self.found.step(wanted.iter().copied(), pages_to_come) {
                Step::Done => break,
                Step::Ask(ids) => {
                    for id in &ids {
                        let told = lists::payment(client, id).await?;
                        problems.extend(told.map(|listing| self.keep(&listing)).into_iter().flatten());
                    }
                    self.found.asked(ids);
                }
                Step::Read(page) => {
                    let listing = lists::all_payments(client, page).await?;
                    self.found.read(page, listing.pagination.map_or(page, |at| at.page_count));
                    self.keep(&listing);
                }
            }
            *calls -= 1;
        }
        Ok(problems)
    }

    fn keep(&mut self, listing: &Listing<Payment>) -> Vec<Problem> {
        let mut problems = listing.problems.clone();
        for told in &listing.good {
            match map::payment::payment(told) {
                Ok(Some(payment)) => self.found.keep(told.id.clone(), payment),
                Ok(None) => {}
                Err(problem) => problems.push(problem),
            }
        }
        problems
    }
}

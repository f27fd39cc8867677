//! Contacts: those of collectable invoices, looked up; those that changed, as news.

use domain::port::{DebtorSnapshot, Problem, SourceError};

use super::{
    catalogue::{Catalogue, Step},
    lists::{self, IDS_AT_ONCE},
};
use crate::connectors::xero::{
    client::Client,
    map,
    wire::{Contact, Listing},
};

/// Debtors by their contacts' ids.
pub(super) struct Debtors(Catalogue<DebtorSnapshot>);

impl Debtors {
    pub(super) fn new() -> Self {
        Self(Catalogue::new(IDS_AT_ONCE))
    }

    pub(super) fn get(&self, id: &str) -> Option<&DebtorSnapshot> {
        self.0.get(id)
    }

    pub(super) fn knows(&self, id: &str) -> bool {
        self.0.knows(id)
    }

    pub(super) fn tidy(&mut self) {
        self.0.tidy();
    }

    /// Keeps one that came with something else.
    pub(super) fn keep(&mut self, contact: &Contact) -> Result<(), Problem> {
        let debtor = map::contact::debtor(contact)?;
        self.0.keep(contact.id.clone(), debtor);
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
            match self.0.step(wanted.iter().copied(), pages_to_come) {
                Step::Done => break,
                Step::Ask(ids) => {
                    problems.extend(self.take(lists::contacts_of(client, &ids).await?));
                    self.0.asked(ids);
                }
                Step::Read(page) => {
                    let listing = lists::all_contacts(client, page).await?;
                    self.0.read(page, listing.pagination.map_or(page, |at| at.page_count));
                    self.take(listing);
                }
            }
            *calls -= 1;
        }
        Ok(problems)
    }

    fn take(&mut self, listing: Listing<Contact>) -> Vec<Problem> {
        let mut problems = listing.problems;
        problems.extend(listing.good.iter().filter_map(|contact| self.keep(contact).err()));
        problems
    }
}

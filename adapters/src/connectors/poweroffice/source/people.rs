//! Debtors of the claims of a page: read by their numbers, many with one call, and kept for the pages that follow.

use std::collections::{BTreeMap, BTreeSet};

use domain::port::{DebtorSnapshot, Problem, SourceError};

use super::{
    super::{
        client::Client,
        map::{self, Entry},
        wire::{ContactGroup, Customer},
    },
    list::lists,
    not_found,
    read::read,
};
use crate::connectors::wire::{WireError, text};

/// Most debtors that are kept; beyond, all are forgotten and read again where they come up.
const MAX_KEPT: usize = 20_000;

/// What is known of customers so far in this run.
#[derive(Default)]
pub struct People {
    known: BTreeMap<i64, DebtorSnapshot>,
    groups: Groups,
}

/// The client's groups of customers.
#[derive(Default)]
enum Groups {
    #[default]
    Unread,
    /// We may not read them.
    Closed,
    Read(BTreeMap<i64, String>),
}

impl People {
    /// The debtor, once it was read.
    pub fn get(&self, id: i64) -> Option<&DebtorSnapshot> {
        self.known.get(&id)
    }

    /// Reads the customers of claims.
    pub async fn meet(&mut self, client: &Client, claims: &[Entry], problems: &mut Vec<Problem>) -> Result<(), SourceError> {
        if self.known.len() > MAX_KEPT {
            self.known.clear();
        }
        let unknown = |known: &BTreeMap<i64, DebtorSnapshot>, claim: &&Entry| claim.customer.is_some_and(|id| !known.contains_key(&id));
        let numbers: BTreeSet<i64> =
            claims.iter().filter(|claim| unknown(&self.known, claim)).filter_map(|claim| claim.customer_no).collect();
        for list in lists(&numbers) {
            let raws = client.all(&["Customers"], &[("customerNos", &list)], "").await?;
            let customers = read(&raws, &mut Vec::new());
            self.learn(client, &customers, problems).await?;
        }
        for claim in claims {
            let Some(id) = claim.customer.filter(|id| !self.known.contains_key(id)) else { continue };
            if !self.look(client, id, problems).await? {
                self.known.insert(id, map::forgotten(id, claim.customer_name.as_deref()));
            }
        }
        Ok(())
    }

    /// Reads one customer by its id; false, with a problem, when there is none that can be read.
    pub async fn look(&mut self, client: &Client, id: i64, problems: &mut Vec<Problem>) -> Result<bool, SourceError> {
        let raw = client.one(&["Customers", &id.to_string()]).await?;
        if raw.is_none() {
            problems.push(not_found(&id.to_string(), "customer"));
        }
        let customers: Vec<Customer> = read(&raw.into_iter().collect::<Vec<_>>(), problems);
        self.learn(client, &customers, problems).await?;
        Ok(self.known.contains_key(&id))
    }

    /// Takes customers in as they are now. One without a name is not to be written to.
    pub async fn learn(&mut self, client: &Client, customers: &[Customer], problems: &mut Vec<Problem>) -> Result<(), SourceError> {
        if customers.iter().any(|customer| customer.contact_group_ids.as_ref().is_some_and(|ids| !ids.is_empty())) {
            self.read_groups(client).await?;
        }
        let none = BTreeMap::new();
        let names = match &self.groups {
            Groups::Unread => Some(&none),
            Groups::Closed => None,
            Groups::Read(names) => Some(names),
        };
        for customer in customers {
            let debtor = map::customer(customer, names).unwrap_or_else(|| {
                problems.push(WireError::Missing.at("Name", Some(&customer.id.to_string())));
                map::forgotten(customer.id, None)
            });
            self.known.insert(customer.id, debtor);
        }
        Ok(())
    }

    /// Reads the groups' names, once. That needs a privilege that nothing else needs: without it customers just have no
    /// groups.
    async fn read_groups(&mut self, client: &Client) -> Result<(), SourceError> {
        if !matches!(self.groups, Groups::Unread) {
            return Ok(());
        }
        self.groups = match client.all(&["ContactGroups"], &[], "Id").await {
            Ok(raws) => {
                let groups: Vec<ContactGroup> = read(&raws, &mut Vec::new());
                Groups::Read(groups.into_iter().filter_map(|group| Some((group.id, text(group.name.as_deref(), 100)?))).collect())
            }
            Err(SourceError::Unauthorised(_) | SourceError::Broken(_)) => Groups::Closed,
            Err(error) => return Err(error),
        };
        Ok(())
    }
}

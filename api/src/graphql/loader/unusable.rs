//! Which addresses must not be used.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use domain::delivery;
use entity::{TenantId, suppression};

use super::{Failed, Loads, pieces};

/// The suppressions in force over one address, in the domain's spelling.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UnusableOf(pub TenantId, pub String);

impl Loader<UnusableOf> for Loads {
    type Value = Vec<suppression::Model>;
    type Error = Failed;

    async fn load(&self, keys: &[UnusableOf]) -> Result<HashMap<UnusableOf, Self::Value>, Failed> {
        let mut found: HashMap<UnusableOf, Self::Value> = HashMap::with_capacity(keys.len());
        for (tenant, addresses) in pieces(keys.iter().map(|key| (key.0, key.1.clone()))) {
            for row in delivery::in_force(&self.db, tenant, &addresses).await?.into_rows() {
                found.entry(UnusableOf(tenant, row.address.clone())).or_default().push(row);
            }
        }
        Ok(found)
    }
}

//! Where short messages of a creditor may go: its own country, and those that it allowed. A message to a far country
//! costs many times as much, and fraudsters earn from numbers there; so none leaves unless a person said so.

use entity::tenant;

use crate::error::Result;

/// A creditor's own country, and to which others short messages go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Further countries to which short messages go.
    pub sms_countries: Vec<String>,
}

impl Home {
    /// As the tenant's settings say.
    ///
    /// # Errors
    ///
    /// A fault when the row does not hold what the settings wrote.
    pub fn of(tenant: &tenant::Model) -> Result<Self> {
        Ok(Self { country: tenant.country.clone(), sms_countries: serde_json::from_value(tenant.sms_countries.clone())? })
    }

    /// Whether short messages go to a country.
    pub(super) fn reaches(&self, country: &str) -> bool {
        self.country == country || self.sms_countries.iter().any(|allowed| allowed == country)
    }
}

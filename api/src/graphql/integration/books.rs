//! Whose books an integration is linked to, and what people may know of the keys to them.

use async_graphql::SimpleObject;
use domain::port::Account;

use crate::graphql::scalars::{CountryCode, CurrencyCode, TimeZone, Url};

/// The organisation, instance or client at the provider that an integration is linked to.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct Books {
    /// Its name there.
    pub organisation_name: String,
    /// Its id there.
    pub external_id: String,
    /// Where it is, for providers with an address for each customer.
    pub base_url: Option<Url>,
    /// The time zone of the books.
    pub time_zone: Option<TimeZone>,
    /// The currency of the books.
    pub currency: Option<CurrencyCode>,
    /// Where the organisation is.
    pub country: Option<CountryCode>,
}

impl From<Account> for Books {
    fn from(account: Account) -> Self {
        Self {
            organisation_name: account.name,
            external_id: account.external_id,
            base_url: account.base_url.map(Url),
            time_zone: account.time_zone.map(TimeZone),
            currency: account.currency.map(CurrencyCode),
            country: account.country.map(CountryCode),
        }
    }
}

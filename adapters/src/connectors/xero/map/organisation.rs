//! The organisation as an account.

use domain::port::Account;

use crate::connectors::{
    wire::text,
    xero::{wire::Organisation, zone},
};

/// What the books say of themselves, over what is known from connecting. What they do not say stays.
pub(in crate::connectors::xero) fn account(known: &Account, told: &Organisation) -> Account {
    let code = |given: &Option<String>, letters: usize| {
        given
            .as_deref()
            .map(str::trim)
            .filter(|code| code.len() == letters && code.bytes().all(|b| b.is_ascii_alphabetic()))
            .map(str::to_ascii_uppercase)
    };
    Account {
        name: text(told.name.as_deref(), super::MAX_NAME).unwrap_or_else(|| known.name.clone()),
        time_zone: told.timezone.as_deref().and_then(zone::iana).map(str::to_owned).or_else(|| known.time_zone.clone()),
        currency: code(&told.base_currency, 3).or_else(|| known.currency.clone()),
        country: code(&told.country_code, 2).or_else(|| known.country.clone()),
        ..known.clone()
    }
}

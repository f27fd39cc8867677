//! What the creditor corrects about debtors.

use async_graphql::{Context, ID, InputObject, Object, Result};
use domain::debtor::{self, ContactChanges};

use super::payload::{DebtorPayload, answer};
use crate::graphql::{
    access::{env, viewer},
    id,
    scalars::{CountryCode, Date, EmailAddress, Locale, PhoneNumber},
};

/// A corrected contact; what is left out stays, an empty text clears.
#[derive(InputObject)]
pub struct DebtorContactInput {
    /// Name for letters; cannot be cleared.
    pub name: Option<String>,
    /// Where e-mail goes.
    pub email: Option<EmailAddress>,
    /// Phone number; numbers that cost extra are refused.
    pub phone: Option<PhoneNumber>,
    /// Street and number.
    pub line1: Option<String>,
    /// Second address line.
    pub line2: Option<String>,
    /// Postal code, at most 20 characters.
    pub postal_code: Option<String>,
    /// Town.
    pub city: Option<String>,
    /// State or region.
    pub region: Option<String>,
    /// Country.
    pub country: Option<CountryCode>,
    /// Language of letters: `en`, `de` or `nb`.
    pub language: Option<Locale>,
    /// Where the address was found, when it is not the one that the debtor gave; an empty text for one that it gave.
    pub address_source: Option<String>,
}

impl DebtorContactInput {
    fn changes(self, expected_version: Option<i64>) -> ContactChanges {
        ContactChanges {
            name: self.name,
            email: self.email.map(|email| email.0),
            phone: self.phone.map(|phone| phone.0),
            line1: self.line1,
            line2: self.line2,
            postal_code: self.postal_code,
            city: self.city,
            region: self.region,
            country: self.country.map(|country| country.0),
            language: self.language.map(|language| language.0),
            address_source: self.address_source,
            expected_version,
        }
    }
}

fn payload(row: entity::debtor::Model) -> DebtorPayload {
    DebtorPayload { debtor: Some(row.into()), user_errors: Vec::new() }
}

/// What the creditor corrects about debtors.
#[derive(Default)]
pub struct DebtorMutations;

#[Object]
impl DebtorMutations {
    /// Exempts a debtor from collection, or lifts the exemption. For owners and accountants.
    async fn debtor_set_exemption(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which debtor.")] id: ID,
        #[graphql(desc = "Whether the debtor is exempt.")] exempt: bool,
        #[graphql(desc = "Why, at most 200 characters; needed for an exemption.")] reason: Option<String>,
        #[graphql(desc = "The last day of the exemption; for good when left out.")] until: Option<Date>,
    ) -> Result<DebtorPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let reason = reason.unwrap_or_default();
        let set = async { debtor::set_exemption(env, &viewer, id::named(&id, "id")?, exempt, &reason, until.map(|day| day.0)).await };
        answer(set.await, payload)
    }

    /// Corrects a debtor's contact; the accounting system no longer overwrites it. For owners and accountants.
    async fn debtor_update_contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which debtor.")] id: ID,
        #[graphql(desc = "What to correct.")] input: DebtorContactInput,
        #[graphql(desc = "Refuse with STALE_VERSION when the debtor is at another version.")] expected_version: Option<i64>,
    ) -> Result<DebtorPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let updated = async { debtor::update_contact(env, &viewer, id::named(&id, "id")?, &input.changes(expected_version)).await };
        answer(updated.await, payload)
    }
}

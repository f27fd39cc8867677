//! Organisations as Xero writes them.

use serde::Serialize;
use uuid::Uuid;

use crate::xero::books::Organisation;

/// An organisation.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct OrganisationView<'a> {
    name: &'a str,
    legal_name: &'a str,
    pays_tax: bool,
    version: &'static str,
    organisation_type: &'static str,
    base_currency: &'static str,
    country_code: &'static str,
    is_demo_company: bool,
    organisation_status: &'static str,
    registration_number: &'a str,
    financial_year_end_day: u8,
    financial_year_end_month: u8,
    #[serde(rename = "CreatedDateUTC")]
    created: &'static str,
    timezone: &'static str,
    organisation_entity_type: &'static str,
    short_code: &'a str,
    #[serde(rename = "OrganisationID")]
    id: Uuid,
    edition: &'static str,
    class: &'static str,
    addresses: [(); 0],
    phones: [(); 0],
    external_links: [(); 0],
}

impl<'a> OrganisationView<'a> {
    pub fn of(organisation: &'a Organisation) -> Self {
        Self {
            name: &organisation.name,
            legal_name: &organisation.legal_name,
            pays_tax: true,
            version: organisation.country,
            organisation_type: "COMPANY",
            base_currency: organisation.currency,
            country_code: organisation.country,
            is_demo_company: false,
            organisation_status: "ACTIVE",
            registration_number: &organisation.registration_number,
            financial_year_end_day: if organisation.country == "NZ" { 31 } else { 30 },
            financial_year_end_month: if organisation.country == "NZ" { 3 } else { 6 },
            created: "/Date(1574275974000+0000)/",
            timezone: organisation.time_zone,
            organisation_entity_type: "COMPANY",
            short_code: &organisation.short_code,
            id: organisation.id,
            edition: "BUSINESS",
            class: "PREMIUM",
            addresses: [],
            phones: [],
            external_links: [],
        }
    }
}

//! Where a debtor is: country, region, zone.

use chrono_tz::Tz;
use entity::debtor;

use crate::law;

/// A debtor's place, as far as the address tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// ISO 3166-1 alpha-2: the debtor's, else the tenant's.
    pub country: String,
    /// Code of the region, where the address names one that is known ([`law::region`]).
    pub region: Option<&'static str>,
    /// The zone there.
    pub zone: Tz,
}

impl Place {
    /// A debtor's place; what the address leaves out is taken from the tenant.
    pub fn of(country: Option<&str>, region: Option<&str>, tenants_country: &str, tenants_zone: Tz) -> Self {
        let country = country.unwrap_or(tenants_country);
        let region_code = region.and_then(|text| law::region(country, text));
        Self { country: country.to_owned(), region: region_code, zone: debtor_zone(Some(country), region, tenants_zone) }
    }

    /// A debtor's place by the whole address.
    pub fn of_debtor(debtor: &debtor::Model, tenants_country: &str, tenants_zone: Tz) -> Self {
        Self::of(debtor.country.as_deref(), debtor.region.as_deref(), tenants_country, tenants_zone).or_town(debtor.city.as_deref())
    }

    /// The region, where the place lies in that country.
    pub fn region_in(&self, country: &str) -> Option<&'static str> {
        self.region.filter(|_| self.country == country)
    }

    /// The same with the region that the town lies in, where the address names no region and the town settles it: the
    /// city states, and the towns that regions are known by.
    #[must_use]
    pub fn or_town(self, town: Option<&str>) -> Self {
        match town.filter(|town| self.region.is_none() && law::region(&self.country, town).is_some()) {
            Some(town) => Self::of(Some(&self.country), Some(town), &self.country, self.zone),
            None => self,
        }
    }
}

/// The zone of a debtor's place where country (and region) settle it, otherwise the tenant's. A country with several
/// zones whose region is unknown has the tenant's when that is one of them, otherwise that of most of its people.
pub fn debtor_zone(country: Option<&str>, region: Option<&str>, tenants: Tz) -> Tz {
    let code = || country.zip(region).and_then(|(country, text)| law::region(country, text));
    match country {
        Some("NZ") if code() == Some("CIT") => Tz::Pacific__Chatham,
        Some("NZ") => Tz::Pacific__Auckland,
        Some("AU") => {
            australian(code(), region).unwrap_or(if tenants.name().starts_with("Australia/") { tenants } else { Tz::Australia__Sydney })
        }
        Some("DE") => Tz::Europe__Berlin,
        Some("NO") => Tz::Europe__Oslo,
        Some("GB") => Tz::Europe__London,
        Some("IE") => Tz::Europe__Dublin,
        Some("AT") => Tz::Europe__Vienna,
        Some("CH" | "LI") => Tz::Europe__Zurich,
        Some("SE") => Tz::Europe__Stockholm,
        Some("DK") => Tz::Europe__Copenhagen,
        Some("FI") => Tz::Europe__Helsinki,
        Some("NL") => Tz::Europe__Amsterdam,
        Some("BE") => Tz::Europe__Brussels,
        Some("LU") => Tz::Europe__Luxembourg,
        Some("FR") => Tz::Europe__Paris,
        Some("IT") => Tz::Europe__Rome,
        Some("PL") => Tz::Europe__Warsaw,
        Some("CZ") => Tz::Europe__Prague,
        Some("SG") => Tz::Asia__Singapore,
        _ => tenants,
    }
}

/// The zone of an Australian region; two islands and a town keep times of their own.
fn australian(code: Option<&str>, named: Option<&str>) -> Option<Tz> {
    let own = named.map(str::to_lowercase).and_then(|name| match name.trim() {
        "lord howe island" | "lord howe" => Some(Tz::Australia__Lord_Howe),
        "norfolk island" => Some(Tz::Pacific__Norfolk),
        "broken hill" => Some(Tz::Australia__Broken_Hill),
        _ => None,
    });
    own.or_else(|| match code? {
        "WA" => Some(Tz::Australia__Perth),
        "SA" => Some(Tz::Australia__Adelaide),
        "NT" => Some(Tz::Australia__Darwin),
        "QLD" => Some(Tz::Australia__Brisbane),
        "TAS" => Some(Tz::Australia__Hobart),
        "VIC" => Some(Tz::Australia__Melbourne),
        "NSW" | "NSW Western" | "ACT" => Some(Tz::Australia__Sydney),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_zone_is_the_debtors_where_the_address_settles_it() {
        for (country, region, zone) in [
            (Some("NZ"), None, Tz::Pacific__Auckland),
            (Some("NZ"), Some("Chatham Islands"), Tz::Pacific__Chatham),
            (Some("AU"), Some("Western Australia"), Tz::Australia__Perth),
            (Some("AU"), Some("qld"), Tz::Australia__Brisbane),
            (Some("AU"), Some("Lord Howe Island"), Tz::Australia__Lord_Howe),
            (Some("AU"), None, Tz::Australia__Sydney),
            (Some("GB"), Some("Scotland"), Tz::Europe__London),
            (Some("US"), Some("Ohio"), Tz::Europe__Oslo),
            (None, None, Tz::Europe__Oslo),
        ] {
            assert_eq!(debtor_zone(country, region, Tz::Europe__Oslo), zone, "{country:?} {region:?}");
        }
        assert_eq!(debtor_zone(Some("AU"), None, Tz::Australia__Perth), Tz::Australia__Perth);
    }

    #[test]
    fn a_town_settles_the_region_where_the_address_names_none() {
        for (country, region, town, code, zone) in [
            ("NZ", None, "Auckland", Some("AUK"), Tz::Pacific__Auckland),
            ("DE", None, "Hamburg", Some("HH"), Tz::Europe__Berlin),
            ("DE", None, "Kassel", None, Tz::Europe__Berlin),
            ("AU", None, "Perth", Some("WA"), Tz::Australia__Perth),
            ("AU", Some("TAS"), "Perth", Some("TAS"), Tz::Australia__Hobart),
            ("AU", Some("?"), "Brisbane", Some("QLD"), Tz::Australia__Brisbane),
        ] {
            let place = Place::of(Some(country), region, "NZ", Tz::Pacific__Auckland).or_town(Some(town));
            assert_eq!((place.region, place.zone), (code, zone), "{country} {town}");
        }
    }

    #[test]
    fn a_region_counts_in_its_own_country_alone() {
        let place = Place::of(Some("AU"), Some("Northern Territory"), "NZ", Tz::Pacific__Auckland);
        assert_eq!((place.region_in("AU"), place.region_in("NZ")), (Some("NT"), None));
    }

    #[test]
    fn an_address_without_a_country_lies_in_the_tenants() {
        let place = Place::of(None, Some("Western Australia"), "AU", Tz::Australia__Sydney);
        assert_eq!(place, Place { country: "AU".into(), region: Some("WA"), zone: Tz::Australia__Perth });
    }
}

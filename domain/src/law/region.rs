//! Which region an address means: ISO 3166-2 codes, local and English names, usual abbreviations.

use unicode_normalization::UnicodeNormalization;

use super::holiday::book;

/// The code of the region that a text from an address means, without the country: `BY` for `Bayern`, `Bavaria` or
/// `DE-BY`; none for what is not known. Where a code is a name elsewhere, the country decides.
pub fn region(country: &str, text: &str) -> Option<&'static str> {
    book(country)?.codes.get(&fold(text)).copied()
}

/// The regions of a country: code and names; none where no pack knows them.
pub fn regions(country: &str) -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    book(country).into_iter().flat_map(|book| book.regions.iter().map(|(code, names)| (*code, names.as_slice())))
}

/// A name as it is compared: lower case, without accents, spaces and signs.
pub(super) fn fold(text: &str) -> String {
    text.nfkd().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_regions_in_many_ways() {
        for (country, text, code) in [
            ("DE", "Bayern", Some("BY")),
            ("DE", "bavaria", Some("BY")),
            ("DE", "DE-BY", Some("BY")),
            ("DE", " BY ", Some("BY")),
            ("DE", "Baden-Württemberg", Some("BW")),
            ("DE", "Baden Wurttemberg", Some("BW")),
            ("DE", "Nordrhein-Westfalen", Some("NW")),
            ("AU", "N.S.W.", Some("NSW")),
            ("AU", "New South Wales", Some("NSW")),
            ("NZ", "Hawke's Bay", Some("HKB")),
            ("NZ", "Hawke’s Bay", Some("HKB")),
            ("NZ", "Manawatu-Whanganui", Some("MWT")),
            ("NZ", "Chatham Islands", Some("CIT")),
            ("NO", "Trøndelag", Some("50")),
            ("GB", "scotland", Some("SCT")),
            ("DE", "Tirol", None),
            ("DE", "", None),
            ("FR", "Bretagne", None),
        ] {
            assert_eq!(region(country, text), code, "{country} {text}");
        }
    }

    #[test]
    fn no_name_stands_for_two_regions() {
        for pack in crate::law::packs() {
            for (code, names) in regions(&pack.country) {
                assert!(names.iter().all(|name| region(&pack.country, name) == Some(code)), "{} {code} {names:?}", pack.country);
            }
        }
    }
}

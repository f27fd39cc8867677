//! Country names for the last line of an address abroad.

use super::Language;
use crate::{
    country,
    error::{Refusal, RefusalCode},
};

/// ISO 3166-1 alpha-2, English name, German name, Norwegian name: the last line of a foreign address, in capitals as posts ask for.
const NAMES: [(&str, &str, &str, &str); 61] = [
    ("AE", "UNITED ARAB EMIRATES", "VEREINIGTE ARABISCHE EMIRATE", "DE FORENTE ARABISKE EMIRATER"),
    ("AR", "ARGENTINA", "ARGENTINIEN", "ARGENTINA"),
    ("AT", "AUSTRIA", "ÖSTERREICH", "ØSTERRIKE"),
    ("AU", "AUSTRALIA", "AUSTRALIEN", "AUSTRALIA"),
    ("BE", "BELGIUM", "BELGIEN", "BELGIA"),
    ("BG", "BULGARIA", "BULGARIEN", "BULGARIA"),
    ("BR", "BRAZIL", "BRASILIEN", "BRASIL"),
    ("CA", "CANADA", "KANADA", "CANADA"),
    ("CH", "SWITZERLAND", "SCHWEIZ", "SVEITS"),
    ("CK", "COOK ISLANDS", "COOKINSELN", "COOKØYENE"),
    ("CL", "CHILE", "CHILE", "CHILE"),
    ("CN", "CHINA", "CHINA", "KINA"),
    ("CY", "CYPRUS", "ZYPERN", "KYPROS"),
    ("CZ", "CZECH REPUBLIC", "TSCHECHIEN", "TSJEKKIA"),
    ("DE", "GERMANY", "DEUTSCHLAND", "TYSKLAND"),
    ("DK", "DENMARK", "DÄNEMARK", "DANMARK"),
    ("EE", "ESTONIA", "ESTLAND", "ESTLAND"),
    ("ES", "SPAIN", "SPANIEN", "SPANIA"),
    ("FI", "FINLAND", "FINNLAND", "FINLAND"),
    ("FJ", "FIJI", "FIDSCHI", "FIJI"),
    ("FR", "FRANCE", "FRANKREICH", "FRANKRIKE"),
    ("GB", "UNITED KINGDOM", "VEREINIGTES KÖNIGREICH", "STORBRITANNIA"),
    ("GR", "GREECE", "GRIECHENLAND", "HELLAS"),
    ("HK", "HONG KONG", "HONGKONG", "HONGKONG"),
    ("HR", "CROATIA", "KROATIEN", "KROATIA"),
    ("HU", "HUNGARY", "UNGARN", "UNGARN"),
    ("ID", "INDONESIA", "INDONESIEN", "INDONESIA"),
    ("IE", "IRELAND", "IRLAND", "IRLAND"),
    ("IL", "ISRAEL", "ISRAEL", "ISRAEL"),
    ("IN", "INDIA", "INDIEN", "INDIA"),
    ("IS", "ICELAND", "ISLAND", "ISLAND"),
    ("IT", "ITALY", "ITALIEN", "ITALIA"),
    ("JP", "JAPAN", "JAPAN", "JAPAN"),
    ("KR", "REPUBLIC OF KOREA", "REPUBLIK KOREA", "SØR-KOREA"),
    ("LI", "LIECHTENSTEIN", "LIECHTENSTEIN", "LIECHTENSTEIN"),
    ("LT", "LITHUANIA", "LITAUEN", "LITAUEN"),
    ("LU", "LUXEMBOURG", "LUXEMBURG", "LUXEMBOURG"),
    ("LV", "LATVIA", "LETTLAND", "LATVIA"),
    ("MT", "MALTA", "MALTA", "MALTA"),
    ("MX", "MEXICO", "MEXIKO", "MEXICO"),
    ("MY", "MALAYSIA", "MALAYSIA", "MALAYSIA"),
    ("NL", "NETHERLANDS", "NIEDERLANDE", "NEDERLAND"),
    ("NO", "NORWAY", "NORWEGEN", "NORGE"),
    ("NZ", "NEW ZEALAND", "NEUSEELAND", "NEW ZEALAND"),
    ("PH", "PHILIPPINES", "PHILIPPINEN", "FILIPPINENE"),
    ("PL", "POLAND", "POLEN", "POLEN"),
    ("PT", "PORTUGAL", "PORTUGAL", "PORTUGAL"),
    ("RO", "ROMANIA", "RUMÄNIEN", "ROMANIA"),
    ("RS", "SERBIA", "SERBIEN", "SERBIA"),
    ("SE", "SWEDEN", "SCHWEDEN", "SVERIGE"),
    ("SG", "SINGAPORE", "SINGAPUR", "SINGAPORE"),
    ("SI", "SLOVENIA", "SLOWENIEN", "SLOVENIA"),
    ("SK", "SLOVAKIA", "SLOWAKEI", "SLOVAKIA"),
    ("TH", "THAILAND", "THAILAND", "THAILAND"),
    ("TR", "TÜRKİYE", "TÜRKEI", "TYRKIA"),
    ("TW", "TAIWAN", "TAIWAN", "TAIWAN"),
    ("UA", "UKRAINE", "UKRAINE", "UKRAINA"),
    ("US", "UNITED STATES OF AMERICA", "VEREINIGTE STAATEN VON AMERIKA", "USA"),
    ("VN", "VIET NAM", "VIETNAM", "VIETNAM"),
    ("WS", "SAMOA", "SAMOA", "SAMOA"),
    ("ZA", "SOUTH AFRICA", "SÜDAFRIKA", "SØR-AFRIKA"),
];

/// Whether this is a country's code ([`country::is_known`]).
///
/// # Errors
///
/// A refusal at `field`.
pub(crate) fn check_code(code: &str, field: &str) -> Result<(), Refusal> {
    if country::is_known(code) {
        return Ok(());
    }
    Err(Refusal::new(RefusalCode::Invalid, "a country is a code of two capital letters of ISO 3166-1, and there must be such a one")
        .at(field))
}

/// The country's name in the sender's language, or its code when the table does not know it.
pub(super) fn name(code: &str, language: Language) -> &str {
    let found = NAMES.binary_search_by_key(&code, |(known, ..)| known).map(|index| NAMES[index]);
    match (found, language) {
        (Ok((_, english, ..)), Language::En) => english,
        (Ok((_, _, german, _)), Language::De) => german,
        (Ok((_, _, _, norwegian)), Language::Nb) => norwegian,
        (Err(_), _) => code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_sorted_so_that_every_country_is_found() {
        assert!(NAMES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(NAMES.iter().all(|(code, ..)| country::is_known(code)));
        assert_eq!(name("NO", Language::De), "NORWEGEN");
        assert_eq!(name("DE", Language::Nb), "TYSKLAND");
        assert_eq!(name("ZZ", Language::En), "ZZ");
    }
}

//! Country names for the last line of an address abroad.

use super::Language;

/// ISO 3166-1 alpha-2, English name, German name: the last line of a foreign address, in capitals as posts ask for.
const NAMES: [(&str, &str, &str); 61] = [
    ("AE", "UNITED ARAB EMIRATES", "VEREINIGTE ARABISCHE EMIRATE"),
    ("AR", "ARGENTINA", "ARGENTINIEN"),
    ("AT", "AUSTRIA", "ÖSTERREICH"),
    ("AU", "AUSTRALIA", "AUSTRALIEN"),
    ("BE", "BELGIUM", "BELGIEN"),
    ("BG", "BULGARIA", "BULGARIEN"),
    ("BR", "BRAZIL", "BRASILIEN"),
    ("CA", "CANADA", "KANADA"),
    ("CH", "SWITZERLAND", "SCHWEIZ"),
    ("CK", "COOK ISLANDS", "COOKINSELN"),
    ("CL", "CHILE", "CHILE"),
    ("CN", "CHINA", "CHINA"),
    ("CY", "CYPRUS", "ZYPERN"),
    ("CZ", "CZECH REPUBLIC", "TSCHECHIEN"),
    ("DE", "GERMANY", "DEUTSCHLAND"),
    ("DK", "DENMARK", "DÄNEMARK"),
    ("EE", "ESTONIA", "ESTLAND"),
    ("ES", "SPAIN", "SPANIEN"),
    ("FI", "FINLAND", "FINNLAND"),
    ("FJ", "FIJI", "FIDSCHI"),
    ("FR", "FRANCE", "FRANKREICH"),
    ("GB", "UNITED KINGDOM", "VEREINIGTES KÖNIGREICH"),
    ("GR", "GREECE", "GRIECHENLAND"),
    ("HK", "HONG KONG", "HONGKONG"),
    ("HR", "CROATIA", "KROATIEN"),
    ("HU", "HUNGARY", "UNGARN"),
    ("ID", "INDONESIA", "INDONESIEN"),
    ("IE", "IRELAND", "IRLAND"),
    ("IL", "ISRAEL", "ISRAEL"),
    ("IN", "INDIA", "INDIEN"),
    ("IS", "ICELAND", "ISLAND"),
    ("IT", "ITALY", "ITALIEN"),
    ("JP", "JAPAN", "JAPAN"),
    ("KR", "REPUBLIC OF KOREA", "REPUBLIK KOREA"),
    ("LI", "LIECHTENSTEIN", "LIECHTENSTEIN"),
    ("LT", "LITHUANIA", "LITAUEN"),
    ("LU", "LUXEMBOURG", "LUXEMBURG"),
    ("LV", "LATVIA", "LETTLAND"),
    ("MT", "MALTA", "MALTA"),
    ("MX", "MEXICO", "MEXIKO"),
    ("MY", "MALAYSIA", "MALAYSIA"),
    ("NL", "NETHERLANDS", "NIEDERLANDE"),
    ("NO", "NORWAY", "NORWEGEN"),
    ("NZ", "NEW ZEALAND", "NEUSEELAND"),
    ("PH", "PHILIPPINES", "PHILIPPINEN"),
    ("PL", "POLAND", "POLEN"),
    ("PT", "PORTUGAL", "PORTUGAL"),
    ("RO", "ROMANIA", "RUMÄNIEN"),
    ("RS", "SERBIA", "SERBIEN"),
    ("SE", "SWEDEN", "SCHWEDEN"),
    ("SG", "SINGAPORE", "SINGAPUR"),
    ("SI", "SLOVENIA", "SLOWENIEN"),
    ("SK", "SLOVAKIA", "SLOWAKEI"),
    ("TH", "THAILAND", "THAILAND"),
    ("TR", "TÜRKİYE", "TÜRKEI"),
    ("TW", "TAIWAN", "TAIWAN"),
    ("UA", "UKRAINE", "UKRAINE"),
    ("US", "UNITED STATES OF AMERICA", "VEREINIGTE STAATEN VON AMERIKA"),
    ("VN", "VIET NAM", "VIETNAM"),
    ("WS", "SAMOA", "SAMOA"),
    ("ZA", "SOUTH AFRICA", "SÜDAFRIKA"),
];

/// The country's name in the sender's language, or its code when the table does not know it.
pub(super) fn name(code: &str, language: Language) -> &str {
    let found = NAMES.binary_search_by_key(&code, |(known, _, _)| known).map(|index| NAMES[index]);
    match (found, language) {
        (Ok((_, english, _)), Language::En) => english,
        (Ok((_, _, german)), Language::De) => german,
        (Err(_), _) => code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_sorted_so_that_every_country_is_found() {
        assert!(NAMES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert_eq!(name("NO", Language::De), "NORWEGEN");
        assert_eq!(name("ZZ", Language::En), "ZZ");
    }
}

//! Countries as people spell them in files and accounting systems: a code of ISO 3166-1, or a name in English, German or the country's own language.

/// Code of three letters and names, all in lower case.
const NAMES: [(&str, &[&str]); 42] = [
    ("AE", &["are", "united arab emirates", "vereinigte arabische emirate"]),
    ("AT", &["aut", "austria", "österreich"]),
    ("AU", &["aus", "australia", "australien"]),
    ("BE", &["bel", "belgium", "belgien"]),
    ("BR", &["bra", "brazil", "brasilien"]),
    ("CA", &["can", "canada", "kanada"]),
    ("CH", &["che", "switzerland", "schweiz", "suisse"]),
    ("CN", &["chn", "china"]),
    ("CZ", &["cze", "czech republic", "czechia", "tschechien"]),
    ("DE", &["deu", "ger", "germany", "deutschland"]),
    ("DK", &["dnk", "denmark", "dänemark", "danmark"]),
    ("EE", &["est", "estonia", "estland"]),
    ("ES", &["esp", "spain", "spanien"]),
    ("FI", &["fin", "finland", "finnland"]),
    ("FJ", &["fji", "fiji", "fidschi"]),
    ("FR", &["fra", "france", "frankreich"]),
    ("GB", &["gbr", "uk", "united kingdom", "great britain", "england", "scotland", "wales", "northern ireland", "vereinigtes königreich"]),
    ("GR", &["grc", "greece", "griechenland"]),
    ("HU", &["hun", "hungary", "ungarn"]),
    ("IE", &["irl", "ireland", "irland"]),
    ("IN", &["ind", "india", "indien"]),
    ("IS", &["isl", "iceland", "island"]),
    ("IT", &["ita", "italy", "italien"]),
    ("JP", &["jpn", "japan"]),
    ("LI", &["lie", "liechtenstein"]),
    ("LT", &["ltu", "lithuania", "litauen"]),
    ("LU", &["lux", "luxembourg", "luxemburg"]),
    ("LV", &["lva", "latvia", "lettland"]),
    ("NL", &["nld", "netherlands", "the netherlands", "niederlande", "holland"]),
    ("NO", &["nor", "norway", "norwegen", "norge"]),
    ("NZ", &["nzl", "new zealand", "neuseeland", "aotearoa"]),
    ("PL", &["pol", "poland", "polen"]),
    ("PT", &["prt", "portugal"]),
    ("RO", &["rou", "romania", "rumänien"]),
    ("SE", &["swe", "sweden", "schweden", "sverige"]),
    ("SG", &["sgp", "singapore", "singapur"]),
    ("SI", &["svn", "slovenia", "slowenien"]),
    ("SK", &["svk", "slovakia", "slowakei"]),
    ("TR", &["tur", "turkey", "türkiye", "türkei"]),
    ("UA", &["ukr", "ukraine"]),
    ("US", &["usa", "united states", "united states of america", "vereinigte staaten"]),
    ("ZA", &["zaf", "south africa", "südafrika"]),
];

/// The code of two letters.
pub(super) fn code(cell: &str) -> Option<String> {
    let upper = cell.to_uppercase();
    if domain::country::is_known(&upper) {
        return Some(upper);
    }
    let lower = cell.to_lowercase();
    NAMES.iter().find(|(_, names)| names.contains(&lower.as_str())).map(|(code, _)| (*code).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_common_names_are_known_and_the_rest_is_not_guessed() {
        for (cell, expected) in [
            ("nz", Some("NZ")),
            ("Deutschland", Some("DE")),
            ("NORGE", Some("NO")),
            ("UK", Some("GB")),
            ("USA", Some("US")),
            ("xk", Some("XK")),
            ("391", None),
            ("ZZ", None),
            ("Atlantis", None),
            ("", None),
        ] {
            assert_eq!(code(cell).as_deref(), expected, "{cell}");
        }
        assert!(NAMES.iter().all(|(known, _)| code(known).as_deref() == Some(known)), "every name leads to a code of the list");
    }
}

//! Countries as people spell them in files and accounting systems: a code of ISO 3166-1, or a name in English, German or the country's own language.

const ALPHA_2: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA \
    CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI \
    GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC \
    LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA \
    PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH \
    TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

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
    if upper.len() == 2 && ALPHA_2.split_ascii_whitespace().any(|code| code == upper) {
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

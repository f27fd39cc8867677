//! Which codes are countries, asked at every door: a letter to a country that is none reaches nobody, and no rule would
//! be found for it.

/// ISO 3166-1 alpha-2, all that are officially assigned, in order (<https://www.iso.org/iso-3166-country-codes.html>).
const ASSIGNED: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA \
    CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI \
    GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC \
    LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA \
    PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH \
    TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// Codes outside of the standard that accounting systems give all the same, Xero for one: the Netherlands Antilles, which
/// are no more, and Kosovo, which has no code yet.
const IN_USE: [&str; 2] = ["AN", "XK"];

/// Whether this is a country's code: two capital letters of ISO 3166-1, or one of the few that are in use beside it.
pub fn is_known(code: &str) -> bool {
    code.len() == 2 && (IN_USE.contains(&code) || ASSIGNED.split_ascii_whitespace().any(|assigned| assigned == code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_the_standard_and_those_in_use_are_countries_and_nothing_else_is() {
        let codes: Vec<&str> = ASSIGNED.split_ascii_whitespace().collect();
        assert_eq!(codes.len(), 249, "as many as the standard assigns");
        assert!(codes.windows(2).all(|pair| pair[0] < pair[1]) && codes.iter().all(|code| is_known(code)));
        for code in ["NO", "XK", "AN", "AX"] {
            assert!(is_known(code), "{code}");
        }
        for text in ["ZZ", "XX", "EU", "UK", "no", "N", "NOR", "", "O ", "ÅL"] {
            assert!(!is_known(text), "{text}");
        }
    }

    #[test]
    fn every_country_with_rules_is_one() {
        assert!(crate::law::packs().iter().all(|pack| is_known(&pack.country)));
    }
}

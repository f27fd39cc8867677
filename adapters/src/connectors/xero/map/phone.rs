//! One phone number out of Xero's three pieces of free text.

use crate::connectors::{wire::text, xero::wire::Phone};

/// A mobile takes short messages, the default is the one to call; fax is none.
const PREFERRED: [&str; 4] = ["MOBILE", "DEFAULT", "DDI", "OFFICE"];

/// Longest number that the domain takes.
const MAX_PHONE: usize = 40;

/// The number to reach a contact by, as international as it is given. What is missing of it (the country, the trunk
/// zero) is settled where numbers are checked.
pub(super) fn preferred(phones: &[Phone]) -> Option<String> {
    let of_kind = |kind: &&str| phones.iter().filter(move |phone| phone.phone_type.as_deref() == Some(*kind)).find_map(whole);
    PREFERRED.iter().find_map(of_kind)
}

fn whole(phone: &Phone) -> Option<String> {
    let piece = |given: &Option<String>| text(given.as_deref(), MAX_PHONE);
    let number = piece(&phone.phone_number).filter(|number| number.contains(|char: char| char.is_ascii_digit()))?;
    // Whoever types the whole number into one box fills the others out of habit.
    if number.starts_with('+') || number.starts_with("00") {
        return Some(number);
    }
    let area = piece(&phone.phone_area_code);
    let country = piece(&phone.phone_country_code).and_then(|given| country_code(&given));
    let pieces = [country, area, Some(number)];
    text(Some(&pieces.into_iter().flatten().collect::<Vec<_>>().join(" ")), MAX_PHONE)
}

/// `64`, `+64`, `0064` and `(64)` are `+64`. The plans of E.164 have at most three digits.
fn country_code(given: &str) -> Option<String> {
    let digits: String = given.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_start_matches('0');
    (1..=3).contains(&digits.len()).then(|| format!("+{digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phone(kind: &str, country: &str, area: &str, number: &str) -> Phone {
        let some = |text: &str| Some(text.to_owned());
        Phone { phone_type: some(kind), phone_country_code: some(country), phone_area_code: some(area), phone_number: some(number) }
    }

    #[test]
    fn the_pieces_are_put_together_as_international_as_they_are_given() {
        for (country, area, number, expected) in [
            ("64", "021", "123 4567", Some("+64 021 123 4567")),
            ("+64", "21", "1234567", Some("+64 21 1234567")),
            ("0064", "(0)21", "1234567", Some("+64 (0)21 1234567")),
            ("", "(626)", "847-1294", Some("(626) 847-1294")),
            ("", "", "021 123 4567", Some("021 123 4567")),
            ("64", "21", "+64 21 123 4567", Some("+64 21 123 4567")),
            ("NZ", "09", "555 1234", Some("09 555 1234")),
            ("64", "21", "", None),
            ("64", "21", "n/a", None),
            ("", "", "   ", None),
        ] {
            assert_eq!(preferred(&[phone("DEFAULT", country, area, number)]).as_deref(), expected, "{country}/{area}/{number}");
        }
    }

    #[test]
    fn a_mobile_goes_before_the_default_and_fax_is_never_taken() {
        let numbers = [phone("DDI", "", "", "1"), phone("FAX", "", "", "2"), phone("DEFAULT", "", "", "3"), phone("MOBILE", "", "", "4")];
        assert_eq!(preferred(&numbers).as_deref(), Some("4"));
        assert_eq!(preferred(&numbers[..3]).as_deref(), Some("3"));
        assert_eq!(preferred(&numbers[..2]).as_deref(), Some("1"));
        assert_eq!(preferred(&numbers[1..2]), None);
        assert_eq!(
            preferred(&[phone("MOBILE", "64", "", ""), phone("DEFAULT", "", "", "5")]).as_deref(),
            Some("5"),
            "an empty one is none"
        );
    }
}

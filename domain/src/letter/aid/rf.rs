//! The creditor reference of ISO 11649: `RF`, two check digits by ISO 7064, up to 21 letters and digits. Banks of the
//! euro area carry it unchanged from the payer's form to the creditor's statement.

use super::digits::mod_97;

/// Most characters after the check digits.
pub const MAX_CHARS: usize = 21;

/// The reference that carries this text; blanks and signs are left out. None when nothing is left, or too much.
pub fn reference(text: &str) -> Option<String> {
    let body = plain(text);
    if body.is_empty() || body.len() > MAX_CHARS {
        return None;
    }
    let check = 98 - mod_97(&format!("{body}RF00"))?;
    Some(format!("RF{check:02}{body}"))
}

/// A reference as somebody wrote it, in its one spelling without blanks; none when its check digits do not fit.
pub fn verified(text: &str) -> Option<String> {
    let spelled: String = text.chars().filter(|char| !char.is_whitespace()).collect::<String>().to_ascii_uppercase();
    let body = spelled.strip_prefix("RF")?;
    let (check, body) = body.split_at_checked(2)?;
    let fits = check.bytes().all(|byte| byte.is_ascii_digit()) && (1..=MAX_CHARS).contains(&body.len());
    (fits && mod_97(&format!("{body}RF{check}"))? == 1).then_some(spelled)
}

/// Whether a spelling without blanks has the form of a creditor reference, right or wrong.
pub(super) fn looks_like_one(spelled: &str) -> bool {
    let check = spelled.strip_prefix("RF").and_then(|rest| rest.get(..2));
    check.is_some_and(|check| check.bytes().all(|byte| byte.is_ascii_digit())) && spelled.len() > 4
}

fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the article on creditor references, and the one of the Finnish banks' guide.
    const KNOWN: [(&str, &str); 2] = [("539007547034", "RF18539007547034"), ("2348231", "RF712348231")];

    #[test]
    fn check_digits_are_those_of_the_standard() {
        for (text, expected) in KNOWN {
            assert_eq!(reference(text).as_deref(), Some(expected));
            assert_eq!(verified(expected).as_deref(), Some(expected));
        }
        assert_eq!(verified("rf18 5390 0754 7034").as_deref(), Some("RF18539007547034"));
    }

    #[test]
    fn signs_are_left_out_and_nothing_too_long_is_cut() {
        assert_eq!(reference("D-1042"), reference("d1042"));
        assert_eq!(reference("-"), None);
        assert_eq!(reference(&"1".repeat(22)), None);
        assert!(reference(&"1".repeat(21)).is_some());
    }

    #[test]
    fn each_changed_digit_and_each_swap_of_neighbours_is_noticed() {
        let good = "RF18539007547034";
        for at in 2..good.len() {
            for digit in b'0'..=b'9' {
                let mut changed = good.as_bytes().to_vec();
                changed[at] = digit;
                assert_eq!(verified(&String::from_utf8_lossy(&changed)).is_some(), good.as_bytes()[at] == digit, "{at} {digit}");
            }
        }
        assert_eq!(verified("RF18530907547034"), None);
        for bad in ["", "RF", "RF18", "18539007547034", "RF1x539007547034", "RF185390Ä547034"] {
            assert_eq!(verified(bad), None, "{bad}");
        }
    }
}

//! KID, the customer identification of Norwegian payments: 2 to 25 digits of a length that the creditor agreed with the
//! bank, the last one a check digit by MOD10 or MOD11, whichever was agreed.

use serde::{Deserialize, Serialize};

use super::digits::{mod_10, mod_11};

/// Fewest and most characters, with the check digit.
pub const LENGTHS: std::ops::RangeInclusive<usize> = 2..=25;

/// How the check digit is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// Luhn: weights 2 and 1 from the right, sums of digits.
    Mod10,
    /// Weights 2 to 7 from the right; the check digit may be a minus.
    Mod11,
}

/// The KID of this length that carries a number. None when the number does not fit, or the length is none.
pub fn of(number: u64, length: usize, check: Check) -> Option<String> {
    let width = length.checked_sub(1).filter(|_| LENGTHS.contains(&length))?;
    let body = format!("{number:0width$}");
    (body.len() == width).then_some(())?;
    let digit = digit(&body, check)?;
    Some(format!("{body}{digit}"))
}

/// A KID as somebody wrote it, without blanks; none when it has another length or its check digit does not fit.
pub fn verified(text: &str, length: usize, check: Check) -> Option<String> {
    let spelled: String = text.chars().filter(|char| !char.is_whitespace()).collect();
    (spelled.len() == length && fits(&spelled, check)).then_some(spelled)
}

/// Whether a spelling without blanks has the form of a KID of this length, right or wrong.
pub(super) fn looks_like_one(spelled: &str, length: usize) -> bool {
    let body = spelled.strip_suffix('-').unwrap_or(spelled);
    spelled.len() == length && body.bytes().all(|byte| byte.is_ascii_digit())
}

fn fits(spelled: &str, check: Check) -> bool {
    let Some((at, last)) = spelled.char_indices().next_back() else { return false };
    LENGTHS.contains(&spelled.len()) && digit(&spelled[..at], check) == Some(last)
}

fn digit(body: &str, check: Check) -> Option<char> {
    match check {
        Check::Mod10 => mod_10(body),
        Check::Mod11 => mod_11(body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_those_that_one_calculates_by_hand() {
        // 6·2=12→3, 5, 4·2=8, 3, 2·2=4, 1 = 24, 30 − 24 = 6.
        assert_eq!(of(123_456, 7, Check::Mod10).as_deref(), Some("1234566"));
        // 234567: 7·2=14→5, 6, 5·2=10→1, 4, 3·2=6, 2 = 24 → 6.
        assert_eq!(of(234_567, 7, Check::Mod10).as_deref(), Some("2345676"));
        // 8·2+7·3+6·4+5·5+4·6+3·7+2·2+1·3 = 138, 138 mod 11 = 6, 11 − 6 = 5.
        assert_eq!(of(12_345_678, 9, Check::Mod11).as_deref(), Some("123456785"));
        // 6·2 = 12, 12 mod 11 = 1: the digit would be ten.
        assert_eq!(of(6, 2, Check::Mod11).as_deref(), Some("6-"));
        // Nothing over: the digit is zero, not eleven.
        assert_eq!(of(0, 5, Check::Mod11).as_deref(), Some("00000"));
    }

    #[test]
    fn numbers_are_filled_up_and_never_cut() {
        assert_eq!(of(1042, 10, Check::Mod10).map(|kid| kid.len()), Some(10));
        assert_eq!(of(1042, 5, Check::Mod10).as_deref(), Some("10421"));
        assert_eq!(of(1042, 4, Check::Mod10), None);
        assert_eq!(of(1, 1, Check::Mod10), None);
        assert_eq!(of(1, 26, Check::Mod10), None);
        assert!(of(u64::MAX, 25, Check::Mod11).is_some());
    }

    #[test]
    fn what_was_made_is_read_and_each_changed_digit_is_noticed() {
        for check in [Check::Mod10, Check::Mod11] {
            let good = of(20_261_042, 12, check).unwrap();
            assert_eq!(verified(&format!(" {} {} ", &good[..5], &good[5..]), 12, check), Some(good.clone()));
            assert_eq!(verified(&good, 13, check), None);
            for at in 0..good.len() {
                for digit in b'0'..=b'9' {
                    let mut changed = good.as_bytes().to_vec();
                    changed[at] = digit;
                    let text = String::from_utf8(changed).unwrap();
                    assert_eq!(verified(&text, 12, check).is_some(), text == good, "{check:?} {text}");
                }
            }
        }
        for bad in ["", "1", "12a4", "é", "-", "0-"] {
            let (length, check) = (bad.chars().count(), Check::Mod11);
            assert_eq!((verified(bad, length, Check::Mod10), verified(bad, length, check)), (None, None), "{bad}");
        }
    }
}

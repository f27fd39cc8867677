//! Check digits.

/// The remainder of a number by 97 that is written in digits and letters, A as 10 to Z as 35 (ISO 7064, MOD 97-10).
/// None when a character is neither.
pub(super) fn mod_97(text: &str) -> Option<u32> {
    text.chars().try_fold(0, |rest, char| {
        let value = char.to_digit(36)?;
        Some(if value < 10 { rest * 10 + value } else { rest * 100 + value } % 97)
    })
}

/// The check digit that makes a number pass Luhn's test, MOD10. None when a character is no digit.
pub(super) fn mod_10(number: &str) -> Option<char> {
    let sum = number.bytes().rev().enumerate().try_fold(0, |sum, (place, byte)| {
        let digit = digit(byte)?;
        let weighted = if place % 2 == 0 { digit * 2 } else { digit };
        Some(sum + weighted / 10 + weighted % 10)
    })?;
    char::from_digit((10 - sum % 10) % 10, 10)
}

/// The check character of MOD11 with the weights 2 to 7 from the right; a minus where a digit would have to be ten.
/// None when a character is no digit.
pub(super) fn mod_11(number: &str) -> Option<char> {
    let sum = number.bytes().rev().zip((2..=7).cycle()).try_fold(0, |sum, (byte, weight)| Some(sum + digit(byte)? * weight))?;
    match (11 - sum % 11) % 11 {
        10 => Some('-'),
        digit => char::from_digit(digit, 10),
    }
}

fn digit(byte: u8) -> Option<u32> {
    char::from(byte).to_digit(10)
}

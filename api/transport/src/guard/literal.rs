//! How strings and numbers are written, character by character.

/// Whether a token that begins like a string or number is one.
pub(super) fn is_well_formed(token: &str) -> bool {
    if let Some(rest) = token.strip_prefix("\"\"\"") {
        return rest.len() >= 3 && rest.ends_with("\"\"\"") && !rest.ends_with("\\\"\"\"");
    }
    if let Some(rest) = token.strip_prefix('"') {
        return is_string(rest);
    }
    is_number(token)
}

/// The rest of a string after its opening mark.
fn is_string(rest: &str) -> bool {
    let mut characters = rest.chars();
    loop {
        match characters.next() {
            Some('"') => return characters.next().is_none(),
            Some('\\') => match characters.next() {
                Some('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't') => {}
                Some('u') => match unicode(characters.as_str()) {
                    Some(after) => characters = after.chars(),
                    None => return false,
                },
                _ => return false,
            },
            None | Some('\n' | '\r') => return false,
            Some(_) => {}
        }
    }
}

/// What follows an escape that has begun with `\u`: four digits, two such for a pair of surrogates, or digits in braces.
fn unicode(text: &str) -> Option<&str> {
    if let Some(braced) = text.strip_prefix('{') {
        let (digits, after) = braced.split_once('}')?;
        let significant = digits.trim_start_matches('0');
        char::from_u32(if significant.is_empty() && !digits.is_empty() { 0 } else { hexadecimal(significant)? })?;
        return Some(after);
    }
    let (digits, after) = text.split_at_checked(4)?;
    let unit = hexadecimal(digits)?;
    if !(0xD800..0xDC00).contains(&unit) {
        return char::from_u32(unit).map(|_| after);
    }
    let (digits, after) = after.strip_prefix("\\u")?.split_at_checked(4)?;
    (0xDC00..0xE000).contains(&hexadecimal(digits)?).then_some(after)
}

fn hexadecimal(digits: &str) -> Option<u32> {
    let only_digits = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    if only_digits && digits.len() <= 8 { u32::from_str_radix(digits, 16).ok() } else { None }
}

fn is_number(token: &str) -> bool {
    let unsigned = token.strip_prefix('-').unwrap_or(token);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let (integer, fraction) = match mantissa.split_once('.') {
        Some((integer, fraction)) => (integer, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    digits(integer) && (integer == "0" || !integer.starts_with('0')) && fraction.is_none_or(digits) && exponent.is_none_or(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_no_leading_zeros_and_no_loose_ends() {
        for fine in ["0", "-0", "10", "-1", "0.5", "1.50", "1e3", "1E+3", "-1.5e-10"] {
            assert!(is_well_formed(fine), "{fine}");
        }
        for wrong in ["-", "00", "01", "-01", "1.", ".5", "1.e1", "1e", "1e+", "1.5.5", "1a", "0x1", "1_000", "--1"] {
            assert!(!is_well_formed(wrong), "{wrong}");
        }
    }

    #[test]
    fn escapes_name_characters_that_exist() {
        for fine in [
            r#""""#,
            r#""a""#,
            r#""\"""#,
            r#""\\""#,
            r#""\u0041""#,
            r#""\uD83D\uDE00""#,
            r#""\u{1F600}""#,
            r#""\u{0}""#,
            r#""\u{000000041}""#,
        ] {
            assert!(is_well_formed(fine), "{fine}");
        }
        for wrong in [
            "\"",
            "\"a",
            r#""\""#,
            r#""\x""#,
            r#""\u12""#,
            r#""\u{}""#,
            r#""\u{110000}""#,
            r#""\u{D800}""#,
            r#""\uD83D""#,
            r#""\uDE00""#,
            r#""\uD83D\u0041""#,
            r#""\u+123""#,
            "\"a\nb\"",
        ] {
            assert!(!is_well_formed(wrong), "{wrong}");
        }
    }

    #[test]
    fn block_strings_end_with_three_marks_of_their_own() {
        for fine in [r#""""""""#, r#""""a "b" ""c"" """"#, r#""""\""" """"#] {
            assert!(is_well_formed(fine), "{fine}");
        }
        for wrong in [r#"""""#, r#"""""""#, r#""""a"#, r#""""\""""#] {
            assert!(!is_well_formed(wrong), "{wrong}");
        }
    }
}

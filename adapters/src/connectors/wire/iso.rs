//! The spellings of dates and instants, read by shape: the calendar library's own reader lets through what no provider
//! writes, such as `2018-1-7`.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

/// Around the milliseconds of [`slashed`].
const FRAMES: [(&str, &str); 2] = [("/Date(", ")/"), (r"\/Date(", r")\/")];

/// Splits `2018-11-07` off the front.
pub(super) fn date(text: &str) -> Option<(NaiveDate, &str)> {
    let (head, rest) = text.split_at_checked(10)?;
    let (year, month, day) = (number(head.get(..4)?)?, number(head.get(5..7)?)?, number(head.get(8..)?)?);
    let is_dashed = head.get(4..5) == Some("-") && head.get(7..8) == Some("-");
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    is_dashed.then_some((date, rest))
}

/// Reads what may follow a date in an instant: `T` or a blank, `01:02:03`, up to nine decimals, and perhaps a zone, told
/// as seconds east of Greenwich.
pub(super) fn time(text: &str) -> Option<(NaiveTime, i32)> {
    let (head, rest) = text.strip_prefix(['T', 't', ' '])?.split_at_checked(8)?;
    let (hour, minute, second) = (number(head.get(..2)?)?, number(head.get(3..5)?)?, number(head.get(6..)?)?);
    let is_timed = head.get(2..3) == Some(":") && head.get(5..6) == Some(":");
    let (nanos, rest) = fraction(rest)?;
    let time = NaiveTime::from_hms_nano_opt(hour, minute, second, nanos)?;
    is_timed.then_some((time, zone(rest)?))
}

/// Splits `.1234567` off the front, as nanoseconds; nothing is nought.
fn fraction(text: &str) -> Option<(u32, &str)> {
    let Some(digits) = text.strip_prefix('.') else { return Some((0, text)) };
    let end = digits.find(|char: char| !char.is_ascii_digit()).unwrap_or(digits.len());
    let (digits, rest) = digits.split_at(end);
    if digits.is_empty() || digits.len() > 9 {
        return None;
    }
    Some((number(&format!("{digits:0<9}"))?, rest))
}

/// Reads `Z`, `+13:00`, `+1300` or nothing, which means UTC, as seconds east of Greenwich.
fn zone(text: &str) -> Option<i32> {
    if matches!(text, "" | "Z" | "z") { Some(0) } else { offset(text) }
}

fn offset(text: &str) -> Option<i32> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'+' => (1, text.get(1..)?),
        b'-' => (-1, text.get(1..)?),
        _ => return None,
    };
    let (hours, minutes) = rest.split_at_checked(2)?;
    let minutes = minutes.strip_prefix(':').unwrap_or(minutes);
    if minutes.len() != 2 {
        return None;
    }
    let (hours, minutes) = (i32::try_from(number(hours)?).ok()?, i32::try_from(number(minutes)?).ok()?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Reads `/Date(1419937200000+1300)/`: milliseconds since 1970 in UTC. The offset says where somebody sat, not when it
/// was; it is read and dropped. The slashes may still carry the backslashes of their JSON.
pub(super) fn slashed(text: &str) -> Option<DateTime<Utc>> {
    let inner = FRAMES.iter().find_map(|(open, close)| text.strip_prefix(open)?.strip_suffix(close))?;
    let sign_at = inner.get(1..)?.find(['+', '-']).map(|at| at + 1);
    let (millis, zone) = inner.split_at(sign_at.unwrap_or(inner.len()));
    let digits = millis.strip_prefix('-').unwrap_or(millis);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) || !(zone.is_empty() || offset(zone).is_some()) {
        return None;
    }
    DateTime::from_timestamp_millis(millis.parse().ok()?)
}

/// ASCII digits only.
fn number(digits: &str) -> Option<u32> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

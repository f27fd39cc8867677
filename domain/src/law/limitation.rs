//! After which day a claim is no longer chased, and when a person is warned.

use chrono::{Days, Months, NaiveDate};

use super::{pack::Pack, region::region};

/// The end of a claim's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Last day on which the claim can be enforced; chasing stops after it.
    pub ends_on: NaiveDate,
    /// From this day on a person is warned.
    pub warn_on: NaiveDate,
    /// Whether the debt itself is gone then.
    pub extinguishes: bool,
}

/// The end of a claim that fell due, or whose period began anew by acknowledgement or a legal step, on a day. None
/// where no period is on file: nothing is watched then. A place whose region is unknown takes the country's rule.
pub fn limitation(pack: &Pack, place: Option<&str>, since: NaiveDate) -> Option<Limit> {
    let code = place.and_then(|text| region(&pack.country, text));
    let held: Vec<_> = pack.limitation.iter().filter(|rule| rule.ground.holds_on(since)).collect();
    let of = |code: Option<&str>| held.iter().find(|rule| rule.region.as_deref() == code);
    let rule = code.and_then(|code| of(Some(code))).or_else(|| of(None))?;
    // A claim of 29 February ends on the 28th: a day early is a warning, a day late a lost claim.
    let ends_on = since.checked_add_months(Months::new(rule.years.checked_mul(12)?))?;
    let warn_on = ends_on.checked_sub_days(Days::new(rule.warn_days.into()))?;
    Some(Limit { ends_on, warn_on, extinguishes: rule.extinguishes })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::law::pack;

    #[test]
    fn the_period_is_the_places() {
        for (country, place, since, ends_on, extinguishes) in [
            ("NO", None, "2024-02-29", Some("2027-02-28"), false),
            ("NO", Some("Oslo"), "2024-03-01", Some("2027-03-01"), false),
            ("AU", None, "2020-06-30", Some("2026-06-30"), false),
            ("AU", Some("Northern Territory"), "2020-06-30", Some("2023-06-30"), false),
            ("AU", Some("nsw"), "2020-06-30", Some("2026-06-30"), true),
            ("AU", Some("Neverland"), "2020-06-30", Some("2026-06-30"), false),
            ("DE", None, "2020-06-30", None, false),
            ("NZ", None, "2020-06-30", None, false),
            ("GB", None, "2020-06-30", None, false),
        ] {
            let limit = limitation(pack(country).unwrap(), place, since.parse().unwrap());
            let expected = ends_on.map(|end| (end.parse::<NaiveDate>().unwrap(), extinguishes));
            assert_eq!(limit.map(|limit| (limit.ends_on, limit.extinguishes)), expected, "{country} {place:?}");
            assert!(limit.is_none_or(|limit| limit.warn_on < limit.ends_on));
        }
    }
}

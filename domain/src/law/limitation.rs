//! After which day a claim is no longer chased, and when a person is warned.

use chrono::{Days, Months, NaiveDate};

use super::pack::Pack;

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
/// where no period is on file: nothing is watched then. `region` is a code of the pack's country; without one, or where
/// it has no rule of its own, the country's holds.
pub fn limitation(pack: &Pack, region: Option<&str>, since: NaiveDate) -> Option<Limit> {
    let held: Vec<_> = pack.limitation.iter().filter(|rule| rule.ground.holds_on(since)).collect();
    let of = |code: Option<&str>| held.iter().find(|rule| rule.region.as_deref() == code);
    let rule = region.and_then(|code| of(Some(code))).or_else(|| of(None))?;
    // A claim of 29 February ends on the 28th: a day early is a warning, a day late a lost claim.
    let ends_on = since.checked_add_months(Months::new(rule.years.checked_mul(12)?))?;
    let warn_on = ends_on.checked_sub_days(Days::new(rule.warn_days.into()))?;
    Some(Limit { ends_on, warn_on, extinguishes: rule.extinguishes })
}

/// Claims that fell due on this day or before it, and no others, may have come near their end by `today` somewhere in
/// the country; a few days more are within it. None where nothing is watched.
pub fn limitation_reach(pack: &Pack, today: NaiveDate) -> Option<NaiveDate> {
    let reaches = pack.limitation.iter().filter_map(|rule| {
        let warned_of = today.checked_add_days(Days::new(rule.warn_days.into()))?;
        warned_of.checked_sub_months(Months::new(rule.years.checked_mul(12)?))
    });
    // Months end on different days: what fell due on the 29th ends on the 28th.
    reaches.max()?.checked_add_days(Days::new(3))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use proptest::prelude::*;

    use super::*;
    use crate::law::{pack, packs, region};

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
            let code = place.and_then(|text| region(country, text));
            let limit = limitation(pack(country).unwrap(), code, since.parse().unwrap());
            let expected = ends_on.map(|end| (end.parse::<NaiveDate>().unwrap(), extinguishes));
            assert_eq!(limit.map(|limit| (limit.ends_on, limit.extinguishes)), expected, "{country} {place:?}");
            assert!(limit.is_none_or(|limit| limit.warn_on < limit.ends_on));
        }
    }
    proptest! {
        #[test]
        fn the_reach_misses_no_claim_that_is_near_its_end(due in 0u64..4_000, ahead in 0u64..4_000) {
            let since = "2018-01-01".parse::<NaiveDate>().unwrap() + Days::new(due);
            let today = since + Days::new(ahead);
            for pack in packs() {
                let codes = pack.limitation.iter().map(|rule| rule.region.as_deref());
                let near = codes.into_iter().filter_map(|code| limitation(pack, code, since)).any(|limit| limit.warn_on <= today);
                prop_assert!(!near || limitation_reach(pack, today).is_some_and(|reach| since <= reach), "{} {since} {today}", pack.country);
            }
        }
    }
}

//! The rules that a claim follows: rates, their first day, and the order of settlement, from the country's pack and the
//! tenant's settings.

use chrono::NaiveDate;
use entity::DebtorKind;

use super::settings::Interest;
use crate::law::{self, DayCount, Pack, Part, RatePeriod};

/// The rules of one claim.
#[derive(Debug, Clone)]
pub(super) struct Terms {
    pub(super) pack: Option<&'static Pack>,
    /// None: no interest is owed at all.
    pub(super) rates: Option<Vec<RatePeriod>>,
    pub(super) fixed_at_start: bool,
    pub(super) day_count: DayCount,
    pub(super) order: [Part; 3],
    contract: bool,
}

impl Terms {
    pub(super) fn of(country: &str, debtor: DebtorKind, interest: Interest) -> Self {
        let pack = law::pack(country);
        Self {
            pack,
            rates: match interest {
                Interest::None => None,
                Interest::Statutory => pack.and_then(|pack| law::statutory_rates(pack, debtor)),
                Interest::Contract(ppm) => Some(vec![RatePeriod::always(ppm)]),
            },
            fixed_at_start: interest == Interest::Statutory && pack.is_some_and(|pack| pack.interest.fixed_at_start),
            day_count: pack.map_or(DayCount::Act365, |pack| pack.interest.day_count),
            order: law::settlement_order(pack),
            contract: matches!(interest, Interest::Contract(_)),
        }
    }

    /// The first day that bears interest: as the pack says, which for Germany is the day after the first demand, or for
    /// businesses the thirty-first after the due date when that is earlier (BGB § 286: whether a consumer's invoice
    /// warned of it is not known here). A contract's interest runs from the day after the due date where the pack says
    /// nothing about such a debtor.
    pub(super) fn starts(&self, debtor: DebtorKind, due_on: NaiveDate, first_demand_on: Option<NaiveDate>) -> Option<NaiveDate> {
        match self.pack.filter(|pack| pack.interest.starts.of(debtor).is_some()) {
            Some(pack) => law::interest_starts(pack, debtor, due_on, first_demand_on),
            None if self.contract => due_on.succ_opt(),
            None => None,
        }
    }

    /// The revision that decisions store.
    pub(super) fn revision(&self) -> String {
        self.pack.map(|pack| pack.revision.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_pack_and_the_setting_make_the_rates() {
        use DebtorKind::{Business, Consumer};
        for (country, debtor, interest, rated) in [
            ("DE", Business, Interest::Statutory, true),
            ("DE", Consumer, Interest::Statutory, true),
            ("GB", Consumer, Interest::Statutory, false),
            ("GB", Consumer, Interest::Contract(1), true),
            ("AU", Business, Interest::Statutory, false),
            ("US", Business, Interest::Statutory, false),
            ("DE", Business, Interest::None, false),
        ] {
            assert_eq!(Terms::of(country, debtor, interest).rates.is_some(), rated, "{country} {debtor:?} {interest:?}");
        }
        let german = Terms::of("DE", DebtorKind::Business, Interest::Statutory).rates.unwrap();
        assert!(german.iter().any(|rate| rate.ppm == 102_700));
    }

    #[test]
    fn a_contract_runs_from_the_day_after_due_where_the_law_is_silent() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let starts =
            |country, interest| Terms::of(country, DebtorKind::Consumer, interest).starts(DebtorKind::Consumer, day("2026-03-01"), None);
        assert_eq!(starts("NZ", Interest::Contract(1)), Some(day("2026-03-02")));
        assert_eq!(starts("US", Interest::Contract(1)), Some(day("2026-03-02")));
        assert_eq!(starts("NZ", Interest::Statutory), None);
        assert_eq!(starts("DE", Interest::Contract(1)), None, "default begins with a demand");
    }
}

//! When contact is open at a debtor's place: the tenant's hours, cut down to the rule pack's, without holidays.
//!
//! Holidays are on file for some years alone ([`law::HOLIDAY_YEARS`]). Where the law closes on them, a day of another year
//! is closed, for it may be one; where only the tenant's courtesy does, it is open, as in countries without a file.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc};

use super::{ContactHours, HORIZON_DAYS, Place, instant, latest_instant, local_date};
use crate::law::{self, Closed};

/// The openings of contact with debtors of one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Openings {
    hours: ContactHours,
    place: Place,
    skip_holidays: bool,
}

/// Why a day has no opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClosedBecause {
    /// A public holiday, by its name there, that the tenant skips or the law closes.
    Holiday(&'static str),
    /// The law closes on holidays, and those of that year are not on file: a newer release may have them.
    HolidaysUnknown,
    /// The tenant's hours have no window on that weekday.
    TenantsHours,
    /// The tenant's windows lie outside of those that the country allows, or clocks skip them.
    Law,
}

impl Openings {
    /// The openings of a place: the tenant's hours there, and whether the tenant makes no contact on holidays.
    pub fn new(hours: ContactHours, place: Place, skip_holidays: bool) -> Self {
        Self { hours, place, skip_holidays }
    }

    /// The place.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The instant itself when contact is open then, otherwise the next opening; none when there is none within a
    /// year.
    pub fn next_open(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        // An opening of yesterday may last into today where clocks are set back over midnight.
        let today = local_date(self.place.zone, at);
        let first = today.pred_opt().unwrap_or(today);
        self.starting(first).find_map(|(from, to)| (to > at).then_some(from.max(at)))
    }

    /// The first opening on the day or after it.
    pub fn opening_from(&self, day: NaiveDate) -> Option<DateTime<Utc>> {
        self.starting(day).next().map(|(from, _)| from)
    }

    /// Whether contact is open.
    pub fn is_open(&self, at: DateTime<Utc>) -> bool {
        self.next_open(at) == Some(at)
    }

    /// The name of the holiday that a day is at the place, whether contact is closed or not.
    pub fn holiday(&self, day: NaiveDate) -> Option<&'static str> {
        law::holiday(&self.place.country, self.place.region, day)
    }

    /// Why a day has no opening; none when it has.
    pub fn closed_because(&self, day: NaiveDate) -> Option<ClosedBecause> {
        if let Some(name) = self.closing_holiday(day) {
            return Some(ClosedBecause::Holiday(name));
        }
        if self.may_close(day) {
            return Some(ClosedBecause::HolidaysUnknown);
        }
        if !self.hours.windows().iter().any(|window| u32::from(window.weekday) == day.weekday().number_from_monday()) {
            return Some(ClosedBecause::TenantsHours);
        }
        self.windows_on(day).is_empty().then_some(ClosedBecause::Law)
    }

    /// The windows of a day, in local time and in order.
    pub fn windows_on(&self, day: NaiveDate) -> Vec<(NaiveTime, NaiveTime)> {
        if self.closing_holiday(day).is_some() || self.may_close(day) {
            return Vec::new();
        }
        let weekday = u8::try_from(day.weekday().number_from_monday()).unwrap_or(1);
        let chosen = self.hours.windows().iter().filter(|window| window.weekday == weekday).map(|window| (window.from, window.to));
        let Some(rule) = self.rule(day) else { return chosen.collect() };
        let allowed = || rule.windows.iter().filter(|window| window.weekdays.contains(&weekday));
        let cut = chosen.flat_map(|(from, to)| allowed().map(move |window| (from.max(window.from), to.min(window.to))));
        cut.filter(|(from, to)| from < to).collect()
    }

    fn rule(&self, day: NaiveDate) -> Option<&'static law::Contact> {
        law::pack(&self.place.country).and_then(|pack| pack.contact_on(day))
    }

    /// Whether a day may be a holiday that the law closes, for nobody knows.
    fn may_close(&self, day: NaiveDate) -> bool {
        let by_law = self.rule(day).is_some_and(|rule| rule.closed_on != Closed::None);
        by_law && !law::holidays_known(&self.place.country, day)
    }

    fn closing_holiday(&self, day: NaiveDate) -> Option<&'static str> {
        let closed = if self.skip_holidays { Closed::All } else { self.rule(day).map(|rule| rule.closed_on).unwrap_or_default() };
        match closed {
            Closed::None => None,
            Closed::National => law::national_holiday(&self.place.country, day),
            Closed::All => self.holiday(day).or_else(|| law_closes(self.rule(day), &self.place.country, day)),
        }
    }

    fn starting(&self, first: NaiveDate) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> + '_ {
        let days = (0..HORIZON_DAYS).filter_map(move |n| first.checked_add_days(Days::new(n)));
        days.flat_map(move |day| {
            let zone = self.place.zone;
            let open = self.windows_on(day).into_iter().map(move |(from, to)| (latest_instant(zone, day, from), instant(zone, day, to)));
            open.filter(|(from, to)| from < to)
        })
    }
}

/// A holiday of the whole country closes where the law says so, even where the debtor's region keeps it on another day.
fn law_closes(rule: Option<&law::Contact>, country: &str, day: NaiveDate) -> Option<&'static str> {
    rule.filter(|rule| rule.closed_on == Closed::National).and_then(|_| law::national_holiday(country, day))
}

#[cfg(test)]
#[path = "openings_tests.rs"]
mod tests;

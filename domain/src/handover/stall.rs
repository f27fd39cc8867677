//! Two business days: a hand-over that the agency has not accepted by then is told to people, once, with whom to ask.

use chrono::{DateTime, Datelike, Days, Utc, Weekday};
use chrono_tz::Tz;

use super::Held;
use crate::{
    agency, calendar,
    error::Result,
    event::{Happened, kind},
    tenant,
};

/// Business days that an agency has to accept.
const BUSINESS_DAYS: u32 = 2;

/// The end of the second business day after the day of the confirmation, in the tenant's zone.
pub fn stalls_at(zone: Tz, confirmed_at: DateTime<Utc>) -> DateTime<Utc> {
    let mut day = calendar::local_date(zone, confirmed_at);
    let mut left = BUSINESS_DAYS;
    while left > 0 {
        day = day + Days::new(1);
        left -= u32::from(!matches!(day.weekday(), Weekday::Sat | Weekday::Sun));
    }
    calendar::day_start(zone, day + Days::new(1))
}

impl Held<'_> {
    /// Promises the next look, not later than the alert; and alerts when its time has come.
    pub(super) async fn look_again(&mut self, at: Option<DateTime<Utc>>) -> Result<()> {
        self.row.next_action_at = at;
        if self.row.stalled_at.is_some() {
            return Ok(());
        }
        let zone = calendar::zone(&tenant::find(&self.change.tx, self.change.tenant).await?.time_zone)?;
        let stalls_at = stalls_at(zone, self.row.confirmed_at.unwrap_or(self.row.offered_at));
        if self.change.now < stalls_at {
            self.row.next_action_at = Some(at.map_or(stalls_at, |at| at.min(stalls_at)));
            return Ok(());
        }
        let agency = agency::find(&self.change.tx, self.change.tenant, self.row.agency_id).await?;
        self.row.stalled_at = Some(self.change.now);
        self.mark(Some("HANDOVER_STALLED")).await?;
        let happened = Happened::new(kind::HANDOVER_STALLED).case(&self.case).subject(self.row.id.0);
        self.change.record(happened.with("supportContact", agency.support_contact).with("code", self.row.error_code.clone()));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn weekends_do_not_count_and_the_second_day_is_whole() {
        for (confirmed, alert) in [
            // Monday noon in Oslo: Tuesday, Wednesday.
            ("2026-11-16T11:00:00Z", "2026-11-18T23:00:00Z"),
            // Thursday: Friday, Monday.
            ("2026-11-19T11:00:00Z", "2026-11-23T23:00:00Z"),
            // Saturday: Monday, Tuesday.
            ("2026-11-21T11:00:00Z", "2026-11-24T23:00:00Z"),
        ] {
            assert_eq!(stalls_at(Tz::Europe__Oslo, confirmed.parse().unwrap()), alert.parse::<DateTime<Utc>>().unwrap(), "{confirmed}");
        }
    }
}

//! Where a broken run goes on. What was settled when it began (the day, the mark) stays settled, so that a page pulled
//! again in another process gives the same records.

use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta, Utc};
use domain::{RefusalCode, port::SourceError};
use serde::{Deserialize, Serialize};

/// Grows when the meaning of what is written changes.
const VERSION: u32 = 1;

/// How far back the next pull of changes reaches before this one's beginning: more than clocks differ and than GO takes
/// to show what it wrote.
pub(super) const OVERLAP: TimeDelta = TimeDelta::minutes(2);

/// What is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stage {
    Ledger,
    Customers,
    Wanted,
    End,
}

/// As written into a run's row, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    version: u32,
    pub stage: Stage,
    /// Of records that changed after this instant; none for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<DateTime<Utc>>,
    /// The page among them, from 1; for wanted records, how many of them are done.
    pub page: usize,
    /// The day whose open items are read.
    pub day: NaiveDate,
    /// Where the next pull of changes begins.
    pub mark: DateTime<Utc>,
    pub rows_done: u64,
}

impl Position {
    pub fn start(stage: Stage, after: Option<DateTime<Utc>>, day: NaiveDate, now: DateTime<Utc>) -> Self {
        let page = usize::from(stage != Stage::Wanted);
        Self { version: VERSION, stage, after, page, day, mark: now - OVERLAP, rows_done: 0 }
    }

    pub fn parse(text: &str) -> Result<Self, SourceError> {
        serde_json::from_str(text).ok().filter(|position: &Self| position.version == VERSION).ok_or_else(|| SourceError::Refused {
            code: RefusalCode::Invalid.as_str().into(),
            message: "the place to go on at was written by another version: start the sync again".into(),
        })
    }

    pub fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Moves behind a page of the ledger, which is in the order of change, whose last record changed at `last`; false when it was the
    /// list's last page.
    ///
    /// The next page begins at that instant instead of counting on: records that leave the list meanwhile would pull
    /// others over the edge of a counted page, and those would be lost. Records of the very instant come twice. Only
    /// where a whole page has one instant, or none that can be read, is the page counted on.
    pub fn pass(&mut self, full: bool, last: Option<DateTime<Utc>>) -> bool {
        let before = last.map(|last| last - TimeDelta::microseconds(1));
        match before.filter(|before| self.after.is_none_or(|after| after < *before)) {
            _ if !full => return false,
            Some(before) => (self.after, self.page) = (Some(before), 1),
            None => self.page += 1,
        }
        true
    }

    pub fn go(&mut self, stage: Stage, after: Option<DateTime<Utc>>) {
        (self.stage, self.after, self.page) = (stage, after, 1);
    }
}

/// A mark as the next pull of changes gets it back, and as GO's filters take it.
pub(super) fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Reads a mark.
pub(super) fn mark(text: &str) -> Result<DateTime<Utc>, SourceError> {
    DateTime::parse_from_rfc3339(text).map(|at| at.to_utc()).map_err(|_| SourceError::Refused {
        code: RefusalCode::Invalid.as_str().into(),
        message: "the mark to go on from is not one of ours: read everything instead".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn the_next_page_begins_at_the_last_instant_and_counts_only_within_one() {
        let now = at("2026-11-21T10:00:00Z");
        let mut position = Position::start(Stage::Ledger, None, now.date_naive(), now);
        assert!(position.pass(true, Some(at("2026-11-20T08:00:00.5Z"))));
        assert_eq!((position.after, position.page), (Some(at("2026-11-20T08:00:00.499999Z")), 1));
        assert!(position.pass(true, Some(at("2026-11-20T08:00:00.5Z"))));
        assert_eq!((position.after, position.page), (Some(at("2026-11-20T08:00:00.499999Z")), 2), "a whole page of one instant");
        assert!(position.pass(true, Some(at("2026-11-20T09:00:00Z"))));
        assert_eq!(position.page, 1);
        assert!(position.pass(true, None), "a whole page that cannot be read");
        assert_eq!(position.page, 2);
        assert!(!position.pass(false, Some(now)));
    }

    #[test]
    fn what_is_written_is_read_back_and_nothing_else() {
        let now = at("2026-11-21T10:00:00Z");
        let position = Position::start(Stage::Wanted, Some(now), now.date_naive(), now);
        assert_eq!(Position::parse(&position.write()), Ok(position.clone()));
        assert_eq!((position.page, stamp(position.mark)), (0, "2026-11-21T09:58:00.000000Z".into()));
        for text in ["", "{}", "page=2", &position.write().replace("\"version\":1", "\"version\":2")] {
            assert!(Position::parse(text).is_err(), "{text}");
        }
    }
}

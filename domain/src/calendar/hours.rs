//! The hours of contact that a tenant chose. When contact is open is a matter of the place too: [`super::Openings`].

use chrono::NaiveTime;
use serde::{Deserialize, Serialize};

use crate::error::{Refusal, RefusalCode, Result};

/// One stretch of a weekday in which contact is allowed, in the debtor's local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactWindow {
    /// 1 Monday to 7 Sunday.
    pub weekday: u8,
    /// First moment.
    pub from: NaiveTime,
    /// First moment after.
    pub to: NaiveTime,
}

/// The hours of contact of a tenant, sorted by weekday and time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContactHours(Vec<ContactWindow>);

impl Default for ContactHours {
    /// Monday to Friday, nine to five: inside every rule pack's hours.
    fn default() -> Self {
        let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or(NaiveTime::MIN);
        Self((1..=5).map(|weekday| ContactWindow { weekday, from: at(9), to: at(17) }).collect())
    }
}

impl ContactHours {
    /// Takes windows as a person gave them.
    ///
    /// # Errors
    ///
    /// `INVALID` for a weekday outside 1 to 7, a window that ends before it starts, or none at all; `LIMIT_EXCEEDED`
    /// for more than 28.
    pub fn new(mut windows: Vec<ContactWindow>) -> Result<Self, Refusal> {
        if windows.is_empty() {
            return Err(
                Refusal::new(RefusalCode::Invalid, "at least one window is needed, otherwise no letter ever leaves").at("contactHours")
            );
        }
        if windows.len() > 28 {
            return Err(Refusal::new(RefusalCode::LimitExceeded, "at most 28 windows").at("contactHours"));
        }
        if windows.iter().any(|w| !(1..=7).contains(&w.weekday) || w.from >= w.to) {
            let message = "a window has a weekday from 1 (Monday) to 7 (Sunday) and ends after it starts";
            return Err(Refusal::new(RefusalCode::Invalid, message).at("contactHours"));
        }
        windows.sort_by_key(|w| (w.weekday, w.from));
        Ok(Self(windows))
    }

    /// The windows.
    pub fn windows(&self) -> &[ContactWindow] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn windows_that_never_open_are_refused() {
        let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
        assert!(ContactHours::new(vec![]).is_err());
        assert!(ContactHours::new(vec![ContactWindow { weekday: 8, from: at(9), to: at(10) }]).is_err());
        assert!(ContactHours::new(vec![ContactWindow { weekday: 1, from: at(10), to: at(10) }]).is_err());
    }
}

//! What a person should know of the charges that they switched on: rates above the law's, rights that are not there,
//! figures that are not on file. Advice, not refusals.

use chrono::NaiveDate;
use entity::DebtorKind;

use super::settings::{ChargeSettings, Interest, percent};
use crate::law::{self, WhyNoRate};

/// Something worth knowing about a tenant's charges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Stable.
    pub code: NoteCode,
    /// For people.
    pub message: String,
}

/// What a note is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteCode {
    /// The contract's rate is above the law's.
    AboveStatutoryRate,
    /// The law gives no right to interest, or not from all debtors.
    NoStatutoryRight,
    /// The statutory rate of the day is not on file: days without one bear no interest.
    RateMissing,
    /// The country has no fixed sum on file.
    NoFixedSum,
}

/// The notes for a country and a day.
pub fn notes(settings: &ChargeSettings, country: &str, day: NaiveDate) -> Vec<Note> {
    let mut notes = Vec::new();
    for debtor in [DebtorKind::Consumer, DebtorKind::Business] {
        notes.extend(of_interest(settings.interest, country, debtor, day));
    }
    if settings.fixed_sum && law::pack(country).is_none_or(|pack| pack.fixed_sum.is_empty()) {
        let message = format!("no fixed sum for late payment is on file for {country}: none is charged");
        notes.push(Note { code: NoteCode::NoFixedSum, message });
    }
    notes
}

fn of_interest(interest: Interest, country: &str, debtor: DebtorKind, day: NaiveDate) -> Option<Note> {
    let from = match debtor {
        DebtorKind::Consumer => "consumers",
        DebtorKind::Business => "businesses",
    };
    let statutory = law::pack(country).map(|pack| law::rate_on(pack, debtor, day));
    let (code, message) = match (interest, statutory) {
        (Interest::Statutory, None) => (NoteCode::NoStatutoryRight, format!("no statutory interest is on file for {country}")),
        (Interest::Statutory, Some(Err(error))) => match error.why {
            WhyNoRate::NotOnFile => (NoteCode::RateMissing, error.to_string()),
            WhyNoRate::NoRight | WhyNoRate::NotFromThisKind => (NoteCode::NoStatutoryRight, error.to_string()),
        },
        (Interest::Contract(ppm), Some(Ok(rate))) if ppm > rate.ppm => {
            let (asked, law) = (percent(ppm), percent(rate.ppm));
            (NoteCode::AboveStatutoryRate, format!("{asked} % is above the statutory {law} % for {from}: letters to them must say why"))
        }
        _ => return None,
    };
    Some(Note { code, message })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn people_are_told_what_their_settings_mean_in_their_country() {
        use NoteCode::{AboveStatutoryRate, NoFixedSum, NoStatutoryRight, RateMissing};
        let codes = |interest, country, day: &str| {
            let settings = ChargeSettings { interest, fixed_sum: true, ..ChargeSettings::default() };
            notes(&settings, country, day.parse().unwrap()).into_iter().map(|note| note.code).collect::<Vec<_>>()
        };
        assert_eq!(codes(Interest::Statutory, "DE", "2026-03-01"), []);
        assert_eq!(codes(Interest::Statutory, "DE", "2026-11-22"), [RateMissing, RateMissing]);
        assert_eq!(codes(Interest::Statutory, "GB", "2026-11-22"), [NoStatutoryRight], "consumers owe none");
        assert_eq!(codes(Interest::Statutory, "NZ", "2026-11-22"), [NoStatutoryRight, NoStatutoryRight, NoFixedSum]);
        assert_eq!(codes(Interest::Contract(80_000), "DE", "2026-03-01"), [AboveStatutoryRate], "above the consumers' 6.27 %");
        assert_eq!(codes(Interest::None, "US", "2026-03-01"), [NoFixedSum]);
    }
}

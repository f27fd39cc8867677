//! The ladders that the market sells, as data. A new tenant starts with its country's; anybody may start from any.

use std::sync::LazyLock;

use serde::Deserialize;

use super::Ladder;

/// A ladder to start from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// Names it for good, for example `notice_first`.
    pub key: String,
    /// Shown to people.
    pub name: String,
    /// What it does, in a sentence.
    pub summary: String,
    /// The countries (ISO 3166-1 alpha-2) whose new tenants start with it.
    pub countries: Vec<String>,
    /// Where it was seen.
    pub source: Vec<String>,
    /// Its steps.
    pub ladder: Ladder,
}

/// In the order in which they are offered; the first is what tenants of a country without one start with.
const FILES: [(&str, &str); 4] = [
    ("three_weekly", include_str!("presets/three_weekly.toml")),
    ("reminders_to_handover", include_str!("presets/reminders_to_handover.toml")),
    ("notice_first", include_str!("presets/notice_first.toml")),
    ("direct_agency", include_str!("presets/direct_agency.toml")),
];

static PRESETS: LazyLock<Vec<Preset>> = LazyLock::new(|| {
    let read = |(key, text): (&str, &str)| toml::from_str(text).unwrap_or_else(|error| panic!("preset {key}: {error}"));
    FILES.into_iter().map(read).collect()
});

/// Every preset.
pub fn presets() -> &'static [Preset] {
    &PRESETS
}

/// The preset with this key.
pub fn preset(key: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.key == key)
}

/// The preset that a new tenant of the country starts with.
pub fn preset_of(country: &str) -> &'static Preset {
    PRESETS.iter().find(|preset| preset.countries.iter().any(|c| c == country)).unwrap_or(&PRESETS[0])
}

fn ladder(key: &str) -> Ladder {
    preset(key).map_or_else(|| panic!("there is no preset {key}"), |preset| preset.ladder.clone())
}

/// Three weekly letters, as iCollect sells them (day 1, 7 and 14, then the creditor decides).
pub fn three_weekly_letters() -> Ladder {
    ladder("three_weekly")
}

/// Reminder, reminder, collection letter, final demand, hand-over, seven days apart, as IODM sells it.
pub fn reminder_to_handover() -> Ladder {
    ladder("reminders_to_handover")
}

/// The collection notice first, with the fourteen days that Norwegian law demands (inkassoloven § 9), never by SMS
/// alone.
pub fn notice_first() -> Ladder {
    ladder("notice_first")
}

/// One friendly reminder, then the agency, as Debtist sells it.
pub fn direct_agency() -> Ladder {
    ladder("direct_agency")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use entity::{Channel, LetterKind, StepAction};

    use super::*;

    #[test]
    fn each_file_is_the_preset_that_it_is_named_after() {
        for (preset, (key, _)) in presets().iter().zip(FILES) {
            assert_eq!(preset.key, key);
            assert!(!preset.source.is_empty() && !preset.summary.is_empty());
        }
    }

    #[test]
    fn a_new_tenant_gets_what_its_market_sells() {
        let of = |country| preset_of(country).key.as_str();
        let expected = ["three_weekly", "reminders_to_handover", "reminders_to_handover", "notice_first", "direct_agency", "three_weekly"];
        assert_eq!(["NZ", "AU", "GB", "NO", "DE", "US"].map(of), expected);
    }

    #[test]
    fn the_ladders_are_those_of_the_market() {
        let kinds = |ladder: &Ladder| ladder.steps.iter().map(|s| s.kind).collect::<Vec<_>>();
        let (reminder, demand, last) = (LetterKind::Reminder, LetterKind::LetterOfDemand, LetterKind::FinalDemand);
        assert_eq!(kinds(&three_weekly_letters()), [demand, demand, last]);
        let iodm = reminder_to_handover();
        assert_eq!(kinds(&iodm), [reminder, reminder, demand, last]);
        assert!(iodm.steps.iter().all(|s| s.channels.contains(&Channel::Sms)), "a short message at each");
        assert_eq!(iodm.steps.iter().map(|s| s.wait_days).collect::<Vec<_>>(), [0, 7, 7, 7]);
        assert_eq!(iodm.handover_after_days, Some(7));
        let actions: Vec<_> = direct_agency().steps.iter().map(|s| s.action).collect();
        assert_eq!(actions, [StepAction::SendLetter, StepAction::OfferHandover]);
    }

    #[test]
    fn the_norwegian_notice_gives_fourteen_days_and_hand_over_comes_after_them() {
        let ladder = notice_first();
        assert!(ladder.steps[0].pay_within_days >= 14);
        assert!(ladder.handover_after_days.unwrap() > ladder.steps[0].pay_within_days);
        assert!(ladder.steps[0].channels.iter().chain(&ladder.steps[0].fallback).all(|c| *c != Channel::Sms));
    }
}

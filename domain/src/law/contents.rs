//! What letters must say.

use chrono::NaiveDate;
use entity::{DebtorKind, LetterKind};
use serde::{Deserialize, Serialize};

use super::pack::Pack;

/// Something that a letter must say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// The headline of the rule, word for word, and no other ([`super::Notice::heading`]).
    Heading,
    /// That the claim goes to collection and that costs may follow.
    CollectionAndCostsWarning,
    /// The principal, with no fee in it.
    PrincipalWithoutFees,
    /// The last day for paying.
    PayByDate,
    /// The creditor's name and address (RDG § 13a (1) 1).
    ClientNameAndAddress,
    /// The claim's ground, its object and the date of the contract (2).
    GroundObjectAndContractDate,
    /// On what sum, at what rate and for which time interest is asked (3).
    InterestCalculation,
    /// A note where the rate is above the statutory one, and why (4).
    RateAboveStatutory,
    /// Kind, amount and reason of the costs (5).
    CostsWithReason,
    /// Whether value-added tax is in the costs, and why (6).
    VatStatement,
    /// Where the address was found when the debtor did not give it, and how to correct it (7).
    AddressOrigin,
    /// The supervisory authority's name, address and electronic contact (8).
    SupervisoryAuthority,
}

/// What a letter of a kind must say to a debtor of a kind on a day; `first` when it is the first letter of its case.
pub fn required_contents(pack: &Pack, letter: LetterKind, debtor: DebtorKind, first: bool, day: NaiveDate) -> Vec<Content> {
    let rules = pack.contents.iter().filter(|rule| rule.ground.holds_on(day));
    let rules = rules.filter(|rule| rule.letters.contains(&letter) && rule.debtors.contains(&debtor) && (first || !rule.first_letter_only));
    rules.flat_map(|rule| rule.items.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::law::pack;

    #[test]
    fn the_first_german_letter_to_a_person_holds_eight_items() {
        let on = |text: &str| text.parse().unwrap();
        let german = pack("DE").unwrap();
        let count = |debtor, first, day: &str| required_contents(german, LetterKind::LetterOfDemand, debtor, first, on(day)).len();
        assert_eq!(count(DebtorKind::Consumer, true, "2026-11-22"), 8);
        assert_eq!(count(DebtorKind::Consumer, false, "2026-11-22"), 0);
        assert_eq!(count(DebtorKind::Business, true, "2026-11-22"), 0);
        assert_eq!(count(DebtorKind::Consumer, true, "2021-09-30"), 0);
        assert_eq!(required_contents(german, LetterKind::ThankYou, DebtorKind::Consumer, true, on("2026-11-22")), []);
    }

    #[test]
    fn the_norwegian_notice_is_headed_as_the_law_demands() {
        let norway = pack("NO").unwrap();
        let day = "2026-11-22".parse().unwrap();
        assert!(required_contents(norway, LetterKind::CollectionNotice, DebtorKind::Business, false, day).contains(&Content::Heading));
        let notice = norway.notice_on(day).unwrap();
        assert_eq!((notice.heading.as_str(), notice.min_days, notice.valid_months), ("Inkassovarsel", 14, 6));
        assert!(!notice.sufficient_channels.contains(&entity::Channel::Sms));
    }
}

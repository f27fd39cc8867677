//! The kinds of letters a policy can send.

use serde::{Deserialize, Serialize};

/// What a letter is, from the first friendly reminder to the thanks at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LetterKind {
    /// Assumes that the invoice was overlooked.
    Reminder,
    /// Demands payment formally.
    LetterOfDemand,
    /// The last letter before the claim leaves the creditor's hands.
    FinalDemand,
    /// Formal notice that collection follows, where the law asks for one.
    CollectionNotice,
    /// Confirms that the claim is paid in full.
    ThankYou,
}

impl LetterKind {
    /// Every kind, in the order of a ladder.
    pub const ALL: [Self; 5] = [Self::Reminder, Self::LetterOfDemand, Self::FinalDemand, Self::CollectionNotice, Self::ThankYou];

    /// The stored name, for example `letter_of_demand`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reminder => "reminder",
            Self::LetterOfDemand => "letter_of_demand",
            Self::FinalDemand => "final_demand",
            Self::CollectionNotice => "collection_notice",
            Self::ThankYou => "thank_you",
        }
    }

    /// The kind with this stored name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether the letter asks for money.
    pub const fn demands_payment(self) -> bool {
        match self {
            Self::Reminder | Self::LetterOfDemand | Self::FinalDemand | Self::CollectionNotice => true,
            Self::ThankYou => false,
        }
    }
}

//! What the kinds of letters have in common, beside the words themselves in [`crate::kind`].

use crate::LetterKind;

impl LetterKind {
    /// Every kind, in the order in which a case may meet them.
    pub const ALL: [Self; 8] = [
        Self::PreDueReminder,
        Self::Reminder,
        Self::LetterOfDemand,
        Self::FinalDemand,
        Self::CollectionNotice,
        Self::PartPayment,
        Self::Statement,
        Self::ThankYou,
    ];

    /// The stored name, for example `letter_of_demand`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PreDueReminder => "pre_due_reminder",
            Self::Reminder => "reminder",
            Self::LetterOfDemand => "letter_of_demand",
            Self::FinalDemand => "final_demand",
            Self::CollectionNotice => "collection_notice",
            Self::PartPayment => "part_payment",
            Self::Statement => "statement",
            Self::ThankYou => "thank_you",
        }
    }

    /// The kind with this stored name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether a step of a ladder may write it. The others stand beside every ladder: no step waits for them, and none runs
    /// when they leave.
    pub const fn is_step(self) -> bool {
        match self {
            Self::PreDueReminder | Self::Reminder | Self::LetterOfDemand | Self::FinalDemand | Self::CollectionNotice => true,
            Self::PartPayment | Self::Statement | Self::ThankYou => false,
        }
    }

    /// Whether the letter asks for money by a day.
    pub const fn demands_payment(self) -> bool {
        match self {
            Self::PreDueReminder
            | Self::Reminder
            | Self::LetterOfDemand
            | Self::FinalDemand
            | Self::CollectionNotice
            | Self::PartPayment => true,
            Self::Statement | Self::ThankYou => false,
        }
    }

    /// Whether the letter speaks of a claim that is past due.
    pub const fn speaks_of_arrears(self) -> bool {
        match self {
            Self::Reminder | Self::LetterOfDemand | Self::FinalDemand | Self::CollectionNotice => true,
            Self::PreDueReminder | Self::PartPayment | Self::Statement | Self::ThankYou => false,
        }
    }

    /// The kinds that speak of one.
    pub fn of_arrears() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|kind| kind.speaks_of_arrears())
    }
}

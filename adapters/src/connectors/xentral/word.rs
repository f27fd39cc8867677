//! The words in which Xentral tells how an invoice stands. v1 and v3 spell them differently and both spellings are read.
//! A word that is not documented is no status: it becomes a problem of its record and nothing is guessed from it.

/// Where a document stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Not approved: not passed on.
    Draft,
    /// Approved and valid, perhaps in part.
    Valid,
    /// Cancelled.
    Cancelled,
}

/// How far an invoice is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paying {
    /// Nothing came.
    Pending,
    /// Money came, not all.
    PartlyPaid,
    /// A part was credited, the rest is open.
    PartlyCancelled,
    /// Settled.
    Paid,
    /// Cancelled, or credited as a whole.
    Cancelled,
    /// Given up by the creditor.
    BadDebt,
    /// A direct debit is under way, or went through and was not booked yet.
    Debited,
}

/// How far Xentral's own dunning went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// Not further than letters.
    Letters,
    /// An agency collects.
    DebtCollection,
    /// Given up.
    Loss,
}

/// Reads `status`.
pub(super) fn standing(word: &str) -> Option<Standing> {
    Some(match word {
        "draft" | "created" => Standing::Draft,
        "released" | "sent" | "completed" | "partiallyCancelled" | "partialCancellation" => Standing::Valid,
        "cancelled" | "canceled" => Standing::Cancelled,
        _ => return None,
    })
}

/// Reads `paymentStatus`. v1's `unknown` is as unreadable to Xentral as to us.
pub(super) fn paying(word: &str) -> Option<Paying> {
    Some(match word {
        "pending" => Paying::Pending,
        "partiallyPaid" | "partlyPaid" => Paying::PartlyPaid,
        "partiallyCancelled" | "partialCancellation" => Paying::PartlyCancelled,
        "paid" => Paying::Paid,
        "cancelled" | "canceled" => Paying::Cancelled,
        "badDebt" => Paying::BadDebt,
        "debited" => Paying::Debited,
        _ => return None,
    })
}

/// Reads `dunningSettings.level`; none of v3 and v1's `noReminder` are the same.
pub(super) fn level(word: Option<&str>) -> Option<Level> {
    Some(match word {
        None | Some("noReminder" | "paymentReminder" | "paymentReminder1" | "reminder1" | "reminder2" | "reminder3") => Level::Letters,
        Some("debtCollection") => Level::DebtCollection,
        Some("lossOfReceivables") => Level::Loss,
        Some(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_every_status_are_read() {
        for (words, expected) in [
            (&["draft", "created"][..], Standing::Draft),
            (&["released", "sent", "completed", "partiallyCancelled", "partialCancellation"], Standing::Valid),
            (&["cancelled", "canceled"], Standing::Cancelled),
        ] {
            assert!(words.iter().all(|word| standing(word) == Some(expected)), "{expected:?}");
        }
        for (words, expected) in [
            (&["pending"][..], Paying::Pending),
            (&["partiallyPaid", "partlyPaid"], Paying::PartlyPaid),
            (&["partiallyCancelled", "partialCancellation"], Paying::PartlyCancelled),
            (&["paid"], Paying::Paid),
            (&["cancelled", "canceled"], Paying::Cancelled),
            (&["badDebt"], Paying::BadDebt),
            (&["debited"], Paying::Debited),
        ] {
            assert!(words.iter().all(|word| paying(word) == Some(expected)), "{expected:?}");
        }
    }

    #[test]
    fn every_level_of_dunning_is_read() {
        for word in ["noReminder", "paymentReminder", "paymentReminder1", "reminder1", "reminder2", "reminder3"] {
            assert_eq!(level(Some(word)), Some(Level::Letters), "{word}");
        }
        assert_eq!(level(None), Some(Level::Letters));
        assert_eq!(level(Some("debtCollection")), Some(Level::DebtCollection));
        assert_eq!(level(Some("lossOfReceivables")), Some(Level::Loss));
    }

    #[test]
    fn a_word_that_is_not_documented_is_no_status() {
        for word in ["", "unknown", "Paid", "PAID", "overpaid", "paid "] {
            assert_eq!((standing(word), paying(word), level(Some(word))), (None, None, None), "{word:?}");
        }
    }
}

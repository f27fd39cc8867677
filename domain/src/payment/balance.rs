//! What is open on an invoice: pure.

use entity::{InvoiceStatus, PaymentKind, PaymentSource, payment};

/// Whether a payment or credit note counts: matched in the accounting system and not reversed.
pub(crate) fn counts(payment: &payment::Model) -> bool {
    payment.reconciled && payment.reversed_at.is_none()
}

/// A payment or credit note, as far as it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Money or credit note.
    pub kind: PaymentKind,
    /// How much, positive.
    pub amount_minor: i64,
    /// See [`counts`].
    pub counts: bool,
    /// Booked there and not matched yet: what their books state as open is already less by it.
    pub pending: bool,
}

impl Counted {
    /// Of a row.
    pub fn of(payment: &payment::Model) -> Self {
        Self {
            kind: payment.kind,
            amount_minor: payment.amount_minor,
            counts: counts(payment),
            pending: !payment.reconciled && payment.reversed_at.is_none() && payment.source == PaymentSource::AccountingSync,
        }
    }
}

/// What is open, and what that makes of the invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balance {
    /// Open, never negative.
    pub outstanding_minor: i64,
    /// Where the invoice stands.
    pub status: InvoiceStatus,
}

/// Computes what is open: the total less everything that counts, or what the accounting system states when that is
/// less. Money that is booked there and not matched closes nothing: it is open until it is. A voided or written-off
/// invoice has nothing open. An overpaid one neither.
pub fn balance(total_minor: i64, stated_minor: Option<i64>, cancelled: Option<InvoiceStatus>, payments: &[Counted]) -> Balance {
    if let Some(status) = cancelled {
        return Balance { outstanding_minor: 0, status };
    }
    let sum = |kind| payments.iter().filter(|p| p.counts && p.kind == kind).fold(0_i64, |sum, p| sum.saturating_add(p.amount_minor));
    let (paid, credited) = (sum(PaymentKind::Payment), sum(PaymentKind::CreditNote));
    let computed = total_minor.saturating_sub(paid).saturating_sub(credited);
    let pending = payments.iter().filter(|p| p.pending).fold(0_i64, |sum, p| sum.saturating_add(p.amount_minor));
    let outstanding_minor = stated_minor.map_or(computed, |stated| computed.min(stated.saturating_add(pending))).max(0);
    let status = match (outstanding_minor, paid, credited >= total_minor) {
        (1.., _, _) => InvoiceStatus::Open,
        (_, 0, true) => InvoiceStatus::Credited,
        _ => InvoiceStatus::Paid,
    };
    Balance { outstanding_minor, status }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn money(amount_minor: i64) -> Counted {
        Counted { kind: PaymentKind::Payment, amount_minor, counts: true, pending: false }
    }

    fn credit(amount_minor: i64) -> Counted {
        Counted { kind: PaymentKind::CreditNote, amount_minor, counts: true, pending: false }
    }

    #[test]
    fn payments_credit_notes_and_the_books_reduce_what_is_open() {
        use InvoiceStatus::{Credited, Open, Paid, Voided};
        let uncounted = Counted { counts: false, ..money(100) };
        let pending = |amount| Counted { counts: false, pending: true, ..money(amount) };
        for (stated, payments, open, status) in [
            (None, vec![], 100, Open),
            (None, vec![money(40)], 60, Open),
            (None, vec![money(40), credit(60)], 0, Paid),
            (None, vec![money(130)], 0, Paid),
            (None, vec![credit(100)], 0, Credited),
            (None, vec![uncounted], 100, Open),
            (Some(25), vec![], 25, Open),
            (Some(100), vec![money(100)], 0, Paid),
            (Some(0), vec![], 0, Paid),
            (Some(0), vec![pending(100)], 100, Open),
            (Some(0), vec![money(40), pending(60)], 60, Open),
            (Some(10), vec![pending(40), credit(50)], 50, Open),
            (None, vec![pending(100)], 100, Open),
        ] {
            assert_eq!(balance(100, stated, None, &payments), Balance { outstanding_minor: open, status }, "{stated:?} {payments:?}");
        }
        assert_eq!(balance(100, None, Some(Voided), &[]), Balance { outstanding_minor: 0, status: Voided });
    }

    proptest! {
        #[test]
        fn what_is_open_is_never_negative_and_never_more_than_the_total(
            total in 0i64..=crate::money::MAX_AMOUNT_MINOR,
            stated in proptest::option::of(0i64..=crate::money::MAX_AMOUNT_MINOR),
            amounts in proptest::collection::vec((0i64..=crate::money::MAX_AMOUNT_MINOR, any::<bool>(), 0..3), 0..20),
        ) {
            let payments: Vec<Counted> = amounts
                .into_iter()
                .map(|(amount_minor, note, standing)| Counted {
                    kind: if note { PaymentKind::CreditNote } else { PaymentKind::Payment },
                    amount_minor,
                    counts: standing == 0,
                    pending: standing == 1,
                })
                .collect();
            let result = balance(total, stated, None, &payments);
            prop_assert!((0..=total).contains(&result.outstanding_minor));
            prop_assert_eq!(result.status == InvoiceStatus::Open, result.outstanding_minor > 0);
        }
    }
}

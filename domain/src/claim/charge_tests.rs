#![allow(clippy::unwrap_used, reason = "tests")]
use chrono::{DateTime, Days};
use entity::{CaseId, TenantId};
use proptest::{prelude::*, sample::select};
use uuid::Uuid;

use super::*;
use crate::claim::ChargeSettings;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A row as it stands once its letter left.
fn left(proposal: Proposal, n: u128, on: NaiveDate) -> charge::Model {
    charge::Model {
        tenant_id: TenantId(Uuid::nil()),
        id: ChargeId(Uuid::from_u128(n)),
        case_id: CaseId(Uuid::nil()),
        key: proposal.key,
        kind: proposal.kind,
        invoice_id: proposal.invoice,
        letter_id: Some(LetterId(Uuid::from_u128(n))),
        step: None,
        amount_minor: proposal.amount_minor,
        currency: String::new(),
        charged_on: Some(on),
        rule_revision: String::new(),
        calculation: proposal.calculation,
        waived_on: None,
        waived_at: None,
        waived_by: None,
        waived_because: None,
        waiver_note: None,
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
    }
}

/// A letter of a story: its day, what its step costs, the days that it gives.
type Sent = (NaiveDate, i64, u32);

/// What a case is charged by letters that all leave on their day; fixed sums only from the letter of an index on.
fn charged_by(country: &str, debtor: DebtorKind, due: &[NaiveDate], sent: &[Sent], fixed_from: usize) -> Vec<charge::Model> {
    let currency = match country {
        "NO" => "NOK",
        "GB" => "GBP",
        _ => "EUR",
    };
    let mut known = Known { settings: ChargeSettings { fees: true, ..ChargeSettings::default() }, ..Known::default() };
    for (n, (on, minor, gives_days)) in sent.iter().enumerate() {
        known.settings.fixed_sum = n >= fixed_from;
        let open = due.iter().enumerate().map(|(n, due_on)| OpenInvoice {
            id: InvoiceId(Uuid::from_u128(n as u128)),
            due_on: *due_on,
            late_minor: 500_000,
        });
        let ground = Ground { pack: law::pack(country), debtor, currency, course: 0, open: open.collect(), known: &known };
        let fee = [Price { currency: currency.into(), minor: *minor }];
        let letter = LetterId(Uuid::from_u128(n as u128));
        let step = i32::try_from(n).unwrap();
        let occasion = Occasion { letter, step, fee: &fee, dated_on: *on, gives_days: *gives_days };
        let (proposals, _) = decide(&ground, &occasion);
        let rows = proposals.into_iter().zip(100 * n as u128..).map(|(proposal, id)| left(proposal, id, *on)).collect::<Vec<_>>();
        known.charges.extend(rows);
        known.first_demand_on = known.first_demand_on.or(Some(*on));
    }
    known.charges
}

fn sums(charges: &[charge::Model]) -> Vec<(ChargeKind, i64)> {
    charges.iter().map(|row| (row.kind, row.amount_minor)).collect()
}

#[test]
fn fixed_sums_and_fees_count_against_each_other_and_each_once() {
    use ChargeKind::{Fee, FixedSum};
    let german = |invoices: usize, sent: &[Sent], fixed_from| {
        charged_by("DE", DebtorKind::Business, &vec![day("2026-01-05"); invoices], sent, fixed_from)
    };
    let on = day("2026-03-02");
    assert_eq!(sums(&german(1, &[(on, 1_000, 14)], 0)), [(FixedSum, 4_000)], "the fee is within the sum");
    assert_eq!(sums(&german(1, &[(on, 5_000, 14)], 0)), [(FixedSum, 4_000), (Fee, 1_000)]);
    // A fee of ten was charged before two sums of forty are: eighty in all, and not the seventy of two deductions.
    let later = [(on, 1_000, 14), (on + Days::new(7), 0, 14)];
    assert_eq!(sums(&german(2, &later, 1)), [(Fee, 1_000), (FixedSum, 3_000), (FixedSum, 4_000)]);
}

fn letters() -> impl Strategy<Value = Vec<Sent>> {
    let letter = (0_u64..40, 0_i64..6_000, select(vec![7_u32, 13, 14, 21]));
    (0_u64..2_400, proptest::collection::vec(letter, 1..8)).prop_map(|(first, letters)| {
        let mut on = day("2020-01-01") + Days::new(first);
        let step = |(wait, minor, gives): (u64, i64, u32)| {
            on = on + Days::new(wait);
            (on, minor, gives)
        };
        letters.into_iter().map(step).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whatever steps cost and whenever letters leave: never more, more often or earlier than Norway allows.
    #[test]
    fn norwegian_fees_stay_within_the_law(sent in letters(), due in 0_u64..2_400, consumer in any::<bool>(), fixed_from in 0_usize..9) {
        let debtor = if consumer { DebtorKind::Consumer } else { DebtorKind::Business };
        let due_on = day("2020-01-01") + Days::new(due);
        let charges = charged_by("NO", debtor, &[due_on], &sent, fixed_from);
        let fees: Vec<_> = charges.iter().filter(|row| row.kind == ChargeKind::Fee).collect();
        prop_assert!(fees.len() <= 2);
        for row in fees {
            let on = row.charged_on.unwrap();
            prop_assert!(row.amount_minor > 0 && row.amount_minor <= 3_500);
            prop_assert!(on >= due_on + Days::new(14) && on >= day("2020-10-01") && on <= day("2025-12-31"), "{due_on} {on}");
            let gave = sent.iter().find(|(of, _, _)| *of == on).unwrap();
            prop_assert!(gave.2 >= 14 || sent.iter().filter(|(of, _, _)| *of == on).count() > 1);
        }
        let fixed = charges.iter().filter(|row| row.kind == ChargeKind::FixedSum).count();
        prop_assert!(fixed <= usize::from(!consumer));
    }

    /// Of German fixed sums and fees the larger is owed, never both; consumers owe no fixed sum.
    #[test]
    fn german_costs_are_never_more_than_the_larger_of_both(
        sent in letters(), due in proptest::collection::vec(0_u64..2_400, 1..4), consumer in any::<bool>(), fixed_from in 0_usize..9,
    ) {
        let debtor = if consumer { DebtorKind::Consumer } else { DebtorKind::Business };
        let due: Vec<NaiveDate> = due.into_iter().map(|n| day("2020-01-01") + Days::new(n)).collect();
        let charges = charged_by("DE", debtor, &due, &sent, fixed_from);
        let fixed = charges.iter().filter(|row| row.kind == ChargeKind::FixedSum).count();
        prop_assert!(fixed <= due.len() && !(consumer && fixed > 0));
        let asked: i64 = sent.iter().map(|(_, minor, _)| minor).sum();
        let most = asked.max(4_000 * i64::try_from(fixed).unwrap());
        prop_assert!(charges.iter().map(|row| row.amount_minor).sum::<i64>() <= most);
        prop_assert!(charges.iter().all(|row| row.amount_minor > 0));
    }

    /// A British invoice bears the sum of its size once, whatever letters go.
    #[test]
    fn a_british_invoice_bears_its_sum_once(sent in letters(), due in proptest::collection::vec(0_u64..2_400, 1..4)) {
        let due: Vec<NaiveDate> = due.into_iter().map(|n| day("2020-01-01") + Days::new(n)).collect();
        let charges = charged_by("GB", DebtorKind::Business, &due, &sent, 0);
        let fixed: Vec<_> = charges.iter().filter(|row| row.kind == ChargeKind::FixedSum).collect();
        let late = due.iter().filter(|due_on| sent.iter().any(|(on, _, _)| on > *due_on)).count();
        prop_assert_eq!(fixed.len(), late);
        prop_assert!(fixed.iter().all(|row| row.amount_minor == 7_000));
    }
}

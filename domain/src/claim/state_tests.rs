#![allow(clippy::unwrap_used, reason = "tests")]
use chrono::{Days, NaiveDate};
use entity::{ChargeId, ChargeKind, InvoiceId, PaymentId, PaymentKind};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{
    claim::lines::{Paid, Received, Waiver},
    law::DayCount,
    money,
};

const GERMAN: [Part; 3] = [Part::Costs, Part::Interest, Part::Principal];
const BOOKED: [Part; 3] = [Part::Principal, Part::Costs, Part::Interest];

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn rate(first: &str, last: &str, ppm: u32) -> RatePeriod {
    RatePeriod { first: day(first), last: day(last), ppm }
}

fn owed(n: u128, total_minor: i64, outstanding_minor: i64, due: &str) -> Owed {
    let due_on = day(due);
    Owed { id: InvoiceId(Uuid::from_u128(n)), total_minor, outstanding_minor, due_on, given_up: false, interest_from: due_on.succ_opt() }
}

fn paid(n: u128, invoice: u128, kind: PaymentKind, amount_minor: i64, on: &str) -> Paid {
    Paid { id: PaymentId(Uuid::from_u128(n)), invoice: InvoiceId(Uuid::from_u128(invoice)), kind, amount_minor, on: day(on) }
}

fn fee(n: u128, amount_minor: i64, on: &str) -> Charged {
    Charged { id: ChargeId(Uuid::from_u128(n)), kind: ChargeKind::Fee, amount_minor, on: day(on), invoice: None, waived_on: None }
}

/// No interest, no charges: the books alone.
fn books(invoices: Vec<Owed>, payments: Vec<Paid>) -> Input {
    Input {
        invoices,
        payments,
        charges: Vec::new(),
        received: Vec::new(),
        rates: None,
        fixed_at_start: false,
        day_count: DayCount::Act365,
        waivers: Vec::new(),
        order: GERMAN,
    }
}

/// 36.5 % a year: a thousandth a day, so that tables can be read.
fn a_thousandth_a_day(invoices: Vec<Owed>, payments: Vec<Paid>) -> Input {
    Input { rates: Some(vec![rate("2026-01-01", "2026-12-31", 365_000)]), ..books(invoices, payments) }
}

fn sums(state: &State) -> (i64, i64, i64, i64, i64) {
    (state.books_minor, state.charges_minor, state.open.principal_minor, state.open.interest_minor, state.open.fees_minor)
}

#[test]
fn without_charges_the_claim_is_what_the_books_say() {
    use PaymentKind::{CreditNote, Payment};
    let invoices = vec![owed(1, 1_000, 250, "2026-01-10"), owed(2, 500, 500, "2026-02-10")];
    let payments = vec![paid(1, 1, Payment, 600, "2026-03-01"), paid(2, 1, CreditNote, 100, "2026-03-02")];
    let state = state(&books(invoices, payments), day("2026-04-01")).unwrap();
    assert_eq!(sums(&state), (750, 0, 750, 0, 0));
    let lines: Vec<_> = state.lines.iter().map(|line| (line.kind, line.amount_minor, line.on.is_some())).collect();
    assert_eq!(
        lines,
        [
            (LineKind::Principal, 1_000, true),
            (LineKind::CreditNote, -100, true),
            (LineKind::Payment, -600, true),
            (LineKind::Payment, -50, false),
            (LineKind::Principal, 500, true),
        ]
    );
}

#[test]
fn interest_runs_from_the_day_after_due_through_the_day_of_payment() {
    let one = |payments, open| a_thousandth_a_day(vec![owed(1, 100_000, open, "2026-01-10")], payments);
    for (as_of, interest) in [("2026-01-10", 0), ("2026-01-11", 100), ("2026-01-20", 1_000), ("2026-02-09", 3_000)] {
        assert_eq!(state(&one(vec![], 100_000), day(as_of)).unwrap().charges_minor, interest, "{as_of}");
    }
    // Half is paid on the 20th: ten days on all, then ten on half. Booked on the invoice first.
    let half = Input { order: BOOKED, ..one(vec![paid(1, 1, PaymentKind::Payment, 50_000, "2026-01-20")], 50_000) };
    let state = state(&half, day("2026-01-30")).unwrap();
    assert_eq!(sums(&state), (50_000, 1_000 + 500, 50_000, 1_500, 0));
    let found: Vec<_> = state.lines.iter().filter_map(|line| Some((line.calculation?, line.amount_minor))).collect();
    let told: Vec<_> = found.iter().map(|(c, amount)| (c.principal_minor, c.first, c.last, c.days, *amount)).collect();
    let (first, second) = ((day("2026-01-11"), day("2026-01-20")), (day("2026-01-21"), day("2026-01-30")));
    assert_eq!(told, [(100_000, first.0, first.1, 10, 1_000), (50_000, second.0, second.1, 10, 500)]);
}

#[test]
fn in_germany_money_goes_to_costs_then_interest_then_principal() {
    let paid_in_full = vec![paid(1, 1, PaymentKind::Payment, 100_000, "2026-01-21")];
    let input =
        Input { charges: vec![fee(1, 500, "2026-01-15")], ..a_thousandth_a_day(vec![owed(1, 100_000, 0, "2026-01-10")], paid_in_full) };
    // On the 21st: 5.00 costs and eleven days' interest of 11.00 come off first; 16.00 of the principal stay open and bear
    // interest of 0.016 a day.
    let german = state(&input, day("2026-01-21")).unwrap();
    assert_eq!(sums(&german), (0, 1_600, 1_600, 0, 0));
    assert_eq!(state(&input, day("2026-01-30")).unwrap().open.interest_minor, 14, "interest on interest there is none");
    let booked = state(&Input { order: BOOKED, ..input }, day("2026-12-31")).unwrap();
    assert_eq!(sums(&booked), (0, 1_600, 0, 1_100, 500), "paid on the invoice: what is left stays claimable and does not grow");
}

#[test]
fn money_for_charges_never_pays_an_invoice() {
    let input = Input {
        charges: vec![fee(1, 500, "2026-01-15")],
        received: vec![Received { amount_minor: 2_000, on: day("2026-01-21") }],
        ..a_thousandth_a_day(vec![owed(1, 100_000, 100_000, "2026-01-10")], vec![])
    };
    let state = state(&input, day("2026-01-21")).unwrap();
    assert_eq!(sums(&state), (100_000, 0, 100_000, 0, 0), "costs and eleven days' interest; what was too much is not counted");
    assert_eq!(state.lines.iter().find(|line| line.kind == LineKind::ChargePayment).map(|line| line.amount_minor), Some(-1_600));
}

#[test]
fn more_than_the_invoice_asked_for_pays_what_is_owed_beside() {
    let more = vec![paid(1, 1, PaymentKind::Payment, 101_200, "2026-01-21")];
    let input = Input { charges: vec![fee(1, 500, "2026-01-15")], ..a_thousandth_a_day(vec![owed(1, 100_000, 0, "2026-01-10")], more) };
    for order in [GERMAN, BOOKED] {
        let state = state(&Input { order, ..input.clone() }, day("2026-01-21")).unwrap();
        assert_eq!(state.charges_minor, 400, "{order:?}");
        let beside: Vec<_> = state.lines.iter().filter(|l| l.kind == LineKind::ChargePayment).map(|l| l.amount_minor).collect();
        assert_eq!(beside, [-1_200]);
    }
}

#[test]
fn giving_up_takes_what_is_open_and_what_was_paid_stays_paid() {
    let input = Input {
        charges: vec![Charged { waived_on: Some(day("2026-01-20")), ..fee(1, 500, "2026-01-15") }],
        received: vec![Received { amount_minor: 200, on: day("2026-01-16") }],
        waivers: vec![Waiver { amount_minor: 1_000, on: day("2026-01-20") }],
        ..a_thousandth_a_day(vec![owed(1, 100_000, 100_000, "2026-01-10")], vec![])
    };
    let given_up = state(&input, day("2026-01-25")).unwrap();
    assert_eq!(sums(&given_up), (100_000, 500, 100_000, 500, 0), "five days since");
    let beside: Vec<_> = given_up.lines.iter().filter(|l| l.kind != LineKind::Principal).map(|l| (l.kind, l.amount_minor)).collect();
    let interest = |amount| (LineKind::Interest, amount);
    // Day by day, and each charge before what became of it.
    assert_eq!(beside[..4], [interest(500), (LineKind::Fee, 500), interest(100), (LineKind::ChargePayment, -200)]);
    assert_eq!(beside[4..], [interest(400), (LineKind::Waiver, -300), (LineKind::Waiver, -1_000), interest(500)]);
    let at_once = Charged { waived_on: Some(day("2026-01-15")), ..fee(1, 500, "2026-01-15") };
    let at_once = state(&Input { charges: vec![at_once], ..input.clone() }, day("2026-01-15")).unwrap();
    let told: Vec<_> = at_once.lines[1..4].iter().map(|line| line.kind).collect();
    assert_eq!(told, [LineKind::Interest, LineKind::Fee, LineKind::Waiver]);
    // A waiver takes what was open when it was made: not what a payment that went away leaves open now.
    let small = Input { waivers: vec![Waiver { amount_minor: 300, on: day("2026-01-20") }], ..input };
    assert_eq!(state(&small, day("2026-01-25")).unwrap().open.interest_minor, 1_200);
}

#[test]
fn days_without_a_rate_bear_nothing_and_are_named() {
    let input = Input {
        rates: Some(vec![rate("2026-01-01", "2026-01-15", 365_000), rate("2026-02-01", "2026-02-28", 365_000)]),
        ..books(vec![owed(1, 100_000, 100_000, "2026-01-10"), owed(2, 100_000, 100_000, "2026-01-10")], vec![])
    };
    let known = state(&input, day("2026-02-02")).unwrap();
    assert_eq!(known.charges_minor, 2 * (500 + 200));
    assert_eq!(known.missing, [Gap { first: day("2026-01-16"), last: day("2026-01-31") }]);
    let later = state(&input, day("2026-03-05")).unwrap();
    assert_eq!(later.missing[1], Gap { first: day("2026-03-01"), last: day("2026-03-05") });
    assert!(state(&input, day("2026-01-15")).unwrap().missing.is_empty());
}

#[test]
fn where_the_law_says_so_an_invoice_keeps_the_rate_of_its_first_day() {
    let rates = Some(vec![rate("2026-01-01", "2026-01-15", 365_000), rate("2026-01-16", "2026-02-28", 730_000)]);
    let invoices = vec![owed(1, 100_000, 100_000, "2026-01-10"), owed(2, 100_000, 100_000, "2025-12-20")];
    let kept = Input { rates, fixed_at_start: true, ..books(invoices, vec![]) };
    let state = state(&kept, day("2026-01-20")).unwrap();
    assert_eq!(state.charges_minor, 1_000, "ten days at the first rate");
    let first = Gap { first: day("2025-12-21"), last: day("2026-01-20") };
    assert_eq!(state.missing, [first], "the rate of the other's first day is not known, and no later one takes its place");
}

#[test]
fn credit_notes_and_sums_that_only_the_books_know_of_bear_no_interest() {
    let invoices = vec![owed(1, 100_000, 40_000, "2026-01-10")];
    let credit = vec![paid(1, 1, PaymentKind::CreditNote, 50_000, "2026-01-18")];
    let state = state(&a_thousandth_a_day(invoices, credit), day("2026-01-20")).unwrap();
    assert_eq!(sums(&state), (40_000, 400, 40_000, 400, 0), "ten days on what was ever owed");
}

#[test]
fn what_was_given_up_of_an_invoice_is_no_payment() {
    let invoices = vec![Owed { given_up: true, ..owed(1, 100_000, 0, "2026-01-10") }];
    let state = state(&books(invoices, vec![paid(1, 1, PaymentKind::Payment, 30_000, "2026-01-18")]), day("2026-01-20")).unwrap();
    let lines: Vec<_> = state.lines.iter().map(|line| (line.kind, line.amount_minor)).collect();
    assert_eq!(lines, [(LineKind::Principal, 100_000), (LineKind::Payment, -30_000), (LineKind::WriteOff, -70_000)]);
    assert_eq!(state.total_minor(), 0);
}

/// Amounts are whole numbers of the currency's smallest unit, whatever that is: yen have no hundredths, Kuwaiti dinars
/// have thousandths.
#[test]
fn interest_is_told_to_the_smallest_unit_of_each_currency() {
    for (currency, total, told) in [
        // 1000 at 10 % for 31 days are 8.4931…
        ("JPY", "1000", "8"),
        ("EUR", "1000.00", "8.49"),
        ("KWD", "1000.000", "8.493"),
        // The least there is, and what comes to less than half of it.
        ("JPY", "58", "0"),
        ("JPY", "59", "1"),
        ("KWD", "0.058", "0.000"),
        ("KWD", "0.059", "0.001"),
        // The largest amount that is taken.
        ("JPY", "1000000000000000", "8493150684932"),
        ("KWD", "1000000000000.000", "8493150684.932"),
    ] {
        let minor = money::from_decimal(total, currency).unwrap();
        let rates = Some(vec![rate("2026-01-01", "2026-12-31", 100_000)]);
        let input = Input { rates, order: BOOKED, ..books(vec![owed(1, minor, minor, "2025-12-31")], vec![]) };
        let state = state(&input, day("2026-01-31")).unwrap();
        assert_eq!(money::to_decimal(state.open.interest_minor, currency), told, "{total} {currency}");
        assert_eq!(state.lines.iter().map(|line| line.amount_minor).sum::<i64>(), minor + state.open.interest_minor);
    }
}

#[test]
fn lines_that_are_cut_add_up_in_every_currency() {
    // A third is paid each ten days: exactly 2.7397…, 1.8264… and 0.9132…, together 5.4794…; yen end with a line of nothing.
    for (currency, total, part, lines, told) in [
        ("JPY", "1000", "333", &["3", "2"][..], "5"),
        ("EUR", "1000.00", "333.33", &["2.74", "1.83", "0.91"], "5.48"),
        ("KWD", "1000.000", "333.333", &["2.740", "1.826", "0.913"], "5.479"),
    ] {
        let of = |text: &str| money::from_decimal(text, currency).unwrap();
        let (minor, part) = (of(total), of(part));
        let payments = vec![
            paid(1, 1, PaymentKind::Payment, part, "2026-01-10"),
            paid(2, 1, PaymentKind::Payment, part, "2026-01-20"),
            paid(3, 1, PaymentKind::Payment, minor - 2 * part, "2026-01-30"),
        ];
        let rates = Some(vec![rate("2026-01-01", "2026-12-31", 100_000)]);
        let input = Input { rates, order: BOOKED, ..books(vec![owed(1, minor, 0, "2025-12-31")], payments) };
        let state = state(&input, day("2026-03-01")).unwrap();
        let interest: Vec<_> = state.lines.iter().filter(|line| line.kind == LineKind::Interest).collect();
        assert_eq!(interest.iter().map(|line| money::to_decimal(line.amount_minor, currency)).collect::<Vec<_>>(), lines, "{currency}");
        assert_eq!((state.books_minor, money::to_decimal(state.charges_minor, currency)), (0, told.to_owned()), "{currency}");
    }
}

#[test]
fn sums_that_do_not_fit_are_refused() {
    let huge = vec![owed(1, i64::MAX, i64::MAX, "2026-01-10"), owed(2, i64::MAX, i64::MAX, "2026-01-10")];
    assert_eq!(state(&books(huge, vec![]), day("2026-01-20")), Err(TooLarge));
}

/// A case as the books keep it: what is open follows from what was paid.
fn input() -> impl Strategy<Value = Input> {
    let on = || (0u64..400).prop_map(|n| day("2025-09-01") + Days::new(n));
    let invoice = (1i64..2_000_000, on(), any::<bool>());
    let payment = (0usize..3, 1i64..900_000, on(), any::<bool>());
    let charge = (1i64..9_000, on(), any::<bool>(), proptest::option::of(on()));
    (
        proptest::collection::vec(invoice, 1..4),
        proptest::collection::vec(payment, 0..6),
        proptest::collection::vec(charge, 0..4),
        proptest::collection::vec((1i64..5_000, on()), 0..3),
        proptest::collection::vec((1i64..90_000, on()), 0..2),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(invoices, payments, charges, received, waived, german, leap)| {
            let mut owed: Vec<Owed> = invoices
                .into_iter()
                .enumerate()
                .map(|(n, (total, due, late))| Owed {
                    id: InvoiceId(Uuid::from_u128(n as u128)),
                    total_minor: total,
                    outstanding_minor: total,
                    due_on: due,
                    given_up: false,
                    interest_from: if late { due.succ_opt() } else { None },
                })
                .collect();
            let mut paid = Vec::new();
            for (n, (of, amount, on, credit)) in payments.into_iter().enumerate() {
                let index = of % owed.len();
                let kind = if credit { PaymentKind::CreditNote } else { PaymentKind::Payment };
                owed[index].outstanding_minor = (owed[index].outstanding_minor - amount).max(0);
                paid.push(Paid { id: PaymentId(Uuid::from_u128(n as u128)), invoice: owed[index].id, kind, amount_minor: amount, on });
            }
            let charges = charges.into_iter().enumerate().map(|(n, (amount_minor, on, fixed, waived_on))| Charged {
                id: ChargeId(Uuid::from_u128(n as u128)),
                kind: if fixed { ChargeKind::FixedSum } else { ChargeKind::Fee },
                amount_minor,
                on,
                invoice: None,
                waived_on,
            });
            Input {
                invoices: owed,
                payments: paid,
                charges: charges.collect(),
                received: received.into_iter().map(|(amount_minor, on)| Received { amount_minor, on }).collect(),
                rates: Some(vec![rate("2025-07-01", "2025-12-31", 102_700), rate("2026-01-01", "2026-06-30", 112_700)]),
                fixed_at_start: leap,
                day_count: if leap { DayCount::ActAct } else { DayCount::Act365 },
                waivers: waived.into_iter().map(|(amount_minor, on)| Waiver { amount_minor, on }).collect(),
                order: if german { GERMAN } else { BOOKED },
            }
        })
}

fn some_day() -> impl Strategy<Value = NaiveDate> {
    (0u64..500).prop_map(|n| day("2025-09-01") + Days::new(n))
}

proptest! {
    #[test]
    fn lines_add_up_and_nothing_is_ever_negative(input in input(), as_of in some_day()) {
        let state = state(&input, as_of).unwrap();
        prop_assert_eq!(state.lines.iter().map(|line| line.amount_minor).sum::<i64>(), state.total_minor());
        let beside = state.lines.iter().filter(|line| line.kind.is_beside()).map(|line| line.amount_minor);
        prop_assert_eq!(beside.sum::<i64>(), state.charges_minor);
        let Open { principal_minor, interest_minor, fees_minor, fixed_sums_minor } = state.open;
        prop_assert_eq!(principal_minor + interest_minor + fees_minor + fixed_sums_minor, state.total_minor());
        prop_assert!([principal_minor, interest_minor, fees_minor, fixed_sums_minor, state.charges_minor].iter().all(|sum| *sum >= 0));
        prop_assert_eq!(state.books_minor, input.invoices.iter().map(|invoice| invoice.outstanding_minor).sum::<i64>());
        prop_assert!(principal_minor >= state.books_minor);
        prop_assert_eq!(state.open_charges.iter().map(|(_, open)| open).sum::<i64>(), fees_minor + fixed_sums_minor);
    }

    #[test]
    fn without_charges_the_principal_is_the_books(input in input(), as_of in some_day()) {
        let input = Input { rates: None, charges: vec![], received: vec![], waivers: vec![], ..input };
        let state = state(&input, as_of).unwrap();
        prop_assert_eq!(state.charges_minor, 0);
        prop_assert_eq!(state.open.principal_minor, state.books_minor);
    }

    #[test]
    fn the_order_in_which_things_are_told_changes_nothing(input in input(), as_of in some_day(), seed in any::<u64>()) {
        let mut told = input.clone();
        let by = |n: usize| (n as u64).wrapping_mul(seed | 1).rotate_left(17);
        let mut n = 0;
        let mut next = || { n += 1; by(n) };
        told.invoices.sort_by_cached_key(|_| next());
        told.payments.sort_by_cached_key(|_| next());
        told.charges.sort_by_cached_key(|_| next());
        told.received.sort_by_cached_key(|_| next());
        told.waivers.sort_by_cached_key(|_| next());
        prop_assert_eq!(state(&told, as_of).unwrap(), state(&input, as_of).unwrap());
    }

    #[test]
    fn a_payment_in_two_parts_on_one_day_is_one_payment(input in input(), as_of in some_day(), part in 1i64..100) {
        let mut split = input.clone();
        if let Some(whole) = split.payments.first_mut().filter(|whole| whole.amount_minor > part) {
            let rest = Paid { id: PaymentId(Uuid::from_u128(77)), amount_minor: whole.amount_minor - part, ..whole.clone() };
            whole.amount_minor = part;
            split.payments.push(rest);
        }
        let (one, two) = (state(&input, as_of).unwrap(), state(&split, as_of).unwrap());
        prop_assert_eq!((one.open, one.books_minor, one.charges_minor), (two.open, two.books_minor, two.charges_minor));
    }

    #[test]
    fn a_claim_never_shrinks_by_time_alone(input in input(), as_of in some_day(), days in 0u64..60) {
        // What is known stays the same; only the day moves. Money and charges lie before it.
        let early = day("2025-09-01");
        let mut input = Input { waivers: Vec::new(), ..input };
        input.payments.iter_mut().for_each(|paid| paid.on = early);
        input.charges.iter_mut().for_each(|charge| (charge.on, charge.waived_on) = (early, charge.waived_on.map(|_| early)));
        input.received.iter_mut().for_each(|received| received.on = early);
        let (now, later) = (state(&input, as_of).unwrap(), state(&input, as_of + Days::new(days)).unwrap());
        prop_assert!(later.total_minor() >= now.total_minor());
    }

    #[test]
    fn more_money_never_makes_more_owed(input in input(), as_of in some_day(), amount in 1i64..50_000) {
        let before = state(&input, as_of).unwrap();
        let mut more = input.clone();
        more.received.push(Received { amount_minor: amount, on: as_of });
        let after = state(&more, as_of).unwrap();
        prop_assert!(after.charges_minor <= before.charges_minor);
        prop_assert!(before.charges_minor - after.charges_minor <= amount);
    }
    /// Cutting the lines of all invoices at a day changes no sum: a charge that is given up on the day on which it came
    /// is looked at like any other and leaves nothing.
    #[test]
    fn lines_cut_at_any_day_cost_the_same(input in input(), as_of in some_day(), cut in some_day()) {
        let cut = cut.min(as_of);
        let mut split = input.clone();
        split.charges.push(Charged {
            id: ChargeId(Uuid::from_u128(99)), kind: ChargeKind::Fee, amount_minor: 1, on: cut, invoice: None, waived_on: Some(cut),
        });
        // Money of that day would settle it first.
        prop_assume!(input.received.iter().all(|received| received.on != cut) && input.payments.iter().all(|paid| paid.on != cut));
        let (whole, halves) = (state(&input, as_of).unwrap(), state(&split, as_of).unwrap());
        prop_assert_eq!((whole.open, whole.charges_minor, whole.books_minor), (halves.open, halves.charges_minor, halves.books_minor));
        let interest = |state: &State| state.lines.iter().filter(|line| line.kind == LineKind::Interest).map(|line| line.amount_minor).sum::<i64>();
        prop_assert_eq!(interest(&whole), interest(&halves));
    }

    /// No money comes from nowhere, and none is lost: what all payments took off the claim is what came in, but for what
    /// is more than all that was owed.
    #[test]
    fn money_in_is_money_off_the_claim(input in input(), as_of in some_day()) {
        let state = state(&input, as_of).unwrap();
        let off = |kinds: &[LineKind]| -state.lines.iter().filter(|line| kinds.contains(&line.kind)).map(|line| line.amount_minor).sum::<i64>();
        let came_in = |kind| input.payments.iter().filter(|paid| paid.kind == kind).map(|paid| paid.amount_minor).sum::<i64>();
        let money = came_in(PaymentKind::Payment) + input.received.iter().map(|received| received.amount_minor).sum::<i64>();
        let settled = off(&[LineKind::Payment, LineKind::ChargePayment]);
        prop_assert!(settled <= money, "{} of {}", settled, money);
        prop_assert!(off(&[LineKind::CreditNote]) <= came_in(PaymentKind::CreditNote));
        if settled < money {
            // Something was too much: then an invoice is paid, or nothing was open beside when it came.
            let paid_up = input.invoices.iter().any(|invoice| invoice.outstanding_minor == 0);
            prop_assert!(paid_up || !input.received.is_empty());
        }
    }
}

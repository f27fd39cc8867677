#![allow(clippy::unwrap_used, reason = "tests")]
use entity::DebtorKind;
use proptest::{prelude::*, sample::select};

use super::*;
use crate::law::{kept_rate, pack, statutory_rates};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn slice(from: &str, to: &str, principal_minor: i64) -> Slice {
    Slice { from: day(from), to: day(to), principal_minor }
}

/// The lines of slices that follow each other, every day of which has a rate.
fn lines_of(rates: &[RatePeriod], count: DayCount, slices: &[Slice]) -> Result<Vec<InterestLine>, TooLarge> {
    let (mut accrual, mut lines) = (Accrual::default(), Vec::new());
    for slice in slices {
        let stretch = accrual.add(*slice, rates, count)?;
        assert_eq!(stretch.gaps, []);
        lines.extend(stretch.lines);
    }
    Ok(lines)
}

fn count(country: &str) -> DayCount {
    pack(country).unwrap().interest.day_count
}

fn contract(country: &str, ppm: u32, slices: &[Slice]) -> Vec<InterestLine> {
    lines_of(&[RatePeriod::always(ppm)], count(country), slices).unwrap()
}

fn statutory(country: &str, debtor: DebtorKind, slices: &[Slice]) -> Vec<InterestLine> {
    lines_of(&statutory_rates(pack(country).unwrap(), debtor).unwrap(), count(country), slices).unwrap()
}

fn total(lines: &[InterestLine]) -> i64 {
    lines.iter().map(|line| line.amount_minor).sum()
}

#[test]
fn a_year_at_a_contract_rate_costs_the_rate() {
    let lines = contract("NZ", 100_000, &[slice("2026-01-01", "2027-01-01", 100_000)]);
    let expected = InterestLine {
        from: day("2026-01-01"),
        to: day("2027-01-01"),
        days: 365,
        principal_minor: 100_000,
        rate_ppm: 100_000,
        year_days: 365,
        amount_minor: 10_000,
    };
    assert_eq!(lines, [expected]);
}

#[test]
fn a_half_year_at_the_german_rates_is_split_at_new_year() {
    let lines = statutory("DE", DebtorKind::Consumer, &[slice("2025-12-01", "2026-02-01", 100_000)]);
    assert_eq!(lines.iter().map(|l| (l.days, l.rate_ppm)).collect::<Vec<_>>(), [(31, 62_700), (31, 62_700)]);
    // 1000 euro × 6.27 % × 62/365 = 10.6504…
    assert_eq!(total(&lines), 1_065);
}

#[test]
fn where_the_rate_changes_the_line_ends() {
    let lines = statutory("NO", DebtorKind::Consumer, &[slice("2022-06-16", "2022-07-16", 1_000_000)]);
    let seen: Vec<_> = lines.iter().map(|l| (l.from, l.to, l.days, l.rate_ppm, l.amount_minor)).collect();
    // 10 000 × 8.5 % × 15/365 = 34.93 and 10 000 × 9.25 % × 15/365 = 38.01; exact sum 72.9452…: the lines add up to 72.95.
    assert_eq!(
        seen,
        [(day("2022-06-16"), day("2022-07-01"), 15, 85_000, 3_493), (day("2022-07-01"), day("2022-07-16"), 15, 92_500, 3_802),]
    );
}

#[test]
fn a_british_debt_keeps_the_rate_of_the_day_on_which_interest_began() {
    let table = statutory_rates(pack("GB").unwrap(), DebtorKind::Business).unwrap();
    let of = |slices: &[Slice]| lines_of(&kept_rate(&table, slices[0].from), count("GB"), slices).unwrap();
    // 1000 pounds from December 2023, half of it paid in March: 13 % throughout, though 13.25 % held from January on.
    let lines = of(&[slice("2023-12-01", "2024-03-01", 100_000), slice("2024-03-01", "2024-12-01", 50_000)]);
    assert_eq!(lines.iter().map(|l| (l.days, l.rate_ppm)).collect::<Vec<_>>(), [(91, 130_000), (275, 130_000)]);
    // 1000 × 13 % × 91/365 + 500 × 13 % × 275/365 = 32.411 + 48.973
    assert_eq!(total(&lines), 8_138);
    assert_eq!(of(&[slice("2024-01-02", "2024-03-01", 100_000)])[0].rate_ppm, 132_500);
}

#[test]
fn a_slice_that_runs_into_an_unknown_rate_tells_the_days() {
    let table = statutory_rates(pack("NO").unwrap(), DebtorKind::Business).unwrap();
    let stretch = Accrual::default().add(slice("2026-06-01", "2026-08-01", 1_000_000), &table, count("NO")).unwrap();
    assert_eq!(stretch.gaps, [day("2026-07-01")..day("2026-08-01")]);
    assert_eq!(stretch.lines.iter().map(|l| (l.from, l.to)).collect::<Vec<_>>(), [(day("2026-06-01"), day("2026-07-01"))]);
}

#[test]
fn a_leap_year_costs_its_rate_where_its_days_count_out_of_366() {
    let year = [slice("2024-01-01", "2025-01-01", 3_650_000)];
    let of = |country| total(&contract(country, 100_000, &year));
    assert_eq!((of("DE"), of("GB")), (365_000, 366_000));
}

#[test]
fn nothing_open_and_no_days_give_no_line() {
    let none = [
        slice("2026-01-01", "2026-01-01", 5),
        slice("2026-01-02", "2026-01-01", 5),
        slice("2026-01-01", "2026-02-01", 0),
        slice("2026-01-01", "2026-02-01", -5),
    ];
    assert_eq!(contract("GB", 1, &none), []);
}

#[test]
fn days_without_a_rate_are_told_apart_from_the_lines() {
    let rates = ["2026-01-01", "2026-03-01"].map(|first| RatePeriod {
        first: day(first),
        last: day(first) + chrono::TimeDelta::days(30),
        ppm: 36_500,
    });
    let stretch = Accrual::default().add(slice("2025-12-30", "2026-04-02", 1_000_000), &rates, DayCount::Act365).unwrap();
    assert_eq!(
        stretch.gaps,
        [day("2025-12-30")..day("2026-01-01"), day("2026-02-01")..day("2026-03-01"), day("2026-04-01")..day("2026-04-02")]
    );
    assert_eq!(
        stretch.lines.iter().map(|l| (l.from, l.to, l.amount_minor)).collect::<Vec<_>>(),
        [(day("2026-01-01"), day("2026-02-01"), 3_100), (day("2026-03-01"), day("2026-04-01"), 3_100)]
    );
}

#[test]
fn what_does_not_fit_is_refused() {
    let all = [Slice { from: NaiveDate::MIN, to: NaiveDate::MAX, principal_minor: i64::MAX }];
    for ppm in [u32::MAX, 1_000_000] {
        assert_eq!(lines_of(&[RatePeriod::always(ppm)], count("GB"), &all), Err(TooLarge));
    }
}

#[test]
fn halves_go_to_the_even_side() {
    assert_eq!([1, 3, 5, 6, 7, 8].map(|n| half_even(n, 2)), [0, 2, 2, 3, 4, 4]);
    assert_eq!(half_even(10, 4), 2);
    assert_eq!(half_even(11, 4), 3);
}

fn days_from(start: i64, days: i64) -> NaiveDate {
    day("2020-01-01") + chrono::TimeDelta::days(start + days)
}

/// A stretch within the Norwegian rates from 2021 to the middle of 2024, which change six times.
fn norwegian() -> impl Strategy<Value = Slice> {
    (0_i64..1_200, 0_i64..1_200, 1_i64..10_000_000_000).prop_map(|(start, length, principal_minor)| {
        let from = day("2021-01-01") + chrono::TimeDelta::days(start);
        let to = (from + chrono::TimeDelta::days(length)).min(day("2024-07-01"));
        Slice { from, to, principal_minor }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Cutting a slice at any day changes no total: the sum is rounded once.
    #[test]
    fn a_slice_cut_in_two_costs_the_same(
        country in select(vec!["DE", "GB"]), start in 0_i64..3_000, first in 0_i64..2_000, second in 0_i64..2_000,
        ppm in 0_u32..400_000, principal_minor in 1_i64..1_000_000_000_000,
    ) {
        let (from, cut, to) = (days_from(start, 0), days_from(start, first), days_from(start, first + second));
        let whole = contract(country, ppm, &[Slice { from, to, principal_minor }]);
        let halves = contract(country, ppm, &[Slice { from, to: cut, principal_minor }, Slice { from: cut, to, principal_minor }]);
        prop_assert_eq!(total(&whole), total(&halves));
    }

    /// The lines cover the days without gap or overlap, none is negative, each is within one minor unit of its exact
    /// value, and their sum within half of one.
    #[test]
    fn the_lines_cover_the_days_and_do_not_drift(slice in norwegian()) {
        let lines = statutory("NO", DebtorKind::Consumer, &[slice]);
        prop_assert_eq!(lines.iter().map(|line| line.days).sum::<i64>(), (slice.to - slice.from).num_days());
        prop_assert!(lines.windows(2).all(|pair| pair[0].to == pair[1].from && pair[0].rate_ppm != pair[1].rate_ppm));
        let unit = 365 * 1_000_000_i128;
        let exact = |line: &InterestLine| i128::from(line.principal_minor) * i128::from(line.rate_ppm) * i128::from(line.days);
        for line in &lines {
            prop_assert!(line.amount_minor >= 0);
            prop_assert!((i128::from(line.amount_minor) * unit - exact(line)).abs() <= unit, "{:?}", line);
        }
        let off = i128::from(total(&lines)) * unit - lines.iter().map(exact).sum::<i128>();
        prop_assert!(2 * off.abs() <= unit);
    }

    /// More days, a larger principal or a higher rate never cost less.
    #[test]
    fn interest_never_falls(start in 0_i64..3_000, days in 0_i64..2_000, more in 0_i64..500, ppm in 0_u32..400_000, principal in 1_i64..1_000_000_000) {
        let of = |days: i64, ppm, principal_minor| total(&contract("DE", ppm, &[Slice { from: days_from(start, 0), to: days_from(start, days), principal_minor }]));
        let base = of(days, ppm, principal);
        prop_assert!(base <= of(days + more, ppm, principal));
        prop_assert!(base <= of(days, ppm + u32::try_from(more).unwrap(), principal));
        prop_assert!(base <= of(days, ppm, principal + more));
    }
}

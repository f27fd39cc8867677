#![allow(clippy::unwrap_used, reason = "tests")]
use super::*;
use crate::law::{WhyNoRate, pack};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn slice(from: &str, to: &str, principal_minor: i64) -> Slice {
    Slice { from: day(from), to: day(to), principal_minor }
}

fn total(lines: &[InterestLine]) -> i64 {
    lines.iter().map(|line| line.amount_minor).sum()
}

#[test]
fn a_year_at_a_contract_rate_costs_the_rate() {
    let lines =
        interest(pack("NZ").unwrap(), DebtorKind::Business, Rates::Contract(100_000), &[slice("2026-01-01", "2027-01-01", 100_000)]);
    let expected = InterestLine {
        from: day("2026-01-01"),
        to: day("2027-01-01"),
        days: 365,
        principal_minor: 100_000,
        rate_ppm: 100_000,
        year_days: 365,
        amount_minor: 10_000,
    };
    assert_eq!(lines.unwrap(), [expected]);
}

#[test]
fn a_half_year_at_the_german_rates_is_split_at_new_year() {
    let german = pack("DE").unwrap();
    let lines = interest(german, DebtorKind::Consumer, Rates::Statutory, &[slice("2025-12-01", "2026-02-01", 100_000)]).unwrap();
    assert_eq!(lines.iter().map(|l| (l.days, l.rate_ppm)).collect::<Vec<_>>(), [(31, 62_700), (31, 62_700)]);
    // 1000 euro × 6.27 % × 62/365 = 10.6504…
    assert_eq!(total(&lines), 1_065);
}

#[test]
fn where_the_rate_changes_the_line_ends() {
    let norway = pack("NO").unwrap();
    let lines = interest(norway, DebtorKind::Consumer, Rates::Statutory, &[slice("2022-06-16", "2022-07-16", 1_000_000)]).unwrap();
    let seen: Vec<_> = lines.iter().map(|l| (l.from, l.to, l.days, l.rate_ppm, l.amount_minor)).collect();
    // 10 000 × 8.5 % × 15/365 = 34.93 and 10 000 × 9.25 % × 15/365 = 38.01; exact sum 72.9452…: the lines add up to 72.95.
    assert_eq!(
        seen,
        [(day("2022-06-16"), day("2022-07-01"), 15, 85_000, 3_493), (day("2022-07-01"), day("2022-07-16"), 15, 92_500, 3_802),]
    );
}

#[test]
fn a_slice_that_runs_into_an_unknown_rate_tells_the_first_day() {
    let norway = pack("NO").unwrap();
    let error = interest(norway, DebtorKind::Business, Rates::Statutory, &[slice("2026-06-01", "2026-08-01", 1)]).unwrap_err();
    let NoInterest::NoRate(error) = error else { panic!("{error}") };
    assert_eq!((error.day, error.why), (day("2026-07-01"), WhyNoRate::NotOnFile));
}

#[test]
fn a_leap_year_costs_its_rate_where_its_days_count_out_of_366() {
    let year = [slice("2024-01-01", "2025-01-01", 3_650_000)];
    let of = |country| total(&interest(pack(country).unwrap(), DebtorKind::Business, Rates::Contract(100_000), &year).unwrap());
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
    assert_eq!(interest(pack("GB").unwrap(), DebtorKind::Business, Rates::Contract(1), &none).unwrap(), []);
}

#[test]
fn what_does_not_fit_is_refused() {
    let all = [Slice { from: NaiveDate::MIN, to: NaiveDate::MAX, principal_minor: i64::MAX }];
    for rates in [Rates::Contract(u32::MAX), Rates::Contract(1_000_000)] {
        assert_eq!(interest(pack("GB").unwrap(), DebtorKind::Business, rates, &all), Err(NoInterest::TooLarge));
    }
}

#[test]
fn halves_go_to_the_even_side() {
    assert_eq!([1, 3, 5, 6, 7, 8].map(|n| half_even(n, 2)), [0, 2, 2, 3, 4, 4]);
    assert_eq!(half_even(10, 4), 2);
    assert_eq!(half_even(11, 4), 3);
}

//! What may be added to the principal: reminder fees, fixed sums; and what a payment settles first.

use chrono::{Days, NaiveDate};
use entity::DebtorKind;
use serde::{Deserialize, Serialize};

use super::pack::{Pack, holds};

/// A part of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Fees, fixed sums and other costs.
    Costs,
    /// Interest.
    Interest,
    /// What was invoiced.
    Principal,
}

/// How often a fixed sum is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// For every invoice that is late.
    Invoice,
    /// Once for all invoices of a case.
    Case,
}

/// The law has a limit or a sum, but the figure of the day is not on file: nothing may be charged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no figure of the {what} in {country} on {day} is on file")]
pub struct NoFigure {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// The day.
    pub day: NaiveDate,
    /// Which figure.
    pub what: &'static str,
}

/// What the law allows a letter to cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeeLimit {
    /// It names no limit; the contract and good faith do.
    NoLimit,
    /// Nothing: not from this debtor, not in this currency, or not yet.
    Nothing,
    /// So much.
    AtMost {
        /// Minor units of the claim's currency.
        minor: i64,
        /// Most letters of the case that may carry a fee.
        max_count: u32,
        /// Days that the letter gives at least.
        min_deadline_days: u32,
    },
}

/// What a letter of a day may cost the debtor whose oldest invoice fell due on another.
///
/// # Errors
///
/// [`NoFigure`] when there is a limit that is not on file for the day.
pub fn fee_limit(pack: &Pack, debtor: DebtorKind, currency: &str, due_on: NaiveDate, day: NaiveDate) -> Result<FeeLimit, NoFigure> {
    let Some(rule) = pack.fee.iter().find(|rule| rule.ground.holds_on(day)) else { return Ok(FeeLimit::NoLimit) };
    let earliest = due_on.checked_add_days(Days::new(rule.earliest_days_after_due.into()));
    if !rule.debtors.contains(&debtor) || rule.currency != currency || earliest.is_none_or(|earliest| day < earliest) {
        return Ok(FeeLimit::Nothing);
    }
    let row = rule.amounts.iter().find(|row| holds(Some(row.from), row.last, day));
    let row = row.ok_or_else(|| NoFigure { country: pack.country.clone(), day, what: "reminder fee" })?;
    Ok(FeeLimit::AtMost { minor: row.minor, max_count: rule.max_count, min_deadline_days: rule.min_deadline_days })
}

/// A fixed sum that the debtor owes for being late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedSumDue {
    /// Minor units of the claim's currency.
    pub minor: i64,
    /// How often.
    pub per: Per,
    /// Whether it counts against the costs of collecting.
    pub set_off_against_costs: bool,
    /// The page that says so.
    pub source: String,
}

/// The fixed sum for a debt that fell late on a day; none where the law gives none against such a debtor or in such a
/// currency.
///
/// # Errors
///
/// [`NoFigure`] when there is one that is not on file for the day.
pub fn fixed_sum(
    pack: &Pack,
    debtor: DebtorKind,
    currency: &str,
    principal_minor: i64,
    day: NaiveDate,
) -> Result<Option<FixedSumDue>, NoFigure> {
    let rules = pack.fixed_sum.iter().filter(|rule| rule.ground.holds_on(day));
    let Some(rule) = rules.into_iter().find(|rule| rule.debtors.contains(&debtor) && rule.currency == currency) else { return Ok(None) };
    if principal_minor <= 0 {
        return Ok(None);
    }
    let row = rule.amounts.iter().find(|row| holds(row.from, row.last, day));
    let row = row.ok_or_else(|| NoFigure { country: pack.country.clone(), day, what: "fixed sum" })?;
    let tier = row.tiers.iter().rev().find(|tier| tier.from_minor <= principal_minor);
    Ok(tier.map(|tier| FixedSumDue {
        minor: tier.minor,
        per: rule.per,
        set_off_against_costs: rule.set_off_against_costs,
        source: row.source.clone(),
    }))
}

/// What a payment settles first. Without a pack, as without a rule: the principal that it was booked on, then costs,
/// then interest.
pub fn settlement_order(pack: Option<&Pack>) -> [Part; 3] {
    pack.map_or([Part::Principal, Part::Costs, Part::Interest], |pack| pack.settlement.order)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use DebtorKind::{Business, Consumer};

    use super::*;
    use crate::law::pack;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_norwegian_fee_waits_fourteen_days_and_has_its_limit() {
        let limit = |currency, due, on| fee_limit(pack("NO").unwrap(), Consumer, currency, day(due), day(on));
        let most = FeeLimit::AtMost { minor: 3_500, max_count: 2, min_deadline_days: 14 };
        assert_eq!(limit("NOK", "2025-03-01", "2025-03-14"), Ok(FeeLimit::Nothing));
        assert_eq!(limit("NOK", "2025-03-01", "2025-03-15"), Ok(most));
        assert_eq!(limit("EUR", "2025-03-01", "2025-04-15"), Ok(FeeLimit::Nothing));
        let error = limit("NOK", "2026-03-01", "2026-04-15").unwrap_err();
        assert_eq!(error.to_string(), "no figure of the reminder fee in NO on 2026-04-15 is on file");
        assert_eq!(fee_limit(pack("DE").unwrap(), Consumer, "EUR", day("2026-01-01"), day("2026-01-02")), Ok(FeeLimit::NoLimit));
    }

    #[test]
    fn fixed_sums_are_for_businesses_and_by_size() {
        let on = day("2026-03-01");
        for (country, debtor, currency, principal, minor) in [
            ("DE", Business, "EUR", 1, Some(4_000)),
            ("DE", Consumer, "EUR", 100, None),
            ("DE", Business, "USD", 100, None),
            ("GB", Business, "GBP", 99_999, Some(4_000)),
            ("GB", Business, "GBP", 100_000, Some(7_000)),
            ("GB", Business, "GBP", 999_999, Some(7_000)),
            ("GB", Business, "GBP", 1_000_000, Some(10_000)),
            ("GB", Consumer, "GBP", 1_000_000, None),
            ("GB", Business, "GBP", 0, None),
            ("NO", Business, "NOK", 100, Some(46_000)),
            ("NO", Consumer, "NOK", 100, None),
            ("AU", Business, "AUD", 100, None),
        ] {
            let sum = fixed_sum(pack(country).unwrap(), debtor, currency, principal, on).unwrap();
            assert_eq!(sum.map(|sum| sum.minor), minor, "{country} {debtor:?} {principal}");
        }
        assert!(fixed_sum(pack("NO").unwrap(), Business, "NOK", 100, day("2026-11-22")).is_err());
    }

    #[test]
    fn german_payments_pay_costs_first_and_others_the_invoice() {
        assert_eq!(settlement_order(pack("DE")), [Part::Costs, Part::Interest, Part::Principal]);
        assert_eq!(settlement_order(pack("NZ")), settlement_order(None));
    }
}

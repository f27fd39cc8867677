//! What may be added to a claim.

use async_graphql::{Enum, SimpleObject};
use domain::{
    claim::percent,
    law::{self, Pack},
};

use super::RuleGround;
use crate::graphql::{
    kind::DebtorKind,
    money::Money,
    scalars::{CurrencyCode, Date, Decimal},
};

/// The most that one letter may cost, for a time.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct FeeLimitRow {
    /// First day.
    pub from: Date,
    /// Last day; null while it holds.
    pub last: Option<Date>,
    /// The limit.
    pub most: Money,
    /// The page that says so.
    pub source: String,
    /// Whether this server's operator added it; otherwise it came with the program.
    pub added_by_operator: bool,
}

/// What letters may cost the debtor.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct FeeRule {
    /// Who may be charged.
    pub debtors: Vec<DebtorKind>,
    /// Most letters of a case that may carry a fee.
    pub max_count: u32,
    /// Days after the due date before which no letter carries one.
    pub earliest_days_after_due: u32,
    /// Days that a letter with a fee gives at least.
    pub min_deadline_days: u32,
    /// Whether value-added tax is on top.
    pub vat: bool,
    /// The limits by time. On a day without one, nothing may be charged.
    pub limits: Vec<FeeLimitRow>,
    /// On what it rests.
    pub ground: RuleGround,
}

impl From<&law::FeeRule> for FeeRule {
    fn from(rule: &law::FeeRule) -> Self {
        let limits = rule.amounts.iter().map(|row| FeeLimitRow {
            from: Date(row.from),
            last: row.last.map(Date),
            most: Money::new(row.minor, &rule.currency),
            source: row.source.clone(),
            added_by_operator: row.by_operator,
        });
        Self {
            debtors: rule.debtors.iter().copied().map(DebtorKind::from).collect(),
            max_count: rule.max_count,
            earliest_days_after_due: rule.earliest_days_after_due,
            min_deadline_days: rule.min_deadline_days,
            vat: rule.vat,
            limits: limits.collect(),
            ground: (&rule.ground).into(),
        }
    }
}

/// How days become a part of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "law::DayCount")]
pub enum DayCount {
    /// Every year has 365 days.
    #[graphql(name = "ACT_365")]
    Act365,
    /// Days of a leap year count out of 366.
    ActAct,
}

/// A base rate for a time.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct BaseRate {
    /// First day.
    pub from: Date,
    /// Last day.
    pub last: Date,
    /// Percent per year.
    pub percent: Decimal,
    /// The page that says so.
    pub source: String,
    /// Whether this server's operator added it; otherwise it came with the program.
    pub added_by_operator: bool,
}

/// What one kind of debtor owes by law.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct InterestMargin {
    /// Who.
    pub debtor: DebtorKind,
    /// Percentage points over the base rate.
    pub margin_percent: Decimal,
    /// Interest runs from the day after so many days after the due date; null: not by time alone.
    pub days_after_due: Option<u32>,
    /// Interest runs from the day after a demand that follows the due date.
    pub after_demand: bool,
}

/// Interest on late payment: simple, no interest on interest.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct InterestRule {
    /// How days become a part of a year.
    pub day_count: DayCount,
    /// Who owes statutory interest, and how much more than the base rate; empty: nobody, it takes a contract.
    pub margins: Vec<InterestMargin>,
    /// Base rates by time. On a day without one no statutory interest can be told, and none is guessed.
    pub base_rates: Vec<BaseRate>,
    /// Whether a debt keeps the rate of the day on which its interest began to run.
    pub fixed_at_start: bool,
    /// On what it rests.
    pub ground: RuleGround,
}

impl From<&law::Interest> for InterestRule {
    fn from(rule: &law::Interest) -> Self {
        let kinds = [entity::DebtorKind::Consumer, entity::DebtorKind::Business];
        let margins = kinds.into_iter().filter_map(|kind| {
            let starts = rule.starts.of(kind).unwrap_or_default();
            Some(InterestMargin {
                debtor: kind.into(),
                margin_percent: Decimal(percent(rule.margin_ppm.of(kind)?)),
                days_after_due: starts.days_after_due,
                after_demand: starts.after_demand,
            })
        });
        let base_rates = rule.rates.iter().map(|row| BaseRate {
            from: Date(row.from),
            last: Date(row.last),
            percent: Decimal(percent(row.ppm)),
            source: row.source.clone(),
            added_by_operator: row.by_operator,
        });
        Self {
            day_count: rule.day_count.into(),
            margins: margins.collect(),
            base_rates: base_rates.collect(),
            fixed_at_start: rule.fixed_at_start,
            ground: (&rule.ground).into(),
        }
    }
}

/// The statutory rate of a day.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct StatutoryRate {
    /// Percent per year: base rate and margin.
    pub percent: Decimal,
    /// First day of the rate.
    pub from: Date,
    /// Its last day.
    pub last: Date,
    /// The page that says so.
    pub source: String,
}

/// The statutory rate of a day; none when there is none.
pub fn rate_on(pack: &'static Pack, debtor: DebtorKind, on: Date) -> Option<StatutoryRate> {
    let rate = law::rate_on(pack, debtor.into(), on.0).ok()?;
    Some(StatutoryRate {
        percent: Decimal(percent(rate.ppm)),
        from: Date(rate.from),
        last: Date(rate.last),
        source: rate.source.to_owned(),
    })
}

/// How often a fixed sum is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "law::Per")]
pub enum FixedSumPer {
    /// For every invoice that is late.
    Invoice,
    /// Once for all invoices of a case.
    Case,
}

/// The sum from a size of debt on.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct FixedSumTier {
    /// Smallest debt.
    pub from: Money,
    /// The sum.
    pub sum: Money,
}

/// The sums for a time.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct FixedSumRow {
    /// First day; null when the source names no beginning.
    pub from: Option<Date>,
    /// Last day; null while it holds.
    pub last: Option<Date>,
    /// By the size of the debt, smallest first.
    pub tiers: Vec<FixedSumTier>,
    /// The page that says so.
    pub source: String,
    /// Whether this server's operator added it; otherwise it came with the program.
    pub added_by_operator: bool,
}

/// A fixed sum of compensation for late payment.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct FixedSumRule {
    /// Who may be charged.
    pub debtors: Vec<DebtorKind>,
    /// Only claims in this currency.
    pub currency: CurrencyCode,
    /// How often it is due.
    pub per: FixedSumPer,
    /// Whether it counts against the costs of collecting.
    pub set_off_against_costs: bool,
    /// The sums by time. On a day without one, nothing may be charged.
    pub sums: Vec<FixedSumRow>,
    /// On what it rests.
    pub ground: RuleGround,
}

impl From<&law::FixedSum> for FixedSumRule {
    fn from(rule: &law::FixedSum) -> Self {
        let money = |minor| Money::new(minor, &rule.currency);
        let sums = rule.amounts.iter().map(|row| FixedSumRow {
            from: row.from.map(Date),
            last: row.last.map(Date),
            tiers: row.tiers.iter().map(|tier| FixedSumTier { from: money(tier.from_minor), sum: money(tier.minor) }).collect(),
            source: row.source.clone(),
            added_by_operator: row.by_operator,
        });
        Self {
            debtors: rule.debtors.iter().copied().map(DebtorKind::from).collect(),
            currency: CurrencyCode(rule.currency.clone()),
            per: rule.per.into(),
            set_off_against_costs: rule.set_off_against_costs,
            sums: sums.collect(),
            ground: (&rule.ground).into(),
        }
    }
}

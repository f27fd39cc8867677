//! What a tenant charges beside its invoices, as settings.

use async_graphql::{Enum, InputObject, SimpleObject};
use chrono::NaiveDate;
use domain::{
    Refusal, RefusalCode,
    claim::{self, ChargeChanges, ChargeSettings as Stored, Interest, percent, read_percent},
    policy::Price,
};

use super::{
    money::{Money, MoneyInput},
    scalars::Decimal,
};

/// Which interest for late payment is claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum InterestMode {
    /// None.
    None,
    /// What the law of the tenant's country grants, day by day.
    Statutory,
    /// A rate that was agreed with all debtors.
    Contract,
}

/// What becomes of charges that are open when the invoices are paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::claim::Residual")]
pub enum ResidualCharges {
    /// The case stays open and its letters ask for the rest.
    Keep,
    /// They are given up and the case closes.
    Waive,
}

/// What a note on charges is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::claim::NoteCode")]
pub enum ChargeNoteCode {
    /// The contract's rate is above the law's.
    AboveStatutoryRate,
    /// The law gives no right to interest, or not from all debtors.
    NoStatutoryRight,
    /// The statutory rate of today is not on file: days without one bear no interest.
    RateMissing,
    /// The country has no fixed sum on file.
    NoFixedSum,
}

/// Something worth knowing about the settings. Advice, not a refusal.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct ChargeNote {
    /// What it is about.
    pub code: ChargeNoteCode,
    /// For people.
    pub message: String,
}

/// What is charged beside the invoices. All of it is off until it is switched on. The rules are those of the tenant's
/// country, whoever owes.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct ChargeSettings {
    /// Which interest.
    pub interest: InterestMode,
    /// Percent a year of a contract; null for other modes.
    pub contract_percent: Option<Decimal>,
    /// The fixed sum that the country's law grants for late payment.
    pub fixed_sum: bool,
    /// The fees of the policy's steps, where the law allows them when their letter is issued.
    pub step_fees: bool,
    /// What becomes of charges that are open when the invoices are paid.
    pub residual: ResidualCharges,
    /// Once the invoices are paid, charges below this are given up, by currency.
    pub waive_below: Vec<Money>,
    /// What a person should know of these settings today.
    pub notes: Vec<ChargeNote>,
}

impl ChargeSettings {
    /// As stored, for a country and a day.
    pub fn of(stored: &Stored, country: &str, today: NaiveDate) -> Self {
        let (interest, contract_percent) = match stored.interest {
            Interest::None => (InterestMode::None, None),
            Interest::Statutory => (InterestMode::Statutory, None),
            Interest::Contract(ppm) => (InterestMode::Contract, Some(Decimal(percent(ppm)))),
        };
        let notes = claim::notes(stored, country, today).into_iter();
        Self {
            interest,
            contract_percent,
            fixed_sum: stored.fixed_sum,
            step_fees: stored.fees,
            residual: stored.residual.into(),
            waive_below: stored.waive_below.iter().map(|price| Money::new(price.minor, &price.currency)).collect(),
            notes: notes.map(|note| ChargeNote { code: note.code.into(), message: note.message }).collect(),
        }
    }
}

/// What to change of the charges; what is left out stays.
#[derive(InputObject)]
pub struct ChargeSettingsInput {
    /// Which interest; `CONTRACT` needs `contractPercent`.
    pub interest: Option<InterestMode>,
    /// Percent a year that was agreed with all debtors, 0 to 36 with at most four decimals; only with `CONTRACT`.
    pub contract_percent: Option<Decimal>,
    /// The fixed sum that the country's law grants for late payment.
    pub fixed_sum: Option<bool>,
    /// The fees of the policy's steps.
    pub step_fees: Option<bool>,
    /// What becomes of charges that are open when the invoices are paid.
    pub residual: Option<ResidualCharges>,
    /// Once the invoices are paid, charges below this are given up: one sum for each currency, in place of all before.
    pub waive_below: Option<Vec<MoneyInput>>,
}

impl ChargeSettingsInput {
    /// What the domain makes of it.
    ///
    /// # Errors
    ///
    /// `INVALID` or `OUT_OF_RANGE`, naming the argument; `REQUIRED` for a contract without a rate.
    pub fn changes(self) -> Result<ChargeChanges, Refusal> {
        let at = |code, message: &str| Refusal::new(code, message).at("charges.contractPercent");
        let interest = match (self.interest, self.contract_percent) {
            (Some(InterestMode::Contract), Some(rate)) => Some(Interest::Contract(read_percent(&rate.0)?)),
            (Some(InterestMode::Contract), None) => return Err(at(RefusalCode::Required, "a contract has a rate")),
            (_, Some(_)) => return Err(at(RefusalCode::Invalid, "a rate is given with the mode CONTRACT")),
            (Some(InterestMode::Statutory), None) => Some(Interest::Statutory),
            (Some(InterestMode::None), None) => Some(Interest::None),
            (None, None) => None,
        };
        let price = |(index, money): (usize, &MoneyInput)| -> Result<Price, Refusal> {
            let minor = money.minor(&format!("input.charges.waiveBelow.{index}"))?;
            Ok(Price { currency: money.currency.0.clone(), minor })
        };
        let waive_below = self.waive_below.map(|sums| sums.iter().enumerate().map(price).collect::<Result<Vec<_>, _>>()).transpose()?;
        Ok(ChargeChanges {
            interest,
            fixed_sum: self.fixed_sum,
            fees: self.step_fees,
            residual: self.residual.map(Into::into),
            waive_below,
        })
    }
}

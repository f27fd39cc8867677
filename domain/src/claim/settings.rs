//! What a tenant charges for late payment: everything is off until it is switched on.

use serde::{Deserialize, Serialize};

use crate::{
    error::{Refusal, RefusalCode, Result},
    money,
    policy::Price,
};

/// The highest rate of a contract that is taken, in millionths a year: 36 %. Not law: a guard against a slip of the comma.
pub const MAX_CONTRACT_PPM: u32 = 360_000;

/// Most currencies that a small rest is named in.
const MAX_CURRENCIES: usize = 20;

/// What a tenant charges beside its invoices. The rules are those of the tenant's country: it is the seat of the creditor,
/// whose law a sale follows where nothing else was agreed, and the only place that is known for every debtor.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ChargeSettings {
    /// Which interest.
    pub interest: Interest,
    /// The fixed sum that the country grants for late payment.
    pub fixed_sum: bool,
    /// The fees of the policy's steps.
    pub fees: bool,
    /// What becomes of charges that are open when the invoices are paid.
    pub residual: Residual,
    /// Once the invoices are paid, charges below this are given up, per currency; in other currencies none are.
    pub waive_below: Vec<Price>,
}

/// Which interest a tenant claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interest {
    /// None.
    #[default]
    None,
    /// What the country's law grants.
    Statutory,
    /// What was agreed with all debtors: millionths a year.
    Contract(u32),
}

/// What becomes of charges that are open when the invoices are paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Residual {
    /// The case stays open and its letters ask for the rest.
    #[default]
    Keep,
    /// They are given up and the case closes.
    Waive,
}

/// What may be changed of them; what is none stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChargeChanges {
    /// Which interest.
    pub interest: Option<Interest>,
    /// The fixed sum.
    pub fixed_sum: Option<bool>,
    /// The fees of the policy's steps.
    pub fees: Option<bool>,
    /// What becomes of an open rest.
    pub residual: Option<Residual>,
    /// Small rests, per currency; in place of all that were named before.
    pub waive_below: Option<Vec<Price>>,
}

impl ChargeSettings {
    /// The settings with changes, checked.
    ///
    /// # Errors
    ///
    /// See [`Self::check`].
    pub fn with(self, changes: &ChargeChanges) -> Result<Self, Refusal> {
        let settings = Self {
            interest: changes.interest.unwrap_or(self.interest),
            fixed_sum: changes.fixed_sum.unwrap_or(self.fixed_sum),
            fees: changes.fees.unwrap_or(self.fees),
            residual: changes.residual.unwrap_or(self.residual),
            waive_below: changes.waive_below.clone().unwrap_or(self.waive_below),
        };
        settings.check().map(|()| settings)
    }

    /// Reads the settings of a tenant.
    ///
    /// # Errors
    ///
    /// When the stored document has another shape.
    pub fn of(tenant: &entity::tenant::Model) -> Result<Self> {
        Ok(serde_json::from_value(tenant.charges.clone())?)
    }

    /// Checks settings as a person gave them.
    ///
    /// # Errors
    ///
    /// `OUT_OF_RANGE` for a rate above [`MAX_CONTRACT_PPM`] or a sum that is not positive, `INVALID` for an unknown
    /// currency or one named twice, `LIMIT_EXCEEDED` for too many.
    pub fn check(&self) -> Result<(), Refusal> {
        if matches!(self.interest, Interest::Contract(ppm) if ppm > MAX_CONTRACT_PPM) {
            let message = format!("at most {} percent a year", percent(MAX_CONTRACT_PPM));
            return Err(Refusal::new(RefusalCode::OutOfRange, message).at("charges.contractPercent"));
        }
        if self.waive_below.len() > MAX_CURRENCIES {
            return Err(Refusal::new(RefusalCode::LimitExceeded, format!("at most {MAX_CURRENCIES} currencies")).at("charges.waiveBelow"));
        }
        for (index, price) in self.waive_below.iter().enumerate() {
            let at = |code, message: &str| Err(Refusal::new(code, message).at(&format!("charges.waiveBelow.{index}")));
            if money::minor_digits(&price.currency).is_none() || self.waive_below[..index].iter().any(|p| p.currency == price.currency) {
                return at(RefusalCode::Invalid, "each currency once, by its code");
            }
            if price.minor <= 0 || price.minor > money::MAX_AMOUNT_MINOR {
                return at(RefusalCode::OutOfRange, "a sum that is more than zero");
            }
        }
        Ok(())
    }

    /// Whether an open rest is given up once the invoices are paid.
    pub fn gives_up(&self, currency: &str, rest_minor: i64) -> bool {
        let small = self.waive_below.iter().any(|price| price.currency == currency && rest_minor < price.minor);
        small || self.residual == Residual::Waive
    }
}

/// Millionths as percent: `102700` is `10.27`.
pub fn percent(ppm: u32) -> String {
    let (whole, rest) = (ppm / 10_000, ppm % 10_000);
    let text = format!("{whole}.{rest:04}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Reads percent a year: ASCII digits, at most one point and four decimals, no sign.
///
/// # Errors
///
/// `INVALID` for another form, `OUT_OF_RANGE` for a negative rate or one above [`MAX_CONTRACT_PPM`].
pub fn read_percent(text: &str) -> Result<u32, Refusal> {
    let refuse = |code, message: String| Refusal::new(code, message).at("charges.contractPercent");
    if text.starts_with('-') {
        return Err(refuse(RefusalCode::OutOfRange, "a rate is not negative".into()));
    }
    let invalid = || refuse(RefusalCode::Invalid, "a rate looks like 9.5: percent a year, at most four decimals".into());
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.len() > 4 {
        return Err(invalid());
    }
    let too_high = || refuse(RefusalCode::OutOfRange, format!("at most {} percent a year", percent(MAX_CONTRACT_PPM)));
    if whole.len() > 4 {
        return Err(too_high());
    }
    let ppm: u32 = format!("{whole}{fraction:0<4}").parse().map_err(|_| invalid())?;
    if ppm > MAX_CONTRACT_PPM { Err(too_high()) } else { Ok(ppm) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn nothing_is_charged_unless_it_is_switched_on() {
        let settings: ChargeSettings = serde_json::from_str("{}").unwrap();
        assert_eq!(settings, ChargeSettings::default());
        assert_eq!((settings.interest, settings.fees, settings.fixed_sum), (Interest::None, false, false));
        assert_eq!(settings.residual, Residual::Keep);
        let stored = serde_json::to_string(&ChargeSettings { interest: Interest::Contract(95_000), ..settings }).unwrap();
        assert_eq!(serde_json::from_str::<ChargeSettings>(&stored).unwrap().interest, Interest::Contract(95_000));
    }

    #[test]
    fn rates_are_read_and_written_as_percent() {
        for (text, ppm, shown) in
            [("9.5", 95_000, "9.5"), ("0", 0, "0"), ("10.27", 102_700, "10.27"), ("36", 360_000, "36"), ("0.0001", 1, "0.0001")]
        {
            assert_eq!(read_percent(text).unwrap(), ppm, "{text}");
            assert_eq!(percent(ppm), shown);
        }
        for (text, code) in [
            ("-1", RefusalCode::OutOfRange),
            ("36.0001", RefusalCode::OutOfRange),
            ("99999999999", RefusalCode::OutOfRange),
            ("", RefusalCode::Invalid),
            (".5", RefusalCode::Invalid),
            ("5.", RefusalCode::Invalid),
            ("1e1", RefusalCode::Invalid),
            ("9,5", RefusalCode::Invalid),
            ("1.00001", RefusalCode::Invalid),
            ("１", RefusalCode::Invalid),
        ] {
            assert_eq!(read_percent(text).unwrap_err().code, code, "{text:?}");
        }
    }

    #[test]
    fn a_small_rest_is_given_up_in_its_currency_alone() {
        let price = |currency: &str, minor| Price { currency: currency.into(), minor };
        let settings = ChargeSettings { waive_below: vec![price("EUR", 500)], ..ChargeSettings::default() };
        assert_eq!(settings.check(), Ok(()));
        assert!(settings.gives_up("EUR", 499) && !settings.gives_up("EUR", 500) && !settings.gives_up("NOK", 1));
        assert!(ChargeSettings { residual: Residual::Waive, ..settings.clone() }.gives_up("NOK", 1_000_000));
        for bad in [vec![price("EUR", 0)], vec![price("XXY", 1)], vec![price("EUR", 1), price("EUR", 2)], vec![price("EUR", i64::MAX)]] {
            assert!(ChargeSettings { waive_below: bad.clone(), ..settings.clone() }.check().is_err(), "{bad:?}");
        }
        let steep = ChargeSettings { interest: Interest::Contract(MAX_CONTRACT_PPM + 1), ..settings };
        assert_eq!(steep.check().unwrap_err().code, RefusalCode::OutOfRange);
    }
}

//! Money outside: a decimal string and a currency, never a float.

use async_graphql::{InputObject, Object};
use domain::{Refusal, letter, money};

use super::scalars::{CurrencyCode, Decimal, Locale};

/// An amount of one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    /// Minor units.
    pub minor: i64,
    /// ISO 4217.
    pub currency: String,
}

impl Money {
    /// An amount in minor units.
    pub fn new(minor: i64, currency: &str) -> Self {
        Self { minor, currency: currency.to_owned() }
    }
}

/// An amount of one currency.
#[Object]
impl Money {
    /// The amount with all decimals of its currency, e.g. `1234.50`.
    async fn amount(&self) -> Decimal {
        Decimal(money::to_decimal(self.minor, &self.currency))
    }

    /// The currency.
    async fn currency(&self) -> CurrencyCode {
        CurrencyCode(self.currency.clone())
    }

    /// The amount as a reader expects it, e.g. `NZD 1,234.50` or `1.234,50 €`; English unless the locale is German.
    async fn formatted(&self, #[graphql(desc = "The reader's language.")] locale: Option<Locale>) -> String {
        let language = locale.and_then(|locale| letter::Language::of_locale(&locale.0)).unwrap_or(letter::Language::En);
        letter::format_amount(self.minor, &self.currency, language)
            .unwrap_or_else(|_| format!("{} {}", self.currency, money::to_decimal(self.minor, &self.currency)))
    }
}

/// An amount of one currency.
#[derive(Debug, Clone, PartialEq, Eq, InputObject)]
pub struct MoneyInput {
    /// The amount, with at most as many decimals as the currency has.
    pub amount: Decimal,
    /// The currency.
    pub currency: CurrencyCode,
}

impl MoneyInput {
    /// The amount in minor units of its currency.
    ///
    /// # Errors
    ///
    /// `INVALID` or `OUT_OF_RANGE`, about this argument.
    pub fn minor(&self, argument: &str) -> Result<i64, Refusal> {
        money::from_decimal(&self.amount.0, &self.currency.0).map_err(|refusal| {
            let inner = refusal.field.join(".");
            refusal.at(&format!("{argument}.{inner}"))
        })
    }
}

//! An organisation: a business that keeps its books in Xero.

use uuid::Uuid;

use super::Cents;

/// An organisation; its id is what Xero calls the tenant id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    /// The tenant id.
    pub id: Uuid,
    /// The name.
    pub name: String,
    /// The legal name.
    pub legal_name: String,
    /// NZ or AU.
    pub country: &'static str,
    /// Three letters.
    pub currency: &'static str,
    /// Xero's word for the time zone.
    pub time_zone: &'static str,
    /// The short code in addresses of Xero's pages.
    pub short_code: String,
    /// The number in the companies' register.
    pub registration_number: String,
    /// The tax that sales bear, in percent.
    pub tax_percent: i64,
    /// Xero's word for that tax.
    pub tax_type: &'static str,
}

impl Organisation {
    /// The tax within an amount that includes it, rounded to the nearest cent.
    pub fn tax_within(&self, total: Cents) -> Cents {
        let whole = 100 + self.tax_percent;
        Cents((total.0 * self.tax_percent * 2 + whole).div_euclid(whole * 2))
    }
}

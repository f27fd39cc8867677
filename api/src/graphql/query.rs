//! Questions. Each is answered within the viewer's tenant; what belongs to another one is not there.

mod cases;
mod debtors;
mod escalation;
mod handovers;
mod imports;
mod invoices;
mod law;
mod letters;
mod prints;
mod root;
mod search;
mod suppressions;
mod systems;
mod tasks;
mod templates;

use async_graphql::{Enum, InputObject, MergedObject};
use chrono::{DateTime, Utc};

pub use cases::{CaseWhere, filter as filter_cases};

use super::{
    error::query_error,
    scalars::{CurrencyCode, Date, Decimal},
};

/// Questions.
#[derive(Default, MergedObject)]
#[graphql(name = "Query")]
pub struct Query(
    root::Root,
    cases::Cases,
    invoices::Invoices,
    debtors::Debtors,
    letters::Letters,
    imports::Imports,
    systems::Systems,
    handovers::Handovers,
    prints::Prints,
    suppressions::Suppressions,
    tasks::Tasks,
    templates::Templates,
    escalation::Escalation,
    law::Law,
);

/// Most ids that one filter names.
const MAX_IDS: usize = 100;

/// What a filter names, each once: a list of a hundred thousand statuses is still a handful of them, and no statement binds
/// more values than it must.
fn distinct<T: PartialEq>(wanted: impl IntoIterator<Item = T>) -> Vec<T> {
    wanted.into_iter().fold(Vec::new(), |mut known, one| {
        if !known.contains(&one) {
            known.push(one);
        }
        known
    })
}

/// Which way to sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum SortDirection {
    /// Smallest, oldest or first first.
    Asc,
    /// Largest, newest or last first.
    Desc,
}

/// Days from and to, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, InputObject)]
pub struct DateRange {
    /// This day or later.
    pub gte: Option<Date>,
    /// This day or earlier.
    pub lte: Option<Date>,
}

/// Instants from and to, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, InputObject)]
pub struct DateTimeRange {
    /// This instant or later.
    pub gte: Option<DateTime<Utc>>,
    /// This instant or earlier.
    pub lte: Option<DateTime<Utc>>,
}

/// Amounts of one currency from and to, both included.
#[derive(Debug, Clone, PartialEq, Eq, InputObject)]
pub struct MoneyRange {
    /// Only amounts of this currency match.
    pub currency: CurrencyCode,
    /// This amount or more.
    pub gte: Option<Decimal>,
    /// This amount or less.
    pub lte: Option<Decimal>,
}

impl MoneyRange {
    /// The bounds in minor units.
    fn minor(&self) -> async_graphql::Result<(Option<i64>, Option<i64>)> {
        let minor = |bound: &Option<Decimal>| {
            let minor = bound.as_ref().map(|bound| domain::money::from_decimal(&bound.0, &self.currency.0));
            minor.transpose().map_err(|refusal| query_error(refusal.into()))
        };
        Ok((minor(&self.gte)?, minor(&self.lte)?))
    }
}

//! Which cases a mutation means.

use std::collections::BTreeMap;

use async_graphql::{ID, InputObject, OneofObject};
use domain::{
    Refusal,
    case::{Matching, Selection},
};

use crate::graphql::{id, money::MoneyInput};

/// Which cases: named ones, or every proposal that matches.
#[derive(OneofObject)]
pub enum SelectionInput {
    /// These cases, at most 500.
    Ids(Vec<ID>),
    /// Every proposal that matches, if it is still what the person saw; at most 10,000.
    Matching(MatchingInput),
}

/// Every proposal that matches, with what the person saw. Refused with `SELECTION_CHANGED` when count or totals differ.
#[derive(InputObject)]
pub struct MatchingInput {
    /// Of this integration.
    pub integration_id: Option<ID>,
    /// Of this debtor.
    pub debtor_id: Option<ID>,
    /// Except these, at most 500.
    #[graphql(default)]
    pub except_ids: Vec<ID>,
    /// How many the person saw.
    pub expected_count: i32,
    /// The totals outstanding that the person saw, one for each currency.
    pub expected_totals: Vec<MoneyInput>,
}

impl SelectionInput {
    /// What the domain makes of it.
    pub(super) fn selection(&self) -> Result<Selection, Refusal> {
        match self {
            Self::Ids(ids) => Ok(Selection::Ids(id::named_all(ids, "selection.ids")?)),
            Self::Matching(matching) => matching.matching().map(Selection::Matching),
        }
    }
}

impl MatchingInput {
    fn matching(&self) -> Result<Matching, Refusal> {
        let mut expected_total = BTreeMap::new();
        for (index, money) in self.expected_totals.iter().enumerate() {
            let minor = money.minor(&format!("selection.matching.expectedTotals.{index}"))?;
            let total = expected_total.entry(money.currency.0.clone()).or_insert(0_i64);
            // A sum beyond all amounts is nobody's total, and is refused as one that changed.
            *total = total.saturating_add(minor);
        }
        Ok(Matching {
            integration: self.integration_id.as_ref().map(|id| id::named(id, "selection.matching.integrationId")).transpose()?,
            debtor: self.debtor_id.as_ref().map(|id| id::named(id, "selection.matching.debtorId")).transpose()?,
            except: id::named_all(&self.except_ids, "selection.matching.exceptIds")?.into_iter().collect(),
            // Fewer than none is as wrong as any other wrong number.
            expected_count: usize::try_from(self.expected_count).unwrap_or(usize::MAX),
            expected_total,
        })
    }
}

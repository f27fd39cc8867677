//! Walking over the invoices that may become a case, oldest due date first, a page at a time. A page begins right behind
//! the last one: whatever the walk has left behind, proposed or passed over, is not looked at again.

use std::collections::{BTreeSet, HashSet};

use chrono::NaiveDate;
use entity::{DebtorId, InvoiceId, InvoiceStatus, Scoped, debtor, integration, invoice};
use sea_orm::{
    ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, ExprTrait},
};

use super::{BATCH, not_collected_from};
use crate::{change::Change, error::Result};

/// Most invoices that come with a page because a debtor's go together; further ones have a page of their own.
const MOST_TOGETHER: u64 = 4_000;

/// The last invoice of a page, by due date and id.
pub(super) type Behind = (NaiveDate, InvoiceId);

/// Invoices of a walk.
#[derive(Default)]
pub(super) struct Page {
    pub(super) invoices: Vec<invoice::Model>,
    /// Where the next page begins; none when this is the last.
    pub(super) behind: Option<Behind>,
}

/// What a walk looks for.
pub(super) struct Walk<'a> {
    pub(super) integration: &'a integration::Model,
    pub(super) today: NaiveDate,
    /// How old or near they are.
    pub(super) of_age: Condition,
    /// With an invoice come all of its debtor.
    pub(super) together: bool,
}

impl Walk<'_> {
    /// A page of eligible invoices: open, known to their source, not in a case, not disputed, of the right age, recent
    /// enough, large enough, debtor collected from.
    pub(super) async fn page(&self, change: &Change<'_>, behind: Option<Behind>) -> Result<Page> {
        let mut invoices = in_order(self.candidates(change, behind)).limit(BATCH).all(&change.tx).await?;
        let Some(last) = invoices.last().filter(|_| invoices.len() as u64 == BATCH).map(|last| (last.due_on, last.id)) else {
            return Ok(Page { invoices: self.collected(change, invoices).await?, behind: None });
        };
        if self.together {
            let theirs = invoice::Column::DebtorId.is_in(debtors_of(&invoices));
            let further = self.candidates(change, Some(last)).filter(theirs);
            invoices.extend(in_order(further).limit(MOST_TOGETHER).all(&change.tx).await?);
        }
        Ok(Page { invoices: self.collected(change, invoices).await?, behind: Some(last) })
    }

    /// All but the debtor's part of the rule. The two columns are compared as a pair: as two conditions the database
    /// would begin at the first of the index and pass over all that were proposed before.
    fn candidates(&self, change: &Change<'_>, behind: Option<Behind>) -> Select<invoice::Entity> {
        let mut select = invoice::Entity::of(change.tenant)
            .filter(invoice::Column::IntegrationId.eq(self.integration.id))
            .filter(invoice::Column::Status.eq(InvoiceStatus::Open))
            .filter(invoice::Column::CaseId.is_null())
            .filter(invoice::Column::MissingSince.is_null())
            .filter(invoice::Column::Disputed.eq(false))
            .filter(invoice::Column::OutstandingMinor.gte(std::cmp::max(self.integration.minimum_amount_minor, 1)))
            .filter(self.of_age.clone());
        if let Some(from) = self.integration.activate_from {
            select = select.filter(invoice::Column::IssuedOn.gte(from));
        }
        if let Some((due_on, id)) = behind {
            let column = |column| Expr::col((invoice::Entity, column));
            let here = Expr::tuple([column(invoice::Column::DueOn), column(invoice::Column::Id)]);
            select = select.filter(here.gt(Expr::tuple([Expr::val(due_on), Expr::val(id)])));
        }
        select
    }

    /// Those whose debtor is collected from. Asked of a page's debtors only: to find the few exempt ones among all would
    /// read each of them for each page.
    async fn collected(&self, change: &Change<'_>, invoices: Vec<invoice::Model>) -> Result<Vec<invoice::Model>> {
        if invoices.is_empty() {
            return Ok(invoices);
        }
        let exempt = debtor::Entity::of(change.tenant)
            .select_only()
            .column(debtor::Column::Id)
            .filter(debtor::Column::Id.is_in(debtors_of(&invoices)))
            .filter(not_collected_from(self.today));
        let exempt: HashSet<DebtorId> = exempt.into_tuple().all(&change.tx).await?.into_iter().collect();
        Ok(invoices.into_iter().filter(|invoice| !exempt.contains(&invoice.debtor_id)).collect())
    }
}

fn in_order(select: Select<invoice::Entity>) -> Select<invoice::Entity> {
    select.order_by_asc(invoice::Column::DueOn).order_by_asc(invoice::Column::Id)
}

fn debtors_of(invoices: &[invoice::Model]) -> BTreeSet<DebtorId> {
    invoices.iter().map(|invoice| invoice.debtor_id).collect()
}

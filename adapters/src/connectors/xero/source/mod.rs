//! A pull from Xero, page by page.
//!
//! The fewest calls that a run needs, for n records of a list in pages of 1,000:
//! - *Everything*: 1 for the organisation, ⌈n/1000⌉ for open invoices, and for their c contacts ⌈c/40⌉, or the whole list
//!   of contacts where that is shorter. One for each payment on an open invoice, or the whole list of payments where that
//!   is shorter: only there Xero says whether a payment is reconciled.
//! - *Changes*: 3 when nothing changed: contacts, invoices, payments. Then ⌈c/40⌉ for the contacts of collectable invoices
//!   that are not among the changed ones, and one for each payment of theirs that did not change.
//! - *Only*: 1 for one invoice that nothing was paid on; 1 for up to 40 and 1 for their contacts.
//!
//! An invoice that cannot be collected is told without its debtor: it is news of a known claim, and looking its contact
//! up would cost calls. The steps are in [`page`] and [`wanted`], the filters in [`lists`]; [`position`] says why nothing is
//! lost while the lists move.

mod catalogue;
mod debtors;
mod invoices;
mod lists;
mod page;
mod payments;
mod position;
mod wanted;

use domain::{
    RefusalCode,
    port::{Connector, Page, Pull, Scope, Source, SourceError, Wanted},
};

use self::{
    debtors::Debtors,
    payments::Payments,
    position::{Phase, Position},
};
use super::{client::Client, settings::Settings};
use crate::http::Http;

/// Pulls from Xero. Keeps nothing between pulls.
pub(super) struct XeroConnector {
    pub(super) http: Http,
    pub(super) settings: Settings,
}

#[async_trait::async_trait]
impl Connector for XeroConnector {
    async fn pull(&self, pull: Pull) -> Result<Box<dyn Source>, SourceError> {
        let link = pull.link.ok_or_else(|| SourceError::Refused {
            code: RefusalCode::Invalid.as_str().into(),
            message: "a pull from Xero needs a connection".into(),
        })?;
        let position = pull.position.as_deref().map_or_else(|| Position::first(&pull.scope), Position::parse)?;
        let client = Client { http: self.http.clone(), settings: self.settings.clone(), link };
        let wanted = match pull.scope {
            Scope::Only(wanted) => wanted,
            Scope::Everything | Scope::Changes(_) => Wanted::default(),
        };
        Ok(Box::new(XeroSource { client, wanted, position, debtors: Debtors::new(), payments: Payments::new() }))
    }
}

/// A pull under way. What it looked up is kept until it ends.
struct XeroSource {
    client: Client,
    wanted: Wanted,
    position: Position,
    debtors: Debtors,
    payments: Payments,
}

#[async_trait::async_trait]
impl Source for XeroSource {
    async fn next_page(&mut self) -> Result<Option<Page>, SourceError> {
        let mut page = Page::default();
        while self.position.phase != Phase::End {
            let step = self.step().await?;
            self.position.phase = step.next;
            page.account = step.account.or(page.account);
            page.records = step.records;
            page.problems = step.problems;
            let told = page.records.len() + page.problems.len();
            self.position.rows += told as u64;
            // Lists without records are passed over; the end is told in any case, with the mark.
            if told > 0 || self.position.phase == Phase::End {
                page.position = self.position.write();
                page.mark = self.position.began.map(|at| at.to_rfc3339());
                page.rows_done = self.position.rows;
                return Ok(Some(page));
            }
        }
        Ok(None)
    }
}

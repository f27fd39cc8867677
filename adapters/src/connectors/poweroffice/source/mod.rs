//! The pull: pages of records in one of three ways.
//!
//! *Everything* reads the open items of the ledger, *changes* the ledger's entries that changed since the mark and then
//! the customers that did, *only* the invoices and debtors that were named. Each ledger entry that is a claim becomes an
//! invoice with its debtor and all that settled it (`claims`); money that waits to be matched is told with the claims of
//! its customer. Nothing is kept between pages but customers that were read already.

mod changed;
mod claims;
mod ledger;
mod list;
mod people;
mod read;
mod waiting;
mod wanted;

use chrono::{DateTime, Utc};
use domain::{
    RefusalCode,
    port::{Page, Problem, Pull, Scope, Source, SourceError, connect::Account},
};

use super::{
    COUNTRY, CURRENCY, Setup, ZONE,
    client::Client,
    position::{self, Position, Stage},
    wire::Information,
};
use people::People;

/// Opens a pull at its beginning or where it broke off.
pub(super) fn open(setup: Setup, pull: Pull) -> Result<Going, SourceError> {
    let link = pull.link.ok_or_else(|| SourceError::Refused {
        code: RefusalCode::Required.as_str().into(),
        message: "PowerOffice GO is not connected".into(),
    })?;
    let since = match &pull.scope {
        Scope::Changes(mark) => Some(position::mark(mark)?),
        Scope::Everything | Scope::Only(_) => None,
    };
    let stage = if matches!(pull.scope, Scope::Only(_)) { Stage::Wanted } else { Stage::Ledger };
    let position = match &pull.position {
        Some(text) => Position::parse(text)?,
        None => Position::start(stage, since, pull.today, link.now),
    };
    Ok(Going { client: Client { setup, link }, scope: pull.scope, since, position, people: People::default() })
}

/// A pull under way.
pub(super) struct Going {
    client: Client,
    scope: Scope,
    /// The mark that changes are read from.
    since: Option<DateTime<Utc>>,
    position: Position,
    people: People,
}

#[async_trait::async_trait]
impl Source for Going {
    /// Reads on until something was found or all is read. The last page is told even when it is empty: it has the mark.
    async fn next_page(&mut self) -> Result<Option<Page>, SourceError> {
        if self.position.stage == Stage::End {
            return Ok(None);
        }
        let mut page = Page::default();
        if self.position.rows_done == 0 && self.scope == Scope::Everything {
            page.account = Some(self.account().await?);
        }
        while page.records.is_empty() && page.problems.is_empty() && self.position.stage != Stage::End {
            match self.position.stage {
                Stage::Ledger => self.ledger(&mut page).await?,
                Stage::Customers => self.changed_customers(&mut page).await?,
                Stage::Wanted => self.wanted(&mut page).await?,
                Stage::End => {}
            }
        }
        page.position = self.position.write();
        page.rows_done = self.position.rows_done;
        page.mark = (!matches!(self.scope, Scope::Only(_))).then(|| position::stamp(self.position.mark));
        Ok(Some(page))
    }
}

impl Going {
    /// What the books say of themselves, with GO's documented constants.
    async fn account(&self) -> Result<Account, SourceError> {
        let raw = self.client.one(&["ClientIntegrationInformation"]).await?;
        let told = raw.and_then(|raw| serde_json::from_str::<Information>(raw.get()).ok()).and_then(|information| information.client_name);
        let mut account = self.client.link.account.clone();
        account.name = crate::connectors::wire::text(told.as_deref(), 200).unwrap_or(account.name);
        account.time_zone = Some(ZONE.into());
        account.currency = Some(CURRENCY.into());
        account.country = Some(COUNTRY.into());
        Ok(account)
    }
}

/// A record that GO does not have.
fn not_found(external_id: &str, what: &str) -> Problem {
    Problem {
        row: None,
        column: None,
        external_id: Some(external_id.to_owned()),
        code: RefusalCode::NotFound.as_str().into(),
        message: format!("PowerOffice GO has no {what} with this id any more"),
    }
}

//! A pull page by page.
//!
//! Everything: what is open, by id. Changes: whatever changed, in the order of the changes, so that what changes while
//! it is read comes again at the end; then customers that changed. Only: exactly the wanted ids. `position` says how a
//! page of the product and a page of Xentral's list go together, `gather` how many rows a page takes.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::{
    RefusalCode,
    port::{Page, Problem, Pull, Record, Scope, Source, SourceError, Wanted, connect::Account},
};
use serde_json::value::RawValue;

use super::{
    client::{Ask, Client, JSON},
    gather::{CALLS_PER_PAGE, Gather, Gathered, READ_INVOICES, customers},
    map,
    position::{Place, Position, Stage, instant},
    query::Query,
    row::{is_number, record},
    wire::{self, Next},
};
use crate::http::{Http, StatusCode};

/// Rows of a page of v3's invoices, the most that it gives.
const INVOICES_PER_PAGE: usize = 1_000;

/// Rows of a page of v3's customers, the most that it gives.
const CUSTOMERS_PER_PAGE: usize = 100;

/// Longest cursor that is kept: it goes into a row and into the next address.
const MAX_CURSOR_BYTES: usize = 2_048;

/// Wanted ids of one page: with a `/balance` for each they stay well below the calls of a minute.
const WANTED_PER_PAGE: usize = 30;

/// What changed shortly before a pull began is pulled again: clocks differ, and changes take a moment to be seen.
const OVERLAP: TimeDelta = TimeDelta::minutes(2);

/// A pull under way.
pub(super) struct XentralSource {
    client: Client,
    scope: Scope,
    today: NaiveDate,
    position: Position,
    /// The page of Xentral's list that is being taken over.
    fetched: Option<Fetched>,
    /// Told with the first page.
    account: Option<Account>,
}

/// A page of Xentral's list, as far as it was not taken over yet.
struct Fetched {
    rows: Vec<Box<RawValue>>,
    next: Option<String>,
}

/// Starts or resumes a pull.
///
/// # Errors
///
/// [`SourceError`].
pub(super) fn open(http: Http, pull: Pull) -> Result<XentralSource, SourceError> {
    let link = pull.link.ok_or_else(|| SourceError::Unauthorised("Xentral is not connected: paste an access token".into()))?;
    let account = pull.position.is_none().then(|| link.account.clone());
    let position = match &pull.position {
        Some(stored) => Position::read(stored)?,
        None => Position::start(link.now - OVERLAP),
    };
    Ok(XentralSource { client: Client::new(http, link)?, scope: pull.scope, today: pull.today, position, fetched: None, account })
}

#[async_trait::async_trait]
impl Source for XentralSource {
    async fn next_page(&mut self) -> Result<Option<Page>, SourceError> {
        match (self.position.stage, self.scope.clone()) {
            (Stage::Done, _) => Ok(None),
            (Stage::Invoices, Scope::Only(wanted)) => self.wanted_invoices(&wanted).await.map(Some),
            (Stage::Customers, Scope::Only(wanted)) => self.wanted_customers(&wanted).await.map(Some),
            (Stage::Invoices, _) => self.invoices().await.map(Some),
            (Stage::Customers, _) => self.changed_customers().await.map(Some),
        }
    }
}

impl XentralSource {
    async fn invoices(&mut self) -> Result<Page, SourceError> {
        let mut fetched = match self.fetched.take() {
            Some(fetched) => fetched,
            None => self.fetch_invoices().await?,
        };
        let mut next = self.position.clone();
        let mut gather = Gather { client: &mut self.client, today: self.today, customers: next.customers };
        let gathered = gather.invoices(&fetched.rows, CALLS_PER_PAGE).await?;
        next.customers = gather.customers;
        let taken: Vec<Box<RawValue>> = fetched.rows.drain(..gathered.rows).collect();
        if fetched.rows.is_empty() {
            self.turn(&mut next, fetched.next);
        } else {
            next.after = taken.iter().rev().find_map(|row| place(row, self.by_change())).or(next.after);
            self.fetched = Some(fetched);
        }
        Ok(self.page(gathered, next))
    }

    /// Goes on to the next page of the list, or of what comes after it.
    fn turn(&self, next: &mut Position, cursor: Option<String>) {
        (next.cursor, next.after) = (cursor, None);
        if next.cursor.is_none() {
            let customers_too = next.stage == Stage::Invoices && self.by_change() && next.customers;
            next.go_to(if customers_too { Stage::Customers } else { Stage::Done });
        }
    }

    async fn fetch_invoices(&mut self) -> Result<Fetched, SourceError> {
        let query = match &self.scope {
            Scope::Changes(mark) => since(mark)?,
            Scope::Everything | Scope::Only(_) => {
                let open = ["pending", "partiallyPaid", "partiallyCancelled"];
                Query::default().whose_is_in("paymentStatus", open).with("sort", "id")
            }
        };
        let query = query.with("perPage", INVOICES_PER_PAGE.to_string()).with_some("cursor", self.position.cursor.as_deref());
        let ask = Ask { by_cursor: true, ..Ask::get("/api/v3/invoices", query, JSON) };
        let list: wire::List = self.client.read(&ask, READ_INVOICES).await?;
        let next = next_cursor(&ask, &list, INVOICES_PER_PAGE, self.position.cursor.as_deref())?;
        let (by_change, after) = (self.by_change(), self.position.after);
        let is_new = |row: &RawValue| match (place(row, by_change), after) {
            (Some(place), Some(after)) => place > after,
            _ => true,
        };
        Ok(Fetched { rows: list.data.into_iter().filter(|row| is_new(row)).collect(), next })
    }

    async fn changed_customers(&mut self) -> Result<Page, SourceError> {
        let Scope::Changes(mark) = &self.scope else { return Ok(self.through(Gathered::default())) };
        let query = since(mark)?.with("include", "groups").with("perPage", CUSTOMERS_PER_PAGE.to_string());
        let query = query.with_some("cursor", self.position.cursor.as_deref());
        let ask = Ask { by_cursor: true, ..Ask::get("/api/v3/customers", query, JSON) };
        let Some(list) = customers(&mut self.client, &ask).await? else { return Ok(self.through(Gathered::default())) };
        let cursor = next_cursor(&ask, &list, CUSTOMERS_PER_PAGE, self.position.cursor.as_deref())?;
        let mut gathered = Gathered { rows: list.data.len(), ..Gathered::default() };
        for row in &list.data {
            take_customer(record(row), &mut gathered);
        }
        let mut next = self.position.clone();
        self.turn(&mut next, cursor);
        Ok(self.page(gathered, next))
    }

    async fn wanted_invoices(&mut self, wanted: &Wanted) -> Result<Page, SourceError> {
        let ids = part(&wanted.invoices, self.position.wanted_done);
        let mut next = self.position.clone();
        let mut gathered = Gathered::default();
        // An id that is none would be refused together with all that is asked for beside it.
        let askable: Vec<&str> = ids.iter().map(String::as_str).filter(|id| is_number(id)).collect();
        if !askable.is_empty() {
            let query = Query::default().whose_is_in("id", askable).with("perPage", WANTED_PER_PAGE.to_string());
            let list: wire::List = self.client.read(&Ask::get("/api/v3/invoices", query, JSON), READ_INVOICES).await?;
            let found: Vec<String> = list.data.iter().filter_map(|row| record::<wire::Key>(row).ok()).map(|key| key.id).collect();
            let mut gather = Gather { client: &mut self.client, today: self.today, customers: next.customers };
            gathered = gather.invoices(&list.data, u32::MAX).await?;
            next.customers = gather.customers;
            gathered.problems.extend(ids.iter().filter(|id| is_number(id) && !found.contains(id)).map(|id| unknown(id)));
        }
        gathered.problems.extend(ids.iter().filter(|id| !is_number(id)).map(|id| unknown(id)));
        gathered.rows = ids.len();
        next.wanted_done += ids.len();
        if next.wanted_done >= wanted.invoices.len() {
            next.go_to(if wanted.debtors.is_empty() { Stage::Done } else { Stage::Customers });
        }
        Ok(self.page(gathered, next))
    }

    async fn wanted_customers(&mut self, wanted: &Wanted) -> Result<Page, SourceError> {
        let ids = part(&wanted.debtors, self.position.wanted_done).to_vec();
        let mut gathered = Gathered { rows: ids.len(), ..Gathered::default() };
        for id in &ids {
            self.wanted_customer(id, &mut gathered).await?;
        }
        let mut next = self.position.clone();
        next.wanted_done += ids.len();
        if next.wanted_done >= wanted.debtors.len() {
            next.go_to(Stage::Done);
        }
        Ok(self.page(gathered, next))
    }

    async fn wanted_customer(&mut self, id: &str, gathered: &mut Gathered) -> Result<(), SourceError> {
        if !is_number(id) {
            gathered.problems.push(unknown(id));
            return Ok(());
        }
        let query = Query::default().with("include", "groups");
        let ask = Ask::get(format!("/api/v3/customers/{id}"), query, JSON);
        let answer = self.client.call(&ask).await?;
        match answer.status {
            StatusCode::OK => {
                let one: wire::One = answer.json().map_err(|error| SourceError::Broken(format!("{}: {error}", ask.name())))?;
                take_customer(record(&one.data), gathered);
            }
            StatusCode::NOT_FOUND => gathered.problems.push(unknown(id)),
            // The right to read customers is not needed for anything else: its lack does not end the pull.
            StatusCode::FORBIDDEN => gathered.problems.push(Problem {
                row: None,
                column: None,
                external_id: Some(id.to_owned()),
                code: RefusalCode::ProviderScopeMissing.as_str().into(),
                message: "the access token lacks the right customer:read".into(),
            }),
            _ => return Err(super::client::unwanted(&ask, &answer, "customer:read")),
        }
        Ok(())
    }

    fn by_change(&self) -> bool {
        matches!(self.scope, Scope::Changes(_))
    }

    fn through(&mut self, gathered: Gathered) -> Page {
        let mut next = self.position.clone();
        next.go_to(Stage::Done);
        self.page(gathered, next)
    }

    /// The page, and the step to its position. Nothing before changed where the pull stands, so a page that failed can
    /// be asked for again.
    fn page(&mut self, gathered: Gathered, mut next: Position) -> Page {
        next.rows += gathered.rows as u64;
        self.position = next;
        let mark = (!matches!(self.scope, Scope::Only(_))).then(|| instant(self.position.mark));
        Page {
            records: gathered.records,
            problems: gathered.problems,
            position: self.position.written(),
            mark,
            account: self.account.take(),
            rows_done: self.position.rows,
            bytes_done: 0,
        }
    }
}

/// What changed since a mark, in the order of the changes. The id makes the order total: two rows of one second may
/// fall on two pages.
fn since(mark: &str) -> Result<Query, SourceError> {
    let mark = mark.parse::<DateTime<Utc>>().map_err(|_| SourceError::Broken("the stored mark of the last pull cannot be read".into()))?;
    Ok(Query::default().whose("updatedAt", "greaterThanOrEquals", instant(mark)).with("sort", "updatedAt,id"))
}

/// The cursor behind a page; none at the end. A full page that does not say whether it is the last is not believed to be.
fn next_cursor(ask: &Ask<'_>, list: &wire::List, per_page: usize, current: Option<&str>) -> Result<Option<String>, SourceError> {
    let broken = |why: &str| SourceError::Broken(format!("{}: meta.nextCursor {why}", ask.name()));
    match list.meta.as_ref().map(|meta| meta.next_cursor.clone()).unwrap_or_default() {
        Next::At(cursor) if cursor.len() > MAX_CURSOR_BYTES => Err(broken("is longer than any cursor")),
        Next::At(cursor) if Some(cursor.as_str()) == current => Err(broken("does not go on")),
        Next::At(cursor) => Ok(Some(cursor)),
        Next::Untold if list.data.len() >= per_page => Err(broken("is missing")),
        Next::Untold | Next::End => Ok(None),
    }
}

/// Where a row is in its list; none for one that cannot be read.
fn place(row: &RawValue, by_change: bool) -> Option<Place> {
    let key: wire::Key = record(row).ok()?;
    let at = if by_change { Some(key.updated_at?.0) } else { None };
    Some(Place { at, id: key.id.parse().ok()? })
}

fn take_customer(read: Result<wire::Customer, Problem>, gathered: &mut Gathered) {
    let debtor = read.and_then(|customer| map::of_customer(&customer).map_err(|fault| fault.of(Some(&customer.id))));
    match debtor {
        Ok(debtor) => gathered.records.push(Record { debtor: Some(debtor), ..Record::default() }),
        Err(problem) => gathered.problems.push(problem),
    }
}

fn part(ids: &[String], done: usize) -> &[String] {
    let rest = ids.get(done..).unwrap_or_default();
    &rest[..rest.len().min(WANTED_PER_PAGE)]
}

fn unknown(id: &str) -> Problem {
    Problem {
        row: None,
        column: None,
        external_id: Some(id.to_owned()),
        code: RefusalCode::NotFound.as_str().into(),
        message: "Xentral does not know it any more".into(),
    }
}

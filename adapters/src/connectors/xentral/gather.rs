//! From rows of v3's list to records: asks v1 what is outstanding, and why where that is not plain, in as few calls as
//! there can be.
//!
//! Calls for n rows: one of v1's list for each 50 rows that are open (it takes ids, so nothing moves while it is
//! read), one of v3's customers for as many, and one of `/balance` for each row that has payments or credit notes. A
//! pending invoice whose balance is its whole sum needs none. Rows are taken until the calls of a page are used up: a
//! page must fit into what the instance allows in a minute, or it would never be through.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use domain::{
    RefusalCode,
    port::{DebtorSnapshot, Problem, Record, SourceError},
};
use serde_json::value::RawValue;

use super::{
    client::{Ask, Client, JSON, MINIMAL, unwanted},
    map::{self, Claim, Explained, Fault, Told},
    query::Query,
    row::record,
    wire,
};
use crate::{connectors::wire::CONTRACT_BROKEN, http::StatusCode};

/// Calls of one page, if one row does not need more. Two pages and what others call fit into a minute.
pub(super) const CALLS_PER_PAGE: u32 = 40;

/// Rows of v1's list at most.
const ROWS_OF_V1: usize = 50;

/// The right to read invoices.
pub(super) const READ_INVOICES: &str = "invoice:read";

/// What came of rows.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub records: Vec<Record>,
    pub problems: Vec<Problem>,
    /// Rows looked at, from the first.
    pub rows: usize,
}

/// What holds for a whole pull.
pub(super) struct Gather<'a> {
    pub client: &'a mut Client,
    pub today: NaiveDate,
    /// Whether the instance lets its customers be listed; found out on the way.
    pub customers: bool,
}

impl Gather<'_> {
    /// Takes rows, at least one, until about so many calls are used up.
    ///
    /// # Errors
    ///
    /// [`SourceError`]; nothing was taken.
    pub(super) async fn invoices(&mut self, rows: &[Box<RawValue>], calls: u32) -> Result<Gathered, SourceError> {
        let begun = self.client.calls();
        let mut gathered = Gathered::default();
        while gathered.rows < rows.len() {
            let left = calls.saturating_sub(self.client.calls() - begun);
            if left == 0 && gathered.rows > 0 {
                break;
            }
            let (claims, looked_at) = self.read(&rows[gathered.rows..], left, &mut gathered.problems);
            gathered.rows += looked_at;
            self.ask(claims, &mut gathered).await?;
        }
        Ok(gathered)
    }

    /// Reads as many rows as one call of v1's list and the calls that are left are enough for.
    fn read(&self, rows: &[Box<RawValue>], calls_left: u32, problems: &mut Vec<Problem>) -> (Vec<Claim>, usize) {
        let mut claims: Vec<Claim> = Vec::new();
        // One for v1's list, one for the customers.
        let mut calls = 2;
        for (at, row) in rows.iter().enumerate() {
            match read_one(row) {
                Ok(None) => {}
                Ok(Some(claim)) => {
                    calls += u32::from(claim.wants_explanation(None, self.today)) + u32::from(claim.wants_due_date());
                    if at > 0 && (calls > calls_left || claims.len() == ROWS_OF_V1) {
                        return (claims, at);
                    }
                    claims.push(claim);
                }
                Err(problem) => problems.push(problem),
            }
        }
        (claims, rows.len())
    }

    async fn ask(&mut self, claims: Vec<Claim>, gathered: &mut Gathered) -> Result<(), SourceError> {
        let open = self.outstanding(&claims).await?;
        let debtors = self.debtors(&claims).await?;
        for claim in claims {
            let id = claim.id.clone();
            match self.finish(claim, &open, &debtors).await? {
                Ok(records) => gathered.records.extend(records),
                Err(fault) => gathered.problems.push(fault.of(Some(&id))),
            }
        }
        Ok(())
    }

    async fn finish(
        &mut self,
        claim: Claim,
        open: &HashMap<String, wire::Money>,
        debtors: &HashMap<String, DebtorSnapshot>,
    ) -> Result<Result<Vec<Record>, Fault>, SourceError> {
        let outstanding_minor = match open.get(&claim.id).map(|balance| claim.outstanding(balance)).transpose() {
            Ok(minor) => minor,
            Err(fault) => return Ok(Err(fault)),
        };
        let mut told = Told { outstanding_minor, debtor: debtors.get(&claim.customer).cloned(), ..Told::default() };
        if claim.wants_explanation(outstanding_minor, self.today) {
            match self.explanation(&claim.id).await? {
                Ok(explained) => told.explained = Some(explained),
                Err(fault) => return Ok(Err(fault)),
            }
        }
        if claim.wants_due_date() {
            match self.of_v1::<wire::InvoiceV1>(&format!("/api/v1/invoices/{}", claim.id)).await? {
                Ok(invoice) => told.due_on = invoice.payment_terms.and_then(|terms| terms.due_date).map(|day| day.0),
                Err(fault) => return Ok(Err(fault)),
            }
        }
        Ok(claim.records(told))
    }

    /// What the books say is outstanding, by invoice. A row that cannot be read is left out: its invoice says so.
    async fn outstanding(&mut self, claims: &[Claim]) -> Result<HashMap<String, wire::Money>, SourceError> {
        let ids: Vec<&str> = claims.iter().filter(|claim| claim.wants_outstanding()).map(|claim| claim.id.as_str()).collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let query = Query::default().whose_is_in("id", ids).with("page[number]", "1").with("page[size]", ROWS_OF_V1.to_string());
        let list: wire::List = self.client.read(&Ask::get("/api/v1/invoices", query, MINIMAL), READ_INVOICES).await?;
        let rows = list.data.iter().filter_map(|row| record::<wire::Open>(row).ok());
        Ok(rows.map(|row| (row.id, row.payment.balance)).collect())
    }

    /// The customers' own records, by id. The list is Beta and a right of its own: without it, the address on the
    /// invoice has to do.
    async fn debtors(&mut self, claims: &[Claim]) -> Result<HashMap<String, DebtorSnapshot>, SourceError> {
        let ids: BTreeSet<&str> = claims.iter().map(|claim| claim.customer.as_str()).collect();
        if ids.is_empty() || !self.customers {
            return Ok(HashMap::new());
        }
        let query = Query::default().whose_is_in("id", ids).with("include", "groups").with("perPage", ROWS_OF_V1.to_string());
        let Some(list) = customers(self.client, &Ask::get("/api/v3/customers", query, JSON)).await? else {
            self.customers = false;
            return Ok(HashMap::new());
        };
        let read = |row: &RawValue| map::of_customer(&record::<wire::Customer>(row).ok()?).ok();
        Ok(list.data.iter().filter_map(|row| read(row)).map(|debtor| (debtor.external_id.clone(), debtor)).collect())
    }

    async fn explanation(&mut self, id: &str) -> Result<Result<Explained, Fault>, SourceError> {
        let balance = self.of_v1::<wire::Balance>(&format!("/api/v1/invoices/{id}/balance")).await?;
        Ok(balance.and_then(|balance| map::explained(id, &balance)))
    }

    /// One document of v1. Gone between two calls, or not as documented, it is a fault of its record.
    async fn of_v1<T: serde::de::DeserializeOwned>(&mut self, path: &str) -> Result<Result<T, Fault>, SourceError> {
        let ask = Ask::get(path, Query::default(), JSON);
        let answer = self.client.call(&ask).await?;
        match answer.status {
            StatusCode::OK => {
                let one: wire::One = answer.json().map_err(|error| SourceError::Broken(format!("{}: {error}", ask.name())))?;
                Ok(record(&one.data).map_err(|problem| Fault { code: CONTRACT_BROKEN, message: problem.message }))
            }
            StatusCode::NOT_FOUND => {
                Ok(Err(Fault { code: RefusalCode::NotFound.as_str(), message: format!("{}: Xentral does not know it", ask.name()) }))
            }
            _ => Err(unwanted(&ask, &answer, READ_INVOICES)),
        }
    }
}

/// A list of customers, or none where it may not be read.
///
/// # Errors
///
/// [`SourceError`].
pub(super) async fn customers(client: &mut Client, ask: &Ask<'_>) -> Result<Option<wire::List>, SourceError> {
    let answer = client.call(ask).await?;
    match answer.status {
        StatusCode::OK => answer.json().map(Some).map_err(|error| SourceError::Broken(format!("{}: {error}", ask.name()))),
        StatusCode::BAD_REQUEST | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Ok(None),
        _ => Err(unwanted(ask, &answer, "customer:read")),
    }
}

fn read_one(row: &RawValue) -> Result<Option<Claim>, Problem> {
    let invoice: wire::Invoice = record(row)?;
    map::read(&invoice).map_err(|fault| fault.of(Some(&invoice.id)))
}

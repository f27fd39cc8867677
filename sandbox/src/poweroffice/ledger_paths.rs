//! The paths of the customer ledger: what is open, what was posted, and what settles each other.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, ReqData},
};
use chrono::NaiveDate;

use super::{
    answer::{bad, listed},
    control::PowerOfficeControl,
    entry::Entry,
    guard::Caller,
    ledger::Ledger,
    query::{Query, Wrong},
    view::EntryView,
};

/// Filters that open items and the statement share.
const SHARED: [&str; 5] =
    ["customernos", "invoicenos", "vouchertypes", "createddatetimeoffsetgreaterthan", "lastchangeddatetimeoffsetgreaterthan"];

/// `GET /Customerledger/OpenItems`: entries with something left on a day.
pub(super) async fn open_items(control: Data<PowerOfficeControl>, caller: ReqData<Caller>, request: HttpRequest) -> HttpResponse {
    let outcome = Query::parse(request.query_string(), &[&SHARED[..], &["date"]].concat()).and_then(|query| {
        let today = control.frame.now().date_naive();
        let day = query.date("date")?.unwrap_or(today);
        answered(&control, *caller, "open", &query, (day < today).then_some(day), |entry, balance| entry.posted_on <= day && balance != 0)
    });
    outcome.unwrap_or_else(|wrong| bad(&wrong))
}

/// `GET /Customerledger/Statement`: everything posted between two days.
pub(super) async fn statement(control: Data<PowerOfficeControl>, caller: ReqData<Caller>, request: HttpRequest) -> HttpResponse {
    let outcome = Query::parse(request.query_string(), &[&SHARED[..], &["fromdate", "todate"]].concat()).and_then(|query| {
        let today = control.frame.now().date_naive();
        let from = query.date("fromdate")?.unwrap_or(NaiveDate::MIN);
        let to = query.date("todate")?.unwrap_or(NaiveDate::MAX);
        let within = |entry: &Entry, _| (from..=to).contains(&entry.posted_on);
        answered(&control, *caller, "statement", &query, (to < today).then_some(to), within)
    });
    outcome.unwrap_or_else(|wrong| bad(&wrong))
}

/// `GET /Customerledger/EntriesByMatchId`.
pub(super) async fn by_match_id(control: Data<PowerOfficeControl>, caller: ReqData<Caller>, request: HttpRequest) -> HttpResponse {
    let outcome = Query::parse(request.query_string(), &["matchid"]).and_then(|query| {
        let id = query.number("matchid")?.ok_or_else(|| Wrong("matchId is required.".to_owned()))?;
        let ledgers = control.ledgers();
        let ledger = &ledgers[caller.0];
        let rows = u32::try_from(id).map(|id| ledger.matched(id)).unwrap_or_default();
        let page = query.page()?;
        Ok(listed(&views(ledger, page.of(rows), None), query.fields().as_deref()))
    });
    outcome.unwrap_or_else(|wrong| bad(&wrong))
}

fn views(ledger: &Ledger, rows: &[u32], day: Option<NaiveDate>) -> Vec<EntryView> {
    rows.iter().map(|row| EntryView::new(ledger, *row, balance(ledger, &ledger.entries()[*row as usize], day))).collect()
}

/// What is left of an entry, now or at the end of a day gone by.
fn balance(ledger: &Ledger, entry: &Entry, day: Option<NaiveDate>) -> i64 {
    day.map_or(entry.balance_minor, |day| ledger.balance_on(entry, day))
}

fn answered(
    control: &PowerOfficeControl,
    caller: Caller,
    path: &str,
    query: &Query,
    day: Option<NaiveDate>,
    suits: impl Fn(&Entry, i64) -> bool,
) -> Result<HttpResponse, Wrong> {
    let (page, order) = (query.page()?, order(query)?);
    let (customers, invoices) = (query.numbers("customernos")?, query.ids("invoicenos")?);
    let types = query.voucher_types("vouchertypes")?;
    let created = query.instant("createddatetimeoffsetgreaterthan")?;
    let changed = query.instant("lastchangeddatetimeoffsetgreaterthan")?;
    let ledgers = control.ledgers();
    let ledger = &ledgers[caller.0];
    let meets = |entry: &Entry| {
        suits(entry, balance(ledger, entry, day))
            && changed.is_none_or(|after| entry.changed_at > after)
            && created.is_none_or(|after| entry.created_at > after)
            && types.as_ref().is_none_or(|types| types.contains(&entry.voucher_type.word()))
            && customers.as_ref().is_none_or(|numbers| numbers.contain(ledger.customers()[entry.customer as usize].number))
            && invoices
                .as_ref()
                .is_none_or(|numbers| entry.invoice.is_some_and(|invoice| numbers.contains(&ledger.invoices()[invoice as usize].no)))
    };
    // The day is part of what is asked even when it is not in the query.
    let signature = format!("{}@{}", query.signature(path), control.frame.now().date_naive());
    let rows = control.rows(caller, ledger.version(), &signature, || {
        let met = (0_u32..).zip(ledger.entries()).filter(|(_, entry)| meets(entry));
        let mut rows: Vec<u32> = met.map(|(row, _)| row).collect();
        if let Some((key, down)) = order {
            rows.sort_by_key(|row| key(&ledger.entries()[*row as usize]));
            if down {
                rows.reverse();
            }
        }
        rows
    });
    Ok(listed(&views(ledger, page.of(&rows), day), query.fields().as_deref()))
}

/// What entries are ordered by.
type Key = fn(&Entry) -> i64;

fn order(query: &Query) -> Result<Option<(Key, bool)>, Wrong> {
    let Some((field, down)) = query.order()? else { return Ok(None) };
    let key: Key = match field.as_str() {
        "id" | "voucherno" => |entry| i64::try_from(entry.id).unwrap_or(i64::MAX),
        "duedate" => |entry| entry.due_on.map_or(i64::MIN, |due| (due - NaiveDate::default()).num_days()),
        "postingdate" | "voucherdate" => |entry| (entry.posted_on - NaiveDate::default()).num_days(),
        "lastchangeddatetimeoffset" => |entry| entry.changed_at.timestamp_micros(),
        other => return Err(Wrong(format!("There is no order by {other}."))),
    };
    Ok(Some((key, down)))
}

//! The paths of invoices: the list, which is also the light way to see what was paid, and one alone.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, ReqData},
};
use chrono::NaiveDate;

use super::{
    answer::{bad, listed, missing},
    control::PowerOfficeControl,
    entry::Invoice,
    guard::Caller,
    query::{Query, Wrong},
    view::InvoiceView,
};

const PARAMETERS: [&str; 9] = [
    "balancelastchangeddatetimeoffsetgreaterthan",
    "customernos",
    "fromdate",
    "todate",
    "invoiceids",
    "invoicenos",
    "onlyunpaidinvoices",
    "sentdatetimeoffsetgreaterthan",
    "vouchernos",
];

/// `GET /OutgoingInvoices`.
pub(super) async fn list(control: Data<PowerOfficeControl>, caller: ReqData<Caller>, request: HttpRequest) -> HttpResponse {
    let query = Query::parse(request.query_string(), &PARAMETERS);
    query.and_then(|query| answered(&control, *caller, &query)).unwrap_or_else(|wrong| bad(&wrong))
}

fn answered(control: &PowerOfficeControl, caller: Caller, query: &Query) -> Result<HttpResponse, Wrong> {
    let (page, order) = (query.page()?, order(query)?);
    let balance_changed = query.instant("balancelastchangeddatetimeoffsetgreaterthan")?;
    let sent = query.instant("sentdatetimeoffsetgreaterthan")?;
    let from = query.date("fromdate")?.unwrap_or(NaiveDate::MIN);
    let to = query.date("todate")?.unwrap_or(NaiveDate::MAX);
    let unpaid = query.flag("onlyunpaidinvoices")?;
    let (customers, numbers, vouchers) = (query.numbers("customernos")?, query.numbers("invoicenos")?, query.numbers("vouchernos")?);
    let ids = query.text("invoiceids").map(|text| text.split(',').map(|id| id.trim().parse()).collect::<Result<Vec<uuid::Uuid>, _>>());
    let ids = ids.transpose().map_err(|_| Wrong("invoiceIds holds what is no id.".to_owned()))?;
    let ledgers = control.ledgers();
    let ledger = &ledgers[caller.0];
    let meets = |invoice: &Invoice| {
        (from..=to).contains(&invoice.issued_on)
            && (!unpaid || ledger.entry_of(invoice).balance_minor != 0)
            && balance_changed.is_none_or(|after| invoice.balance_changed_at > after)
            && sent.is_none_or(|after| invoice.sent_at > after)
            && customers.as_ref().is_none_or(|numbers| numbers.contain(ledger.customers()[invoice.customer as usize].number))
            && numbers.as_ref().is_none_or(|numbers| numbers.contain(invoice.no))
            && vouchers.as_ref().is_none_or(|numbers| numbers.contain(ledger.entry_of(invoice).voucher_no))
            && ids.as_ref().is_none_or(|ids| ids.contains(&invoice.voucher_id()))
    };
    let rows = control.rows(caller, ledger.version(), &query.signature("invoices"), || {
        let met = (0_u32..).zip(ledger.invoices()).filter(|(_, invoice)| meets(invoice));
        let mut rows: Vec<u32> = met.map(|(row, _)| row).collect();
        if let Some((key, down)) = order {
            rows.sort_by_key(|row| key(&ledger.invoices()[*row as usize]));
            if down {
                rows.reverse();
            }
        }
        rows
    });
    let views: Vec<_> = page.of(&rows).iter().map(|row| InvoiceView::new(ledger, &ledger.invoices()[*row as usize])).collect();
    Ok(listed(&views, query.fields().as_deref()))
}

/// What invoices are ordered by.
type Key = fn(&Invoice) -> i64;

fn order(query: &Query) -> Result<Option<(Key, bool)>, Wrong> {
    let Some((field, down)) = query.order()? else { return Ok(None) };
    let key: Key = match field.as_str() {
        "invoiceno" | "voucherno" => |invoice| i64::try_from(invoice.no).unwrap_or(i64::MAX),
        "duedate" => |invoice| (invoice.due_on - NaiveDate::default()).num_days(),
        "voucherdate" => |invoice| (invoice.issued_on - NaiveDate::default()).num_days(),
        "lastchangeddatetimeoffset" => |invoice| invoice.changed_at.timestamp_micros(),
        "balancelastchangeddatetimeoffset" => |invoice| invoice.balance_changed_at.timestamp_micros(),
        other => return Err(Wrong(format!("There is no order by {other}."))),
    };
    Ok(Some((key, down)))
}

/// `GET /OutgoingInvoices/{id}`.
pub(super) async fn one(control: Data<PowerOfficeControl>, caller: ReqData<Caller>, id: Path<String>) -> HttpResponse {
    let ledgers = control.ledgers();
    let ledger = &ledgers[caller.0];
    let found = id.parse().ok().and_then(|id| ledger.invoice_by_voucher(id));
    found.map_or_else(|| missing("invoice", &id), |invoice| HttpResponse::Ok().json(InvoiceView::new(ledger, invoice)))
}

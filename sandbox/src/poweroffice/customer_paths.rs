//! The paths of customers and their contact persons, and what the integration may do at a client.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::CONTENT_TYPE,
    web::{Bytes, Data, Path, ReqData},
};
use serde_json::json;

use super::{
    access::PRIVILEGES,
    answer::{bad, listed, missing},
    control::PowerOfficeControl,
    customer::{ContactPerson, Customer},
    guard::Caller,
    patch::patched,
    query::{Query, Wrong},
};

/// `GET /Customers`.
pub(super) async fn list(control: Data<PowerOfficeControl>, caller: ReqData<Caller>, request: HttpRequest) -> HttpResponse {
    let allowed = ["customernos", "customercreateddatetimeoffsetgreaterthan", "lastchangeddatetimeoffsetgreaterthan"];
    let query = Query::parse(request.query_string(), &allowed);
    query.and_then(|query| customers(&control, *caller, &query)).unwrap_or_else(|wrong| bad(&wrong))
}

fn customers(control: &PowerOfficeControl, caller: Caller, query: &Query) -> Result<HttpResponse, Wrong> {
    let page = query.page()?;
    let numbers = query.numbers("customernos")?;
    let created = query.instant("customercreateddatetimeoffsetgreaterthan")?;
    let changed = query.instant("lastchangeddatetimeoffsetgreaterthan")?;
    if query.order()?.is_some() {
        return Err(Wrong("There is no order of customers.".to_owned()));
    }
    let ledgers = control.ledgers();
    let ledger = &ledgers[caller.0];
    let meets = |customer: &Customer| {
        numbers.as_ref().is_none_or(|numbers| numbers.contain(customer.number))
            && created.is_none_or(|after| customer.created_at > after)
            && changed.is_none_or(|after| customer.changed_at > after)
    };
    let rows = control.rows(caller, ledger.version(), &query.signature("customers"), || {
        (0_u32..).zip(ledger.customers()).filter(|(_, customer)| meets(customer)).map(|(row, _)| row).collect()
    });
    let page: Vec<_> = page.of(&rows).iter().map(|row| &ledger.customers()[*row as usize]).collect();
    Ok(listed(&page, query.fields().as_deref()))
}

/// `GET /Customers/{id}`.
pub(super) async fn one(control: Data<PowerOfficeControl>, caller: ReqData<Caller>, id: Path<String>) -> HttpResponse {
    let ledgers = control.ledgers();
    let found = id.parse().ok().and_then(|id| ledgers[caller.0].customer_by_id(id));
    found.map_or_else(|| missing("customer", &id), |customer| HttpResponse::Ok().json(customer))
}

/// `PATCH /Customers/{id}`.
pub(super) async fn patch(
    control: Data<PowerOfficeControl>,
    caller: ReqData<Caller>,
    request: HttpRequest,
    id: Path<String>,
    body: Bytes,
) -> HttpResponse {
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !content_type.starts_with("application/json-patch+json") {
        return HttpResponse::UnsupportedMediaType().finish();
    }
    let mut ledgers = control.ledgers_mut();
    let ledger = &mut ledgers[caller.0];
    let found = id.parse().ok().and_then(|id| ledger.customer_by_id(id));
    let Some((number, details)) = found.map(|customer| (customer.number, patched(&customer.details, &body))) else {
        return missing("customer", &id);
    };
    let outcome = details.and_then(|details| {
        let edited = ledger.edit_customer(number, control.frame.now(), |own| *own = details);
        edited.map_err(|refused| Wrong(refused.to_string()))
    });
    match outcome {
        Err(wrong) => bad(&wrong),
        Ok(()) => HttpResponse::Ok().json(ledger.customer(number)),
    }
}

/// `GET /ContactPersons`.
pub(super) async fn persons(control: Data<PowerOfficeControl>, caller: ReqData<Caller>, request: HttpRequest) -> HttpResponse {
    let allowed = ["contactids", "createddatetimeoffsetgreaterthan", "lastchangeddatetimeoffsetgreaterthan"];
    let outcome = Query::parse(request.query_string(), &allowed).and_then(|query| {
        let (page, contacts) = (query.page()?, query.ids("contactids")?);
        let created = query.instant("createddatetimeoffsetgreaterthan")?;
        let changed = query.instant("lastchangeddatetimeoffsetgreaterthan")?;
        let meets = |person: &ContactPerson| {
            contacts.as_ref().is_none_or(|ids| ids.contains(&person.contact_id))
                && created.is_none_or(|after| person.created_at > after)
                && changed.is_none_or(|after| person.changed_at > after)
        };
        let ledgers = control.ledgers();
        let all = ledgers[caller.0].persons();
        let rows: Vec<u32> = (0_u32..).zip(all).filter(|(_, person)| meets(person)).map(|(row, _)| row).collect();
        let page: Vec<_> = page.of(&rows).iter().map(|row| &all[*row as usize]).collect();
        Ok(listed(&page, query.fields().as_deref()))
    });
    outcome.unwrap_or_else(|wrong| bad(&wrong))
}

/// `GET /ClientIntegrationInformation`.
pub(super) async fn information(control: Data<PowerOfficeControl>, caller: ReqData<Caller>) -> HttpResponse {
    let access = control.access();
    let client = &access.clients()[caller.0];
    let (invalid, valid): (Vec<&str>, Vec<&str>) =
        PRIVILEGES.iter().partition(|privilege| client.missing.iter().any(|missing| missing == *privilege));
    HttpResponse::Ok().json(json!({
        "ClientId": client.organization_no,
        "ClientName": client.name,
        "ActiveClientSubscriptions": ["Invoicing", "Accounting"],
        "ValidPrivileges": valid,
        "InvalidPrivileges": invalid,
    }))
}

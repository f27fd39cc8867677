//! The questions to Xero, each with its filter, its order and its page.

use domain::port::SourceError;
use serde::de::DeserializeOwned;

use super::position::Place;
use crate::{
    connectors::xero::{
        client::{Ask, Client, named},
        wire::{Contact, Invoice, Listed, Listing, Organisation, Payment},
    },
    http::StatusCode,
};

/// Records on a page, the most that Xero gives.
pub(super) const PAGE_SIZE: usize = 1_000;

/// Ids of one question: 40 UUIDs keep the address below 2,000 characters. Xero names no limit.
pub(super) const IDS_AT_ONCE: usize = 40;

/// Earliest change first, so that a list can be read while it moves; see [`Place`].
const EARLIEST_FIRST: &str = "UpdatedDateUTC ASC";

/// Whose books they are.
pub(super) async fn organisation(client: &Client) -> Result<Listing<Organisation>, SourceError> {
    list(client, &Ask::get("GET Organisation", "Organisation"), "Organisations", "OrganisationID").await
}

/// Sales invoices with something due.
pub(super) async fn open_invoices(client: &Client, place: Place) -> Result<Listing<Invoice>, SourceError> {
    let filter = r#"Type=="ACCREC" AND AmountDue>0"#;
    invoices(client, &paged(invoices_ask().with("where", filter).with("Statuses", "AUTHORISED"), place)).await
}

/// Sales invoices in any state that changed.
pub(super) async fn changed_invoices(client: &Client, place: Place) -> Result<Listing<Invoice>, SourceError> {
    invoices(client, &paged(invoices_ask().with("where", r#"Type=="ACCREC""#), place)).await
}

/// These invoices, in any state.
pub(super) async fn invoices_of(client: &Client, ids: &[String]) -> Result<Listing<Invoice>, SourceError> {
    let ask = invoices_ask().with("IDs", &ids.join(",")).with("includeArchived", "true");
    invoices(client, &ask.with("page", "1").with("pageSize", &PAGE_SIZE)).await
}

/// One invoice with its whole contact; none when Xero does not know it.
pub(super) async fn invoice(client: &Client, id: &str) -> Result<Option<Listing<Invoice>>, SourceError> {
    one(client, &Ask::get("GET Invoices/{id}", format!("Invoices/{id}")), "Invoices", "InvoiceID").await
}

/// Contacts that changed, archived ones too: they may still owe.
pub(super) async fn changed_contacts(client: &Client, place: Place) -> Result<Listing<Contact>, SourceError> {
    contacts(client, &paged(contacts_ask(), place)).await
}

/// A page of all contacts.
pub(super) async fn all_contacts(client: &Client, page: u32) -> Result<Listing<Contact>, SourceError> {
    contacts(client, &paged(contacts_ask(), Place { since: None, page })).await
}

/// These contacts.
pub(super) async fn contacts_of(client: &Client, ids: &[String]) -> Result<Listing<Contact>, SourceError> {
    contacts(client, &contacts_ask().with("IDs", &ids.join(",")).with("page", "1").with("pageSize", &PAGE_SIZE)).await
}

/// Payments of sales invoices that changed, deleted ones too.
pub(super) async fn changed_payments(client: &Client, place: Place) -> Result<Listing<Payment>, SourceError> {
    payments(client, &paged(payments_ask(), place)).await
}

/// A page of all payments of sales invoices.
pub(super) async fn all_payments(client: &Client, page: u32) -> Result<Listing<Payment>, SourceError> {
    payments(client, &paged(payments_ask(), Place { since: None, page })).await
}

/// One payment; none when Xero does not know it.
pub(super) async fn payment(client: &Client, id: &str) -> Result<Option<Listing<Payment>>, SourceError> {
    one(client, &Ask::get("GET Payments/{id}", format!("Payments/{id}")), "Payments", "PaymentID").await
}

fn invoices_ask() -> Ask {
    Ask::get("GET Invoices", "Invoices")
}

fn contacts_ask() -> Ask {
    Ask::get("GET Contacts", "Contacts").with("includeArchived", "true")
}

fn payments_ask() -> Ask {
    Ask::get("GET Payments", "Payments").with("where", r#"PaymentType=="ACCRECPAYMENT""#)
}

fn paged(ask: Ask, place: Place) -> Ask {
    ask.with("order", EARLIEST_FIRST).with("page", &place.page).with("pageSize", &PAGE_SIZE).since(place.since)
}

async fn invoices(client: &Client, ask: &Ask) -> Result<Listing<Invoice>, SourceError> {
    list(client, ask, "Invoices", "InvoiceID").await
}

async fn contacts(client: &Client, ask: &Ask) -> Result<Listing<Contact>, SourceError> {
    list(client, ask, "Contacts", "ContactID").await
}

async fn payments(client: &Client, ask: &Ask) -> Result<Listing<Payment>, SourceError> {
    list(client, ask, "Payments", "PaymentID").await
}

async fn list<T: DeserializeOwned + Listed>(client: &Client, ask: &Ask, field: &str, id_field: &str) -> Result<Listing<T>, SourceError> {
    let missing = || SourceError::Broken(format!("{}: Xero answers 404", ask.name));
    one(client, ask, field, id_field).await?.ok_or_else(missing)
}

async fn one<T: DeserializeOwned + Listed>(
    client: &Client,
    ask: &Ask,
    field: &str,
    id_field: &str,
) -> Result<Option<Listing<T>>, SourceError> {
    let answer = client.call(ask).await?;
    if answer.status == StatusCode::NOT_FOUND {
        return Ok(None);
    }
    Listing::read(&answer, field, id_field).map(Some).map_err(|error| named(ask, error))
}

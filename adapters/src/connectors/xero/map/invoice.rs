//! An invoice as a claim.
//!
//! Collectable is what is authorised with something due. Drafts and bills are nothing to us; a voided or deleted invoice
//! ends its claim; a status that nobody described is a problem and never passes for paid or voided.

use domain::port::{InvoiceSnapshot, InvoiceState, Problem};

use super::{MAX_NUMBER, MAX_TITLE, broken, settled};
use crate::connectors::{
    wire::{Day, Number, WireError, text},
    xero::{id, wire::Invoice},
};

/// An invoice that concerns us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::connectors::xero) struct Claim {
    pub invoice: InvoiceSnapshot,
    /// The contact's id.
    pub debtor: String,
    /// ISO 4217.
    pub currency: String,
    /// Something may be asked for: the debtor must be known completely.
    pub is_collectable: bool,
}

/// Maps an invoice; none when it does not concern us.
pub(in crate::connectors::xero) fn claim(told: &Invoice) -> Result<Option<Claim>, Problem> {
    let broken = |field: &str, how: &str| broken(&told.id, field, how);
    if !is_sale(told)? {
        return Ok(None);
    }
    let Some(state) = state(told)? else { return Ok(None) };
    if !id::is_id(&told.id) {
        return Err(broken("InvoiceID", "is not an id of Xero's"));
    }
    let debtor = told.contact.as_ref().map(|contact| contact.id.clone()).filter(|contact| id::is_id(contact));
    let debtor = debtor.ok_or_else(|| broken("Contact.ContactID", "is missing or not an id of Xero's"))?;
    let currency = told.currency_code.clone().ok_or_else(|| broken("CurrencyCode", "is missing"))?;
    let day = |plain: &Option<Day>, dated: &Option<Day>, field| {
        plain.as_ref().or(dated.as_ref()).map(|day| day.0).ok_or_else(|| broken(field, "is missing"))
    };
    let minor = |given: &Option<Number>, field: &str| amount(&told.id, given.as_ref(), field, &currency);
    let outstanding_minor = minor(&told.amount_due, "AmountDue")?;
    let number = [&told.invoice_number, &told.reference].into_iter().find_map(|given| text(given.as_deref(), MAX_NUMBER));
    let invoice = InvoiceSnapshot {
        external_id: told.id.clone(),
        number: number.ok_or_else(|| broken("InvoiceNumber", "is missing"))?,
        title: text(told.reference.as_deref(), MAX_TITLE),
        issued_on: day(&told.date_string, &told.date, "Date")?,
        due_on: day(&told.due_date_string, &told.due_date, "DueDate")?,
        currency: Some(currency.clone()),
        total_minor: minor(&told.total, "Total")?,
        outstanding_minor: Some(outstanding_minor),
        state,
        disputed: false,
        settled_by: settled::settled_by(told, &currency),
        payment_reference: None,
        online_url: None,
    };
    let is_collectable = told.status == "AUTHORISED" && outstanding_minor > 0;
    Ok(Some(Claim { invoice, debtor, currency, is_collectable }))
}

/// An amount in minor units of the currency.
pub(super) fn amount(id: &str, given: Option<&Number>, field: &str, currency: &str) -> Result<i64, Problem> {
    let given = given.ok_or(WireError::Missing);
    given.and_then(|number| number.minor(currency)).map_err(|error| error.at(field, Some(id)))
}

fn is_sale(told: &Invoice) -> Result<bool, Problem> {
    match told.kind.as_str() {
        "ACCREC" => Ok(true),
        "ACCPAY" | "ACCPAYCREDIT" | "APOVERPAYMENT" | "APPREPAYMENT" | "ACCRECCREDIT" | "AROVERPAYMENT" | "ARPREPAYMENT" => Ok(false),
        _ => Err(broken(&told.id, "Type", "is unknown")),
    }
}

/// None for what is not approved.
fn state(told: &Invoice) -> Result<Option<InvoiceState>, Problem> {
    match told.status.as_str() {
        "AUTHORISED" | "PAID" => Ok(Some(InvoiceState::Approved)),
        "VOIDED" | "DELETED" => Ok(Some(InvoiceState::Voided)),
        "DRAFT" | "SUBMITTED" => Ok(None),
        _ => Err(broken(&told.id, "Status", "is unknown")),
    }
}

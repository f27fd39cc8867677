//! A customer as a debtor.

use std::collections::BTreeMap;

use domain::port::DebtorSnapshot;
use entity::DebtorKind;

use super::super::{COUNTRY, wire::Customer};
use crate::connectors::wire::text;

/// Longest name or line, longest e-mail address (RFC 5321), longest of everything short.
const MAX_NAME: usize = 200;
const MAX_EMAIL: usize = 254;
const MAX_SHORT: usize = 100;

/// Reads a customer. None when it has no name at all.
///
/// Reminders go where GO sends its own: the address for reminders, else that for invoices, else the general one. A
/// customer who is not to get reminders or not to be handed to an agency is exempt; both switches are on by default.
pub fn customer(wire: &Customer, groups: Option<&BTreeMap<i64, String>>) -> Option<DebtorSnapshot> {
    let address = wire.mail_address.as_ref();
    let line =
        |get: fn(&super::super::wire::MailAddress) -> &Option<String>, longest| address.and_then(|a| text(get(a).as_deref(), longest));
    let (line1, city) = (line(|a| &a.address_line1, MAX_NAME), line(|a| &a.city, MAX_SHORT));
    let has_address = line1.is_some() || city.is_some();
    let country = line(|a| &a.country_code, 2).map(|code| code.to_ascii_uppercase());
    let emails = [&wire.payment_reminder_email_address, &wire.invoice_email_address, &wire.email_address];
    let refused = [wire.send_payment_reminders, wire.transfer_to_debt_collection_agency].contains(&Some(false));
    Some(DebtorSnapshot {
        external_id: wire.id.to_string(),
        name: name(wire)?,
        kind: wire.is_person.map(|person| if person { DebtorKind::Consumer } else { DebtorKind::Business }),
        email: emails.into_iter().find_map(|email| text(email.as_deref(), MAX_EMAIL)),
        phone: text(wire.phone_number.as_deref(), MAX_SHORT),
        line1,
        line2: line(|a| &a.address_line2, MAX_NAME),
        postal_code: line(|a| &a.zip_code, MAX_SHORT),
        city,
        region: None,
        country: country.or_else(|| has_address.then(|| COUNTRY.to_owned())),
        language: None,
        exempt: Some(refused || wire.is_archived == Some(true)),
        groups: groups.map(|names| group_names(wire, names)),
        merged_into: None,
    })
}

/// A customer whom GO does not know any more: what the ledger still calls it, and not to be written to.
pub fn forgotten(id: i64, name: Option<&str>) -> DebtorSnapshot {
    let name = text(name, MAX_NAME).unwrap_or_else(|| format!("Customer {id}"));
    DebtorSnapshot { external_id: id.to_string(), name, exempt: Some(true), ..DebtorSnapshot::default() }
}

fn name(wire: &Customer) -> Option<String> {
    let full = [&wire.first_name, &wire.last_name].into_iter().filter_map(|part| text(part.as_deref(), MAX_NAME)).collect::<Vec<_>>();
    let full = (!full.is_empty()).then(|| full.join(" "));
    let company = text(wire.name.as_deref(), MAX_NAME).or_else(|| text(wire.legal_name.as_deref(), MAX_NAME));
    if wire.is_person == Some(true) { full.or(company) } else { company.or(full) }
}

fn group_names(wire: &Customer, names: &BTreeMap<i64, String>) -> Vec<String> {
    wire.contact_group_ids.iter().flatten().filter_map(|id| names.get(id).cloned()).collect()
}

//! A contact as a debtor.
//!
//! Xero does not say whether a contact is a person. Only one whose name is its person's first and last name, and that
//! has no company number, counts as a private person; everything else as a business. The careful side is the person's:
//! a sole trader taken for a consumer gets the milder treatment, and creditors can correct it.

use domain::port::{DebtorSnapshot, Problem};
use entity::DebtorKind;

use super::{MAX_NAME, broken, phone};
use crate::connectors::{
    country,
    wire::text,
    xero::wire::{Address, Contact},
};

/// Longest e-mail address (RFC 5321's path without its brackets).
const MAX_EMAIL: usize = 254;
const MAX_LINE: usize = 200;
const MAX_PLACE: usize = 100;
const MAX_POSTAL_CODE: usize = 20;

/// Maps a whole contact.
pub(in crate::connectors::xero) fn debtor(contact: &Contact) -> Result<DebtorSnapshot, Problem> {
    let name = text(contact.name.as_deref(), MAX_NAME).ok_or_else(|| broken(&contact.id, "Name", "is missing"))?;
    let address = postal(contact.addresses.as_deref().unwrap_or_default());
    let line = |pick: fn(&Address) -> &Option<String>, most| address.and_then(|address| text(pick(address).as_deref(), most));
    let (line1, line2) = address.map(lines).unwrap_or_default();
    Ok(DebtorSnapshot {
        external_id: contact.id.clone(),
        kind: Some(kind(contact, &name)),
        name,
        email: email(contact),
        phone: phone::preferred(contact.phones.as_deref().unwrap_or_default()),
        line1,
        line2,
        postal_code: line(|address| &address.postal_code, MAX_POSTAL_CODE),
        city: line(|address| &address.city, MAX_PLACE),
        region: line(|address| &address.region, MAX_PLACE),
        country: line(|address| &address.country, MAX_PLACE).and_then(|name| country::code(&name)),
        language: None,
        exempt: exempt(contact)?,
        groups: groups(contact),
        merged_into: contact.merged_to.clone().filter(|id| !id.is_empty()),
    })
}

/// Somebody who asked to be forgotten is not to be contacted. An archived contact may still owe.
fn exempt(contact: &Contact) -> Result<Option<bool>, Problem> {
    match contact.contact_status.as_deref() {
        None => Ok(None),
        Some("ACTIVE" | "ARCHIVED") => Ok(Some(false)),
        Some("GDPRREQUEST") => Ok(Some(true)),
        Some(_) => Err(broken(&contact.id, "ContactStatus", "is unknown")),
    }
}

fn kind(contact: &Contact, name: &str) -> DebtorKind {
    let first_and_last = [&contact.first_name, &contact.last_name].map(|part| text(part.as_deref(), MAX_NAME));
    let is_company = text(contact.company_number.as_deref(), MAX_NAME).is_some();
    match first_and_last {
        [Some(first), Some(last)] if !is_company && same_words(name, &format!("{first} {last}")) => DebtorKind::Consumer,
        _ => DebtorKind::Business,
    }
}

fn same_words(one: &str, other: &str) -> bool {
    one.split_whitespace().map(str::to_lowercase).eq(other.split_whitespace().map(str::to_lowercase))
}

/// The contact's own address, else that of the first person whom Xero itself would send invoices to.
fn email(contact: &Contact) -> Option<String> {
    let persons = contact.contact_persons.iter().flatten();
    let included = persons.filter(|person| person.include_in_emails.unwrap_or_default().0).map(|person| &person.email_address);
    std::iter::once(&contact.email_address).chain(included).find_map(|given| text(given.as_deref(), MAX_EMAIL))
}

fn groups(contact: &Contact) -> Option<Vec<String>> {
    let active = contact.contact_groups.as_ref()?.iter().filter(|group| group.status.as_deref() != Some("DELETED"));
    Some(active.filter_map(|group| text(group.name.as_deref(), MAX_NAME)).collect())
}

/// The postal address, else where the contact is. Xero gives both, empty or not.
fn postal(addresses: &[Address]) -> Option<&Address> {
    let filled = |address: &&Address| {
        let fields = [&address.address_line1, &address.address_line2, &address.city, &address.postal_code];
        fields.into_iter().any(|field| text(field.as_deref(), MAX_LINE).is_some())
    };
    let of_kind = |kind: &str| addresses.iter().filter(filled).find(|address| address.address_type.as_deref() == Some(kind));
    of_kind("POBOX").or_else(|| of_kind("STREET"))
}

/// Xero has four lines, letters two: the first that is filled, and the others in one.
fn lines(address: &Address) -> (Option<String>, Option<String>) {
    let all = [&address.address_line1, &address.address_line2, &address.address_line3, &address.address_line4];
    let mut filled = all.into_iter().filter_map(|line| text(line.as_deref(), MAX_LINE));
    let first = filled.next();
    let rest: Vec<String> = filled.collect();
    (first, text(Some(&rest.join(", ")), MAX_LINE))
}

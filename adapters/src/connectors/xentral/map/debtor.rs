//! Who owes: from the address on an invoice, or from the customer's own record.

use domain::port::DebtorSnapshot;
use entity::DebtorKind;

use super::{Fault, text};
use crate::connectors::{
    country,
    xentral::wire::{Address, Customer},
};

/// The debtor as an invoice is addressed to it. The one that counts in the end goes before the one first written.
pub(super) fn of_address(id: &str, address: &Address, language: Option<&str>) -> Result<DebtorSnapshot, Fault> {
    let name = text(Some(&address.name)).ok_or_else(|| Fault::broken("documentAddress.name", "is empty"))?;
    let clean = |field: &Option<String>| text(field.as_deref());
    let second: Vec<String> = [&address.department, &address.sub_department, &address.supplement].into_iter().filter_map(clean).collect();
    Ok(DebtorSnapshot {
        external_id: id.to_owned(),
        name,
        kind: kind(address.kind.as_deref()),
        email: clean(&address.email),
        // A mobile number takes a call as well as a text message.
        phone: clean(&address.mobile).or_else(|| clean(&address.phone)),
        line1: clean(&address.street),
        line2: (!second.is_empty()).then(|| second.join(", ")),
        postal_code: clean(&address.zip_code),
        city: clean(&address.city),
        region: clean(&address.state),
        country: clean(&address.country).and_then(|country| country::code(&country)),
        language: text(language).map(|tag| tag.to_ascii_lowercase()),
        exempt: None,
        groups: None,
        merged_into: None,
    })
}

/// The debtor as its own record says: billed to another address when there is one, reminded at the mail address that is
/// meant for reminders, else for invoices.
///
/// # Errors
///
/// [`Fault`] for a customer without any address.
pub(in super::super) fn of_customer(customer: &Customer) -> Result<DebtorSnapshot, Fault> {
    let address = customer.deviating_billing_address.as_ref().or(customer.primary_address.as_ref());
    let address = address.ok_or_else(|| Fault::broken("primaryAddress", "is missing"))?;
    let language = customer.communication.as_ref().and_then(|told| told.language.as_deref());
    let mut debtor = of_address(&customer.id, address, language)?;
    let recipients = customer.document_delivery.as_ref().and_then(|told| told.document_recipients.as_ref());
    let meant = recipients.and_then(|all| [&all.dunning, &all.invoice].into_iter().flatten().find_map(|to| text(to.to.as_deref())));
    debtor.email = meant.or(debtor.email);
    debtor.groups = customer.groups.as_ref().map(|all| all.iter().filter_map(|group| text(group.name.as_deref())).collect());
    Ok(debtor)
}

fn kind(word: Option<&str>) -> Option<DebtorKind> {
    match word {
        Some("mr" | "mrs") => Some(DebtorKind::Consumer),
        Some("company") => Some(DebtorKind::Business),
        _ => None,
    }
}

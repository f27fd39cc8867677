//! Which rights in GO a pull needs, and words for those that are missing. GO tells rights in two lists: those that work,
//! and those that the application has but the client's subscription does not cover. A right named `X_Full` reads too.

use super::super::wire::Information;

/// A right, and what it is called for people.
const NEEDED: [(&str, &str); 3] =
    [("CustomerLedger", "customer ledger"), ("OutgoingInvoice", "outgoing invoices"), ("Customer", "customers")];

/// What is missing and what to do about it; none when all is there.
pub(super) fn missing(information: &Information) -> Option<String> {
    let lacking = NEEDED.iter().filter(|(right, _)| !has(information.valid_privileges.as_deref(), right));
    let (uncovered, ungranted): (Vec<_>, Vec<_>) = lacking.partition(|(right, _)| has(information.invalid_privileges.as_deref(), right));
    let mut told = Vec::new();
    if !uncovered.is_empty() {
        told.push(format!("the client's subscription in PowerOffice GO does not cover {}: order the module in GO", names(&uncovered)));
    }
    if !ungranted.is_empty() {
        told.push(format!("the extension may not read {}: grant it in GO under Settings, Extensions", names(&ungranted)));
    }
    (!told.is_empty()).then(|| told.join("; "))
}

fn has(list: Option<&[String]>, right: &str) -> bool {
    list.unwrap_or_default().iter().any(|told| {
        let told = told.trim();
        told.eq_ignore_ascii_case(right) || told.strip_suffix("_Full").is_some_and(|base| base.eq_ignore_ascii_case(right))
    })
}

fn names(rights: &[&(&str, &str)]) -> String {
    rights.iter().map(|(right, name)| format!("{name} (privilege {right})")).collect::<Vec<_>>().join(", ")
}

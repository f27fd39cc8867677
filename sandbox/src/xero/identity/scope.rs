//! Scopes. Apps registered since 2 March 2026 get the granular ones alone; asking for a broad one is refused.

/// The scopes that such an app may ask for, as far as receivables need them.
const GRANTED: &[&str] = &[
    "openid",
    "profile",
    "email",
    "offline_access",
    "accounting.invoices",
    "accounting.invoices.read",
    "accounting.payments",
    "accounting.payments.read",
    "accounting.contacts",
    "accounting.contacts.read",
    "accounting.settings",
    "accounting.settings.read",
    "accounting.attachments",
    "accounting.attachments.read",
];

/// The scopes in a text; none when one of them is unknown or broad, or there is none at all.
pub fn parse(text: &str) -> Option<Vec<String>> {
    let scopes: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    let granted = !scopes.is_empty() && scopes.iter().all(|scope| GRANTED.contains(&scope.as_str()));
    granted.then_some(scopes)
}

/// Whether scopes allow reading or writing a resource, the first part of the path after the version.
pub fn allow(scopes: &[String], resource: &str, write: bool) -> bool {
    let needed = match resource {
        "Invoices" | "CreditNotes" => "accounting.invoices",
        "Payments" => "accounting.payments",
        "Contacts" => "accounting.contacts",
        "Organisation" => "accounting.settings",
        _ => return true,
    };
    let has = |wanted: &str| scopes.iter().any(|scope| scope == wanted);
    has(needed) || (!write && has(&format!("{needed}.read")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broad_scopes_are_refused_and_read_scopes_do_not_write() {
        assert_eq!(parse("offline_access accounting.transactions.read"), None);
        assert_eq!(parse(""), None);
        let scopes = parse("accounting.invoices.read").unwrap();
        assert!(allow(&scopes, "Invoices", false) && !allow(&scopes, "Invoices", true) && !allow(&scopes, "Payments", false));
        assert!(allow(&parse("accounting.invoices").unwrap(), "CreditNotes", true));
    }
}

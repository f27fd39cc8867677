//! What a refusal points at: a use case names its own arguments, a mutation may have them elsewhere.

use domain::{Error, Refusal};

/// The settings of an integration, as the use cases name them.
const SETTINGS: [&str; 10] = [
    "name",
    "minimumDaysOverdue",
    "overdueBasis",
    "activateFrom",
    "minimumAmount",
    "autoApprove",
    "freshnessHours",
    "pollEveryMinutes",
    "writeBackNotes",
    "debtorGroupsExcluded",
];

/// Lets a refusal point at the mutation's own arguments: settings are below `settings`, `others` are renamed by pairs;
/// the first pair that fits counts, and an empty name stands for the whole call.
pub(super) fn placed<T>(result: domain::Result<T>, settings: &str, others: &[(&str, &str)]) -> domain::Result<T> {
    result.map_err(|error| match error {
        Error::Refused(refusal) => Error::Refused(moved(refusal, settings, others)),
        fault => fault,
    })
}

fn moved(mut refusal: Refusal, settings: &str, others: &[(&str, &str)]) -> Refusal {
    let Some(first) = refusal.field.first() else { return refusal };
    let whole = refusal.field.join(".");
    let begins = |name: &str| whole.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let renamed = others.iter().find(|(name, _)| begins(name)).map(|(name, place)| format!("{place}{}", &whole[name.len()..]));
    let setting = SETTINGS.contains(&first.as_str()).then(|| format!("{settings}.{whole}"));
    if let Some(place) = renamed.or(setting) {
        refusal.field = place.split('.').filter(|part| !part.is_empty()).map(str::to_owned).collect();
    }
    refusal
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use domain::RefusalCode;

    #[test]
    fn a_refusal_points_at_the_mutations_own_arguments() {
        let others = [("key", "input.apiKey"), ("provider", ""), ("account.organization", "amili.organisation"), ("account", "amili")];
        for (named, expected) in [
            ("key", "input.apiKey"),
            ("minimumAmount.currency", "input.settings.minimumAmount.currency"),
            ("provider", ""),
            ("state", "state"),
            ("keys", "keys"),
            ("account.organization", "amili.organisation"),
            ("account.clientId", "amili.clientId"),
            ("account", "amili"),
        ] {
            let refused = Refusal::new(RefusalCode::Invalid, "no").at(named);
            let Error::Refused(moved) = placed::<()>(Err(refused.into()), "input.settings", &others).unwrap_err() else { panic!() };
            assert_eq!(moved.field.join("."), expected);
        }
    }
}

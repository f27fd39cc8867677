//! Freezing the figures of a letter: from rows to [`LetterFacts`].

use chrono::{DateTime, Days, NaiveDate, Utc};
use entity::{LetterId, collection_case, debtor, invoice};

use super::super::{
    Bank, ClaimLineKind, Creditor, Language, LetterFacts, LetterKind, NextStep, Recipient, TEXT_REVISION, aid::quoted, demanded,
};
use super::lines::claim_lines;
use crate::{
    calendar,
    case::reference,
    claim::{self, Known},
    error::Result,
    escalation::Gathered,
    policy::Follows,
    tenant,
};

/// What makes one letter different from the next of the same case.
pub(super) struct Occasion {
    pub(super) kind: LetterKind,
    pub(super) step_number: u32,
    pub(super) next_step: NextStep,
    pub(super) dated_on: NaiveDate,
    pub(super) pay_within_days: u32,
    /// No letter of the case left before.
    pub(super) first: bool,
}

impl Occasion {
    /// That of a step of the ladder; behind its end, of the last one.
    pub(super) fn of_step(gathered: &Gathered, step: usize, kind: LetterKind, pay_within_days: u32, now: DateTime<Utc>) -> Self {
        let next_step = match gathered.ladder.after(step) {
            Follows::Step => NextStep::Letter,
            Follows::Handover => NextStep::Handover,
            Follows::Nothing => NextStep::Nothing,
        };
        let last = gathered.ladder.steps.len().saturating_sub(1);
        Self {
            kind,
            step_number: u32::try_from(step.min(last) + 1).unwrap_or(u32::MAX),
            next_step,
            dated_on: calendar::local_date(gathered.tenant_zone, now),
            pay_within_days,
            first: gathered.none_left(),
        }
    }
}

/// What is owed beside the invoices: what is known of it, with what the letter itself charges.
pub(super) struct Beside {
    pub(super) letter: LetterId,
    pub(super) known: Known,
}

/// Freezes.
pub(super) fn freeze(case: &collection_case::Model, gathered: &Gathered, occasion: &Occasion, beside: &Beside) -> Result<LetterFacts> {
    let tenant = &gathered.tenant;
    let bank = tenant::bank(tenant)?;
    let reference = reference(case.number);
    let language = language(gathered);
    let claim = claim::Facts { known: &beside.known, ..gathered.claim(case) }.claim(occasion.dated_on, Some(beside.letter))?;
    let lines = claim_lines(&claim, &gathered.invoices, &case.currency, language);
    let only = only_open(&gathered.invoices);
    let steps = u32::try_from(gathered.ladder.steps.len()).unwrap_or(u32::MAX);
    Ok(LetterFacts {
        kind: occasion.kind,
        language,
        step_number: occasion.step_number,
        steps_total: steps,
        next_step: occasion.next_step,
        dated_on: occasion.dated_on,
        pay_by: pay_by(gathered, occasion),
        reference,
        currency: case.currency.clone(),
        creditor: Creditor {
            name: tenant.name.clone(),
            legal_name: tenant.legal_name.clone(),
            registration_number: tenant.registration_number.clone(),
            address_lines: serde_json::from_value(tenant.address_lines.clone())?,
            country: tenant.country.clone(),
            email: tenant.email.clone(),
            phone: tenant.phone.clone(),
        },
        debtor: recipient_of(&gathered.debtor, &tenant.country),
        outstanding_minor: case.outstanding_minor.saturating_add(claim.charges_minor),
        paid_minor: -lines.iter().filter(|l| l.kind == ClaimLineKind::Payment).map(|l| l.amount_minor).sum::<i64>(),
        lines,
        bank: Bank {
            account_name: bank.account_name,
            iban: bank.iban,
            bic: bank.bic,
            local_account: bank.local_account,
            payment_reference: quoted(case.number, bank.reference, only.and_then(|invoice| invoice.payment_reference.as_deref())),
            code: true,
            online_url: only.and_then(|invoice| invoice.online_url.clone()),
        },
        text_revision: TEXT_REVISION.to_owned(),
        message_only: false,
        charges_minor: claim.charges_minor,
        figures_on: claim::in_use(tenant).then_some(occasion.dated_on),
        grouped: Vec::new(),
        wording: None,
        legal: demanded(tenant, &gathered.debtor, occasion.kind, occasion.first, occasion.dated_on)?,
    })
}

/// Ahead of the due date nothing else is asked for than to pay on it.
fn pay_by(gathered: &Gathered, occasion: &Occasion) -> NaiveDate {
    let given = || occasion.dated_on.checked_add_days(Days::new(occasion.pay_within_days.into())).unwrap_or(occasion.dated_on);
    let due_on = gathered.first_due_on().filter(|_| occasion.kind == LetterKind::PreDueReminder);
    due_on.unwrap_or_else(given)
}

/// The invoice that a payment would be for, when there is but one.
pub(crate) fn only_open(invoices: &[invoice::Model]) -> Option<&invoice::Model> {
    let mut open = invoices.iter().filter(|invoice| invoice.outstanding_minor > 0);
    open.next().filter(|_| open.next().is_none())
}

/// The address window of a debtor.
pub(crate) fn recipient_of(debtor: &debtor::Model, tenant_country: &str) -> Recipient {
    let country = debtor.country.clone().unwrap_or_else(|| tenant_country.to_owned());
    let [city, code, region] = [&debtor.city, &debtor.postal_code, &debtor.region].map(Option::as_deref);
    let lines = [debtor.line1.clone(), debtor.line2.clone()].into_iter().flatten().chain(town(&country, city, code, region));
    Recipient { name: debtor.name.clone(), attention: None, address_lines: lines.filter(|line| !line.is_empty()).collect(), country }
}

/// The lines of the town, in the order in which the country's post writes them; where it is not known here, as most of
/// Europe does.
fn town(country: &str, city: Option<&str>, code: Option<&str>, region: Option<&str>) -> Vec<String> {
    let region = region.filter(|region| city != Some(*region));
    let line = |parts: &[Option<&str>]| parts.iter().flatten().copied().collect::<Vec<_>>().join(" ");
    match country {
        // Regions are no part of an address there.
        "NZ" => vec![line(&[city, code])],
        "GB" => vec![line(&[city]), line(&[code])],
        "AU" | "CA" | "US" => vec![line(&[city, region, code])],
        // The county belongs above the code; a third line would be one too many for the window of a letter from abroad.
        "IE" => vec![line(&[city]), line(&[region, code])],
        _ => vec![line(&[code, city]), line(&[region])],
    }
}

fn language(gathered: &Gathered) -> Language {
    let known = gathered.debtor.language.as_deref().and_then(Language::of_locale);
    known.or_else(|| Language::of_locale(&gathered.tenant.language)).unwrap_or(Language::En)
}

#[cfg(test)]
mod tests {
    use entity::{DebtorId, DebtorKind, IntegrationId, TenantId};
    use proptest::prelude::*;

    use super::*;
    use crate::letter::{compose, compose_examples};

    #[test]
    fn a_town_is_written_as_its_country_writes_it() {
        for (country, town_code_region, expected) in [
            ("NZ", ["Hamilton", "3240", "Waikato"], &["Hamilton 3240"][..]),
            ("AU", ["Sydney", "2000", "NSW"], &["Sydney NSW 2000"]),
            ("GB", ["Leeds", "LS1 4AP", "West Yorkshire"], &["Leeds", "LS1 4AP"]),
            ("IE", ["Bray", "A98 X5P7", "Co. Wicklow"], &["Bray", "Co. Wicklow A98 X5P7"]),
            ("DE", ["Berlin", "10117", "Berlin"], &["10117 Berlin", ""]),
            ("NO", ["Bergen", "5013", "Vestland"], &["5013 Bergen", "Vestland"]),
        ] {
            let [city, code, region] = town_code_region.map(Some);
            assert_eq!(town(country, city, code, region), expected, "{country}");
        }
        assert_eq!(town("NZ", Some("Ōtaki"), None, None), ["Ōtaki"]);
    }

    proptest! {
        #[test]
        fn every_address_that_the_api_accepts_fits_the_window_of_a_letter_from_home_and_from_abroad(
            country in prop_oneof![Just("NZ"), Just("AU"), Just("US"), Just("GB"), Just("IE"), Just("DE"), Just("NO"), Just("JP")],
            lines in prop::array::uniform4(prop::option::of("[A-Z][a-z]{1,20}( [A-Z][a-z]{1,76})?|X{100}")),
            code in prop::option::of("[A-Z0-9]{1,20}"),
        ) {
            let debtor = lives_at(country, lines, code);
            for home in ["NZ", "GB", "IE"] {
                let mut facts = compose_examples::facts(LetterKind::Reminder, Language::En);
                facts.creditor.country = home.to_owned();
                facts.debtor = recipient_of(&debtor, home);
                prop_assert_eq!(compose(&facts).err(), None);
            }
        }
    }

    fn lives_at(country: &str, [line1, line2, city, region]: [Option<String>; 4], postal_code: Option<String>) -> debtor::Model {
        debtor::Model {
            tenant_id: TenantId(uuid::Uuid::nil()),
            id: DebtorId(uuid::Uuid::nil()),
            integration_id: IntegrationId(uuid::Uuid::nil()),
            external_id: String::new(),
            name: "Rātā Ltd".to_owned(),
            kind: DebtorKind::Business,
            email: None,
            phone: None,
            line1,
            line2,
            postal_code,
            city,
            region,
            country: Some(country.to_owned()),
            language: None,
            exempt: false,
            exempt_reason: None,
            exempt_until: None,
            groups: None,
            group_excluded: false,
            merged_into: None,
            policy_id: None,
            address_source: None,
            contact_edited: false,
            snapshot_hash: String::new(),
            version: 1,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }
}

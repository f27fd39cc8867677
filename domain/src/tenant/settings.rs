//! Changing a tenant's settings, the master switch included.

use entity::{CaseGrouping, ConsentMode, PolicyId, tenant};
use iban::IbanLike;
use sea_orm::{ActiveModelTrait, IntoActiveModel};

use super::BankDetails;
use crate::{
    actor::{Action, Viewer},
    calendar::{ContactHours, ContactWindow},
    change::Change,
    claim::{ChargeChanges, ChargeSettings},
    env::Env,
    error::{Refusal, RefusalCode, Result},
    event::{Happened, kind},
    letter::{
        Authority, Language, LegalDetails,
        aid::{ReferenceStyle, kid::LENGTHS as KID_LENGTHS},
        country, text,
    },
};

/// More than ISO 3166-1 has.
const MAX_SMS_COUNTRIES: usize = 250;

/// What may be changed; what is none stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TenantChanges {
    /// Registered name.
    pub legal_name: Option<String>,
    /// Company number.
    pub registration_number: Option<String>,
    /// Whom debtors answer to.
    pub email: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    /// The letterhead's address.
    pub address_lines: Option<Vec<String>>,
    /// `en`, `de` or `nb`.
    pub language: Option<String>,
    /// Where debtors pay.
    pub bank: Option<BankDetails>,
    /// The master switch.
    pub automatic_actions: Option<bool>,
    /// Ask before each letter, or not.
    pub consent_mode: Option<ConsentMode>,
    /// How invoices become cases.
    pub case_grouping: Option<CaseGrouping>,
    /// Hours of contact.
    pub contact_windows: Option<Vec<ContactWindow>>,
    /// How far a part payment moves the next step, 0 to 90 days.
    pub part_payment_delay_days: Option<i32>,
    /// How many days a consent, asked for or given, holds: 1 to 90.
    pub consent_days: Option<i32>,
    /// No contact on public holidays of the debtor's place.
    pub skip_holidays: Option<bool>,
    /// One letter speaks for several cases of a debtor that are due on the same day.
    pub group_letters: Option<bool>,
    /// How often a debtor may be contacted.
    pub contact_limits: ContactLimits,
    /// Countries besides its own to which short messages go.
    pub sms_countries: Option<Vec<String>>,
    /// What is charged beside the invoices.
    pub charges: Option<ChargeChanges>,
    /// What some countries' letters must state about the sender.
    pub legal: Option<LegalDetails>,
    /// The policy of new cases.
    pub default_policy: Option<PolicyId>,
    /// Refuse when the tenant is at another version.
    pub expected_version: Option<i64>,
}

/// How often a debtor may be contacted, over all its cases; what is none stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ContactLimits {
    /// Fewest days between two contacts, 0 to 90; 0 for no gap.
    pub gap_days: Option<i32>,
    /// Most contacts in seven days, 0 to 100; 0 for no limit of the tenant's own.
    pub per_week: Option<i32>,
    /// Most contacts in thirty days, 0 to 100; 0 for no limit of the tenant's own.
    pub per_month: Option<i32>,
}

/// Changes settings. Turning the master switch on lets everything go out that is due by then, one step per case.
///
/// # Errors
///
/// A refusal naming the setting.
pub async fn update(env: &Env, viewer: &Viewer, changes: &TenantChanges) -> Result<tenant::Model> {
    viewer.require(Action::Configure)?;
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let mut row = super::lock(&change).await?;
    if changes.expected_version.is_some_and(|expected| expected != row.version) {
        let message = format!("the settings changed meanwhile: they are at version {}", row.version);
        return Err(Refusal::new(RefusalCode::StaleVersion, message).at("expectedVersion").into());
    }
    identity(&mut row, changes)?;
    collection(&change, &mut row, changes).await?;
    row.version += 1;
    row.updated_at = change.now;
    let row = row.into_active_model().reset_all().update(&change.tx).await?;
    let happened = Happened::new(kind::TENANT_CHANGED).with("automaticActions", row.automatic_actions);
    change.record(happened.with("consentMode", serde_json::to_value(row.consent_mode)?));
    change.commit().await?;
    Ok(row)
}

fn line(value: &str, field: &str, most: usize) -> Result<String, Refusal> {
    let cleaned = text::clean_line(value).map_err(|e| Refusal::new(RefusalCode::Invalid, e.to_string()).at(field))?;
    if cleaned.chars().count() > most {
        return Err(Refusal::new(RefusalCode::TooLong, format!("at most {most} characters")).at(field));
    }
    Ok(cleaned)
}

fn optional(value: &str, field: &str, most: usize) -> Result<Option<String>, Refusal> {
    if value.trim().is_empty() { Ok(None) } else { line(value, field, most).map(Some) }
}

fn identity(row: &mut tenant::Model, changes: &TenantChanges) -> Result<()> {
    if let Some(name) = &changes.legal_name {
        row.legal_name = optional(name, "legalName", 200)?;
    }
    if let Some(number) = &changes.registration_number {
        row.registration_number = optional(number, "registrationNumber", 100)?;
    }
    if let Some(email) = &changes.email {
        if !crate::delivery::email_usable(email) {
            return Err(Refusal::new(RefusalCode::Invalid, "this is not a plain e-mail address").at("email").into());
        }
        row.email.clone_from(email);
    }
    if let Some(phone) = &changes.phone {
        row.phone = optional(phone, "phone", 40)?;
    }
    if let Some(lines) = &changes.address_lines {
        if lines.len() > 6 {
            return Err(Refusal::new(RefusalCode::LimitExceeded, "a letterhead has at most 6 address lines").at("addressLines").into());
        }
        let lines = lines.iter().map(|l| line(l, "addressLines", 100)).collect::<Result<Vec<_>, _>>()?;
        row.address_lines = serde_json::to_value(lines)?;
    }
    if let Some(language) = &changes.language {
        Language::wanted(language, "language")?.as_str().clone_into(&mut row.language);
    }
    if let Some(countries) = &changes.sms_countries {
        row.sms_countries = serde_json::to_value(check_countries(countries)?)?;
    }
    if let Some(legal) = &changes.legal {
        row.legal = serde_json::to_value(check_legal(legal)?)?;
    }
    if let Some(bank) = &changes.bank {
        row.bank = serde_json::to_value(check_bank(bank)?)?;
    }
    Ok(())
}

/// Each once, in order.
fn check_countries(countries: &[String]) -> Result<Vec<String>, Refusal> {
    if countries.len() > MAX_SMS_COUNTRIES {
        return Err(Refusal::new(RefusalCode::LimitExceeded, "more countries than there are").at("smsCountries"));
    }
    countries.iter().try_for_each(|code| country::check_code(code, "smsCountries"))?;
    Ok(countries.iter().cloned().collect::<std::collections::BTreeSet<_>>().into_iter().collect())
}

/// Tidy texts; an authority is named whole or not at all.
fn check_legal(legal: &LegalDetails) -> Result<LegalDetails, Refusal> {
    let tidy = |text: &Option<String>, field: &str| text.as_ref().map_or(Ok(None), |text| optional(text, field, 200));
    let authority = match &legal.authority {
        None => None,
        Some(Authority { name, address, contact }) if [name, address, contact].iter().all(|text| text.trim().is_empty()) => None,
        Some(Authority { name, address, contact }) => Some(Authority {
            name: line(name, "legal.authority.name", 200)?,
            address: line(address, "legal.authority.address", 200)?,
            contact: line(contact, "legal.authority.contact", 200)?,
        }),
    };
    Ok(LegalDetails {
        authority,
        subject_matter: tidy(&legal.subject_matter, "legal.subjectMatter")?,
        above_statutory_reason: tidy(&legal.above_statutory_reason, "legal.aboveStatutoryReason")?,
        vat_on_costs: legal.vat_on_costs,
    })
}

fn check_bank(bank: &BankDetails) -> Result<BankDetails, Refusal> {
    let iban = match bank.iban.as_deref().map(str::trim).filter(|s| !s.is_empty()) {
        None => None,
        Some(text) => {
            let parsed: iban::Iban =
                text.parse().map_err(|_| Refusal::new(RefusalCode::Invalid, "the IBAN's check digits do not fit").at("bank.iban"))?;
            Some(parsed.electronic_str().to_owned())
        }
    };
    let bic = match bank.bic.as_deref().map(|b| b.trim().to_ascii_uppercase()).filter(|s| !s.is_empty()) {
        Some(bic) if !matches!(bic.len(), 8 | 11) || !bic.bytes().all(|b| b.is_ascii_alphanumeric()) => {
            return Err(Refusal::new(RefusalCode::Invalid, "a BIC has 8 or 11 letters and digits").at("bank.bic"));
        }
        bic => bic,
    };
    let local_account = match &bank.local_account {
        Some(account) => optional(account, "bank.localAccount", 40)?,
        None => None,
    };
    let account_name = line(&bank.account_name, "bank.accountName", 140)?;
    if account_name.is_empty() || (iban.is_none() && local_account.is_none()) {
        return Err(Refusal::new(RefusalCode::Required, "an account has a holder and an IBAN or a local number").at("bank"));
    }
    Ok(BankDetails { account_name, iban, bic, local_account, reference: check_reference(bank.reference)? })
}

fn check_reference(style: ReferenceStyle) -> Result<ReferenceStyle, Refusal> {
    match style {
        ReferenceStyle::Kid { length, .. } if !KID_LENGTHS.contains(&length.into()) => {
            let message = format!("a KID has {} to {} characters", KID_LENGTHS.start(), KID_LENGTHS.end());
            Err(Refusal::new(RefusalCode::OutOfRange, message).at("bank.reference"))
        }
        ReferenceStyle::CaseNumber | ReferenceStyle::CreditorReference | ReferenceStyle::Kid { .. } => Ok(style),
    }
}

async fn collection(change: &Change<'_>, row: &mut tenant::Model, changes: &TenantChanges) -> Result<()> {
    if let Some(mode) = changes.consent_mode {
        row.consent_mode = mode;
    }
    if let Some(grouping) = changes.case_grouping {
        row.case_grouping = grouping;
    }
    if let Some(windows) = &changes.contact_windows {
        row.contact_windows = serde_json::to_value(ContactHours::new(windows.clone())?)?;
    }
    if let Some(days) = changes.part_payment_delay_days {
        if !(0..=90).contains(&days) {
            return Err(Refusal::new(RefusalCode::OutOfRange, "0 to 90 days").at("partPaymentDelayDays").into());
        }
        row.part_payment_delay_days = days;
    }
    contacts(row, changes)?;
    if let Some(charges) = &changes.charges {
        row.charges = serde_json::to_value(ChargeSettings::of(row)?.with(charges)?)?;
    }
    if let Some(policy) = changes.default_policy {
        crate::policy::check_default(change, policy, "defaultPolicyId").await?;
        row.default_policy_id = Some(policy);
    }
    if let Some(on) = changes.automatic_actions {
        if on && !super::bank_known(row) {
            let message = "letters say where to pay: enter the bank details first";
            return Err(Refusal::new(RefusalCode::BankDetailsMissing, message).at("automaticActions").into());
        }
        row.automatic_actions = on;
    }
    Ok(())
}

fn contacts(row: &mut tenant::Model, changes: &TenantChanges) -> Result<(), Refusal> {
    let within = |value: i32, bounds: std::ops::RangeInclusive<i32>, field: &str| {
        let message = format!("{} to {}", bounds.start(), bounds.end());
        if bounds.contains(&value) { Ok(value) } else { Err(Refusal::new(RefusalCode::OutOfRange, message).at(field)) }
    };
    let limits = changes.contact_limits;
    if let Some(days) = changes.consent_days {
        row.consent_days = within(days, 1..=90, "consentDays")?;
    }
    if let Some(days) = limits.gap_days {
        row.contact_gap_days = within(days, 0..=90, "contactGapDays")?;
    }
    if let Some(most) = limits.per_week {
        row.contacts_per_week = Some(within(most, 0..=100, "contactsPerWeek")?).filter(|most| *most > 0);
    }
    if let Some(most) = limits.per_month {
        row.contacts_per_month = Some(within(most, 0..=100, "contactsPerMonth")?).filter(|most| *most > 0);
    }
    row.skip_holidays = changes.skip_holidays.unwrap_or(row.skip_holidays);
    row.group_letters = changes.group_letters.unwrap_or(row.group_letters);
    Ok(())
}

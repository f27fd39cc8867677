//! A new tenant: defaults of its country, the master switch off, a policy from the presets.

use entity::{CaseGrouping, ConsentMode, PolicyId, TenantId, tenant};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};

use super::BankDetails;
use crate::{
    actor::Actor,
    calendar::{self, ContactHours},
    change::Change,
    env::Env,
    error::{Refusal, RefusalCode, Result},
    event::{Happened, kind},
    letter::{Language, country, text},
    money, policy,
};

/// What is needed to make a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTenant {
    /// Trading name.
    pub name: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// IANA zone.
    pub time_zone: String,
    /// `en`, `de` or `nb`.
    pub language: String,
    /// ISO 4217.
    pub currency: String,
    /// Whom debtors answer to.
    pub email: String,
}

/// Makes a tenant with the defaults of its country. Nothing leaves the building until its master switch is turned on.
///
/// # Errors
///
/// A refusal for a bad name, zone, currency or e-mail address.
pub async fn create(env: &Env, new: &NewTenant) -> Result<TenantId> {
    let name = check(new)?;
    let id: TenantId = env.new_id();
    let mut change = Change::begin(env, id, Actor::System).await?;
    let row = tenant::Model {
        id,
        name,
        legal_name: None,
        registration_number: None,
        country: new.country.clone(),
        time_zone: new.time_zone.clone(),
        language: new.language.clone(),
        currency: new.currency.clone(),
        email: new.email.clone(),
        phone: None,
        address_lines: serde_json::json!([]),
        bank: serde_json::to_value(BankDetails::default())?,
        automatic_actions: false,
        consent_mode: ConsentMode::EachLetter,
        case_grouping: CaseGrouping::PerInvoice,
        contact_windows: serde_json::to_value(ContactHours::default())?,
        part_payment_delay_days: 7,
        consent_days: 14,
        skip_holidays: true,
        contact_gap_days: 0,
        contacts_per_week: None,
        contacts_per_month: None,
        group_letters: true,
        charges: serde_json::json!({}),
        legal: serde_json::json!({}),
        sms_countries: serde_json::json!([]),
        default_policy_id: None,
        next_case_number: 1,
        version: 1,
        created_at: change.now,
        updated_at: change.now,
    };
    let row = row.into_active_model().reset_all().insert(&change.tx).await?;
    let policy: PolicyId = policy::seed(&change, policy::preset_of(&new.country)).await?;
    let mut row = row.into_active_model();
    row.default_policy_id = Set(Some(policy));
    row.update(&change.tx).await?;
    change.record(Happened::new(kind::TENANT_CHANGED).with("created", true));
    change.commit().await?;
    Ok(id)
}

fn check(new: &NewTenant) -> Result<String> {
    let refuse = |message: &str, field: &str| Refusal::new(RefusalCode::Invalid, message).at(field);
    let name = text::clean_line(&new.name).map_err(|e| refuse(&e.to_string(), "name"))?;
    if name.is_empty() || name.chars().count() > 200 {
        return Err(refuse("a name has 1 to 200 characters", "name").into());
    }
    calendar::zone(&new.time_zone)?;
    if money::minor_digits(&new.currency).is_none() {
        return Err(refuse("unknown currency code", "currency").into());
    }
    country::check_code(&new.country, "country")?;
    Language::wanted(&new.language, "language")?;
    if !crate::delivery::email_usable(&new.email) {
        return Err(refuse("this is not a plain e-mail address", "email").into());
    }
    Ok(name)
}

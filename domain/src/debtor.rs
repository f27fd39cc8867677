//! Debtors: what the creditor corrects and whom it exempts. The rest is a snapshot of the accounting system.

use chrono::NaiveDate;
use entity::{CaseStatus, DebtorId, Scoped, collection_case, debtor};
use sea_orm::{ActiveModelTrait, ColumnTrait, IntoActiveModel, QueryFilter, QuerySelect};

use crate::{
    actor::{Action, Viewer},
    change::Change,
    delivery::email_usable,
    env::Env,
    error::{Refusal, RefusalCode, Result},
    escalation,
    event::{Happened, kind},
    letter::{Language, country, text},
    tenant,
};

/// A corrected contact; what is none stays, an empty text clears.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContactChanges {
    /// Name for letters.
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// Street and number.
    pub line1: Option<String>,
    /// Second address line.
    pub line2: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Town.
    pub city: Option<String>,
    /// State or region.
    pub region: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// `en`, `de` or `nb`.
    pub language: Option<String>,
    /// Where the address was found, when it is not the one that the debtor gave; an empty text for one that it gave.
    pub address_source: Option<String>,
    /// Refuse when the debtor is at another version.
    pub expected_version: Option<i64>,
}

/// Corrects a debtor's contact; a sync no longer overwrites it. Cases that waited for a contact are looked at again.
///
/// # Errors
///
/// A refusal naming the field.
pub async fn update_contact(env: &Env, viewer: &Viewer, id: DebtorId, changes: &ContactChanges) -> Result<debtor::Model> {
    viewer.require(Action::EditDebtors)?;
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let mut row = lock(&change, id).await?;
    if changes.expected_version.is_some_and(|expected| expected != row.version) {
        let message = format!("the debtor changed meanwhile: it is at version {}", row.version);
        return Err(Refusal::new(RefusalCode::StaleVersion, message).at("expectedVersion").into());
    }
    let tenant = tenant::find(&change.tx, viewer.tenant).await?;
    apply(&mut row, changes, &tenant.country)?;
    row.contact_edited = true;
    save(&mut change, &mut row, "contact").await?;
    look_again(&mut change, id, &["DEBTOR_INCOMPLETE"]).await?;
    change.commit().await?;
    Ok(row)
}

/// Exempts a debtor from collection until a day or for good, or lifts the exemption.
///
/// # Errors
///
/// A refusal: unknown debtor, no reason given.
pub async fn set_exemption(
    env: &Env,
    viewer: &Viewer,
    id: DebtorId,
    exempt: bool,
    reason: &str,
    until: Option<NaiveDate>,
) -> Result<debtor::Model> {
    viewer.require(Action::EditDebtors)?;
    let reason = text::clean_optional_line(reason).map_err(|e| Refusal::new(RefusalCode::Invalid, e.to_string()).at("reason"))?;
    if exempt && (reason.is_empty() || reason.chars().count() > 200) {
        return Err(Refusal::new(RefusalCode::Required, "say why, in at most 200 characters").at("reason").into());
    }
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let mut row = lock(&change, id).await?;
    row.exempt = exempt;
    row.exempt_reason = exempt.then_some(reason);
    row.exempt_until = until.filter(|_| exempt);
    save(&mut change, &mut row, "exemption").await?;
    if !exempt {
        look_again(&mut change, id, &["DEBTOR_EXEMPT"]).await?;
    }
    change.commit().await?;
    Ok(row)
}

pub(crate) async fn lock(change: &Change<'_>, id: DebtorId) -> Result<debtor::Model> {
    let found = debtor::Entity::of(change.tenant).filter(debtor::Column::Id.eq(id)).lock_exclusive().one(&change.tx).await?;
    found.ok_or_else(|| Refusal::not_found("debtor").at("id").into())
}

pub(crate) async fn save(change: &mut Change<'_>, row: &mut debtor::Model, what: &str) -> Result<()> {
    row.version += 1;
    row.updated_at = change.now;
    row.clone().into_active_model().reset_all().update(&change.tx).await?;
    change.record(Happened::new(kind::DEBTOR_CHANGED).debtor(row.id).with("what", what));
    Ok(())
}

/// Cases of the debtor that wait for this reason are due now.
async fn look_again(change: &mut Change<'_>, id: DebtorId, because: &[&str]) -> Result<()> {
    let waiting = collection_case::Entity::of(change.tenant)
        .filter(collection_case::Column::DebtorId.eq(id))
        .filter(collection_case::Column::Status.eq(CaseStatus::Active))
        .filter(collection_case::Column::PostponedBecause.is_in(because.iter().copied()))
        .lock_exclusive()
        .all(&change.tx)
        .await?;
    for mut case in waiting {
        if case.next_action_at.is_some() {
            case.next_action_at = Some(change.now);
            escalation::call_if_due(change, &case);
            crate::case::save(change, &mut case).await?;
        }
    }
    Ok(())
}

fn apply(row: &mut debtor::Model, changes: &ContactChanges, tenant_country: &str) -> Result<()> {
    if let Some(name) = &changes.name {
        row.name = field(name, "name", 200)?.ok_or_else(|| Refusal::new(RefusalCode::Required, "a debtor has a name").at("name"))?;
    }
    if let Some(email) = &changes.email {
        row.email = field(email, "email", 254)?;
        if row.email.as_deref().is_some_and(|address| !email_usable(address)) {
            return Err(Refusal::new(RefusalCode::Invalid, "this is not a plain e-mail address").at("email").into());
        }
    }
    for (value, slot, name, most) in [
        (&changes.line1, &mut row.line1, "line1", 100),
        (&changes.line2, &mut row.line2, "line2", 100),
        // With the city and the region it stands in one line of a letter, which takes 300.
        (&changes.postal_code, &mut row.postal_code, "postalCode", 20),
        (&changes.city, &mut row.city, "city", 100),
        (&changes.region, &mut row.region, "region", 100),
    ] {
        if let Some(value) = value {
            *slot = field(value, name, most)?;
        }
    }
    if let Some(source) = &changes.address_source {
        row.address_source = field(source, "addressSource", 200)?;
    }
    if let Some(code) = &changes.country {
        country::check_code(code, "country")?;
        row.country = Some(code.clone());
    }
    if let Some(language) = &changes.language {
        row.language = Some(Language::wanted(language, "language")?.as_str().to_owned());
    }
    if let Some(phone) = &changes.phone {
        row.phone = match field(phone, "phone", 40)? {
            None => None,
            Some(number) => Some(
                crate::delivery::phone_usable(&number, row.country.as_deref(), tenant_country)
                    .map_err(|why| Refusal::new(RefusalCode::Invalid, why).at("phone"))?,
            ),
        };
    }
    Ok(())
}

fn field(value: &str, name: &str, most: usize) -> Result<Option<String>, Refusal> {
    let cleaned = text::clean_optional_line(value).map_err(|e| Refusal::new(RefusalCode::Invalid, e.to_string()).at(name))?;
    if cleaned.chars().count() > most {
        return Err(Refusal::new(RefusalCode::TooLong, format!("at most {most} characters")).at(name));
    }
    Ok(Some(cleaned).filter(|text| !text.is_empty()))
}

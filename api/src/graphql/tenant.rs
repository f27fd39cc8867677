//! The tenant and its settings.

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::{calendar::ContactHours, letter};
use entity::{TenantId, tenant};

use super::{
    charges::ChargeSettings,
    connection::list_cost,
    error::query_error,
    id,
    integration::Integration,
    invoice::today,
    kind::{CaseGrouping, ConsentMode},
    loader::{self, IntegrationsOf, Member, MembersOf, PoliciesOf, Row, TenantRow},
    policy::EscalationPolicy,
    reference_style::PaymentReferenceStyle,
    scalars::{CountryCode, CurrencyCode, EmailAddress, Locale, PhoneNumber, TimeOfDay, TimeZone},
    viewer::User,
};

/// A creditor business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant(pub tenant::Model);

impl From<tenant::Model> for Tenant {
    fn from(row: tenant::Model) -> Self {
        Self(row)
    }
}

/// The row of a tenant that another row names.
///
/// # Errors
///
/// A fault when the database refuses.
pub async fn tenant_row(ctx: &Context<'_>, tenant: TenantId) -> async_graphql::Result<tenant::Model> {
    loader::one(ctx, TenantRow(tenant)).await?.ok_or_else(|| "a row without its tenant".into())
}

/// Where debtors pay: the creditor's own account.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct BankDetails {
    /// The account's holder.
    pub account_name: String,
    /// IBAN without blanks.
    pub iban: Option<String>,
    /// BIC.
    pub bic: Option<String>,
    /// The account number of countries without IBAN, as debtors type it.
    pub local_account: Option<String>,
    /// The form in which the bank reads references.
    pub reference_style: PaymentReferenceStyle,
    /// Characters of a KID with its check digit; null for other styles.
    pub kid_length: Option<i32>,
}

/// One stretch of a weekday in which contact is allowed, in the debtor's local time.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct ContactWindow {
    /// 1 Monday to 7 Sunday.
    pub weekday: i32,
    /// First moment.
    pub from: TimeOfDay,
    /// First moment after.
    pub to: TimeOfDay,
}

/// What some countries' letters must state about the sender.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct LegalDetails {
    /// The authority that supervises the sender.
    pub authority: Option<Authority>,
    /// What the invoices are for when they do not say it.
    pub subject_matter: Option<String>,
    /// Why a rate above the statutory one is asked for.
    pub above_statutory_reason: Option<String>,
    /// Whether value added tax is claimed on costs, which the creditor cannot deduct as input tax.
    pub vat_on_costs: bool,
}

/// A supervisory authority.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct Authority {
    /// Its name.
    pub name: String,
    /// Its address in one line.
    pub address: String,
    /// Its e-mail address or web page.
    pub contact: String,
}

impl From<letter::LegalDetails> for LegalDetails {
    fn from(details: letter::LegalDetails) -> Self {
        let authority = details.authority.map(|a| Authority { name: a.name, address: a.address, contact: a.contact });
        let letter::LegalDetails { subject_matter, above_statutory_reason, vat_on_costs, .. } = details;
        Self { authority, subject_matter, above_statutory_reason, vat_on_costs }
    }
}

/// How a tenant collects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionSettings(tenant::Model);

/// How a tenant collects.
#[Object]
impl CollectionSettings {
    /// The master switch: off means that nothing leaves the building. Off for a new tenant.
    async fn automatic_actions(&self) -> bool {
        self.0.automatic_actions
    }

    /// Ask before each letter, or send as the policy says.
    async fn consent_mode(&self) -> ConsentMode {
        self.0.consent_mode.into()
    }

    /// How invoices become cases.
    async fn case_grouping(&self) -> CaseGrouping {
        self.0.case_grouping.into()
    }

    /// When letters may go out, in the debtor's local time.
    async fn contact_windows(&self) -> async_graphql::Result<Vec<ContactWindow>> {
        let hours: ContactHours = serde_json::from_value(self.0.contact_windows.clone()).map_err(|error| query_error(error.into()))?;
        let windows = hours.windows().iter();
        let shown = windows.map(|w| ContactWindow { weekday: w.weekday.into(), from: TimeOfDay(w.from), to: TimeOfDay(w.to) });
        Ok(shown.collect())
    }

    /// How far a part payment moves the next step.
    async fn part_payment_delay_days(&self) -> i32 {
        self.0.part_payment_delay_days
    }

    /// How many days a consent, asked for or given, holds before the letter is withdrawn and asked for anew.
    async fn consent_days(&self) -> i32 {
        self.0.consent_days
    }

    /// Whether no letters go out on public holidays of the debtor's place.
    async fn skip_holidays(&self) -> bool {
        self.0.skip_holidays
    }

    /// Whether one letter speaks for several cases of a debtor that are due on the same day.
    async fn group_letters(&self) -> bool {
        self.0.group_letters
    }

    /// Fewest days between two contacts with one debtor, over all its cases; 0 for no gap.
    async fn contact_gap_days(&self) -> i32 {
        self.0.contact_gap_days
    }

    /// Most contacts with one debtor in seven days, over all its cases; null when only the country's rules limit them.
    async fn contacts_per_week(&self) -> Option<i32> {
        self.0.contacts_per_week
    }

    /// Most contacts with one debtor in thirty days, over all its cases; null when only the country's rules limit them.
    async fn contacts_per_month(&self) -> Option<i32> {
        self.0.contacts_per_month
    }

    /// Countries besides its own to which short messages go.
    async fn sms_countries(&self) -> async_graphql::Result<Vec<CountryCode>> {
        let countries: Vec<String> = serde_json::from_value(self.0.sms_countries.clone()).map_err(|error| query_error(error.into()))?;
        Ok(countries.into_iter().map(CountryCode).collect())
    }

    /// What is charged beside the invoices.
    async fn charges(&self, ctx: &Context<'_>) -> async_graphql::Result<ChargeSettings> {
        let stored = domain::claim::ChargeSettings::of(&self.0).map_err(query_error)?;
        Ok(ChargeSettings::of(&stored, &self.0.country, today(ctx, self.0.id).await?))
    }

    /// What some countries' letters must state about the sender.
    async fn legal(&self) -> async_graphql::Result<LegalDetails> {
        let details: letter::LegalDetails = serde_json::from_value(self.0.legal.clone()).map_err(|error| query_error(error.into()))?;
        Ok(details.into())
    }

    /// The policy of new cases.
    async fn default_policy(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<EscalationPolicy>> {
        match self.0.default_policy_id {
            Some(policy) => Ok(loader::one(ctx, Row(self.0.id, policy)).await?.map(EscalationPolicy)),
            None => Ok(None),
        }
    }
}

/// A creditor business: the wall of everything that is seen.
#[Object]
impl Tenant {
    /// Its id, `tenant_…`.
    pub async fn id(&self) -> ID {
        id::encode(self.0.id)
    }

    /// Trading name, shown to debtors.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Registered name, on letters where it differs.
    async fn legal_name(&self) -> Option<&str> {
        self.0.legal_name.as_deref()
    }

    /// Company number, on letters.
    async fn registration_number(&self) -> Option<&str> {
        self.0.registration_number.as_deref()
    }

    /// Its country; decides the defaults.
    async fn country(&self) -> CountryCode {
        CountryCode(self.0.country.clone())
    }

    /// Its zone: "today" is the day there.
    async fn time_zone(&self) -> TimeZone {
        TimeZone(self.0.time_zone.clone())
    }

    /// Language of letters when the debtor's is unknown.
    async fn language(&self) -> Locale {
        Locale(self.0.language.clone())
    }

    /// The currency of new records.
    async fn currency(&self) -> CurrencyCode {
        CurrencyCode(self.0.currency.clone())
    }

    /// Whom debtors answer to.
    async fn email(&self) -> EmailAddress {
        EmailAddress(self.0.email.clone())
    }

    /// The telephone on letters.
    async fn phone(&self) -> Option<PhoneNumber> {
        self.0.phone.clone().map(PhoneNumber)
    }

    /// The letterhead's address, line by line.
    async fn address_lines(&self) -> async_graphql::Result<Vec<String>> {
        serde_json::from_value(self.0.address_lines.clone()).map_err(|error| query_error(error.into()))
    }

    /// Where debtors pay; null until it was entered.
    async fn bank(&self) -> async_graphql::Result<Option<BankDetails>> {
        let bank = domain::tenant::bank(&self.0).map_err(query_error)?;
        let known = domain::tenant::bank_known(&self.0);
        let (reference_style, kid_length) = PaymentReferenceStyle::of(bank.reference);
        Ok(known.then_some(BankDetails {
            account_name: bank.account_name,
            iban: bank.iban,
            bic: bank.bic,
            local_account: bank.local_account,
            reference_style,
            kid_length,
        }))
    }

    /// How it collects.
    async fn collection(&self) -> CollectionSettings {
        CollectionSettings(self.0.clone())
    }

    /// Its links to accounting systems; at most fifty.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn integrations(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Integration>> {
        let rows = loader::one(ctx, IntegrationsOf(self.0.id)).await?.unwrap_or_default();
        Ok(rows.into_iter().map(Integration).collect())
    }

    /// Its escalation policies, by name; archived ones included.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn policies(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<EscalationPolicy>> {
        let rows = loader::one(ctx, PoliciesOf(self.0.id)).await?.unwrap_or_default();
        Ok(rows.into_iter().map(EscalationPolicy).collect())
    }

    /// Who may sign in.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn members(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<User>> {
        let members = loader::one(ctx, MembersOf(self.0.id)).await?.unwrap_or_default();
        let keys: Vec<Member> = members.iter().map(|member| Member(self.0.id, member.user_id)).collect();
        let found = loader::many(ctx, keys.iter().copied()).await?;
        Ok(keys.iter().filter_map(|key| found.get(key)).map(|(user, role)| User { user: user.clone(), role: *role }).collect())
    }

    /// Grows with each change of the settings; for `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// Since when it is here.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When its settings last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}

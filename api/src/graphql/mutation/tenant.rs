//! A tenant's settings.

use async_graphql::{Context, ID, InputObject, Object, Result};
use domain::{
    calendar,
    letter::{Authority, LegalDetails},
    tenant::{self, BankDetails, ContactLimits, TenantChanges},
};

use super::{
    payload::{TenantPayload, answer},
    place::placed,
};
use crate::graphql::{
    access::{env, viewer},
    charges::ChargeSettingsInput,
    id,
    kind::{CaseGrouping, ConsentMode},
    reference_style::PaymentReferenceStyle,
    scalars::{CountryCode, EmailAddress, Locale, PhoneNumber, TimeOfDay},
};

/// Where the use case's arguments are in this one.
const PLACES: [(&str, &str); 3] =
    [("bank.reference", "bankDetails.referenceStyle"), ("bank", "bankDetails"), ("automaticActions", "automaticActionsEnabled")];

/// Settings to change; what is left out stays.
#[derive(InputObject)]
pub struct TenantInput {
    /// Registered name, on letters where it differs; an empty text clears it.
    pub legal_name: Option<String>,
    /// Company number, on letters; an empty text clears it.
    pub registration_number: Option<String>,
    /// Whom debtors answer to.
    pub email: Option<EmailAddress>,
    /// Phone number on letters; an empty text clears it.
    pub phone: Option<PhoneNumber>,
    /// The letterhead's address, at most 6 lines.
    pub address_lines: Option<Vec<String>>,
    /// Language of letters when the debtor's is unknown: `en`, `de` or `nb`.
    pub language: Option<Locale>,
    /// What some countries' letters must state about the sender.
    pub legal: Option<LegalDetailsInput>,
    /// Where debtors pay.
    pub bank_details: Option<BankDetailsInput>,
    /// The master switch. Off means that nothing leaves the building. Turning it on lets go out what is due by then, and
    /// needs bank details.
    pub automatic_actions_enabled: Option<bool>,
    /// Ask before each letter, or send as the policy says.
    pub consent_mode: Option<ConsentMode>,
    /// How invoices become cases.
    pub case_grouping: Option<CaseGrouping>,
    /// The hours in which letters may go out, in the debtor's local time.
    pub contact_hours: Option<Vec<ContactWindowInput>>,
    /// How many days a part payment moves the next step, 0 to 90.
    pub part_payment_delay_days: Option<i32>,
    /// How many days a consent, asked for or given, holds before the letter is withdrawn and asked for anew: 1 to 90.
    pub consent_days: Option<i32>,
    /// No letters on public holidays of the debtor's place, national and regional ones.
    pub skip_holidays: Option<bool>,
    /// Whether one letter speaks for several cases of a debtor that are due on the same day; it does unless switched off.
    pub group_letters: Option<bool>,
    /// Fewest days between two contacts with one debtor, over all its cases: 0 (no gap) to 90; 1 means at most one a day.
    pub contact_gap_days: Option<i32>,
    /// Most contacts with one debtor in seven days, over all its cases; 0 takes the limit away. The country's rules may
    /// allow fewer.
    pub contacts_per_week: Option<i32>,
    /// Most contacts with one debtor in thirty days, over all its cases; 0 takes the limit away. The country's rules may
    /// allow fewer.
    pub contacts_per_month: Option<i32>,
    /// Countries besides its own to which short messages go; numbers elsewhere, and costly ones anywhere, get none.
    pub sms_countries: Option<Vec<CountryCode>>,
    /// What is charged beside the invoices.
    pub charges: Option<ChargeSettingsInput>,
    /// The policy of new cases.
    pub default_policy_id: Option<ID>,
}

/// What some countries' letters must state about the sender; replaces what was entered before.
#[derive(InputObject)]
pub struct LegalDetailsInput {
    /// The authority that supervises the sender.
    pub authority: Option<AuthorityInput>,
    /// What the invoices are for when they do not say it, at most 200 characters; with the day of the contract where the law
    /// asks for it (RDG § 13a), for example "delivery of building timber, contract of 1 March 2026".
    pub subject_matter: Option<String>,
    /// Why a rate above the statutory one is asked for, at most 200 characters.
    pub above_statutory_reason: Option<String>,
    /// Whether value added tax is claimed on costs, which the creditor cannot deduct as input tax.
    #[graphql(default)]
    pub vat_on_costs: bool,
}

/// A supervisory authority.
#[derive(InputObject)]
pub struct AuthorityInput {
    /// Its name.
    pub name: String,
    /// Its address in one line.
    pub address: String,
    /// Its e-mail address or web page.
    pub contact: String,
}

impl From<LegalDetailsInput> for LegalDetails {
    fn from(input: LegalDetailsInput) -> Self {
        let authority = input.authority.map(|a| Authority { name: a.name, address: a.address, contact: a.contact });
        let LegalDetailsInput { subject_matter, above_statutory_reason, vat_on_costs, .. } = input;
        Self { authority, subject_matter, above_statutory_reason, vat_on_costs }
    }
}

/// The creditor's own account.
#[derive(InputObject)]
pub struct BankDetailsInput {
    /// Holder.
    pub account_name: String,
    /// IBAN, with or without blanks; its check digits must fit.
    pub iban: Option<String>,
    /// BIC.
    pub bic: Option<String>,
    /// The account number of countries without IBAN, as debtors type it.
    pub local_account: Option<String>,
    /// The form in which the bank reads references; `CASE_NUMBER` unless said otherwise.
    pub reference_style: Option<PaymentReferenceStyle>,
    /// Characters of a KID with its check digit, 2 to 25, as agreed with the bank; 10 unless said otherwise.
    pub kid_length: Option<i32>,
}

/// One stretch of a weekday.
#[derive(InputObject)]
pub struct ContactWindowInput {
    /// 1 Monday to 7 Sunday.
    pub weekday: i32,
    /// First minute.
    pub from: TimeOfDay,
    /// First minute after.
    pub to: TimeOfDay,
}

impl TenantInput {
    fn changes(self, expected_version: Option<i64>) -> domain::Result<TenantChanges> {
        let window = |window: ContactWindowInput| calendar::ContactWindow {
            // A weekday that does not exist stays one that does not exist.
            weekday: u8::try_from(window.weekday).unwrap_or(u8::MAX),
            from: window.from.0,
            to: window.to.0,
        };
        Ok(TenantChanges {
            legal_name: self.legal_name,
            registration_number: self.registration_number,
            email: self.email.map(|email| email.0),
            phone: self.phone.map(|phone| phone.0),
            address_lines: self.address_lines,
            language: self.language.map(|language| language.0),
            legal: self.legal.map(LegalDetails::from),
            bank: self.bank_details.map(BankDetails::from),
            automatic_actions: self.automatic_actions_enabled,
            consent_mode: self.consent_mode.map(Into::into),
            case_grouping: self.case_grouping.map(Into::into),
            contact_windows: self.contact_hours.map(|windows| windows.into_iter().map(window).collect()),
            part_payment_delay_days: self.part_payment_delay_days,
            consent_days: self.consent_days,
            skip_holidays: self.skip_holidays,
            group_letters: self.group_letters,
            contact_limits: ContactLimits {
                gap_days: self.contact_gap_days,
                per_week: self.contacts_per_week,
                per_month: self.contacts_per_month,
            },
            sms_countries: self.sms_countries.map(|countries| countries.into_iter().map(|country| country.0).collect()),
            charges: self.charges.map(ChargeSettingsInput::changes).transpose()?,
            default_policy: self.default_policy_id.map(|id| id::named(&id, "defaultPolicyId")).transpose()?,
            expected_version,
        })
    }
}

impl From<BankDetailsInput> for BankDetails {
    fn from(input: BankDetailsInput) -> Self {
        let style = input.reference_style.unwrap_or(PaymentReferenceStyle::CaseNumber);
        Self {
            account_name: input.account_name,
            iban: input.iban,
            bic: input.bic,
            local_account: input.local_account,
            reference: style.with_length(input.kid_length),
        }
    }
}

/// A tenant's settings.
#[derive(Default)]
pub struct TenantMutations;

#[Object]
impl TenantMutations {
    /// Changes the tenant's settings. For owners.
    async fn tenant_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: TenantInput,
        #[graphql(desc = "Refuse with STALE_VERSION when the tenant is at another version.")] expected_version: Option<i64>,
    ) -> Result<TenantPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let changed = async { tenant::update(env, &viewer, &input.changes(expected_version)?).await };
        let changed = placed(changed.await, "", &PLACES);
        answer(changed, |row| TenantPayload { tenant: Some(row.into()), user_errors: Vec::new() })
    }
}

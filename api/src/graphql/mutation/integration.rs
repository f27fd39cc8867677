//! A tenant's links to accounting systems.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result};
use domain::{
    Env, Refusal, RefusalCode, Viewer,
    integration::{self, IntegrationChanges, disconnect},
    tenant,
};

use super::{
    payload::{IntegrationPayload, answer},
    place::placed,
};
use crate::graphql::{
    access::{env, viewer},
    id,
    kind::OverdueBasis,
    money::MoneyInput,
    scalars::Date,
};

/// Settings of an integration; what is left out stays as it is, or begins with the accounting system's own defaults.
#[derive(InputObject)]
pub struct IntegrationSettingsInput {
    /// Shown to people.
    pub name: Option<String>,
    /// An invoice is eligible from this many days after the basis date; from the accounting system's least to 3650.
    pub minimum_days_overdue: Option<i32>,
    /// Which date the days count from.
    pub overdue_basis: Option<OverdueBasis>,
    /// Only invoices issued on or after this day are eligible; null lifts the limit.
    pub activate_from: MaybeUndefined<Date>,
    /// Only invoices with at least this much outstanding are eligible; in the tenant's currency.
    pub minimum_amount: Option<MoneyInput>,
    /// Approve proposals at once, without a person's yes.
    pub auto_approve: Option<bool>,
    /// Letters wait when the last sync is older than this many hours; null lifts the limit.
    pub freshness_hours: MaybeUndefined<i32>,
    /// Minutes between two pulls, 5 to 1440; only for systems that are asked.
    pub poll_every_minutes: Option<i32>,
    /// Write a note into the books when a case is handed over or closed; only for systems that take notes.
    pub write_back_notes: Option<bool>,
    /// Groups of debtors that are not collected from, as the accounting system names them; at most 100. Replaces the list.
    pub debtor_groups_excluded: Option<Vec<String>>,
}

impl IntegrationSettingsInput {
    fn changes(self, currency: &str, expected_version: Option<i64>) -> domain::Result<IntegrationChanges> {
        let minimum = self.minimum_amount.map(|money| amount_in(currency, &money)).transpose()?;
        Ok(IntegrationChanges {
            name: self.name,
            minimum_days_overdue: self.minimum_days_overdue,
            overdue_basis: self.overdue_basis.map(Into::into),
            activate_from: given(self.activate_from).map(|day| day.map(|day| day.0)),
            minimum_amount_minor: minimum,
            auto_approve: self.auto_approve,
            freshness_hours: given(self.freshness_hours),
            poll_minutes: self.poll_every_minutes,
            write_back: self.write_back_notes,
            excluded_groups: self.debtor_groups_excluded,
            expected_version,
        })
    }
}

/// The settings of integrations to be made.
///
/// # Errors
///
/// `CURRENCY_MISMATCH` for an amount in another currency than the tenant's; a fault.
pub(super) async fn settings(env: &Env, viewer: &Viewer, input: Option<IntegrationSettingsInput>) -> domain::Result<IntegrationChanges> {
    let Some(input) = input else { return Ok(IntegrationChanges::default()) };
    input.changes(&tenant::find(&env.db, viewer.tenant).await?.currency, None)
}

fn amount_in(currency: &str, money: &MoneyInput) -> Result<i64, Refusal> {
    if money.currency.0 != currency {
        let message = format!("the tenant's currency is {currency}");
        return Err(Refusal::new(RefusalCode::CurrencyMismatch, message).at("minimumAmount.currency"));
    }
    money.minor("minimumAmount")
}

#[expect(clippy::option_option, reason = "left out, lifted or set: the use case's own shape")]
fn given<T>(value: MaybeUndefined<T>) -> Option<Option<T>> {
    match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}

/// An integration as it is now.
pub(super) fn payload(row: entity::integration::Model) -> IntegrationPayload {
    IntegrationPayload { integration: Some(row.into()), user_errors: Vec::new() }
}

/// A tenant's links to accounting systems.
#[derive(Default)]
pub struct IntegrationMutations;

#[Object]
impl IntegrationMutations {
    /// Makes an integration for files of comma-separated values. For owners.
    async fn integration_create_csv(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Shown to people, 1 to 100 characters.")] name: String,
    ) -> Result<IntegrationPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        answer(integration::create_csv(env, &viewer, &name).await, payload)
    }

    /// Changes which invoices are eligible and what happens to proposals. Eligible invoices are looked for at once. For
    /// owners.
    async fn integration_update_settings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which integration.")] id: ID,
        #[graphql(desc = "What to change.")] input: IntegrationSettingsInput,
        #[graphql(desc = "Refuse with STALE_VERSION when the integration is at another version.")] expected_version: Option<i64>,
    ) -> Result<IntegrationPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let changed = async {
            let id = id::named(&id, "id")?;
            let currency = tenant::find(&env.db, viewer.tenant).await?.currency;
            integration::update(env, &viewer, id, &input.changes(&currency, expected_version)?).await
        };
        answer(placed(changed.await, "input", &[]), payload)
    }

    /// Pauses an integration: nothing is pulled and nothing proposed; open cases go on. For owners.
    async fn integration_pause(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which integration; it must be active.")] id: ID,
    ) -> Result<IntegrationPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let paused = async { integration::set_paused(env, &viewer, id::named(&id, "id")?, true).await };
        answer(paused.await, payload)
    }

    /// Resumes a paused integration. For owners.
    async fn integration_resume(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which integration; it must be paused.")] id: ID,
    ) -> Result<IntegrationPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let resumed = async { integration::set_paused(env, &viewer, id::named(&id, "id")?, false).await };
        answer(resumed.await, payload)
    }

    /// Leaves an accounting system: nothing is pulled or proposed any more, proposals are declined, and the access is given
    /// back there and forgotten here. For owners.
    async fn integration_disconnect(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which integration.")] id: ID,
        #[graphql(
            desc = "Withdraw its open cases as well. Those that stay open wait before each letter, because nobody tells of payments any \
                    more; those at an agency stay there.",
            default
        )]
        close_cases: bool,
    ) -> Result<IntegrationPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let left = async { disconnect::disconnect(env, &viewer, id::named(&id, "id")?, close_cases).await };
        answer(left.await, payload)
    }
}

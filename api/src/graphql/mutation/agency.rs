//! The agency that takes what stays unpaid.

use async_graphql::{Context, ID, InputObject, Object, Result};
use domain::{
    agency::{self, Account, AgencyChanges, NewAgency},
    port::agency::AgencyKeys,
};

use super::{
    payload::{AgencyPayload, answer},
    place::placed,
};
use crate::graphql::{
    access::{env, viewer},
    id,
};

/// Where the use cases' arguments are in these mutations.
const PLACES: [(&str, &str); 4] = [
    ("supportContact", "input.supportContact"),
    ("decideDays", "input.decideDays"),
    ("account.organization", "input.amili.organisation"),
    ("account", "input.amili"),
];

/// The creditor's account with Amili. The keys are tried at once, kept sealed, and never shown again.
#[derive(InputObject)]
pub struct AmiliAccountInput {
    /// The creditor's organisation there.
    pub organisation: String,
    /// The client id of the keys; its last four characters are shown afterwards.
    pub client_id: String,
    /// The client secret.
    pub client_secret: String,
}

impl From<AmiliAccountInput> for Account {
    fn from(input: AmiliAccountInput) -> Self {
        let keys = AgencyKeys { client_id: input.client_id, client_secret: input.client_secret.into() };
        Self { organization: input.organisation, keys }
    }
}

/// An agency to work with.
#[derive(InputObject)]
pub struct AgencyInput {
    /// As the creditor knows it.
    pub name: String,
    /// Whom to ask when something is stuck: e-mail or phone.
    pub support_contact: String,
    /// The account with Amili; left out for an agency that gets files.
    pub amili: Option<AmiliAccountInput>,
    /// Confirm hand-overs by themselves once the creditor's time to stop them is over.
    #[graphql(default)]
    pub automatic: bool,
    /// Days that the creditor has to stop a hand-over, 0 to 60.
    #[graphql(default = 7)]
    pub decide_days: i32,
}

/// What to change about an agency; what is left out stays.
#[derive(InputObject)]
pub struct AgencyChangesInput {
    /// As the creditor knows it.
    pub name: Option<String>,
    /// Whom to ask when something is stuck: e-mail or phone.
    pub support_contact: Option<String>,
    /// The account with Amili and its keys, anew.
    pub amili: Option<AmiliAccountInput>,
    /// Confirm hand-overs by themselves once the creditor's time to stop them is over.
    pub automatic: Option<bool>,
    /// Days that the creditor has to stop a hand-over, 0 to 60.
    pub decide_days: Option<i32>,
}

fn payload(row: entity::agency::Model) -> AgencyPayload {
    AgencyPayload { agency: Some(row.into()), user_errors: Vec::new() }
}

/// The agency that takes what stays unpaid.
#[derive(Default)]
pub struct AgencyMutations;

#[Object]
impl AgencyMutations {
    /// Names the agency that takes cases from now on; one at a time. For owners.
    async fn agency_create(&self, ctx: &Context<'_>, #[graphql(desc = "The agency.")] input: AgencyInput) -> Result<AgencyPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let AgencyInput { name, support_contact, amili, automatic, decide_days } = input;
        let new = NewAgency { name, support_contact, account: amili.map(Into::into), automatic, decide_days };
        answer(placed(agency::create(env, &viewer, &new).await, "input", &PLACES), payload)
    }

    /// Changes an agency. New keys let one that refused the old ones take cases again. For owners.
    async fn agency_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which agency.")] id: ID,
        #[graphql(desc = "What to change.")] input: AgencyChangesInput,
        #[graphql(desc = "Refuse with STALE_VERSION when the agency is at another version.")] expected_version: Option<i64>,
    ) -> Result<AgencyPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let AgencyChangesInput { name, support_contact, amili, automatic, decide_days } = input;
        let changes = AgencyChanges { name, support_contact, account: amili.map(Into::into), automatic, decide_days };
        let updated = async { agency::update(env, &viewer, id::named(&id, "id")?, &changes, expected_version).await };
        answer(placed(updated.await, "input", &PLACES), payload)
    }

    /// Ends the work with an agency: it gets no new cases; those that it works go on. For owners.
    async fn agency_end(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which agency.")] id: ID,
        #[graphql(desc = "Refuse with STALE_VERSION when the agency is at another version.")] expected_version: Option<i64>,
    ) -> Result<AgencyPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let ended = async { agency::end(env, &viewer, id::named(&id, "id")?, expected_version).await };
        answer(ended.await, payload)
    }
}

//! The accounting systems of this server: how each is joined, what it can do, with which settings it begins. Clients
//! ask here instead of knowing providers.

use async_graphql::{Context, Enum, ID, SimpleObject};
use domain::{integration::connect::AccountOffer, port::System};

use super::{access::env, kind::Provider};

/// A way to join an accounting system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum JoinedBy {
    /// A person agrees at the provider, in a browser.
    Consent,
    /// A person pastes a key.
    Keys,
    /// Files are uploaded; there is nothing to join.
    Files,
}

/// What an accounting system can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, SimpleObject)]
#[expect(clippy::struct_excessive_bools, reason = "a capability is there or not, each for itself")]
pub struct SystemCapabilities {
    /// It is pulled from: `integrationSyncNow`, `pullPreview` and `integrationImport` are for it.
    pub pulls: bool,
    /// Its files are uploaded: `importPreview` and `importStart` are for it.
    pub reads_files: bool,
    /// It tells of changes by itself, besides being pulled from.
    pub tells_changes: bool,
    /// It takes notes on hand-over and closing: `writeBackNotes` may be on.
    pub takes_notes: bool,
}

/// With which settings integrations of an accounting system begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, SimpleObject)]
pub struct SystemDefaults {
    /// Days after the basis date from which an invoice is eligible.
    pub minimum_days_overdue: i32,
    /// The least that this may be set to.
    pub minimum_days_overdue_floor: i32,
    /// Minutes between two pulls; null when it is not pulled from.
    pub poll_every_minutes: Option<i32>,
    /// Letters wait when the last sync is older than this many hours; null for no limit.
    pub freshness_hours: Option<i32>,
}

/// An accounting system that is set up on this server.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct AccountingSystem {
    /// Which system.
    pub provider: Provider,
    /// Its name for people.
    pub name: String,
    /// The ways to join it; empty when this server lacks the settings for it.
    pub joined_by: Vec<JoinedBy>,
    /// What it can do.
    pub capabilities: SystemCapabilities,
    /// With which settings integrations begin.
    pub defaults: SystemDefaults,
}

impl AccountingSystem {
    fn of(provider: entity::Provider, system: &System) -> Self {
        let profile = &system.profile;
        // What is not asked is given files.
        let reads_files = profile.poll_minutes.is_none();
        let ways =
            [(system.consent.is_some(), JoinedBy::Consent), (system.pasted.is_some(), JoinedBy::Keys), (reads_files, JoinedBy::Files)];
        Self {
            provider: provider.into(),
            name: profile.name.into(),
            joined_by: ways.into_iter().filter_map(|(there, way)| there.then_some(way)).collect(),
            capabilities: SystemCapabilities {
                pulls: !reads_files,
                reads_files,
                tells_changes: system.webhook.is_some(),
                takes_notes: system.notes.is_some(),
            },
            defaults: SystemDefaults {
                minimum_days_overdue: profile.minimum_days,
                minimum_days_overdue_floor: profile.minimum_days_floor,
                poll_every_minutes: profile.poll_minutes,
                freshness_hours: profile.freshness_hours,
            },
        }
    }
}

/// The accounting systems of this server.
///
/// # Errors
///
/// When the schema was built without surroundings.
pub fn all(ctx: &Context<'_>) -> async_graphql::Result<Vec<AccountingSystem>> {
    Ok(env(ctx)?.outside.systems.iter().map(|(provider, system)| AccountingSystem::of(*provider, system)).collect())
}

/// One accounting system; none when it is not set up on this server.
///
/// # Errors
///
/// When the schema was built without surroundings.
pub fn one(ctx: &Context<'_>, provider: entity::Provider) -> async_graphql::Result<Option<AccountingSystem>> {
    Ok(env(ctx)?.outside.systems.get(&provider).map(|system| AccountingSystem::of(provider, system)))
}

/// An organisation, instance or client at a provider that an access opens.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct Organisation {
    /// Its id there.
    pub id: ID,
    /// Its name there.
    pub name: String,
    /// It is connected already and cannot be chosen.
    pub already_connected: bool,
}

impl From<AccountOffer> for Organisation {
    fn from(offer: AccountOffer) -> Self {
        Self { id: ID(offer.account.external_id), name: offer.account.name, already_connected: offer.already_connected }
    }
}

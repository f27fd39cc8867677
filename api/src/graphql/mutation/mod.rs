//! Changes: viewer and input into one use case, its result into a payload. What is refused comes back in `userErrors`;
//! which roles may do what is the domain's list of rights.

mod agency;
mod case;
mod charge;
mod connect;
mod debtor;
mod delivery;
mod demo;
mod handover;
mod import;
mod integration;
mod keys;
mod letter;
mod once;
mod payload;
mod payment;
mod place;
mod policy;
mod print;
mod selection;
mod session;
mod sync;
mod task;
mod template;
mod tenant;
mod upload;

use async_graphql::MergedObject;

pub(crate) use once::idempotent;
pub use payload::MutationPayload;
pub(crate) use policy::{PolicyInput, draft_of};

/// Everything that can be changed.
#[derive(MergedObject, Default)]
pub struct Mutation(
    session::SessionMutations,
    tenant::TenantMutations,
    integration::IntegrationMutations,
    connect::ConnectMutations,
    keys::KeyMutations,
    sync::SyncMutations,
    upload::UploadMutations,
    import::ImportMutations,
    case::CaseMutations,
    payment::PaymentMutations,
    charge::ChargeMutations,
    letter::LetterMutations,
    delivery::DeliveryMutations,
    print::PrintMutations,
    debtor::DebtorMutations,
    policy::PolicyMutations,
    task::TaskMutations,
    template::TemplateMutations,
    agency::AgencyMutations,
    handover::HandoverMutations,
    demo::DemoMutations,
);

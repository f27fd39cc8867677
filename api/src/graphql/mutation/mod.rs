//! Changes: viewer and input into one use case, its result into a payload. What is refused comes back in `userErrors`;
//! which roles may do what is the domain's list of rights.

mod case;
mod debtor;
mod delivery;
mod demo;
mod once;
mod import;
mod integration;
mod letter;
mod payload;
mod payment;
mod policy;
mod selection;
mod session;
mod tenant;
mod upload;

use async_graphql::MergedObject;

pub(crate) use once::idempotent;
pub use payload::MutationPayload;

/// Everything that can be changed.
#[derive(MergedObject, Default)]
pub struct Mutation(
    session::Sessions,
    tenant::Tenants,
    integration::Integrations,
    upload::Uploads,
    import::Imports,
    case::Cases,
    payment::Payments,
    letter::Letters,
    delivery::Deliveries,
    debtor::Debtors,
    policy::Policies,
    demo::Demo,
);

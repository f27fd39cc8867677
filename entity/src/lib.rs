//! The tables, one file each: SeaORM models, typed ids, tenant-scoped finders. No rules live here – those are
//! `domain`'s – and nothing of ours is imported. The columns' meaning is documented here, their types in `migration`.
//!
//! Conventions: money is integer minor units in columns ending `_minor` beside a `currency` (ISO 4217); instants are
//! UTC, cut to microseconds, in columns ending `_at`; dates end in `_on`; a tenant's table has the key
//! `(tenant_id, id)` and every foreign key repeats the tenant.

pub mod database;
pub mod id;
pub mod kind;
pub mod scope;

pub mod agency;
pub mod agency_export;
pub mod agency_task;
pub mod app_user;
pub mod attempt;
pub mod authorization;
pub mod book_note;
pub mod charge;
pub mod charge_payment;
pub mod collection_case;
pub mod credential;
pub mod debtor;
pub mod delivery;
pub mod escalation_policy;
pub mod event;
pub mod handover;
pub mod idempotency;
pub mod integration;
pub mod invoice;
pub mod letter;
pub mod letter_document;
mod letter_kind;
pub mod letter_template;
pub mod letter_template_revision;
pub mod membership;
pub mod payment;
pub mod policy_revision;
pub mod print_batch;
pub mod print_batch_document;
pub mod print_batch_letter;
pub mod receipt;
pub mod session;
pub mod setting;
pub mod sign_in_link;
pub mod suppression;
pub mod sync_hint;
pub mod sync_issue;
pub mod sync_run;
pub mod tenant;
pub mod throttle;
pub mod upload;
pub mod upload_chunk;
pub mod work_task;

pub use id::*;
pub use kind::*;
pub use scope::Scoped;

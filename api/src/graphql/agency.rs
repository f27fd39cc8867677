//! Collection agencies that work what stays unpaid for a creditor.

use async_graphql::{ID, Object};
use chrono::{DateTime, Utc};
use entity::agency;

use super::{
    id,
    kind::{AgencyKind, AgencyStatus},
};

/// A collection agency that works what stays unpaid for the creditor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agency(pub agency::Model);

impl From<agency::Model> for Agency {
    fn from(row: agency::Model) -> Self {
        Self(row)
    }
}

/// A collection agency that works what stays unpaid for the creditor.
#[Object]
impl Agency {
    /// Its id, `agn_…`.
    pub async fn id(&self) -> ID {
        id::encode(self.0.id)
    }

    /// As the creditor knows it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// How cases reach it.
    async fn kind(&self) -> AgencyKind {
        self.0.kind.into()
    }

    /// Whether it takes cases.
    async fn status(&self) -> AgencyStatus {
        self.0.status.into()
    }

    /// Whom to ask when something is stuck: e-mail or phone.
    async fn support_contact(&self) -> &str {
        &self.0.support_contact
    }

    /// The creditor's organisation with its API; null for agencies without one.
    async fn organisation(&self) -> Option<&str> {
        self.0.account.as_ref()?.get("organization")?.as_str()
    }

    /// The last characters of what its keys are known by; null for agencies without an API.
    async fn key_hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// Hand-overs are confirmed by themselves once the creditor's time to stop them is over; otherwise they wait for a
    /// person's yes.
    async fn automatic(&self) -> bool {
        self.0.automatic
    }

    /// Days that the creditor has to stop a hand-over.
    async fn decide_days(&self) -> i32 {
        self.0.decide_days
    }

    /// Grows with each change by a person; for `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}

//! Typed ids: a case's id is not a debtor's id, and the compiler knows. All are UUID version 7, so they sort by the
//! time they were made. How they look outside (`case_…`) is the API's business.

use sea_orm::{DbErr, DeriveValueType, TryFromU64};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, DeriveValueType, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl TryFromU64 for $name {
            fn try_from_u64(n: u64) -> Result<Self, DbErr> {
                Uuid::try_from_u64(n).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )+};
}

ids! {
    /// A creditor business: the wall of every query.
    TenantId,
    /// A person who signs in.
    UserId,
    /// A family of rotating refresh tokens: one sign-in on one device.
    SessionId,
    /// A one-time sign-in link.
    SignInLinkId,
    /// A tenant's link to one accounting system.
    IntegrationId,
    /// An uploaded file.
    UploadId,
    /// One pull from an accounting system or one file import.
    SyncRunId,
    /// One record that a run could not take over, with the reason.
    SyncIssueId,
    /// Who owes.
    DebtorId,
    /// One invoice of the accounting system.
    InvoiceId,
    /// One payment or credit note on one invoice.
    PaymentId,
    /// An escalation policy, all its revisions.
    PolicyId,
    /// What one debtor owes one tenant in one currency, worked together.
    CaseId,
    /// A frozen document of one case at one step.
    LetterId,
    /// One letter over one channel.
    DeliveryId,
    /// Something that a provider told about a delivery.
    ReceiptId,
    /// An address that must not be used.
    SuppressionId,
    /// Keys to a provider, sealed.
    CredentialId,
    /// A person's connecting of a provider under way.
    AuthorizationId,
    /// Something that a provider told us to look at.
    SyncHintId,
    /// A note that is to be written into the creditor's books.
    BookNoteId,
    /// A collection agency.
    AgencyId,
    /// One case on its way to an agency.
    HandoverId,
    /// Something to tell the agency.
    AgencyTaskId,
    /// Something that a policy asks a person to do.
    WorkTaskId,
    /// Of a file that was made for an agency.
    AgencyExportId,
    /// A fee, a fixed sum, or interest that was given up.
    ChargeId,
    /// Money received for charges.
    ChargePaymentId,
    /// A tenant's own text for a kind of letter, all its revisions.
    TemplateId,
    /// Letters that are printed together.
    PrintBatchId,
}

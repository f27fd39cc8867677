//! What mutations answer: the objects that changed, or why nothing did.

use async_graphql::{ID, Interface, SimpleObject};
use chrono::{DateTime, Utc};

use crate::graphql::{
    accounting_system::Organisation,
    agency::Agency,
    case::Case,
    debtor::Debtor,
    delivery::Delivery,
    error::{UserError, refused},
    handover::Handover,
    integration::Integration,
    letter::Letter,
    payment::Payment,
    policy::{EscalationPolicy, PolicyWarning},
    print_batch::PrintBatch,
    scalars::{EmailAddress, Url},
    suppression::Suppression,
    sync_run::SyncRun,
    task::Task,
    template::LetterTemplate,
    tenant::Tenant,
    viewer::Viewer,
};

/// Makes a payload of a use case's result: what it refused is data, what failed is an error.
///
/// # Errors
///
/// A fault.
pub(super) fn answer<T, P: From<UserError>>(result: domain::Result<T>, payload: impl FnOnce(T) -> P) -> async_graphql::Result<P> {
    Ok(match refused(result)? {
        Ok(value) => payload(value),
        Err(error) => error.into(),
    })
}

/// The same for a payload that has to look up what it shows.
///
/// # Errors
///
/// A fault.
pub(super) async fn answer_with<T, P, F>(result: domain::Result<T>, payload: impl FnOnce(T) -> F) -> async_graphql::Result<P>
where
    P: From<UserError>,
    F: Future<Output = async_graphql::Result<P>>,
{
    match refused(result)? {
        Ok(value) => payload(value).await,
        Err(error) => Ok(error.into()),
    }
}

macro_rules! payloads {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty,)+ })+) => {
        $(
            $(#[$doc])*
            #[derive(SimpleObject, Default)]
            pub struct $name {
                $($(#[$fdoc])* pub $field: Option<$type>,)+
                /// Why nothing was changed; empty when it was.
                pub user_errors: Vec<UserError>,
            }

            impl From<UserError> for $name {
                fn from(error: UserError) -> Self {
                    Self { user_errors: vec![error], ..Self::default() }
                }
            }
        )+

        /// What every mutation answers.
        #[derive(Interface)]
        #[graphql(field(name = "user_errors", ty = "&Vec<UserError>", desc = "Why nothing was changed; empty when it was."))]
        #[allow(clippy::large_enum_variant, reason = "one for each mutation of a request")]
        pub enum MutationPayload {
            $(#[doc = stringify!($name)] $name($name),)+
        }
    };
}

payloads! {
    /// A sign-in.
    SessionPayload {
        /// For the header `Authorization: Bearer …`.
        access_token: String,
        /// When the access token ends.
        expires_at: DateTime<Utc>,
        /// Exchanged once for the next pair with `sessionRefresh`; keep it secret.
        refresh_token: String,
        /// Who signed in.
        viewer: Viewer,
    }
    /// The end of one or more sign-ins.
    SessionRevokePayload {
        /// How many sign-ins were ended.
        ended: i32,
    }
    /// A tenant's settings.
    TenantPayload {
        /// The tenant as it is now.
        tenant: Tenant,
    }
    /// An integration.
    IntegrationPayload {
        /// The integration as it is now.
        integration: Integration,
    }
    /// The beginning of a consent.
    ConnectStartPayload {
        /// Where to send the browser.
        authorization_url: Url,
        /// The consent under way, `aut_…`; it ends after ten minutes.
        authorization_id: ID,
    }
    /// The end of a consent, or the choice that it needs.
    ConnectPayload {
        /// The integrations that were made or connected again; empty while there is a choice to make.
        integrations: Vec<Integration>,
        /// What the access opens, to be chosen from; empty when nothing is to be chosen.
        organisations: Vec<Organisation>,
        /// The consent that waits for the choice, `aut_…`; null when nothing is to be chosen.
        authorization_id: ID,
    }
    /// A pull.
    SyncRunPayload {
        /// The run; follow it with `syncProgress`.
        sync_run: SyncRun,
    }
    /// A place for a file's bytes.
    UploadPayload {
        /// Where to send them.
        target: UploadTarget,
    }
    /// A run that takes a file over.
    ImportPayload {
        /// The run; follow it with `syncProgress`.
        sync_run: SyncRun,
    }
    /// Several cases.
    CasesPayload {
        /// The cases as they are now.
        cases: Vec<Case>,
    }
    /// A case.
    CasePayload {
        /// The case as it is now.
        case: Case,
    }
    /// Money that arrived, or that went back.
    PaymentPayload {
        /// The payments, one for each invoice that the money went to.
        payments: Vec<Payment>,
        /// The case as it is now.
        case: Case,
    }
    /// Several letters.
    LettersPayload {
        /// The letters as they are now.
        letters: Vec<Letter>,
    }
    /// A letter.
    LetterPayload {
        /// The letter as it is now.
        letter: Letter,
    }
    /// A delivery.
    DeliveryPayload {
        /// The delivery as it is now.
        delivery: Delivery,
    }
    /// A text of the tenant's own.
    TemplatePayload {
        /// The text as it is now.
        template: LetterTemplate,
    }
    /// A letter that went to whoever asked for it.
    TemplateTestPayload {
        /// Where it went: the person's own address.
        recipient: EmailAddress,
    }
    /// An address that may be used again.
    SuppressionPayload {
        /// The suppression as it is now.
        suppression: Suppression,
    }
    /// A debtor.
    DebtorPayload {
        /// The debtor as it is now.
        debtor: Debtor,
    }
    /// An escalation policy.
    PolicyPayload {
        /// The policy with its newest revision. Open cases keep the revision that they began with.
        policy: EscalationPolicy,
        /// What is allowed and still deserves a second look.
        warnings: Vec<PolicyWarning>,
    }
    /// Whose new cases get which policy.
    PolicyDefaultPayload {
        /// The tenant as it is now, when it was asked for.
        tenant: Tenant,
        /// The integration as it is now, when it was asked for.
        integration: Integration,
        /// The debtor as it is now, when it was asked for.
        debtor: Debtor,
    }
    /// Something that a person was asked to do.
    TaskPayload {
        /// The task as it is now.
        task: Task,
    }
    /// Letters that are printed together.
    PrintBatchPayload {
        /// The batch as it is now.
        print_batch: PrintBatch,
    }
    /// A batch that was posted.
    PrintBatchPostedPayload {
        /// The batch as it is now.
        print_batch: PrintBatch,
        /// Letters that were stopped after they were printed: they do not count as posted and must be taken out.
        left_out: Vec<Letter>,
    }
    /// An agency.
    AgencyPayload {
        /// The agency as it is now.
        agency: Agency,
    }
    /// A hand-over.
    HandoverPayload {
        /// The hand-over as it is now.
        handover: Handover,
    }
    /// The moved clock of a demo.
    ClockPayload {
        /// The product's time now.
        clock: DateTime<Utc>,
        /// How many jobs ran because of it.
        ran_jobs: i32,
    }
}

/// Where to send a file's bytes.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct UploadTarget {
    /// The upload, for `importPreview` and `importStart`.
    pub id: ID,
    /// The address; it needs no access token.
    pub url: Url,
    /// `PUT`.
    pub method: String,
    /// Headers to send along.
    pub headers: Vec<HttpHeader>,
    /// Until when bytes are taken.
    pub expires_at: DateTime<Utc>,
}

/// One header of an HTTP request.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct HttpHeader {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

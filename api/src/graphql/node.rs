//! Everything that has an id: found by it, within the viewer's tenant. An unknown id and a neighbour's answer alike.

use async_graphql::{Context, ID, Interface};
use entity::{
    AgencyId, CaseId, DebtorId, DeliveryId, HandoverId, IntegrationId, InvoiceId, LetterId, PaymentId, PolicyId, PrintBatchId, SyncRunId,
    TemplateId, TenantId, UploadId, UserId, WorkTaskId,
};

use super::{
    access,
    agency::Agency,
    case::Case,
    debtor::Debtor,
    delivery::Delivery,
    error::bad_input,
    handover::Handover,
    id::{self, EventSequence, GlobalId},
    integration::Integration,
    invoice::Invoice,
    letter::Letter,
    loader::{self, EventOf, Row},
    payment::Payment,
    policy::EscalationPolicy,
    print_batch::PrintBatch,
    sync_run::SyncRun,
    task::Task,
    template::LetterTemplate,
    tenant::{Tenant, tenant_row},
    timeline::TimelineEntry,
    upload::Upload,
    viewer::{User, member},
};

/// Something with an id that stays the same.
#[derive(Debug, Clone, PartialEq, Eq, Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Opaque, stable, and spelled in one way only; its prefix tells the type."))]
#[allow(clippy::large_enum_variant, reason = "a page of nodes is at most a hundred of them")]
pub enum Node {
    /// An agency.
    Agency(Agency),
    /// A case.
    Case(Case),
    /// A debtor.
    Debtor(Debtor),
    /// A delivery.
    Delivery(Delivery),
    /// A policy.
    EscalationPolicy(EscalationPolicy),
    /// A hand-over.
    Handover(Handover),
    /// An integration.
    Integration(Integration),
    /// An invoice.
    Invoice(Invoice),
    /// A letter.
    Letter(Letter),
    /// A tenant's own text of letters.
    LetterTemplate(LetterTemplate),
    /// A payment.
    Payment(Payment),
    /// A print batch.
    PrintBatch(PrintBatch),
    /// A run.
    SyncRun(SyncRun),
    /// A task.
    Task(Task),
    /// A tenant.
    Tenant(Tenant),
    /// An event.
    TimelineEntry(TimelineEntry),
    /// An uploaded file.
    Upload(Upload),
    /// A person.
    User(User),
}

/// Finds a node of the viewer's tenant.
///
/// # Errors
///
/// `BAD_USER_INPUT` for a text that is no id of ours; a fault when the database refuses.
pub async fn find(ctx: &Context<'_>, text: &ID) -> async_graphql::Result<Option<Node>> {
    let tenant = access::viewer(ctx)?.tenant;
    macro_rules! row {
        ($id:ident, $node:ident) => {
            loader::one(ctx, Row(tenant, id::queried::<$id>(text, "id")?)).await?.map(|row| $node(row).into())
        };
    }
    Ok(match id::prefix(text).unwrap_or_default() {
        AgencyId::PREFIX => row!(AgencyId, Agency),
        CaseId::PREFIX => row!(CaseId, Case),
        DebtorId::PREFIX => row!(DebtorId, Debtor),
        DeliveryId::PREFIX => row!(DeliveryId, Delivery),
        PolicyId::PREFIX => row!(PolicyId, EscalationPolicy),
        HandoverId::PREFIX => row!(HandoverId, Handover),
        IntegrationId::PREFIX => row!(IntegrationId, Integration),
        InvoiceId::PREFIX => row!(InvoiceId, Invoice),
        LetterId::PREFIX => row!(LetterId, Letter),
        PaymentId::PREFIX => row!(PaymentId, Payment),
        PrintBatchId::PREFIX => row!(PrintBatchId, PrintBatch),
        SyncRunId::PREFIX => row!(SyncRunId, SyncRun),
        UploadId::PREFIX => row!(UploadId, Upload),
        TemplateId::PREFIX => row!(TemplateId, LetterTemplate),
        WorkTaskId::PREFIX => row!(WorkTaskId, Task),
        TenantId::PREFIX if id::queried::<TenantId>(text, "id")? == tenant => Some(Tenant(tenant_row(ctx, tenant).await?).into()),
        TenantId::PREFIX => None,
        UserId::PREFIX => member(ctx, tenant, Some(id::queried(text, "id")?)).await?.map(Node::from),
        EventSequence::PREFIX => happened(ctx, tenant, id::queried(text, "id")?).await?,
        _ => return Err(bad_input("`id` is not an id of ours")),
    })
}

async fn happened(ctx: &Context<'_>, tenant: TenantId, event: EventSequence) -> async_graphql::Result<Option<Node>> {
    Ok(loader::one(ctx, EventOf(tenant, event.0)).await?.map(|row| TimelineEntry(row).into()))
}

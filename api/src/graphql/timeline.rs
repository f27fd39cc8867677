//! The timeline: what happened, one entry for each event, with a sentence for people.

use async_graphql::{
    Context, ID, Object,
    connection::{Connection, Edge},
};
use chrono::{DateTime, Utc};
use entity::{DeliveryId, HandoverId, LetterId, PaymentId, Scoped, WorkTaskId, collection_case, event};
use sea_orm::{ColumnTrait, QueryFilter};
use uuid::Uuid;

use super::{
    case::Case,
    connection::{Counted, db},
    debtor::Debtor,
    delivery::Delivery,
    handover::Handover,
    id::{self, EventSequence},
    integration::Integration,
    keyset::Paging,
    letter::Letter,
    loader::{self, Row, Slice, TimelineOf},
    node::Node,
    payment::Payment,
    seal::Seal,
    sync_run::SyncRun,
    task::Task,
    viewer::Actor,
};

mod summary;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEntry(pub event::Model);

impl From<event::Model> for TimelineEntry {
    fn from(row: event::Model) -> Self {
        Self(row)
    }
}

impl TimelineEntry {
    async fn case_row(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<collection_case::Model>> {
        match self.0.case_id {
            Some(case) => loader::one(ctx, Row(self.0.tenant_id, case)).await,
            None => Ok(None),
        }
    }

    async fn subject_node(&self, ctx: &Context<'_>, subject: Uuid) -> async_graphql::Result<Option<Node>> {
        let tenant = self.0.tenant_id;
        Ok(match self.0.kind.split_once('.').map(|(noun, _)| noun) {
            Some("letter") => loader::one(ctx, Row(tenant, LetterId(subject))).await?.map(|row| Letter(row).into()),
            Some("delivery") => loader::one(ctx, Row(tenant, DeliveryId(subject))).await?.map(|row| Delivery(row).into()),
            Some("handover") => loader::one(ctx, Row(tenant, HandoverId(subject))).await?.map(|row| Handover(row).into()),
            Some("task") => loader::one(ctx, Row(tenant, WorkTaskId(subject))).await?.map(|row| Task(row).into()),
            Some("payment") => loader::one(ctx, Row(tenant, PaymentId(subject))).await?.map(|row| Payment(row).into()),
            _ => None,
        })
    }
}

/// One thing that happened.
#[Object]
impl TimelineEntry {
    /// Its id, `evt_…`.
    pub async fn id(&self) -> ID {
        id::encode(EventSequence(self.0.sequence))
    }

    /// What happened: a noun and a verb in the past tense, e.g. `case.approved`. New ones may be added.
    async fn kind(&self) -> &str {
        &self.0.kind
    }

    /// When, by the product's clock.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }

    /// Who did it.
    async fn actor(&self) -> Actor {
        Actor { tenant: self.0.tenant_id, kind: self.0.actor, user: self.0.actor_id }
    }

    /// One sentence in English.
    async fn summary(&self, ctx: &Context<'_>) -> async_graphql::Result<String> {
        let currency = self.case_row(ctx).await?.map(|case| case.currency);
        Ok(summary::sentence(&self.0.kind, &self.0.data, currency.as_deref()))
    }

    /// Which case it is about.
    async fn case(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Case>> {
        Ok(self.case_row(ctx).await?.map(Case))
    }

    /// Which debtor it is about.
    async fn debtor(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Debtor>> {
        match self.0.debtor_id {
            Some(debtor) => Ok(loader::one(ctx, Row(self.0.tenant_id, debtor)).await?.map(Debtor)),
            None => Ok(None),
        }
    }

    /// Which integration it is about.
    async fn integration(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Integration>> {
        match self.0.integration_id {
            Some(integration) => Ok(loader::one(ctx, Row(self.0.tenant_id, integration)).await?.map(Integration)),
            None => Ok(None),
        }
    }

    /// Which run it is about.
    async fn sync_run(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<SyncRun>> {
        match self.0.sync_run_id {
            Some(run) => Ok(loader::one(ctx, Row(self.0.tenant_id, run)).await?.map(SyncRun)),
            None => Ok(None),
        }
    }

    /// The letter, delivery, payment, task or hand-over that it is about.
    async fn subject(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Node>> {
        match self.0.subject_id {
            Some(subject) => self.subject_node(ctx, subject).await,
            None => Ok(None),
        }
    }
}

/// An entry with its place in its case's timeline.
pub type TimelineEdge = Edge<String, TimelineEntry, async_graphql::connection::EmptyFields>;

/// The list that timeline cursors are made for.
pub(crate) const LIST: &str = "timeline";

/// A page of a case's timeline, oldest first.
///
/// # Errors
///
/// `BAD_USER_INPUT` for a bad page or cursor; a fault when the database refuses.
pub async fn of_case(
    ctx: &Context<'_>,
    case: &collection_case::Model,
    paging: &Paging,
) -> async_graphql::Result<Connection<String, TimelineEntry, Counted>> {
    let seal = Seal::of(ctx, LIST)?;
    let (asked, backward) = paging.window()?;
    let place = |cursor: &Option<String>| cursor.as_deref().map(|cursor| seal.open::<i64>(cursor)).transpose();
    let slice = Slice { after: place(&paging.after)?, before: place(&paging.before)?, limit: asked as u64 + 1, backward };
    let rows = loader::one(ctx, TimelineOf(case.tenant_id, case.id, slice)).await?.unwrap_or_default();
    let (rows, previous, next) = loader::page(&slice, rows, asked);
    let all = event::Entity::of(case.tenant_id).filter(event::Column::CaseId.eq(case.id));
    let mut connection = Connection::with_additional_fields(previous, next, Counted::new(db(ctx)?, all));
    for row in rows {
        connection.edges.push(Edge::new(seal.close(&row.sequence)?, TimelineEntry(row)));
    }
    Ok(connection)
}

//! Questions about who asks, where, and what the figures are.

use async_graphql::{Context, ID, Object};

use super::MAX_IDS;
use crate::graphql::{
    access,
    connection::list_cost,
    error::bad_input,
    node::{self, Node},
    policy::{PolicyPreset, presets},
    scalars::{CountryCode, CurrencyCode},
    server_info::ServerInfo,
    summary::{CollectionSummary, summary},
    tenant::{Tenant, tenant_row},
    viewer::Viewer,
};

/// Questions about who asks, where, and what the figures are.
#[derive(Default)]
pub struct Root;

/// Questions about who asks, where, and what the figures are.
#[Object]
impl Root {
    /// Who is signed in, and in which tenant.
    async fn viewer(&self, ctx: &Context<'_>) -> async_graphql::Result<Viewer> {
        Ok(Viewer(access::viewer(ctx)?))
    }

    /// Anything by its id; null when the viewer's tenant has no such thing.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: ID) -> async_graphql::Result<Option<Node>> {
        node::find(ctx, &id).await
    }

    /// Several things by their ids, in the same order; null for each that the viewer's tenant does not have.
    #[graphql(complexity = "ids.len().saturating_mul(child_complexity)")]
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Their ids, at most 100.")] ids: Vec<ID>,
    ) -> async_graphql::Result<Vec<Option<Node>>> {
        if ids.len() > MAX_IDS {
            return Err(bad_input(&format!("`ids` names at most {MAX_IDS}")));
        }
        futures_util::future::try_join_all(ids.iter().map(|id| node::find(ctx, id))).await
    }

    /// The server itself. Needs no sign-in.
    async fn server_info(&self, ctx: &Context<'_>) -> async_graphql::Result<ServerInfo> {
        ServerInfo::now(ctx)
    }

    /// The viewer's tenant.
    async fn tenant(&self, ctx: &Context<'_>) -> async_graphql::Result<Tenant> {
        Ok(Tenant(tenant_row(ctx, access::viewer(ctx)?.tenant).await?))
    }

    /// Ladders to start a policy from.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn policy_presets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Recommends the one for this country; the tenant's when left out.")] country: Option<CountryCode>,
    ) -> async_graphql::Result<Vec<PolicyPreset>> {
        let tenant = tenant_row(ctx, access::viewer(ctx)?.tenant).await?;
        Ok(presets(country.as_ref().map_or(&tenant.country, |country| &country.0)))
    }

    /// How collecting goes, in one currency.
    #[graphql(complexity = "10 + list_cost(child_complexity)")]
    async fn collection_summary(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which currency; the tenant's when left out.")] currency: Option<CurrencyCode>,
    ) -> async_graphql::Result<CollectionSummary> {
        summary(ctx, currency).await
    }
}

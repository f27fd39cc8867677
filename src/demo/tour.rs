//! The tour of the README as GraphiQL's tabs: the same five operations, with the variables of a case that is there.

use anyhow::Context;
use chrono::NaiveDate;
use domain::{calendar, money};
use entity::{CaseStatus, Provider, Scoped, TenantId, collection_case, debtor, integration};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

use crate::{
    pages::graphiql::{Settings, Tab},
    start::Started,
};

/// The operations, in order; the README shows the same texts.
const OPERATIONS: [(&str, &str); 5] = [
    ("1 Proposals", include_str!("tour/1-proposals.graphql")),
    ("2 Approve", include_str!("tour/2-approve.graphql")),
    ("3 Watch", include_str!("tour/3-watch.graphql")),
    ("4 A week later", include_str!("tour/4-a-week-later.graphql")),
    ("5 Payment", include_str!("tour/5-payment.graphql")),
];

/// GraphiQL with the tour, signed in as the tenant's owner.
///
/// # Errors
///
/// When the database cannot be read.
pub async fn graphiql(started: &Started, tenant: TenantId, token: &str) -> anyhow::Result<Settings> {
    let example = example(started, tenant).await?;
    let tabs = OPERATIONS
        .iter()
        .map(|(name, query)| {
            // Each operation gets the variables that it declares.
            let wanted: serde_json::Map<_, _> = example
                .iter()
                .filter(|(key, _)| query.contains(&format!("${key}:")))
                .map(|(key, value)| ((*key).to_owned(), value.clone()))
                .collect();
            Tab { name: (*name).to_owned(), query: (*query).to_owned(), variables: Some(wanted).filter(|map| !map.is_empty()) }
        })
        .collect();
    Ok(Settings { token: Some(token.to_owned()), tabs })
}

/// GraphiQL with the operations that make sense everywhere, for development: nobody is signed in.
pub fn examples() -> Settings {
    let everywhere = OPERATIONS.iter().filter(|(_, query)| !query.contains("demoAdvanceClock"));
    let tabs = everywhere.map(|(name, query)| Tab { name: (*name).to_owned(), query: (*query).to_owned(), variables: None }).collect();
    Settings { token: None, tabs }
}

/// A case to try the tour on: the first proposal whose debtor can be reached both ways, else any case. It is one of
/// the file's: payments on the others are recorded in their accounting systems.
async fn example(started: &Started, tenant: TenantId) -> anyhow::Result<Vec<(&'static str, Value)>> {
    let db = &started.env().db;
    let file = integration::Entity::of(tenant).filter(integration::Column::Provider.eq(Provider::Csv)).one(db).await?;
    let Some(file) = file else { return Ok(Vec::new()) };
    let of_file = collection_case::Entity::of(tenant).filter(collection_case::Column::IntegrationId.eq(file.id));
    let cases = of_file.order_by_asc(collection_case::Column::Number).all(db).await?;
    let reachable = debtor::Entity::of(tenant).filter(debtor::Column::Email.is_not_null()).filter(debtor::Column::Phone.is_not_null());
    let reachable: Vec<_> = reachable.all(db).await?.into_iter().map(|debtor| debtor.id).collect();
    let good = |case: &&collection_case::Model| case.status == CaseStatus::Proposed && reachable.contains(&case.debtor_id);
    let Some(case) = cases.iter().find(good).or(cases.first()) else { return Ok(Vec::new()) };
    Ok(vec![
        ("case", json!(api::graphql::id::encode(case.id).to_string())),
        ("amount", json!(money::to_decimal(case.outstanding_minor, &case.currency))),
        ("on", json!(today(started, tenant).await?.to_string())),
    ])
}

async fn today(started: &Started, tenant: TenantId) -> anyhow::Result<NaiveDate> {
    let tenant = domain::tenant::find(&started.env().db, tenant).await?;
    let zone = calendar::zone(&tenant.time_zone).context("the tenant's zone")?;
    Ok(calendar::local_date(zone, started.env().now()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_shows_the_operations_of_the_tabs() {
        let readme = include_str!("../../README.md");
        for (name, query) in OPERATIONS {
            assert!(readme.contains(query.trim()), "the README lacks {name}");
        }
    }
}

//! Debtors: who owes, how to reach them, and what stands in the way.

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::{
    delivery::{self, Home, Unusable},
    escalation,
};
use entity::debtor;

use super::{
    connection::list_cost,
    error::query_error,
    id,
    invoice::today,
    kind::{Channel, DebtorKind},
    loader::{self, FiguresOf, Row, UnusableOf},
    money::Money,
    policy::EscalationPolicy,
    scalars::{CountryCode, Date, Locale},
    suppression::Suppression,
    tenant::tenant_row,
};

/// Who owes: a snapshot of the accounting system, with what the creditor corrected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Debtor(pub debtor::Model);

impl From<debtor::Model> for Debtor {
    fn from(row: debtor::Model) -> Self {
        Self(row)
    }
}

/// A postal address.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct Address {
    /// Street and number.
    pub line1: Option<String>,
    /// Second line.
    pub line2: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Town.
    pub city: Option<String>,
    /// State or region.
    pub region: Option<String>,
    /// Country; the tenant's is meant when null.
    pub country: Option<CountryCode>,
}

/// Nothing is collected from the debtor.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct Exemption {
    /// Why.
    pub reason: Option<String>,
    /// Its last day; null means for good.
    pub until: Option<Date>,
    /// Whether it holds on the tenant's day.
    pub in_force: bool,
}

/// Where the tenant's messages go, and which of a debtor's addresses must not be used.
///
/// # Errors
///
/// A fault when the database refuses.
pub async fn unusable(ctx: &Context<'_>, debtor: &debtor::Model) -> async_graphql::Result<(Home, Unusable)> {
    let home = Home::of(&tenant_row(ctx, debtor.tenant_id).await?).map_err(query_error)?;
    let keys = delivery::addresses(debtor, &home).into_iter().map(|address| UnusableOf(debtor.tenant_id, address));
    let rows = loader::many(ctx, keys).await?;
    Ok((home, Unusable::new(rows.into_values().flatten().collect())))
}

impl Debtor {
    fn key(&self) -> FiguresOf {
        FiguresOf(self.0.tenant_id, self.0.id)
    }
}

/// Who owes: a snapshot of the accounting system, with what the creditor corrected.
#[Object]
impl Debtor {
    /// Its id, `deb_…`.
    pub async fn id(&self) -> ID {
        id::encode(self.0.id)
    }

    /// As letters show it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Private person or business.
    async fn kind(&self) -> DebtorKind {
        self.0.kind.into()
    }

    /// Its id in the accounting system.
    async fn external_id(&self) -> &str {
        &self.0.external_id
    }

    /// Where e-mail goes, as given; see `missingForCollection` for whether it can be used.
    async fn email(&self) -> Option<&str> {
        self.0.email.as_deref()
    }

    /// The phone number, as given.
    async fn phone(&self) -> Option<&str> {
        self.0.phone.as_deref()
    }

    /// The postal address; null when nothing of it is known.
    async fn address(&self) -> Option<Address> {
        let row = &self.0;
        let address = Address {
            line1: row.line1.clone(),
            line2: row.line2.clone(),
            postal_code: row.postal_code.clone(),
            city: row.city.clone(),
            region: row.region.clone(),
            country: row.country.clone().map(CountryCode),
        };
        let known = [&row.line1, &row.line2, &row.postal_code, &row.city, &row.region, &row.country].into_iter().any(Option::is_some);
        known.then_some(address)
    }

    /// The language of letters; the tenant's when null.
    async fn language(&self) -> Option<Locale> {
        self.0.language.clone().map(Locale)
    }

    /// Where the address was found, when it is not the one that the debtor gave; some countries' letters must say so.
    async fn address_source(&self) -> Option<&str> {
        self.0.address_source.as_deref()
    }

    /// Whether a person corrected the contact; a sync no longer overwrites it then.
    async fn contact_edited(&self) -> bool {
        self.0.contact_edited
    }

    /// The exemption from collection, when one was set.
    async fn exemption(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Exemption>> {
        if !self.0.exempt {
            return Ok(None);
        }
        let in_force = escalation::exempt_on(&self.0, today(ctx, self.0.tenant_id).await?);
        Ok(Some(Exemption { reason: self.0.exempt_reason.clone(), until: self.0.exempt_until.map(Date), in_force }))
    }

    /// The policy of its new cases; null: the integration's, else the tenant's.
    async fn policy(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<EscalationPolicy>> {
        match self.0.policy_id {
            Some(policy) => Ok(loader::one(ctx, Row(self.0.tenant_id, policy)).await?.map(EscalationPolicy)),
            None => Ok(None),
        }
    }

    /// The channels by which the debtor can be reached.
    async fn reachable_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Channel>> {
        let (home, unusable) = unusable(ctx, &self.0).await?;
        Ok(delivery::reachable(&self.0, &home, &unusable).into_iter().map(Channel::from).collect())
    }

    /// The debtor's addresses that must not be used; see `suppressionLift`.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn unusable_contacts(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Suppression>> {
        Ok(unusable(ctx, &self.0).await?.1.into_rows().into_iter().map(Suppression).collect())
    }

    /// The channels by which the debtor cannot be reached with what is known: the contact to ask for.
    async fn missing_for_collection(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Channel>> {
        let reachable = self.reachable_by(ctx).await?;
        Ok([Channel::Email, Channel::Sms, Channel::Post].into_iter().filter(|channel| !reachable.contains(channel)).collect())
    }

    /// What is open on all invoices, by currency.
    async fn outstanding(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Money>> {
        let figures = loader::one(ctx, self.key()).await?.unwrap_or_default();
        Ok(figures.outstanding.into_iter().map(|(currency, minor)| Money { minor, currency }).collect())
    }

    /// How many cases are neither declined nor closed.
    async fn open_cases(&self, ctx: &Context<'_>) -> async_graphql::Result<i32> {
        let figures = loader::one(ctx, self.key()).await?.unwrap_or_default();
        Ok(i32::try_from(figures.open_cases).unwrap_or(i32::MAX))
    }

    /// Grows with each change by a person; for `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// When the debtor was first seen.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When the debtor last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}

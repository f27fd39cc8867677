//! Where the page's messages come from: the outbox folder holds what was sent, the database says which case and step
//! it was and when, by the product's clock.

use std::{collections::HashMap, sync::Arc};

use adapters::delivery::{Outbox, OutboxError, OutboxMessage};
use chrono::{DateTime, Utc};
use domain::{Clock, case};
use entity::{CaseId, DeliveryId, LetterId, LetterKind, Scoped, TenantId, collection_case, delivery, letter, tenant};
use sea_orm::{ColumnTrait, DatabaseConnection, DbErr, EntityTrait, QueryFilter, QueryOrder};

/// A message with what the database knows of it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// What was sent.
    pub message: OutboxMessage,
    /// What the database says; a folder may outlive its database.
    pub known: Option<Known>,
}

/// What the database knows of a message.
#[derive(Debug, Clone)]
pub struct Known {
    /// By the product's clock; none while the hand-over is being noted.
    pub sent_at: Option<DateTime<Utc>>,
    /// The reference that letters show.
    pub case: String,
    /// What the letter is.
    pub kind: LetterKind,
}

/// The folder or the database cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The folder.
    #[error(transparent)]
    Folder(#[from] OutboxError),
    /// The database.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// What the page asks for.
#[async_trait::async_trait]
pub trait OutboxReader: Send + Sync + 'static {
    /// All tenants, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn tenants(&self) -> Result<Vec<tenant::Model>, ReadError>;

    /// Messages, newest first, of one tenant or all, older than `before`.
    ///
    /// # Errors
    /// When the folder or the database cannot be read.
    async fn list(&self, tenant: Option<TenantId>, before: Option<DeliveryId>, limit: usize) -> Result<Vec<Shown>, ReadError>;

    /// One message; none when it is not there.
    ///
    /// # Errors
    /// When the folder cannot be read.
    async fn message(&self, tenant: TenantId, delivery: DeliveryId) -> Result<Option<OutboxMessage>, ReadError>;

    /// Its PDF; none when it has none.
    ///
    /// # Errors
    /// When the folder cannot be read.
    async fn pdf(&self, tenant: TenantId, delivery: DeliveryId) -> Result<Option<Vec<u8>>, ReadError>;

    /// The product's clock.
    fn now(&self) -> DateTime<Utc>;
}

/// The outbox folder and the database beside it.
pub struct Kept {
    /// The database.
    pub db: DatabaseConnection,
    /// The product's clock.
    pub clock: Arc<dyn Clock>,
    /// The folder.
    pub outbox: Outbox,
}

#[async_trait::async_trait]
impl OutboxReader for Kept {
    #[expect(clippy::disallowed_methods, reason = "the demo's page shows all tenants to the one person who runs it")]
    async fn tenants(&self) -> Result<Vec<tenant::Model>, ReadError> {
        Ok(tenant::Entity::find().order_by_asc(tenant::Column::Id).all(&self.db).await?)
    }

    async fn list(&self, tenant: Option<TenantId>, before: Option<DeliveryId>, limit: usize) -> Result<Vec<Shown>, ReadError> {
        let messages = self.outbox.list(tenant, before, limit).await?;
        let mut known = self.known(&messages).await?;
        Ok(messages.into_iter().map(|message| Shown { known: known.remove(&message.delivery), message }).collect())
    }

    async fn message(&self, tenant: TenantId, delivery: DeliveryId) -> Result<Option<OutboxMessage>, ReadError> {
        Ok(self.outbox.message(tenant, delivery).await?)
    }

    async fn pdf(&self, tenant: TenantId, delivery: DeliveryId) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(self.outbox.pdf(tenant, delivery).await?)
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}

impl Kept {
    async fn known(&self, messages: &[OutboxMessage]) -> Result<HashMap<DeliveryId, Known>, ReadError> {
        let mut by_tenant: HashMap<TenantId, Vec<DeliveryId>> = HashMap::new();
        for message in messages {
            by_tenant.entry(message.tenant).or_default().push(message.delivery);
        }
        let mut known = HashMap::new();
        for (tenant, ids) in by_tenant {
            known.extend(self.known_of(tenant, ids).await?);
        }
        Ok(known)
    }

    /// Three statements, however many messages.
    async fn known_of(&self, tenant: TenantId, ids: Vec<DeliveryId>) -> Result<HashMap<DeliveryId, Known>, DbErr> {
        let rows = delivery::Entity::of(tenant).filter(delivery::Column::Id.is_in(ids)).all(&self.db).await?;
        let letters = rows.iter().map(|row| row.letter_id);
        let letters = letter::Entity::of(tenant).filter(letter::Column::Id.is_in(letters)).all(&self.db).await?;
        let kinds: HashMap<LetterId, LetterKind> = letters.into_iter().map(|row| (row.id, row.kind)).collect();
        let cases = rows.iter().map(|row| row.case_id);
        let cases = collection_case::Entity::of(tenant).filter(collection_case::Column::Id.is_in(cases)).all(&self.db).await?;
        let numbers: HashMap<CaseId, i64> = cases.into_iter().map(|row| (row.id, row.number)).collect();
        let explained = rows.into_iter().filter_map(|row| {
            let (kind, number) = (*kinds.get(&row.letter_id)?, *numbers.get(&row.case_id)?);
            Some((row.id, Known { sent_at: row.sent_at, case: case::reference(number), kind }))
        });
        Ok(explained.collect())
    }
}

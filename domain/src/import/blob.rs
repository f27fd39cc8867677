//! A stored file, read piece by piece: no process holds a whole file.

use entity::{Scoped, TenantId, UploadId, UploadStatus, upload, upload_chunk};
use sea_orm::{ColumnTrait, DatabaseConnection, QueryFilter};

use super::CHUNK_BYTES;
use crate::{
    error::{Refusal, RefusalCode, Result},
    port::{Blob, SourceError},
};

/// An uploaded file in the database.
pub struct StoredFile {
    db: DatabaseConnection,
    tenant: TenantId,
    upload: UploadId,
    size: u64,
}

impl StoredFile {
    /// Opens an upload of the tenant.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND`; `ILLEGAL_TRANSITION` when its bytes are not all here, or no longer.
    pub async fn open(db: &DatabaseConnection, tenant: TenantId, id: UploadId) -> Result<Self> {
        let found = upload::Entity::of(tenant).filter(upload::Column::Id.eq(id)).one(db).await?;
        let found = found.ok_or_else(|| Refusal::not_found("upload").at("uploadId"))?;
        if found.status != UploadStatus::Stored {
            return Err(Refusal::new(RefusalCode::IllegalTransition, "the file's bytes are not here; upload it first")
                .at("uploadId")
                .into());
        }
        Ok(Self { db: db.clone(), tenant, upload: id, size: u64::try_from(found.byte_size).unwrap_or(0) })
    }
}

#[async_trait::async_trait]
impl Blob for StoredFile {
    fn size(&self) -> u64 {
        self.size
    }

    async fn read(&self, offset: u64) -> Result<Option<Vec<u8>>, SourceError> {
        if offset >= self.size {
            return Ok(None);
        }
        let chunk = CHUNK_BYTES as u64;
        let position = i32::try_from(offset / chunk).map_err(|_| SourceError::Unavailable("the file is too long".into()))?;
        let select = upload_chunk::Entity::of(self.tenant).filter(upload_chunk::Column::UploadId.eq(self.upload));
        let found = select.filter(upload_chunk::Column::Position.eq(position)).one(&self.db).await;
        let found = found.map_err(|_| SourceError::Unavailable("the database did not answer".into()))?;
        let mut bytes = found.ok_or_else(|| SourceError::Unavailable("a piece of the file is missing".into()))?.bytes;
        bytes.drain(..usize::try_from(offset % chunk).unwrap_or(0).min(bytes.len()));
        Ok(Some(bytes))
    }
}

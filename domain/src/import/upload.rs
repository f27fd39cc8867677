//! Taking a file's bytes in, piece by piece, with a limit.

use entity::{Scoped, TenantId, UploadId, UploadStatus, upload, upload_chunk};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};
use sha2::{Digest, Sha256};

use crate::{
    actor::{Action, Viewer},
    digest::hex,
    env::Env,
    error::{Refusal, RefusalCode, Result},
};

/// Bytes per stored piece.
pub const CHUNK_BYTES: usize = 1 << 20;

/// Largest file: about five million rows.
pub const MAX_FILE_BYTES: u64 = 1 << 30;

/// Announces a file. The name is shown to people and never used as a path.
///
/// # Errors
///
/// A refusal: a name that is empty or longer than 255 characters, more bytes than [`MAX_FILE_BYTES`].
pub async fn create(env: &Env, viewer: &Viewer, file_name: &str, byte_size: u64) -> Result<upload::Model> {
    viewer.require(Action::Import)?;
    let name = crate::letter::text::clean_line(file_name).map_err(|e| Refusal::new(RefusalCode::Invalid, e.to_string()).at("fileName"))?;
    if name.chars().count() > 255 {
        return Err(Refusal::new(RefusalCode::TooLong, "a file name has at most 255 characters").at("fileName").into());
    }
    if byte_size == 0 {
        return Err(Refusal::new(RefusalCode::EmptyFile, "the file is empty").at("byteSize").into());
    }
    check_size(byte_size)?;
    let row = upload::Model {
        tenant_id: viewer.tenant,
        id: env.new_id(),
        file_name: name,
        byte_size: i64::try_from(byte_size).unwrap_or(i64::MAX),
        status: UploadStatus::Pending,
        sha256: None,
        created_by: viewer.user,
        created_at: env.now(),
    };
    Ok(row.into_active_model().reset_all().insert(&env.db).await?)
}

fn check_size(bytes: u64) -> Result<(), Refusal> {
    if bytes > MAX_FILE_BYTES {
        let message = format!("a file has at most {} MiB; split it", MAX_FILE_BYTES >> 20);
        return Err(Refusal::new(RefusalCode::LimitExceeded, message).at("byteSize"));
    }
    Ok(())
}

/// Starts to take the bytes of an announced file in; earlier bytes of a broken upload are dropped, and a sender that is
/// still at it is cut off: pieces of two senders never mix.
///
/// # Errors
///
/// `NOT_FOUND`; `ILLEGAL_TRANSITION` when the file is complete already.
pub async fn writer(env: &Env, viewer: &Viewer, id: UploadId) -> Result<UploadWriter> {
    viewer.require(Action::Import)?;
    let tx = entity::database::begin_write(&env.db).await?;
    let select = upload::Entity::of(viewer.tenant).filter(upload::Column::Id.eq(id)).lock_exclusive();
    let found = select.one(&tx).await?.ok_or_else(|| Refusal::not_found("upload").at("uploadId"))?;
    let whole = found.sha256.as_deref().is_some_and(|digest| !digest.starts_with(SENDING));
    if found.status == UploadStatus::Stored || whole {
        return Err(Refusal::new(RefusalCode::IllegalTransition, "the file is complete already").at("uploadId").into());
    }
    let sender = format!("{SENDING}{}", env.new_id::<uuid::Uuid>().simple());
    upload_chunk::Entity::delete_of(viewer.tenant).filter(upload_chunk::Column::UploadId.eq(id)).exec(&tx).await?;
    let mut row = found.into_active_model();
    row.sha256 = Set(Some(sender.clone()));
    let upload = row.update(&tx).await?;
    tx.commit().await?;
    Ok(UploadWriter {
        env: env.clone(),
        tenant: viewer.tenant,
        upload,
        sender,
        buffer: Vec::new(),
        position: 0,
        bytes: 0,
        digest: Sha256::new(),
    })
}

/// Stands in the place of the digest while somebody sends; what follows names the sender.
const SENDING: &str = "sending:";

/// Takes bytes in.
pub struct UploadWriter {
    env: Env,
    tenant: TenantId,
    upload: upload::Model,
    sender: String,
    buffer: Vec<u8>,
    position: i32,
    bytes: u64,
    digest: Sha256,
}

impl UploadWriter {
    /// Takes the next bytes.
    ///
    /// # Errors
    ///
    /// `LIMIT_EXCEEDED` as soon as there are more bytes than were announced.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.bytes += bytes.len() as u64;
        if self.bytes > self.announced() {
            let message = format!("the file was announced with {} bytes; announce it anew", self.announced());
            return Err(Refusal::new(RefusalCode::LimitExceeded, message).at("uploadId").into());
        }
        self.digest.update(bytes);
        self.buffer.extend_from_slice(bytes);
        while self.buffer.len() >= CHUNK_BYTES {
            let rest = self.buffer.split_off(CHUNK_BYTES);
            let piece = std::mem::replace(&mut self.buffer, rest);
            self.store(piece).await?;
        }
        Ok(())
    }

    /// Ends: the file is complete.
    ///
    /// # Errors
    ///
    /// `EMPTY_FILE` when there were no bytes, `INVALID` when there were fewer than announced: half a file would be taken
    /// for a whole one.
    pub async fn finish(mut self) -> Result<upload::Model> {
        if self.bytes == 0 {
            return Err(Refusal::new(RefusalCode::EmptyFile, "the file is empty").at("uploadId").into());
        }
        if self.bytes < self.announced() {
            let message = format!("{} bytes of {} came; send the file again", self.bytes, self.announced());
            return Err(Refusal::new(RefusalCode::Invalid, message).at("uploadId").into());
        }
        if !self.buffer.is_empty() {
            let piece = std::mem::take(&mut self.buffer);
            self.store(piece).await?;
        }
        let tx = entity::database::begin_write(&self.env.db).await?;
        self.still_sending(&tx).await?;
        let mut row = self.upload.into_active_model();
        row.sha256 = Set(Some(hex(&self.digest.finalize())));
        row.status = Set(UploadStatus::Stored);
        let row = row.update(&tx).await?;
        tx.commit().await?;
        Ok(row)
    }

    fn announced(&self) -> u64 {
        u64::try_from(self.upload.byte_size).unwrap_or(0)
    }

    /// Refuses when another sender has taken over.
    async fn still_sending(&self, tx: &DatabaseTransaction) -> Result<()> {
        let select = upload::Entity::of(self.tenant).filter(upload::Column::Id.eq(self.upload.id)).lock_exclusive();
        match select.one(tx).await? {
            Some(row) if row.sha256.as_deref() == Some(&self.sender) => Ok(()),
            _ => Err(Refusal::new(RefusalCode::IllegalTransition, "the file is being sent anew").at("uploadId").into()),
        }
    }

    async fn store(&mut self, bytes: Vec<u8>) -> Result<()> {
        let row = upload_chunk::Model { tenant_id: self.tenant, upload_id: self.upload.id, position: self.position, bytes };
        let tx = entity::database::begin_write(&self.env.db).await?;
        self.still_sending(&tx).await?;
        upload_chunk::Entity::insert(row.into_active_model().reset_all()).exec_without_returning(&tx).await?;
        tx.commit().await?;
        self.position += 1;
        Ok(())
    }
}

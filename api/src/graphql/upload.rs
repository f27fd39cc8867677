//! Uploaded files.

use async_graphql::{ID, Object};
use chrono::{DateTime, Utc};
use entity::upload;

use super::{id, kind::UploadStatus};

/// A file that a person sent, kept until it was imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload(pub upload::Model);

impl From<upload::Model> for Upload {
    fn from(row: upload::Model) -> Self {
        Self(row)
    }
}

/// A file that a person sent, kept until it was imported.
#[Object]
impl Upload {
    /// Its id, `upl_…`.
    pub async fn id(&self) -> ID {
        id::encode(self.0.id)
    }

    /// As the person called it.
    async fn file_name(&self) -> &str {
        &self.0.file_name
    }

    /// Bytes received so far.
    async fn byte_size(&self) -> i64 {
        self.0.byte_size
    }

    /// Whether all bytes are here.
    async fn status(&self) -> UploadStatus {
        self.0.status.into()
    }

    /// Hex SHA-256 of the bytes, once they are all here.
    async fn sha256(&self) -> Option<&str> {
        self.0.sha256.as_deref()
    }

    /// When it was announced.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}

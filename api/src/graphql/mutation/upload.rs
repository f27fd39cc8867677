//! Announcing files.

use async_graphql::{Context, Object, Result};
use domain::import;

use super::payload::{HttpHeader, UploadPayload, UploadTarget, answer};
use crate::{
    auth::link::Links,
    graphql::{
        access::{env, viewer},
        id,
        scalars::Url,
    },
};

/// Announcing files.
#[derive(Default)]
pub struct UploadMutations;

#[Object]
impl UploadMutations {
    /// Announces a file and answers where to send its bytes. For owners and accountants.
    async fn upload_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The file's name, shown to people; at most 255 characters.")] file_name: String,
        #[graphql(desc = "Its size in bytes; at most 1 GiB.")] byte_size: i32,
    ) -> Result<UploadPayload> {
        let (env, viewer, links) = (env(ctx)?, viewer(ctx)?, ctx.data::<Links>()?);
        let size = u64::try_from(byte_size).unwrap_or(0);
        answer(import::create(env, &viewer, &file_name, size).await, |row| {
            let (url, expires_at) = links.upload(&viewer, row.id, env.clock.machine());
            let headers = vec![HttpHeader { name: "Content-Type".into(), value: "application/octet-stream".into() }];
            let target = UploadTarget { id: id::encode(row.id), url: Url(url), method: "PUT".into(), headers, expires_at };
            UploadPayload { target: Some(target), user_errors: Vec::new() }
        })
    }
}

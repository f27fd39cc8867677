//! Letters on paper, many at once.

use async_graphql::{Context, ID, Object, Result};
use domain::print::{self, Choice};
use entity::LetterId;

use super::payload::{PrintBatchPayload, PrintBatchPostedPayload, answer, answer_with};
use crate::graphql::{
    access::{env, viewer},
    id,
    loader::{self, Row},
    scalars::Date,
};

fn payload(row: entity::print_batch::Model) -> PrintBatchPayload {
    PrintBatchPayload { print_batch: Some(row.into()), user_errors: Vec::new() }
}

/// Letters on paper, many at once.
#[derive(Default)]
pub struct PrintMutations;

#[Object]
impl PrintMutations {
    /// Chooses letters to be printed together. A letter is in one open batch at most. For owners and accountants.
    async fn print_batch_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Which letters, in this order, at most 500; all that are ready to post and in no open batch, oldest first, when \
                          left out."
        )]
        letter_ids: Option<Vec<ID>>,
        #[graphql(desc = "Begin each letter on a front page, for paper that is printed on both sides.", default = false)] duplex: bool,
    ) -> Result<PrintBatchPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let created = async {
            let choice = match letter_ids {
                Some(ids) => Choice::These(id::named_all::<LetterId>(&ids, "letterIds")?),
                None => Choice::All,
            };
            print::create(env, &viewer, &choice, duplex).await
        };
        answer(created.await, payload)
    }

    /// Marks all letters of a batch as posted on a day, each as `letterMarkPosted` does. Its file must have been fetched
    /// before. A repetition after a lost answer is refused with `ILLEGAL_TRANSITION` and changes nothing. For owners and
    /// accountants.
    async fn print_batch_mark_posted(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which batch; it must be open.")] id: ID,
        #[graphql(desc = "On which day: not before the date of any of its letters, not in the future.")] posted_on: Date,
    ) -> Result<PrintBatchPostedPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let posted = async { print::mark_posted(env, &viewer, id::named(&id, "id")?, posted_on.0).await };
        answer_with(posted.await, |posted| async move {
            let mut found = loader::many(ctx, posted.left_out.iter().map(|id| Row(viewer.tenant, *id))).await?;
            let letters = posted.left_out.iter().filter_map(|id| found.remove(&Row(viewer.tenant, *id))).map(Into::into).collect();
            Ok(PrintBatchPostedPayload { print_batch: Some(posted.batch.into()), left_out: Some(letters), user_errors: Vec::new() })
        })
        .await
    }

    /// Gives a batch up; its letters may be printed in another one. For owners and accountants.
    async fn print_batch_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which batch; it must be open.")] id: ID,
    ) -> Result<PrintBatchPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let cancelled = async { print::cancel(env, &viewer, id::named(&id, "id")?).await };
        answer(cancelled.await, payload)
    }
}

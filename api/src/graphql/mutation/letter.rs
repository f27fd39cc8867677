//! Deciding on letters, and letters on paper.

use async_graphql::{Context, Enum, ID, Object, Result};
use domain::{
    idempotency,
    letter::{self, Consent},
};
use entity::{CaseId, LetterId};

use super::{
    once,
    payload::{CasePayload, LetterPayload, LettersPayload, answer, answer_with},
};
use crate::graphql::{
    access::{env, viewer},
    id,
    kind::Channel,
    loader::{self, Row},
    scalars::Date,
};

/// A decision on a letter that waits for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum ConsentDecision {
    /// Send it.
    Granted,
    /// Do not send it; the case goes on with the next step.
    Refused,
}

impl From<ConsentDecision> for Consent {
    fn from(decision: ConsentDecision) -> Self {
        match decision {
            ConsentDecision::Granted => Self::Granted,
            ConsentDecision::Refused => Self::Refused,
        }
    }
}

/// Deciding on letters, and letters on paper.
#[derive(Default)]
pub struct LetterMutations;

#[Object]
impl LetterMutations {
    /// Says yes or no to letters that wait for it, all or none. A letter is dated on the day of its yes. `@idempotent`
    /// required. For owners and accountants.
    async fn letters_consent(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which letters, at most 500.")] ids: Vec<ID>,
        #[graphql(desc = "Yes or no.")] decision: ConsentDecision,
        #[graphql(desc = "What the person saw: `Letter.preview.seen` of each of `ids`, in their order. Refused with \
                          SELECTION_CHANGED when one of them is not that any more.")]
        seen: Option<Vec<String>>,
    ) -> Result<LettersPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let decided = async {
            let (call, ids) = (once::call(ctx)?, id::named_all::<LetterId>(&ids, "ids")?);
            idempotency::once(env, &viewer, &call, move |change| {
                Box::pin(async move {
                    let letters = letter::decide_seen_in(change, &viewer, &ids, seen.as_deref(), decision.into()).await?;
                    Ok(letters.iter().map(|letter| letter.id).collect::<Vec<LetterId>>())
                })
            })
            .await
        };
        answer_with(decided.await, |ids| async move {
            let mut found = loader::many(ctx, ids.iter().map(|id| Row(viewer.tenant, *id))).await?;
            let letters = ids.iter().filter_map(|id| found.remove(&Row(viewer.tenant, *id))).map(Into::into).collect();
            Ok(LettersPayload { letters: Some(letters), user_errors: Vec::new() })
        })
        .await
    }

    /// Sends the debtor a statement of account of a case: its invoices, what was paid and credited on them, interest and
    /// fees, and the sum. It is no step of the policy and moves none; asking for it is the yes to it. Once: a second one is
    /// refused until the first has left. It is withdrawn when the sum changes, or the case is paused or ends, before it
    /// left. `letterPreview` shows it without sending. `@idempotent` required. For owners and accountants.
    async fn case_statement_send(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which case; active, on hold or awaiting hand-over.")] id: ID,
        #[graphql(desc = "EMAIL or POST; left out, by e-mail, or on paper when there is no usable address for that.")] channel: Option<
            Channel,
        >,
    ) -> Result<LetterPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let sent = async {
            let (call, id) = (once::call(ctx)?, id::named::<CaseId>(&id, "id")?);
            let by = channel.map(entity::Channel::from);
            idempotency::once(env, &viewer, &call, move |change| {
                Box::pin(async move { Ok(letter::send_statement_in(change, &viewer, id, by).await?.id) })
            })
            .await
        };
        answer_with(sent.await, |id| async move {
            let letter = loader::one(ctx, Row(viewer.tenant, id)).await?;
            Ok(LetterPayload { letter: letter.map(Into::into), user_errors: Vec::new() })
        })
        .await
    }

    /// Marks a letter as printed and posted. For owners and accountants.
    async fn letter_mark_posted(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which letter.")] id: ID,
        #[graphql(desc = "On which day: not before the letter's date, not in the future.")] posted_on: Date,
    ) -> Result<LetterPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let posted = async { letter::mark_posted(env, &viewer, id::named(&id, "id")?, posted_on.0).await };
        answer(posted.await, |letter| LetterPayload { letter: Some(letter.into()), user_errors: Vec::new() })
    }

    /// Gives up a letter that no channel took and makes its step due again, with the figures and the contact of the day.
    /// For owners and accountants.
    async fn letter_reissue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which letter; it must have failed.")] id: ID,
    ) -> Result<CasePayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let reissued = async { letter::reissue(env, &viewer, id::named(&id, "id")?).await };
        answer(reissued.await, |case| CasePayload { case: Some(case.into()), user_errors: Vec::new() })
    }
}

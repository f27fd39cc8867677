//! Money that arrived, and money that went back.

use async_graphql::{Context, ID, Object, Result};
use domain::{
    idempotency,
    payment::{self, NewPayment},
};
use entity::{CaseId, PaymentId};

use super::{
    once,
    payload::{PaymentPayload, answer, answer_with},
};
use crate::graphql::{
    access::{env, viewer},
    id,
    loader::{self, Row},
    money::MoneyInput,
    scalars::Date,
};

/// Money that arrived, and money that went back.
#[derive(Default)]
pub struct PaymentMutations;

#[Object]
impl PaymentMutations {
    /// Records money that arrived; it goes to the oldest invoice of the case first. Paid in full, the case closes and the
    /// debtor is thanked. `@idempotent` required. For owners and accountants.
    async fn payment_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which case; `caseByReference` finds it by what the payer quoted.")] case_id: ID,
        #[graphql(desc = "How much: in the case's currency, at most what is outstanding.")] amount: MoneyInput,
        #[graphql(desc = "The value date; not in the future.")] received_on: Date,
        #[graphql(desc = "As the payer wrote it, at most 200 characters.")] reference: Option<String>,
    ) -> Result<PaymentPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let recorded = async {
            let (call, case, amount_minor) = (once::call(ctx)?, id::named(&case_id, "caseId")?, amount.minor("amount")?);
            let new = NewPayment { case, amount_minor, currency: amount.currency.0, received_on: received_on.0, reference };
            idempotency::once(env, &viewer, &call, move |change| {
                Box::pin(async move {
                    let (case, payments) = payment::record_in(change, &viewer, &new).await?;
                    Ok((case.id, payments))
                })
            })
            .await
        };
        answer_with(recorded.await, |(case, payments)| recorded_payload(ctx, viewer.tenant, case, payments)).await
    }

    /// Takes a payment back that was recorded by hand: it was a mistake, or it bounced. A case that it had closed opens
    /// again. For owners and accountants.
    async fn payment_reverse(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which payment; one of the accounting system is reversed there.")] id: ID,
        #[graphql(desc = "Why, at most 500 characters.")] reason: String,
    ) -> Result<PaymentPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let reversed = async { payment::reverse(env, &viewer, id::named(&id, "id")?, &reason).await };
        answer(reversed.await, |(payment, case)| PaymentPayload {
            payments: Some(vec![payment.into()]),
            case: case.map(Into::into),
            user_errors: Vec::new(),
        })
    }
}

async fn recorded_payload(ctx: &Context<'_>, tenant: entity::TenantId, case: CaseId, payments: Vec<PaymentId>) -> Result<PaymentPayload> {
    let mut found = loader::many(ctx, payments.iter().map(|id| Row(tenant, *id))).await?;
    let payments = payments.iter().filter_map(|id| found.remove(&Row(tenant, *id))).map(Into::into).collect();
    let case = loader::one(ctx, Row(tenant, case)).await?;
    Ok(PaymentPayload { payments: Some(payments), case: case.map(Into::into), user_errors: Vec::new() })
}

//! What is owed beside the invoices: given up, or paid.

use async_graphql::{Context, Enum, ID, Object, Result};
use domain::{
    Refusal, RefusalCode,
    claim::{self, Waived},
    idempotency,
    payment::NewPayment,
};
use entity::{CaseId, ChargeId};

use super::{
    once,
    payload::{CasePayload, answer, answer_with},
};
use crate::graphql::{
    access::{env, viewer},
    id,
    loader::{self, Row},
    money::MoneyInput,
    scalars::Date,
};

/// Kinds of what is owed beside the invoices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::ChargeKind")]
pub enum ChargeKind {
    /// What a step of the policy adds.
    Fee,
    /// What the law grants for late payment.
    FixedSum,
    /// Interest for late payment.
    Interest,
}

/// What is owed beside the invoices.
#[derive(Default)]
pub struct ChargeMutations;

#[Object]
impl ChargeMutations {
    /// Gives up what is open beside the invoices: named fees and fixed sums, or all of a kind, or all. What was paid of it
    /// stays paid. Letters that state the old sum and have not left are cancelled; when the invoices are paid and nothing else
    /// is open, the case closes. For owners and accountants.
    async fn case_charges_waive(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which case.")] case_id: ID,
        #[graphql(desc = "These fees and fixed sums, `chg_…`, at most 100; not together with `kind`.")] charge_ids: Option<Vec<ID>>,
        #[graphql(desc = "All of this kind; interest through today. All kinds when neither is given.")] kind: Option<ChargeKind>,
        #[graphql(desc = "Why, at most 500 characters.")] reason: String,
    ) -> Result<CasePayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let waived = async {
            let case = id::named(&case_id, "caseId")?;
            claim::waive(env, &viewer, case, &which(charge_ids.as_deref(), kind)?, &reason).await
        };
        answer(waived.await, |case| CasePayload { case: Some(case.into()), user_errors: Vec::new() })
    }

    /// Records money that arrived for what is owed beside the invoices; payments of invoices come with the books or through
    /// `paymentRecord`. `@idempotent` required. For owners and accountants.
    async fn case_charge_payment_register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which case.")] case_id: ID,
        #[graphql(desc = "How much: in the case's currency, at most what is open beside the invoices.")] amount: MoneyInput,
        #[graphql(desc = "The value date; not in the future.")] on: Date,
        #[graphql(desc = "As the payer wrote it, at most 200 characters.")] note: Option<String>,
    ) -> Result<CasePayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let received = async {
            let (call, case, amount_minor) = (once::call(ctx)?, id::named(&case_id, "caseId")?, amount.minor("amount")?);
            let new = NewPayment { case, amount_minor, currency: amount.currency.0, received_on: on.0, reference: note };
            idempotency::once(env, &viewer, &call, move |change| {
                Box::pin(async move { claim::receive_in(change, &viewer, &new).await.map(|(case, _)| case.id) })
            })
            .await
        };
        answer_with(received.await, |case| shown(ctx, viewer.tenant, case)).await
    }

    /// Takes money for charges back: it was a mistake, or it bounced. A case that it had closed opens again. For owners and
    /// accountants.
    async fn case_charge_payment_reverse(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which payment, `cpy_…`, of `Claim.chargePayments`.")] id: ID,
        #[graphql(desc = "Why, at most 500 characters.")] reason: String,
    ) -> Result<CasePayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let reversed = async { claim::reverse_received(env, &viewer, id::named(&id, "id")?, &reason).await };
        answer(reversed.await, |case| CasePayload { case: Some(case.into()), user_errors: Vec::new() })
    }
}

fn which(charges: Option<&[ID]>, kind: Option<ChargeKind>) -> Result<Waived, Refusal> {
    match (charges, kind) {
        (Some(_), Some(_)) => Err(Refusal::new(RefusalCode::Invalid, "name charges or a kind, not both").at("chargeIds")),
        (Some(ids), None) => id::named_all::<ChargeId>(ids, "chargeIds").map(Waived::Charges),
        (None, Some(kind)) => Ok(Waived::Kind(kind.into())),
        (None, None) => Ok(Waived::All),
    }
}

async fn shown(ctx: &Context<'_>, tenant: entity::TenantId, case: CaseId) -> Result<CasePayload> {
    let case = loader::one(ctx, Row(tenant, case)).await?;
    Ok(CasePayload { case: case.map(Into::into), user_errors: Vec::new() })
}

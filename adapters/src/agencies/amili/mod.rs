//! Amili's collection API, Norway. <https://docs.amili.dev/example-workflow-359631m0>
//!
//! As documented: tokens by client credentials, invoices posted to `/orgs/{org}/invoices` and answered by 202, batches
//! read at `/orgs/{org}/batches/{id}`, cases at `/orgs/{org}/cases`, payments posted to `/orgs/{org}/payments`.
//!
//! Not confirmed, because the documents that we could read are cut off: the fields of debtors, the answer to what is
//! posted (taken to be the batch), the items of `failed`, and the paths of one case with its `/pause`, `/resume` and
//! `/withdraw`. How webhooks are signed is not documented either, so they are read as hints and never believed. The
//! fields `vat` and `fees` of an invoice are left to Amili's own defaults.
//!
//! One case of ours is one invoice there, with our hand-over's id as `uniqueSourceInvoiceId`: it is refused when it comes
//! twice. A case of several invoices goes as one with their sum, the oldest dates and the numbers in its description.
//! Reversed payments have no place in the API: they are refused here, and a person tells.

mod map;
#[cfg(test)]
mod tests;
mod token;
#[expect(clippy::struct_field_names, reason = "Amili's names")]
mod wire;

use domain::port::{
    agency::{AgencyCase, AgencyConnector, AgencyError, AgencyHint, AgencyLink, Batch, Claim, Notice, Order},
    vault::SecretString,
};
use entity::HandoverId;
use serde::{Serialize, de::DeserializeOwned};

use crate::http::{Answer, Call, Http, HttpError, StatusCode, Url};

/// Where Amili is; unless set, its production. Its staging is `https://api.staging.amili.no/collection/v1` and
/// `https://auth.staging.amili.no/token`.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Base of the API, without a slash at the end.
    pub api_url: String,
    /// Where tokens are made.
    pub token_url: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self { api_url: "https://api.amili.no/collection/v1".into(), token_url: "https://auth.amili.no/token".into() }
    }
}

/// The connector.
pub struct Amili {
    settings: Settings,
    http: Http,
    tokens: token::Tokens,
}

/// Whether a call changes something at Amili: then an answer that got lost does not mean that nothing was done.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Effect {
    Reads,
    Writes,
}

impl Amili {
    /// Amili at these addresses.
    pub fn new(settings: Settings, http: Http) -> Self {
        Self { settings, http, tokens: token::Tokens::default() }
    }

    /// The address of something of the creditor's.
    fn url(&self, link: &AgencyLink, path: &[&str]) -> Result<Url, AgencyError> {
        let unusable = || AgencyError::Unavailable("the address configured for Amili is none".into());
        let mut url = Url::parse(&self.settings.api_url).map_err(|_| unusable())?;
        url.path_segments_mut().map_err(|()| unusable())?.pop_if_empty().extend(["orgs", &link.organization]).extend(path);
        Ok(url)
    }

    async fn token(&self, link: &AgencyLink) -> Result<SecretString, AgencyError> {
        self.tokens.lend(&self.http, &self.settings.token_url, link).await
    }

    async fn get(&self, link: &AgencyLink, path: &[&str], query: &[(&str, &str)]) -> Result<Answer, AgencyError> {
        let url = self.url(link, path)?;
        self.call(link, Effect::Reads, || self.http.get(url.clone()).query(query)).await
    }

    async fn post(&self, link: &AgencyLink, path: &[&str], document: &(impl Serialize + Sync)) -> Result<Answer, AgencyError> {
        let url = self.url(link, path)?;
        self.call(link, Effect::Writes, || self.http.post(url.clone()).json(document)).await
    }

    /// Sends it; when a kept token is refused, once more with a new one. What a refused call asked for was not done.
    async fn call<'h>(
        &'h self,
        link: &AgencyLink,
        effect: Effect,
        call: impl Fn() -> Call<'h> + Send + Sync,
    ) -> Result<Answer, AgencyError> {
        let first = call().bearer(&self.token(link).await?).send().await;
        if !first.as_ref().is_ok_and(|answer| answer.status == StatusCode::UNAUTHORIZED) {
            return sorted(link, effect, first);
        }
        self.tokens.forget(link);
        sorted(link, effect, call().bearer(&self.token(link).await?).send().await)
    }

    async fn case(&self, link: &AgencyLink, reference: &str) -> Result<Option<wire::Case>, AgencyError> {
        let answer = self.get(link, &["cases", reference], &[]).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        read::<wire::Enveloped<wire::Case>>(&answer, Effect::Reads).map(|enveloped| Some(enveloped.data))
    }

    async fn pay(&self, link: &AgencyLink, notice: &Notice, payment: (i64, &str, chrono::NaiveDate)) -> Result<(), AgencyError> {
        let gone = || AgencyError::Rejected { code: "UNKNOWN_CASE".into(), message: "Amili does not know this case".into() };
        let case = self.case(link, &notice.reference).await?.ok_or_else(gone)?;
        let invoice = case.invoices.into_iter().find(|invoice| invoice.unique_source_invoice_id == notice.handover.to_string());
        let payment = map::payment(invoice.ok_or_else(gone)?.invoice_id, payment)?;
        let answer = self.post(link, &["payments"], &payment).await?;
        if answer.status.is_success() { Ok(()) } else { Err(refused(&answer)) }
    }

    /// Does something to a case. A conflict is a success when the case is so already.
    async fn deed(&self, link: &AgencyLink, reference: &str, deed: &str, so: &[&str]) -> Result<(), AgencyError> {
        let answer = self.post(link, &["cases", reference, deed], &serde_json::json!({})).await?;
        if answer.status.is_success() {
            return Ok(());
        }
        if answer.status == StatusCode::CONFLICT {
            let case = self.case(link, reference).await?;
            if case.is_some_and(|case| so.contains(&case.status.as_str())) {
                return Ok(());
            }
        }
        Err(refused(&answer))
    }
}

#[async_trait::async_trait]
impl AgencyConnector for Amili {
    async fn check(&self, link: &AgencyLink) -> Result<(), AgencyError> {
        let answer = self.get(link, &["cases"], &[("PageSize", "1")]).await?;
        if answer.status.is_success() { Ok(()) } else { Err(refused(&answer)) }
    }

    async fn submit(&self, link: &AgencyLink, claims: &[Claim]) -> Result<String, AgencyError> {
        let invoices = claims.iter().map(map::invoice).collect::<Result<Vec<_>, _>>()?;
        let answer = self.post(link, &["invoices"], &wire::Invoices { invoices }).await?;
        if !answer.status.is_success() {
            return Err(refused(&answer));
        }
        read::<wire::Enveloped<wire::Taken>>(&answer, Effect::Writes).map(|enveloped| enveloped.data.batch_id)
    }

    async fn poll(&self, link: &AgencyLink, batch: &str) -> Result<Batch, AgencyError> {
        let answer = self.get(link, &["batches", batch], &[]).await?;
        if answer.status.is_success() {
            return read::<wire::Enveloped<wire::Batch>>(&answer, Effect::Reads).map(|enveloped| map::batch(enveloped.data));
        }
        Err(refused(&answer))
    }

    async fn find(&self, link: &AgencyLink, handover: HandoverId) -> Result<Option<AgencyCase>, AgencyError> {
        let answer = self.get(link, &["cases"], &[("UniqueSourceInvoiceId", &handover.to_string())]).await?;
        if !answer.status.is_success() {
            return Err(refused(&answer));
        }
        let cases = read::<wire::Listed>(&answer, Effect::Reads)?.data;
        // A filter that is not understood would list other cases.
        let ours = |case: &wire::Case| case.invoices.iter().any(|invoice| invoice.unique_source_invoice_id == handover.to_string());
        Ok(cases.into_iter().find(ours).map(|case| map::case(case, None)))
    }

    async fn status(&self, link: &AgencyLink, reference: &str, currency: &str) -> Result<Option<AgencyCase>, AgencyError> {
        Ok(self.case(link, reference).await?.map(|case| map::case(case, Some(currency))))
    }

    async fn tell(&self, link: &AgencyLink, notice: &Notice) -> Result<(), AgencyError> {
        match &notice.order {
            Order::Pause => self.deed(link, &notice.reference, "pause", &["PAUSED", "CLOSED"]).await,
            Order::Resume => self.deed(link, &notice.reference, "resume", &["OPEN", "CLOSED"]).await,
            Order::Withdraw => self.deed(link, &notice.reference, "withdraw", &["CLOSED"]).await,
            Order::Payment { amount_minor, currency, on } => self.pay(link, notice, (*amount_minor, currency, *on)).await,
            // Amili has an API for it whose shape is not in what it publishes.
            Order::Correction { .. } => {
                let message = "tell Amili of the correction yourself";
                Err(AgencyError::Rejected { code: "TELL_BY_HAND".into(), message: message.into() })
            }
        }
    }

    fn read(&self, event: Option<&str>, body: &[u8]) -> Option<AgencyHint> {
        let told: wire::Told = serde_json::from_slice(body).ok()?;
        let kind = event.or(told.event_type.as_deref()).or(told.kind.as_deref())?;
        Some(match (kind, told.data.batch_id, told.data.case_id) {
            ("BATCH_COMPLETED", Some(batch), _) => AgencyHint::Batch(batch),
            ("CASE" | "CASE_UPDATED", _, Some(case)) => AgencyHint::Case(case),
            _ => AgencyHint::Other,
        })
    }
}

/// Sorts out what means the same everywhere; success, 404 and 409 come back.
fn sorted(link: &AgencyLink, effect: Effect, answer: Result<Answer, HttpError>) -> Result<Answer, AgencyError> {
    let answer = answer.and_then(|answer| answer.sorted(link.now)).map_err(|error| failed(effect, &error))?;
    match answer.status {
        status if status.is_success() => Ok(answer),
        StatusCode::NOT_FOUND | StatusCode::CONFLICT => Ok(answer),
        StatusCode::UNAUTHORIZED => Err(AgencyError::Unauthorised("Amili refuses a token that it just gave".into())),
        StatusCode::FORBIDDEN => Err(AgencyError::Unauthorised("the keys do not open this organisation at Amili, or lack a right".into())),
        status => Err(AgencyError::Rejected { code: format!("HTTP_{}", status.as_u16()), message: answer.unexpected().to_string() }),
    }
}

/// An answer that cannot be read says nothing about what was done.
fn read<T: DeserializeOwned>(answer: &Answer, effect: Effect) -> Result<T, AgencyError> {
    answer.json().map_err(|error| failed(effect, &error))
}

fn failed(effect: Effect, error: &HttpError) -> AgencyError {
    let message = error.to_string();
    match error {
        HttpError::RateLimited(seconds) => AgencyError::RateLimited(*seconds),
        HttpError::Unavailable(_) | HttpError::Broken(_) if effect == Effect::Writes => AgencyError::Unknown(message),
        HttpError::Unavailable(_) | HttpError::Broken(_) | HttpError::Blocked(_) | HttpError::Unsendable(_) | HttpError::Redirected(_) => {
            AgencyError::Unavailable(message)
        }
    }
}

fn refused(answer: &Answer) -> AgencyError {
    AgencyError::Rejected { code: format!("HTTP_{}", answer.status.as_u16()), message: answer.unexpected().to_string() }
}

//! Letters: frozen documents of one case at one step.

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::letter::LetterFacts;
use entity::letter;

use crate::auth::link::Links;

use super::{
    access,
    case::Case,
    connection::list_cost,
    delivery::Delivery,
    error::query_error,
    id,
    kind::{Channel, LetterKind, LetterStatus},
    loader::{self, DeliveriesOf, Row},
    money::Money,
    scalars::{Date, Locale, Url},
    viewer::{User, member},
};

/// A frozen document of one case at one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter(pub letter::Model);

impl From<letter::Model> for Letter {
    fn from(row: letter::Model) -> Self {
        Self(row)
    }
}

/// The figures that a letter states, as issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterFigures(LetterFacts);

/// The figures that a letter states, as issued; never changed afterwards.
#[Object]
impl LetterFigures {
    /// The letter's date.
    async fn dated_on(&self) -> Date {
        Date(self.0.dated_on)
    }

    /// The day by which it asks for payment; null for thanks and statements.
    async fn pay_by(&self) -> Option<Date> {
        self.0.kind.demands_payment().then_some(Date(self.0.pay_by))
    }

    /// What it states as open; zero on a thank-you.
    async fn outstanding(&self) -> Money {
        Money::new(self.0.outstanding_minor, &self.0.currency)
    }

    /// What was paid altogether when it was issued.
    async fn paid(&self) -> Money {
        Money::new(self.0.paid_minor, &self.0.currency)
    }

    /// The reference that the debtor is asked to quote.
    async fn payment_reference(&self) -> &str {
        &self.0.bank.payment_reference
    }

    /// The name in the address window.
    async fn recipient_name(&self) -> &str {
        &self.0.debtor.name
    }
}

/// A person's yes or no to a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent(letter::Model);

/// A person's yes or no to a letter.
#[Object]
impl Consent {
    /// Whether one is needed before the letter leaves.
    async fn required(&self) -> bool {
        self.0.consent_required
    }

    /// The answer; null while there is none.
    async fn granted(&self) -> Option<bool> {
        self.0.consent_granted
    }

    /// Who answered.
    async fn decided_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<User>> {
        member(ctx, self.0.tenant_id, self.0.consent_by).await
    }

    /// When.
    async fn decided_at(&self) -> Option<DateTime<Utc>> {
        self.0.consent_at
    }
}

/// One way by which a letter goes.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct PreviewRecipient {
    /// Which way.
    pub channel: Channel,
    /// The address, the number, or the postal address in one line.
    pub address: String,
}

/// Exactly what leaves.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct LetterPreview {
    /// To whom, by each way. Empty when the debtor cannot be reached any more.
    pub recipients: Vec<PreviewRecipient>,
    /// Subject of the e-mail.
    pub subject: String,
    /// The e-mail as plain text.
    pub mail_text: String,
    /// The short message; null when none goes.
    pub sms_text: Option<String>,
    /// Parts that the short message is paid for in.
    pub sms_segments: Option<i32>,
    /// Digest of what is shown here and of the figures: give it back with the decision.
    pub seen: String,
}

impl From<domain::letter::Preview> for LetterPreview {
    fn from(found: domain::letter::Preview) -> Self {
        let segments = found.sms.as_ref().and_then(|(_, size)| i32::try_from(size.segments).ok());
        let recipient = |(channel, address): (entity::Channel, String)| PreviewRecipient { channel: channel.into(), address };
        Self {
            recipients: found.recipients.into_iter().map(recipient).collect(),
            subject: found.subject,
            mail_text: found.text,
            sms_text: found.sms.map(|(text, _)| text),
            sms_segments: segments,
            seen: found.seen,
        }
    }
}

/// When and by whom a letter was posted.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct Posting {
    /// On which day.
    pub on: Date,
    /// By whom.
    pub by: Option<User>,
}

/// A frozen document of one case at one step.
#[Object]
impl Letter {
    /// Its id, `let_…`.
    pub async fn id(&self) -> ID {
        id::encode(self.0.id)
    }

    /// Whose.
    async fn case(&self, ctx: &Context<'_>) -> async_graphql::Result<Case> {
        let row = loader::one(ctx, Row(self.0.tenant_id, self.0.case_id)).await?;
        row.map(Case).ok_or_else(|| "a letter without a case".into())
    }

    /// The letter that speaks for this one too, when several cases of a debtor fell due together: its preview, page and
    /// deliveries are shown here; the figures are those of this letter's own case. Null when it speaks for itself.
    async fn lead(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Self>> {
        let Some(lead) = self.0.lead_id else { return Ok(None) };
        Ok(loader::one(ctx, Row(self.0.tenant_id, lead)).await?.map(Self))
    }

    /// The cases that it speaks for: its own, and with them those of the debtor that fell due together. Of a letter with
    /// a `lead`, its own only.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn cases(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Case>> {
        let facts: LetterFacts = serde_json::from_value(self.0.facts.clone()).map_err(|error| query_error(error.into()))?;
        let others = facts.grouped.into_iter().map(|member| member.case_id).filter(|id| *id != self.0.case_id);
        let keys: Vec<_> = std::iter::once(self.0.case_id).chain(others).map(|id| Row(self.0.tenant_id, id)).collect();
        let mut rows = loader::many(ctx, keys.clone()).await?;
        Ok(keys.iter().filter_map(|key| rows.remove(key)).map(Case).collect())
    }

    /// What it is.
    async fn kind(&self) -> LetterKind {
        self.0.kind.into()
    }

    /// Its step in the ladder, from 1; null for thanks, acknowledgements and statements, which are no steps.
    async fn step(&self) -> Option<i32> {
        self.0.kind.is_step().then_some(self.0.step + 1)
    }

    /// Where it stands.
    async fn status(&self) -> LetterStatus {
        self.0.status.into()
    }

    /// The language that it is written in.
    async fn language(&self) -> Locale {
        Locale(self.0.language.clone())
    }

    /// The channels that it goes out by.
    async fn channels(&self) -> async_graphql::Result<Vec<Channel>> {
        let channels: Vec<entity::Channel> = serde_json::from_value(self.0.channels.clone()).map_err(|error| query_error(error.into()))?;
        Ok(channels.into_iter().map(Channel::from).collect())
    }

    /// The figures that it states.
    async fn figures(&self) -> async_graphql::Result<LetterFigures> {
        let facts = serde_json::from_value(self.0.facts.clone()).map_err(|error| query_error(error.into()))?;
        Ok(LetterFigures(facts))
    }

    /// The yes or no to it.
    async fn consent(&self) -> Consent {
        Consent(self.0.clone())
    }

    /// Exactly what leaves, or would leave after a yes: to whom, and in which words. The page is behind `pdfUrl`.
    #[graphql(complexity = "10 + child_complexity")]
    async fn preview(&self, ctx: &Context<'_>) -> async_graphql::Result<LetterPreview> {
        let found = domain::letter::preview(&access::env(ctx)?.db, &self.0).await.map_err(query_error)?;
        Ok(LetterPreview::from(found))
    }

    /// Whether it is nothing but a message: no page goes along with it.
    async fn message_only(&self) -> bool {
        self.0.message_only
    }

    /// Until when the yes holds that is asked for or was given; then the letter is withdrawn and asked for anew. Null when
    /// none is needed, or the letter left.
    async fn consent_expires_at(&self) -> Option<DateTime<Utc>> {
        self.0.consent_expires_at
    }

    /// The editions of the country rule packs that it was decided under.
    async fn rule_revisions(&self) -> Vec<&str> {
        self.0.rule_revision.split_whitespace().collect()
    }

    /// Where the PDF can be fetched for some minutes; ask again for a new one. It is drawn on the first fetch.
    async fn pdf_url(&self, ctx: &Context<'_>) -> async_graphql::Result<Url> {
        let now = access::env(ctx)?.clock.machine();
        Ok(Url(ctx.data::<Links>()?.letter(&access::viewer(ctx)?, self.0.id, now)))
    }

    /// Hex SHA-256 of the PDF, once it was drawn.
    async fn sha256(&self) -> Option<&str> {
        self.0.pdf_sha256.as_deref()
    }

    /// Pages of the PDF, once it was drawn.
    async fn pages(&self) -> Option<i32> {
        self.0.pdf_pages
    }

    /// One delivery for each channel; those of `lead` when that speaks for it.
    #[graphql(complexity = "list_cost(child_complexity)")]
    async fn deliveries(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Delivery>> {
        let rows = loader::one(ctx, DeliveriesOf(self.0.tenant_id, self.0.lead_id.unwrap_or(self.0.id))).await?.unwrap_or_default();
        Ok(rows.into_iter().map(Delivery).collect())
    }

    /// Why it was stopped before it went out.
    async fn cancelled_because(&self) -> Option<&str> {
        self.0.cancelled_because.as_deref()
    }

    /// When the first channel accepted it.
    async fn sent_at(&self) -> Option<DateTime<Utc>> {
        self.0.sent_at
    }

    /// When and by whom it was posted; null unless it went out on paper.
    async fn posted(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Posting>> {
        match self.0.posted_on {
            Some(on) => Ok(Some(Posting { on: Date(on), by: member(ctx, self.0.tenant_id, self.0.posted_by).await? })),
            None => Ok(None),
        }
    }

    /// When it was issued.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}

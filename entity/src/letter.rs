//! A frozen document of one case at one step.

use sea_orm::entity::prelude::*;

use crate::id::{CaseId, LetterId, TenantId, UserId};
use crate::kind::{LetterKind, LetterStatus};

/// A frozen document of one case at one step.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "letter")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: LetterId,
    /// Whose.
    pub case_id: CaseId,
    /// Index in the ladder; the thank-you letter has its own number. One letter that is not cancelled per case, course
    /// and step.
    pub step: i32,
    /// The course of the case that it belongs to; 0 for the thank-you letter.
    pub course: i32,
    /// What it is.
    pub kind: LetterKind,
    /// `en`, `de` or `nb`.
    pub language: String,
    /// Where it stands.
    pub status: LetterStatus,
    /// Array of the channels that the step asks for.
    pub channels: Json,
    /// `LetterFacts`: every figure as issued, never changed.
    pub facts: Json,
    /// The sum that it demands; a letter whose case owes another sum is not sent.
    pub outstanding_minor: i64,
    /// Which wording.
    pub text_revision: String,
    /// Hex digest of the PDF, once rendered.
    pub pdf_sha256: Option<String>,
    /// Its pages.
    pub pdf_pages: Option<i32>,
    /// A person must say yes before it leaves.
    pub consent_required: bool,
    /// Who decided.
    pub consent_by: Option<UserId>,
    /// When.
    pub consent_at: Option<DateTimeUtc>,
    /// What.
    pub consent_granted: Option<bool>,
    /// Until when the consent, asked for or given, holds.
    pub consent_expires_at: Option<DateTimeUtc>,
    /// The letter that speaks for this one too: several cases of a debtor that fell due together.
    pub lead_id: Option<LetterId>,
    /// Array of the channels that are tried, in order, when the others fail.
    pub fallback: Json,
    /// The rule packs that it was decided under, for example `NO-2026-11`.
    pub rule_revision: String,
    /// A message without a page.
    pub message_only: bool,
    /// The fee that it adds to the claim.
    pub fee_minor: i64,
    /// Why it was stopped.
    pub cancelled_because: Option<String>,
    /// When the first channel accepted it.
    pub sent_at: Option<DateTimeUtc>,
    /// When a person posted it.
    pub posted_on: Option<Date>,
    /// Who.
    pub posted_by: Option<UserId>,
    /// When it was issued.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::scope::scoped!();

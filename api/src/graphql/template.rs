//! Texts of letters: the product's own, a tenant's own, and what a letter would say.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use domain::letter::{
    self, Language,
    template::{self, OwnText, Part, Piece},
};
use entity::{Scoped, letter_template, letter_template_revision};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use super::{
    access,
    connection::{db, list_cost},
    error::{bad_input, database_error, query_error},
    id,
    kind::LetterKind,
    scalars::{CountryCode, Locale},
    viewer::{User, member},
};

/// What drawing a page costs.
const PAGE_COST: usize = 50;

/// When a piece of a text is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "template::When")]
pub enum TextCondition {
    /// The claim is about one invoice.
    OneInvoice,
    /// The claim is about several invoices.
    SeveralInvoices,
    /// An earlier letter of the ladder went out.
    WroteBefore,
    /// Something was paid or credited.
    PartPaid,
    /// The ladder has a further letter.
    NextLetter,
    /// The claim is offered to a collection agency next.
    NextHandover,
    /// Something is open.
    Open,
    /// Nothing is open.
    Settled,
    /// A page goes along with the message.
    WithPage,
    /// Nothing but the message goes out.
    MessageOnly,
}

/// A piece of a text: a sentence or a few.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject, InputObject)]
#[graphql(input_name = "TextPieceInput")]
pub struct TextPiece {
    /// The words, with placeholders such as `{creditor}`; a brace of its own is written twice. At most 1000 characters.
    pub text: String,
    /// When it is said; always when null.
    pub when: Option<TextCondition>,
    /// Whether it goes on the paragraph before it instead of beginning one.
    #[graphql(default)]
    pub continues: bool,
}

impl From<&Piece> for TextPiece {
    fn from(piece: &Piece) -> Self {
        Self { text: piece.text.clone(), when: piece.when.map(Into::into), continues: piece.continues }
    }
}

impl From<TextPiece> for Piece {
    fn from(piece: TextPiece) -> Self {
        Self { text: piece.text, when: piece.when.map(Into::into), continues: piece.continues }
    }
}

fn pieces(pieces: &[Piece]) -> Vec<TextPiece> {
    pieces.iter().map(TextPiece::from).collect()
}

/// What a letter says around its claim. Sums, deadline, account, contact and what the law demands are not part of it:
/// every letter has them.
#[derive(Debug, Clone, PartialEq, Eq, InputObject)]
pub struct LetterTextInput {
    /// The heading, at most 100 characters; the invoice's number follows it where there is only one.
    pub subject: String,
    /// Before the claim: 1 to 12 pieces.
    pub opening: Vec<TextPiece>,
    /// After the account: at most 12 pieces.
    pub closing: Vec<TextPiece>,
    /// The short message: at most 3 parts, no links, with `{creditor}`, `{reference}`, `{contact}` and, where it asks for
    /// money, `{outstanding}`. The product's own when left out.
    pub sms: Option<String>,
}

impl From<LetterTextInput> for OwnText {
    fn from(input: LetterTextInput) -> Self {
        let of = |pieces: Vec<TextPiece>| pieces.into_iter().map(Piece::from).collect();
        Self { subject: input.subject, opening: of(input.opening), closing: of(input.closing), sms: input.sms }
    }
}

/// What a letter says around its claim.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct LetterText {
    /// The heading.
    pub subject: String,
    /// Before the claim.
    pub opening: Vec<TextPiece>,
    /// After the account.
    pub closing: Vec<TextPiece>,
    /// The short message, in pieces; of a tenant's own text one piece, or none where it leaves the product's.
    pub sms: Vec<TextPiece>,
}

impl From<template::Shipped> for LetterText {
    fn from(text: template::Shipped) -> Self {
        Self { subject: text.subject, opening: pieces(&text.opening), closing: pieces(&text.closing), sms: pieces(&text.sms) }
    }
}

impl From<OwnText> for LetterText {
    fn from(text: OwnText) -> Self {
        let sms = text.sms.into_iter().map(|text| TextPiece { text, when: None, continues: false }).collect();
        Self { subject: text.subject, opening: pieces(&text.opening), closing: pieces(&text.closing), sms }
    }
}

/// The placeholders that each part of a text may use, without braces.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct TextPlaceholders {
    /// In the heading.
    pub subject: Vec<&'static str>,
    /// Before the claim and after the account.
    pub body: Vec<&'static str>,
    /// In the short message.
    pub sms: Vec<&'static str>,
}

impl TextPlaceholders {
    /// Of a kind of letter.
    pub fn of(kind: entity::LetterKind) -> Self {
        let of = |part| template::allowed(kind, part).into_iter().map(template::Placeholder::as_str).collect();
        Self { subject: of(Part::Subject), body: of(Part::Body), sms: of(Part::Sms) }
    }
}

/// One revision of a tenant's own text; it never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateRevision(letter_template_revision::Model);

/// One revision of a tenant's own text; it never changes.
#[Object]
impl TemplateRevision {
    /// Counts from 1.
    async fn number(&self) -> i32 {
        self.0.revision
    }

    /// The text.
    async fn text(&self) -> async_graphql::Result<LetterText> {
        template::text_of(&self.0).map(LetterText::from).map_err(query_error)
    }

    /// Who wrote it.
    async fn created_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<User>> {
        member(ctx, self.0.tenant_id, self.0.created_by).await
    }

    /// When.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}

/// A tenant's own text for a kind of letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterTemplate(pub letter_template::Model);

impl From<letter_template::Model> for LetterTemplate {
    fn from(row: letter_template::Model) -> Self {
        Self(row)
    }
}

/// A tenant's own text for a kind of letter, revised over time. A letter keeps the text that it was issued with.
#[Object]
impl LetterTemplate {
    /// Its id, `tpl_…`.
    pub async fn id(&self) -> ID {
        id::encode(self.0.id)
    }

    /// The letters that it is for.
    async fn kind(&self) -> LetterKind {
        self.0.kind.into()
    }

    /// Their language.
    async fn language(&self) -> Locale {
        Locale(self.0.language.clone())
    }

    /// The country of the debtors that it is for; null for any. A text for the country goes before one for any.
    async fn country(&self) -> Option<CountryCode> {
        self.0.country.clone().map(CountryCode)
    }

    /// The newest revision; letters that are issued from now on get it.
    async fn revision(&self) -> i32 {
        self.0.revision
    }

    /// All revisions, newest first; at most 100.
    #[graphql(complexity = "10 + list_cost(child_complexity)")]
    async fn revisions(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<TemplateRevision>> {
        use letter_template_revision::{Column, Entity};
        use sea_orm::QuerySelect;
        let select = Entity::of(self.0.tenant_id).filter(Column::TemplateId.eq(self.0.id)).order_by_desc(Column::Revision).limit(100);
        Ok(select.all(db(ctx)?).await.map_err(database_error)?.into_iter().map(TemplateRevision).collect())
    }

    /// The placeholders that it may use.
    async fn placeholders(&self) -> TextPlaceholders {
        TextPlaceholders::of(self.0.kind)
    }

    /// No longer used for new letters.
    async fn archived(&self) -> bool {
        self.0.archived
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was last revised or archived.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}

/// Something that the law asks a letter to state and that nobody entered.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct MissingStatement {
    /// Where to enter it, as a path into the tenant's settings or the claim, e.g. `legal.authority`.
    pub field: &'static str,
    /// For people.
    pub message: &'static str,
}

/// A word that a text holds and that a law forbids in this letter. The words are looked for, not what they mean.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct ForbiddenStatement {
    /// Where it stands, as a path into the text, e.g. `closing.0.text`.
    pub field: String,
    /// For people: the word, its character, and the rule with its source.
    pub message: String,
}

/// What a letter would say if it were issued now.
pub struct LetterTextPreview(pub template::Preview);

/// What a letter would say if it were issued now. Nothing is kept and nothing leaves.
#[Object]
impl LetterTextPreview {
    /// Whether the figures are invented, because no case was named.
    async fn sample(&self) -> bool {
        self.0.sample
    }

    /// The language that it is written in.
    async fn language(&self) -> Locale {
        Locale(self.0.facts.language.as_str().to_owned())
    }

    /// What names its words: the revision of the product's text, and the tenant's own where there is one.
    async fn text_revision(&self) -> String {
        self.0.facts.words()
    }

    /// The heading.
    async fn subject(&self) -> &str {
        &self.0.document.subject
    }

    /// The paragraphs before the claim.
    async fn opening(&self) -> &[String] {
        &self.0.document.opening
    }

    /// The request for payment; null where the letter makes none.
    async fn demand(&self) -> Option<&str> {
        self.0.document.demand.as_ref().map(|demand| demand.sentence.as_str())
    }

    /// The paragraphs after the account, with what the law demands.
    async fn closing(&self) -> &[String] {
        &self.0.document.closing_paragraphs
    }

    /// The subject of the e-mail.
    async fn email_subject(&self) -> &str {
        &self.0.mail.subject
    }

    /// The e-mail as plain text: the whole letter in reading order.
    async fn email_text(&self) -> &str {
        &self.0.mail.text
    }

    /// The e-mail as HTML.
    async fn email_html(&self) -> &str {
        &self.0.mail.html
    }

    /// The short message.
    async fn sms(&self) -> &str {
        &self.0.sms
    }

    /// Parts of the short message that are paid for.
    async fn sms_parts(&self) -> i32 {
        i32::try_from(self.0.sms_size.segments).unwrap_or(i32::MAX)
    }

    /// What the law asks for and nobody entered; while there is anything, the letter is not issued.
    async fn missing(&self) -> Vec<MissingStatement> {
        self.0.missing.iter().map(|missing| MissingStatement { field: missing.field, message: missing.message }).collect()
    }

    /// What a text that is not saved yet says and a law forbids in this letter: `templateSave` refuses it. Looked for by
    /// words (`RulePack.forbiddenWords`).
    async fn forbidden(&self) -> Vec<ForbiddenStatement> {
        let told = |unsaid: &template::Unsaid| ForbiddenStatement { field: unsaid.field.clone(), message: unsaid.message.clone() };
        self.0.forbidden.iter().map(told).collect()
    }

    /// The page as PDF, in base 64, drawn when it is asked for.
    #[graphql(complexity = "PAGE_COST")]
    async fn pdf(&self, ctx: &Context<'_>) -> async_graphql::Result<String> {
        let pdf = template::draw(access::env(ctx)?, self.0.facts.clone()).await.map_err(query_error)?;
        Ok(STANDARD.encode(pdf.bytes))
    }
}

/// The language of a locale; refused when letters are not written in it.
///
/// # Errors
///
/// `BAD_USER_INPUT`.
pub fn language(locale: &Locale) -> async_graphql::Result<Language> {
    letter::Language::of_locale(&locale.0).ok_or_else(|| bad_input(&Language::unknown().message))
}

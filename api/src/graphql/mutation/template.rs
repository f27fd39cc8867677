//! A tenant's own texts of letters.

use async_graphql::{Context, ID, InputObject, Object, Result};
use domain::{
    Refusal,
    letter::{
        Language,
        template::{self, NewTemplate, Wanted},
    },
};
use entity::{CaseId, TemplateId};

use super::payload::{TemplatePayload, TemplateTestPayload, answer, answer_with};
use crate::graphql::{
    access::{env, viewer},
    id,
    kind::LetterKind,
    loader::{self, Row},
    scalars::{CountryCode, EmailAddress, Locale},
    template::LetterTextInput,
};

/// A tenant's own text for a kind of letter.
#[derive(InputObject)]
pub struct TemplateInput {
    /// The letters that it is for; stays as it is when a text is revised.
    pub kind: LetterKind,
    /// Their language: `en`, `de` or `nb`; stays as it is when a text is revised.
    pub language: Locale,
    /// The country of the debtors that it is for; any when left out. Stays as it is when a text is revised.
    pub country: Option<CountryCode>,
    /// The text.
    pub text: LetterTextInput,
    /// Refuse when the newest revision is another one.
    pub expected_revision: Option<i32>,
}

fn language(locale: &Locale, field: &str) -> Result<Language, Refusal> {
    Language::of_locale(&locale.0).ok_or_else(|| Language::unknown().at(field))
}

impl TemplateInput {
    fn template(self) -> Result<NewTemplate, Refusal> {
        Ok(NewTemplate {
            kind: self.kind.into(),
            language: language(&self.language, "language")?,
            country: self.country.map(|country| country.0),
            text: self.text.into(),
            expected_revision: self.expected_revision,
        })
    }
}

/// A tenant's own texts of letters.
#[derive(Default)]
pub struct TemplateMutations;

#[Object]
impl TemplateMutations {
    /// Makes a text of the tenant's own for a kind of letter, or adds a revision to one. Letters that are issued from now
    /// on get it; issued ones keep theirs. A refusal names the field and, where there is one, the character. For owners.
    async fn template_save(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The text to revise; a new one when left out.")] id: Option<ID>,
        #[graphql(desc = "What it is for, and the text.")] input: TemplateInput,
    ) -> Result<TemplatePayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let saved = async {
            let id = id.as_ref().map(|id| id::named::<TemplateId>(id, "id")).transpose()?;
            template::save(env, &viewer, id, &input.template()?).await
        };
        answer_with(saved.await, |id| async move {
            let template = loader::one(ctx, Row(viewer.tenant, id)).await?;
            Ok(TemplatePayload { template: template.map(Into::into), user_errors: Vec::new() })
        })
        .await
    }

    /// Goes back to the product's own text for letters that are issued from now on; issued ones keep theirs. For owners.
    async fn template_archive(&self, ctx: &Context<'_>, #[graphql(desc = "Which text.")] id: ID) -> Result<TemplatePayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let archived = async {
            let id = id::named::<TemplateId>(&id, "id")?;
            template::archive(env, &viewer, id).await.map(|()| id)
        };
        answer_with(archived.await, |id| async move {
            let template = loader::one(ctx, Row(viewer.tenant, id)).await?;
            Ok(TemplatePayload { template: template.map(Into::into), user_errors: Vec::new() })
        })
        .await
    }

    /// Sends a letter to the signed-in person's own e-mail address, marked as a test. No debtor is written to, and no
    /// case knows of it. At most twenty an hour, then `RATE_LIMITED`. For owners.
    #[allow(clippy::too_many_arguments, reason = "the arguments of the field")]
    async fn template_test_send(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which kind of letter.")] kind: LetterKind,
        #[graphql(desc = "In which language; the debtor's, or the tenant's, when left out.")] language: Option<Locale>,
        #[graphql(desc = "With whose figures; invented ones when left out.")] case_id: Option<ID>,
        #[graphql(desc = "The debtor's country where no case tells; the tenant's when left out.")] country: Option<CountryCode>,
        #[graphql(desc = "A text that is not saved yet; the text in use when left out.")] text: Option<LetterTextInput>,
    ) -> Result<TemplateTestPayload> {
        let (env, viewer) = (env(ctx)?, viewer(ctx)?);
        let sent = async {
            let wanted = Wanted {
                kind: kind.into(),
                language: language.as_ref().map(|locale| self::language(locale, "language")).transpose()?,
                country: country.map(|country| country.0),
                case: case_id.as_ref().map(|case| id::named::<CaseId>(case, "caseId")).transpose()?,
                text: text.map(Into::into),
            };
            template::test_send(env, &viewer, &wanted).await
        };
        answer(sent.await, |sent| TemplateTestPayload { recipient: Some(EmailAddress(sent.recipient)), user_errors: Vec::new() })
    }
}

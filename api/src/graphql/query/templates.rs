//! Questions about the texts of letters.

use async_graphql::{Context, ID, Object};
use domain::letter::template::{self, Wanted};
use entity::{CaseId, Scoped, TemplateId, letter_template};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::graphql::{
    access,
    connection::{db, list_cost},
    error::{database_error, query_error},
    id,
    kind::LetterKind,
    loader::{self, Row},
    scalars::{CountryCode, Locale},
    template::{LetterTemplate, LetterText, LetterTextInput, LetterTextPreview, TextPlaceholders, language},
};

/// What composing a letter costs.
const PREVIEW_COST: usize = 20;

/// Questions about the texts of letters.
#[derive(Default)]
pub struct Templates;

/// Questions about the texts of letters.
#[Object]
impl Templates {
    /// The tenant's own texts, newest first; there are at most 500.
    #[graphql(complexity = "10 + list_cost(child_complexity)")]
    async fn letter_templates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For this kind of letter.")] kind: Option<LetterKind>,
        #[graphql(desc = "In this language.")] language: Option<Locale>,
        #[graphql(desc = "Archived ones too.", default)] archived: bool,
    ) -> async_graphql::Result<Vec<LetterTemplate>> {
        use letter_template::Column;
        let mut select = letter_template::Entity::of(access::viewer(ctx)?.tenant);
        if let Some(kind) = kind {
            select = select.filter(Column::Kind.eq(entity::LetterKind::from(kind)));
        }
        if let Some(wanted) = &language {
            select = select.filter(Column::Language.eq(self::language(wanted)?.as_str()));
        }
        if !archived {
            select = select.filter(Column::Archived.eq(false));
        }
        let rows = select.order_by_desc(Column::Id).limit(template::MAX_TEMPLATES).all(db(ctx)?).await.map_err(database_error)?;
        Ok(rows.into_iter().map(LetterTemplate).collect())
    }

    /// One of the tenant's own texts; null when there is no such one.
    async fn letter_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: ID,
    ) -> async_graphql::Result<Option<LetterTemplate>> {
        let tenant = access::viewer(ctx)?.tenant;
        Ok(loader::one(ctx, Row(tenant, id::queried::<TemplateId>(&id, "id")?)).await?.map(LetterTemplate))
    }

    /// The product's own text for a kind of letter: what goes out while the tenant has none, and a place to start from.
    async fn shipped_letter_text(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which letters.")] kind: LetterKind,
        #[graphql(desc = "In which language.")] language: Locale,
        #[graphql(desc = "The debtors' country; some have texts of their own.")] country: Option<CountryCode>,
    ) -> async_graphql::Result<LetterText> {
        access::viewer(ctx)?;
        let country = country.map(|country| country.0).unwrap_or_default();
        let text = template::shipped(kind.into(), self::language(&language)?, &country).map_err(query_error)?;
        Ok(text.into())
    }

    /// The placeholders that the texts of a kind of letter may use.
    async fn letter_placeholders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which letters.")] kind: LetterKind,
    ) -> async_graphql::Result<TextPlaceholders> {
        access::viewer(ctx)?;
        Ok(TextPlaceholders::of(kind.into()))
    }

    /// What a letter would say if it were issued now: with a case's real figures, or with invented ones. Nothing is kept
    /// and nothing leaves.
    #[graphql(complexity = "PREVIEW_COST + child_complexity")]
    #[allow(clippy::too_many_arguments, reason = "the arguments of the field")]
    async fn letter_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which kind of letter.")] kind: LetterKind,
        #[graphql(desc = "In which language; the debtor's, or the tenant's, when left out.")] language: Option<Locale>,
        #[graphql(desc = "With whose figures; invented ones when left out.")] case_id: Option<ID>,
        #[graphql(desc = "The debtor's country where no case tells; the tenant's when left out.")] country: Option<CountryCode>,
        #[graphql(desc = "A text that is not saved yet; the text in use when left out.")] text: Option<LetterTextInput>,
    ) -> async_graphql::Result<LetterTextPreview> {
        let wanted = Wanted {
            kind: kind.into(),
            language: language.as_ref().map(self::language).transpose()?,
            country: country.map(|country| country.0),
            case: case_id.as_ref().map(|case| id::queried::<CaseId>(case, "caseId")).transpose()?,
            text: text.map(Into::into),
        };
        let shown = template::preview(access::env(ctx)?, &access::viewer(ctx)?, &wanted).await.map_err(query_error)?;
        Ok(LetterTextPreview(shown))
    }
}

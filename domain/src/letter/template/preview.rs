//! Seeing a text before a letter leaves: with a case's real figures, or with invented ones.

use entity::{CaseId, LetterKind, Scoped, collection_case, tenant};
use sea_orm::{ColumnTrait, QueryFilter};

use super::{
    NewTemplate, OwnText, OwnWording, Unsaid, check, choose, sample,
    unsaid::{For, unsaid},
};
use crate::{
    actor::{Action, Viewer},
    calendar,
    delivery::{SmsSize, measure},
    env::Env,
    error::{Error, Refusal, RefusalCode, Result},
    letter::{ComposeError, Language, LetterDocument, LetterFacts, MailText, Missing, compose, country, life, mail, required_missing, sms},
    port::Pdf,
};

/// What is to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The kind of letter.
    pub kind: LetterKind,
    /// Its language; none for the debtor's, or the tenant's.
    pub language: Option<Language>,
    /// The debtor's country where no case tells; none for the tenant's.
    pub country: Option<String>,
    /// Whose figures; invented ones when none.
    pub case: Option<CaseId>,
    /// A text that is not saved yet; the text in use when none.
    pub text: Option<OwnText>,
}

/// A letter as it would be issued now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The figures.
    pub facts: LetterFacts,
    /// The page's words.
    pub document: LetterDocument,
    /// The e-mail.
    pub mail: MailText,
    /// The short message.
    pub sms: String,
    /// How long that is.
    pub sms_size: SmsSize,
    /// What the law asks for and the letter cannot state: it would not be issued.
    pub missing: Vec<Missing>,
    /// What a text that is not saved yet says and a law forbids: it would not be saved.
    pub forbidden: Vec<Unsaid>,
    /// The figures are invented.
    pub sample: bool,
}

/// The letter that would be issued now. Nothing is written and nothing leaves.
///
/// # Errors
///
/// A refusal: an unknown case, a text that breaks a rule, a case whose figures make no such letter.
pub async fn preview(env: &Env, viewer: &Viewer, wanted: &Wanted) -> Result<Preview> {
    viewer.require(Action::Read)?;
    wanted.country.as_deref().map_or(Ok(()), |code| country::check_code(code, "country"))?;
    let tenant = crate::tenant::find(&env.db, viewer.tenant).await?;
    let mut facts = match wanted.case {
        Some(case) => of_case(env, viewer, case, wanted).await?,
        None => of_sample(env, &tenant, wanted)?,
    };
    let Some(text) = &wanted.text else {
        facts.wording = choose(&env.db, viewer.tenant, &facts).await?;
        return Ok(shown(facts, wanted.case.is_none())?);
    };
    let text = check::checked_text(text, wanted.kind, wanted.country.as_deref())?;
    let forbidden = unsaid(&text, letters(&facts, wanted));
    facts.wording = Some(OwnWording { template: None, revision: 0, text });
    Ok(Preview { forbidden, ..shown(facts, wanted.case.is_none())? })
}

/// Which letters a text that is not saved yet is for: those of the case; else those of the country, or of any.
fn letters<'a>(facts: &'a LetterFacts, wanted: &'a Wanted) -> For<'a> {
    let of_case = wanted.case.map(|_| facts.debtor.country.as_str());
    For {
        kind: facts.kind,
        language: facts.language,
        creditor: &facts.creditor.country,
        debtors: of_case.or(wanted.country.as_deref()),
        day: facts.dated_on,
    }
}

/// The page of a preview, drawn on a thread of its own.
///
/// # Errors
///
/// `GLYPH_MISSING` or `INVALID` when it cannot be drawn.
pub async fn draw(env: &Env, facts: LetterFacts) -> Result<Pdf> {
    life::draw(env, facts).await
}

async fn of_case(env: &Env, viewer: &Viewer, id: CaseId, wanted: &Wanted) -> Result<LetterFacts> {
    let select = collection_case::Entity::of(viewer.tenant).filter(collection_case::Column::Id.eq(id));
    let case = select.one(&env.db).await?.ok_or_else(|| Error::from(Refusal::not_found("case").at("caseId")))?;
    let mut facts = life::would_state(env, &case, wanted.kind).await?;
    facts.language = wanted.language.unwrap_or(facts.language);
    Ok(facts)
}

fn of_sample(env: &Env, tenant: &tenant::Model, wanted: &Wanted) -> Result<LetterFacts> {
    let language = wanted.language.or_else(|| Language::of_locale(&tenant.language)).unwrap_or(Language::En);
    let today = calendar::local_date(calendar::zone(&tenant.time_zone)?, env.now());
    sample::facts(tenant, wanted.kind, language, wanted.country.as_deref().unwrap_or(&tenant.country), today)
}

fn shown(facts: LetterFacts, sample: bool) -> Result<Preview, Refusal> {
    let document = compose(&facts).map_err(refusal)?;
    let message = sms(&facts).map_err(refusal)?;
    Ok(Preview {
        mail: mail(&document),
        sms_size: measure(&message),
        sms: message,
        missing: required_missing(&facts),
        forbidden: Vec::new(),
        document,
        facts,
        sample,
    })
}

#[expect(clippy::needless_pass_by_value, reason = "an error is turned into another")]
fn refusal(error: ComposeError) -> Refusal {
    let refusal = Refusal::new(RefusalCode::Invalid, error.to_string());
    if matches!(error, ComposeError::OutstandingMismatch(_) | ComposeError::PaidMismatch) { refusal.at("caseId") } else { refusal }
}

/// Refuses a text that no letter could be made of.
pub(super) fn composes(tenant: &tenant::Model, new: &NewTemplate) -> Result<()> {
    let day = chrono::NaiveDate::from_ymd_opt(2026, 1, 31).ok_or_else(|| Error::Bug("a day".into()))?;
    let country = new.country.as_deref().unwrap_or(&tenant.country);
    let mut facts = sample::facts(tenant, new.kind, new.language, country, day)?;
    facts.wording = Some(OwnWording { template: None, revision: 0, text: new.text.clone() });
    shown(facts, true)?;
    Ok(())
}

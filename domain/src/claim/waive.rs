//! Giving up what is open beside the invoices: by a person, or by the tenant's rule when the invoices are paid. What was
//! paid of it stays paid. What a rule gave up revives when the payment that led to it goes away.

use chrono::NaiveDate;
use entity::{CaseId, CaseStatus, ChargeId, ChargeKind, Scoped, charge, collection_case};
use sea_orm::{ActiveModelTrait, ColumnTrait, IntoActiveModel, QueryFilter};

use super::{charge::bare, known::Known, lines::State, reckon::Books};
use crate::{
    actor::{Action, Viewer},
    calendar, case,
    change::Change,
    env::Env,
    error::{Refusal, RefusalCode, Result},
    event::{Happened, kind},
};

/// What a person gives up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waived {
    /// All that is open, interest through today included.
    All,
    /// All of a kind.
    Kind(ChargeKind),
    /// These fees and fixed sums.
    Charges(Vec<ChargeId>),
}

/// Most charges that one call names.
const MAX_NAMED: usize = 100;

/// What a person's waiver is marked with.
const BY_PERSON: &str = "PERSON";

/// Gives up charges of a case. When its invoices are settled and nothing else is open, it closes.
///
/// # Errors
///
/// A refusal: unknown case or charge, no reason, nothing of it open, a case that is over.
pub async fn waive(env: &Env, viewer: &Viewer, id: CaseId, waived: &Waived, reason: &str) -> Result<collection_case::Model> {
    viewer.require(Action::WorkCases)?;
    let note = case::check_note(reason)?;
    if note.is_empty() {
        return Err(Refusal::new(RefusalCode::Required, "say why").at("reason").into());
    }
    let mut change = Change::begin(env, viewer.tenant, viewer.actor()).await?;
    let mut row = case::lock(&change, id).await?;
    if matches!(row.status, CaseStatus::Proposed | CaseStatus::Declined | CaseStatus::Closed) {
        return Err(Refusal::new(RefusalCode::IllegalTransition, "charges are given up while a case is worked").at("caseId").into());
    }
    let nothing = || Refusal::new(RefusalCode::IllegalTransition, "nothing of it is open");
    let books = Books::read(&change.tx, &row).await?.ok_or_else(nothing)?;
    let today = calendar::local_date(calendar::zone(&books.tenant.time_zone)?, change.now);
    let parts = parts(&books.known, &books.facts(&row).claim(today, None)?, waived)?;
    let mark = Mark { because: BY_PERSON, note: Some(note), on: today };
    if !give_up(&mut change, &row, &books, &parts, &mark).await? {
        return Err(nothing().into());
    }
    case::settle_charges(&mut change, &mut row).await?;
    change.commit().await?;
    Ok(row)
}

/// What is open and to be given up.
struct Parts {
    charges: Vec<ChargeId>,
    interest_minor: i64,
    total_minor: i64,
}

fn parts(known: &Known, claim: &State, waived: &Waived) -> Result<Parts, Refusal> {
    let open: Vec<(&charge::Model, i64)> = claim
        .open_charges
        .iter()
        .filter(|(_, open)| *open > 0)
        .filter_map(|(id, open)| Some((known.charges.iter().find(|row| row.id == *id)?, *open)))
        .collect();
    let (chosen, interest_minor): (Vec<_>, i64) = match waived {
        // Principal that money was taken from for interest and costs is open beside the books too.
        Waived::All => (open, claim.open.interest_minor + claim.open.principal_minor - claim.books_minor),
        Waived::Kind(ChargeKind::Interest) => (Vec::new(), claim.open.interest_minor),
        Waived::Kind(kind) => (open.into_iter().filter(|(row, _)| row.kind == *kind).collect(), 0),
        Waived::Charges(ids) if ids.len() > MAX_NAMED => {
            return Err(Refusal::new(RefusalCode::LimitExceeded, format!("at most {MAX_NAMED} charges in one call")).at("chargeIds"));
        }
        Waived::Charges(ids) => {
            if ids.iter().any(|id| !open.iter().any(|(row, _)| row.id == *id)) {
                return Err(Refusal::not_found("open charge").at("chargeIds"));
            }
            (open.into_iter().filter(|(row, _)| ids.contains(&row.id)).collect(), 0)
        }
    };
    let total_minor = chosen.iter().fold(interest_minor, |sum, (_, open)| sum.saturating_add(*open));
    Ok(Parts { charges: chosen.iter().map(|(row, _)| row.id).collect(), interest_minor, total_minor })
}

/// Why something is given up.
struct Mark {
    because: &'static str,
    note: Option<String>,
    on: NaiveDate,
}

/// Gives up everything that is open beside the invoices of a locked case, by rule; the case is saved by the caller.
///
/// # Errors
///
/// When the database refuses.
pub(crate) async fn give_up_all(
    change: &mut Change<'_>,
    case: &mut collection_case::Model,
    books: &Books,
    because: &'static str,
) -> Result<()> {
    let on = calendar::local_date(calendar::zone(&books.tenant.time_zone)?, change.now);
    let parts = parts(&books.known, &books.facts(case).claim(on, None)?, &Waived::All)?;
    give_up(change, case, books, &parts, &Mark { because, note: None, on }).await?;
    case.charges_minor = 0;
    Ok(())
}

/// Marks the rows; says whether anything was open.
async fn give_up(change: &mut Change<'_>, case: &collection_case::Model, books: &Books, parts: &Parts, mark: &Mark) -> Result<bool> {
    if parts.total_minor <= 0 {
        return Ok(false);
    }
    for row in books.known.charges.iter().filter(|row| parts.charges.contains(&row.id)) {
        let mut row = row.clone();
        write(&mut row, change, mark);
        row.into_active_model().reset_all().update(&change.tx).await?;
    }
    if parts.interest_minor > 0 {
        let row = charge::Model { amount_minor: parts.interest_minor, ..interest_row(change, case, mark) };
        row.into_active_model().reset_all().insert(&change.tx).await?;
    }
    let happened = Happened::new(kind::CHARGES_WAIVED).case(case).with("amountMinor", parts.total_minor).with("because", mark.because);
    change.record(happened.with("note", mark.note.clone()));
    Ok(true)
}

fn write(row: &mut charge::Model, change: &Change<'_>, mark: &Mark) {
    row.waived_on = Some(mark.on);
    row.waived_at = Some(change.now);
    row.waived_by = change.actor.user();
    row.waived_because = Some(mark.because.to_owned());
    row.waiver_note.clone_from(&mark.note);
    row.updated_at = change.now;
}

fn interest_row(change: &Change<'_>, case: &collection_case::Model, mark: &Mark) -> charge::Model {
    let id: ChargeId = change.env.new_id();
    let mut row = charge::Model { key: format!("interest:{}", id.0.simple()), ..bare(change, case, id, ChargeKind::Interest) };
    write(&mut row, change, mark);
    row
}

/// The payment went away that had led a rule to give something up: it is owed again.
///
/// # Errors
///
/// When the database refuses.
pub(crate) async fn revive(change: &mut Change<'_>, case: &collection_case::Model) -> Result<()> {
    let select = charge::Entity::of(change.tenant).filter(charge::Column::CaseId.eq(case.id));
    let by_rule = charge::Column::WaivedBecause.ne(BY_PERSON);
    let rows = select.filter(charge::Column::WaivedAt.is_not_null()).filter(by_rule).all(&change.tx).await?;
    if rows.is_empty() {
        return Ok(());
    }
    change.record(Happened::new(kind::CHARGES_REVIVED).case(case));
    for mut row in rows {
        (row.waived_on, row.waived_at, row.waived_by, row.waived_because) = (None, None, None, None);
        row.updated_at = change.now;
        row.into_active_model().reset_all().update(&change.tx).await?;
    }
    Ok(())
}

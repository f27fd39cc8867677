//! Giving up what is owed beside the invoices: by a person, or by the tenant's rule when the invoices are paid. What is
//! given up counts as never charged; what a rule gave up revives when the payment that led to it goes away.

use chrono::NaiveDate;
use entity::{CaseId, CaseStatus, ChargeId, ChargeKind, Scoped, charge, collection_case};
use sea_orm::{ActiveModelTrait, ColumnTrait, IntoActiveModel, QueryFilter};

use super::{known::Known, reckon::Books};
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
    let mut books = Books::read(&change.tx, &row).await?.ok_or_else(nothing)?;
    let today = calendar::local_date(calendar::zone(&books.tenant.time_zone)?, change.now);
    let ids = named(&books.known, waived)?;
    let interest = matches!(waived, Waived::All | Waived::Kind(ChargeKind::Interest));
    let mark = Mark { because: BY_PERSON, note: Some(note), on: today };
    if give_up(&mut change, &row, &mut books, &ids, interest, &mark).await? == 0 {
        return Err(nothing().into());
    }
    case::settle_charges(&mut change, &mut row).await?;
    change.commit().await?;
    Ok(row)
}

fn named(known: &Known, waived: &Waived) -> Result<Vec<ChargeId>> {
    let live = |row: &&charge::Model| row.kind != ChargeKind::Interest && row.charged_on.is_some() && row.waived_at.is_none();
    let all = || known.charges.iter().filter(live);
    Ok(match waived {
        Waived::All => all().map(|row| row.id).collect(),
        Waived::Kind(kind) => all().filter(|row| row.kind == *kind).map(|row| row.id).collect(),
        Waived::Charges(ids) if ids.len() > MAX_NAMED => {
            return Err(Refusal::new(RefusalCode::LimitExceeded, format!("at most {MAX_NAMED} charges in one call"))
                .at("chargeIds")
                .into());
        }
        Waived::Charges(ids) => {
            let unknown = ids.iter().any(|id| !all().any(|row| row.id == *id));
            if unknown {
                return Err(Refusal::not_found("open charge").at("chargeIds").into());
            }
            ids.clone()
        }
    })
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
    books: &mut Books,
    because: &'static str,
) -> Result<()> {
    let on = calendar::local_date(calendar::zone(&books.tenant.time_zone)?, change.now);
    let ids = named(&books.known, &Waived::All)?;
    give_up(change, case, books, &ids, true, &Mark { because, note: None, on }).await?;
    case.charges_minor = 0;
    Ok(())
}

/// Marks the rows, and answers by how much less is open.
async fn give_up(
    change: &mut Change<'_>,
    case: &collection_case::Model,
    books: &mut Books,
    ids: &[ChargeId],
    interest: bool,
    mark: &Mark,
) -> Result<i64> {
    let before = books.facts(case).claim(mark.on, None)?.charges_minor;
    for row in books.known.charges.iter_mut().filter(|row| ids.contains(&row.id)) {
        write(row, change, mark);
    }
    let rows: Vec<charge::Model> = books.known.charges.iter().filter(|row| ids.contains(&row.id)).cloned().collect();
    let without = books.facts(case).claim(mark.on, None)?.charges_minor;
    let mut of_interest = None;
    if interest {
        let row = interest_row(change, case, mark);
        books.known.charges.push(row.clone());
        let left = books.facts(case).claim(mark.on, None)?.charges_minor;
        if left < without {
            of_interest = Some(charge::Model { amount_minor: without - left, ..row });
        } else {
            books.known.charges.pop();
        }
    }
    let after = of_interest.as_ref().map_or(without, |row| without - row.amount_minor);
    if after == before {
        return Ok(0);
    }
    for row in rows {
        row.into_active_model().reset_all().update(&change.tx).await?;
    }
    if let Some(row) = of_interest {
        row.into_active_model().reset_all().insert(&change.tx).await?;
    }
    let happened = Happened::new(kind::CHARGES_WAIVED).case(case).with("amountMinor", before - after).with("because", mark.because);
    change.record(happened.with("note", mark.note.clone()));
    Ok(before - after)
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
    let mut row = charge::Model {
        tenant_id: change.tenant,
        id,
        case_id: case.id,
        key: format!("interest:{}", id.0.simple()),
        kind: ChargeKind::Interest,
        invoice_id: None,
        letter_id: None,
        step: None,
        amount_minor: 0,
        currency: case.currency.clone(),
        charged_on: None,
        rule_revision: String::new(),
        calculation: serde_json::json!({}),
        waived_on: None,
        waived_at: None,
        waived_by: None,
        waived_because: None,
        waiver_note: None,
        created_at: change.now,
        updated_at: change.now,
    };
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

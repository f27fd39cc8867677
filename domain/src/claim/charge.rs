//! What letters add to a claim: a step's fee and the country's fixed sums. They are proposed while their letter is
//! issued, stated in it apart from the principal, and owed from the day on which it left: a letter that never leaves
//! charges nothing.

use chrono::NaiveDate;
use entity::{
    ChargeId, ChargeKind, DebtorKind, InvoiceId, InvoiceStatus, LetterId, PaymentKind, Scoped, charge, collection_case, invoice, letter,
    tenant,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};

use super::known::{Facts, Known};
use crate::{
    calendar,
    change::Change,
    error::Result,
    event::{Happened, kind},
    law::{self, FeeLimit, FixedSumDue, Pack, Per},
    payment::counts,
    policy::Price,
};

/// A letter that is being issued, as far as charges are concerned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Occasion<'a> {
    /// Which.
    pub(crate) letter: LetterId,
    /// Its step.
    pub(crate) step: i32,
    /// What the step costs, per currency.
    pub(crate) fee: &'a [Price],
    /// The day that it bears.
    pub(crate) dated_on: NaiveDate,
    /// Days that it gives for paying.
    pub(crate) gives_days: u32,
}

/// A charge that a letter proposes.
struct Proposal {
    key: String,
    kind: ChargeKind,
    invoice: Option<InvoiceId>,
    amount_minor: i64,
    calculation: Value,
}

/// Why something that the tenant wants to charge is left out.
type LeftOut = (&'static str, &'static str);

/// Writes what a letter charges once it leaves, in place of what an earlier one that never left proposed; answers what
/// is known with it. What the law does not allow is left out, and an event says why.
///
/// # Errors
///
/// When the database refuses.
pub(crate) async fn propose(change: &mut Change<'_>, facts: &Facts<'_>, occasion: &Occasion<'_>) -> Result<Known> {
    let mut known = facts.known.clone();
    if known.charges.iter().any(is_proposal) {
        let stale = charge::Entity::delete_of(change.tenant).filter(charge::Column::CaseId.eq(facts.case.id));
        let stale = stale.filter(charge::Column::ChargedOn.is_null()).filter(charge::Column::Kind.ne(ChargeKind::Interest));
        stale.exec(&change.tx).await?;
        known.charges.retain(|row| !is_proposal(row));
    }
    let (proposals, left_out) = decide(&Ground::of(&Facts { known: &known, ..*facts }), occasion);
    for (what, because) in left_out {
        let happened = Happened::new(kind::CHARGE_LEFT_OUT).case(facts.case).subject(occasion.letter.0);
        change.record(happened.with("what", what).with("because", because));
    }
    let revision = facts.terms().revision();
    for proposal in proposals {
        let row = row(change, facts.case, occasion, proposal, &revision);
        row.clone().into_active_model().reset_all().insert(&change.tx).await?;
        known.charges.push(row);
    }
    if let Some(gap) = facts.claim(occasion.dated_on, None)?.missing.first() {
        let happened = Happened::new(kind::RATE_MISSING).case(facts.case).subject(occasion.letter.0);
        change.record(happened.with("country", facts.tenant.country.clone()).with("day", gap.first.to_string()));
    }
    Ok(known)
}

fn is_proposal(row: &charge::Model) -> bool {
    row.kind != ChargeKind::Interest && row.charged_on.is_none()
}

fn row(
    change: &Change<'_>,
    case: &collection_case::Model,
    occasion: &Occasion<'_>,
    proposal: Proposal,
    rule_revision: &str,
) -> charge::Model {
    charge::Model {
        key: proposal.key,
        invoice_id: proposal.invoice,
        letter_id: Some(occasion.letter),
        step: Some(occasion.step),
        amount_minor: proposal.amount_minor,
        rule_revision: rule_revision.to_owned(),
        calculation: proposal.calculation,
        ..bare(change, case, change.env.new_id(), proposal.kind)
    }
}

/// A charge of nothing, by no rule and under no key yet.
pub(super) fn bare(change: &Change<'_>, case: &collection_case::Model, id: ChargeId, kind: ChargeKind) -> charge::Model {
    charge::Model {
        tenant_id: change.tenant,
        id,
        case_id: case.id,
        key: String::new(),
        kind,
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
    }
}

/// What the charges of a letter are decided from.
struct Ground<'a> {
    /// The rules of the creditor's country.
    pack: Option<&'static Pack>,
    debtor: DebtorKind,
    currency: &'a str,
    course: i32,
    open: Vec<OpenInvoice>,
    known: &'a Known,
}

/// An invoice that is open.
struct OpenInvoice {
    id: InvoiceId,
    due_on: NaiveDate,
    /// What of it was open when it became late.
    late_minor: i64,
}

impl<'a> Ground<'a> {
    fn of(facts: &Facts<'a>) -> Self {
        let open = facts.invoices.iter().filter(|invoice| invoice.status == InvoiceStatus::Open);
        Self {
            pack: law::pack(&facts.tenant.country),
            debtor: facts.debtor_kind(),
            currency: &facts.case.currency,
            course: facts.case.course,
            open: open.map(|row| OpenInvoice { id: row.id, due_on: row.due_on, late_minor: late(facts, row) }).collect(),
            known: facts.known,
        }
    }
}

/// What of an invoice was open when it became late: without credit notes, without what came in time, without what only
/// the books know to be settled.
fn late(facts: &Facts<'_>, invoice: &invoice::Model) -> i64 {
    let of_invoice = || facts.payments.iter().filter(|p| p.invoice_id == invoice.id && counts(p));
    let known: i64 = of_invoice().fold(0_i64, |sum, p| sum.saturating_add(p.amount_minor));
    let in_time = of_invoice().filter(|p| p.kind == PaymentKind::CreditNote || p.received_on <= invoice.due_on);
    let in_time = in_time.fold(0_i64, |sum, p| sum.saturating_add(p.amount_minor));
    let unexplained = invoice.total_minor.saturating_sub(known).saturating_sub(invoice.outstanding_minor).max(0);
    invoice.total_minor.saturating_sub(in_time).saturating_sub(unexplained)
}

/// What a letter charges, and what it leaves out: pure.
fn decide(ground: &Ground<'_>, occasion: &Occasion<'_>) -> (Vec<Proposal>, Vec<LeftOut>) {
    let (mut proposals, mut left_out) = (Vec::new(), Vec::new());
    if ground.known.settings.fixed_sum {
        fixed_sums(ground, occasion, &mut proposals, &mut left_out);
    }
    let price = occasion.fee.iter().find(|price| price.currency == ground.currency && price.minor > 0);
    if let Some(price) = price.filter(|_| ground.known.settings.fees) {
        match fee(ground, occasion, price.minor, &proposals) {
            Ok(proposal) => proposals.push(proposal),
            Err(because) => left_out.push(("FEE", because)),
        }
    }
    (proposals, left_out)
}

/// The fixed sums of invoices that are open and late in the law's sense, each once.
fn fixed_sums(ground: &Ground<'_>, occasion: &Occasion<'_>, proposals: &mut Vec<Proposal>, left_out: &mut Vec<LeftOut>) {
    let Some(pack) = ground.pack else { return };
    for invoice in &ground.open {
        let since = law::interest_starts(pack, ground.debtor, invoice.due_on, ground.known.first_demand_on);
        let Some(since) = since.filter(|since| *since <= occasion.dated_on) else { continue };
        match law::fixed_sum(pack, ground.debtor, ground.currency, invoice.late_minor, since) {
            Ok(Some(due)) => proposals.extend(fixed_sum(ground.known, invoice.id, since, &due, proposals)),
            Ok(None) => {}
            Err(_) => left_out.push(("FIXED_SUM", "NOT_ON_FILE")),
        }
    }
    left_out.dedup();
}

fn fixed_sum(known: &Known, invoice: InvoiceId, since: NaiveDate, due: &FixedSumDue, earlier: &[Proposal]) -> Option<Proposal> {
    let (key, of) = match due.per {
        Per::Invoice => (format!("fixed:{}", invoice.0.simple()), Some(invoice)),
        Per::Case => ("fixed:case".to_owned(), None),
    };
    if known.charges.iter().any(|row| row.key == key) || earlier.iter().any(|proposal| proposal.key == key) {
        return None;
    }
    // Fees that were charged already count against it, each once.
    let fees = charged(known, ChargeKind::Fee) - set_off(known, ChargeKind::FixedSum);
    let fees = earlier.iter().fold(fees, |left, proposal| left - set_off_in(&proposal.calculation));
    let set_off_minor = if due.set_off_against_costs { fees.clamp(0, due.minor) } else { 0 };
    let amount_minor = due.minor - set_off_minor;
    let calculation = json!({ "since": since, "sumMinor": due.minor, "setOffMinor": set_off_minor, "source": due.source });
    (amount_minor > 0).then_some(Proposal { key, kind: ChargeKind::FixedSum, invoice: of, amount_minor, calculation })
}

/// A step's fee, when it is allowed on the letter's day.
fn fee(ground: &Ground<'_>, occasion: &Occasion<'_>, price_minor: i64, fixed: &[Proposal]) -> Result<Proposal, &'static str> {
    let key = format!("fee:{}:{}", ground.course, occasion.step);
    if ground.known.charges.iter().any(|row| row.key == key) {
        return Err("CHARGED_ALREADY");
    }
    // Every open invoice must be old enough: the youngest decides.
    let due_on = ground.open.iter().map(|invoice| invoice.due_on).max().ok_or("NOTHING_OPEN")?;
    if let Some(pack) = ground.pack {
        let limit = law::fee_limit(pack, ground.debtor, ground.currency, due_on, occasion.dated_on);
        match limit.map_err(|_| "NOT_ON_FILE")? {
            FeeLimit::Nothing => return Err("NOT_ALLOWED"),
            FeeLimit::AtMost { minor, .. } if price_minor > minor => return Err("ABOVE_THE_LIMIT"),
            FeeLimit::AtMost { max_count, .. } if count(ground.known) >= max_count => return Err("TOO_MANY"),
            FeeLimit::AtMost { min_deadline_days, .. } if occasion.gives_days < min_deadline_days => return Err("DEADLINE_TOO_SHORT"),
            FeeLimit::NoLimit | FeeLimit::AtMost { .. } => {}
        }
    }
    let left_to_set_off = fixed_to_set_off(ground, fixed) - set_off(ground.known, ChargeKind::Fee);
    let set_off = left_to_set_off.clamp(0, price_minor);
    if set_off == price_minor {
        return Err("COVERED_BY_THE_FIXED_SUM");
    }
    let calculation = json!({ "feeMinor": price_minor, "setOffMinor": set_off });
    Ok(Proposal { key, kind: ChargeKind::Fee, invoice: None, amount_minor: price_minor - set_off, calculation })
}

/// Fixed sums that count against fees (BGB § 288 (5) sentence 3).
fn fixed_to_set_off(ground: &Ground<'_>, proposed: &[Proposal]) -> i64 {
    let rules = ground.pack.map(|pack| pack.fixed_sum.as_slice()).unwrap_or_default();
    if !rules.iter().any(|rule| rule.set_off_against_costs && rule.debtors.contains(&ground.debtor)) {
        return 0;
    }
    let proposed = proposed.iter().fold(0_i64, |sum, proposal| sum.saturating_add(proposal.amount_minor));
    charged(ground.known, ChargeKind::FixedSum).saturating_add(proposed)
}

/// How much of the charges of a kind was set off when they were charged.
fn set_off(known: &Known, of: ChargeKind) -> i64 {
    let rows = known.charges.iter().filter(|row| row.kind == of && row.waived_at.is_none());
    rows.fold(0_i64, |sum, row| sum.saturating_add(set_off_in(&row.calculation)))
}

fn set_off_in(calculation: &Value) -> i64 {
    calculation["setOffMinor"].as_i64().unwrap_or(0)
}

fn charged(known: &Known, of: ChargeKind) -> i64 {
    let rows = known.charges.iter().filter(|row| row.kind == of && row.charged_on.is_some() && row.waived_at.is_none());
    rows.fold(0_i64, |sum, row| sum.saturating_add(row.amount_minor))
}

/// Letters that carried a fee, also one that was given up later.
fn count(known: &Known) -> u32 {
    let fees = known.charges.iter().filter(|row| row.kind == ChargeKind::Fee && row.charged_on.is_some());
    u32::try_from(fees.count()).unwrap_or(u32::MAX)
}

/// The fee that a letter adds.
pub(crate) fn fee_of(known: &Known, letter: LetterId) -> i64 {
    let fees = known.charges.iter().filter(|row| row.kind == ChargeKind::Fee && row.letter_id == Some(letter));
    fees.fold(0_i64, |sum, row| sum.saturating_add(row.amount_minor))
}

/// A letter left: what it charges is owed from today. The case is saved by the caller.
///
/// # Errors
///
/// When the database refuses.
pub(crate) async fn letter_left(
    change: &mut Change<'_>,
    tenant: &tenant::Model,
    case: &mut collection_case::Model,
    letter: &letter::Model,
) -> Result<()> {
    if !super::in_use(tenant) {
        return Ok(());
    }
    let select = charge::Entity::of(change.tenant).filter(charge::Column::LetterId.eq(letter.id));
    let rows = select.filter(charge::Column::ChargedOn.is_null()).all(&change.tx).await?;
    let today = calendar::local_date(calendar::zone(&tenant.time_zone)?, change.now);
    for mut row in rows {
        row.charged_on = Some(today);
        row.updated_at = change.now;
        let happened = Happened::new(kind::CHARGE_ADDED).case(case).subject(row.id.0).with("kind", serde_json::to_value(row.kind)?);
        change.record(happened.with("amountMinor", row.amount_minor).with("step", row.step));
        row.into_active_model().reset_all().update(&change.tx).await?;
    }
    // Thanks leave when a case is over: nothing is owed beside it any more, whatever the books said of it since.
    if case.closed_at.is_none() {
        super::reckon(change, case).await?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "charge_tests.rs"]
mod tests;

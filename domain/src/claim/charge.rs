//! What letters add to a claim: a step's fee and the country's fixed sums. They are proposed while their letter is
//! issued, stated in it apart from the principal, and owed from the day on which it left: a letter that never leaves
//! charges nothing.

use chrono::NaiveDate;
use entity::{ChargeId, ChargeKind, InvoiceId, InvoiceStatus, LetterId, PaymentKind, Scoped, charge, collection_case, invoice, letter};
use sea_orm::{ActiveModelTrait, ColumnTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};

use super::known::{Facts, Known};
use crate::{
    calendar,
    change::Change,
    error::Result,
    event::{Happened, kind},
    law::{self, FeeLimit, FixedSumDue, Per},
    policy::Price,
    tenant,
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
    let (proposals, left_out) = decide(&Facts { known: &known, ..*facts }, occasion);
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
        tenant_id: change.tenant,
        id: change.env.new_id::<ChargeId>(),
        case_id: case.id,
        key: proposal.key,
        kind: proposal.kind,
        invoice_id: proposal.invoice,
        letter_id: Some(occasion.letter),
        step: Some(occasion.step),
        amount_minor: proposal.amount_minor,
        currency: case.currency.clone(),
        charged_on: None,
        rule_revision: rule_revision.to_owned(),
        calculation: proposal.calculation,
        waived_on: None,
        waived_at: None,
        waived_by: None,
        waived_because: None,
        waiver_note: None,
        created_at: change.now,
        updated_at: change.now,
    }
}

/// What a letter charges, and what it leaves out: pure.
fn decide(facts: &Facts<'_>, occasion: &Occasion<'_>) -> (Vec<Proposal>, Vec<LeftOut>) {
    let (mut proposals, mut left_out) = (Vec::new(), Vec::new());
    if facts.known.settings.fixed_sum {
        fixed_sums(facts, occasion, &mut proposals, &mut left_out);
    }
    let price = occasion.fee.iter().find(|price| price.currency == facts.case.currency && price.minor > 0);
    if let Some(price) = price.filter(|_| facts.known.settings.fees) {
        match fee(facts, occasion, price.minor, &proposals) {
            Ok(proposal) => proposals.push(proposal),
            Err(because) => left_out.push(("FEE", because)),
        }
    }
    (proposals, left_out)
}

/// The fixed sums of invoices that are open and late in the law's sense, each once.
fn fixed_sums(facts: &Facts<'_>, occasion: &Occasion<'_>, proposals: &mut Vec<Proposal>, left_out: &mut Vec<LeftOut>) {
    let Some(pack) = law::pack(&facts.tenant.country) else { return };
    for invoice in facts.invoices.iter().filter(|invoice| invoice.status == InvoiceStatus::Open) {
        let since = law::interest_starts(pack, facts.debtor_kind(), invoice.due_on, facts.known.first_demand_on);
        let Some(since) = since.filter(|since| *since <= occasion.dated_on) else { continue };
        match law::fixed_sum(pack, facts.debtor_kind(), &facts.case.currency, late(facts, invoice), since) {
            Ok(Some(due)) => proposals.extend(fixed_sum(facts, invoice, since, &due, proposals)),
            Ok(None) => {}
            Err(_) => left_out.push(("FIXED_SUM", "NOT_ON_FILE")),
        }
    }
    left_out.dedup();
}

/// What of an invoice was open when it became late: without credit notes, without what came in time, without what only
/// the books know to be settled.
fn late(facts: &Facts<'_>, invoice: &invoice::Model) -> i64 {
    let of_invoice = || facts.payments.iter().filter(|p| p.invoice_id == invoice.id && p.reconciled && p.reversed_at.is_none());
    let known: i64 = of_invoice().fold(0_i64, |sum, p| sum.saturating_add(p.amount_minor));
    let in_time = of_invoice().filter(|p| p.kind == PaymentKind::CreditNote || p.received_on <= invoice.due_on);
    let in_time = in_time.fold(0_i64, |sum, p| sum.saturating_add(p.amount_minor));
    let unexplained = invoice.total_minor.saturating_sub(known).saturating_sub(invoice.outstanding_minor).max(0);
    invoice.total_minor.saturating_sub(in_time).saturating_sub(unexplained)
}

fn fixed_sum(facts: &Facts<'_>, invoice: &invoice::Model, since: NaiveDate, due: &FixedSumDue, earlier: &[Proposal]) -> Option<Proposal> {
    let (key, of) = match due.per {
        Per::Invoice => (format!("fixed:{}", invoice.id.0.simple()), Some(invoice.id)),
        Per::Case => ("fixed:case".to_owned(), None),
    };
    if facts.known.charges.iter().any(|row| row.key == key) || earlier.iter().any(|proposal| proposal.key == key) {
        return None;
    }
    // Fees that were charged already count against it.
    let fees: i64 = if due.set_off_against_costs { charged(facts.known, ChargeKind::Fee) } else { 0 };
    let amount_minor = due.minor - fees.clamp(0, due.minor);
    let calculation = json!({ "since": since, "sumMinor": due.minor, "setOffMinor": due.minor - amount_minor, "source": due.source });
    (amount_minor > 0).then_some(Proposal { key, kind: ChargeKind::FixedSum, invoice: of, amount_minor, calculation })
}

/// A step's fee, when it is allowed on the letter's day.
fn fee(facts: &Facts<'_>, occasion: &Occasion<'_>, price_minor: i64, fixed: &[Proposal]) -> Result<Proposal, &'static str> {
    let key = format!("fee:{}:{}", facts.case.course, occasion.step);
    if facts.known.charges.iter().any(|row| row.key == key) {
        return Err("CHARGED_ALREADY");
    }
    let open = facts.invoices.iter().filter(|invoice| invoice.status == InvoiceStatus::Open);
    // Every open invoice must be old enough: the youngest decides.
    let due_on = open.map(|invoice| invoice.due_on).max().ok_or("NOTHING_OPEN")?;
    if let Some(pack) = law::pack(&facts.tenant.country) {
        let limit = law::fee_limit(pack, facts.debtor_kind(), &facts.case.currency, due_on, occasion.dated_on);
        match limit.map_err(|_| "NOT_ON_FILE")? {
            FeeLimit::Nothing => return Err("NOT_ALLOWED"),
            FeeLimit::AtMost { minor, .. } if price_minor > minor => return Err("ABOVE_THE_LIMIT"),
            FeeLimit::AtMost { max_count, .. } if count(facts.known) >= max_count => return Err("TOO_MANY"),
            FeeLimit::AtMost { min_deadline_days, .. } if occasion.gives_days < min_deadline_days => return Err("DEADLINE_TOO_SHORT"),
            FeeLimit::NoLimit | FeeLimit::AtMost { .. } => {}
        }
    }
    let left_to_set_off = fixed_to_set_off(facts, fixed) - set_off_before(facts.known);
    let set_off = left_to_set_off.clamp(0, price_minor);
    if set_off == price_minor {
        return Err("COVERED_BY_THE_FIXED_SUM");
    }
    let calculation = json!({ "feeMinor": price_minor, "setOffMinor": set_off });
    Ok(Proposal { key, kind: ChargeKind::Fee, invoice: None, amount_minor: price_minor - set_off, calculation })
}

/// Fixed sums that count against fees (BGB § 288 (5) sentence 3).
fn fixed_to_set_off(facts: &Facts<'_>, proposed: &[Proposal]) -> i64 {
    let rules = law::pack(&facts.tenant.country).map(|pack| pack.fixed_sum.as_slice()).unwrap_or_default();
    if !rules.iter().any(|rule| rule.set_off_against_costs && rule.debtors.contains(&facts.debtor_kind())) {
        return 0;
    }
    let proposed = proposed.iter().fold(0_i64, |sum, proposal| sum.saturating_add(proposal.amount_minor));
    charged(facts.known, ChargeKind::FixedSum).saturating_add(proposed)
}

/// How much of the fixed sums fees were set off against before.
fn set_off_before(known: &Known) -> i64 {
    let fees = known.charges.iter().filter(|row| row.kind == ChargeKind::Fee && row.waived_at.is_none());
    fees.filter_map(|row| row.calculation["setOffMinor"].as_i64()).fold(0_i64, i64::saturating_add)
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
pub(crate) async fn letter_left(change: &mut Change<'_>, case: &mut collection_case::Model, letter: &letter::Model) -> Result<()> {
    let tenant = tenant::find(&change.tx, change.tenant).await?;
    if !super::in_use(&tenant) {
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
    super::reckon(change, case).await?;
    Ok(())
}

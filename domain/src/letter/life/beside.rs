//! Letters beside the ladder: thanks when a case was paid, an acknowledgement when a part of it was, a statement of
//! account when a person asks for one. No step waits for them and none runs when they leave; like thanks, they are not
//! held by the limits of contact, and are counted by them once they left.

use chrono::{Days, NaiveDate};
use entity::{CaseId, CaseStatus, Channel, LetterStatus, PaymentKind, Scoped, collection_case, letter};
use sea_orm::{ColumnTrait, Condition, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    super::{ClaimLineKind, LetterFacts, LetterKind, NextStep, compose},
    frozen::Occasion,
    group,
    issue::{Plan, draft, put},
};
use crate::{
    actor::{Action, Viewer},
    calendar, case,
    change::Change,
    delivery::{self, Home},
    error::{Refusal, RefusalCode, Result},
    escalation::{
        Gathered,
        gates::{Door, before},
        gather,
    },
    policy,
};

/// The step number of the thank-you letter: behind every ladder.
pub const THANK_YOU_STEP: i32 = 10_000;

/// Deadline printed nowhere: thanks and statements ask for nothing by a day.
const NO_DEADLINE_DAYS: u32 = 0;

/// Fewest days that an acknowledgement gives: written the evening before the longest run of closed days of a week with
/// weekdays to write on ([`delivery::MAX_LETTER_AGE`]), it still leaves before its day.
const FEWEST_DAYS_TO_PAY: u32 = 7;

/// Issues the thank-you letter of a case that was just paid, once in its life. Nobody is thanked who was asked for
/// nothing: no letter left, or only the reminder ahead of the due date.
pub(crate) async fn issue_thank_you(change: &mut Change<'_>, case: &collection_case::Model) -> Result<()> {
    let earlier = letter::Entity::of(change.tenant)
        .filter(letter::Column::CaseId.eq(case.id))
        .filter(letter::Column::Step.eq(THANK_YOU_STEP))
        .filter(letter::Column::Status.ne(LetterStatus::Cancelled));
    let gathered = gather(change, case).await?;
    if !gathered.ladder.thank_you || gathered.none_left() || earlier.count(&change.tx).await? > 0 {
        return Ok(());
    }
    let channels = quick(&gathered.reachable);
    if channels.is_empty() {
        return Ok(());
    }
    let of = Beside { kind: LetterKind::ThankYou, number: THANK_YOU_STEP, pay_within_days: NO_DEADLINE_DAYS, channels };
    let letter = of.draft(change, case, &gathered).await?;
    put(change, case, &gathered, letter, true).await
}

/// Acknowledges money that came for an active case and left something open, where its policy says so: what was received
/// altogether and what is open, by a day that takes nothing from the time that the debtor has already. Called under the
/// case's lock whenever what is open changed, after the letters that state the old sum were cancelled, an earlier
/// acknowledgement among them: so several payments that become known before one leaves are acknowledged by one, and
/// a payment that goes away meanwhile takes its acknowledgement with it.
///
/// Nothing is acknowledged to a debtor who was asked for nothing, on a case that is on hold or no longer follows its
/// ladder, and where a gate would find the words untrue. No payment is acknowledged twice: one that a letter told of
/// already, or whose acknowledgement the creditor did not want, is none of the news.
///
/// It is a courtesy, an answer to what just happened, and no step: a hold – a dispute above all – or another policy
/// withdraws one that waits like every letter, and the end of the hold issues none. Days later it would come beside the
/// letter that is due then, which tells of all money itself; so does an acknowledgement of what comes next.
///
/// # Errors
///
/// When the database refuses.
pub(crate) async fn acknowledge(change: &mut Change<'_>, case: &collection_case::Model) -> Result<()> {
    if case.status != CaseStatus::Active {
        return Ok(());
    }
    let ladder = policy::ladder_of(&change.tx, change.tenant, case.policy_id, case.policy_revision).await?;
    if !ladder.part_payment_letter {
        return Ok(());
    }
    let gathered = gather(change, case).await?;
    if gathered.none_left() {
        return Ok(());
    }
    let channels = quick(&gathered.reachable);
    let facts = gathered.facts(case, change.now);
    let untrue = before(Door::Acknowledge).any(|gate| gate.name.makes_untrue() && gate.closed(&facts, change.now).is_some());
    if channels.is_empty() || untrue {
        return Ok(());
    }
    let told = told(change, case).await?;
    let today = calendar::local_date(gathered.tenant_zone, change.now);
    let delay = u32::try_from(gathered.tenant.part_payment_delay_days).unwrap_or(0);
    let pay_within_days = left_to_pay(&told, today)?.max(delay).max(FEWEST_DAYS_TO_PAY);
    let number = next_number(change, case.id).await?;
    let of = Beside { kind: LetterKind::PartPayment, number, pay_within_days, channels };
    let letter = of.draft(change, case, &gathered).await?;
    if letter.outstanding_minor > 0 && received_more(&gathered, &letter, told.first())? {
        put(change, case, &gathered, letter, true).await?;
    }
    Ok(())
}

/// Writes a letter beside the ladder anew that grew too old to leave while contact was closed, with the figures and the
/// date of today: an acknowledgement as far as it still is news, a statement as it was asked for. One that could have left
/// on a day between – the switch was off, the channel or we were down – is late for another reason and ends.
///
/// # Errors
///
/// When the database refuses.
pub(crate) async fn write_anew(change: &mut Change<'_>, case: &collection_case::Model, old: &letter::Model) -> Result<()> {
    if !matches!(old.kind, LetterKind::PartPayment | LetterKind::Statement) {
        return Ok(());
    }
    let gathered = gather(change, case).await?;
    let dated: LetterFacts = serde_json::from_value(old.facts.clone())?;
    let today = calendar::local_date(gathered.zone, change.now);
    let opened = gathered.openings.opening_from(dated.dated_on + Days::new(1));
    if opened.is_some_and(|opened| calendar::local_date(gathered.zone, opened) < today) {
        return Ok(());
    }
    if old.kind == LetterKind::PartPayment {
        return acknowledge(change, case).await;
    }
    let channels = serde_json::from_value(old.channels.clone())?;
    let number = next_number(change, case.id).await?;
    let of = Beside { kind: LetterKind::Statement, number, pay_within_days: NO_DEADLINE_DAYS, channels };
    let letter = of.draft(change, case, &gathered).await?;
    put(change, case, &gathered, letter, true).await
}

/// Sends a statement of account of a case inside a change that the caller commits: every invoice, what was paid and
/// credited on them, what is owed beside them, and the sum. It is no step, and asking for it is the yes to it. By e-mail
/// or on paper; the first of them by which the debtor can be reached when `by` says nothing.
///
/// # Errors
///
/// A refusal: unknown case, one that is a proposal, over or with the agency, the master switch off, a statement that is
/// under way already, `CONTACT_SUPPRESSED` or `DEBTOR_INCOMPLETE` when there is no way, figures that cannot be written.
pub async fn send_statement_in(change: &mut Change<'_>, viewer: &Viewer, id: CaseId, by: Option<Channel>) -> Result<letter::Model> {
    viewer.require(Action::WorkCases)?;
    let case = case::lock(change, id).await?;
    if let Some(message) = no_statement(case.status) {
        return Err(Refusal::new(RefusalCode::IllegalTransition, message).at("id").into());
    }
    if statement_under_way(change, id).await? {
        let message = "a statement of this case is on its way already";
        return Err(Refusal::new(RefusalCode::IllegalTransition, message).at("id").into());
    }
    let gathered = gather(change, &case).await?;
    if !gathered.tenant.automatic_actions {
        let message = "nothing is sent while automatic actions are off";
        return Err(Refusal::new(RefusalCode::AutomaticActionsOff, message).into());
    }
    let channels = vec![way(&gathered, by)?];
    let number = next_number(change, id).await?;
    let of = Beside { kind: LetterKind::Statement, number, pay_within_days: NO_DEADLINE_DAYS, channels };
    let letter = of.draft(change, &case, &gathered).await?;
    let facts: LetterFacts = serde_json::from_value(letter.facts.clone())?;
    compose(&facts).map_err(|error| Refusal::new(RefusalCode::Invalid, error.to_string()).at("id"))?;
    put(change, &case, &gathered, letter.clone(), true).await?;
    Ok(letter)
}

/// A letter that is no step's.
struct Beside {
    kind: LetterKind,
    number: i32,
    pay_within_days: u32,
    channels: Vec<Channel>,
}

impl Beside {
    /// Not written yet. Nothing comes after it: it announces nothing.
    async fn draft(self, change: &mut Change<'_>, case: &collection_case::Model, gathered: &Gathered) -> Result<letter::Model> {
        let occasion = Occasion {
            kind: self.kind,
            // It stands where the last letter does, or the first one would have.
            step_number: u32::try_from(case.next_step).unwrap_or(0).max(1),
            next_step: NextStep::Nothing,
            dated_on: calendar::local_date(gathered.tenant_zone, change.now),
            pay_within_days: self.pay_within_days,
            first: false,
        };
        let asked_for = self.kind == LetterKind::Statement;
        let plan = Plan {
            number: self.number,
            channels: self.channels,
            fallback: Vec::new(),
            message_only: false,
            consent: !asked_for && gathered.ladder.asks_consent_beside(gathered.tenant.consent_mode),
        };
        draft(change, case, gathered, &occasion, plan).await
    }
}

/// By every quick way, on paper only where there is none.
fn quick(reachable: &[Channel]) -> Vec<Channel> {
    let quick: Vec<Channel> = [Channel::Email, Channel::Sms].into_iter().filter(|channel| reachable.contains(channel)).collect();
    if quick.is_empty() && reachable.contains(&Channel::Post) { vec![Channel::Post] } else { quick }
}

/// The number of a case's next letter beside the ladder: each has its own, behind that of the thanks.
async fn next_number(change: &Change<'_>, case: CaseId) -> Result<i32> {
    let select = letter::Entity::of(change.tenant).select_only().column(letter::Column::Step);
    let select = select.filter(letter::Column::CaseId.eq(case)).order_by_desc(letter::Column::Step);
    let last: Option<i32> = select.limit(1).into_tuple().one(&change.tx).await?;
    Ok(last.unwrap_or(0).max(THANK_YOU_STEP) + 1)
}

/// The letters by which the debtor was told what was paid, newest first: those that left or may have, and
/// acknowledgements that the creditor did not want.
async fn told(change: &Change<'_>, case: &collection_case::Model) -> Result<Vec<letter::Model>> {
    let left = letter::Column::Status.is_in([LetterStatus::Sending, LetterStatus::Sent]);
    let unwanted = Condition::all().add(letter::Column::Kind.eq(LetterKind::PartPayment)).add(letter::Column::ConsentGranted.eq(false));
    let select = letter::Entity::of(change.tenant).filter(letter::Column::CaseId.eq(case.id));
    let select = select.filter(Condition::any().add(left).add(unwanted));
    Ok(select.order_by_desc(letter::Column::CreatedAt).order_by_desc(letter::Column::Id).all(&change.tx).await?)
}

/// Days that the last letter which asked for money by a day still gives.
fn left_to_pay(told: &[letter::Model], today: NaiveDate) -> Result<u32> {
    let Some(last) = told.iter().find(|letter| letter.kind.demands_payment()) else { return Ok(0) };
    let facts: LetterFacts = serde_json::from_value(last.facts.clone())?;
    Ok(u32::try_from((facts.pay_by - today).num_days()).unwrap_or(0))
}

/// Whether a letter would tell of money that the last one did not: one that came to be known since, or a larger sum.
fn received_more(gathered: &Gathered, letter: &letter::Model, last: Option<&letter::Model>) -> Result<bool> {
    let received = own_paid(letter)?;
    let Some(last) = last else { return Ok(received > 0) };
    let since = gathered.payments.iter().any(|p| p.kind == PaymentKind::Payment && p.reconciled && p.created_at > last.created_at);
    Ok(received > 0 && (since || received > own_paid(last)?))
}

/// What a letter says was received for its own case, in minor units.
fn own_paid(letter: &letter::Model) -> Result<i64> {
    let facts: LetterFacts = serde_json::from_value(letter.facts.clone())?;
    let own = group::members(letter)?.first().map_or(facts.lines.len(), |member| member.lines);
    let payments = facts.lines.iter().take(own).filter(|line| line.kind == ClaimLineKind::Payment);
    Ok(-payments.map(|line| line.amount_minor).sum::<i64>())
}

/// Why no statement of such a case is sent; none when one is.
const fn no_statement(status: CaseStatus) -> Option<&'static str> {
    match status {
        CaseStatus::Active | CaseStatus::OnHold | CaseStatus::AwaitingHandover => None,
        CaseStatus::Proposed => Some("approve the case first: the debtor was told of nothing yet"),
        CaseStatus::HandedOver => Some("the agency speaks for this case now"),
        CaseStatus::Declined | CaseStatus::Closed => Some("the case is over: nothing is open on it"),
    }
}

async fn statement_under_way(change: &Change<'_>, case: CaseId) -> Result<bool> {
    let select = letter::Entity::of(change.tenant).filter(letter::Column::CaseId.eq(case));
    let select = select.filter(letter::Column::Kind.eq(LetterKind::Statement));
    let select = select.filter(letter::Column::Status.is_in([LetterStatus::Scheduled, LetterStatus::Sending]));
    Ok(select.count(&change.tx).await? > 0)
}

/// The way of a statement. A table fits into no short message.
fn way(gathered: &Gathered, by: Option<Channel>) -> Result<Channel> {
    let ways = match by {
        Some(Channel::Sms) => {
            let message = "a statement goes by e-mail or on paper: it does not fit into a short message";
            return Err(Refusal::new(RefusalCode::ChannelUnavailable, message).at("channel").into());
        }
        Some(channel) => vec![channel],
        None => vec![Channel::Email, Channel::Post],
    };
    if let Some(channel) = ways.iter().find(|channel| gathered.reachable.contains(channel)) {
        return Ok(*channel);
    }
    let home = Home::of(&gathered.tenant)?;
    let mut known = ways.into_iter().filter_map(|channel| Some((channel, delivery::contact(channel, &gathered.debtor, &home)?)));
    Err(if known.any(|(channel, address)| gathered.unusable.of(channel, &address).is_some()) {
        let message = "the debtor's address must not be used any more: correct it, or lift the suppression";
        Refusal::new(RefusalCode::ContactSuppressed, message)
    } else {
        Refusal::new(RefusalCode::DebtorIncomplete, "the debtor has no usable address for this")
    }
    .at("channel")
    .into())
}

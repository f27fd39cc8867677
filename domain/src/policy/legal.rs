//! What the countries' rule packs add to the check of a ladder: notices and fees. Asked when a policy is saved; the same
//! rules stand again when a step is due ([`crate::escalation`]) and when a fee is charged, because packs change and cases
//! move.

use chrono::NaiveDate;
use entity::{DebtorKind, StepAction};

use super::{Ladder, Price, Step, Warning};
use crate::{
    error::{Refusal, RefusalCode},
    law::{self, FeeLimit, Notice, Pack},
    money,
};

/// Under which rules a ladder is to run.
#[derive(Debug, Clone)]
pub(super) struct Under<'a> {
    /// The countries (ISO 3166-1 alpha-2) whose rules hold: the creditor's, and the one that the policy is made for.
    pub countries: Vec<&'a str>,
    /// The debtors that the policy is made for; none for any.
    pub debtor_kind: Option<DebtorKind>,
    /// The tenant's day.
    pub today: NaiveDate,
}

/// Checks a ladder that is sound in itself against the rule packs.
///
/// # Errors
///
/// `NOTICE_PERIOD`, `FEE_NOT_ALLOWED`, `CHANNEL_UNAVAILABLE`, or `INVALID` for a letter that announces what is not meant, naming the step and the rule with its source.
pub(super) fn check(ladder: &Ladder, under: &Under<'_>) -> Result<Vec<Warning>, Refusal> {
    let mut warnings = Vec::new();
    for country in &under.countries {
        let Some(pack) = law::pack(country) else {
            let message = format!("no rules of {country} are on file: nobody checks hours, notices and fees for you");
            warnings.push(Warning::at("country", message));
            continue;
        };
        if let Some(rule) = pack.notice_on(under.today) {
            notices(ladder, pack, rule, &mut warnings)?;
        }
        announcements(ladder, pack, under.today)?;
        fees(ladder, pack, under, &mut warnings)?;
    }
    Ok(warnings)
}

fn refuse(code: RefusalCode, index: usize, field: &str, message: String) -> Refusal {
    Refusal::new(code, message).at(&format!("steps.{index}.{field}"))
}

/// The rule and where it stands, for the end of a message.
fn ground(pack: &Pack, rule: &law::Ground) -> String {
    format!("({}, {})", pack.revision, rule.source.first().map_or("a rule of this product", String::as_str))
}

fn notices(ladder: &Ladder, pack: &Pack, rule: &Notice, warnings: &mut Vec<Warning>) -> Result<(), Refusal> {
    let is_notice = |step: &Step| step.speaks() && step.kind == rule.letter;
    for (index, step) in ladder.steps.iter().enumerate().filter(|(_, step)| is_notice(step)) {
        notice(ladder, pack, rule, index, step)?;
    }
    if ladder.ends_with_handover() && !ladder.steps.iter().any(is_notice) {
        let message = format!("no {} comes before the hand-over, and the agency may need one {}", rule.heading, ground(pack, &rule.ground));
        warnings.push(Warning::at("steps", message));
    }
    Ok(())
}

/// A notice that the law asks for: a letter, not by SMS alone, with its days, and nothing before they are over.
fn notice(ladder: &Ladder, pack: &Pack, rule: &Notice, index: usize, step: &Step) -> Result<(), Refusal> {
    let (days, heading, why) = (rule.min_days, &rule.heading, ground(pack, &rule.ground));
    if step.action != StepAction::SendLetter {
        return Err(refuse(RefusalCode::ChannelUnavailable, index, "action", format!("{heading} is a letter, not a message {why}")));
    }
    // A fallback goes out alone; a channel goes out alone when the debtor cannot be reached by the others.
    let alone = step.fallback.iter().find(|channel| !rule.sufficient_channels.contains(channel));
    if alone.is_some() || !step.channels.iter().any(|channel| rule.sufficient_channels.contains(channel)) {
        let field = if alone.is_some() { "fallback" } else { "channels" };
        return Err(refuse(RefusalCode::ChannelUnavailable, index, field, format!("{heading} does not go out by SMS alone {why}")));
    }
    if step.pay_within_days < days {
        let message = format!("{heading} gives at least {days} days {why}");
        return Err(refuse(RefusalCode::NoticePeriod, index, "payWithinDays", message));
    }
    let next = ladder.steps.get(index + 1);
    if next.is_some_and(|next| next.wait_days < days) {
        let message = format!("it waits at least the {days} days that {heading} gives {why}");
        return Err(refuse(RefusalCode::NoticePeriod, index + 1, "waitDays", message));
    }
    if next.is_none() && ladder.handover_after_days.is_some_and(|wait| wait <= days) {
        let message = format!("the hand-over comes after the {days} days that {heading} gives {why}");
        return Err(Refusal::new(RefusalCode::NoticePeriod, message).at("handoverAfterDays"));
    }
    Ok(())
}

/// A letter that announces the hand-over by its kind needs a hand-over that is offered.
fn announcements(ladder: &Ladder, pack: &Pack, today: NaiveDate) -> Result<(), Refusal> {
    if ladder.ends_with_handover() {
        return Ok(());
    }
    for rule in pack.announcement.iter().filter(|rule| rule.ground.holds_on(today)) {
        if let Some(index) = ladder.steps.iter().position(|step| step.speaks() && step.kind == rule.letter) {
            let message = format!("it announces collection, and the policy never offers the hand-over {}", ground(pack, &rule.ground));
            return Err(refuse(RefusalCode::Invalid, index, "kind", message));
        }
    }
    Ok(())
}

fn fees(ladder: &Ladder, pack: &Pack, under: &Under<'_>, warnings: &mut Vec<Warning>) -> Result<(), Refusal> {
    let mut with_fee = 0_u32;
    for (index, step) in ladder.steps.iter().enumerate().filter(|(_, step)| !step.fee.is_empty()) {
        with_fee += 1;
        for price in &step.fee {
            fee(pack, under, (index, step, price), with_fee, warnings)?;
        }
    }
    Ok(())
}

/// One price of a step. It is refused when no debtor whom the policy is made for may be charged it.
fn fee(
    pack: &Pack,
    under: &Under<'_>,
    (index, step, price): (usize, &Step, &Price),
    with_fee: u32,
    warnings: &mut Vec<Warning>,
) -> Result<(), Refusal> {
    let rule = pack.fee.iter().find(|rule| rule.ground.holds_on(under.today));
    let why = rule.map_or_else(|| format!("({})", pack.revision), |rule| ground(pack, &rule.ground));
    let not_allowed = |field: &str, message: String| Err(refuse(RefusalCode::FeeNotAllowed, index, field, message));
    let kinds = under.debtor_kind.map_or_else(|| vec![DebtorKind::Consumer, DebtorKind::Business], |kind| vec![kind]);
    let mut forbidden = 0;
    for kind in &kinds {
        // How old the claim must be is asked when the step runs: here it is old enough.
        match law::fee_limit(pack, *kind, &price.currency, NaiveDate::MIN, under.today) {
            Err(missing) => return not_allowed("fee", format!("{missing}: it cannot be charged {why}")),
            Ok(FeeLimit::Nothing) => forbidden += 1,
            Ok(FeeLimit::NoLimit) => {}
            Ok(FeeLimit::AtMost { minor, max_count, min_deadline_days }) => {
                if price.minor > minor {
                    let most = money::to_decimal(minor, &price.currency);
                    return not_allowed("fee", format!("a letter may cost at most {most} {} {why}", price.currency));
                }
                if with_fee > max_count {
                    return not_allowed("fee", format!("at most {max_count} letters of a case may carry a fee {why}"));
                }
                if step.pay_within_days < min_deadline_days {
                    return not_allowed("payWithinDays", format!("a letter with a fee gives at least {min_deadline_days} days {why}"));
                }
            }
        }
    }
    if forbidden == kinds.len() {
        return not_allowed("fee", format!("no fee may be charged in {} {why}", price.currency));
    }
    let at = format!("steps.{index}.fee");
    if forbidden > 0 {
        warnings.push(Warning::at(&at, format!("some debtors may not be charged it: their letters go out without {why}")));
    }
    if rule.is_none() && !warnings.iter().any(|warning| warning.field == Warning::at(&at, "").field) {
        let message = format!("no limit of {} is on file: charge it only where your terms say so", pack.country);
        warnings.push(Warning::at(&at, message));
    }
    Ok(())
}

#[cfg(test)]
#[path = "legal_tests.rs"]
mod tests;

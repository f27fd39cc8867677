//! The list itself.

use chrono::{DateTime, Days, Months, Utc};
use entity::{CaseStatus, Channel, LetterKind};
use serde_json::{Value, json};

use super::{
    super::{Facts, channels, due::ahead_of},
    Door, Gate, GateName, Opens, Verdict,
};
use crate::{
    RefusalCode, calendar,
    online_page::{GRACE, Question},
    policy::Step,
};

/// Before whatever the ladder does.
const STEPS: &[Door] = &[Door::Letter, Door::Task, Door::Call, Door::Exhaust, Door::Pass];
/// Before whatever asks the debtor for money, and nothing that only ends the ladder.
const ASKS: &[Door] = &[Door::Letter, Door::Task, Door::Call, Door::Leave, Door::Acknowledge, Door::HandOver];
/// Before whatever states what is open, too.
const STATES: &[Door] = &[Door::Letter, Door::Task, Door::Call, Door::Leave, Door::Acknowledge, Door::Inform, Door::HandOver];
/// Before the ladder goes on in any way.
const COLLECTS: &[Door] = &[Door::Letter, Door::Task, Door::Call, Door::Exhaust, Door::Leave, Door::HandOver];
/// Before a letter is issued only.
const LETTER: &[Door] = &[Door::Letter];
/// Before a letter is issued, before it leaves, and before a call is asked for.
const CONTACTS: &[Door] = &[Door::Letter, Door::Call, Door::Leave];

/// All gates, in order.
pub static LIST: &[Gate] = &[
    Gate {
        name: GateName::Standing,
        doors: STEPS,
        check: |f, _| closed(f.status != CaseStatus::Active, None, Opens::ByChange),
        used: |f, _| json!({ "status": word(f.status) }),
    },
    Gate {
        name: GateName::AutomaticActions,
        doors: &[
            Door::Letter,
            Door::Task,
            Door::Call,
            Door::Exhaust,
            Door::Pass,
            Door::Leave,
            Door::Thank,
            Door::Acknowledge,
            Door::Inform,
            Door::HandOver,
        ],
        check: |f, _| closed(!f.automatic_actions, Some(RefusalCode::AutomaticActionsOff), Opens::ByChange),
        used: |f, _| json!({ "automaticActions": f.automatic_actions }),
    },
    Gate {
        name: GateName::Outstanding,
        doors: STEPS,
        check: |f, _| closed(f.outstanding_minor <= 0, Some(RefusalCode::InvoicePaid), Opens::ByChange),
        used: |f, _| json!({ "owed": f.outstanding_minor > 0 }),
    },
    Gate {
        name: GateName::NothingUnderWay,
        doors: STEPS,
        check: |f, _| closed(f.letter_under_way || f.task_open, None, Opens::ByChange),
        used: |f, _| json!({ "letterUnderWay": f.letter_under_way, "taskOpen": f.task_open }),
    },
    Gate {
        name: GateName::Promise,
        doors: STEPS,
        check: promise,
        used: |f, _| json!({ "dueAt": f.next_action_at, "letterFailed": f.letter_failed }),
    },
    Gate {
        name: GateName::Exemption,
        doors: ASKS,
        check: |f, _| closed(f.exempt, Some(RefusalCode::DebtorExempt), Opens::Unknown),
        used: |f, _| json!({ "exempt": f.exempt }),
    },
    Gate {
        name: GateName::Dispute,
        doors: ASKS,
        check: |f, _| closed(f.disputed, Some(RefusalCode::InvoiceDisputed), Opens::Unknown),
        used: |f, _| json!({ "disputed": f.disputed }),
    },
    Gate {
        name: GateName::DueDate,
        doors: ASKS,
        check: due_date,
        used: |f, _| json!({ "everyInvoiceOverdue": !f.not_due, "ahead": f.ahead, "firstDueOn": f.first_due_on, "today": f.today }),
    },
    Gate {
        name: GateName::PendingPayment,
        doors: ASKS,
        check: |f, _| closed(f.payment_pending, Some(RefusalCode::PaymentPending), Opens::Unknown),
        used: |f, _| json!({ "paymentPending": f.payment_pending }),
    },
    Gate {
        name: GateName::Limitation,
        doors: &[Door::Letter, Door::Task, Door::Call, Door::Exhaust, Door::Leave, Door::Acknowledge, Door::HandOver],
        check: |f, _| closed(f.limitation.is_some_and(|last| f.today > last), Some(RefusalCode::TimeBarred), Opens::Unknown),
        used: |f, _| json!({ "lastDay": f.limitation, "today": f.today }),
    },
    Gate { name: GateName::NoticePeriod, doors: COLLECTS, check: notice_period, used: notice_used },
    Gate { name: GateName::NoticeAge, doors: &[Door::HandOver], check: notice_age, used: notice_used },
    Gate {
        name: GateName::BankDetails,
        doors: LETTER,
        check: |f, _| closed(!f.bank_known, Some(RefusalCode::BankDetailsMissing), Opens::Unknown),
        used: |f, _| json!({ "bankKnown": f.bank_known }),
    },
    Gate { name: GateName::Freshness, doors: STATES, check: freshness, used: freshness_used },
    Gate {
        name: GateName::Reachability,
        doors: LETTER,
        check: |f, _| closed(ways(f).is_empty(), Some(RefusalCode::DebtorIncomplete), Opens::Unknown),
        used: |f, _| json!({ "reachable": words(f.reachable), "channels": step(f).map(|s| words(&s.channels)), "fallback": step(f).map(|s| words(&s.fallback)) }),
    },
    Gate {
        name: GateName::NoticeChannel,
        doors: LETTER,
        check: |f, _| closed(no_notice(f), Some(RefusalCode::ChannelUnavailable), Opens::Unknown),
        used: |f, _| json!({ "kind": step(f).map(|s| word(s.kind)), "channels": words(&ways(f)), "sufficient": words(&f.rules.notice_channels) }),
    },
    Gate {
        name: GateName::LegalDetails,
        doors: LETTER,
        check: |f, _| closed(!f.missing.is_empty(), Some(RefusalCode::LegalDetailsMissing), Opens::Unknown),
        used: |f, _| json!({ "missing": f.missing }),
    },
    Gate { name: GateName::ContactLimit, doors: CONTACTS, check: contact_limit, used: contacts_used },
    Gate {
        name: GateName::ContactHours,
        doors: &[Door::Letter, Door::Task, Door::Call, Door::Leave, Door::Thank, Door::Acknowledge, Door::Inform],
        check: contact_hours,
        used: hours_used,
    },
    // The last one: it is asked for when nothing else holds the letter back.
    Gate { name: GateName::OnlinePage, doors: LETTER, check: online_page, used: |f, _| question_used(f.page) },
];

fn closed(closed: bool, code: Option<RefusalCode>, opens: Opens) -> Verdict {
    closed.then_some((code, opens))
}

fn promise(facts: &Facts<'_>, now: DateTime<Utc>) -> Verdict {
    match facts.next_action_at {
        // Until a person mends what its letter failed for.
        None => Some((facts.letter_failed.then_some(RefusalCode::LetterFailed), Opens::ByChange)),
        Some(due) => closed(due > now, None, Opens::At(due)),
    }
}

/// Nothing is demanded before it is overdue. The reminder ahead of the due date keeps its distance to that day instead.
fn due_date(facts: &Facts<'_>, _: DateTime<Utc>) -> Verdict {
    if !facts.ahead {
        return closed(facts.not_due, Some(RefusalCode::NotDue), Opens::Unknown);
    }
    let from = ahead_of(facts.first_due_on?, facts.ladder.before_due()?);
    closed(facts.today < from, Some(RefusalCode::NotDue), Opens::Unknown)
}

/// The step that runs next.
fn step<'a>(facts: &Facts<'a>) -> Option<&'a Step> {
    facts.ladder.steps.get(facts.next_step)
}

/// The channels that the next step's letter would use.
fn ways(facts: &Facts<'_>) -> Vec<Channel> {
    step(facts).map(|step| channels(step, facts.reachable)).unwrap_or_default()
}

fn no_notice(facts: &Facts<'_>) -> bool {
    let notice = step(facts).is_some_and(|step| step.kind == LetterKind::CollectionNotice);
    notice && !facts.rules.notice_by(&ways(facts))
}

/// The debtor has the whole of the notice's last day: collecting goes on on the day after it (inkassoloven § 9: at
/// least fourteen days, counted from sending).
fn notice_period(facts: &Facts<'_>, now: DateTime<Utc>) -> Verdict {
    let (sent_at, days) = (facts.notice_sent_at?, facts.rules.notice_days?);
    let last = calendar::local_date(facts.zone, sent_at).checked_add_days(Days::new(days.into()))?;
    let over = calendar::day_start(facts.zone, last.succ_opt()?);
    closed(now < over, Some(RefusalCode::NoticePeriod), Opens::At(over))
}

fn notice_age(facts: &Facts<'_>, now: DateTime<Utc>) -> Verdict {
    let (sent_at, months) = (facts.notice_sent_at?, facts.rules.notice_months?);
    let last = calendar::local_date(facts.zone, sent_at).checked_add_months(Months::new(months))?;
    closed(calendar::local_date(facts.zone, now) > last, Some(RefusalCode::NoticeOutdated), Opens::Unknown)
}

fn notice_used(facts: &Facts<'_>, _: DateTime<Utc>) -> Value {
    json!({ "noticeSentAt": facts.notice_sent_at, "days": facts.rules.notice_days, "months": facts.rules.notice_months })
}

fn freshness(facts: &Facts<'_>, now: DateTime<Utc>) -> Verdict {
    let opens = if facts.freshness.askable { Opens::Asked } else { Opens::Unknown };
    closed(facts.freshness.stale(now), Some(RefusalCode::FactsStale), opens)
}

fn freshness_used(facts: &Facts<'_>, _: DateTime<Utc>) -> Value {
    let fresh = facts.freshness;
    json!({ "lastSyncedAt": fresh.last_synced_at, "limitHours": fresh.limit.map(|l| l.num_hours()), "unseen": fresh.unseen, "askable": fresh.askable })
}

fn contact_limit(facts: &Facts<'_>, now: DateTime<Utc>) -> Verdict {
    let opens_on = facts.rules.caps.opens_on(&facts.contact_days(now))?;
    let today = calendar::local_date(facts.zone, now);
    if opens_on <= today {
        return None;
    }
    let at = facts.openings.opening_from(opens_on).unwrap_or_else(|| calendar::day_start(facts.zone, opens_on));
    Some((Some(RefusalCode::ContactLimitReached), Opens::At(at)))
}

fn contacts_used(facts: &Facts<'_>, now: DateTime<Utc>) -> Value {
    let caps = facts.rules.caps;
    json!({ "contactedOn": facts.contact_days(now), "gapDays": caps.gap_days, "perWeek": caps.per_week, "perMonth": caps.per_month })
}

fn contact_hours(facts: &Facts<'_>, now: DateTime<Utc>) -> Verdict {
    match facts.openings.next_open(now) {
        Some(open) => closed(open > now, Some(RefusalCode::OutsideContactHours), Opens::At(open)),
        None => Some((Some(RefusalCode::OutsideContactHours), Opens::Unknown)),
    }
}

fn hours_used(facts: &Facts<'_>, now: DateTime<Utc>) -> Value {
    let place = facts.openings.place();
    let today = calendar::local_date(facts.zone, now);
    json!({
        "zone": facts.zone.name(),
        "country": place.country,
        "region": place.region,
        "localTime": now.with_timezone(&facts.zone).naive_local(),
        "holiday": facts.openings.holiday(today),
        "opensAt": facts.openings.next_open(now),
    })
}

/// Never in a letter's way: no answer is waited for beyond the hours of contact.
fn online_page(facts: &Facts<'_>, now: DateTime<Utc>) -> Verdict {
    match facts.page {
        Question::Settled => None,
        Question::Unasked => closed(facts.openings.is_open(now + GRACE), None, Opens::At(now + GRACE)),
        Question::Asked(at) => closed(now < at + GRACE, None, Opens::At(at + GRACE)),
    }
}

fn question_used(question: Question) -> Value {
    let (word, asked_at) = match question {
        Question::Settled => ("SETTLED", None),
        Question::Unasked => ("UNASKED", None),
        Question::Asked(at) => ("ASKED", Some(at)),
    };
    json!({ "question": word, "askedAt": asked_at, "mostMinutes": GRACE.num_minutes() })
}

/// A kind as the API spells it.
fn word(kind: impl serde::Serialize) -> Value {
    match json!(kind) {
        Value::String(word) => Value::String(word.to_uppercase()),
        other => other,
    }
}

fn words(channels: &[Channel]) -> Vec<Value> {
    channels.iter().map(word).collect()
}

//! What must hold whatever happened: asserted at the end of every story. The names I2 to I9 are those of the fault
//! plan; a broken one is reported with the rows that break it.

// The benchmarks include this file from elsewhere.
#[path = "invariants/leaving.rs"]
pub mod leaving;
#[path = "invariants/steps.rs"]
mod steps;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::{
    Clock,
    event::kind,
    letter::{LetterFacts, THANK_YOU_STEP},
    policy::Ladder,
};
use entity::{
    CaseId, CaseStatus, Channel, DeliveryStatus, InvoiceStatus, LetterStatus, Scoped, WorkTaskStatus, collection_case as cases, delivery,
    event, invoice, letter, payment, policy_revision, work_task,
};
use uuid::Uuid;

use crate::world::{Creditor, World};

/// Everything of one tenant, read once.
struct Books {
    cases: Vec<cases::Model>,
    invoices: Vec<invoice::Model>,
    payments: Vec<payment::Model>,
    letters: Vec<letter::Model>,
    tasks: Vec<work_task::Model>,
    deliveries: Vec<delivery::Model>,
    events: Vec<event::Model>,
    ladders: HashMap<(entity::PolicyId, i32), Ladder>,
}

impl Books {
    /// A case's timeline, in short.
    fn tale(&self, case: CaseId) -> String {
        let told = self.events.iter().filter(|e| e.case_id == Some(case));
        let line = |e: &event::Model| format!("{} {} {} {}", e.at, e.kind, e.subject_id.unwrap_or_default(), e.data);
        told.map(line).collect::<Vec<_>>().join("\n")
    }
}

/// Asserts every invariant for these tenants.
pub async fn hold(world: &World, tenants: &[Creditor]) {
    no_effect_is_doubled_or_crosses_tenants(world, tenants).await;
    for tenant in tenants {
        let books = read(world, tenant).await;
        what_leaves_is_true_when_it_leaves(&books);
        letters_were_approved(&books);
        money_adds_up(&books);
        steps::run_in_order_and_not_early(&books, tenant);
        no_promise_is_lost(world, &books, tenant).await;
        the_timeline_tells_every_state(&books);
    }
}

async fn read(world: &World, of: &Creditor) -> Books {
    let rows = policy_revision::Entity::of(of.tenant()).all(&world.env.db).await.unwrap();
    Books {
        cases: world.cases(of).await,
        invoices: world.invoice_rows(of).await,
        payments: world.payment_rows(of).await,
        letters: world.letters(of).await,
        tasks: world.tasks(of).await,
        deliveries: world.deliveries(of).await,
        events: world.events(of).await,
        ladders: rows.into_iter().map(|r| ((r.policy_id, r.revision), serde_json::from_value(r.ladder).unwrap())).collect(),
    }
}

/// A text without what languages write between the digits of a sum.
fn digits(text: &str) -> String {
    text.replace([',', '.', '\u{a0}'], "")
}

/// I2, I8: at most one effect for each case, step and channel; each at the tenant's own debtor.
async fn no_effect_is_doubled_or_crosses_tenants(world: &World, tenants: &[Creditor]) {
    let mut letters = HashMap::new();
    let mut deliveries = HashMap::new();
    for tenant in tenants {
        letters.extend(world.letters(tenant).await.into_iter().map(|l| (l.id, l)));
        deliveries.extend(world.deliveries(tenant).await.into_iter().map(|d| (d.id, d)));
    }
    let mut seen = HashSet::new();
    for effect in world.postbox.effects().into_iter().filter(|e| tenants.iter().any(|t| t.tenant() == e.tenant)) {
        let letter = &letters[&effect.letter];
        let delivery = &deliveries[&effect.delivery];
        // Paper that was not posted yet and is not to be posted any more reached nobody; nor did what came back before its
        // letter counted as sent, and was issued anew by a person.
        let shredded = delivery.channel == Channel::Post && delivery.status == DeliveryStatus::Cancelled;
        let came_back = delivery.status == DeliveryStatus::Bounced && letter.status == LetterStatus::Cancelled;
        let once = shredded || came_back || seen.insert((letter.case_id, letter.course, letter.step, effect.channel));
        assert!(once, "I2: sent twice: {effect:?}");
        let sum = domain::money::to_decimal(letter.outstanding_minor, "NZD");
        assert!(
            letter.step == THANK_YOU_STEP || digits(&effect.text).contains(&digits(&sum)),
            "I6: the text does not say {sum}: {effect:?}"
        );
        assert_eq!((effect.tenant, effect.tenant), (letter.tenant_id, delivery.tenant_id), "I8: {effect:?}");
        assert_eq!((effect.letter, &effect.recipient), (delivery.letter_id, &delivery.recipient), "I8: {effect:?}");
    }
    for delivery in deliveries.values() {
        let at_provider = world.postbox.effects().iter().any(|e| e.delivery == delivery.id);
        let resolved = delivery.provider_id.is_none();
        let left = matches!(delivery.status, DeliveryStatus::Sent | DeliveryStatus::Delivered | DeliveryStatus::Bounced);
        assert!(!left || at_provider || resolved, "I2: sent, but nothing left: {delivery:?}");
    }
}

/// I4: what starts to leave states what is outstanding at that instant, and its case is one that letters leave for. All
/// of a case's changes are made under its lock, so the order of its events is the order in which they became known.
fn what_leaves_is_true_when_it_leaves(books: &Books) {
    let letter_of: HashMap<Uuid, entity::LetterId> = books.deliveries.iter().map(|d| (d.id.0, d.letter_id)).collect();
    let letters: HashMap<entity::LetterId, &letter::Model> = books.letters.iter().map(|l| (l.id, l)).collect();
    let mut known: HashMap<CaseId, Vec<&event::Model>> = HashMap::new();
    for event in &books.events {
        let Some(case) = event.case_id else { continue };
        let before = known.entry(case).or_default();
        before.push(event);
        if event.kind != kind::DELIVERY_STARTED {
            continue;
        }
        let lead = letters[&letter_of[&event.subject_id.unwrap()]];
        // What a letter says it says for each of its cases.
        let followers: Vec<&letter::Model> = books.letters.iter().filter(|l| l.lead_id == Some(lead.id)).collect();
        let charges = |letter: &letter::Model| letter.facts["charges_minor"].as_i64().unwrap_or(0);
        let own = |letter: &letter::Model| letter.outstanding_minor - charges(letter);
        let of_lead = own(lead) - followers.iter().map(|l| own(l)).sum::<i64>();
        for (letter, stated) in std::iter::once((lead, of_lead)).chain(followers.iter().map(|l| (*l, own(l)))) {
            let before = &known[&letter.case_id];
            let status = fold(&before.iter().map(|e| e.kind.as_str()).collect::<Vec<_>>());
            let open = before.iter().rev().find_map(|e| e.data["outstandingMinor"].as_i64().filter(|_| tells_what_is_open(e)));
            if letter.step == THANK_YOU_STEP {
                assert_eq!(status, CaseStatus::Closed, "I4: thanked for an open case: {letter:?}");
            } else {
                // A person may ask for a statement while a case is on hold.
                let asked_for = letter.kind == entity::LetterKind::Statement && status == CaseStatus::OnHold;
                assert!(
                    asked_for || matches!(status, CaseStatus::Active | CaseStatus::AwaitingHandover),
                    "I4: left from a {status:?} case: {letter:?}"
                );
                // What is owed beside the invoices is stated apart.
                assert_eq!(Some(stated), open, "I4: left with another sum than was open: {letter:?}");
            }
        }
    }
}

/// Events that state what a case owes from then on.
fn tells_what_is_open(event: &event::Model) -> bool {
    [kind::CASE_PROPOSED, kind::CLAIM_CHANGED, kind::CASE_REOPENED].contains(&event.kind.as_str())
}

/// I3: every letter belongs to an approved case; one that needed consent and left had it.
fn letters_were_approved(books: &Books) {
    for letter in &books.letters {
        let case = books.cases.iter().find(|c| c.id == letter.case_id).unwrap();
        assert!(case.approved_at.is_some_and(|at| at <= letter.created_at), "I3: {letter:?}");
        let left = matches!(letter.status, LetterStatus::Sent | LetterStatus::Sending);
        assert!(!left || !letter.consent_required || letter.consent_granted == Some(true), "I3: left without consent: {letter:?}");
    }
}

/// I6: invoices, cases and letters agree with what was paid.
fn money_adds_up(books: &Books) {
    for invoice in &books.invoices {
        let counted = books.payments.iter().filter(|p| p.invoice_id == invoice.id && p.reconciled && p.reversed_at.is_none());
        let paid: i64 = counted.map(|p| p.amount_minor).sum();
        let open = (invoice.total_minor - paid).min(invoice.stated_outstanding_minor.unwrap_or(i64::MAX)).max(0);
        let cancelled = matches!(invoice.status, InvoiceStatus::Voided | InvoiceStatus::WrittenOff);
        assert_eq!(invoice.outstanding_minor, if cancelled { 0 } else { open }, "I6: {invoice:?}");
        assert_eq!(invoice.status == InvoiceStatus::Open, invoice.outstanding_minor > 0, "I6: {invoice:?}");
    }
    for case in books.cases.iter().filter(|c| !matches!(c.status, CaseStatus::Declined)) {
        let of_case: Vec<_> = books.invoices.iter().filter(|i| i.case_id == Some(case.id)).collect();
        let open: i64 = of_case.iter().map(|i| i.outstanding_minor).sum();
        let total: i64 = of_case.iter().filter(|i| i.status != InvoiceStatus::Voided).map(|i| i.total_minor).sum();
        assert_eq!((case.outstanding_minor, case.principal_minor), (open, total), "I6: {case:?}");
        assert!(of_case.iter().all(|i| i.currency == case.currency && i.debtor_id == case.debtor_id), "I6: {case:?}");
        assert_eq!(case.status == CaseStatus::Closed, case.closed_at.is_some(), "I6: {case:?}");
        let by_facts = !matches!(case.close_reason, Some(reason) if reason != entity::CloseReason::Paid);
        // Charges alone keep a case open, or are given up with its end: never both.
        let nothing = open == 0 && case.charges_minor == 0;
        assert!(
            !by_facts || nothing == (case.status == CaseStatus::Closed),
            "I6: open and closed at once: {case:?}\n{}",
            books.tale(case.id)
        );
    }
    for letter in &books.letters {
        let facts: LetterFacts = serde_json::from_value(letter.facts.clone()).unwrap();
        let lines: i64 = facts.lines.iter().map(|l| l.amount_minor).sum();
        assert_eq!((lines, facts.outstanding_minor), (letter.outstanding_minor, letter.outstanding_minor), "I6: {letter:?}");
        assert_eq!(letter.step == THANK_YOU_STEP, letter.outstanding_minor == 0, "I6: {letter:?}");
    }
}

/// I7: nothing is due and left lying, and every case that goes on has a promise or a person who must act.
async fn no_promise_is_lost(world: &World, books: &Books, tenant: &Creditor) {
    let row = domain::tenant::find(&world.env.db, tenant.tenant()).await.unwrap();
    let now = world.clock.now();
    for delivery in &books.deliveries {
        let promised = delivery.next_attempt_at.is_some();
        assert_eq!(delivery.status == DeliveryStatus::Scheduled, promised, "I7: {delivery:?}");
        assert_ne!(delivery.status, DeliveryStatus::Sending, "I7: {delivery:?}");
        let due = delivery.next_attempt_at.is_some_and(|at| at <= now);
        assert!(!due || !row.automatic_actions, "I7: due and not tried: {delivery:?}");
    }
    for case in &books.cases {
        let open = [LetterStatus::AwaitingConsent, LetterStatus::Scheduled, LetterStatus::Sending, LetterStatus::Failed];
        let asked = books.tasks.iter().any(|t| t.case_id == case.id && t.status == WorkTaskStatus::Open);
        let under_way = asked || books.letters.iter().any(|l| l.case_id == case.id && l.kind.is_step() && open.contains(&l.status));
        let ladder = &books.ladders[&(case.policy_id, case.policy_revision)];
        let rests = usize::try_from(case.next_step).unwrap() >= ladder.steps.len() && !ladder.ends_with_handover();
        match case.status {
            CaseStatus::Active => {
                assert!(case.next_action_at.is_some() || under_way || rests, "I7: an active case without a promise: {case:?}");
                let due = case.next_action_at.is_some_and(|at| at <= now);
                assert!(!due || !row.automatic_actions, "I7: due and not looked at: {case:?}");
            }
            CaseStatus::OnHold => assert!(case.next_action_at.is_some_and(|at| at > now), "I7: {case:?}"),
            _ => assert_eq!(case.next_action_at, None, "I7: {case:?}"),
        }
    }
    for letter in books.letters.iter().filter(|l| l.lead_id.is_some()) {
        let lead = books.letters.iter().find(|l| Some(l.id) == letter.lead_id).unwrap();
        assert_eq!((letter.status, letter.sent_at), (lead.status, lead.sent_at), "I7: a letter does not follow its lead: {letter:?}");
        assert!(books.deliveries.iter().all(|d| d.letter_id != letter.id), "I2: a letter left beside its lead: {letter:?}");
    }
    for letter in books.letters.iter().filter(|l| l.status == LetterStatus::Scheduled) {
        let bearer = letter.lead_id.unwrap_or(letter.id);
        let alive = |d: &&delivery::Model| d.letter_id == bearer && d.status == DeliveryStatus::Scheduled;
        assert!(books.deliveries.iter().any(|d| alive(&d)), "I7: scheduled and nothing planned: {letter:?}");
    }
}

/// I9: folding the events gives the rows.
fn the_timeline_tells_every_state(books: &Books) {
    for case in &books.cases {
        let kinds: Vec<&str> = books.events.iter().filter(|e| e.case_id == Some(case.id)).map(|e| e.kind.as_str()).collect();
        assert_eq!(fold(&kinds), case.status, "I9: {kinds:?}");
        assert_eq!(kinds.iter().filter(|k| **k == kind::CASE_PROPOSED).count(), 1, "I9: {kinds:?}");
    }
    let count = |subject: Uuid, kind: &str| books.events.iter().filter(|e| e.subject_id == Some(subject) && e.kind == kind).count();
    for letter in &books.letters {
        let told = [kind::LETTER_ISSUED, kind::LETTER_SENT, kind::LETTER_CANCELLED].map(|k| count(letter.id.0, k));
        let sent = usize::from(letter.status == LetterStatus::Sent);
        let cancelled = usize::from(letter.status == LetterStatus::Cancelled);
        assert_eq!(told, [1, sent, cancelled], "I9: {letter:?}");
        let left = books.events.iter().find(|e| e.subject_id == Some(letter.id.0) && e.kind == kind::LETTER_SENT);
        assert!(left.is_none_or(|e| Some(e.at) == letter.sent_at), "I9: left at another time: {letter:?}");
    }
    for delivery in &books.deliveries {
        let started = count(delivery.id.0, kind::DELIVERY_STARTED);
        let told = matches!(delivery.status, DeliveryStatus::Delivered | DeliveryStatus::Bounced);
        let left = told || matches!(delivery.status, DeliveryStatus::Sent | DeliveryStatus::ReadyToPost | DeliveryStatus::Unknown);
        assert!(started >= usize::try_from(delivery.attempts).unwrap() && (!left || started > 0), "I9: {delivery:?}");
    }
    let told: BTreeSet<Uuid> = books.events.iter().filter_map(|e| e.subject_id).collect();
    let in_case: BTreeMap<_, _> = books.invoices.iter().filter_map(|i| Some((i.id, i.case_id?))).collect();
    for payment in &books.payments {
        let case = in_case.get(&payment.invoice_id).and_then(|id| books.cases.iter().find(|c| c.id == *id));
        let later = case.is_some_and(|c| c.opened_at < payment.created_at) && payment.reconciled && payment.reversed_at.is_none();
        assert!(!later || told.contains(&payment.id.0), "I9: a payment that nobody was told of: {payment:?}");
    }
}

fn fold(kinds: &[&str]) -> CaseStatus {
    let (mut status, mut before_hold, mut approved) = (CaseStatus::Proposed, CaseStatus::Active, false);
    for kind in kinds {
        status = match *kind {
            kind::CASE_APPROVED => {
                approved = true;
                CaseStatus::Active
            }
            kind::CASE_DECLINED => CaseStatus::Declined,
            kind::CASE_HELD => {
                before_hold = status;
                CaseStatus::OnHold
            }
            kind::CASE_RESUMED => before_hold,
            // What the agency does while a case stands still is told when it goes on.
            kind::HANDOVER_ACCEPTED if status == CaseStatus::OnHold => {
                before_hold = CaseStatus::HandedOver;
                status
            }
            kind::HANDOVER_ACCEPTED if status == CaseStatus::AwaitingHandover => CaseStatus::HandedOver,
            kind::HANDOVER_RECALLED | kind::CASE_EXHAUSTED => CaseStatus::AwaitingHandover,
            kind::CASE_CLOSED => CaseStatus::Closed,
            kind::CASE_REOPENED if approved => CaseStatus::Active,
            kind::CASE_REOPENED => CaseStatus::Proposed,
            _ => status,
        };
    }
    status
}

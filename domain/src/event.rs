//! What happened, one append-only row per change, written in the change's own transaction: the timeline, the audit
//! trail, the subscription feed and the outgoing feed in one. [`feed`] reads it in an order that is safe to resume.

pub mod feed;

use entity::{CaseId, DebtorId, IntegrationId, SyncRunId};
use sea_orm::ActiveValue::{NotSet, Set};
use serde_json::Value;
use uuid::Uuid;

use crate::change::Change;

/// The kinds of events: past tense, `noun.verb`.
pub mod kind {
    /// An eligible invoice became a proposal.
    pub const CASE_PROPOSED: &str = "case.proposed";
    /// The creditor, or the integration's switch, said yes.
    pub const CASE_APPROVED: &str = "case.approved";
    /// The creditor said no.
    pub const CASE_DECLINED: &str = "case.declined";
    /// Put on hold, with reason and end.
    pub const CASE_HELD: &str = "case.held";
    /// The hold ended.
    pub const CASE_RESUMED: &str = "case.resumed";
    /// Over.
    pub const CASE_CLOSED: &str = "case.closed";
    /// Open again: a payment was reversed.
    pub const CASE_REOPENED: &str = "case.reopened";
    /// The ladder is exhausted.
    pub const CASE_EXHAUSTED: &str = "case.exhausted";
    /// The next action moved away from its first date.
    pub const CASE_POSTPONED: &str = "case.postponed";
    /// A step was passed over: less is owed than it is made for.
    pub const STEP_PASSED: &str = "case.step_passed";
    /// The claim nears the end of its limitation period.
    pub const LIMITATION_NEAR: &str = "case.limitation_near";
    /// A consent, asked for or given, is over: the letter is withdrawn and asked for anew.
    pub const CONSENT_EXPIRED: &str = "consent.expired";
    /// Something needs a person.
    pub const CASE_STUCK: &str = "case.stuck";
    /// A person moved the case to another ladder, or to another step.
    pub const CASE_MOVED: &str = "case.moved";
    /// The claim changed: an invoice was changed, joined or left.
    pub const CLAIM_CHANGED: &str = "claim.changed";
    /// A payment or credit note became known.
    pub const PAYMENT_RECORDED: &str = "payment.recorded";
    /// A payment no longer counts.
    pub const PAYMENT_REVERSED: &str = "payment.reversed";
    /// A fee or a fixed sum is owed from now on: its letter left.
    pub const CHARGE_ADDED: &str = "charge.added";
    /// A letter goes without something that the tenant wants to charge: the law does not allow it now.
    pub const CHARGE_LEFT_OUT: &str = "charge.left_out";
    /// What is owed beside the invoices was given up, by a person or by rule.
    pub const CHARGES_WAIVED: &str = "charges.waived";
    /// What a rule had given up is owed again: the payment that led to it went away.
    pub const CHARGES_REVIVED: &str = "charges.revived";
    /// Money arrived for what is owed beside the invoices.
    pub const CHARGES_PAID: &str = "charges.paid";
    /// Money for what is owed beside the invoices no longer counts.
    pub const CHARGE_PAYMENT_REVERSED: &str = "charges.payment_reversed";
    /// A letter claims no interest for some days: no rate is known for them.
    pub const RATE_MISSING: &str = "claim.rate_missing";
    /// A letter was issued.
    pub const LETTER_ISSUED: &str = "letter.issued";
    /// A person said yes to a letter.
    pub const LETTER_CONSENTED: &str = "letter.consented";
    /// A letter was stopped before it went out.
    pub const LETTER_CANCELLED: &str = "letter.cancelled";
    /// A letter went out.
    pub const LETTER_SENT: &str = "letter.sent";
    /// No channel took a letter.
    pub const LETTER_FAILED: &str = "letter.failed";
    /// A person posted a letter.
    pub const LETTER_POSTED: &str = "letter.posted";
    /// A person was asked to do something.
    pub const TASK_OPENED: &str = "task.opened";
    /// A person did it.
    pub const TASK_DONE: &str = "task.done";
    /// A person passed it over; the ladder went on.
    pub const TASK_SKIPPED: &str = "task.skipped";
    /// Nobody need do it any more.
    pub const TASK_CANCELLED: &str = "task.cancelled";
    /// A delivery was handed to its provider.
    pub const DELIVERY_STARTED: &str = "delivery.started";
    /// The provider accepted a delivery.
    pub const DELIVERY_SENT: &str = "delivery.sent";
    /// A delivery waits for its next attempt.
    pub const DELIVERY_DEFERRED: &str = "delivery.deferred";
    /// A delivery was refused for good.
    pub const DELIVERY_FAILED: &str = "delivery.failed";
    /// The answer was lost: a person must look.
    pub const DELIVERY_UNKNOWN: &str = "delivery.unknown";
    /// The provider says that a delivery arrived.
    pub const DELIVERY_ARRIVED: &str = "delivery.arrived";
    /// A delivery came back, or never arrived.
    pub const DELIVERY_BOUNCED: &str = "delivery.bounced";
    /// The provider told something about a delivery that moves nothing.
    pub const DELIVERY_NOTED: &str = "delivery.noted";
    /// A letter that reached nobody goes out by another way.
    pub const DELIVERY_REROUTED: &str = "delivery.rerouted";
    /// A debtor answered a short message.
    pub const DELIVERY_ANSWERED: &str = "delivery.answered";
    /// An address must not be used any more.
    pub const CONTACT_SUPPRESSED: &str = "contact.suppressed";
    /// An address may be used again.
    pub const CONTACT_LIFTED: &str = "contact.lifted";
    /// A person decided to hand a delivery over again.
    pub const DELIVERY_RETRIED: &str = "delivery.retried";
    /// Letters were chosen to be printed together.
    pub const PRINT_BATCH_CREATED: &str = "print_batch.created";
    /// Letters that were printed together are in the post.
    pub const PRINT_BATCH_POSTED: &str = "print_batch.posted";
    /// A print batch was given up.
    pub const PRINT_BATCH_CANCELLED: &str = "print_batch.cancelled";
    /// A run was asked for.
    pub const SYNC_QUEUED: &str = "sync.queued";
    /// A run moved on.
    pub const SYNC_PROGRESSED: &str = "sync.progressed";
    /// A run ended.
    pub const SYNC_FINISHED: &str = "sync.finished";
    /// An integration was made or changed.
    pub const INTEGRATION_CHANGED: &str = "integration.changed";
    /// Letters wait for facts that no pull brings any more: somebody must look.
    pub const INTEGRATION_STALE: &str = "integration.stale";
    /// A tenant's settings changed.
    pub const TENANT_CHANGED: &str = "tenant.changed";
    /// A debtor's contact or exemption changed.
    pub const DEBTOR_CHANGED: &str = "debtor.changed";
    /// A policy was made or revised.
    pub const POLICY_CHANGED: &str = "policy.changed";
    /// A tenant's own text of letters was made, revised or archived.
    pub const TEMPLATE_CHANGED: &str = "template.changed";
    /// An agency was made, changed or ended.
    pub const AGENCY_CHANGED: &str = "agency.changed";
    /// An agency's keys are refused: a person must enter them again.
    pub const AGENCY_REFUSED: &str = "agency.refused";
    /// The agency is asked to take over once the creditor's time to stop it is over.
    pub const HANDOVER_OFFERED: &str = "handover.offered";
    /// The time to decide is over and the agency waits for a person's yes.
    pub const HANDOVER_ASKED: &str = "handover.asked";
    /// The creditor, or the time, said yes.
    pub const HANDOVER_CONFIRMED: &str = "handover.confirmed";
    /// The creditor stopped it.
    pub const HANDOVER_STOPPED: &str = "handover.stopped";
    /// It waits for its next attempt.
    pub const HANDOVER_DEFERRED: &str = "handover.deferred";
    /// It is with the agency's system, not accepted yet.
    pub const HANDOVER_SENT: &str = "handover.sent";
    /// The agency works the case.
    pub const HANDOVER_ACCEPTED: &str = "handover.accepted";
    /// The agency does not take the case.
    pub const HANDOVER_REJECTED: &str = "handover.rejected";
    /// It could not be submitted, for good.
    pub const HANDOVER_FAILED: &str = "handover.failed";
    /// Not accepted after two business days: somebody must ask the agency.
    pub const HANDOVER_STALLED: &str = "handover.stalled";
    /// The agency says where its case stands.
    pub const HANDOVER_PROGRESSED: &str = "handover.progressed";
    /// The creditor took the case back from the agency.
    pub const HANDOVER_RECALLED: &str = "handover.recalled";
    /// Over: the agency closed it, or nothing is left to collect.
    pub const HANDOVER_ENDED: &str = "handover.ended";
    /// The agency was told of a payment, a pause or an end.
    pub const AGENCY_TOLD: &str = "agency.told";
    /// The agency refuses what it was told: a person must look.
    pub const AGENCY_TASK_FAILED: &str = "agency.task_failed";
    /// A note was written into the books.
    pub const BOOK_NOTE_WRITTEN: &str = "book_note.written";
    /// A note could not be written into the books.
    pub const BOOK_NOTE_FAILED: &str = "book_note.failed";
    /// A person signed in.
    pub const SESSION_STARTED: &str = "session.started";
}

/// Something that happened, to be written with the change.
#[derive(Debug, Clone)]
pub struct Happened {
    kind: &'static str,
    case: Option<CaseId>,
    debtor: Option<DebtorId>,
    integration: Option<IntegrationId>,
    run: Option<SyncRunId>,
    subject: Option<Uuid>,
    data: Value,
}

impl Happened {
    /// One of [`kind`].
    pub fn new(kind: &'static str) -> Self {
        Self { kind, case: None, debtor: None, integration: None, run: None, subject: None, data: Value::Object(serde_json::Map::new()) }
    }

    /// About a case and its debtor.
    #[must_use]
    pub fn case(mut self, case: &entity::collection_case::Model) -> Self {
        self.case = Some(case.id);
        self.debtor = Some(case.debtor_id);
        self
    }

    /// About a debtor.
    #[must_use]
    pub fn debtor(mut self, debtor: DebtorId) -> Self {
        self.debtor = Some(debtor);
        self
    }

    /// About an integration.
    #[must_use]
    pub fn integration(mut self, integration: IntegrationId) -> Self {
        self.integration = Some(integration);
        self
    }

    /// About a run and its integration.
    #[must_use]
    pub fn run(mut self, run: &entity::sync_run::Model) -> Self {
        self.run = Some(run.id);
        self.integration = Some(run.integration_id);
        self
    }

    /// About a letter, delivery, payment or invoice.
    #[must_use]
    pub fn subject(mut self, id: impl Into<Uuid>) -> Self {
        self.subject = Some(id.into());
        self
    }

    /// A figure or word that changed. Names and addresses do not belong here: the row is kept for ever.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        if let Value::Object(map) = &mut self.data {
            map.insert(key.to_owned(), value.into());
        }
        self
    }
}

/// The row of something that happened in a change.
pub(crate) fn row(change: &Change<'_>, happened: Happened) -> entity::event::ActiveModel {
    entity::event::ActiveModel {
        sequence: NotSet,
        txid: NotSet,
        tenant_id: Set(change.tenant),
        kind: Set(happened.kind.to_owned()),
        case_id: Set(happened.case),
        debtor_id: Set(happened.debtor),
        integration_id: Set(happened.integration),
        sync_run_id: Set(happened.run),
        subject_id: Set(happened.subject),
        actor: Set(change.actor.kind()),
        actor_id: Set(change.actor.user()),
        data: Set(happened.data),
        at: Set(change.now),
    }
}

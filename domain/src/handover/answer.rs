//! What an agency's answer makes of a hand-over and its case. The row is saved by whoever commits.

use chrono::TimeDelta;
use entity::{AgencyTaskKind, BookEvent, CaseStatus, HandoverStatus};

use super::{Held, payments};
use crate::{
    agency,
    agency_task::{self, News},
    book_note,
    case::{self, Command},
    clock::doubled,
    error::Result,
    event::{Happened, kind},
    port::agency::AgencyError,
};

/// How often an accepted case is asked about.
pub(super) const WATCH_EVERY: TimeDelta = TimeDelta::hours(6);

/// Longest wait between attempts.
const MAX_WAIT: TimeDelta = TimeDelta::hours(6);

/// Wait while our keys are refused: a person has to act.
const UNAUTHORISED_WAIT: TimeDelta = TimeDelta::hours(1);

/// Longest message of an agency that is kept, in characters.
const MAX_MESSAGE_CHARS: usize = 500;

/// One minute, doubled with each attempt, six hours at most.
pub(crate) fn backoff(attempts: i32, asked_seconds: Option<u64>) -> TimeDelta {
    let asked = asked_seconds.and_then(|seconds| i64::try_from(seconds).ok()).and_then(TimeDelta::try_seconds);
    asked.unwrap_or_else(|| doubled(attempts, MAX_WAIT)).clamp(TimeDelta::seconds(1), MAX_WAIT)
}

/// The stable word of an error that is not a refusal for good.
pub(crate) fn word(error: &AgencyError) -> &str {
    match error {
        AgencyError::Unavailable(_) => "UNAVAILABLE",
        AgencyError::RateLimited(_) => "RATE_LIMITED",
        AgencyError::Unauthorised(_) => "UNAUTHORISED",
        AgencyError::Unknown(_) => "UNKNOWN",
        AgencyError::Rejected { code, .. } => code,
    }
}

impl Held<'_> {
    /// The agency has it: the case is handed over, whatever became of it meanwhile is told the agency.
    pub(super) async fn accepted(&mut self, reference: &str, status: Option<&str>) -> Result<()> {
        self.row.status = HandoverStatus::Accepted;
        self.row.external_reference = Some(reference.to_owned());
        self.row.external_status = status.map(str::to_owned);
        self.row.accepted_at = Some(self.change.now);
        self.row.next_action_at = Some(self.change.now + WATCH_EVERY);
        (self.row.error_code, self.row.error_message) = (None, None);
        super::save(&self.change, &mut self.row).await?;
        self.change.record(Happened::new(kind::HANDOVER_ACCEPTED).case(&self.case).subject(self.row.id.0).with("reference", reference));
        match self.case.status {
            CaseStatus::AwaitingHandover => self.move_case(Command::Accept).await?,
            CaseStatus::OnHold => {
                let until = self.case.hold_until;
                self.move_case(Command::Accept).await?;
                let pause = News { on: until, ..News::order(AgencyTaskKind::Pause) };
                agency_task::plan(&mut self.change, &self.row, pause, None).await?;
            }
            // It was closed, or began anew, while the agency looked at it: the agency is told to stop, unless that waits.
            CaseStatus::Closed | CaseStatus::Proposed | CaseStatus::Declined | CaseStatus::Active | CaseStatus::HandedOver => {
                if !agency_task::waits(&self.change, self.row.id, AgencyTaskKind::Withdraw).await? {
                    agency_task::plan(&mut self.change, &self.row, News::order(AgencyTaskKind::Withdraw), None).await?;
                }
                self.row.status = HandoverStatus::Ended;
                self.row.next_action_at = None;
            }
        }
        if matches!(self.case.status, CaseStatus::HandedOver | CaseStatus::OnHold) {
            payments::tell(&mut self.change, &self.case, &self.row).await?;
        }
        agency_task::wake(&mut self.change, self.row.id).await?;
        book_note::plan(&mut self.change, &self.case, BookEvent::HandedOver).await
    }

    /// The agency does not take it: the case waits for a person, who sees why.
    pub(super) async fn rejected(&mut self, code: &str, message: &str) -> Result<()> {
        self.over(HandoverStatus::Rejected, "HANDOVER_REJECTED", kind::HANDOVER_REJECTED, code, message).await
    }

    /// It cannot be submitted, for good: the case waits for a person, who sees why.
    pub(super) async fn failed(&mut self, code: &str, message: &str) -> Result<()> {
        self.over(HandoverStatus::Failed, "HANDOVER_FAILED", kind::HANDOVER_FAILED, code, message).await
    }

    async fn over(&mut self, status: HandoverStatus, because: &str, event: &'static str, code: &str, message: &str) -> Result<()> {
        self.row.status = status;
        self.row.next_action_at = None;
        self.row.error_code = Some(code.to_owned());
        self.row.error_message = Some(message.chars().take(MAX_MESSAGE_CHARS).collect());
        agency_task::cancel(&self.change, self.row.id).await?;
        if self.case.status == CaseStatus::AwaitingHandover {
            self.mark(Some(because)).await?;
        }
        self.change.record(Happened::new(event).case(&self.case).subject(self.row.id.0).with("code", code));
        Ok(())
    }

    /// Nothing is left to hand over.
    pub(super) async fn end(&mut self, because: &str) -> Result<()> {
        agency_task::cancel(&self.change, self.row.id).await?;
        self.row.status = HandoverStatus::Ended;
        self.row.next_action_at = None;
        self.change.record(Happened::new(kind::HANDOVER_ENDED).case(&self.case).subject(self.row.id.0).with("because", because));
        Ok(())
    }

    /// The agency did not do it, but may later: back to a place from which it is tried again. What is frozen anew then
    /// needs no news of what happened until then.
    pub(super) async fn again(&mut self, error: &AgencyError, status: HandoverStatus, keys: i64) -> Result<()> {
        if status == HandoverStatus::Confirmed {
            agency_task::cancel(&self.change, self.row.id).await?;
        }
        self.row.status = status;
        self.defer(word(error), Some(&error.to_string()));
        let wait = match error {
            AgencyError::Unauthorised(_) => {
                agency::refused(&mut self.change, self.row.agency_id, keys).await?;
                UNAUTHORISED_WAIT
            }
            AgencyError::RateLimited(seconds) => backoff(self.row.attempts, Some(*seconds)),
            AgencyError::Unavailable(_) | AgencyError::Unknown(_) | AgencyError::Rejected { .. } => backoff(self.row.attempts, None),
        };
        self.look_again(Some(self.change.now + wait)).await
    }

    /// Notes why it waits; told once per reason.
    pub(super) fn defer(&mut self, code: &str, message: Option<&str>) {
        if self.row.error_code.as_deref() != Some(code) {
            self.change.record(Happened::new(kind::HANDOVER_DEFERRED).case(&self.case).subject(self.row.id.0).with("because", code));
        }
        self.row.error_code = Some(code.to_owned());
        self.row.error_message = message.map(|message| message.chars().take(MAX_MESSAGE_CHARS).collect());
    }

    /// Notes an error without an event.
    pub(super) fn note(&mut self, error: &AgencyError) {
        self.row.error_code = Some(word(error).to_owned());
        self.row.error_message = Some(error.to_string().chars().take(MAX_MESSAGE_CHARS).collect());
    }

    /// Moves the case, which does not wait for the hand-over any more.
    pub(super) async fn move_case(&mut self, command: Command) -> Result<()> {
        case::move_to(&mut self.case, command)?;
        self.case.postponed_because = None;
        case::save(&self.change, &mut self.case).await
    }
}

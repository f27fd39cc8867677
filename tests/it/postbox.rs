//! The outside world of the tests: channels that remember what left and answer as told, a renderer that is quick, and
//! a messenger that remembers the work it was given.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::{DateTime, Utc};
use domain::{
    Clock,
    digest::sha256_hex,
    letter::LetterDocument,
    port::{Bound, Messenger, Outgoing, Pdf, Placed, Postman, Receipt, Reconciled, RenderError, Renderer, SendError, Work},
};
use entity::{Channel, DeliveryId, LetterId, TenantId};
use sea_orm::{DatabaseTransaction, DbErr};

use crate::clock::MovedClock;

/// Something that reached a debtor.
#[derive(Debug, Clone)]
pub struct Effect {
    pub at: DateTime<Utc>,
    pub tenant: TenantId,
    pub delivery: DeliveryId,
    pub letter: LetterId,
    pub channel: Channel,
    pub recipient: String,
    pub text: String,
    pub pdf_bytes: usize,
}

/// How a channel answers the next hand-over.
#[derive(Debug, Clone, Copy)]
pub enum Answer {
    Transient(Option<Duration>),
    Rejected,
    Unauthorised,
    /// The answer is lost before the letter arrived.
    LostBefore,
    /// The answer is lost after the letter arrived.
    LostAfter,
}

/// All channels together.
pub struct Postbox {
    clock: Arc<MovedClock>,
    effects: Mutex<Vec<Effect>>,
    answers: Mutex<HashMap<Channel, VecDeque<Answer>>>,
    reconciled: Mutex<HashMap<DeliveryId, Reconciled>>,
}

impl Postbox {
    pub fn new(clock: Arc<MovedClock>) -> Self {
        Self { clock, effects: Mutex::default(), answers: Mutex::default(), reconciled: Mutex::default() }
    }

    /// Everything that reached a debtor so far.
    pub fn effects(&self) -> Vec<Effect> {
        self.effects.lock().unwrap().clone()
    }

    /// How much reached debtors so far.
    pub fn count(&self) -> usize {
        self.effects.lock().unwrap().len()
    }

    /// Tells a channel how to answer next; without that it accepts.
    pub fn answer(&self, channel: Channel, answer: Answer) {
        self.answers.lock().unwrap().entry(channel).or_default().push_back(answer);
    }

    /// Every channel accepts again.
    pub fn calm(&self) {
        self.answers.lock().unwrap().clear();
    }

    /// Tells what the provider will say about a hand-over whose answer was lost.
    pub fn will_say(&self, delivery: DeliveryId, reconciled: Reconciled) {
        self.reconciled.lock().unwrap().insert(delivery, reconciled);
    }

    fn arrive(&self, outgoing: &Outgoing) {
        self.effects.lock().unwrap().push(Effect {
            at: self.clock.now(),
            tenant: outgoing.tenant,
            delivery: outgoing.delivery,
            letter: outgoing.letter,
            channel: outgoing.channel,
            recipient: outgoing.recipient.clone(),
            text: outgoing.text.clone(),
            pdf_bytes: outgoing.pdf.as_ref().map_or(0, |(_, pdf)| pdf.len()),
        });
    }
}

#[async_trait::async_trait]
impl Postman for Postbox {
    async fn send(&self, outgoing: &Outgoing) -> Result<Receipt, SendError> {
        let answer = self.answers.lock().unwrap().get_mut(&outgoing.channel).and_then(VecDeque::pop_front);
        // Others may run between the beginning and the end of a hand-over.
        tokio::task::yield_now().await;
        let message = "as told".to_owned();
        match answer {
            None => {
                self.arrive(outgoing);
                Ok(Receipt { provider_id: Some(format!("p-{}", outgoing.delivery)), ..Receipt::default() })
            }
            Some(Answer::Transient(retry_after)) => Err(SendError::Transient { message, retry_after }),
            Some(Answer::Rejected) => Err(SendError::Rejected { code: "MAILBOX_UNKNOWN".into(), message }),
            Some(Answer::Unauthorised) => Err(SendError::Unauthorised { message }),
            Some(Answer::LostBefore) => Err(SendError::Unknown { message }),
            Some(Answer::LostAfter) => {
                self.arrive(outgoing);
                Err(SendError::Unknown { message })
            }
        }
    }

    async fn reconcile(&self, delivery: DeliveryId, _: TenantId, _: &str) -> Reconciled {
        self.reconciled.lock().unwrap().get(&delivery).cloned().unwrap_or(Reconciled::Unknown)
    }
}

/// Draws nothing, but gives the same bytes for the same document and others for another.
pub struct QuickRenderer;

impl Renderer for QuickRenderer {
    fn render(&self, document: &LetterDocument) -> Result<Pdf, RenderError> {
        let bytes = format!("%PDF {document:?}").into_bytes();
        Ok(Pdf { sha256: sha256_hex(&bytes), bytes, pages: 1 })
    }

    fn bind(&self, letters: &[Vec<u8>], both_sides: bool) -> Result<Bound, RenderError> {
        let step = if both_sides { 2 } else { 1 };
        let places = (0..).step_by(step).zip(letters).map(|(page, _)| Placed { first_page: page + 1, pages: 1 }).collect::<Vec<_>>();
        let pages = places.last().map_or(0, |last| last.first_page);
        let bytes = letters.concat();
        Ok(Bound { sha256: sha256_hex(&bytes), bytes, pages, places })
    }

    fn missing_glyphs(&self, _: &str) -> Vec<char> {
        Vec::new()
    }
}

/// Remembers work instead of queueing it: what is due is found by the rows' promises.
#[derive(Default)]
pub struct Notebook(Mutex<Vec<Work>>);

impl Notebook {
    /// The work noted since the last call.
    pub fn take(&self) -> Vec<Work> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[async_trait::async_trait]
impl Messenger for Notebook {
    async fn enqueue(&self, _: &DatabaseTransaction, work: &[Work]) -> Result<(), DbErr> {
        self.0.lock().unwrap().extend_from_slice(work);
        Ok(())
    }

    fn wake(&self, _: &[Work]) {}
}

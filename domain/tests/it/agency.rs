//! An agency that answers as it is told to, and remembers what it was told.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use domain::{
    Env,
    port::{
        Link, Outside, SourceError,
        agency::{
            Agencies, AgencyCase, AgencyConnector, AgencyError, AgencyHint, AgencyLink, Batch, Bundle, Claim, ClaimPacker, Notice, Order,
            Verdict,
        },
        connect::{BookNote, Notes},
    },
};
use entity::{AgencyKind, HandoverId};

/// How the next submission is answered.
#[derive(Debug, Clone, Copy)]
pub enum Answer {
    Unavailable,
    Rejected,
    /// The answer is lost before the claim arrived.
    LostBefore,
    /// The answer is lost after the claim arrived.
    LostAfter,
}

#[derive(Default)]
pub struct Agency {
    /// Claims that arrived.
    pub claims: Mutex<Vec<Claim>>,
    /// Answers of submissions; a batch when there are none.
    pub answers: Mutex<VecDeque<Answer>>,
    /// What it says to claims that it looked at; pending when it has not.
    pub verdicts: Mutex<BTreeMap<HandoverId, Verdict>>,
    /// What it was told.
    pub told: Mutex<Vec<Notice>>,
    /// Its words on every case.
    pub words: Mutex<Option<(String, bool)>>,
    /// Notes in the books.
    pub notes: Mutex<Vec<BookNote>>,
    /// Whether the books do not answer.
    pub books_are_down: Mutex<bool>,
}

impl Agency {
    /// Looks at everything that arrived and takes it.
    pub fn takes_all(&self) {
        for claim in self.claims.lock().unwrap().iter() {
            self.verdicts.lock().unwrap().insert(claim.handover, Verdict::Accepted(format!("case of {}", claim.reference)));
        }
    }

    pub fn orders(&self) -> Vec<Order> {
        self.told.lock().unwrap().iter().map(|notice| notice.order.clone()).collect()
    }

    /// The product with this agency.
    pub fn joined(self: &Arc<Self>, env: &Env) -> Env {
        let mut systems = env.outside.systems.clone();
        for system in systems.values_mut() {
            system.notes = Some(self.clone());
        }
        let outside = Outside {
            systems,
            postmen: env.outside.postmen.clone(),
            renderer: env.outside.renderer.clone(),
            agencies: Agencies {
                connectors: BTreeMap::from([(AgencyKind::Amili, self.clone() as Arc<dyn AgencyConnector>)]),
                packer: Some(Arc::new(References)),
            },
            heralds: BTreeMap::new(),
            unsubscribe: None,
            vault: env.outside.vault.clone(),
        };
        Env { outside: Arc::new(outside), ..env.clone() }
    }

    fn case(&self, handover: HandoverId) -> Option<AgencyCase> {
        let arrived = self.claims.lock().unwrap().iter().any(|claim| claim.handover == handover);
        let (status, closed) = self.words.lock().unwrap().clone().unwrap_or_else(|| ("OPEN".into(), false));
        arrived.then(|| AgencyCase { reference: format!("case of {handover}"), status, closed, remaining_minor: Some(1) })
    }
}

#[async_trait]
impl AgencyConnector for Agency {
    async fn check(&self, _: &AgencyLink) -> Result<(), AgencyError> {
        Ok(())
    }

    async fn submit(&self, _: &AgencyLink, claims: &[Claim]) -> Result<String, AgencyError> {
        let answer = self.answers.lock().unwrap().pop_front();
        if matches!(answer, None | Some(Answer::LostAfter)) {
            self.claims.lock().unwrap().extend_from_slice(claims);
        }
        match answer {
            None => Ok("batch".into()),
            Some(Answer::Unavailable) => Err(AgencyError::Unavailable("down".into())),
            Some(Answer::Rejected) => Err(AgencyError::Rejected { code: "NO_CONTRACT".into(), message: "no contract".into() }),
            Some(Answer::LostBefore | Answer::LostAfter) => Err(AgencyError::Unknown("no answer".into())),
        }
    }

    async fn poll(&self, _: &AgencyLink, _: &str) -> Result<Batch, AgencyError> {
        let verdicts = self.verdicts.lock().unwrap();
        Ok(if verdicts.is_empty() { Batch::Pending } else { Batch::Done(verdicts.clone().into_iter().collect()) })
    }

    async fn find(&self, _: &AgencyLink, handover: HandoverId) -> Result<Option<AgencyCase>, AgencyError> {
        let rejected = matches!(self.verdicts.lock().unwrap().get(&handover), Some(Verdict::Rejected { .. }));
        Ok(self.case(handover).filter(|_| !rejected))
    }

    async fn status(&self, _: &AgencyLink, _: &str, _: &str) -> Result<Option<AgencyCase>, AgencyError> {
        let first = self.claims.lock().unwrap().first().map(|claim| claim.handover);
        Ok(first.and_then(|handover| self.case(handover)))
    }

    async fn tell(&self, _: &AgencyLink, notice: &Notice) -> Result<(), AgencyError> {
        self.told.lock().unwrap().push(notice.clone());
        Ok(())
    }

    fn read(&self, event: Option<&str>, body: &[u8]) -> Option<AgencyHint> {
        let reference = String::from_utf8(body.to_vec()).ok()?;
        match event? {
            "batch" => Some(AgencyHint::Batch(reference)),
            "case" => Some(AgencyHint::Case(reference)),
            "weather" => Some(AgencyHint::Other),
            _ => None,
        }
    }
}

#[async_trait]
impl Notes for Agency {
    async fn write(&self, _: &Link, note: &BookNote) -> Result<(), SourceError> {
        if *self.books_are_down.lock().unwrap() {
            return Err(SourceError::Unavailable("down".into()));
        }
        self.notes.lock().unwrap().push(note.clone());
        Ok(())
    }
}

/// A file of nothing but case numbers.
struct References;

impl ClaimPacker for References {
    fn pack(&self, bundles: &[Bundle]) -> Result<Vec<u8>, String> {
        Ok(bundles.iter().flat_map(|bundle| bundle.claim.reference.clone().into_bytes()).collect())
    }
}

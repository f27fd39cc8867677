//! A provider that answers as it is told to, and remembers what it was asked.

use std::{collections::VecDeque, sync::Mutex, time::Duration};

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::port::{
    Account, Connector, DebtorSnapshot, InvoiceSnapshot, InvoiceState, Page, Pull, Record, Source, SourceError,
    access::{Access, Fresh, RenewError, Renewal},
    connect::{ConnectError, Consent, ConsentAsk, Farewell, Granted, Pasted, PastedKeys},
    vault::{ExposeSecret, SecretString},
};
use sha2::{Digest, Sha256};
use tokio::sync::Notify;

/// What no row, message or event may show.
pub const CANARY: &str = "canary-4711";

/// How the next renewal is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    New,
    Lost,
    Refused,
    /// As new, but only after [`Provider::go_on`].
    NewLater,
    /// Refused, but only after [`Provider::go_on`].
    RefusedLater,
}

#[derive(Default)]
pub struct Provider {
    /// The accounts that the next grant opens.
    pub accounts: Mutex<Vec<Account>>,
    /// Answers of renewals; new keys when there are none.
    pub answers: Mutex<VecDeque<Answer>>,
    /// The keys that renewals were asked with.
    pub renewed: Mutex<Vec<String>>,
    /// What browsers were sent with.
    pub pages: Mutex<Vec<ConsentAsk>>,
    /// The codes that were traded.
    pub traded: Mutex<Vec<String>>,
    /// Farewells: account, whether all of the grant ends.
    pub left: Mutex<Vec<(String, bool)>>,
    /// What a pull brings.
    pub records: Mutex<Vec<Record>>,
    /// How connecting and leaving fail.
    pub fails: Mutex<Option<ConnectError>>,
    pub go_on: Notify,
    pub reached: Notify,
    given: Mutex<u32>,
}

pub fn account(id: &str) -> Account {
    Account {
        external_id: id.into(),
        name: format!("Books of {id}"),
        base_url: Some(format!("https://{id}.example")),
        connection_id: None,
        time_zone: None,
        currency: None,
        country: None,
    }
}

impl Provider {
    pub fn opens(&self, ids: &[&str]) {
        *self.accounts.lock().unwrap() = ids.iter().map(|id| account(id)).collect();
    }

    pub fn will(&self, answers: &[Answer]) {
        self.answers.lock().unwrap().extend(answers);
    }

    pub fn renewals(&self) -> Vec<String> {
        self.renewed.lock().unwrap().clone()
    }

    fn fresh(&self) -> Fresh {
        let mut given = self.given.lock().unwrap();
        *given += 1;
        let keys = SecretString::from(format!("{CANARY}-{given}"));
        Fresh { keys, good_for: Some(Duration::from_mins(30)), scopes: vec!["invoices".into()] }
    }

    fn grant(&self) -> Result<Granted, ConnectError> {
        match self.fails.lock().unwrap().clone() {
            Some(error) => Err(error),
            None => Ok(Granted { fresh: self.fresh(), accounts: self.accounts.lock().unwrap().clone(), hint: Some("4711".into()) }),
        }
    }
}

#[async_trait]
impl Renewal for Provider {
    async fn renew(&self, keys: &SecretString) -> Result<Fresh, RenewError> {
        self.renewed.lock().unwrap().push(keys.expose_secret().to_owned());
        let answer = self.answers.lock().unwrap().pop_front().unwrap_or(Answer::New);
        if matches!(answer, Answer::NewLater | Answer::RefusedLater) {
            self.reached.notify_one();
            self.go_on.notified().await;
        }
        // Long enough for everybody else to come by.
        tokio::time::sleep(Duration::from_millis(50)).await;
        match answer {
            Answer::New | Answer::NewLater => Ok(self.fresh()),
            Answer::Lost => Err(RenewError::Unavailable("no answer".into())),
            Answer::Refused | Answer::RefusedLater => Err(RenewError::Refused("invalid_grant".into())),
        }
    }
}

#[async_trait]
impl Consent for Provider {
    async fn page(&self, ask: &ConsentAsk) -> Result<String, ConnectError> {
        self.pages.lock().unwrap().push(ask.clone());
        Ok(format!("https://provider.example/consent?state={}", ask.state))
    }

    async fn trade(&self, code: &SecretString, verifier: &SecretString) -> Result<Granted, ConnectError> {
        let code = code.expose_secret().to_owned();
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose_secret().as_bytes()));
        if !self.pages.lock().unwrap().iter().any(|page| page.challenge == challenge) {
            return Err(ConnectError::Refused("the verifier does not fit".into()));
        }
        self.traded.lock().unwrap().push(code);
        self.grant()
    }
}

#[async_trait]
impl Pasted for Provider {
    async fn check(&self, pasted: &PastedKeys) -> Result<Granted, ConnectError> {
        let mut granted = self.grant()?;
        granted.fresh.keys = pasted.key.clone();
        granted.fresh.good_for = None;
        granted.accounts.iter_mut().for_each(|account| account.base_url.clone_from(&pasted.address));
        Ok(granted)
    }
}

#[async_trait]
impl Farewell for Provider {
    async fn leave(&self, access: &dyn Access, account: &Account, all: bool) -> Result<(), ConnectError> {
        if let Some(error) = self.fails.lock().unwrap().clone() {
            return Err(error);
        }
        access.lend().await.map_err(|error| ConnectError::Refused(error.to_string()))?;
        self.left.lock().unwrap().push((account.external_id.clone(), all));
        Ok(())
    }
}

#[async_trait]
impl Connector for Provider {
    async fn pull(&self, _: Pull) -> Result<Box<dyn Source>, SourceError> {
        Ok(Box::new(OnePage(Some(self.records.lock().unwrap().clone()))))
    }
}

struct OnePage(Option<Vec<Record>>);

#[async_trait]
impl Source for OnePage {
    async fn next_page(&mut self) -> Result<Option<Page>, SourceError> {
        Ok(self.0.take().map(|records| Page {
            rows_done: records.len() as u64,
            records,
            position: "end".into(),
            mark: Some("mark".into()),
            ..Page::default()
        }))
    }
}

/// An invoice long overdue, of a debtor in these groups.
pub fn overdue(number: &str, groups: &[&str]) -> Record {
    let debtor = DebtorSnapshot {
        external_id: format!("debtor of {number}"),
        name: "Rimu Joinery".into(),
        email: Some("rimu@example.org".into()),
        groups: Some(groups.iter().map(|group| (*group).to_owned()).collect()),
        ..DebtorSnapshot::default()
    };
    let invoice = InvoiceSnapshot {
        external_id: number.into(),
        number: number.into(),
        title: None,
        issued_on: "2026-03-01".parse().unwrap(),
        due_on: "2026-03-15".parse().unwrap(),
        currency: None,
        total_minor: 10_000,
        outstanding_minor: Some(10_000),
        state: InvoiceState::Approved,
        disputed: false,
        settled_by: None,
        payment_reference: None,
        online_url: None,
    };
    Record { row: None, debtor: Some(debtor), invoice: Some(invoice), payment: None }
}

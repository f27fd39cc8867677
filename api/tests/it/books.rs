//! A stand-in for every accounting system that is joined: its answers are set by the tests, its secrets are canaries.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use chrono::NaiveDate;
use domain::{
    digest::hex,
    port::{
        Account, Connector, DebtorSnapshot, InvoiceSnapshot, InvoiceState, Link, Page, PaymentSnapshot, Profile, Pull, Record, Scope,
        Source, SourceError, System,
        access::{Access, Fresh},
        connect::{BookNote, ConnectError, Consent, ConsentAsk, Farewell, Granted, Notes, Pasted, PastedKeys},
        vault::{ExposeSecret, SecretString},
        webhook::{Hint, HintSubject, Webhook, WebhookError},
    },
};
use entity::{PaymentKind, Provider};
use sha2::{Digest, Sha256};

/// Stands in every key that these systems give or take; no answer may hold it.
pub const CANARY: &str = "canary";

/// The name of the header with the signature, as a provider spells it.
pub const SIGNATURE: &str = "X-Books-Signature";

/// What the books hold, and how they answer.
#[derive(Default)]
pub struct Books {
    /// What a consent opens, besides `Kauri Ltd`.
    pub accounts: Mutex<Vec<Account>>,
    /// The invoices that a pull finds.
    pub records: Mutex<Vec<Record>>,
    /// A pull is answered so.
    pub trouble: Mutex<Option<SourceError>>,
}

pub fn account(id: &str) -> Account {
    Account {
        external_id: id.into(),
        name: format!("{id} Ltd"),
        base_url: None,
        connection_id: None,
        time_zone: Some("Pacific/Auckland".into()),
        currency: Some("NZD".into()),
        country: Some("NZ".into()),
    }
}

/// An invoice of 120.00 with its debtor.
pub fn record(number: &str, due_on: &str) -> Record {
    let debtor = DebtorSnapshot {
        external_id: format!("D-{number}"),
        name: format!("Debtor {number}"),
        email: Some(format!("{}@debtor.example", number.to_lowercase())),
        ..DebtorSnapshot::default()
    };
    let due_on: NaiveDate = due_on.parse().unwrap();
    let invoice = InvoiceSnapshot {
        external_id: number.into(),
        number: number.into(),
        title: None,
        issued_on: due_on - chrono::Days::new(14),
        due_on,
        currency: None,
        total_minor: 12_000,
        outstanding_minor: Some(12_000),
        state: InvoiceState::Approved,
        disputed: false,
        settled_by: None,
        payment_reference: None,
        online_url: None,
    };
    Record { row: None, debtor: Some(debtor), invoice: Some(invoice), payment: None }
}

/// A payment of 20.00.
pub fn payment(invoice: &str, on: &str) -> Record {
    let payment = PaymentSnapshot {
        external_id: format!("P-{invoice}"),
        invoice_external_id: invoice.into(),
        kind: PaymentKind::Payment,
        amount_minor: Some(2_000),
        currency: None,
        received_on: on.parse().unwrap(),
        reconciled: true,
        reversed: false,
        reference: None,
    };
    Record { payment: Some(payment), ..Record::default() }
}

/// What a webhook's call is signed with.
pub fn signed(body: &[u8]) -> String {
    hex(&Sha256::new().chain_update(CANARY).chain_update(body).finalize())
}

/// The systems, over one set of books.
pub fn systems(books: &Arc<Books>) -> BTreeMap<Provider, System> {
    let profile =
        |name, minimum_days| Profile { name, minimum_days, minimum_days_floor: 7, poll_minutes: Some(60), freshness_hours: Some(24) };
    let joined = Joined(Arc::clone(books));
    let mut xero = System::new(profile("Xero", 30), Arc::new(joined.clone()));
    xero.consent = Some(Arc::new(joined.clone()));
    xero.farewell = Some(Arc::new(joined.clone()));
    xero.webhook = Some(Arc::new(Told));
    xero.notes = Some(Arc::new(joined.clone()));
    let mut xentral = System::new(profile("Xentral", 30), Arc::new(joined.clone()));
    xentral.pasted = Some(Arc::new(joined.clone()));
    let mut poweroffice = System::new(profile("PowerOffice GO", 14), Arc::new(joined.clone()));
    poweroffice.consent = Some(Arc::new(joined.clone()));
    poweroffice.pasted = Some(Arc::new(joined));
    BTreeMap::from([(Provider::Xero, xero), (Provider::Xentral, xentral), (Provider::PowerOffice, poweroffice)])
}

#[derive(Clone)]
struct Joined(Arc<Books>);

fn granted(accounts: Vec<Account>, hint: Option<&str>) -> Granted {
    let keys = SecretString::from(format!("{{\"key\":\"{CANARY}\"}}"));
    let fresh = Fresh { keys, good_for: Some(Duration::from_hours(1)), scopes: vec!["invoices.read".into(), "contacts.read".into()] };
    Granted { fresh, accounts, hint: hint.map(Into::into) }
}

#[async_trait]
impl Consent for Joined {
    async fn page(&self, ask: &ConsentAsk) -> Result<String, ConnectError> {
        Ok(format!("https://login.books.example/authorize?state={}&challenge={}", ask.state, ask.challenge))
    }

    async fn trade(&self, code: &SecretString, _: &SecretString) -> Result<Granted, ConnectError> {
        match code.expose_secret() {
            "good" => {
                let more = self.0.accounts.lock().unwrap().clone();
                Ok(granted([account("Kauri")].into_iter().chain(more).collect(), None))
            }
            _ => Err(ConnectError::Refused("the code is not known".into())),
        }
    }
}

#[async_trait]
impl Pasted for Joined {
    async fn check(&self, pasted: &PastedKeys) -> Result<Granted, ConnectError> {
        let address = pasted.address.clone().unwrap_or_default();
        if address.contains("127.0.0.1") {
            return Err(ConnectError::BadAddress("this address may not be called".into()));
        }
        match pasted.key.expose_secret() {
            "good-canary" => Ok(granted(vec![Account { base_url: pasted.address.clone(), ..account("Kauri") }], Some("nary"))),
            "new-canary" => Ok(granted(vec![Account { base_url: pasted.address.clone(), ..account("Kauri") }], Some("new!"))),
            "other-canary" => Ok(granted(vec![account("Rimu")], Some("ther"))),
            "narrow-canary" => Err(ConnectError::Missing("reading invoices is not allowed: switch it on".into())),
            "slow-canary" => Err(ConnectError::Unavailable("no answer".into())),
            _ => Err(ConnectError::Refused("the key is not known".into())),
        }
    }
}

#[async_trait]
impl Farewell for Joined {
    async fn leave(&self, _: &dyn Access, _: &Account, _: bool) -> Result<(), ConnectError> {
        Ok(())
    }
}

#[async_trait]
impl Notes for Joined {
    async fn write(&self, _: &Link, _: &BookNote) -> Result<(), SourceError> {
        Ok(())
    }
}

#[async_trait]
impl Connector for Joined {
    async fn pull(&self, pull: Pull) -> Result<Box<dyn Source>, SourceError> {
        if let Some(trouble) = self.0.trouble.lock().unwrap().clone() {
            return Err(trouble);
        }
        let mut records = self.0.records.lock().unwrap().clone();
        if let Scope::Only(wanted) = &pull.scope {
            records.retain(|record| record.invoice.as_ref().is_some_and(|invoice| wanted.invoices.contains(&invoice.external_id)));
        }
        Ok(Box::new(OnePage(Some(records))))
    }
}

struct OnePage(Option<Vec<Record>>);

#[async_trait]
impl Source for OnePage {
    async fn next_page(&mut self) -> Result<Option<Page>, SourceError> {
        let page = |records: Vec<Record>| Page {
            rows_done: records.len() as u64,
            records,
            position: "end".into(),
            mark: Some("mark".into()),
            ..Page::default()
        };
        Ok(self.0.take().map(page))
    }
}

/// Calls are `account subject id mark`, a line each.
struct Told;

impl Webhook for Told {
    fn header(&self) -> &'static str {
        "x-books-signature"
    }

    fn read(&self, signature: Option<&str>, body: &[u8]) -> Result<Vec<Hint>, WebhookError> {
        if signature != Some(&signed(body)) {
            return Err(WebhookError::BadSignature);
        }
        let text = std::str::from_utf8(body).map_err(|_| WebhookError::Unreadable)?;
        text.lines().map(|line| hint(line).ok_or(WebhookError::Unreadable)).collect()
    }
}

fn hint(line: &str) -> Option<Hint> {
    let [account, "invoice", id, mark] = line.split(' ').collect::<Vec<_>>()[..] else { return None };
    Some(Hint { account: account.into(), subject: HintSubject::Invoice, external_id: id.into(), mark: mark.into() })
}

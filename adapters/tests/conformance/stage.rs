//! A stand-in with a clock of its own, joined, and pulls from it.

use std::{
    collections::BTreeMap,
    marker::PhantomData,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use domain::port::{
    Account, DebtorSnapshot, InvoiceSnapshot, Link, Page, PaymentSnapshot, Problem, Pull, Record, Scope, Source, SourceError, System,
};
use sandbox::{Options, Running};
use uuid::Uuid;

use crate::{bench::Bench, hands::Hands};

/// When the tests begin.
fn start() -> DateTime<Utc> {
    "2026-11-21T09:00:00Z".parse().unwrap()
}

/// A provider whose books were joined.
pub struct Stage<B: Bench> {
    pub running: Running,
    pub hands: Arc<Hands>,
    system: System,
    account: Account,
    seconds: Arc<AtomicI64>,
    bench: PhantomData<B>,
}

impl<B: Bench> Stage<B> {
    /// Empty books.
    pub async fn empty() -> Self {
        Self::of(0).await
    }

    /// So many invented invoices. The stand-in does not throttle: the limits are the product's to keep.
    pub async fn of(invoices: usize) -> Self {
        let seconds = Arc::new(AtomicI64::new(0));
        let moved = seconds.clone();
        let options = Options { samples: false, limits: false, auto_consent: true, invoices, ..Options::default() };
        let options = options.with_clock(move || start() + TimeDelta::seconds(moved.load(Ordering::SeqCst)));
        let running = sandbox::serve(B::PROVIDER, "127.0.0.1:0".parse().unwrap(), options).await.unwrap();
        let system = B::system(&running.url());
        let mut granted = B::join(&system, &running.url()).await;
        running.calls().clear();
        let account = granted.accounts.remove(0);
        let hands = Arc::new(Hands::new(system.clone(), granted.fresh.keys));
        Self { running, hands, system, account, seconds, bench: PhantomData }
    }

    /// Lets minutes pass, more than any overlap of two pulls.
    pub fn pass(&self) {
        self.seconds.fetch_add(600, Ordering::SeqCst);
    }

    pub fn now(&self) -> DateTime<Utc> {
        start() + TimeDelta::seconds(self.seconds.load(Ordering::SeqCst))
    }

    pub fn days_ago(&self, days: u64) -> NaiveDate {
        self.now().date_naive() - Days::new(days)
    }

    /// A debtor with all that letters need.
    pub fn debtor(&self) -> B::Debtor {
        B::debtor(&self.running).0
    }

    /// An invoice that is due for a month.
    pub fn invoice(&self, debtor: B::Debtor, cents: i64) -> B::Invoice {
        B::invoice(&self.running, debtor, self.days_ago(30), cents)
    }

    pub fn id(&self, invoice: B::Invoice) -> String {
        B::id(&self.running, invoice)
    }

    fn link(&self) -> Link {
        Link { account: self.account.clone(), access: self.hands.clone(), throttle: self.hands.clone(), now: self.now() }
    }

    /// The address of an invoice's page on the web.
    pub async fn page_of(&self, invoice: &str) -> Result<Option<String>, SourceError> {
        self.system.online.clone().unwrap().page_of(&self.link(), invoice).await
    }

    /// Starts a pull, or goes on with one.
    pub async fn source(&self, scope: Scope, position: Option<String>) -> Result<Box<dyn Source>, SourceError> {
        let pull = Pull {
            tenant: Uuid::nil().into(),
            integration: Uuid::nil().into(),
            currency: B::CURRENCY.into(),
            position,
            scope,
            link: Some(self.link()),
            file: None,
            today: self.now().date_naive(),
        };
        self.system.connector.pull(pull).await
    }

    /// The pages from a position to the end, or why there is none.
    pub async fn pages(&self, scope: Scope, position: Option<String>) -> Result<Vec<Page>, SourceError> {
        let mut source = self.source(scope, position).await?;
        let mut pages = Vec::new();
        while let Some(page) = source.next_page().await? {
            pages.push(page);
        }
        Ok(pages)
    }

    pub async fn pull(&self, scope: Scope) -> Pulled {
        Pulled::of(&self.pages(scope, None).await.unwrap())
    }

    /// The outcome of a pull from books that may misbehave. An error never shows a key.
    pub async fn try_pull(&self, scope: Scope) -> Result<Pulled, SourceError> {
        let pages = self.pages(scope, None).await;
        if let Err(error) = &pages {
            self.shows_no_key(&format!("{error} {error:?}"));
        }
        pages.map(|pages| Pulled::of(&pages))
    }

    pub fn shows_no_key(&self, text: &str) {
        let secrets = self.hands.known().into_iter().chain(B::secrets().into_iter().map(str::to_owned));
        for secret in secrets {
            assert!(!text.contains(&secret), "{secret:?} is in {text:?}");
        }
    }
}

/// What a pull told: the last word on each record.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pulled {
    pub invoices: BTreeMap<String, InvoiceSnapshot>,
    pub payments: BTreeMap<String, PaymentSnapshot>,
    pub debtors: BTreeMap<String, DebtorSnapshot>,
    /// Who owes an invoice.
    pub owed_by: BTreeMap<String, String>,
    pub problems: Vec<Problem>,
    mark: Option<String>,
}

impl Pulled {
    pub fn of(pages: &[Page]) -> Self {
        let mut pulled = Self::default();
        for page in pages {
            pulled.mark = page.mark.clone().or(pulled.mark);
            pulled.problems.extend(page.problems.iter().cloned());
            page.records.iter().for_each(|record| pulled.take(record));
        }
        pulled
    }

    fn take(&mut self, record: &Record) {
        if let Some((invoice, debtor)) = record.invoice.as_ref().zip(record.debtor.as_ref()) {
            self.owed_by.insert(invoice.external_id.clone(), debtor.external_id.clone());
        }
        self.invoices.extend(record.invoice.iter().map(|invoice| (invoice.external_id.clone(), invoice.clone())));
        self.payments.extend(record.payment.iter().map(|payment| (payment.external_id.clone(), payment.clone())));
        self.debtors.extend(record.debtor.iter().map(|debtor| (debtor.external_id.clone(), debtor.clone())));
    }

    /// The scope of the next pull of changes.
    pub fn mark(&self) -> Scope {
        Scope::Changes(self.mark.clone().expect("a pull that is through tells a mark"))
    }

    /// What is open on each invoice.
    pub fn open(&self) -> BTreeMap<String, Option<i64>> {
        self.invoices.iter().map(|(id, invoice)| (id.clone(), invoice.outstanding_minor)).collect()
    }

    /// What was told to have reduced an invoice.
    pub fn paid(&self, invoice: &str) -> Vec<&PaymentSnapshot> {
        self.payments.values().filter(|payment| payment.invoice_external_id == invoice).collect()
    }
}

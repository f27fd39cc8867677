//! Stories against the stand-in GO, whose author read the same documents and none of our code.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};

use chrono::TimeDelta;
use domain::port::{
    InvoiceSnapshot, InvoiceState, Link, Page, PaymentSnapshot, Pull, Scope, SourceError, System, Wanted,
    access::{Access, Lent},
    connect::{ConnectError, ConsentAsk, Granted, PastedKeys},
    vault::SecretString,
};
use entity::{IntegrationId, PaymentKind, TenantId};
use sandbox::{
    Options, Provider, Running,
    poweroffice::{APPLICATION_KEY, CLIENT_KEY, NewInvoice, SUBSCRIPTION_KEY},
    serve,
};

use super::{
    super::{Settings, system},
    data::Turns,
    now,
};
use crate::http::{Http, Url};

/// Lends keys, and renews them by the connector itself.
struct Holder {
    system: System,
    keys: Mutex<SecretString>,
}

#[async_trait::async_trait]
impl Access for Holder {
    async fn lend(&self) -> Result<Lent, SourceError> {
        Ok(Lent { keys: self.keys.lock().unwrap().clone(), version: 1 })
    }

    async fn refused(&self, lent: &Lent) -> Result<Lent, SourceError> {
        let fresh = self.system.renewal.as_ref().unwrap().renew(&lent.keys).await;
        *self.keys.lock().unwrap() = fresh.map_err(|error| SourceError::Unauthorised(error.to_string()))?.keys;
        self.lend().await
    }
}

/// A stand-in with a clock of its own, and a client of GO that is connected to it.
struct World {
    running: Running,
    seconds: Arc<AtomicI64>,
    system: System,
}

impl World {
    async fn new(options: Options) -> Self {
        let seconds = Arc::new(AtomicI64::new(0));
        let moved = seconds.clone();
        let options = options.with_clock(move || now() + TimeDelta::seconds(moved.load(Ordering::SeqCst)));
        let running = serve(Provider::PowerOffice, SocketAddr::from(([127, 0, 0, 1], 0)), options).await.unwrap();
        let mut settings = Settings::new(APPLICATION_KEY.into(), SUBSCRIPTION_KEY.into(), "http://127.0.0.1:9/back");
        settings.token_url = format!("{}/OAuth/Token", running.url());
        settings.api_url = format!("{}/v2", running.url());
        Self { running, seconds, system: system(settings, Http::trusted().unwrap()) }
    }

    async fn unlimited(samples: bool) -> Self {
        Self::new(Options { samples, limits: false, auto_consent: true, ..Options::default() }).await
    }

    fn pass(&self, minutes: i64) {
        self.seconds.fetch_add(60 * minutes, Ordering::SeqCst);
    }

    async fn joined(&self) -> Result<Granted, ConnectError> {
        self.system.pasted.as_ref().unwrap().check(&PastedKeys { address: None, key: CLIENT_KEY.into() }).await
    }

    /// All of a pull, and the mark for the next.
    async fn pulled(&self, granted: &Granted, scope: Scope) -> Result<Pulled, SourceError> {
        let now = now() + TimeDelta::seconds(self.seconds.load(Ordering::SeqCst));
        let access = Arc::new(Holder { system: self.system.clone(), keys: Mutex::new(granted.fresh.keys.clone()) });
        let link = Link { account: granted.accounts[0].clone(), access, throttle: Arc::new(Turns::default()), now };
        let nil = uuid::Uuid::nil();
        let (tenant, integration) = (TenantId::from(nil), IntegrationId::from(nil));
        let pull = Pull {
            tenant,
            integration,
            currency: "NOK".into(),
            position: None,
            scope,
            link: Some(link),
            file: None,
            today: now.date_naive(),
        };
        let mut source = self.system.connector.pull(pull).await?;
        let mut pulled = Pulled::default();
        while let Some(page) = source.next_page().await? {
            pulled.take(page);
        }
        Ok(pulled)
    }

    /// An invoice of a thousand kroner that was due in September, and its id.
    fn add_invoice(&self) -> (u64, String) {
        let control = self.running.poweroffice();
        let customer_no = control.change(0, |ledger, _| ledger.customers()[0].number).unwrap();
        let (issued_on, due_on) = ("2026-08-20".parse().unwrap(), "2026-09-03".parse().unwrap());
        let no = control.add_invoice(&NewInvoice { customer_no, issued_on, due_on, total_minor: 100_000 }).unwrap();
        (no, control.invoice(no).unwrap().0.voucher_id().to_string())
    }
}

/// What a pull told, by ids.
#[derive(Default)]
struct Pulled {
    invoices: BTreeMap<String, InvoiceSnapshot>,
    payments: BTreeMap<String, PaymentSnapshot>,
    problems: usize,
    mark: String,
}

impl Pulled {
    fn take(&mut self, page: Page) {
        self.mark = page.mark.unwrap_or_default();
        self.problems += page.problems.len();
        for record in page.records {
            self.invoices.extend(record.invoice.map(|invoice| (invoice.external_id.clone(), invoice)));
            self.payments.extend(record.payment.map(|payment| (payment.external_id.clone(), payment)));
        }
    }

    fn state(&self, id: &str) -> (InvoiceState, Option<i64>) {
        (self.invoices[id].state, self.invoices[id].outstanding_minor)
    }

    /// Kind, amount, reconciled and reversed of the payments of an invoice.
    fn paid(&self, id: &str) -> Vec<(PaymentKind, i64, bool, bool)> {
        let own = self.payments.values().filter(|payment| payment.invoice_external_id == id);
        own.map(|payment| (payment.kind, payment.amount_minor.unwrap(), payment.reconciled, payment.reversed)).collect()
    }
}

#[tokio::test]
async fn the_samples_are_told_as_the_ledger_has_them() {
    let world = World::unlimited(true).await;
    let granted = world.joined().await.unwrap();
    let pulled = world.pulled(&granted, Scope::Everything).await.unwrap();
    let open = world.running.poweroffice().change(0, |ledger, _| {
        let open = ledger.invoices().iter().filter(|invoice| invoice.credits.is_none() && ledger.entry_of(invoice).balance_minor > 0);
        open.map(|invoice| (invoice.voucher_id().to_string(), Some(ledger.entry_of(invoice).balance_minor))).collect::<BTreeMap<_, _>>()
    });
    let told: BTreeMap<_, _> = pulled.invoices.iter().map(|(id, invoice)| (id.clone(), invoice.outstanding_minor)).collect();
    assert_eq!(told, open.unwrap());
    assert!(told.len() > 10 && pulled.problems == 0);
}

#[tokio::test]
async fn an_invoice_lives_from_part_paid_to_paid_to_taken_back_to_written_off() {
    use InvoiceState::{Approved, WrittenOff};
    let world = World::unlimited(true).await;
    let granted = world.joined().await.unwrap();
    let (no, id) = world.add_invoice();
    let control = world.running.poweroffice();
    let mut mark = world.pulled(&granted, Scope::Everything).await.unwrap().mark;
    let (first, second) = ((PaymentKind::Payment, 40_000, true, false), (PaymentKind::Payment, 60_000, true, false));
    let taken_back = (PaymentKind::Payment, 40_000, false, true);
    let mut payment = 0;
    for (step, state, paid) in [
        ("part", (Approved, Some(60_000)), vec![first]),
        ("rest", (Approved, Some(0)), vec![first, second]),
        ("taken back", (Approved, Some(40_000)), vec![taken_back, second]),
        ("given up", (WrittenOff, Some(0)), vec![second]),
    ] {
        world.pass(15);
        match step {
            "part" => payment = control.record_payment(no, 40_000).unwrap(),
            "taken back" => control.delete_payment(payment).unwrap(),
            "given up" => assert!(control.write_off(no).is_ok()),
            _ => assert!(control.record_payment(no, 60_000).is_ok()),
        }
        world.pass(1);
        let pulled = world.pulled(&granted, Scope::Changes(mark)).await.unwrap();
        assert_eq!((pulled.state(&id), pulled.paid(&id)), (state, paid), "{step}");
        mark = pulled.mark;
    }
}

#[tokio::test]
async fn a_payment_that_was_taken_back_settles_nothing_more() {
    let world = World::unlimited(true).await;
    let granted = world.joined().await.unwrap();
    let control = world.running.poweroffice();
    let (no, id) = world.add_invoice();
    let [kept, taken_back] = [30_000, 20_000].map(|minor| control.record_payment(no, minor).unwrap());
    let both = [kept, taken_back].map(|payment| format!("{payment}/{id}"));
    let first = world.pulled(&granted, Scope::Everything).await.unwrap();
    assert_eq!(first.invoices[&id].settled_by.as_deref(), Some(&both[..]));
    world.pass(15);
    control.delete_payment(taken_back).unwrap();
    for scope in [Scope::Changes(first.mark), Scope::Everything, Scope::Only(Wanted { invoices: vec![id.clone()], debtors: vec![] })] {
        let pulled = world.pulled(&granted, scope).await.unwrap();
        assert_eq!(pulled.invoices[&id].settled_by.as_deref(), Some(&both[..1]));
    }
}

#[tokio::test]
async fn a_reversed_invoice_is_void_and_a_credited_one_is_credited() {
    let world = World::unlimited(true).await;
    let granted = world.joined().await.unwrap();
    let ((reversed, reversed_id), (credited, credited_id)) = (world.add_invoice(), world.add_invoice());
    let mark = world.pulled(&granted, Scope::Everything).await.unwrap().mark;
    world.pass(15);
    world.running.poweroffice().reverse(reversed).unwrap();
    world.running.poweroffice().credit(credited, 100_000).unwrap();
    let pulled = world.pulled(&granted, Scope::Changes(mark)).await.unwrap();
    assert_eq!(pulled.state(&reversed_id), (InvoiceState::Voided, Some(0)));
    assert_eq!(pulled.state(&credited_id), (InvoiceState::Approved, Some(0)));
    assert_eq!(pulled.paid(&credited_id), [(PaymentKind::CreditNote, 100_000, true, false)]);
    let wanted = Wanted { invoices: vec![reversed_id.clone()], debtors: vec![] };
    let again = world.pulled(&granted, Scope::Only(wanted)).await.unwrap();
    assert_eq!((again.state(&reversed_id).0, again.invoices.len()), (InvoiceState::Voided, 1));
}

#[tokio::test]
async fn a_token_that_ran_out_is_renewed_in_the_middle_of_a_pull() {
    let world = World::unlimited(true).await;
    let granted = world.joined().await.unwrap();
    world.pass(30);
    assert!(!world.pulled(&granted, Scope::Everything).await.unwrap().invoices.is_empty());
    world.running.poweroffice().remove_integration(0).unwrap();
    world.pass(30);
    assert!(matches!(world.pulled(&granted, Scope::Everything).await, Err(SourceError::Unauthorised(_))));
    assert!(matches!(world.joined().await, Err(ConnectError::Refused(_))));
}

#[tokio::test]
async fn a_right_that_is_taken_away_is_named_when_joining_and_when_pulling() {
    let world = World::unlimited(true).await;
    let granted = world.joined().await.unwrap();
    world.running.poweroffice().set_privilege(0, "OutgoingInvoice", false).unwrap();
    assert!(matches!(world.joined().await, Err(ConnectError::Missing(why)) if why.contains("outgoing invoices")));
    assert!(
        matches!(world.pulled(&granted, Scope::Everything).await, Err(SourceError::Unauthorised(why)) if why.contains("OutgoingInvoices"))
    );
}

#[tokio::test]
async fn the_limit_of_ten_calls_a_second_ends_the_pull_and_says_when_to_come_back() {
    let world = World::new(Options::default()).await;
    let granted = world.joined().await.unwrap();
    let mut answers = Vec::new();
    for _ in 0..6 {
        answers.push(world.pulled(&granted, Scope::Changes("2026-11-21T09:59:59.000000Z".into())).await.err());
    }
    assert!(answers.contains(&Some(SourceError::RateLimited(1))), "{answers:?}");
}

#[tokio::test]
async fn onboarding_in_a_browser_brings_a_key_for_every_client_and_our_state_back() {
    let world = World::unlimited(true).await;
    let consent = world.system.consent.clone().unwrap();
    let ask = ConsentAsk { state: "state-77".into(), challenge: "unused".into() };
    let page = consent.page(&ask).await.unwrap();
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = browser.get(page).send().await.unwrap();
    let back: Url = answer.headers()["location"].to_str().unwrap().parse().unwrap();
    let query: BTreeMap<String, String> = back.query_pairs().into_owned().collect();
    assert_eq!((back.path(), query["state"].as_str()), ("/back", "state-77"));
    let code: SecretString = query["token"].clone().into();
    let granted = consent.trade(&code, &"unused".into()).await.unwrap();
    assert_eq!(granted.accounts.len(), world.running.poweroffice().clients().len());
    assert_eq!(granted.accounts[0].external_id, world.joined().await.unwrap().accounts[0].external_id, "by either way the same account");
    assert!(!world.pulled(&granted, Scope::Everything).await.unwrap().invoices.is_empty());
    assert!(matches!(consent.trade(&code, &"unused".into()).await, Err(ConnectError::Refused(_))));
}

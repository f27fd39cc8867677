//! The connector against the stand-in Xero, which was written from Xero's documents by somebody else: from consent to
//! farewell, with what creditors do in between.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::Arc,
};

use domain::port::{
    Account, InvoiceState, Link, Page, PaymentSnapshot, Pull, Scope, SourceError, System, Wanted,
    access::{Access, Lent},
    connect::{BookEvent, BookNote, ConsentAsk},
    throttle::{Limit, Throttle, Told, Turn},
    vault::SecretString,
};
use entity::{IntegrationId, PaymentKind, TenantId};
use sandbox::{
    Options, Provider, Running, serve,
    xero::{
        NewInvoice,
        books::{Cents, CreditKind},
    },
};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::books::start;
use crate::{
    connectors::xero::{Settings, system},
    http::{Http, Url},
};

/// The pair of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Keeps one set of keys and renews it, as the domain does over the database.
struct Keys {
    system: System,
    held: Mutex<(SecretString, i64)>,
}

#[async_trait::async_trait]
impl Access for Keys {
    async fn lend(&self) -> Result<Lent, SourceError> {
        let (keys, version) = self.held.lock().await.clone();
        Ok(Lent { keys, version })
    }

    async fn refused(&self, _: &Lent) -> Result<Lent, SourceError> {
        let mut held = self.held.lock().await;
        let renewal = self.system.renewal.clone().unwrap();
        let fresh = renewal.renew(&held.0).await.map_err(|error| SourceError::Unauthorised(error.to_string()))?;
        *held = (fresh.keys, held.1 + 1);
        Ok(Lent { keys: held.0.clone(), version: held.1 })
    }
}

/// No limits: the stand-in's are switched off, too.
struct Free;

#[async_trait::async_trait]
impl Throttle for Free {
    async fn enter(&self, _: &[Limit]) -> Result<Turn, SourceError> {
        Ok(Turn::default())
    }

    async fn leave(&self, _: Turn, _: Told) {}
}

struct Stand {
    running: Running,
    system: System,
    keys: Arc<Keys>,
    accounts: Vec<Account>,
}

impl Stand {
    /// A stand-in, and a consent for all its organisations.
    async fn joined() -> Self {
        let options = Options { limits: false, auto_consent: true, samples: false, ..Options::default() };
        let running = serve(Provider::Xero, SocketAddr::from(([127, 0, 0, 1], 0)), options).await.unwrap();
        let base = running.url();
        let mut settings = Settings::new("sandbox-client", "sandbox-secret".into(), "http://localhost/callback", "key".into());
        settings.authorize_url = format!("{base}/identity/connect/authorize");
        settings.token_url = format!("{base}/connect/token");
        settings.revocation_url = format!("{base}/connect/revocation");
        settings.connections_url = format!("{base}/connections");
        settings.api_url = format!("{base}/api.xro/2.0");
        settings.write_notes = true;
        let system = system(settings, Http::trusted().unwrap());
        let consent = system.consent.clone().unwrap();
        let page = consent.page(&ConsentAsk { state: "state".into(), challenge: CHALLENGE.into() }).await.unwrap();
        let granted = consent.trade(&answer(&page).await.into(), &VERIFIER.into()).await.unwrap();
        let keys = Arc::new(Keys { system: system.clone(), held: Mutex::new((granted.fresh.keys, 1)) });
        Self { running, system, keys, accounts: granted.accounts }
    }

    fn link(&self) -> Link {
        Link { account: self.accounts[0].clone(), access: self.keys.clone(), throttle: Arc::new(Free), now: start() }
    }

    fn tenant(&self) -> Uuid {
        self.accounts[0].external_id.parse().unwrap()
    }

    async fn pull(&self, scope: Scope) -> Result<Vec<Page>, SourceError> {
        let pull = Pull {
            tenant: TenantId(Uuid::nil()),
            integration: IntegrationId(Uuid::nil()),
            currency: "NZD".into(),
            position: None,
            scope,
            link: Some(self.link()),
            file: None,
            today: start().date_naive(),
        };
        self.running.calls().clear();
        let mut source = self.system.connector.pull(pull).await?;
        let mut pages = Vec::new();
        while let Some(page) = source.next_page().await? {
            assert!(page.problems.is_empty(), "{:?}", page.problems);
            pages.push(page);
        }
        Ok(pages)
    }

    /// An open invoice over 115.00, due two months ago.
    fn invoice(&self, contact: Uuid) -> Uuid {
        let due_on = "2026-09-20".parse().unwrap();
        self.running.xero().add_invoice(self.tenant(), NewInvoice::due(contact, due_on, Cents(11_500))).unwrap()
    }

    fn contact(&self, name: &str) -> Uuid {
        self.running.xero().add_contact(self.tenant(), name, "someone@example.co.nz").unwrap()
    }
}

/// Goes to the page of consent as a browser does, and reads the code out of where it leads.
async fn answer(page: &str) -> String {
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let response = browser.get(page).send().await.unwrap();
    let location = Url::parse(response.headers()["location"].to_str().unwrap()).unwrap();
    let query: BTreeMap<String, String> = location.query_pairs().into_owned().collect();
    assert_eq!(query["state"], "state");
    query["code"].clone()
}

fn mark(pages: &[Page]) -> Scope {
    Scope::Changes(pages.last().unwrap().mark.clone().unwrap())
}

fn payments(pages: &[Page]) -> BTreeMap<String, PaymentSnapshot> {
    let told = pages.iter().flat_map(|page| &page.records).filter_map(|record| record.payment.clone());
    told.map(|payment| (payment.external_id.clone(), payment)).collect()
}

/// What is open on each invoice, and its state.
fn open(pages: &[Page]) -> BTreeMap<String, (Option<i64>, InvoiceState)> {
    let told = pages.iter().flat_map(|page| &page.records).filter_map(|record| record.invoice.as_ref());
    told.map(|invoice| (invoice.external_id.clone(), (invoice.outstanding_minor, invoice.state))).collect()
}

#[tokio::test]
async fn from_consent_over_payments_and_their_reversal_to_farewell() {
    let stand = Stand::joined().await;
    assert_eq!(stand.accounts.len(), 2, "both organisations of the login");
    let xero = stand.running.xero();
    let contact = stand.contact("Kauri Joinery");
    let (first, second) = (stand.invoice(contact), stand.invoice(contact));
    let whole = stand.pull(Scope::Everything).await.unwrap();
    assert_eq!(open(&whole).into_values().collect::<Vec<_>>(), [(Some(11_500), InvoiceState::Approved); 2]);
    assert_eq!(whole[0].records[0].debtor.as_ref().unwrap().email.as_deref(), Some("someone@example.co.nz"));
    assert_eq!(whole[0].account.as_ref().unwrap().time_zone.as_deref(), Some("Pacific/Auckland"));
    assert_eq!(stand.running.calls().total(), 3);

    let part = xero.record_payment(first, Cents(1_500), false).unwrap();
    let credit = xero.credit_invoice(first, Cents(1_000), CreditKind::CreditNote).unwrap();
    xero.void_invoice(second).unwrap();
    let changed = stand.pull(mark(&whole)).await.unwrap();
    assert_eq!(open(&changed)[&first.to_string()], (Some(9_000), InvoiceState::Approved));
    assert_eq!(open(&changed)[&second.to_string()].1, InvoiceState::Voided);
    let told = payments(&changed);
    assert!(!told[&part.to_string()].reconciled && !told[&part.to_string()].reversed);
    let credited = &told[&format!("credit-note:{credit}:{first}")];
    assert_eq!((credited.kind, credited.amount_minor, credited.reconciled), (PaymentKind::CreditNote, Some(1_000), true));

    xero.reconcile_payment(part, true).unwrap();
    assert!(payments(&stand.pull(mark(&changed)).await.unwrap())[&part.to_string()].reconciled);
    xero.delete_payment(part).unwrap();
    let taken_back = stand.pull(mark(&changed)).await.unwrap();
    assert!(payments(&taken_back)[&part.to_string()].reversed);
    assert_eq!(open(&taken_back)[&first.to_string()].0, Some(10_500));

    let farewell = stand.system.farewell.clone().unwrap();
    for _ in 0..2 {
        farewell.leave(&*stand.keys, &stand.accounts[0], false).await.unwrap();
    }
    assert!(matches!(stand.pull(Scope::Everything).await, Err(SourceError::Unauthorised(_))));
    farewell.leave(&*stand.keys, &stand.accounts[1], true).await.unwrap();
    assert!(xero.connections().is_empty());
}

#[tokio::test]
async fn a_credit_that_was_taken_off_and_a_payment_that_was_deleted_settle_nothing_more() {
    let stand = Stand::joined().await;
    let xero = stand.running.xero();
    let invoice = stand.invoice(stand.contact("Nikau Nurseries"));
    let [kept, deleted] = [1_500, 2_500].map(|cents| xero.record_payment(invoice, Cents(cents), false).unwrap());
    let [stays, taken_off] = [1_000, 500].map(|cents| xero.credit_invoice(invoice, Cents(cents), CreditKind::CreditNote).unwrap());
    let credit = |id: Uuid| format!("credit-note:{id}:{invoice}");
    let settled_by = |pages: &[Page]| {
        let told = pages.iter().flat_map(|page| &page.records).find_map(|record| record.invoice.clone());
        told.unwrap().settled_by.unwrap()
    };
    let before = stand.pull(Scope::Everything).await.unwrap();
    assert_eq!(settled_by(&before), [kept.to_string(), deleted.to_string(), credit(stays), credit(taken_off)]);
    assert_eq!(payments(&before).into_keys().collect::<BTreeSet<_>>(), settled_by(&before).into_iter().collect());

    xero.delete_payment(deleted).unwrap();
    xero.edit_invoice(invoice, |invoice| invoice.credits.retain(|credit| credit.id != taken_off)).unwrap();
    let only = Scope::Only(Wanted { invoices: vec![invoice.to_string()], debtors: Vec::new() });
    for scope in [mark(&before), Scope::Everything, only] {
        assert_eq!(settled_by(&stand.pull(scope).await.unwrap()), [kept.to_string(), credit(stays)]);
    }
}

#[tokio::test]
async fn what_does_not_count_as_a_change_is_seen_when_it_is_asked_for() {
    let stand = Stand::joined().await;
    let xero = stand.running.xero();
    let invoice = stand.invoice(stand.contact("Rimu Roofing"));
    xero.record_payment(invoice, Cents(1_500), true).unwrap();
    let due_on = "2026-12-24".parse().unwrap();
    xero.edit_due_date(invoice, due_on, sandbox::xero::Stamp::Usual).unwrap();
    let only = Scope::Only(Wanted { invoices: vec![invoice.to_string()], debtors: Vec::new() });
    for scope in [only, Scope::Everything] {
        let pages = stand.pull(scope).await.unwrap();
        let records: Vec<_> = pages.iter().flat_map(|page| &page.records).collect();
        assert_eq!(records[0].invoice.as_ref().unwrap().due_on, due_on);
        assert_eq!(records[1].payment.as_ref().map(|payment| payment.reconciled), Some(true));
    }
}

#[tokio::test]
async fn tokens_that_ran_out_are_renewed_and_a_grant_that_was_taken_back_is_told() {
    let stand = Stand::joined().await;
    stand.invoice(stand.contact("Totara Tiles"));
    stand.running.xero().expire_tokens();
    assert_eq!(open(&stand.pull(Scope::Everything).await.unwrap()).len(), 1);
    assert_eq!(stand.keys.held.lock().await.1, 2);
    stand.running.xero().revoke_grant();
    assert!(matches!(stand.pull(Scope::Everything).await, Err(SourceError::Unauthorised(_))));
}

#[tokio::test]
async fn merged_and_forgotten_contacts_are_told() {
    let stand = Stand::joined().await;
    let xero = stand.running.xero();
    let (from, into, forgotten) = (stand.contact("Old name"), stand.contact("New name"), stand.contact("Somebody"));
    let invoice = stand.invoice(from);
    let whole = stand.pull(Scope::Everything).await.unwrap();
    xero.merge_contacts(from, into).unwrap();
    xero.set_contact_status(forgotten, sandbox::xero::books::ContactStatus::GdprRequest).unwrap();
    let pages = stand.pull(mark(&whole)).await.unwrap();
    let debtors: BTreeMap<String, _> = pages
        .iter()
        .flat_map(|page| &page.records)
        .filter_map(|record| record.debtor.clone())
        .map(|debtor| (debtor.external_id.clone(), debtor))
        .collect();
    assert_eq!(debtors[&from.to_string()].merged_into, Some(into.to_string()));
    assert_eq!(debtors[&forgotten.to_string()].exempt, Some(true));
    let owed_by: Vec<_> = pages
        .iter()
        .flat_map(|page| &page.records)
        .filter(|record| record.invoice.as_ref().is_some_and(|told| told.external_id == invoice.to_string()))
        .filter_map(|record| record.debtor.as_ref())
        .map(|debtor| debtor.external_id.clone())
        .collect();
    assert!(owed_by.iter().all(|debtor| *debtor == into.to_string()), "{owed_by:?}");
}

#[tokio::test]
async fn a_note_is_in_the_history_once() {
    let stand = Stand::joined().await;
    let invoice = stand.invoice(stand.contact("Matai Motors"));
    let note = BookNote {
        invoice_external_id: invoice.to_string(),
        about: BookEvent::HandedOver,
        text: "Handed over".into(),
        id: Uuid::from_u128(7),
    };
    let notes = stand.system.notes.clone().unwrap();
    for _ in 0..2 {
        notes.write(&stand.link(), &note).await.unwrap();
    }
    assert_eq!(stand.running.xero().notes(invoice).len(), 1);
}

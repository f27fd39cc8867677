//! The creditor's day, with the processes dying under it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use testdb::Backend;

use super::{
    books::{self, message_id},
    creditor::{self, now},
    fleet::Fleet,
    ledger::{APPROVED, DEBTORS, FILES, Ledger, PAYERS, decimal},
};
use crate::{
    clock::Seeded,
    process::{
        client::{Client, only_field},
        mailbox::Mailbox,
        product::{Installation, LOOK},
    },
};

/// Deaths that the story must see.
const DEATHS: usize = 15;

/// Longest that the mail server thinks about a recipient or a mail.
const THINKING: Duration = Duration::from_millis(500);

/// Cases of the story of the worker that sleeps.
const SLEEPERS: usize = 40;

struct Story {
    fleet: Fleet,
    client: Client,
    chance: Seeded,
    ledger: Ledger,
    integration: String,
    /// Deaths while something that had been asked for was not through.
    interrupted: usize,
    began: Instant,
}

pub async fn tell(backend: Backend, seed: u64) {
    println!("DUNWELL_TEST_SEED={seed}");
    let mailbox = Mailbox::start(seed, THINKING).await;
    let mut story = Story::begin(backend, seed, &mailbox).await;
    story.tell("set up");
    story.invoices_arrive().await;
    story.everything_was_imported_once().await;
    story.tell("imported");
    story.some_are_approved().await;
    story.tell("approved");
    story.a_clean_stop_cuts_nothing_off(&mailbox).await;
    story.letters_go_out(&mailbox, 6).await;
    story.each_case_has_its_first_letter(&mailbox).await;
    story.tell("letters sent");
    story.unknown_ones_wait_for_a_person(&mailbox).await;
    story.tell("resolved");
    story.payments_arrive().await;
    story.letters_go_out(&mailbox, 2).await;
    story.payers_are_thanked_once(&mailbox).await;
    story.tell("paid and thanked");
    println!("{} deaths, {} of them in the middle of something", story.fleet.deaths, story.interrupted);
    assert!(story.fleet.deaths >= DEATHS, "only {} deaths: nothing is proven", story.fleet.deaths);
}

/// A worker that sleeps longer than its lease, in the middle of sending, is taken for dead; when it wakes up, whatever it
/// and the others make of the same letters arrives once.
pub async fn oversleep(seed: u64) {
    println!("DUNWELL_TEST_SEED={seed}");
    let mailbox = Mailbox::start(seed, THINKING).await;
    let mut story = Story::begin(Backend::Postgres, seed, &mailbox).await;
    let file = story.ledger.invoice_file(0);
    story.import("invoices.csv", &file, 0).await;
    // Otherwise all letters may be out before anybody looks whether one is on its way.
    mailbox.hold();
    story.approve(SLEEPERS).await;
    while !mailbox.is_thinking() {
        tokio::time::sleep(LOOK).await;
    }
    story.fleet.put_worker_to_sleep(&mailbox).await;
    story.letters_go_out(&mailbox, 0).await;
    story.tell("everything is through but the sleeper");
    story.fleet.wake_worker();
    // Its own pulse tells that it is back: by then it has gone on with what it held.
    story.fleet.until_awake().await;
    while mailbox.is_thinking() {
        tokio::time::sleep(LOOK).await;
    }
    let known = books::agree(&story.client, &mailbox).await;
    assert_eq!(known.len(), SLEEPERS);
    story.tell("it woke up");
}

impl Story {
    async fn begin(backend: Backend, seed: u64, mailbox: &Mailbox) -> Self {
        let installation = Installation::on(backend).await;
        let installation = installation
            .with("DUNWELL_SMTP__HOST", "127.0.0.1")
            .with("DUNWELL_SMTP__PORT", &mailbox.port.to_string())
            .with("DUNWELL_SMTP__TLS", "none")
            .with("DUNWELL_SMTP__FROM", "letters@creditor.example.com");
        let owner = creditor::settle_in(&installation).await;
        let chance = Seeded::new(seed);
        let ledger = Ledger::new(&chance, now().date_naive());
        let fleet = Fleet::start(installation, backend).await;
        let (client, integration) = creditor::sign_in(fleet.url(), &owner).await;
        Self { fleet, client, chance, ledger, integration, interrupted: 0, began: Instant::now() }
    }

    /// For whoever reads a failing run.
    fn tell(&self, what: &str) {
        println!("{what}: {} ms, {} deaths", self.began.elapsed().as_millis(), self.fleet.deaths);
    }

    /// A pause, ended by the death of something.
    async fn strike_within(&mut self, most_ms: usize) {
        self.pause(most_ms).await;
        self.fleet.strike(&self.chance).await;
        self.client = self.client.at(self.fleet.url());
    }

    async fn pause(&self, most_ms: usize) {
        let pause = self.chance.below(most_ms);
        tokio::time::sleep(Duration::from_millis(u64::try_from(pause).unwrap())).await;
    }

    /// Calls a mutation that takes effect once; the API dies around the first two calls, before, in or after them.
    async fn insist(&mut self, document: &str, mut variables: Value) -> Value {
        variables["key"] = json!(format!("key-{}", self.chance.next()));
        for attempt in 0.. {
            let (client, asked, with) = (self.client.clone(), document.to_owned(), variables.clone());
            let call = tokio::spawn(async move { client.send(&asked, with).await });
            if attempt < 2 {
                self.pause(120).await;
                self.interrupted += usize::from(!call.is_finished());
                self.fleet.strike_api().await;
                self.client = self.client.at(self.fleet.url());
            }
            let Ok(answer) = call.await.unwrap() else { continue };
            let payload = only_field(answer.json()["data"].clone());
            match payload["userErrors"][0]["code"].as_str() {
                None => return payload,
                Some("IDEMPOTENCY_IN_PROGRESS") => tokio::time::sleep(LOOK).await,
                Some(_) => panic!("{payload}"),
            }
        }
        unreachable!("the loop ends with an answer")
    }

    async fn import(&mut self, name: &str, text: &str, deaths: usize) -> Value {
        let upload = self.client.upload(name, text.as_bytes()).await;
        let variables = json!({ "integration": self.integration, "upload": upload });
        let started = self.insist(IMPORT, variables).await;
        let run = started["syncRun"]["id"].as_str().unwrap().to_owned();
        for _ in 0..deaths {
            if has_ended(&self.run(&run).await) {
                break;
            }
            self.interrupted += 1;
            self.strike_within(500).await;
        }
        loop {
            let run = self.run(&run).await;
            if has_ended(&run) {
                assert_eq!((&run["status"], &run["error"]), (&json!("SUCCEEDED"), &Value::Null), "{run}");
                return run["counters"].clone();
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn run(&self, id: &str) -> Value {
        self.client.ask(RUN, json!({ "id": id })).await["syncRun"].clone()
    }

    async fn invoices_arrive(&mut self) {
        for file in 0..FILES {
            let text = self.ledger.invoice_file(file);
            let counters = self.import("invoices.csv", &text, 3).await;
            assert_eq!(counters["rowsFailed"], 0, "{counters}");
            // Counted in the transaction of its page, a row is counted once however often the page was begun.
            assert_eq!(counters["invoicesNew"], text.lines().count() - 1, "{counters}");
        }
        let again = self.ledger.invoice_file(0);
        let counters = self.import("again.csv", &again, 1).await;
        let seen = (&counters["invoicesNew"], &counters["invoicesUpdated"], &counters["invoicesUnchanged"]);
        assert_eq!(seen, (&json!(0), &json!(0), &json!(again.lines().count() - 1)), "{counters}");
    }

    /// I1 and I6, against the files.
    async fn everything_was_imported_once(&self) {
        let selection = "number total { amount currency } outstanding { amount } debtor { externalId } case { id }";
        let shown = self.client.all("invoices", "", selection).await;
        assert_eq!(shown.len(), self.ledger.invoices.len(), "I1: as many as in the files");
        let by_number: BTreeMap<&str, &Value> = shown.iter().map(|row| (row["number"].as_str().unwrap(), row)).collect();
        let mut cases: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
        for invoice in &self.ledger.invoices {
            let row = by_number.get(invoice.number.as_str()).unwrap_or_else(|| panic!("I1: {} is lost", invoice.number));
            let total = decimal(invoice.total_minor);
            assert_eq!(row["total"], json!({ "amount": total, "currency": "EUR" }), "I6: {row}");
            assert_eq!(row["outstanding"]["amount"], total, "I6: {row}");
            assert_eq!(row["debtor"]["externalId"], Ledger::debtor_id(invoice.debtor), "{row}");
            cases.entry(invoice.debtor).or_default().insert(row["case"]["id"].as_str().expect("a case"));
        }
        assert!(cases.values().all(|of_debtor| of_debtor.len() == 1), "each debtor has one case");
    }

    /// The count and the total are right before; of the cases, some are approved.
    async fn some_are_approved(&mut self) {
        let document = "{ cases(where: { status: [PROPOSED] }) { totalCount { value } totals { amount currency } } }";
        let seen = self.client.ask(document, json!({})).await["cases"].clone();
        assert_eq!(seen["totalCount"]["value"], DEBTORS);
        assert_eq!(seen["totals"], json!([{ "amount": decimal(self.ledger.total_minor()), "currency": "EUR" }]));
        self.approve(APPROVED).await;
    }

    /// Approves the cases of the first debtors.
    async fn approve(&mut self, debtors: usize) {
        let cases = self.cases().await;
        let ids: Vec<&Value> = cases.iter().filter(|case| debtor(case) < debtors).map(|case| &case["id"]).collect();
        let approved = self.insist(APPROVE, json!({ "ids": ids })).await;
        assert_eq!(approved["cases"].as_array().unwrap().len(), debtors);
    }

    /// In the middle of sending, a process that is asked to stop finishes what it has begun.
    async fn a_clean_stop_cuts_nothing_off(&mut self, mailbox: &Mailbox) {
        while !mailbox.is_thinking() && self.to_begin().await > 0 {
            tokio::time::sleep(LOOK).await;
        }
        let unknown = self.count("deliveries(status: [UNKNOWN])").await;
        self.fleet.restart_in_order().await;
        self.client = self.client.at(self.fleet.url());
        assert_eq!(self.count("deliveries(status: [UNKNOWN])").await, unknown, "nothing was cut off");
        let sent = self.client.all("deliveries", ", status: [SENT]", "id").await;
        let arrived: BTreeSet<String> = mailbox.mails().into_iter().map(|mail| mail.message_id).collect();
        assert!(sent.iter().all(|row| arrived.contains(&message_id(row["id"].as_str().unwrap()))));
    }

    /// Until nothing is due any more, with so many deaths on the way.
    async fn letters_go_out(&mut self, mailbox: &Mailbox, deaths: usize) {
        for death in 0..deaths {
            // Every second death comes while the mail server has been asked and has not answered.
            while death % 2 == 1 && !mailbox.is_thinking() && self.to_begin().await > 0 {
                tokio::time::sleep(LOOK).await;
            }
            let through = self.at_work().await == 0;
            self.interrupted += usize::from(!through);
            self.strike_within(if death % 2 == 1 { 5 } else { 900 }).await;
        }
        let mut rounds = 0;
        while self.at_work().await > 0 {
            if self.to_begin().await == 0 {
                rounds += 1;
            }
            // Whoever really is sending has had its answer long before.
            if rounds > 40 {
                self.fleet.age_hand_overs().await;
                rounds = 0;
            }
            tokio::time::sleep(LOOK * 10).await;
        }
    }

    /// Letters to be issued, and deliveries to be handed over or under way.
    async fn at_work(&self) -> i64 {
        self.waiting_cases().await + self.count("deliveries(status: [SCHEDULED, SENDING])").await
    }

    /// Letters to be issued and deliveries that nobody has begun: without any, the mail server may never be asked again,
    /// because what is under way may be what a death left behind.
    async fn to_begin(&self) -> i64 {
        self.waiting_cases().await + self.count("deliveries(status: [SCHEDULED])").await
    }

    /// Cases whose next letter is due.
    async fn waiting_cases(&self) -> i64 {
        let soon = (now() + chrono::TimeDelta::hours(1)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        self.count(&format!("cases(where: {{ status: [ACTIVE], nextActionAt: {{ lte: \"{soon}\" }} }})")).await
    }

    async fn count(&self, connection: &str) -> i64 {
        let data = self.client.ask(&format!("{{ {connection} {{ totalCount {{ value }} }} }}"), json!({})).await;
        only_field(data)["totalCount"]["value"].as_i64().unwrap()
    }

    async fn cases(&self) -> Vec<Value> {
        let selection = "id status closeReason debtor { externalId } claim { principal { amount } outstanding { amount } }
            letters { id kind status }";
        self.client.all("cases", "", selection).await
    }

    async fn each_case_has_its_first_letter(&self, mailbox: &Mailbox) {
        let (cases, debts) = (self.cases().await, self.ledger.debts());
        assert_eq!(cases.len(), DEBTORS);
        for case in &cases {
            let debtor = debtor(case);
            assert_eq!(case["claim"]["principal"]["amount"], decimal(debts[&debtor]), "I6: {case}");
            let (status, kinds) = if debtor < APPROVED { ("ACTIVE", vec!["LETTER_OF_DEMAND"]) } else { ("PROPOSED", vec![]) };
            assert_eq!((case["status"].as_str().unwrap(), kinds_of(case)), (status, kinds), "I3, and one first letter: {case}");
        }
        books::agree(&self.client, mailbox).await;
    }

    /// A person decides about what was cut off; only then it moves on.
    async fn unknown_ones_wait_for_a_person(&mut self, mailbox: &Mailbox) {
        let unknown = self.client.all("deliveries", ", status: [UNKNOWN]", "id recipient").await;
        println!("{} of {APPROVED} hand-overs were cut off", unknown.len());
        assert!(!unknown.is_empty(), "no hand-over was cut off: nothing is proven");
        let arrived: BTreeSet<String> = mailbox.mails().into_iter().map(|mail| mail.message_id).collect();
        for row in unknown {
            let id = row["id"].as_str().unwrap();
            let resolution = if arrived.contains(&message_id(id)) { "WAS_SENT" } else { "SEND_AGAIN" };
            let resolved = self.client.change(RESOLVE, json!({ "id": id, "resolution": resolution })).await;
            let expected = if resolution == "WAS_SENT" { "SENT" } else { "SCHEDULED" };
            assert_eq!(resolved["delivery"]["status"], expected);
            assert_eq!(self.client.refused(RESOLVE, json!({ "id": id, "resolution": resolution })).await, "ILLEGAL_TRANSITION");
        }
        self.letters_go_out(mailbox, 0).await;
        let known = books::agree(&self.client, mailbox).await;
        assert!(known.values().all(|row| row["status"] == "SENT"), "what a person decided is done");
        assert_eq!(mailbox.mails().len(), APPROVED, "each debtor has one mail");
    }

    async fn payments_arrive(&mut self) {
        let text = self.ledger.payment_file();
        let counters = self.import("payments.csv", &text, 3).await;
        let told = (&counters["paymentsNew"], &counters["rowsFailed"], &counters["casesClosed"]);
        assert_eq!(told, (&json!(text.lines().count() - 1), &json!(0), &json!(PAYERS)), "{counters}");
    }

    async fn payers_are_thanked_once(&self, mailbox: &Mailbox) {
        for case in self.cases().await {
            let (status, kinds) = match debtor(&case) {
                0..PAYERS => (("CLOSED", Some("PAID")), vec!["LETTER_OF_DEMAND", "THANK_YOU"]),
                PAYERS..APPROVED => (("ACTIVE", None), vec!["LETTER_OF_DEMAND"]),
                _ => (("PROPOSED", None), vec![]),
            };
            assert_eq!((case["status"].as_str().unwrap(), case["closeReason"].as_str()), status, "{case}");
            assert_eq!(kinds_of(&case), kinds, "{case}");
        }
        books::agree(&self.client, mailbox).await;
        let mut by_recipient: BTreeMap<String, usize> = BTreeMap::new();
        for mail in mailbox.mails() {
            *by_recipient.entry(mail.recipient).or_default() += 1;
        }
        for debtor in 0..DEBTORS {
            let most = usize::from(debtor < APPROVED) + usize::from(debtor < PAYERS);
            let got = by_recipient.get(&Ledger::email(debtor)).copied().unwrap_or_default();
            assert!(got <= most, "debtor {debtor} got {got} mails");
        }
    }
}

const IMPORT: &str = "mutation($integration: ID!, $upload: ID!, $key: ID!) {
    importStart(integrationId: $integration, uploadId: $upload) @idempotent(key: $key) {
        syncRun { id } userErrors { code message } } }";

const RUN: &str = "query($id: ID!) { syncRun(id: $id) { status error { code message } counters {
    invoicesNew invoicesUpdated invoicesUnchanged paymentsNew rowsFailed casesClosed } } }";

const APPROVE: &str = "mutation($ids: [ID!]!, $key: ID!) {
    casesApprove(selection: { ids: $ids }) @idempotent(key: $key) { cases { id } userErrors { code message } } }";

const RESOLVE: &str = "mutation($id: ID!, $resolution: DeliveryResolution!) {
    deliveryResolve(id: $id, resolution: $resolution) { delivery { status } userErrors { code message } } }";

fn debtor(case: &Value) -> usize {
    Ledger::debtor_of(case["debtor"]["externalId"].as_str().unwrap())
}

fn kinds_of(case: &Value) -> Vec<&str> {
    case["letters"].as_array().unwrap().iter().map(|letter| letter["kind"].as_str().unwrap()).collect()
}

fn has_ended(run: &Value) -> bool {
    !["QUEUED", "RUNNING"].contains(&run["status"].as_str().unwrap())
}

//! kill -9 in the middle of a pull: a real `dunwell serve` reads the books of a stand-in Xero that is slow, its tokens run
//! out meanwhile, and its processes die at random instants. At the end every open invoice is there, once, with its sum, and
//! the keys still open the books.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use sandbox::{Options, Running, xero::books::Status};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};
use serde_json::{Value, json};
use testdb::Backend;

use super::{creditor, fleet::Fleet};
use crate::{
    clock::Seeded,
    process::{
        client::Client,
        product::{Installation, LOOK, PATIENCE},
    },
};

/// Deaths in the story.
const DEATHS: usize = 10;

/// Deaths that must have come while a pull went on.
const INTERRUPTED: usize = 3;

/// In the books; an eighth of them is paid.
const INVOICES: usize = 6_000;

/// Later comes every answer of Xero's. Short: a death within a call costs its turn, of which Xero has five, for a minute.
const THINKING: Duration = Duration::from_millis(30);

/// Longest life of a process, in milliseconds from when it serves.
const LIFE_MS: usize = 900;

/// Where consent leads back to; nobody listens there, the code is read off the redirect.
const CALLBACK: &str = "http://localhost:8080/integrations/xero/callback";

struct Story {
    xero: Running,
    backend: Backend,
    fleet: Fleet,
    client: Client,
    chance: Seeded,
    integration: String,
}

pub async fn tell(backend: Backend, seed: u64) {
    println!("DUNWELL_TEST_SEED={seed}");
    let mut story = Story::begin(backend, seed).await;
    let mut interrupted = 0;
    while story.fleet.deaths < DEATHS {
        story.pull().await;
        tokio::time::sleep(Duration::from_millis(u64::try_from(story.chance.below(LIFE_MS)).unwrap())).await;
        interrupted += usize::from(!is_through(&story.last_run().await));
        story.fleet.strike(&story.chance).await;
        story.client = story.client.at(story.fleet.url());
        if story.chance.below(2) == 0 {
            story.xero.xero().expire_tokens();
        }
    }
    println!("{} deaths, {interrupted} of them in the middle of a pull", story.fleet.deaths);
    assert!(interrupted >= INTERRUPTED, "nothing is proven");
    story.until_through().await;
    story.xero.xero().expire_tokens();
    story.pull().await;
    story.until_through().await;
    story.every_open_invoice_is_here_once().await;
}

impl Story {
    async fn begin(backend: Backend, seed: u64) -> Self {
        let options = Options { samples: false, auto_consent: true, invoices: INVOICES, ..Options::default() };
        let app = options.app.clone();
        let xero = sandbox::serve(sandbox::Provider::Xero, "127.0.0.1:0".parse().unwrap(), options).await.unwrap();
        let mut installation = Installation::on(backend).await;
        for (name, value) in [
            ("CLIENT_ID", app.client_id.as_str()),
            ("CLIENT_SECRET", app.client_secret.as_str()),
            ("WEBHOOK_KEY", app.webhook_key.as_str()),
            ("REDIRECT_URL", CALLBACK),
            ("AUTHORIZE_URL", &format!("{}/identity/connect/authorize", xero.url())),
            ("TOKEN_URL", &format!("{}/connect/token", xero.url())),
            ("REVOCATION_URL", &format!("{}/connect/revocation", xero.url())),
            ("CONNECTIONS_URL", &format!("{}/connections", xero.url())),
            ("API_URL", &format!("{}/api.xro/2.0", xero.url())),
        ] {
            installation = installation.with(&format!("DUNWELL_XERO__{name}"), value);
        }
        let owner = creditor::settle_in(&installation).await;
        let fleet = Fleet::start(installation, backend).await;
        let (client, _) = creditor::sign_in(fleet.url(), &owner).await;
        let organisation = xero.xero().first_organisation().to_string();
        let integration = connect(&client, fleet.url(), &organisation).await;
        xero.faults().latency(THINKING);
        Self { xero, backend, fleet, client, chance: Seeded::new(seed), integration }
    }

    /// Asks for everything, unless that is under way.
    async fn pull(&self) {
        let document =
            "mutation($id: ID!) { integrationSyncNow(id: $id, everything: true) { syncRun { id } userErrors { code message } } }";
        self.client.change(document, json!({ "id": self.integration })).await;
    }

    async fn last_run(&self) -> Value {
        let document = "{ tenant { integrations { id status health { code message } syncRuns(first: 1) { nodes { status resumeAt error { code } } } } } }";
        let told = self.client.ask(document, json!({})).await;
        let all = told["tenant"]["integrations"].as_array().unwrap();
        all.iter().find(|one| one["id"] == self.integration.as_str()).unwrap().clone()
    }

    async fn until_through(&self) {
        let began = Instant::now();
        loop {
            let told = self.last_run().await;
            if is_through(&told) {
                assert_eq!(told["syncRuns"]["nodes"][0]["status"], "SUCCEEDED", "{told}");
                assert_eq!(told["status"], "ACTIVE", "no token is lost: {told}");
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{told}");
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn every_open_invoice_is_here_once(&self) {
        let there = self.xero.xero().invoices(self.xero.xero().first_organisation());
        let open = there.iter().filter(|invoice| invoice.status == Status::Authorised);
        let expected: BTreeMap<String, i64> = open.map(|invoice| (invoice.id.to_string(), invoice.total.0)).collect();
        let db = self.database().await;
        let statement = Statement::from_string(db.get_database_backend(), "SELECT external_id, total_minor FROM invoice");
        let rows = db.query_all_raw(statement).await.unwrap();
        assert_eq!(rows.len(), expected.len());
        let ours: BTreeMap<String, i64> =
            rows.iter().map(|row| (row.try_get("", "external_id").unwrap(), row.try_get("", "total_minor").unwrap())).collect();
        assert_eq!(ours, expected);
    }

    async fn database(&self) -> DatabaseConnection {
        match self.backend {
            Backend::Sqlite => {
                let file = self.fleet.installation.data().join("dunwell.db");
                Database::connect(format!("sqlite://{}?mode=ro", file.display())).await.unwrap()
            }
            Backend::Postgres => self.fleet.installation.database().connect().await,
        }
    }
}

/// Whether the last run of an integration has ended.
fn is_through(told: &Value) -> bool {
    !matches!(told["syncRuns"]["nodes"][0]["status"].as_str().unwrap(), "QUEUED" | "RUNNING")
}

/// Consents as a browser does, and joins one organisation; answers the integration.
async fn connect(client: &Client, url: &str, organisation: &str) -> String {
    let document = "mutation($back: Url!) { xeroConnectStart(returnUrl: $back) { authorizationUrl userErrors { code message } } }";
    let started = client.change(document, json!({ "back": format!("{url}/back") })).await;
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = browser.get(started["authorizationUrl"].as_str().unwrap()).send().await.unwrap();
    let back = reqwest::Url::parse(answer.headers()[reqwest::header::LOCATION].to_str().unwrap()).unwrap();
    let told = |name: &str| back.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    let document = "mutation($state: String!, $code: String!, $chosen: [ID!]) {
        xeroConnectFinish(state: $state, code: $code, organisationIds: $chosen) { integrations { id } userErrors { code message } } }";
    let variables = json!({ "state": told("state"), "code": told("code"), "chosen": [organisation] });
    let finished = client.change(document, variables).await;
    finished["integrations"][0]["id"].as_str().unwrap().to_owned()
}

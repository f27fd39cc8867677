//! `dunwell demo` as a newcomer meets it: `demo.json`, the pages, the tour of the README, a restart.

use serde_json::{Value, json};

use super::{
    client::Client,
    product::{Installation, Process, repository},
};

/// A running demo.
pub struct Demo {
    pub process: Process,
    pub installation: Installation,
    pub description: Value,
}

impl Demo {
    pub async fn start() -> Self {
        let installation = Installation::embedded();
        let process = installation.serve(&["demo"]).await;
        let description = describe(&installation);
        Self { process, installation, description }
    }

    /// The holder of a role in one of the sample tenants.
    pub fn client(&self, tenant: usize, role: &str) -> Client {
        let token = &self.description["tenants"][tenant]["tokens"][role];
        self.process.client().with_token(token.as_str().unwrap())
    }
}

pub fn describe(installation: &Installation) -> Value {
    let text = std::fs::read_to_string(installation.data().join("demo.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn keys(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

/// An operation of the tour, as the README and GraphiQL's tabs have it.
pub fn operation(file: &str) -> String {
    std::fs::read_to_string(repository().join("src/demo/tour").join(file)).unwrap()
}

#[test]
fn demo_json_has_its_fixed_shape_and_its_tokens_work_for_their_roles() {
    testdb::block_on(async {
        let demo = Demo::start().await;
        assert_eq!(keys(&demo.description), ["agency", "standIns", "tenants", "url"]);
        assert_eq!(keys(&demo.description["standIns"]), ["poweroffice", "xentral", "xero"]);
        assert_eq!(demo.description["url"], demo.process.url());
        assert_eq!(demo.description["agency"], json!({ "tokens": {} }));
        let tenants = demo.description["tenants"].as_array().unwrap();
        assert_eq!(tenants.iter().map(|t| t["country"].as_str().unwrap()).collect::<Vec<_>>(), ["NZ", "DE", "NO"]);
        for (index, tenant) in tenants.iter().enumerate() {
            assert_eq!(keys(tenant), ["country", "id", "name", "tokens"]);
            assert_eq!(keys(&tenant["tokens"]), ["ACCOUNTANT", "OWNER", "VIEWER"]);
            for role in ["OWNER", "ACCOUNTANT", "VIEWER"] {
                let seen = demo.client(index, role).ask("{ viewer { role tenant { id name country } } }", json!({})).await;
                let expected = json!({ "id": tenant["id"], "name": tenant["name"], "country": tenant["country"] });
                assert_eq!(seen["viewer"], json!({ "role": role, "tenant": expected }));
            }
        }
    });
}

#[test]
fn the_pages_answer_and_load_nothing_from_elsewhere() {
    testdb::block_on(async {
        let demo = Demo::start().await;
        for page in ["/outbox", "/graphiql"] {
            let answer = demo.process.client().get(page).await.unwrap();
            assert_eq!(answer.status, 200, "{page}");
            assert!(answer.header("content-type").starts_with("text/html"), "{page}");
            assert!(answer.header("content-security-policy").contains("default-src"), "{page}");
            let named: Vec<&str> = ["src=\"", "href=\""].iter().flat_map(|mark| attributes(&answer.body, mark)).collect();
            assert!(!named.is_empty(), "{page} has a script and styles of its own");
            for path in named {
                let own = path.starts_with(['/', '?', '#']) && !path.starts_with("//");
                assert!(own || path.starts_with("data:"), "{page} names {path}");
                if path.rsplit('.').next().is_some_and(|end| ["js", "css"].contains(&end)) {
                    let asset = demo.process.client().get(path).await.unwrap();
                    assert_eq!(asset.status, 200, "{path}");
                    for host in ["unpkg.com", "jsdelivr.net", "cdnjs.", "googleapis.com", "esm.sh"] {
                        assert!(!asset.body.contains(host), "{path} names {host}");
                    }
                }
            }
        }
    });
}

fn attributes<'a>(html: &'a str, mark: &str) -> Vec<&'a str> {
    html.split(mark).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn the_printed_link_signs_in_once() {
    testdb::block_on(async {
        let mut demo = Demo::start().await;
        let line = demo.process.until_said("#sign-in=").await;
        let token = line.rsplit_once("#sign-in=").unwrap().1;
        let document = "mutation($token: String!) { sessionFromLink(token: $token) {
            accessToken viewer { role } userErrors { code } } }";
        let nobody = demo.process.client();
        let session = nobody.change(document, json!({ "token": token })).await;
        assert_eq!(session["viewer"]["role"], "OWNER");
        let owner = nobody.with_token(session["accessToken"].as_str().unwrap());
        assert_eq!(owner.ask("{ tenant { country } }", json!({})).await["tenant"]["country"], "NZ");
        assert_eq!(nobody.refused(document, json!({ "token": token })).await, "BAD_CREDENTIALS");
    });
}

/// A case as the tour follows it.
pub struct Tour {
    pub demo: Demo,
    pub owner: Client,
    pub case: Value,
}

impl Tour {
    /// The first proposal that has nothing in its way.
    async fn begin() -> Self {
        let demo = Demo::start().await;
        let owner = demo.client(0, "OWNER");
        let proposals = owner.ask(&operation("1-proposals.graphql"), json!({})).await;
        let nodes = proposals["cases"]["nodes"].as_array().unwrap();
        let case = nodes.iter().find(|case| case["blockers"] == json!([])).expect("a proposal without blockers").clone();
        Self { demo, owner, case }
    }

    pub async fn approve(&self) -> Value {
        self.owner.change(&operation("2-approve.graphql"), json!({ "case": self.case["id"] })).await
    }

    pub async fn letters(&self) -> Vec<(String, String)> {
        let document = "query($id: ID!) { case(id: $id) { letters { kind status } } }";
        let shown = self.owner.ask(document, json!({ "id": self.case["id"] })).await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        shown["case"]["letters"].as_array().unwrap().iter().map(|l| (text(&l["kind"]), text(&l["status"]))).collect()
    }

    async fn today(&self) -> String {
        let clock = self.owner.ask("{ serverInfo { clock } }", json!({})).await["serverInfo"]["clock"].clone();
        clock.as_str().unwrap()[..10].to_owned()
    }
}

#[test]
fn the_tour_of_the_readme_leads_from_a_proposal_to_a_thank_you() {
    testdb::block_on(async {
        let tour = Tour::begin().await;
        let case = json!({ "case": tour.case["id"] });
        let mut watch = tour.owner.subscribe(&operation("3-watch.graphql"), case).await;
        let first = watch.until(|_| true).await;
        assert_eq!((&first["change"], &first["case"]["status"]), (&json!("SNAPSHOT"), &json!("PROPOSED")));

        let approved = tour.approve().await;
        assert_eq!(approved["cases"][0]["status"], "ACTIVE");
        let again = tour.approve().await;
        assert_eq!(again["cases"][0]["number"], approved["cases"][0]["number"], "the same key is answered with what it did");
        let sent = |payload: &Value| payload["case"]["letters"][0]["status"] == "SENT";
        let told = watch.until(sent).await;
        assert_eq!((&told["change"], &told["case"]["status"]), (&json!("UPDATED"), &json!("ACTIVE")));

        let moved = tour.owner.change(&operation("4-a-week-later.graphql"), json!({})).await;
        assert!(moved["ranJobs"].as_i64().unwrap() > 0, "{moved}");
        let demand = ("LETTER_OF_DEMAND".to_owned(), "SENT".to_owned());
        assert_eq!(tour.letters().await, [demand.clone(), demand.clone()]);

        let owed = &tour.case["claim"]["outstanding"]["amount"];
        let variables = json!({ "case": tour.case["id"], "amount": owed, "on": tour.today().await });
        let paid = tour.owner.change(&operation("5-payment.graphql"), variables).await;
        assert_eq!((&paid["case"]["status"], &paid["case"]["closeReason"]), (&json!("CLOSED"), &json!("PAID")));
        watch.until(|payload| payload["case"]["letters"][2]["status"] == "SENT").await;
        let thanks = ("THANK_YOU".to_owned(), "SENT".to_owned());
        assert_eq!(tour.letters().await, [demand.clone(), demand, thanks]);
        let outbox = tour.demo.process.client().get("/outbox").await.unwrap();
        let debtor = tour.case["debtor"]["email"].as_str().unwrap();
        assert!(outbox.body.contains(debtor), "the outbox page shows what {debtor} got");
    });
}

#[test]
fn what_the_third_creditor_has_begun_shows_in_its_first_week() {
    testdb::block_on(async {
        let demo = Demo::start().await;
        let owner = demo.client(2, "OWNER");
        let walk = async |days: i64| {
            let walk = format!("mutation {{ demoAdvanceClock(days: {days}) {{ ranJobs userErrors {{ code }} }} }}");
            owner.change(&walk, json!({})).await;
        };
        walk(1).await;
        let shown = "waitingBecause debtor { name } claim { interest { amount } } letters { lead { id } deliveries { channel status } }";
        let cases = owner.all("cases", ", where: { status: [ACTIVE] }", shown).await;
        let of = |name: &str| cases.iter().filter(|case| case["debtor"]["name"] == name).collect::<Vec<_>>();
        let [one, other] = of("Havblikk Drift AS")[..] else { panic!("{cases:#?}") };
        let sent = json!([{ "channel": "EMAIL", "status": "SENT" }, { "channel": "SMS", "status": "SENT" }]);
        assert_eq!((&one["letters"][0]["deliveries"], &other["letters"][0]["deliveries"]), (&sent, &sent), "one letter for two claims");
        assert!(one["letters"][0]["lead"].is_null() != other["letters"][0]["lead"].is_null(), "{one} {other}");
        assert!([one, other].iter().all(|case| case["claim"]["interest"]["amount"] != "0.00"), "{one} {other}");
        let instead = json!([{ "channel": "EMAIL", "status": "FAILED" }, { "channel": "POST", "status": "READY_TO_POST" }]);
        assert_eq!(of("Brygga Kafé AS")[0]["letters"][0]["deliveries"], instead);
        assert_eq!(of("Vestlia Sameie")[0]["waitingBecause"], "LETTER_FAILED");
        assert_eq!(owner.all("suppressions", "", "channel").await, [json!({ "channel": "EMAIL" }), json!({ "channel": "EMAIL" })]);
        walk(7).await;
        let calls = owner.all("tasks", ", where: { status: [OPEN] }", "kind case { debtor { name } }").await;
        assert!(calls.contains(&json!({ "kind": "CALL", "case": { "debtor": { "name": "Havblikk Drift AS" } } })), "{calls:?}");
    });
}

#[test]
fn a_restart_on_the_same_folder_keeps_clock_and_data() {
    testdb::block_on(async {
        let tour = Tour::begin().await;
        tour.approve().await;
        let moved = tour.owner.change("mutation { demoAdvanceClock(days: 3) { clock userErrors { code } } }", json!({})).await;
        let letters = tour.letters().await;
        assert!(!letters.is_empty());
        let Tour { demo, owner, case } = tour;
        demo.process.kill().await;
        let process = demo.installation.serve(&["demo"]).await;
        let demo = Demo { process, description: describe(&demo.installation), installation: demo.installation };
        let again = Tour { owner: owner.at(demo.process.url()), demo, case };
        assert_eq!(again.letters().await, letters, "the old token still works, on the same data");
        let clock = again.owner.ask("{ serverInfo { clock } tenant { id } }", json!({})).await;
        assert!(clock["serverInfo"]["clock"].as_str().unwrap() >= moved["clock"].as_str().unwrap(), "{clock} after {moved}");
        assert_eq!(again.demo.description["tenants"].as_array().unwrap().len(), 3, "the samples are not filled in twice");
        assert_eq!(clock["tenant"]["id"], again.demo.description["tenants"][0]["id"]);
    });
}

#[test]
fn the_clock_of_a_real_server_cannot_be_moved_and_it_has_no_pages_of_the_demo() {
    testdb::block_on(async {
        let demo = Demo::start().await;
        let owner = demo.client(0, "OWNER");
        let advance = "mutation($days: Int!) { demoAdvanceClock(days: $days) { clock userErrors { code } } }";
        for days in [0, -1, 367, i32::MAX] {
            assert_eq!(owner.refused(advance, json!({ "days": days })).await, "OUT_OF_RANGE", "{days}");
        }
        let before = owner.ask("{ serverInfo { clock demoMode } }", json!({})).await;
        assert_eq!(before["serverInfo"]["demoMode"], true);
        demo.process.kill().await;
        let real = demo.installation.serve(&["serve"]).await;
        let owner = owner.at(real.url());
        assert_eq!(owner.refused(advance, json!({ "days": 1 })).await, "FORBIDDEN");
        assert_eq!(owner.ask("{ serverInfo { demoMode } }", json!({})).await["serverInfo"]["demoMode"], false);
        for path in ["/outbox", "/graphiql", "/outbox/messages", "/outbox/outbox.js"] {
            assert_eq!(real.client().get(path).await.unwrap().status, 404, "{path}");
        }
    });
}

//! A neighbour's ids answer exactly like ids that nobody has, in every argument that takes one.

use serde_json::{Value, json};

use crate::process::{client::Client, demo::Demo};

/// One thing of each kind of one tenant.
pub struct Targets {
    pub ids: Value,
}

impl Targets {
    /// Approves a case and waits a day, so that there are letters and deliveries; announces a file; records a payment.
    pub async fn of(owner: &Client) -> Self {
        let proposals = owner.all("cases", ", where: { status: [PROPOSED] }", "id debtor { id } blockers { code }").await;
        let open: Vec<&Value> = proposals.iter().filter(|case| case["blockers"] == json!([])).collect();
        let (case, second) = (open[0], open.get(1).copied().unwrap_or(&proposals[0]));
        let approve = "mutation($ids: [ID!]!) { casesApprove(selection: { ids: $ids }) @idempotent(key: \"targets\") {
            cases { id } userErrors { code message } } }";
        owner.change(approve, json!({ "ids": [case["id"]] })).await;
        owner.change("mutation { demoAdvanceClock(days: 1) { clock userErrors { code message } } }", json!({})).await;
        let document = "query($id: ID!) { case(id: $id) {
            invoices { id } letters { id deliveries { id } } policy { id } integration { id syncRuns(first: 1) { nodes { id } } } claim { outstanding { currency } } } }";
        let seen = owner.ask(document, json!({ "id": case["id"] })).await["case"].clone();
        let pay = "mutation($id: ID!, $money: MoneyInput!, $on: Date!) { paymentRecord(caseId: $id, amount: $money, receivedOn: $on)
            @idempotent(key: \"targets-pay\") { payments { id } userErrors { code message } } }";
        let today = owner.ask("{ serverInfo { clock } tenant { id version } viewer { user { id } } }", json!({})).await;
        let money = json!({ "amount": "1.00", "currency": seen["claim"]["outstanding"]["currency"] });
        let paid = owner
            .change(pay, json!({ "id": case["id"], "money": money, "on": today["serverInfo"]["clock"].as_str().unwrap()[..10] }))
            .await;
        let ids = json!({
            "case": case["id"], "proposal": second["id"], "debtor": case["debtor"]["id"],
            "invoice": seen["invoices"][0]["id"], "letter": seen["letters"][0]["id"],
            "delivery": seen["letters"][0]["deliveries"][0]["id"], "policy": seen["policy"]["id"],
            "integration": seen["integration"]["id"], "run": seen["integration"]["syncRuns"]["nodes"][0]["id"],
            "payment": paid["payments"][0]["id"], "upload": owner.upload("targets.csv", b"a,b\n1,2\n").await,
            "tenant": today["tenant"]["id"], "user": today["viewer"]["user"]["id"],
            "event": owner.ask("query($id: ID!) { case(id: $id) { timeline(first: 1) { nodes { id } } } }",
                json!({ "id": case["id"] })).await["case"]["timeline"]["nodes"][0]["id"],
        });
        assert!(ids.as_object().unwrap().values().all(Value::is_string), "{ids}");
        Self { ids }
    }

    /// The same kinds of ids, of things that nobody has.
    pub fn unknown() -> Self {
        let prefixes = [
            ("case", "case"),
            ("proposal", "case"),
            ("debtor", "deb"),
            ("invoice", "inv"),
            ("letter", "let"),
            ("delivery", "dlv"),
            ("policy", "pol"),
            ("integration", "int"),
            ("run", "run"),
            ("payment", "pay"),
            ("upload", "upl"),
            ("tenant", "tenant"),
            ("user", "user"),
            ("event", "evt"),
        ];
        let id = |prefix: &str| {
            if prefix == "evt" { format!("evt_{:0>26}", "7zzzzzzzz") } else { format!("{prefix}_01m82gy08qe2xrcps75r3pb0zz") }
        };
        Self {
            ids: prefixes.into_iter().map(|(kind, prefix)| (kind.to_owned(), json!(id(prefix)))).collect::<serde_json::Map<_, _>>().into(),
        }
    }

    pub fn id(&self, kind: &str) -> &str {
        self.ids[kind].as_str().unwrap()
    }

    /// Everything of the tenant that a mutation could have changed, as its owner sees it.
    pub async fn state(&self, owner: &Client) -> Value {
        let cases = "id status version letters { id status deliveries { id status attempts } } payments { id reversedAt }
            timeline(last: 1) { nodes { id } } debtor { version exemption { reason } }";
        let tenant =
            "{ tenant { version policies { id latest: ladder { steps { name } } } integrations { id version status } members { id } }
            deliveries(first: 100) { totalCount { value } nodes { id status } } letters { totalCount { value } } }";
        let rest = owner.send(tenant, json!({})).await.unwrap();
        json!({ "cases": owner.all("cases", "", cases).await, "rest": rest.json()["data"] })
    }
}

/// Every mutation that takes effect in a tenant, aimed at these things: its name, its document, its variables.
pub fn calls(at: &Targets) -> Vec<(&'static str, String, Value)> {
    let errors = "userErrors { code message }";
    let call = |name: &'static str, declared: &str, arguments: &str, key: bool, variables: Value| {
        let directive = if key { format!(" @idempotent(key: \"attack-{name}\")") } else { String::new() };
        let declared = if declared.is_empty() { String::new() } else { format!("({declared})") };
        let arguments = if arguments.is_empty() { String::new() } else { format!("({arguments})") };
        (name, format!("mutation{declared} {{ {name}{arguments}{directive} {{ {errors} }} }}"), variables)
    };
    let one = |kind: &str| json!({ "id": at.id(kind) });
    let id = "$id: ID!";
    vec![
        call("casesApprove", "$ids: [ID!]!", "selection: { ids: $ids }", true, json!({ "ids": [at.id("proposal")] })),
        call("casesDecline", "$ids: [ID!]!", "selection: { ids: $ids }", false, json!({ "ids": [at.id("proposal")] })),
        call("casePause", id, "id: $id, until: \"2099-01-01\", reason: \"x\"", false, one("case")),
        call("caseResume", id, "id: $id", false, one("case")),
        call("caseWriteOff", id, "id: $id, reason: \"x\"", true, one("case")),
        call("caseWithdraw", id, "id: $id, reason: WITHDRAWN, note: \"x\"", false, one("case")),
        call("debtorSetExemption", id, "id: $id, exempt: true, reason: \"x\"", false, one("debtor")),
        call("debtorUpdateContact", id, "id: $id, input: { name: \"x\" }", false, one("debtor")),
        call("deliveryResolve", id, "id: $id, resolution: SEND_AGAIN", false, one("delivery")),
        call(
            "importStart",
            "$id: ID!, $upload: ID!",
            "integrationId: $id, uploadId: $upload",
            true,
            json!({ "id": at.id("integration"), "upload": at.id("upload") }),
        ),
        call("integrationUpdateSettings", id, "id: $id, input: { autoApprove: true }", false, one("integration")),
        call("integrationPause", id, "id: $id", false, one("integration")),
        call("integrationResume", id, "id: $id", false, one("integration")),
        call("letterMarkPosted", id, "id: $id, postedOn: \"2026-11-23\"", false, one("letter")),
        call("letterReissue", id, "id: $id", false, one("letter")),
        call("lettersConsent", "$ids: [ID!]!", "ids: $ids, decision: GRANTED", true, json!({ "ids": [at.id("letter")] })),
        call("caseStatementSend", id, "id: $id", true, one("case")),
        call(
            "paymentRecord",
            id,
            "caseId: $id, amount: { amount: \"1.00\", currency: \"NZD\" }, receivedOn: \"2026-11-20\"",
            true,
            one("case"),
        ),
        call("paymentReverse", id, "id: $id, reason: \"x\"", false, one("payment")),
        call(
            "policySave",
            id,
            "id: $id, input: { name: \"x\", steps: [{ name: \"x\", kind: REMINDER, waitDays: 1, payWithinDays: 7, channels: [EMAIL] }] }",
            false,
            one("policy"),
        ),
        call("tenantUpdate", "$id: ID", "input: { defaultPolicyId: $id }", false, one("policy")),
        // These take no id of the tenant; only roles matter to them.
        call("integrationCreateCsv", "", "name: \"x\"", false, json!({})),
        call("uploadCreate", "", "fileName: \"x.csv\", byteSize: 10", false, json!({})),
        call("demoAdvanceClock", "", "days: 1", false, json!({})),
    ]
}

/// Every query that takes an id, likewise.
fn questions(at: &Targets) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for kind in ["case", "debtor", "invoice", "integration", "run"] {
        let field = if kind == "run" { "syncRun" } else { kind };
        all.push((format!("query($id: ID!) {{ {field}(id: $id) {{ id }} }}"), json!({ "id": at.id(kind) })));
    }
    for kind in
        ["case", "debtor", "invoice", "integration", "run", "letter", "delivery", "policy", "payment", "upload", "event", "user", "tenant"]
    {
        all.push(("query($id: ID!) { node(id: $id) { __typename id } }".into(), json!({ "id": at.id(kind) })));
    }
    let ids: Vec<&Value> = at.ids.as_object().unwrap().values().collect();
    all.push(("query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }".into(), json!({ "ids": ids })));
    for (connection, filter, kind) in [
        ("cases", "where: { ids: [$id] }", "case"),
        ("cases", "where: { debtorId: $id }", "debtor"),
        ("cases", "where: { integrationId: $id }", "integration"),
        ("invoices", "where: { debtorId: $id }", "debtor"),
        ("invoices", "where: { caseId: $id }", "case"),
        ("invoices", "where: { integrationId: $id }", "integration"),
        ("letters", "caseId: $id", "case"),
        ("deliveries", "caseId: $id", "case"),
    ] {
        let document = format!("query($id: ID!) {{ {connection}({filter}) {{ totalCount {{ value }} nodes {{ id }} }} }}");
        all.push((document, json!({ "id": at.id(kind) })));
    }
    let preview = "query($id: ID!, $upload: ID!) { importPreview(integrationId: $id, uploadId: $upload) { __typename } }";
    all.push((preview.into(), json!({ "id": at.id("integration"), "upload": at.id("upload") })));
    all
}

/// An answer without what is new in every request and without the ids that were asked for.
fn shape(mut body: Value) -> Value {
    for error in body["errors"].as_array_mut().into_iter().flatten() {
        error["extensions"]["traceId"] = Value::Null;
    }
    body
}

#[test]
fn a_neighbours_ids_answer_like_ids_that_nobody_has_and_nothing_changes() {
    testdb::block_on(async {
        let demo = Demo::start().await;
        let (ours, neighbour) = (demo.client(0, "OWNER"), demo.client(2, "OWNER"));
        let (targets, unknown) = (Targets::of(&ours).await, Targets::unknown());
        let before = targets.state(&ours).await;
        for ((document, variables), (_, nobodys)) in questions(&targets).into_iter().zip(questions(&unknown)) {
            let (asked, absent) =
                (neighbour.send(&document, variables.clone()).await.unwrap(), neighbour.send(&document, nobodys).await.unwrap());
            assert_eq!(asked.status, absent.status, "{document}");
            assert_eq!(shape(asked.json()), shape(absent.json()), "{document} {variables}");
            assert!(!asked.body.contains("_01") || asked.json()["data"].is_null(), "{document}: {asked:?}");
            let own = ours.send(&document, variables).await.unwrap();
            assert_ne!(shape(own.json()), shape(absent.json()), "the question finds something for its owner: {document}");
        }
        for ((name, document, variables), (_, _, nobodys)) in calls(&targets).into_iter().zip(calls(&unknown)) {
            if variables == json!({}) {
                continue;
            }
            let asked = neighbour.ask(&document, variables).await;
            // Another key: the same one with other arguments is refused for that reason.
            let absent = neighbour.ask(&document.replace("attack-", "absent-"), nobodys).await;
            assert_eq!(asked, absent, "{name}");
            assert_eq!(asked[name]["userErrors"][0]["code"], "NOT_FOUND", "{name}: {asked}");
        }
        assert_eq!(targets.state(&ours).await, before, "nothing of ours changed");
    });
}

#[test]
fn a_neighbours_case_is_never_told_and_his_cursor_is_worth_nothing() {
    testdb::block_on(async {
        let demo = Demo::start().await;
        let (ours, neighbour) = (demo.client(0, "OWNER"), demo.client(2, "OWNER"));
        let targets = Targets::of(&ours).await;
        let watch = "subscription($id: ID!) { caseProgress(caseId: $id) { case { id } } }";
        for id in [targets.id("case"), Targets::unknown().id("case")] {
            let mut stream = neighbour.subscribe(watch, json!({ "id": id })).await;
            let (name, data) = stream.next().await.unwrap();
            assert_eq!((name.as_str(), &data["errors"][0]["extensions"]["code"]), ("next", &json!("NOT_FOUND")), "{data}");
            assert!(data["data"].is_null(), "{data}");
        }
        let mut feed = neighbour.subscribe("subscription { casesChanged { cursor change case { id } } }", json!({})).await;
        let theirs: Vec<Value> = neighbour.all("cases", "", "id").await;
        for _ in &theirs {
            let told = feed.until(|_| true).await;
            assert!(theirs.contains(&json!({ "id": told["case"]["id"] })), "{told}");
        }
        let mut own = ours.subscribe("subscription { casesChanged { cursor case { id } } }", json!({})).await;
        let cursor = own.until(|_| true).await["cursor"].clone();
        let resumed = "subscription($after: String) { casesChanged(after: $after) { cursor } }";
        let mut stolen = neighbour.subscribe(resumed, json!({ "after": cursor })).await;
        let (_, data) = stolen.next().await.unwrap();
        assert_eq!(data["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{data}");
        let page = ours.ask("{ cases(first: 1) { pageInfo { endCursor } } }", json!({})).await;
        let page_cursor = page["cases"]["pageInfo"]["endCursor"].clone();
        let answer =
            neighbour.send("query($after: String) { cases(after: $after) { nodes { id } } }", json!({ "after": page_cursor })).await;
        assert_eq!(answer.unwrap().error_code(), "BAD_USER_INPUT");
        // Something happens at ours: nothing of it reaches the neighbour, and what happens there does.
        let pause = "mutation($id: ID!) { casePause(id: $id, until: \"2027-01-15\", reason: \"x\") { userErrors { code message } } }";
        ours.change(pause, json!({ "id": targets.id("case") })).await;
        let decline = "mutation($ids: [ID!]!) { casesDecline(selection: { ids: $ids }) { userErrors { code message } } }";
        let proposal = neighbour.all("cases", ", where: { status: [PROPOSED] }", "id").await[0].clone();
        neighbour.change(decline, json!({ "ids": [proposal["id"]] })).await;
        let told = feed.until(|_| true).await;
        assert_eq!(told["case"]["id"], proposal["id"], "{told}");
    });
}

#[test]
fn an_id_has_one_spelling_and_one_kind() {
    testdb::block_on(async {
        let demo = Demo::start().await;
        let owner = demo.client(0, "OWNER");
        let case = owner.ask("{ cases(first: 1) { nodes { id } } }", json!({})).await["cases"]["nodes"][0]["id"].clone();
        let id = case.as_str().unwrap();
        let digits = id.strip_prefix("case_").unwrap();
        let odd = [
            format!("{id}0"),
            format!("{id} "),
            format!(" {id}"),
            id.to_uppercase(),
            format!("CASE_{digits}"),
            format!("case-{digits}"),
            format!("inv_{digits}"),
            digits.to_owned(),
            format!("case_8{}", &digits[1..]),
            format!("case_{}", &digits[1..]),
            format!("case_{digits}\0"),
            String::new(),
            "case_".into(),
            "1".into(),
            "' OR 1=1".into(),
            format!("case_{}", "０".repeat(26)),
            "x".repeat(60_000),
        ];
        for text in odd {
            let answer = owner.send("query($id: ID!) { case(id: $id) { id } }", json!({ "id": text })).await.unwrap();
            assert_eq!(answer.error_code(), "BAD_USER_INPUT", "{text:?}: {answer:?}");
            assert!(answer.body.len() < 2_000, "{answer:?}");
            let node = owner.send("query($id: ID!) { node(id: $id) { id } }", json!({ "id": text })).await.unwrap().json();
            assert!(node["data"].is_null() || node["data"]["node"].is_null(), "{text:?}: {node}");
        }
    });
}

//! Questions: what they answer, how many statements they take, and that a neighbour's records are not there.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use api::{graphql::id::encode, tail::EventTail};
use domain::{Env, case::Selection};
use entity::{Scoped, delivery, invoice, letter, payment, sync_run};
use serde_json::{Value, json};
use testdb::{Backend, TestDb};
use tokio_util::sync::CancellationToken;

use crate::world::{Creditor, World, migrate};

async fn data(world: &World, of: &Creditor, document: &str) -> Value {
    let answer = world.ask(Some(&of.owner), document).await;
    assert!(answer.get("errors").is_none(), "{document}\n{answer:#}");
    answer["data"].clone()
}

async fn numbers(world: &World, of: &Creditor, arguments: &str) -> Vec<String> {
    let answer = data(world, of, &format!("{{ cases({arguments}) {{ nodes {{ number }} }} }}")).await;
    answer["cases"]["nodes"].as_array().unwrap().iter().map(|node| node["number"].as_str().unwrap().to_owned()).collect()
}

const WHOLE_CASE: &str = "
  id number status holdReason holdUntil closeReason version openedAt updatedAt approvedAt closedAt
  tenant { id } debtor { id name kind externalId email phone address { city } language contactEdited exemption { reason }
    reachableBy missingForCollection outstanding { amount formatted } openCases version createdAt updatedAt }
  integration { id } invoices { id number title externalId issuedOn dueOn daysOverdue total { amount } outstanding { amount currency } status
    disputed case { id } debtor { id } integration { id } payments { id } createdAt updatedAt }
  blockers { code field message fatal }
  claim { principal { amount } paid { amount } credited { amount } writtenOff { amount } outstanding { amount }
    lines { kind amount { amount } on invoice { number } } }
  policy { id name revision archived ladder { revision steps { position name kind } thankYou handoverAfterDays } }
  ladder { revision steps { position name kind waitDays payWithinDays channels fallback consent } }
  currentStep { position } nextAction { kind dueAt postponedBecause requiresConsent }
  steps { status dueAt ranAt step { position } letter { id } }
  letters { id kind step status language channels pdfUrl sha256 pages cancelledBecause sentAt createdAt updatedAt case { id }
    figures { datedOn payBy outstanding { amount } paid { amount } paymentReference recipientName }
    consent { required granted decidedAt decidedBy { id } } posted { on }
    deliveries { id channel recipient status attempts scheduledFor sentAt failureCode failureMessage letter { id } case { id } } }
  payments { id kind amount { amount } receivedOn source externalId reconciled reversedAt reference invoice { id } }
  timeline(first: 50) { nodes { id kind at summary actor { kind displayName user { id } } case { id } debtor { id } subject { id __typename } } }
  approvedBy { id displayName }
  actions { action allowed reasons }";

testdb::on_both!(a_case_tells_its_whole_story, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let of = world.creditor("Kiwi").await;
    let id = world.active(&of, "A-1").await;
    let case = data(&world, &of, &format!("{{ case(id: {}) {{ {WHOLE_CASE} }} }}", json!(*encode(id)))).await["case"].clone();
    assert_eq!(case["number"], "D000001");
    assert_eq!(case["status"], "ACTIVE");
    assert_eq!(case["debtor"]["outstanding"], json!([{"amount": "120.00", "formatted": "NZD\u{a0}120.00"}]));
    assert_eq!(case["debtor"]["reachableBy"], json!(["EMAIL"]));
    assert_eq!(case["debtor"]["missingForCollection"], json!(["SMS", "POST"]));
    assert_eq!(case["invoices"][0]["status"], "IN_COLLECTION");
    assert_eq!(case["invoices"][0]["daysOverdue"], 47);
    assert_eq!(case["claim"]["outstanding"]["amount"], "120.00");
    assert_eq!(
        case["claim"]["lines"],
        json!([{"kind": "PRINCIPAL", "amount": {"amount": "120.00"}, "on": "2026-05-01", "invoice": {"number": "A-1"}}])
    );
    assert_eq!(case["steps"][0]["status"], "DONE");
    assert_eq!(case["steps"][1]["status"], "PLANNED");
    assert_eq!(case["steps"][1]["dueAt"], case["nextAction"]["dueAt"]);
    assert_eq!(case["currentStep"]["position"], 2);
    assert_eq!(case["nextAction"]["kind"], "SEND_LETTER");
    assert_eq!(case["nextAction"]["requiresConsent"], false);
    assert_eq!(case["letters"][0]["status"], "SENT");
    assert_eq!(case["letters"][0]["figures"]["paymentReference"], "D000001");
    assert_eq!(case["letters"][0]["deliveries"][0]["status"], "SENT");
    assert!(case["letters"][0]["pdfUrl"].as_str().unwrap().starts_with("http://127.0.0.1:1/letters/let_"));
    let kinds: Vec<&str> = case["timeline"]["nodes"].as_array().unwrap().iter().map(|e| e["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds[..3], ["case.proposed", "case.approved", "letter.issued"], "{kinds:?}");
    assert_eq!(case["timeline"]["nodes"][0]["summary"], "Proposed for collection with NZD\u{a0}120.00 outstanding.");
    assert_eq!(case["timeline"]["nodes"][1]["actor"]["displayName"], "Owner of Kiwi");
    assert_eq!(case["timeline"]["nodes"][2]["subject"]["__typename"], "Letter");
    assert_eq!(case["blockers"], json!([]), "only proposals have blockers");
});

testdb::on_both!(actions_follow_the_state_and_the_viewers_role, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let of = world.creditor("Kiwi").await;
    world.proposals(&of, &["A-1"]).await;
    let document = "{ cases { nodes { actions { action allowed reasons } blockers { code field fatal } } } }";
    let allowed = |answer: &Value| -> Vec<String> {
        let actions = answer["data"]["cases"]["nodes"][0]["actions"].as_array().unwrap().clone();
        actions.iter().filter(|a| a["allowed"] == json!(true)).map(|a| a["action"].as_str().unwrap().to_owned()).collect()
    };
    let answer = world.ask(Some(&of.accountant), document).await;
    assert_eq!(allowed(&answer), ["APPROVE", "DECLINE", "WRITE_OFF", "WITHDRAW"]);
    let blockers = answer["data"]["cases"]["nodes"][0]["blockers"].clone();
    assert_eq!(blockers[0], json!({"code": "REQUIRED", "field": "phone", "fatal": false}), "{blockers}");
    let answer = world.ask(Some(&of.reader), document).await;
    assert_eq!(allowed(&answer), Vec::<String>::new());
    assert_eq!(answer["data"]["cases"]["nodes"][0]["actions"][0]["reasons"], json!(["FORBIDDEN"]));
});

testdb::on_both!(filters_and_search_find_what_they_say, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let of = world.creditor("Kiwi").await;
    world.proposals(&of, &["A-1", "A-2", "100%"]).await;
    let (one, two, percent) = (case_of(&world, &of, "A-1").await, case_of(&world, &of, "A-2").await, case_of(&world, &of, "100%").await);
    domain::case::approve(&world.env, &of.owner, &Selection::Ids(vec![one.0])).await.unwrap();
    let first = json!(*encode(one.0));
    let (a1, a2, hundred) = (one.1.as_str(), two.1.as_str(), percent.1.as_str());
    for (arguments, expected) in [
        ("where: {status: [ACTIVE]}".to_owned(), vec![a1]),
        ("where: {status: []}".to_owned(), vec![]),
        (format!("where: {{ids: [{first}]}}"), vec![a1]),
        (format!("where: {{debtorId: {}}}", json!(*encode(world.case(&of, two.0).await.debtor_id))), vec![a2]),
        ("where: {outstanding: {currency: \"NZD\", gte: \"120.01\"}}".to_owned(), vec![]),
        ("where: {outstanding: {currency: \"EUR\"}}".to_owned(), vec![]),
        ("where: {openedAt: {gte: \"2030-01-01T00:00:00Z\"}}".to_owned(), vec![]),
        ("where: {outstanding: {currency: \"NZD\", gte: \"120\", lte: \"120.00\"}, status: [ACTIVE]}".to_owned(), vec![a1]),
        ("search: \"debtor a-2\"".to_owned(), vec![a2]),
        ("search: \"A-1\"".to_owned(), vec![a1]),
        (format!("search: \"{}\"", hundred.to_lowercase()), vec![hundred]),
        ("search: \"%\"".to_owned(), vec![hundred]),
        ("search: \"_-1\"".to_owned(), vec![]),
        ("search: \"' OR 1=1 --\"".to_owned(), vec![]),
    ] {
        assert_eq!(numbers(&world, &of, &arguments).await, expected, "{arguments}");
    }
    for arguments in [
        "where: {ids: [\"inv_00000000000000000000000001\"]}",
        "where: {debtorId: \"nonsense\"}",
        "where: {outstanding: {currency: \"NZD\", gte: \"1.234\"}}",
        "search: \"a\\u0000b\"",
    ] {
        let answer = world.ask(Some(&of.owner), &format!("{{ cases({arguments}) {{ nodes {{ id }} }} }}")).await;
        let code = answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default();
        assert!(["BAD_USER_INPUT", "INVALID"].contains(&code), "{arguments}\n{answer}");
    }
    assert_eq!(data(&world, &of, "{ case(number: \"d2\") { number } }").await["case"]["number"], "D000002");
    assert_eq!(data(&world, &of, "{ case(number: \"99\") { number } }").await["case"], Value::Null);
});

testdb::on_both!(an_invoice_stands_where_its_case_stands, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let of = world.creditor("Kiwi").await;
    world.proposals(&of, &["A-1", "A-2", "A-3", "A-4"]).await;
    let one = async |invoice| case_of(&world, &of, invoice).await.0;
    domain::case::approve(&world.env, &of.owner, &Selection::Ids(vec![one("A-1").await])).await.unwrap();
    domain::case::decline(&world.env, &of.owner, &Selection::Ids(vec![one("A-2").await]), None).await.unwrap();
    domain::case::write_off(&world.env, &of.owner, one("A-3").await, "gone", None).await.unwrap();
    for (status, number) in [("IN_COLLECTION", "A-1"), ("OVERDUE", "A-2"), ("WRITTEN_OFF", "A-3"), ("PROPOSED", "A-4")] {
        let answer = data(&world, &of, &format!("{{ invoices(where: {{status: [{status}]}}) {{ nodes {{ number status }} }} }}")).await;
        assert_eq!(answer["invoices"]["nodes"], json!([{"number": number, "status": status}]));
    }
    let answer = data(
        &world,
        &of,
        "{ invoices(search: \"A-3\") { nodes { case { claim { writtenOff { amount } paid { amount } } } } totals { amount } } }",
    )
    .await;
    assert_eq!(answer["invoices"]["nodes"][0]["case"]["claim"], json!({"writtenOff": {"amount": "120.00"}, "paid": {"amount": "0.00"}}));
});

testdb::on_both!(the_tenant_its_settings_and_its_people_are_shown, with("product", migrate), |db| async move {
    let world = World::demo(db).await;
    let of = world.creditor("Kiwi").await;
    world.proposals(&of, &["A-1"]).await;
    let answer = data(
        &world,
        &of,
        "{ viewer { role user { displayName email locale role } tenant { id } tenants { id name } }
           tenant { id name legalName registrationNumber country timeZone language currency email phone addressLines version createdAt updatedAt
             bank { accountName iban bic localAccount }
             collection { automaticActions consentMode caseGrouping partPaymentDelayDays contactWindows { weekday from to } defaultPolicy { name } }
             policies { name } members { displayName role }
             integrations { id provider name status settings { minimumDaysOverdue overdueBasis activateFrom minimumAmount { amount } autoApprove freshnessHours }
               health { ok code consecutiveFailures } savedMapping { delimiter } lastSyncedAt nextSyncAt version
               syncRuns(first: 5) { nodes { status trigger progress { phase done percent } counters { invoicesNew casesProposed } issues { code } error { code }
                 upload { fileName } createdBy { displayName } integration { id } } totalCount { value } } } }
           policyPresets { name recommended ladder { steps { kind } } }
           serverInfo { version schemaHash demoMode clock } }",
    )
    .await;
    assert_eq!(
        answer["viewer"]["user"],
        json!({"displayName": "Owner of Kiwi", "email": "owner@kiwi.example", "locale": "en", "role": "OWNER"})
    );
    assert_eq!(answer["viewer"]["tenants"][0]["name"], "Kiwi");
    let tenant = &answer["tenant"];
    assert_eq!(tenant["bank"]["localAccount"], "12-3456-7890123-00");
    assert_eq!(tenant["collection"]["contactWindows"][0], json!({"weekday": 1, "from": "09:00", "to": "17:00"}));
    assert_eq!(tenant["members"].as_array().unwrap().len(), 3);
    let run = &tenant["integrations"][0]["syncRuns"]["nodes"][0];
    assert_eq!((&run["status"], &run["progress"]["phase"]), (&json!("SUCCEEDED"), &json!("done")), "{run}");
    assert_eq!(run["counters"], json!({"invoicesNew": 1, "casesProposed": 1}));
    assert_eq!(run["createdBy"]["displayName"], "Owner of Kiwi");
    let recommended: Vec<&Value> = answer["policyPresets"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|preset| preset["recommended"] == json!(true))
        .map(|p| &p["name"])
        .collect();
    assert_eq!(recommended, [&json!("Three weekly letters")]);
    assert_eq!(answer["serverInfo"]["demoMode"], true);
    assert_eq!(answer["serverInfo"]["schemaHash"].as_str().unwrap().len(), 64);
});

testdb::on_both!(the_summary_adds_up, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (of, other) = (world.creditor("Kiwi").await, world.creditor("Weka").await);
    world.proposals(&other, &["B-1"]).await;
    let ids = world.proposals(&of, &["A-1", "A-2", "A-3"]).await;
    domain::case::approve(&world.env, &of.owner, &Selection::Ids(ids[..2].to_vec())).await.unwrap();
    let paid = domain::payment::NewPayment {
        case: ids[0],
        amount_minor: 5_000,
        currency: "NZD".into(),
        received_on: "2026-07-06".parse().unwrap(),
        reference: None,
    };
    domain::payment::record(&world.env, &of.owner, &paid).await.unwrap();
    let answer = data(
        &world,
        &of,
        "{ collectionSummary { currency outstanding { amount } overdue { amount } inCollection { amount } collectedThisMonth { amount } dueConsent
           casesByStatus { status count amount { amount } } ageing { label fromDays toDays count amount { amount } } } }",
    )
    .await["collectionSummary"]
        .clone();
    assert_eq!(answer["outstanding"]["amount"], "310.00");
    assert_eq!(answer["overdue"]["amount"], "310.00");
    assert_eq!(answer["inCollection"]["amount"], "190.00");
    assert_eq!(answer["collectedThisMonth"]["amount"], "50.00");
    assert_eq!(answer["ageing"][2], json!({"label": "31-60", "fromDays": 31, "toDays": 60, "count": 3, "amount": {"amount": "310.00"}}));
    assert_eq!(answer["casesByStatus"][0], json!({"status": "PROPOSED", "count": 1, "amount": {"amount": "120.00"}}));
    let euros = data(&world, &of, "{ collectionSummary(currency: \"EUR\") { outstanding { amount currency } } }").await;
    assert_eq!(euros["collectionSummary"]["outstanding"], json!({"amount": "0.00", "currency": "EUR"}));
    let answer = world.ask(Some(&of.owner), "{ collectionSummary(currency: \"XYZ\") { asOf } }").await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
});

testdb::on_both!(nobody_sees_anything_but_the_server, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let of = world.creditor("Kiwi").await;
    let id = json!(*encode(of.tenant));
    let by_id = |field: &str, arguments: &str| format!("{field}({arguments}: {id}) {{ __typename }}");
    let one = ["caseExplain", "case", "debtor", "integration", "invoice", "letterTemplate", "node", "printBatch", "syncRun"];
    let by_arguments = [
        "caseByReference(reference: \"D000001\")",
        "letterPlaceholders(kind: REMINDER)",
        "letterPreview(kind: REMINDER)",
        "policySimulate",
        "publicHolidays(country: \"NZ\", between: {})",
        "rulePack(country: \"NZ\")",
        "shippedLetterText(kind: REMINDER, language: \"en\")",
    ];
    let bare = [
        "accountingSystems",
        "agencies",
        "cases",
        "collectionSummary",
        "consentQueue",
        "debtors",
        "deliveries",
        "handovers",
        "invoices",
        "letterTemplates",
        "letters",
        "policyPresets",
        "printBatches",
        "rulePacks",
        "suppressions",
        "tasks",
        "tenant",
        "viewer",
    ];
    let fields: Vec<String> = one
        .into_iter()
        .map(|field| by_id(field, "id"))
        .chain(by_arguments.into_iter().chain(bare).map(|field| format!("{field} {{ __typename }}")))
        .chain([by_id("nodes", "ids"), by_id("pullPreview", "integrationId")])
        .chain([format!("importPreview(integrationId: {id}, uploadId: {id}) {{ __typename }}")])
        .collect();
    for field in &fields {
        let answer = world.ask(None, &format!("{{ {field} }}")).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{field}\n{answer}");
    }
    let name = |field: &str| field.split(['(', ' ']).next().unwrap().to_owned();
    let asked: BTreeSet<String> = fields.iter().map(|field| name(field)).chain(["serverInfo".to_owned()]).collect();
    let answer = data(&world, &of, "{ __schema { queryType { fields { name } } } }").await;
    let all = answer["__schema"]["queryType"]["fields"].as_array().unwrap();
    assert_eq!(asked, all.iter().map(|field| field["name"].as_str().unwrap().to_owned()).collect(), "a question that nobody was refused");
    assert_eq!(world.ask(None, "{ serverInfo { demoMode } }").await["data"]["serverInfo"]["demoMode"], false);
});

/// The case of an invoice, and its number.
async fn case_of(world: &World, of: &Creditor, invoice: &str) -> (entity::CaseId, String) {
    let rows = invoice::Entity::of(of.tenant).all(&world.env.db).await.unwrap();
    let id = rows.into_iter().find(|row| row.number == invoice).unwrap().case_id.unwrap();
    (id, domain::case::reference(world.case(of, id).await.number))
}

/// Every kind of id that the tenant has.
async fn ids_of(world: &World, of: &Creditor) -> Vec<String> {
    let db = &world.env.db;
    let case = world.active(of, "N-1").await;
    let paid = domain::payment::NewPayment {
        case,
        amount_minor: 100,
        currency: "NZD".into(),
        received_on: "2026-07-06".parse().unwrap(),
        reference: None,
    };
    domain::payment::record(&world.env, &of.owner, &paid).await.unwrap();
    let row = world.case(of, case).await;
    macro_rules! first {
        ($table:ident) => {
            encode($table::Entity::of(of.tenant).one(db).await.unwrap().unwrap().id).0
        };
    }
    let event = entity::event::Entity::of(of.tenant).one(db).await.unwrap().unwrap().sequence;
    vec![
        encode(of.tenant).0,
        encode(of.owner.user).0,
        encode(of.integration).0,
        encode(case).0,
        encode(row.debtor_id).0,
        encode(row.policy_id).0,
        encode(api::graphql::id::EventSequence(event)).0,
        first!(invoice),
        first!(letter),
        first!(delivery),
        first!(payment),
        first!(sync_run),
        encode(entity::upload::Entity::of(of.tenant).one(db).await.unwrap().unwrap().id).0,
    ]
}

testdb::on_both!(a_neighbours_id_answers_like_an_unknown_one, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (of, other) = (world.creditor("Kiwi").await, world.creditor("Weka").await);
    for id in ids_of(&world, &other).await {
        let (prefix, digits) = id.split_once('_').unwrap();
        let unknown = format!("{prefix}_{}", "0".repeat(digits.len() - 1) + "7");
        let own = data(&world, &other, &format!("{{ node(id: \"{id}\") {{ id __typename }} }}")).await;
        assert_eq!(own["node"]["id"], json!(id), "its owner finds it");
        let field = match prefix {
            "case" => "case(id: ID) { id }",
            "inv" => "invoice(id: ID) { id }",
            "deb" => {
                "debtor(id: ID) { id } cases(where: {debtorId: ID}) { nodes { id } } invoices(where: {debtorId: ID}) { totalCount { value } nodes { id } }"
            }
            "int" => "integration(id: ID) { id } cases(where: {integrationId: ID}) { totalCount { value } totals { amount } nodes { id } }",
            "run" => "syncRun(id: ID) { id }",
            _ => "",
        };
        let by_case = if prefix == "case" {
            "letters(caseId: ID) { nodes { id } } deliveries(caseId: ID) { nodes { id } } cases(where: {ids: [ID]}) { nodes { id } }"
        } else {
            ""
        };
        let document = format!("{{ node(id: ID) {{ id }} nodes(ids: [ID]) {{ id }} {field} {by_case} }}");
        let asked = |id: &str| document.replace("ID", &format!("\"{id}\""));
        let (foreign, absent) = (world.ask(Some(&of.owner), &asked(&id)).await, world.ask(Some(&of.owner), &asked(&unknown)).await);
        assert_eq!(foreign, absent, "{document}");
        assert_eq!(foreign["data"]["node"], Value::Null, "{foreign}");
        assert!(!foreign.to_string().contains("Weka"), "{foreign}");
    }
});

testdb::on_both!(a_neighbours_file_cannot_be_looked_into, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let (of, other) = (world.creditor("Kiwi").await, world.creditor("Weka").await);
    let (own, foreign) = (world.uploaded(&of, b"[]").await, world.uploaded(&other, b"[]").await);
    let ask = async |integration: String, upload: String| {
        let document = format!(
            "{{ importPreview(integrationId: \"{integration}\", uploadId: \"{upload}\") {{ more rows {{ row }} columns {{ name }} }} }}"
        );
        world.ask(Some(&of.owner), &document).await
    };
    let answer = ask(encode(of.integration).0, encode(own).0).await;
    assert_eq!(answer["data"]["importPreview"], json!({"more": false, "rows": [], "columns": []}), "{answer}");
    for (integration, upload) in [(of.integration, foreign), (other.integration, own)] {
        let answer = ask(encode(integration).0, encode(upload).0).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "NOT_FOUND", "{answer}");
    }
});

testdb::on_both!(ids_of_another_type_and_too_many_ids_are_refused, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let of = world.creditor("Kiwi").await;
    let many = json!(vec![encode(of.tenant).0; 101]);
    for field in [
        format!("invoice(id: \"{}\") {{ id }}", *encode(of.integration)),
        "node(id: \"nonsense\") { id }".to_owned(),
        "node(id: \"\") { id }".to_owned(),
        format!("node(id: \"{}A\") {{ id }}", *encode(of.tenant)),
        format!("nodes(ids: {many}) {{ id }}"),
        "case { id }".to_owned(),
    ] {
        let answer = world.ask(Some(&of.owner), &format!("{{ {field} }}")).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{field}\n{answer}");
    }
});

testdb::on_both!(nested_pages_of_a_hundred_are_too_expensive, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let of = world.creditor("Kiwi").await;
    let document = "{ cases(first: 100) { nodes { timeline(first: 100) { nodes { case { timeline(first: 100) { nodes { id } } } } } } } }";
    let answer = world.ask(Some(&of.owner), document).await;
    assert_eq!(answer["errors"][0]["message"], "Query is too complex.", "{answer}");
    let usual = "{ cases(first: 50) { nodes { id number debtor { name } invoices { number } letters { status } } totalCount { value } } }";
    assert!(world.ask(Some(&of.owner), usual).await.get("errors").is_none());
});

/// Statements of one page, by the table that they read. On one thread, like a worker of the server: there, all items of
/// a page ask before any answer comes.
fn statements_of(backend: Backend, document: &'static str, sizes: [usize; 2]) -> [BTreeMap<String, usize>; 2] {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async move {
        let mut world = World::new(TestDb::with(backend, "product", migrate).await).await;
        let of = world.creditor("Kiwi").await;
        let numbers: Vec<String> = (0..60).map(|n| format!("A-{n}")).collect();
        let ids = world.proposals(&of, &numbers.iter().map(String::as_str).collect::<Vec<_>>()).await;
        domain::case::approve(&world.env, &of.owner, &Selection::Ids(ids)).await.unwrap();
        world.run_due().await;
        let seen = Arc::new(Mutex::new(Vec::new()));
        let counter = Arc::clone(&seen);
        world.env.db.set_metric_callback(move |info| counter.lock().unwrap().push(info.statement.sql.clone()));
        // Another database connection feeds the subscriptions: what it reads is not the page's.
        let feed = Env { db: world.db.connect().await, ..world.env.clone() };
        let tail = EventTail::start(feed, CancellationToken::new());
        world.schema = api::schema(world.env.clone(), tail, &world.settings);
        let mut counts = [BTreeMap::new(), BTreeMap::new()];
        for (slot, size) in counts.iter_mut().zip(sizes) {
            seen.lock().unwrap().clear();
            let answer = data(&world, &of, &document.replace("SIZE", &size.to_string())).await;
            assert_eq!(answer["cases"]["nodes"].as_array().unwrap().len(), size);
            for sql in seen.lock().unwrap().iter() {
                let table = sql.split("FROM").nth(1).unwrap_or(sql).split_whitespace().next().unwrap_or_default();
                *slot.entry(table.to_owned()).or_default() += 1;
            }
        }
        counts
    })
}

const PAGE: &str = "{ cases(first: SIZE) { nodes { id number status debtor { name outstanding { amount } } invoices { number status payments { id } }
  letters { status deliveries { status } consent { decidedBy { id } } } claim { outstanding { amount } } nextAction { kind } policy { name } ladder { revision }
  timeline(last: 3) { nodes { summary actor { displayName } subject { id } } } } totalCount { value } totals { amount } } }";

const ISSUE: &str = "{ cases(first: SIZE) { nodes { id debtor { name } invoices { number } letters { status } } totalCount { value } } }";

fn does_not_grow(backend: Backend) {
    let sum = |counts: &BTreeMap<String, usize>| counts.values().sum::<usize>();
    let [small, large] = statements_of(backend, PAGE, [5, 50]);
    // Two fields that ask for rows of one table share a statement or do not, as it happens; 45 more cases are no reason.
    assert!(sum(&small).abs_diff(sum(&large)) <= 3 && sum(&large) < 30, "{small:?}\n{large:?}");
    let [small, large] = statements_of(backend, ISSUE, [5, 50]);
    assert_eq!(small, large);
    assert_eq!(sum(&large), 5, "cases, their debtors, invoices and letters, and the total: {large:?}");
}

#[test]
fn the_number_of_statements_does_not_grow_with_the_page_on_sqlite() {
    does_not_grow(Backend::Sqlite);
}

#[test]
fn the_number_of_statements_does_not_grow_with_the_page_on_postgres() {
    does_not_grow(Backend::Postgres);
}

//! Values that no honest client sends: each is refused by its code, and nothing is half-written.

use serde_json::{Value, json};

use super::tenancy::Targets;
use crate::process::{client::Client, demo::Demo};

const PAY: &str = "mutation($id: ID!, $money: MoneyInput!, $on: Date!, $key: ID!) {
    paymentRecord(caseId: $id, amount: $money, receivedOn: $on) @idempotent(key: $key) { userErrors { code field } } }";

const CONTACT: &str = "mutation($id: ID!, $input: DebtorContactInput!, $version: Int) {
    debtorUpdateContact(id: $id, input: $input, expectedVersion: $version) { debtor { name version } userErrors { code message } } }";

/// How a document was refused: by the code of a `userError`, or of an error of the request.
async fn refusal(client: &Client, document: &str, variables: Value) -> String {
    let answer = client.send(document, variables).await.unwrap();
    assert!(answer.status < 500, "{answer:?}");
    let body = answer.json();
    if body["errors"].is_array() {
        return answer.error_code();
    }
    let payload = body["data"].as_object().unwrap().values().next().unwrap();
    payload["userErrors"][0]["code"].as_str().unwrap_or_else(|| panic!("taken: {document}: {body}")).to_owned()
}

struct Books {
    demo: Demo,
    owner: Client,
    targets: Targets,
    before: Value,
}

impl Books {
    async fn open() -> Self {
        let demo = Demo::start().await;
        let owner = demo.client(0, "OWNER");
        let targets = Targets::of(&owner).await;
        let before = targets.state(&owner).await;
        Self { demo, owner, targets, before }
    }

    async fn are_untouched(&self) {
        assert_eq!(self.targets.state(&self.owner).await, self.before);
        assert!(!self.demo.process.stderr().contains("panicked"), "{}", self.demo.process.stderr());
    }
}

#[test]
fn amounts_that_are_none_are_refused() {
    testdb::block_on(async {
        let books = Books::open().await;
        let amounts = [
            ("-1.00", "OUT_OF_RANGE"),
            ("0", "OUT_OF_RANGE"),
            ("0.00", "OUT_OF_RANGE"),
            ("-0.00", "OUT_OF_RANGE"),
            ("99999999.00", "OUT_OF_RANGE"),
            ("10000000000000.01", "OUT_OF_RANGE"),
            ("92233720368547758.08", "OUT_OF_RANGE"),
            ("9223372036854775808", "OUT_OF_RANGE"),
            ("99999999999999999999999999999", "OUT_OF_RANGE"),
            ("1.001", "INVALID"),
            ("1e3", "BAD_USER_INPUT"),
            ("1,00", "BAD_USER_INPUT"),
            ("NaN", "BAD_USER_INPUT"),
            ("Infinity", "BAD_USER_INPUT"),
            (" 1", "BAD_USER_INPUT"),
            ("١٢", "BAD_USER_INPUT"),
            ("+1", "BAD_USER_INPUT"),
            ("1.", "BAD_USER_INPUT"),
            (".5", "BAD_USER_INPUT"),
            ("", "BAD_USER_INPUT"),
            ("0x10", "BAD_USER_INPUT"),
        ];
        for (index, (amount, code)) in amounts.into_iter().enumerate() {
            let money = json!({ "amount": amount, "currency": "NZD" });
            let variables = json!({ "id": books.targets.id("case"), "money": money, "on": "2026-11-20", "key": format!("amount-{index}") });
            assert_eq!(refusal(&books.owner, PAY, variables).await, code, "{amount:?}");
        }
        for number in [json!(1), json!(1.5), json!(true), json!(["1"]), json!({ "n": "1" }), Value::Null] {
            let variables =
                json!({ "id": books.targets.id("case"), "money": { "amount": number, "currency": "NZD" }, "on": "2026-11-20", "key": "n" });
            assert_eq!(refusal(&books.owner, PAY, variables).await, "BAD_USER_INPUT", "{number}");
        }
        books.are_untouched().await;
    });
}

#[test]
fn other_currencies_are_refused() {
    testdb::block_on(async {
        let books = Books::open().await;
        for (currency, code) in [
            ("EUR", "CURRENCY_MISMATCH"),
            ("XXX", "CURRENCY_MISMATCH"),
            ("ZZZ", "INVALID"),
            ("nzd", "BAD_USER_INPUT"),
            ("NZDD", "BAD_USER_INPUT"),
            ("", "BAD_USER_INPUT"),
        ] {
            let money = json!({ "amount": "1.00", "currency": currency });
            let variables = json!({ "id": books.targets.id("case"), "money": money, "on": "2026-11-20", "key": format!("c-{currency}") });
            assert_eq!(refusal(&books.owner, PAY, variables).await, code, "{currency:?}");
        }
        books.are_untouched().await;
    });
}

#[test]
fn absurd_days_are_refused() {
    testdb::block_on(async {
        let books = Books::open().await;
        let pause = "mutation($id: ID!, $day: Date!) { casePause(id: $id, until: $day, reason: \"x\") { userErrors { code } } }";
        let days = [
            ("0000-01-01", "OUT_OF_RANGE"),
            ("0001-01-01", "OUT_OF_RANGE"),
            ("9999-12-31", "OUT_OF_RANGE"),
            ("1970-01-01", "OUT_OF_RANGE"),
            ("2027-02-29", "BAD_USER_INPUT"),
            ("2026-13-01", "BAD_USER_INPUT"),
            ("2026-11-31", "BAD_USER_INPUT"),
            ("2026-1-01", "BAD_USER_INPUT"),
            ("-001-01-01", "BAD_USER_INPUT"),
            ("+10000-01-01", "BAD_USER_INPUT"),
            ("262143-01-01", "BAD_USER_INPUT"),
            ("20261120", "BAD_USER_INPUT"),
            ("2026-11-20T00:00:00Z", "BAD_USER_INPUT"),
            ("tomorrow", "BAD_USER_INPUT"),
            ("", "BAD_USER_INPUT"),
            ("２０２６-11-20", "BAD_USER_INPUT"),
        ];
        for (index, (day, code)) in days.into_iter().enumerate() {
            let id = books.targets.id("case");
            assert_eq!(refusal(&books.owner, pause, json!({ "id": id, "day": day })).await, code, "pause until {day:?}");
            let money = json!({ "amount": "1.00", "currency": "NZD" });
            let variables = json!({ "id": id, "money": money, "on": day, "key": format!("d-{index}") });
            assert_eq!(refusal(&books.owner, PAY, variables).await, code, "received on {day:?}");
        }
        books.are_untouched().await;
    });
}

#[test]
fn wrong_states_stale_versions_and_long_lists_are_refused() {
    testdb::block_on(async {
        let books = Books::open().await;
        let (owner, id) = (&books.owner, books.targets.id("case"));
        let approve =
            "mutation($ids: [ID!]!, $key: ID!) { casesApprove(selection: { ids: $ids }) @idempotent(key: $key) { userErrors { code } } }";
        let many: Vec<&str> = std::iter::repeat_n(id, 501).collect();
        assert_eq!(refusal(owner, approve, json!({ "ids": many, "key": "many" })).await, "LIMIT_EXCEEDED");
        assert_eq!(
            refusal(owner, approve, json!({ "ids": [books.targets.id("proposal"), id], "key": "mixed" })).await,
            "ILLEGAL_TRANSITION"
        );
        let named = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
        assert_eq!(refusal(owner, named, json!({ "ids": &many[..101] })).await, "BAD_USER_INPUT");
        let filter = "query($ids: [ID!]!) { cases(where: { ids: $ids }) { nodes { id } } }";
        assert_eq!(refusal(owner, filter, json!({ "ids": &many[..101] })).await, "BAD_USER_INPUT");
        let version =
            owner.ask("query($id: ID!) { case(id: $id) { version } }", json!({ "id": id })).await["case"]["version"].as_i64().unwrap();
        let resume = "mutation($id: ID!, $v: Int) { caseResume(id: $id, expectedVersion: $v) { userErrors { code } } }";
        let pause = "mutation($id: ID!, $v: Int) { casePause(id: $id, until: \"2027-02-01\", reason: \"x\", expectedVersion: $v) { userErrors { code } } }";
        for stale in [version - 1, version + 1, 0, -1, i64::from(i32::MAX)] {
            assert_eq!(refusal(owner, pause, json!({ "id": id, "v": stale })).await, "STALE_VERSION", "{stale}");
        }
        assert_eq!(refusal(owner, resume, json!({ "id": id, "v": version })).await, "ILLEGAL_TRANSITION");
        assert_eq!(
            refusal(owner, CONTACT, json!({ "id": books.targets.id("debtor"), "input": { "name": "x" }, "version": 999 })).await,
            "STALE_VERSION"
        );
        let wrong = json!({ "count": 4, "totals": [{ "amount": "1.00", "currency": "NZD" }], "key": "seen" });
        let matching = "mutation($count: Int!, $totals: [MoneyInput!]!, $key: ID!) { casesApprove(selection: { matching: {
            expectedCount: $count, expectedTotals: $totals } }) @idempotent(key: $key) { userErrors { code } } }";
        assert_eq!(refusal(owner, matching, wrong).await, "SELECTION_CHANGED");
        for (directive, code) in [("", "IDEMPOTENCY_KEY_REQUIRED"), ("@idempotent(key: \"\")", "INVALID")] {
            let document =
                format!("mutation($ids: [ID!]!) {{ casesApprove(selection: {{ ids: $ids }}) {directive} {{ userErrors {{ code }} }} }}");
            assert_eq!(refusal(owner, &document, json!({ "ids": [id] })).await, code, "{directive}");
        }
        books.are_untouched().await;
        let write_off = "mutation($id: ID!) { caseWriteOff(id: $id, reason: \"x\") @idempotent(key: \"off\") { userErrors { code } } }";
        owner.change(write_off, json!({ "id": id })).await;
        assert_eq!(refusal(owner, approve, json!({ "ids": [id], "key": "closed" })).await, "ILLEGAL_TRANSITION");
        assert_eq!(refusal(owner, pause, json!({ "id": id })).await, "ILLEGAL_TRANSITION");
        let money = json!({ "amount": "1.00", "currency": "NZD" });
        let pay = json!({ "id": id, "money": money, "on": "2026-11-20", "key": "late" });
        assert_eq!(refusal(owner, PAY, pay).await, "OUT_OF_RANGE", "nothing is outstanding");
        assert_eq!(refusal(owner, write_off.replace("\"x\"", "\"y\"").as_str(), json!({ "id": id })).await, "IDEMPOTENCY_KEY_REUSED");
    });
}

#[test]
fn invisible_and_turning_characters_never_get_into_a_name() {
    testdb::block_on(async {
        let books = Books::open().await;
        let id = books.targets.id("debtor");
        let hidden = [
            "\0",
            "\u{1}",
            "\u{8}",
            "\u{1b}[31m",
            "\u{7f}",
            "\u{85}",
            "\u{200b}",
            "\u{202e}",
            "\u{2066}",
            "\u{2069}",
            "\u{feff}",
            "\r\nBcc: x@example.com\r\n",
        ];
        for odd in hidden {
            let name = format!("Pōneke{odd} Builders");
            let answer = books.owner.send(CONTACT, json!({ "id": id, "input": { "name": name } })).await.unwrap();
            assert_eq!(answer.status, 200, "{odd:?}: {answer:?}");
            let kept = answer.json()["data"]["debtorUpdateContact"]["debtor"]["name"].clone();
            if let Some(kept) = kept.as_str() {
                assert!(!kept.chars().any(|c| c.is_control() || "\u{200b}\u{202e}\u{2066}\u{2069}\u{feff}".contains(c)), "{kept:?}");
            }
        }
        let one_line = books.owner.change(CONTACT, json!({ "id": id, "input": { "name": "Whānau\t\n Café  李明" } })).await;
        assert_eq!(one_line["debtor"]["name"], "Whānau Café 李明");
    });
}

#[test]
fn names_and_addresses_that_are_none_are_refused() {
    testdb::block_on(async {
        let books = Books::open().await;
        let id = books.targets.id("debtor");
        let bad = [
            (json!({ "name": "" }), "REQUIRED"),
            (json!({ "name": "\u{200b}\u{202e}" }), "REQUIRED"),
            (json!({ "name": "x".repeat(201) }), "TOO_LONG"),
            (json!({ "name": "x".repeat(100_000) }), "INVALID"),
            (json!({ "name": format!("e{}", "\u{301}".repeat(1_000)) }), "INVALID"),
            (json!({ "line1": "x".repeat(101) }), "TOO_LONG"),
            (json!({ "email": "a@b\r\nBcc: x@example.com" }), "BAD_USER_INPUT"),
            (json!({ "email": "a@example.com, b@example.com" }), "INVALID"),
            (json!({ "email": "Somebody <a@example.com>" }), "INVALID"),
            (json!({ "email": "no address" }), "INVALID"),
            (json!({ "email": format!("{}@example.com", "x".repeat(250)) }), "TOO_LONG"),
            (json!({ "email": "x".repeat(1_000) }), "BAD_USER_INPUT"),
            (json!({ "phone": "+49 900 1234567" }), "INVALID"),
            (json!({ "phone": "+881 612345678" }), "INVALID"),
            (json!({ "phone": "112" }), "INVALID"),
            (json!({ "phone": "call me" }), "INVALID"),
            (json!({ "country": "nz" }), "BAD_USER_INPUT"),
            (json!({ "country": "NZL" }), "BAD_USER_INPUT"),
            (json!({ "language": "tlh" }), "INVALID"),
            (json!({ "tenantId": books.targets.id("tenant") }), "BAD_USER_INPUT"),
            (json!({ "exempt": true }), "BAD_USER_INPUT"),
        ];
        for (input, code) in bad {
            let shown: String = input.to_string().chars().take(80).collect();
            assert_eq!(refusal(&books.owner, CONTACT, json!({ "id": id, "input": input })).await, code, "{shown}");
        }
        books.are_untouched().await;
    });
}

#[test]
fn numbers_that_do_not_fit_are_refused_wherever_they_are_asked() {
    testdb::block_on(async {
        let books = Books::open().await;
        for number in
            [json!(2_147_483_648_i64), json!(-2_147_483_649_i64), json!(1e300), json!(1.5), json!("1"), json!(true), json!([1, 2])]
        {
            let page = "query($n: Int) { cases(first: $n) { nodes { id } } }";
            assert_eq!(refusal(&books.owner, page, json!({ "n": number })).await, "BAD_USER_INPUT", "{number}");
        }
        for (first, last) in [(json!(-1), Value::Null), (Value::Null, json!(-5)), (json!(1), json!(1))] {
            let page = "query($f: Int, $l: Int) { cases(first: $f, last: $l) { nodes { id } } }";
            assert_eq!(refusal(&books.owner, page, json!({ "f": first, "l": last })).await, "BAD_USER_INPUT", "{first} {last}");
        }
        let settings = "mutation($id: ID!, $days: Int) { integrationUpdateSettings(id: $id, input: { minimumDaysOverdue: $days }) { userErrors { code } } }";
        for days in [0, -1, 3_651, i32::MAX] {
            let variables = json!({ "id": books.targets.id("integration"), "days": days });
            assert_eq!(refusal(&books.owner, settings, variables).await, "OUT_OF_RANGE", "{days}");
        }
        let delay = "mutation($n: Int) { tenantUpdate(input: { partPaymentDelayDays: $n }) { userErrors { code } } }";
        for days in [-1, 91, i32::MIN] {
            assert_eq!(refusal(&books.owner, delay, json!({ "n": days })).await, "OUT_OF_RANGE", "{days}");
        }
        for size in [0, -1, i32::MAX] {
            let upload = "mutation($n: Int!) { uploadCreate(fileName: \"a.csv\", byteSize: $n) { userErrors { code } } }";
            let code = refusal(&books.owner, upload, json!({ "n": size })).await;
            assert!(["OUT_OF_RANGE", "LIMIT_EXCEEDED", "EMPTY_FILE"].contains(&code.as_str()), "{size}: {code}");
        }
        books.are_untouched().await;
    });
}

#[test]
fn patterns_in_a_search_are_only_text() {
    testdb::block_on(async {
        let demo = Demo::start().await;
        let owner = demo.client(0, "OWNER");
        let document = "query($s: String) { cases(search: $s) { totalCount { value } } }";
        let found = async |text: &str| owner.ask(document, json!({ "s": text })).await["cases"]["totalCount"]["value"].as_i64().unwrap();
        assert_eq!(found("Pōneke Builders").await, 1);
        for text in ["%", "%%%%%", "_", "\\", "B%lders", "' OR '1'='1", "\";--", "*"] {
            assert_eq!(found(text).await, 0, "{text:?}");
        }
        for text in ["x".repeat(201), "a\0b".into()] {
            assert_eq!(refusal(&owner, document, json!({ "s": text })).await, "BAD_USER_INPUT");
        }
    });
}

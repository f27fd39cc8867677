//! What is charged beside the invoices: switched on, shown line by line, given up, paid.

use api::graphql::id::encode;
use serde_json::{Value, json};
use testdb::on_both;

use crate::world::{Creditor, World, codes, migrate};

const ERRORS: &str = "userErrors { code field message }";

const CLAIM: &str = "claim { outstanding { amount } outstandingInvoices { amount } outstandingCharges { amount } interest { amount }
  waived { amount } open { principal { amount } interest { amount } } rateMissing { code }
  lines { kind amount { amount } on invoice { number } chargeId calculation { percent days daysOfYear principal { amount } } }
  chargePayments { id amount { amount } on note } }";

async fn switched_on(world: &World, of: &Creditor, charges: &str) -> Value {
    let shown = "tenant { collection { charges { interest contractPercent fixedSum stepFees residual waiveBelow { amount currency } notes { code } } } }";
    world.change(&of.owner, &format!("tenantUpdate(input: {{ charges: {{ {charges} }} }}) {{ {ERRORS} {shown} }}")).await
}

async fn claim(world: &World, of: &Creditor, id: &str) -> Value {
    let answer = world.ask(Some(&of.owner), &format!("{{ case(id: \"{id}\") {{ status {CLAIM} }} }}")).await;
    assert!(answer.get("errors").is_none(), "{answer}");
    answer["data"]["case"]["claim"].clone()
}

fn minor(amount: &Value) -> i64 {
    amount["amount"].as_str().unwrap().replace('.', "").parse().unwrap()
}

on_both!(charges_are_off_until_they_are_switched_on_and_bad_settings_are_refused, with("api", migrate), |db| async move {
    let world = World::new(db).await;
    let of = world.creditor("Kauri").await;
    for (charges, code) in [
        ("interest: CONTRACT", "REQUIRED"),
        ("contractPercent: \"5\"", "INVALID"),
        ("interest: CONTRACT, contractPercent: \"-5\"", "OUT_OF_RANGE"),
        ("interest: CONTRACT, contractPercent: \"36.01\"", "OUT_OF_RANGE"),
        ("waiveBelow: [{ amount: \"1\", currency: \"XXY\" }]", "INVALID"),
        ("waiveBelow: [{ amount: \"0\", currency: \"NZD\" }]", "OUT_OF_RANGE"),
    ] {
        assert_eq!(codes(&switched_on(&world, &of, charges).await), [code], "{charges}");
    }
    let off = switched_on(&world, &of, "fixedSum: false").await;
    let expected = json!({ "interest": "NONE", "contractPercent": null, "fixedSum": false, "stepFees": false, "residual": "KEEP",
        "waiveBelow": [], "notes": [] });
    assert_eq!(World::done(&off)["tenant"]["collection"]["charges"], expected);
    let on = switched_on(&world, &of, "interest: STATUTORY, fixedSum: true").await;
    let codes: Vec<&str> = World::done(&on)["tenant"]["collection"]["charges"]["notes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|note| note["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["NO_STATUTORY_RIGHT", "NO_STATUTORY_RIGHT", "NO_FIXED_SUM"], "New Zealand knows neither");
});

on_both!(interest_is_shown_with_its_calculation_paid_and_given_up, with("api", migrate), |db| async move {
    let world = World::new(db).await;
    let of = world.creditor("Kauri").await;
    let id = encode(world.active(&of, "INV-1").await).0;
    let before = claim(&world, &of, &id).await;
    assert_eq!((minor(&before["outstanding"]), minor(&before["outstandingCharges"])), (minor(&before["outstandingInvoices"]), 0));

    World::done(&switched_on(&world, &of, "interest: CONTRACT, contractPercent: \"36\"").await);
    let with = claim(&world, &of, &id).await;
    let interest = minor(&with["interest"]);
    assert!(interest > 100, "{with}");
    assert_eq!(minor(&with["outstanding"]), minor(&with["outstandingInvoices"]) + interest);
    let lines = with["lines"].as_array().unwrap();
    assert_eq!(lines.iter().map(|line| minor(&line["amount"])).sum::<i64>(), minor(&with["outstanding"]));
    let line = lines.iter().find(|line| line["kind"] == "INTEREST").unwrap();
    assert_eq!((&line["calculation"]["percent"], &line["calculation"]["daysOfYear"]), (&json!("36"), &json!(365)));

    let register = |amount: &str, key: &str| {
        format!(
            "caseChargePaymentRegister(caseId: \"{id}\", amount: {{ amount: \"{amount}\", currency: \"NZD\" }}, on: \"2026-07-06\") @idempotent(key: \"{key}\") {{ {ERRORS} case {{ {CLAIM} }} }}"
        )
    };
    assert_eq!(codes(&world.change(&of.accountant, &register("1000.00", "k1")).await), ["OUT_OF_RANGE"]);
    let paid = world.change(&of.accountant, &register("1.00", "k2")).await;
    let shown = &World::done(&paid)["case"]["claim"];
    assert_eq!(minor(&shown["outstandingCharges"]), interest - 100);
    let again = world.change(&of.accountant, &register("1.00", "k2")).await;
    assert_eq!(World::done(&again)["case"]["claim"]["chargePayments"].as_array().unwrap().len(), 1, "once");
    let payment = shown["chargePayments"][0]["id"].as_str().unwrap();
    let reverse = format!("caseChargePaymentReverse(id: \"{payment}\", reason: \"bounced\") {{ {ERRORS} case {{ {CLAIM} }} }}");
    let back = world.change(&of.accountant, &reverse).await;
    assert_eq!(minor(&World::done(&back)["case"]["claim"]["outstandingCharges"]), interest);

    let waive = |more: &str| {
        format!("caseChargesWaive(caseId: \"{id}\", {more}reason: \"a good customer\") {{ {ERRORS} case {{ status {CLAIM} }} }}")
    };
    assert_eq!(codes(&world.change(&of.accountant, &waive("kind: FEE, ")).await), ["ILLEGAL_TRANSITION"]);
    assert_eq!(codes(&world.change(&of.accountant, &waive("chargeIds: [], kind: FEE, ")).await), ["INVALID"]);
    let waived = world.change(&of.accountant, &waive("")).await;
    let case = &World::done(&waived)["case"];
    assert_eq!((&case["status"], minor(&case["claim"]["outstandingCharges"])), (&json!("ACTIVE"), 0));
    assert_eq!(minor(&case["claim"]["waived"]), interest);
});

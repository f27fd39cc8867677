//! What countries demand, as front-ends read it.

use serde_json::{Value, json};

use crate::world::{World, migrate};

const PACK: &str = "{ rulePack(country: \"NO\") {
  country revision
  contact { windows { weekdays from to } closedOn perWeek perMonth ground { standing note } }
  notices { letter minDays earliestDaysAfterDue sufficientChannels principalWithoutFees validMonths heading }
  fees { debtors maxCount earliestDaysAfterDue minDeadlineDays vat limits { from last most { amount currency } source } }
  interest { dayCount fixedAtStart margins { debtor marginPercent daysAfterDue afterDemand } baseRates { from last percent source } }
  known: statutoryRate(debtor: CONSUMER, on: \"2026-03-01\") { percent from last source }
  unknown: statutoryRate(debtor: CONSUMER, on: \"2026-11-22\") { percent }
  fixedSums { debtors currency per setOffAgainstCosts sums { from last tiers { from { amount } sum { amount } } source } }
  settlement { order ground { standing } }
  contents { letters debtors firstLetterOnly items }
  limitation { region years warnDays extinguishes ground { sources } }
  retention { what months fromEndOfYear }
  registeredSmsSender { from }
  notes { text ground { standing } }
  regions { code names }
} }";

testdb::on_both!(a_rule_pack_tells_its_numbers_and_where_they_are_from, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let of = world.creditor("Kiwi").await;
    let answer = world.ask(Some(&of.owner), PACK).await;
    assert!(answer.get("errors").is_none(), "{answer:#}");
    let pack = &answer["data"]["rulePack"];
    assert_eq!(pack["revision"], "NO-2026-11-22");
    assert_eq!(pack["contact"][0]["windows"][1], json!({"weekdays": [6], "from": "09:00", "to": "15:00"}));
    assert_eq!(pack["contact"][0]["ground"]["standing"], "PRACTICE");
    assert_eq!(pack["notices"][0]["heading"], "Inkassovarsel");
    assert_eq!(pack["notices"][0]["sufficientChannels"], json!(["EMAIL", "POST"]));
    assert_eq!(pack["fees"][0]["limits"][0]["most"], json!({"amount": "35.00", "currency": "NOK"}));
    assert_eq!(pack["known"]["percent"], "12");
    assert!(pack["known"]["source"].as_str().unwrap().starts_with("https://"));
    assert_eq!(pack["unknown"], Value::Null);
    assert_eq!(pack["limitation"][0]["years"], 3);
    assert!(pack["regions"].as_array().unwrap().iter().any(|region| region["code"] == "03" && region["names"][2] == "Oslo"));
});

testdb::on_both!(holidays_are_those_of_the_place, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let of = world.creditor("Kiwi").await;
    let ask =
        async |arguments: &str| world.ask(Some(&of.owner), &format!("{{ publicHolidays({arguments}) {{ on name national }} }}")).await;
    let november = "between: { gte: \"2026-11-01\", lte: \"2026-11-30\" }";
    let saxony = ask(&format!("country: \"DE\", region: \"Saxony\", {november}")).await;
    assert_eq!(saxony["data"]["publicHolidays"], json!([{"on": "2026-11-18", "name": "Buß- und Bettag", "national": false}]));
    let unknown = ask(&format!("country: \"DE\", region: \"Tirol\", {november}")).await;
    assert_eq!(unknown["data"]["publicHolidays"], json!([]));
    let open = ask("country: \"DE\", between: { gte: \"2026-11-01\" }").await;
    assert_eq!(open["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    for years in ["gte: \"2035-12-01\", lte: \"2036-01-31\"", "gte: \"2023-12-31\", lte: \"2024-01-01\""] {
        let beyond = ask(&format!("country: \"NZ\", between: {{ {years} }}")).await;
        let error = &beyond["errors"][0];
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "no answer that reads as no holidays: {beyond}");
        assert!(error["message"].as_str().unwrap().contains("2024 to 2035"), "{beyond}");
    }
    let last = ask("country: \"NO\", between: { gte: \"2035-12-25\", lte: \"2035-12-31\" }").await;
    assert_eq!(last["data"]["publicHolidays"].as_array().map(Vec::len), Some(2), "{last}");
    let ages = ask("country: \"DE\", between: { gte: \"1000-01-01\", lte: \"2999-01-01\" }").await;
    assert_eq!(ages["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
});

testdb::on_both!(every_pack_is_listed_to_who_is_signed_in_alone, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let of = world.creditor("Kiwi").await;
    let document =
        "{ rulePacks { country revision notes { text } contact { ground { sources } } } none: rulePack(country: \"FR\") { revision } }";
    let answer = world.ask(Some(&of.owner), document).await;
    let countries: Vec<_> = answer["data"]["rulePacks"].as_array().unwrap().iter().map(|pack| pack["country"].as_str().unwrap()).collect();
    assert_eq!(countries, ["AU", "DE", "GB", "NO", "NZ"]);
    assert_eq!(answer["data"]["none"], Value::Null);
    assert!(world.ask(None, document).await["errors"][0].is_object());
});

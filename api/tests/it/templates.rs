//! Texts of letters as clients see and change them.

use api::graphql::id::encode;
use chrono::TimeDelta;
use domain::letter::template::MAX_TESTS;
use entity::{Scoped, delivery, letter};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use testdb::on_both;

use crate::world::{Creditor, World, codes, migrate};

const ERRORS: &str = "userErrors { code field message }";

fn save(args: &str, opening: &str) -> String {
    format!(
        r#"templateSave({args} input: {{ kind: LETTER_OF_DEMAND, language: "en", text: {{ subject: "Your debt to {{creditor}}",
            opening: [{{ text: "{opening}" }}], closing: [{{ text: "Ask us: {{contact}}." }}] }} }})
            {{ {ERRORS} template {{ id kind language country revision archived revisions {{ number text {{ subject opening {{ text when continues }} sms {{ text }} }} createdBy {{ displayName }} }} }} }}"#
    )
}

/// The letters by their invoices.
async fn letters(world: &World, of: &Creditor) -> Vec<letter::Model> {
    let mut rows = letter::Entity::of(of.tenant).all(&world.env.db).await.unwrap();
    rows.sort_by_key(|row| row.facts["lines"][0]["invoice_number"].to_string());
    rows
}

on_both!(a_text_of_ones_own_is_said_from_then_on_and_stays_with_the_letters_issued_with_it, with("api", migrate), |db| async move {
    let (world, creditor) = World::stage(db).await;
    world.active(&creditor, "INV-1").await;
    let made = world.change(&creditor.owner, &save("", "Kia ora {debtor}, {claim} is unpaid.")).await;
    let template = &World::done(&made)["template"];
    assert_eq!((&template["revision"], &template["kind"], &template["country"]), (&json!(1), &json!("LETTER_OF_DEMAND"), &Value::Null));
    let id = template["id"].as_str().unwrap().to_owned();
    world.active(&creditor, "INV-2").await;
    let revised = world.change(&creditor.owner, &save(&format!("id: \"{id}\","), "Second words for {debtor}.")).await;
    assert_eq!(World::done(&revised)["template"]["revisions"].as_array().unwrap().len(), 2);
    let again = world.change(&creditor.owner, &save(&format!("id: \"{id}\","), "Second words for {debtor}.")).await;
    assert_eq!(World::done(&again)["template"]["revision"], json!(2), "the same text is no revision");
    let archived = world.change(&creditor.owner, &format!("templateArchive(id: \"{id}\") {{ {ERRORS} template {{ archived }} }}")).await;
    assert_eq!(World::done(&archived)["template"]["archived"], json!(true));
    world.active(&creditor, "INV-3").await;

    let letters = letters(&world, &creditor).await;
    let words: Vec<Option<&str>> = letters.iter().map(|row| row.facts["wording"]["text"]["opening"][0]["text"].as_str()).collect();
    assert_eq!(words, [None, Some("Kia ora {debtor}, {claim} is unpaid."), None]);
    let own: domain::letter::LetterFacts = serde_json::from_value(letters[1].facts.clone()).unwrap();
    let said = domain::letter::compose(&own).unwrap();
    assert_eq!(said.opening, ["Kia ora Debtor INV-2, our invoice INV-2 is unpaid."]);
    assert_eq!(said.subject, "Your debt to Kauri – invoice INV-2");
    assert!(said.demand.is_some() && said.bank.is_some(), "sum, deadline and account cannot be left out");
    assert!(letters[1].text_revision.ends_with("/1") && !letters[0].text_revision.contains('/'));
    let listed = world.asked(&creditor, "{ letterTemplates { id } all: letterTemplates(archived: true) { id } }").await;
    assert_eq!((listed["letterTemplates"].as_array().unwrap().len(), listed["all"].as_array().unwrap().len()), (0, 1));
});

on_both!(a_text_that_breaks_a_rule_is_refused_with_its_place_and_nothing_is_kept, with("api", migrate), |db| async move {
    let (world, creditor) = World::stage(db).await;
    let before = world.snapshot(&creditor).await;
    let text = |subject: &str, opening: &str, sms: &str| {
        format!(
            r#"templateSave(input: {{ kind: REMINDER, language: "en", text: {{ subject: "{subject}", opening: [{opening}], closing: [], sms: {sms} }} }}) {{ {ERRORS} }}"#
        )
    };
    let good = r#"{ text: "Hello {debtor}." }"#;
    let cases = [
        (text("Hi {outstanding}", good, "null"), json!(["subject"]), "character 4"),
        (text("Hi", r#"{ text: "Hello {debtr}." }"#, "null"), json!(["opening", "0", "text"]), "{debtr} at character 7"),
        (text("Hi", r#"{ text: "One {" }"#, "null"), json!(["opening", "0", "text"]), "character 5"),
        (text("Hi", r#"{ text: "Hello", when: WROTE_BEFORE }"#, "null"), json!(["opening"]), "whatever"),
        (text("Hi", r#"{ text: "a\u202eb" }"#, "null"), json!(["opening", "0", "text"]), "character 2"),
        (text("Hi", &format!("{good}, {{ text: \"{}\" }}", "x".repeat(1001)), "null"), json!(["opening", "1", "text"]), "1000"),
        (text("Hi", good, r#""{creditor} {reference} {contact}""#), json!(["sms"]), "{outstanding}"),
        (text("Hi", good, r#""{creditor} {reference} {contact} {outstanding} https://pay.example/x""#), json!(["sms"]), "link"),
        (
            text("Hi", good, &format!(r#""{{creditor}} {{reference}} {{contact}} {{outstanding}} {}""#, "ж".repeat(300))),
            json!(["sms"]),
            "parts",
        ),
    ];
    for (mutation, field, place) in cases {
        let answer = world.change(&creditor.owner, &mutation).await;
        assert_eq!(answer["userErrors"][0]["field"], field, "{mutation}\n{answer}");
        assert!(answer["userErrors"][0]["message"].as_str().unwrap().contains(place), "{answer}");
    }
    assert_eq!(world.snapshot(&creditor).await, before);
    let notice = r#"templateSave(input: { kind: COLLECTION_NOTICE, language: "nb", country: "NO", text: { subject: "Purring og inkassovarsel", opening: [{ text: "Hei" }], closing: [] } }) { userErrors { code field } }"#;
    assert_eq!(world.change(&creditor.owner, notice).await["userErrors"][0]["field"], json!(["subject"]));
});

on_both!(a_threat_that_a_law_forbids_is_named_in_a_preview_refused_when_saved_and_never_issued, with("api", migrate), |db| async move {
    let (world, creditor) = World::stage(db).await;
    let before = world.snapshot(&creditor).await;
    let threat = r#"text: { subject: "Inkassovarsel", opening: [{ text: "Hello {debtor}." }], closing: [{ text: "Ask us." }, { text: "Or meet us in Court." }] }"#;
    let of = |country: &str| format!("kind: COLLECTION_NOTICE, language: \"en\", {country} {threat}");
    let (norway, any, australia) = (of("country: \"NO\","), of(""), of("country: \"AU\","));
    let shown = world.asked(
        &creditor,
        &format!(
            r#"{{ norway: letterPreview({norway}) {{ closing forbidden {{ field message }} }} any: letterPreview({any}) {{ forbidden {{ field }} }}
                 australia: letterPreview({australia}) {{ forbidden {{ field }} }}
                 rulePack(country: "NO") {{ forbiddenWords {{ letters what words {{ language words }} ground {{ sources }} }} }} nz: rulePack(country: "NZ") {{ announcements {{ letter }} }} }}"#
        ),
    )
    .await;
    assert_eq!(shown["norway"]["forbidden"][0]["field"], json!("closing.1.text"));
    let message = shown["norway"]["forbidden"][0]["message"].as_str().unwrap();
    assert!(
        message.contains("\"court\" at character 15") && message.contains("a threat of court") && message.contains("https://"),
        "{message}"
    );
    assert_eq!((&shown["any"]["forbidden"][0]["field"], &shown["australia"]["forbidden"]), (&json!("closing.1.text"), &json!([])));
    assert_eq!(shown["rulePack"]["forbiddenWords"][0]["letters"], json!(["COLLECTION_NOTICE"]));
    assert_eq!(shown["rulePack"]["forbiddenWords"][0]["words"].as_array().unwrap().len(), 3);
    assert_eq!(shown["nz"]["announcements"], json!([{ "letter": "COLLECTION_NOTICE" }]));
    for input in [&norway, &any] {
        let refused = world.change(&creditor.owner, &format!("templateSave(input: {{ {input} }}) {{ {ERRORS} template {{ id }} }}")).await;
        assert_eq!(codes(&refused), ["INVALID"]);
        assert_eq!(refused["userErrors"][0]["field"], json!(["closing", "1", "text"]));
    }
    assert_eq!(world.snapshot(&creditor).await, before);
    World::done(&world.change(&creditor.owner, &format!("templateSave(input: {{ {australia} }}) {{ {ERRORS} template {{ id }} }}")).await);
    // One that was saved before the rule was known is passed over: the product's own text goes out.
    let row = entity::letter_template::Entity::of(creditor.tenant).one(&world.env.db).await.unwrap().unwrap();
    let mut row = sea_orm::IntoActiveModel::into_active_model(row);
    row.country = sea_orm::Set(None);
    sea_orm::ActiveModelTrait::update(row, &world.env.db).await.unwrap();
    let query = r#"{ no: letterPreview(kind: COLLECTION_NOTICE, language: "en", country: "NO") { textRevision } au: letterPreview(kind: COLLECTION_NOTICE, language: "en", country: "AU") { textRevision } }"#;
    let shown = world.asked(&creditor, query).await;
    let own = |country: &str| shown[country]["textRevision"].as_str().unwrap().contains('/');
    assert_eq!((own("no"), own("au")), (false, true), "{shown}");
});

on_both!(one_text_for_the_same_letters_and_no_lost_update, with("api", migrate), |db| async move {
    let (world, creditor) = World::stage(db).await;
    let made = world.change(&creditor.owner, &save("", "One {debtor}.")).await;
    let id = World::done(&made)["template"]["id"].as_str().unwrap().to_owned();
    assert_eq!(codes(&world.change(&creditor.owner, &save("", "Two {debtor}.")).await), ["ALREADY_EXISTS"]);
    let stale = save(&format!("id: \"{id}\","), "Three {debtor}.").replace(r#"language: "en","#, r#"language: "en", expectedRevision: 7,"#);
    assert_eq!(codes(&world.change(&creditor.owner, &stale).await), ["STALE_VERSION"]);
    let moved = save(&format!("id: \"{id}\","), "Three {debtor}.").replace(r#"language: "en""#, r#"language: "de""#);
    assert_eq!(codes(&world.change(&creditor.owner, &moved).await), ["INVALID"]);
    let country = save("", "For Australia, {debtor}.").replace(r#"language: "en","#, r#"language: "en", country: "AU","#);
    World::done(&world.change(&creditor.owner, &country).await);
    let query =
        r#"{ au: letterPreview(kind: LETTER_OF_DEMAND, country: "AU") { opening } nz: letterPreview(kind: LETTER_OF_DEMAND) { opening } }"#;
    let shown = world.asked(&creditor, query).await;
    assert_eq!(shown["au"]["opening"], json!(["For Australia, Hill Road Builders."]));
    assert_eq!(shown["nz"]["opening"], json!(["One Hill Road Builders."]));
});

on_both!(a_preview_shows_what_would_be_issued_and_keeps_nothing, with("api", migrate), |db| async move {
    let (world, creditor) = World::stage(db).await;
    let case = encode(world.active(&creditor, "INV-1").await).0;
    let before = world.snapshot(&creditor).await;
    let draft = r#"text: { subject: "Draft", opening: [{ text: "Dear {debtor}," }, { text: "you owe {outstanding}.", continues: true }], closing: [] }"#;
    let query = format!(
        r#"{{ real: letterPreview(kind: FINAL_DEMAND, caseId: "{case}") {{ sample language subject opening demand closing emailText sms smsParts missing {{ field }} pdf }}
             norwegian: letterPreview(kind: COLLECTION_NOTICE, caseId: "{case}", language: "nb") {{ subject sms }}
             draft: letterPreview(kind: REMINDER, caseId: "{case}", {draft}) {{ opening textRevision }}
             invented: letterPreview(kind: PRE_DUE_REMINDER, language: "de-AT") {{ sample subject opening demand }} }}"#
    );
    let shown = world.asked(&creditor, &query).await;
    let real = &shown["real"];
    assert_eq!((&real["sample"], &real["language"], &real["missing"]), (&json!(false), &json!("en"), &json!([])));
    assert_eq!(real["subject"], json!("Final demand – invoice INV-1"));
    assert!(real["demand"].as_str().unwrap().contains("NZD\u{a0}120.00"), "{real}");
    assert!(real["emailText"].as_str().unwrap().contains("12-3456-7890123-00") && real["smsParts"] == json!(1), "{real}");
    assert!(real["pdf"].as_str().unwrap().starts_with("JVBERi0"), "a PDF in base 64");
    assert_eq!(shown["norwegian"]["subject"], json!("Inkassovarsel"));
    assert_eq!(shown["draft"]["opening"], json!(["Dear Debtor INV-1, you owe NZD\u{a0}120.00."]));
    assert_eq!(
        (&shown["invented"]["sample"], &shown["invented"]["subject"]),
        (&json!(true), &json!("Hinweis auf die Fälligkeit – Rechnung 1042"))
    );
    let (opening, demand) = (shown["invented"]["opening"].to_string(), shown["invented"]["demand"].as_str().unwrap());
    let due_on = opening.split_once(" wird am ").and_then(|(_, rest)| rest.split_once(" fällig")).unwrap().0;
    assert!(demand.contains(due_on), "ahead of the due day nothing else is asked for than to pay on it: {opening} {demand}");
    assert_eq!(world.snapshot(&creditor).await, before);
    let unfit = world.ask(Some(&creditor.reader), &format!("{{ letterPreview(kind: THANK_YOU, caseId: \"{case}\") {{ subject }} }}")).await;
    assert_eq!(unfit["errors"][0]["extensions"]["code"], json!("INVALID"), "{unfit}");
    let shipped = world.asked(&creditor, r#"{ shippedLetterText(kind: REMINDER, language: "nb") { subject opening { text when continues } } letterPlaceholders(kind: PRE_DUE_REMINDER) { body sms subject } }"#).await;
    assert_eq!(shipped["shippedLetterText"]["subject"], json!("Betalingspåminnelse"));
    assert!(shipped["letterPlaceholders"]["body"].as_array().unwrap().contains(&json!("due_on")));
});

on_both!(a_test_goes_to_whoever_asks_and_to_nobody_else, with("api", migrate), |db| async move {
    let (world, creditor) = World::stage(db).await;
    let case = encode(world.active(&creditor, "INV-1").await).0;
    let before = world.snapshot(&creditor).await;
    world.channels.seen.lock().unwrap().clear();
    let sent =
        world.change(&creditor.owner, &format!("templateTestSend(kind: REMINDER, caseId: \"{case}\") {{ {ERRORS} recipient }}")).await;
    assert_eq!(World::done(&sent)["recipient"], json!("owner@kauri.example"));
    let seen = std::mem::take(&mut *world.channels.seen.lock().unwrap());
    assert_eq!(seen.len(), 1);
    assert_eq!((seen[0].recipient.as_str(), seen[0].reply_to.as_str()), ("owner@kauri.example", "owner@kauri.example"));
    assert!(seen[0].subject.starts_with("[TEST] ") && seen[0].text.contains("invoice INV-1"), "{}", seen[0].subject);
    assert!(seen[0].pdf.is_some() && seen[0].unsubscribe_url.is_none());
    assert!(seen[0].html.as_ref().unwrap().contains("<p><strong>[TEST]</strong></p>"));
    assert_eq!(world.snapshot(&creditor).await, before, "no row knows of it");
    let count =
        delivery::Entity::of(creditor.tenant).filter(delivery::Column::Recipient.eq("owner@kauri.example")).count(&world.env.db).await;
    assert_eq!(count.unwrap(), 0);
    *world.channels.refuse.lock().unwrap() = true;
    let refused = world.change(&creditor.owner, &format!("templateTestSend(kind: REMINDER) {{ {ERRORS} }}")).await;
    assert_eq!(codes(&refused), ["CHANNEL_UNAVAILABLE"]);
});

on_both!(tests_are_counted_by_the_hour_and_by_the_tenant, with("api", migrate), |db| async move {
    let (world, creditor) = World::stage(db).await;
    let test = || format!("templateTestSend(kind: REMINDER) {{ {ERRORS} recipient }}");
    world.channels.seen.lock().unwrap().clear();
    let bad = r#"templateTestSend(kind: REMINDER, text: { subject: "{nobody}", opening: [{ text: "Hi" }], closing: [] }) { userErrors { code field } }"#;
    assert_eq!(codes(&world.change(&creditor.owner, bad).await), ["INVALID"]);
    for _ in 0..MAX_TESTS {
        World::done(&world.change(&creditor.owner, &test()).await);
    }
    assert_eq!(codes(&world.change(&creditor.owner, &test()).await), ["RATE_LIMITED"]);
    assert_eq!(world.channels.seen.lock().unwrap().len(), usize::try_from(MAX_TESTS).unwrap(), "what is refused does not leave");
    let other = world.creditor("Rata").await;
    World::done(&world.change(&other.owner, &test()).await);
    world.clock.pass(TimeDelta::hours(2));
    World::done(&world.change(&creditor.owner, &test()).await);
});

on_both!(legal_details_are_a_setting, with("api", migrate), |db| async move {
    let (world, creditor) = World::stage(db).await;
    let update = |legal: &str| format!("tenantUpdate(input: {{ legal: {legal} }}) {{ {ERRORS} tenant {{ id }} }}");
    let whole = r#"{ authority: { name: "Bundesamt für Justiz", address: "Adenauerallee 99, 53113 Bonn", contact: "poststelle@example.de" }, subjectMatter: " Lieferung  von Bauholz " }"#;
    World::done(&world.change(&creditor.owner, &update(whole)).await);
    let half = r#"{ authority: { name: "Amt", address: "", contact: "x" } }"#;
    assert_eq!(world.change(&creditor.owner, &update(half)).await["userErrors"][0]["field"], json!(["legal", "authority", "address"]));
    let stored = domain::tenant::find(&world.env.db, creditor.tenant).await.unwrap();
    let details: domain::letter::LegalDetails = serde_json::from_value(stored.legal).unwrap();
    assert_eq!(details.subject_matter.as_deref(), Some("Lieferung von Bauholz"));
    assert_eq!(details.authority.unwrap().contact, "poststelle@example.de");
});

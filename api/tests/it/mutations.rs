//! Each mutation does what it says, and refuses what it must; the rules behind them are the domain's tests'.

use api::graphql::id::encode;
use entity::{
    LetterStatus::{Cancelled, Sent},
    Scoped,
};
use sea_orm::QueryOrder;
use serde_json::{Value, json};
use testdb::on_both;

use crate::{
    outside::file,
    world::{Creditor, World, codes, make_schema, migrate},
};

const ERRORS: &str = "userErrors { code field message }";

async fn stage(db: testdb::TestDb) -> (World, Creditor) {
    let world = World::new(db).await;
    let creditor = world.creditor("Kauri").await;
    (world, creditor)
}

async fn letters(world: &World, of: &Creditor) -> Vec<entity::letter::Model> {
    entity::letter::Entity::of(of.tenant).order_by_asc(entity::letter::Column::Id).into_all(world).await
}

/// Reads all rows of a select; spares the imports in each test.
trait All<M> {
    fn into_all(self, world: &World) -> impl Future<Output = Vec<M>>;
}

impl<E: sea_orm::EntityTrait> All<E::Model> for sea_orm::Select<E> {
    async fn into_all(self, world: &World) -> Vec<E::Model> {
        self.all(&world.env.db).await.unwrap()
    }
}

on_both!(settings_change_by_part_and_by_version, with("api", migrate), |db| async move {
    let (world, creditor) = stage(db).await;
    let update = |input: &str, version: i64| {
        format!("tenantUpdate(input: {{ {input} }}, expectedVersion: {version}) {{ {ERRORS} tenant {{ id }} }}")
    };
    let changed = world.change(&creditor.owner, &update("consentMode: EACH_LETTER, partPaymentDelayDays: 3", 2)).await;
    assert_eq!(World::done(&changed)["tenant"]["id"], json!(encode(creditor.tenant).0));
    let row = domain::tenant::find(&world.env.db, creditor.tenant).await.unwrap();
    assert_eq!((row.consent_mode, row.part_payment_delay_days, row.automatic_actions), (entity::ConsentMode::EachLetter, 3, true));
    for (input, code, field) in [
        ("bankDetails: { accountName: \"A\", iban: \"DE00 1234\" }", "INVALID", &["bankDetails", "iban"][..]),
        ("contactHours: [{ weekday: 300, from: \"09:00\", to: \"17:00\" }]", "INVALID", &["contactHours"]),
        ("partPaymentDelayDays: -1", "OUT_OF_RANGE", &["partPaymentDelayDays"]),
        ("addressLines: [\"1\", \"2\", \"3\", \"4\", \"5\", \"6\", \"7\"]", "LIMIT_EXCEEDED", &["addressLines"]),
    ] {
        let refused = world.change(&creditor.owner, &update(input, 3)).await;
        assert_eq!((codes(&refused), &refused["userErrors"][0]["field"]), (vec![code], &json!(field)), "{input}");
    }
    assert_eq!(codes(&world.change(&creditor.owner, &update("partPaymentDelayDays: 4", 2)).await), ["STALE_VERSION"]);
});

on_both!(an_integration_is_made_changed_paused_and_resumed, with("api", migrate), |db| async move {
    let (world, creditor) = stage(db).await;
    let made = world.change(&creditor.owner, &format!("integrationCreateCsv(name: \"Export\") {{ {ERRORS} integration {{ id }} }}")).await;
    let id = World::done(&made)["integration"]["id"].as_str().unwrap();
    let update = |input: &str| format!("integrationUpdateSettings(id: \"{id}\", input: {{ {input} }}) {{ {ERRORS} }}");
    World::done(
        &world
            .change(&creditor.owner, &update("activateFrom: \"2026-01-01\", minimumAmount: { amount: \"10.5\", currency: \"NZD\" }"))
            .await,
    );
    let find = || domain::integration::find(&world.env.db, creditor.tenant, api::graphql::id::decode(id).unwrap());
    let row = find().await.unwrap();
    assert_eq!((row.minimum_amount_minor, row.activate_from.map(|day| day.to_string())), (1_050, Some("2026-01-01".into())));
    World::done(&world.change(&creditor.owner, &update("activateFrom: null")).await);
    let row = find().await.unwrap();
    assert_eq!((row.minimum_amount_minor, row.activate_from), (1_050, None), "null lifts, what is left out stays");
    let foreign = update("minimumAmount: { amount: \"10\", currency: \"EUR\" }");
    assert_eq!(codes(&world.change(&creditor.owner, &foreign).await), ["CURRENCY_MISMATCH"]);
    let [pause, resume] = ["integrationPause", "integrationResume"].map(|field| format!("{field}(id: \"{id}\") {{ {ERRORS} }}"));
    World::done(&world.change(&creditor.owner, &pause).await);
    assert_eq!(codes(&world.change(&creditor.owner, &pause).await), ["ILLEGAL_TRANSITION"]);
    World::done(&world.change(&creditor.owner, &resume).await);
});

on_both!(a_file_is_announced_and_taken_over, with("api", migrate), |db| async move {
    let (world, creditor) = stage(db).await;
    let create = |size: i64| format!("uploadCreate(fileName: \"a.csv\", byteSize: {size}) {{ {ERRORS} target {{ id url method }} }}");
    let target = world.change(&creditor.accountant, &create(10)).await;
    let target = &World::done(&target)["target"];
    assert!(target["url"].as_str().unwrap().starts_with(&format!("http://127.0.0.1:1/uploads/{}?", target["id"].as_str().unwrap())));
    assert_eq!(codes(&world.change(&creditor.accountant, &create(0)).await), ["EMPTY_FILE"]);
    assert_eq!(codes(&world.change(&creditor.accountant, &create((1 << 30) + 1)).await), ["LIMIT_EXCEEDED"]);

    let start = |upload: &str, key: &str| {
        format!(
            "importStart(integrationId: \"{}\", uploadId: \"{upload}\", saveMapping: true) @idempotent(key: \"{key}\") {{ {ERRORS} syncRun {{ id status }} }}",
            encode(creditor.integration).as_str()
        )
    };
    let announced = target["id"].as_str().unwrap();
    assert_eq!(codes(&world.change(&creditor.accountant, &start(announced, "k1")).await), ["ILLEGAL_TRANSITION"], "no bytes yet");
    let no_table = encode(world.uploaded(&creditor, b"%PDF").await).0;
    assert_eq!(codes(&world.change(&creditor.accountant, &start(&no_table, "k2")).await), ["NOT_A_TABLE"]);
    let upload = encode(world.uploaded(&creditor, &file(&[])).await).0;
    let first = world.change(&creditor.accountant, &start(&upload, "k3")).await;
    assert_eq!(World::done(&first)["syncRun"]["status"], json!("QUEUED"));
    world.run_due().await;
    let again = world.change(&creditor.accountant, &start(&upload, "k3")).await;
    assert_eq!(World::done(&again)["syncRun"]["id"], first["syncRun"]["id"], "the run of the first call, as it is now");
    assert_ne!(again["syncRun"]["status"], json!("QUEUED"));
});

on_both!(proposals_are_approved_by_what_the_person_saw, with("api", migrate), |db| async move {
    let (world, creditor) = stage(db).await;
    let mut ids: Vec<String> = world.proposals(&creditor, &["INV-1", "INV-2", "INV-3"]).await.into_iter().map(|id| encode(id).0).collect();
    // Cases are locked, and so answered, in the order of their ids.
    ids.sort();
    let decline = format!("casesDecline(selection: {{ ids: [\"{}\"] }}, reason: \"ours\") {{ {ERRORS} cases {{ id status }} }}", ids[0]);
    assert_eq!(World::done(&world.change(&creditor.accountant, &decline).await)["cases"], json!([{ "id": ids[0], "status": "DECLINED" }]));
    let approve = |count: u32, total: &str, key: &str| {
        format!(
            "casesApprove(selection: {{ matching: {{ expectedCount: {count}, expectedTotals: [{{ amount: \"{total}\", currency: \"NZD\" }}] }} }}) @idempotent(key: \"{key}\") {{ {ERRORS} cases {{ id status }} }}"
        )
    };
    assert_eq!(codes(&world.change(&creditor.accountant, &approve(3, "360.00", "k1")).await), ["SELECTION_CHANGED"]);
    assert_eq!(codes(&world.change(&creditor.accountant, &approve(2, "240.01", "k2")).await), ["SELECTION_CHANGED"]);
    let approved = world.change(&creditor.accountant, &approve(2, "240.00", "k3")).await;
    assert_eq!(World::done(&approved)["cases"], json!([{ "id": ids[1], "status": "ACTIVE" }, { "id": ids[2], "status": "ACTIVE" }]));
    let named = |ids: &[String], key: &str| {
        format!("casesApprove(selection: {{ ids: {} }}) @idempotent(key: \"{key}\") {{ {ERRORS} }}", json!(ids))
    };
    assert_eq!(codes(&world.change(&creditor.accountant, &named(&ids[..1], "k4")).await), ["ILLEGAL_TRANSITION"]);
    assert_eq!(codes(&world.change(&creditor.accountant, &named(&[], "k5")).await), ["REQUIRED"]);
    let many = vec![ids[0].clone(); 501];
    assert_eq!(codes(&world.change(&creditor.accountant, &named(&many, "k6")).await), ["LIMIT_EXCEEDED"]);
});

on_both!(a_case_is_held_resumed_written_off_and_withdrawn, with("api", migrate), |db| async move {
    let (world, creditor) = stage(db).await;
    let first = world.active(&creditor, "INV-1").await;
    let id = encode(first).0;
    let pause = |until: &str| format!("casePause(id: \"{id}\", until: \"{until}\", reason: \"waits\") {{ {ERRORS} case {{ status }} }}");
    assert_eq!(codes(&world.change(&creditor.accountant, &pause("2026-07-05")).await), ["OUT_OF_RANGE"]);
    assert_eq!(codes(&world.change(&creditor.accountant, &pause("2028-01-01")).await), ["OUT_OF_RANGE"]);
    assert_eq!(World::done(&world.change(&creditor.accountant, &pause("2026-07-20")).await)["case"]["status"], json!("ON_HOLD"));
    let version = world.case(&creditor, first).await.version;
    let resume = |version: i64| format!("caseResume(id: \"{id}\", expectedVersion: {version}) {{ {ERRORS} case {{ status version }} }}");
    assert_eq!(codes(&world.change(&creditor.accountant, &resume(version - 1)).await), ["STALE_VERSION"]);
    assert_eq!(
        World::done(&world.change(&creditor.accountant, &resume(version)).await)["case"],
        json!({ "status": "ACTIVE", "version": version + 1 })
    );
    let write_off = |reason: &str, key: &str| {
        format!("caseWriteOff(id: \"{id}\", reason: \"{reason}\") @idempotent(key: \"{key}\") {{ {ERRORS} case {{ status closeReason }} }}")
    };
    assert_eq!(codes(&world.change(&creditor.accountant, &write_off(" ", "k1")).await), ["REQUIRED"]);
    let closed = json!({ "status": "CLOSED", "closeReason": "WRITTEN_OFF" });
    assert_eq!(World::done(&world.change(&creditor.accountant, &write_off("small", "k2")).await)["case"], closed);
    assert_eq!(World::done(&world.change(&creditor.accountant, &write_off("small", "k2")).await)["case"], closed, "replayed");
    assert_eq!(codes(&world.change(&creditor.accountant, &write_off("small", "k3")).await), ["ILLEGAL_TRANSITION"]);

    let second = encode(world.active(&creditor, "INV-2").await).0;
    let withdraw =
        |reason: &str| format!("caseWithdraw(id: \"{second}\", reason: {reason}, note: \"n\") {{ {ERRORS} case {{ closeReason }} }}");
    assert_eq!(codes(&world.change(&creditor.accountant, &withdraw("PAID")).await), ["INVALID"]);
    for (note, code) in [(" ".to_owned(), "REQUIRED"), ("n".repeat(501), "TOO_LONG")] {
        let refused = format!("caseWithdraw(id: \"{second}\", reason: WITHDRAWN, note: \"{note}\") {{ {ERRORS} }}");
        let refused = world.change(&creditor.accountant, &refused).await;
        assert_eq!((codes(&refused), &refused["userErrors"][0]["field"]), (vec![code], &json!(["note"])));
    }
    assert_eq!(
        World::done(&world.change(&creditor.accountant, &withdraw("DEBTOR_DECEASED")).await)["case"]["closeReason"],
        json!("DEBTOR_DECEASED")
    );
});

on_both!(money_closes_a_case_and_its_reversal_opens_it_again, with("api", migrate), |db| async move {
    let (world, creditor) = stage(db).await;
    let id = encode(world.active(&creditor, "INV-1").await).0;
    let record = |amount: &str, currency: &str, on: &str, key: &str| {
        format!(
            "paymentRecord(caseId: \"{id}\", amount: {{ amount: \"{amount}\", currency: \"{currency}\" }}, receivedOn: \"{on}\") @idempotent(key: \"{key}\") {{ {ERRORS} payments {{ id }} case {{ status }} }}"
        )
    };
    for (amount, currency, on, code) in [
        ("0", "NZD", "2026-07-06", "OUT_OF_RANGE"),
        ("-1", "NZD", "2026-07-06", "OUT_OF_RANGE"),
        ("120.01", "NZD", "2026-07-06", "OUT_OF_RANGE"),
        ("99999999999999999999", "NZD", "2026-07-06", "OUT_OF_RANGE"),
        ("1.005", "NZD", "2026-07-06", "INVALID"),
        ("1", "EUR", "2026-07-06", "CURRENCY_MISMATCH"),
        ("1", "XXY", "2026-07-06", "INVALID"),
        ("1", "NZD", "2026-07-07", "OUT_OF_RANGE"),
        ("1", "NZD", "0001-01-01", "OUT_OF_RANGE"),
    ] {
        assert_eq!(
            codes(&world.change(&creditor.accountant, &record(amount, currency, on, "k")).await),
            [code],
            "{amount} {currency} {on}"
        );
    }
    assert!(world.payments(&creditor).await.is_empty());
    let paid = world.change(&creditor.accountant, &record("120.00", "NZD", "2026-07-06", "k")).await;
    assert_eq!(World::done(&paid)["case"]["status"], json!("CLOSED"));
    let payment = paid["payments"][0]["id"].as_str().unwrap();
    let reverse =
        format!("paymentReverse(id: \"{payment}\", reason: \"bounced\") {{ {ERRORS} payments {{ id reversedAt }} case {{ status }} }}");
    let reversed = world.change(&creditor.accountant, &reverse).await;
    assert_eq!(World::done(&reversed)["case"]["status"], json!("ACTIVE"));
    assert!(reversed["payments"][0]["reversedAt"].is_string());
    assert_eq!(codes(&world.change(&creditor.accountant, &reverse).await), ["ILLEGAL_TRANSITION"]);
});

on_both!(letters_wait_for_a_yes_all_or_none, with("api", migrate), |db| async move {
    let (world, creditor) = stage(db).await;
    World::done(&world.change(&creditor.owner, &format!("tenantUpdate(input: {{ consentMode: EACH_LETTER }}) {{ {ERRORS} }}")).await);
    world.active(&creditor, "INV-1").await;
    world.active(&creditor, "INV-2").await;
    let ids: Vec<String> = letters(&world, &creditor).await.into_iter().map(|letter| encode(letter.id).0).collect();
    assert_eq!(ids.len(), 2);
    let consent = |ids: &[String], decision: &str, key: &str| {
        format!(
            "lettersConsent(ids: {}, decision: {decision}) @idempotent(key: \"{key}\") {{ {ERRORS} letters {{ id status }} }}",
            json!(ids)
        )
    };
    assert_eq!(codes(&world.change(&creditor.accountant, &consent(&[], "GRANTED", "k0")).await), ["REQUIRED"]);
    let granted = world.change(&creditor.accountant, &consent(&ids[..1], "GRANTED", "k1")).await;
    assert_eq!(World::done(&granted)["letters"], json!([{ "id": ids[0], "status": "SCHEDULED" }]));
    let both = world.change(&creditor.accountant, &consent(&ids, "REFUSED", "k2")).await;
    assert_eq!(codes(&both), ["ILLEGAL_TRANSITION"], "one is decided already");
    assert_eq!(letters(&world, &creditor).await[1].status, entity::LetterStatus::AwaitingConsent, "so the other is not");
    let refused = world.change(&creditor.accountant, &consent(&ids[1..], "REFUSED", "k3")).await;
    assert_eq!(World::done(&refused)["letters"], json!([{ "id": ids[1], "status": "CANCELLED" }]));
});

on_both!(a_letter_is_marked_as_posted_once, with("api", migrate), |db| async move {
    let (world, creditor) = stage(db).await;
    world.active(&creditor, "INV-1").await;
    let id = encode(letters(&world, &creditor).await[0].id).0;
    let posted = |on: &str| format!("letterMarkPosted(id: \"{id}\", postedOn: \"{on}\") {{ {ERRORS} letter {{ id }} }}");
    assert_eq!(codes(&world.change(&creditor.accountant, &posted("2026-07-07")).await), ["OUT_OF_RANGE"]);
    World::done(&world.change(&creditor.accountant, &posted("2026-07-06")).await);
    assert_eq!(codes(&world.change(&creditor.accountant, &posted("2026-07-06")).await), ["ILLEGAL_TRANSITION"]);
});

on_both!(a_failed_delivery_is_sent_again_or_its_letter_issued_anew, with("api", migrate), |db| async move {
    let (world, creditor) = stage(db).await;
    *world.channels.refuse.lock().unwrap() = true;
    world.active(&creditor, "INV-1").await;
    world.active(&creditor, "INV-2").await;
    *world.channels.refuse.lock().unwrap() = false;
    // The refused addresses are remembered: no letter would be issued for them again.
    for dead in entity::suppression::Entity::of(creditor.tenant).into_all(&world).await {
        let lift = format!("suppressionLift(id: \"{}\") {{ {ERRORS} }}", encode(dead.id).as_str());
        World::done(&world.change(&creditor.accountant, &lift).await);
    }
    let deliveries = entity::delivery::Entity::of(creditor.tenant).order_by_asc(entity::delivery::Column::Id).into_all(&world).await;
    let resolve = format!(
        "deliveryResolve(id: \"{}\", resolution: SEND_AGAIN) {{ {ERRORS} delivery {{ status }} }}",
        encode(deliveries[0].id).as_str()
    );
    assert_eq!(World::done(&world.change(&creditor.accountant, &resolve).await)["delivery"]["status"], json!("SCHEDULED"));
    assert_eq!(codes(&world.change(&creditor.accountant, &resolve).await), ["ILLEGAL_TRANSITION"]);
    let reissue = format!("letterReissue(id: \"{}\") {{ {ERRORS} case {{ status }} }}", encode(deliveries[1].letter_id).as_str());
    World::done(&world.change(&creditor.accountant, &reissue).await);
    assert_eq!(codes(&world.change(&creditor.accountant, &reissue).await), ["ILLEGAL_TRANSITION"]);
    world.run_due().await;
    let statuses: Vec<_> = letters(&world, &creditor).await.into_iter().map(|letter| letter.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == Sent).count(), 2, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == Cancelled).count(), 1, "{statuses:?}");
});

on_both!(a_debtor_is_corrected_and_exempted, with("api", migrate), |db| async move {
    let (world, creditor) = stage(db).await;
    world.proposals(&creditor, &["INV-1"]).await;
    let id = encode(world.debtor(&creditor).await).0;
    let contact = |input: &str, version: i64| {
        format!("debtorUpdateContact(id: \"{id}\", input: {{ {input} }}, expectedVersion: {version}) {{ {ERRORS} debtor {{ version }} }}")
    };
    let version = 1;
    for (input, code) in [
        ("email: \"a@b\"", "INVALID"),
        ("phone: \"+49 900 123456\"", "INVALID"),
        ("name: \"\"", "REQUIRED"),
        ("language: \"fr\"", "INVALID"),
        ("country: \"ZZ\"", "INVALID"),
    ] {
        assert_eq!(codes(&world.change(&creditor.accountant, &contact(input, version)).await), [code], "{input}");
    }
    let changed = world
        .change(&creditor.accountant, &contact("name: \"Evil \\u202eTrick\", city: \"Ōtaki\", country: \"XK\", email: \"\"", version))
        .await;
    assert_eq!(World::done(&changed)["debtor"]["version"], json!(version + 1));
    let row = entity::debtor::Entity::of(creditor.tenant).into_all(&world).await.remove(0);
    assert_eq!(row.country.as_deref(), Some("XK"), "not of the standard, and in use");
    assert_eq!((row.name.as_str(), row.city.as_deref(), row.email), ("Evil Trick", Some("Ōtaki"), None), "no mark turns the text around");
    assert_eq!(codes(&world.change(&creditor.accountant, &contact("city: \"x\"", version)).await), ["STALE_VERSION"]);
    let exempt = |reason: &str| format!("debtorSetExemption(id: \"{id}\", exempt: true, {reason}) {{ {ERRORS} }}");
    assert_eq!(codes(&world.change(&creditor.accountant, &exempt("until: \"2026-12-31\"")).await), ["REQUIRED"]);
    World::done(&world.change(&creditor.accountant, &exempt("reason: \"a friend\"")).await);
});

on_both!(a_policy_is_made_and_revised, with("api", migrate), |db| async move {
    let (world, creditor) = stage(db).await;
    let save = |id: &str, wait: i64| {
        format!(
            "policySave({id} input: {{ name: \"Quick\", steps: [{{ name: \"One\", kind: REMINDER, waitDays: {wait}, payWithinDays: 7, channels: [EMAIL, SMS], fallback: [POST], consent: AUTOMATIC }}], handoverAfterDays: 7 }}) {{ {ERRORS} policy {{ id name }} }}"
        )
    };
    let made = world.change(&creditor.owner, &save("", 0)).await;
    let id = World::done(&made)["policy"]["id"].as_str().unwrap();
    let revised = world.change(&creditor.owner, &save(&format!("id: \"{id}\","), 3)).await;
    assert_eq!(World::done(&revised)["policy"], json!({ "id": id, "name": "Quick" }));
    let bad = world.change(&creditor.owner, &save("", -1)).await;
    assert_eq!((codes(&bad), &bad["userErrors"][0]["field"]), (vec!["OUT_OF_RANGE"], &json!(["steps", "0", "waitDays"])));
});

on_both!(the_clock_moves_in_a_demo_only, with("api", migrate), |db| async move {
    let advance = |days: i64| format!("demoAdvanceClock(days: {days}) {{ {ERRORS} clock ranJobs }}");
    let world = World::demo(db).await;
    let creditor = world.creditor("Kauri").await;
    let before = world.env.now();
    let moved = world.change(&creditor.owner, &advance(7)).await;
    assert_eq!(World::done(&moved)["ranJobs"], json!(3));
    assert_eq!(world.env.now() - before, chrono::TimeDelta::days(7));
    for days in [0, -1, 367] {
        assert_eq!(codes(&world.change(&creditor.owner, &advance(days)).await), ["OUT_OF_RANGE"], "{days}");
    }
    let earnest = World { schema: make_schema(&world.env, &api::ApiSettings::new([7; 32], "http://x")), ..world };
    let refused: Value = earnest.change(&creditor.owner, &advance(7)).await;
    assert_eq!(codes(&refused), ["FORBIDDEN"]);
});

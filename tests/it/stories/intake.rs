//! Files come in: twice, with bad rows, and when they are no table at all.

use domain::{
    RefusalCode, import,
    import::{Field, ImportRequest, StartImport},
    integration::{IntegrationChanges, set_paused},
};
use entity::{OverdueBasis, SyncStatus};

use crate::{
    invariants,
    sheet::{self, Invoice, Payment},
    world::{Creditor, World, code, day, migrate},
};

/// What an import of the same file must leave alone: rows with their versions, and events about cases.
async fn collected(world: &World, of: &Creditor) -> String {
    let events: Vec<_> = world.events(of).await.into_iter().filter(|e| e.case_id.is_some()).map(|e| e.sequence).collect();
    format!(
        "{:?}{:?}{:?}{:?}{:?}{events:?}",
        world.cases(of).await,
        world.invoice_rows(of).await,
        world.payment_rows(of).await,
        world.debtors(of).await,
        world.letters(of).await
    )
}

testdb::on_both!(the_same_files_again_change_nothing, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let rows = [
        Invoice::new("INV-1"),
        Invoice::new("INV-2").debtor("Beech Ltd").phone("021 123 4567"),
        Invoice { paid_on: "2026-07-01".into(), ..Invoice::new("INV-3") },
        Invoice { outstanding: "70.00".into(), ..Invoice::new("INV-4") },
        Invoice::new("INV-5").state("voided"),
    ];
    let paid = [Payment::new("INV-1", "P1", "20.00"), Payment::new("INV-2", "P2", "10.00").unreconciled()];
    world.invoices(&kauri, &rows).await;
    world.payments(&kauri, &paid).await;
    world.approve_all(&kauri).await;
    world.days(&kauri, 8).await;
    let before = collected(&world, &kauri).await;
    let again = world.invoices(&kauri, &rows).await;
    let counts = (again.invoices_seen, again.invoices_new, again.invoices_updated, again.invoices_unchanged, again.payments_updated);
    assert_eq!(counts, (5, 0, 0, 5, 0));
    let again = world.payments(&kauri, &paid).await;
    assert_eq!((again.payments_new, again.payments_updated, again.cases_closed, again.cases_proposed), (0, 0, 0, 0));
    assert_eq!(collected(&world, &kauri).await, before);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(bad_rows_are_named_and_good_ones_taken_over, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let rows = [
        Invoice::new("INV-1"),
        Invoice::new("INV-2").total("-5.00"),
        Invoice { due: "soon".into(), ..Invoice::new("INV-3") },
        Invoice::new("INV-4").total("99999999999999999999.00"),
        Invoice { due: "9999-12-31".into(), ..Invoice::new("INV-5") },
        Invoice { debtor: String::new(), ..Invoice::new("INV-6") },
        Invoice { country: "QX".into(), ..Invoice::new("INV-8") },
        Invoice::new("INV-7"),
    ];
    let run = world.invoices(&kauri, &rows).await;
    assert_eq!((run.status, run.invoices_new, run.rows_failed), (SyncStatus::PartiallySucceeded, 2, 6));
    let issues = world.issues(&kauri, run.id).await;
    let named: Vec<_> = issues.iter().map(|i| (i.row_number.unwrap(), i.column_name.as_deref().unwrap_or(""))).collect();
    assert_eq!(named, [(3, "Total"), (4, "Due"), (5, "Total"), (6, "Due"), (7, "Debtor"), (8, "Country")]);
    let run = world.payments(&kauri, &[Payment::new("INV-9", "P1", "20.00"), Payment::new("INV-1", "P2", "20.00")]).await;
    assert_eq!((run.payments_new, run.rows_failed), (1, 1));
    assert_eq!(world.issues(&kauri, run.id).await[0].code, "NOT_FOUND");
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(names_that_would_forge_a_letter_are_cleaned, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let row = Invoice { debtor: "Aroha\u{202e}dtL\u{7} \u{2066}Ltd".into(), email: "a@example.com".into(), ..Invoice::new("INV-1") };
    let huge = Invoice { debtor: "x".repeat(500_000), ..Invoice::new("INV-2") };
    let run = world.invoices(&kauri, &[row, huge]).await;
    assert_eq!((run.invoices_new, run.rows_failed), (1, 1));
    let name = world.debtors(&kauri).await.remove(0).name;
    assert!(name.starts_with("Aroha") && name.chars().all(|c| c.is_ascii_alphabetic() || c == ' '), "{name:?}");
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(what_is_no_table_is_refused_before_anything_begins, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let mapping = || [(Field::InvoiceNumber, "Invoice".to_owned()), (Field::Total, "Total".to_owned())].into();
    for bytes in [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], b"Invoice,Due,Total\n", b"%PDF-1.7 no table\n"] {
        let upload = import::create(&world.env, &kauri.viewer, "what.csv", bytes.len() as u64).await.unwrap();
        let mut writer = import::writer(&world.env, &kauri.viewer, upload.id).await.unwrap();
        writer.write(bytes).await.unwrap();
        writer.finish().await.unwrap();
        let before = world.snapshot(&kauri).await;
        let request = ImportRequest { mapping: mapping(), ..ImportRequest::default() };
        let start = StartImport { integration: kauri.integration, upload: upload.id, request, save_mapping: true };
        let refusal = code(import::start(&world.env, &kauri.viewer, start).await);
        let table = [RefusalCode::NotATable, RefusalCode::EmptyFile, RefusalCode::Invalid, RefusalCode::Required];
        assert!(table.contains(&refusal), "{refusal:?} for {bytes:?}");
        assert_eq!(world.snapshot(&kauri).await, before);
    }
    assert_eq!(code(import::create(&world.env, &kauri.viewer, "x.csv", 0).await), RefusalCode::EmptyFile);
    assert_eq!(code(import::create(&world.env, &kauri.viewer, "x.csv", u64::MAX).await), RefusalCode::LimitExceeded);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(only_invoices_that_the_rules_name_are_proposed, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    // Monday, 6 July: thirty days back is the 6th of June.
    let due = |number, due: &str| Invoice { due: due.into(), ..Invoice::new(number) };
    let rows = [due("INV-1", "2026-06-06"), due("INV-2", "2026-06-07"), due("INV-3", "2026-06-08"), due("INV-4", "2026-07-06")];
    world.invoices(&kauri, &rows).await;
    assert_eq!(world.cases(&kauri).await.len(), 1, "30 days overdue, not 29");
    world.days(&kauri, 1).await;
    assert_eq!(world.cases(&kauri).await.len(), 2, "time alone makes the next one old enough, at midnight");
    let basis = IntegrationChanges { overdue_basis: Some(OverdueBasis::IssueDate), ..IntegrationChanges::default() };
    world.intake(&kauri, basis).await;
    world.run_due().await;
    assert_eq!(world.cases(&kauri).await.len(), 4, "issued in May, and due yesterday counts as overdue today");
    world.intake(&kauri, IntegrationChanges { activate_from: Some(Some(day("2026-05-02"))), ..IntegrationChanges::default() }).await;
    world.invoices(&kauri, &[Invoice::new("INV-5"), Invoice { issued: "2026-05-02".into(), ..Invoice::new("INV-6") }]).await;
    assert_eq!(world.cases(&kauri).await.len(), 5, "issued on the first active day");
    set_paused(&world.env, &kauri.viewer, kauri.integration, true).await.unwrap();
    let (text, request) = sheet::invoices(&[Invoice::new("INV-7")]);
    let upload = import::create(&world.env, &kauri.viewer, "x.csv", text.len() as u64).await.unwrap();
    let mut writer = import::writer(&world.env, &kauri.viewer, upload.id).await.unwrap();
    writer.write(text.as_bytes()).await.unwrap();
    writer.finish().await.unwrap();
    let start = StartImport { integration: kauri.integration, upload: upload.id, request, save_mapping: false };
    assert_eq!(code(import::start(&world.env, &kauri.viewer, start).await), RefusalCode::IllegalTransition);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(a_file_of_more_rows_than_one_statement_takes_comes_in_whole, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let rows: Vec<Invoice> = (0..1_900).map(|n| Invoice::new(&format!("INV-{n}")).debtor(&format!("Debtor {n}"))).collect();
    let run = world.invoices(&kauri, &rows).await;
    assert_eq!((run.status, run.invoices_new, run.debtors_new, run.cases_proposed), (SyncStatus::Succeeded, 1_900, 1_900, 1_900));
    let paid: Vec<Payment> = (0..1_900).map(|n| Payment::new(&format!("INV-{n}"), &format!("P{n}"), "1.00")).collect();
    assert_eq!(world.payments(&kauri, &paid).await.payments_new, 1_900);
    invariants::hold(&world, &[kauri]).await;
});

testdb::on_both!(only_an_address_that_a_letter_can_show_is_kept_of_an_invoice, with("product", migrate), |db| async move {
    let world = World::new(db).await;
    let kauri = world.creditor().await;
    let good = "https://pay.example/1";
    let rows = [("1", good), ("2", "javascript:alert(1)"), ("3", "http://pay.example/3"), ("4", "")];
    for links in [rows, [("1", "javascript:alert(1)"), ("2", good), ("3", ""), ("4", "")]] {
        let lines = links.map(|(number, link)| format!("{number},2026-05-01,2026-05-20,5,Aroha,{link}"));
        let text = format!("Invoice no,Issued on,Due on,Total,Customer,Payment link\n{}\n", lines.join("\n"));
        assert_eq!(world.import(&kauri, (text, ImportRequest::default())).await.invoices_seen, 4);
    }
    let mut kept: Vec<_> = world.invoice_rows(&kauri).await.into_iter().map(|row| (row.number, row.online_url)).collect();
    kept.sort();
    let of = |number: &str, link: Option<&str>| (number.to_owned(), link.map(str::to_owned));
    assert_eq!(kept, [of("1", Some(good)), of("2", Some(good)), of("3", None), of("4", None)], "a bad one replaces none");
});

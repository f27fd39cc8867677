//! The control page, and the control over HTTP as its forms and programs use it.

use serde_json::{Value, json};

use super::stand::Stand;

#[tokio::test]
async fn the_page_shows_the_samples_and_every_button_it_has_is_answered() {
    let stand = Stand::unlimited().await;
    let page = stand.client.get(stand.url("/")).send().await.unwrap();
    assert_eq!(page.status(), 200);
    let page = page.text().await.unwrap();
    assert!(page.contains("Ōtaki Organics") && page.contains("INV-1001") && page.contains("O&#x27;Brien"), "{page}");
    let mut actions: Vec<&str> = page.split("action=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    actions.sort_unstable();
    actions.dedup();
    assert!(actions.len() > 100);
    for action in actions {
        let answer = stand.client.post(stand.url(action)).header("content-type", "application/json").body("[]").send().await.unwrap();
        let text = answer.text().await.unwrap();
        assert!(serde_json::from_str::<Value>(&text).is_ok(), "{action} is no path: {text}");
    }
}

#[tokio::test]
async fn a_form_records_a_payment_and_leads_back_to_the_page() {
    let stand = Stand::unlimited().await;
    let invoice = stand.control().invoices(stand.tenant())[2].id;
    let path = stand.url(&format!("/_control/invoices/{invoice}/payments"));
    let answer = stand.client.post(path).form(&[("amount", "967.15"), ("reconciled", "true")]).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.headers()["location"]), (303, &"/".parse().unwrap()));
    assert_eq!(stand.control().invoice(invoice).unwrap().status.word(), "PAID");
    let payment = stand.control().payments(stand.tenant()).last().unwrap().clone();
    assert!(payment.reconciled);
    let path = stand.url(&format!("/_control/payments/{}/do/delete", payment.id));
    stand.client.post(path).form(&[("", "")]).send().await.unwrap();
    assert_eq!(stand.control().invoice(invoice).unwrap().status.word(), "AUTHORISED");
}

#[tokio::test]
async fn a_program_adds_an_invoice_with_json_and_is_told_what_is_wrong() {
    let stand = Stand::unlimited().await;
    let contact = stand.control().contacts(stand.tenant())[0].id;
    let add = |total: &str| {
        let body = json!({ "organisation": stand.tenant(), "contact": contact, "due_on": "2026-11-01", "total": total });
        stand.client.post(stand.url("/_control/invoices")).json(&body).send()
    };
    let added: Value = add("115.00").await.unwrap().json().await.unwrap();
    let id = added["invoice"].as_str().unwrap().parse().unwrap();
    assert_eq!(stand.control().invoice(id).unwrap().tax.0, 1_500);
    assert_eq!(add("115.001").await.unwrap().status(), 400);
    let unknown = stand.url(&format!("/_control/invoices/{contact}/do/void"));
    assert_eq!(stand.client.post(unknown).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn faults_are_told_by_the_page_s_forms() {
    let stand = Stand::unlimited().await;
    let fields = [("calls", "1"), ("path", ""), ("kind", "missing_field"), ("field", "Name"), ("milliseconds", "")];
    let told = stand.client.post(stand.url("/_control/faults/break")).form(&fields).send().await.unwrap();
    assert_eq!(told.status(), 303);
    assert!(stand.json("/Organisation").await["Organisations"][0].get("Name").is_none());
    let fields = [("calls", "1"), ("path", ""), ("retry_after", ""), ("problem", "day")];
    stand.client.post(stand.url("/_control/faults/throttle")).form(&fields).send().await.unwrap();
    let refused = stand.get("/Organisation").await;
    assert_eq!(refused.headers()["x-rate-limit-problem"], "day");
    assert!(refused.headers().get("retry-after").is_none());
}

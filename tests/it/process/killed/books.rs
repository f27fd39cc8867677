//! What the product says it sent, compared with what the mail server has.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::process::{client::Client, mailbox::Mailbox};

/// I2: nothing arrived twice; what is said to be sent arrived; what is not known waits for a person. Nothing may be under
/// way. Answers all deliveries by their Message-ID.
pub async fn agree(client: &Client, mailbox: &Mailbox) -> BTreeMap<String, Value> {
    let deliveries = client.all("deliveries", "", "id status recipient channel attempts letter { id }").await;
    let mails = mailbox.mails();
    let mut arrived: BTreeMap<String, usize> = BTreeMap::new();
    for mail in &mails {
        *arrived.entry(mail.message_id.clone()).or_default() += 1;
    }
    let twice: Vec<_> = arrived.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "I2: arrived twice: {twice:?}");
    let known: BTreeMap<String, Value> = deliveries.into_iter().map(|row| (message_id(row["id"].as_str().unwrap()), row)).collect();
    for mail in &mails {
        let row = known.get(&mail.message_id).unwrap_or_else(|| panic!("nobody sent {mail:?}"));
        assert_eq!(row["recipient"], mail.recipient, "{row}");
    }
    for (id, row) in &known {
        assert!(["SENT", "UNKNOWN"].contains(&row["status"].as_str().unwrap()), "not through: {row}");
        assert!(row["status"] != "SENT" || arrived.contains_key(id), "sent, but nothing arrived: {row}");
    }
    let letters: BTreeSet<_> = known.values().map(|row| row["letter"]["id"].to_string()).collect();
    assert_eq!(letters.len(), known.len(), "one delivery for each letter");
    known
}

/// The Message-ID of a delivery, from its id in the API.
pub fn message_id(delivery: &str) -> String {
    let digits = delivery.strip_prefix("dlv_").unwrap();
    let value = |digit: u8| b"0123456789abcdefghjkmnpqrstvwxyz".iter().position(|known| *known == digit).unwrap();
    let number = digits.bytes().fold(0_u128, |number, digit| number << 5 | value(digit) as u128);
    format!("{number:032x}@creditor.example.com")
}

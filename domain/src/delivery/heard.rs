//! What debtors answer to short messages. STOP and its like end short messages to the number, for every creditor that
//! wrote to it – the number that they come from is one for all. START takes it back. Anything else is kept on the
//! newest delivery to the number, so that a person reads it on the case's timeline.

use std::collections::BTreeMap;

use entity::{
    CaseStatus, Channel, NewsKind, ReceiptId, Scoped, SuppressionReason, TenantId, collection_case, delivery, receipt, suppression,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, sea_query::OnConflict};

use super::suppress::{self, Lesson};
use crate::{
    actor::Actor,
    case,
    change::Change,
    env::Env,
    error::Result,
    event::{Happened, kind},
    port::receipt::Inbound,
};

/// Deliveries to one number that are looked at, newest first.
const MOST_DELIVERIES: u64 = 500;

/// Longest answer that is kept, in characters: ten parts of a short message.
const MAX_TEXT: usize = 1_600;

/// Most words of an answer that still is nothing but a wish to stop.
const MAX_STOP_WORDS: usize = 4;

/// English, German and Norwegian; the first ones are those that carriers act on themselves.
const STOP: [&str; 17] = [
    "stop",
    "stopall",
    "unsubscribe",
    "cancel",
    "end",
    "quit",
    "revoke",
    "optout",
    "stopp",
    "stoppen",
    "abmelden",
    "abbestellen",
    "ende",
    "avslutt",
    "avmeld",
    "slutt",
    "arret",
];
const START: [&str; 5] = ["start", "unstop", "anmelden", "startt", "begynn"];

/// What an answer asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Stop,
    Start,
    Read,
}

/// Takes in an answer. Numbers that nobody wrote to, and answers told again, change nothing.
///
/// # Errors
///
/// When the database refuses: the provider tells it again.
pub async fn heard(env: &Env, inbound: &Inbound) -> Result<()> {
    let newest = newest_by_tenant(env, &inbound.from).await?;
    match wish(inbound) {
        Wish::Stop => {
            for row in newest.values().flatten() {
                stop(env, row, inbound).await?;
            }
        }
        Wish::Start => {
            for row in newest.values().flatten() {
                start(env, row).await?;
            }
        }
        Wish::Read => {
            // One of the creditors is meant: who wrote last.
            if let Some(row) = newest.values().flatten().max_by_key(|row| row.id) {
                let rows: Vec<&delivery::Model> = newest.get(&row.tenant_id).into_iter().flatten().collect();
                keep(env, row.tenant_id, &rows, inbound).await?;
            }
        }
    }
    Ok(())
}

fn wish(inbound: &Inbound) -> Wish {
    match inbound.keyword.as_deref().map(str::to_ascii_uppercase).as_deref() {
        Some("STOP") => return Wish::Stop,
        Some("START") => return Wish::Start,
        _ => {}
    }
    let words: Vec<String> = inbound
        .text
        .split_whitespace()
        .map(|word| word.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase())
        .filter(|word| !word.is_empty())
        .collect();
    match words.as_slice() {
        [first, ..] if STOP.contains(&first.as_str()) && words.len() <= MAX_STOP_WORDS => Wish::Stop,
        [only] if START.contains(&only.as_str()) => Wish::Start,
        _ => Wish::Read,
    }
}

/// The newest deliveries to a number of each creditor that wrote to it.
#[expect(clippy::disallowed_methods, reason = "a debtor answers a number that all creditors share")]
async fn newest_by_tenant(env: &Env, number: &str) -> Result<BTreeMap<TenantId, Vec<delivery::Model>>> {
    let rows = delivery::Entity::find()
        .filter(delivery::Column::Recipient.eq(number))
        .filter(delivery::Column::Channel.eq(Channel::Sms))
        .order_by_desc(delivery::Column::Id)
        .limit(MOST_DELIVERIES)
        .all(&env.db)
        .await?;
    let mut found: BTreeMap<TenantId, Vec<delivery::Model>> = BTreeMap::new();
    for row in rows {
        found.entry(row.tenant_id).or_default().push(row);
    }
    Ok(found)
}

async fn stop(env: &Env, row: &delivery::Model, inbound: &Inbound) -> Result<()> {
    let mut change = Change::begin(env, row.tenant_id, Actor::Provider).await?;
    let lesson = Lesson {
        channel: Channel::Sms,
        address: &row.recipient,
        reason: SuppressionReason::OptedOut,
        detail: Some(&inbound.text),
        debtor: row.debtor_id,
        delivery: Some(row.id),
    };
    suppress::suppress(&mut change, &lesson).await?;
    change.commit().await
}

async fn start(env: &Env, row: &delivery::Model) -> Result<()> {
    let mut change = Change::begin(env, row.tenant_id, Actor::Provider).await?;
    let stopped = suppression::Entity::of(row.tenant_id)
        .filter(suppression::Column::Channel.eq(Channel::Sms))
        .filter(suppression::Column::Address.eq(suppress::spelled(Channel::Sms, &row.recipient)))
        .filter(suppression::Column::Reason.eq(SuppressionReason::OptedOut))
        .filter(suppression::Column::LiftedAt.is_null());
    let Some(found) = stopped.lock_exclusive().one(&change.tx).await? else { return Ok(()) };
    suppress::lift_row(&mut change, found, None).await?;
    change.commit().await
}

/// Keeps an answer on the newest delivery whose case is still open, else on the newest.
async fn keep(env: &Env, tenant: TenantId, rows: &[&delivery::Model], inbound: &Inbound) -> Result<()> {
    let over = [CaseStatus::Closed, CaseStatus::Declined];
    let open = collection_case::Entity::of(tenant)
        .filter(collection_case::Column::Id.is_in(rows.iter().map(|row| row.case_id)))
        .filter(collection_case::Column::Status.is_not_in(over))
        .all(&env.db)
        .await?;
    let of_open = |row: &&&delivery::Model| open.iter().any(|case| case.id == row.case_id);
    let Some(row) = rows.iter().find(of_open).or(rows.first()) else { return Ok(()) };
    let mut change = Change::begin(env, tenant, Actor::Provider).await?;
    let case = case::lock(&change, row.case_id).await?;
    let text: String = inbound.text.chars().filter(|c| !c.is_control() || *c == '\n').take(MAX_TEXT).collect();
    let new = receipt::Model {
        tenant_id: tenant,
        id: change.env.new_id::<ReceiptId>(),
        delivery_id: row.id,
        mark: format!("inbound:{}", inbound.id.chars().take(180).collect::<String>()),
        kind: NewsKind::Answered,
        word: "answered".into(),
        code: None,
        message: Some(text),
        happened_at: None,
        raw: serde_json::json!({}),
        moved: false,
        created_at: change.now,
    };
    let once = [receipt::Column::TenantId, receipt::Column::DeliveryId, receipt::Column::Mark];
    let insert = receipt::Entity::insert_many([new.into_active_model().reset_all()]);
    let written = insert.on_conflict(OnConflict::columns(once).do_nothing().to_owned()).exec_without_returning(&change.tx).await?;
    if written == 0 {
        return Ok(());
    }
    change.record(Happened::new(kind::DELIVERY_ANSWERED).case(&case).subject(row.id.0).with("channel", "sms"));
    change.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_to_stop_is_heard_in_every_language_and_a_sentence_is_read_by_a_person() {
        let said = |text: &str| wish(&Inbound { from: String::new(), id: String::new(), text: text.into(), keyword: None });
        for stop in ["STOP", " stop. ", "Stopp!", "UNSUBSCRIBE", "Stop please", "abmelden", "\"STOP\"", "STOP ALL", "avslutt"] {
            assert_eq!(said(stop), Wish::Stop, "{stop}");
        }
        for start in ["START", "unstop"] {
            assert_eq!(said(start), Wish::Start, "{start}");
        }
        for read in ["", "I paid yesterday", "Stop writing to me, the invoice is wrong", "please stop", "yes", "start with the invoice"] {
            assert_eq!(said(read), Wish::Read, "{read}");
        }
        let told = Inbound { from: String::new(), id: String::new(), text: "arrêt svp".into(), keyword: Some("STOP".into()) };
        assert_eq!(wish(&told), Wish::Stop, "the provider's own keyword counts");
    }
}

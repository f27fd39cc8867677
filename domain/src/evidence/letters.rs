//! The letters: their figures as issued, the yes or no to each, and their files as they were sent.

use std::collections::{BTreeSet, HashMap};

use entity::{LetterId, Scoped, UserId, letter, letter_document};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

use super::{Files, Snapshot, people};
use crate::{
    digest::sha256_hex,
    error::{Error, Result},
};

pub(super) async fn write(snapshot: &Snapshot<'_, impl ConnectionTrait>, files: &mut Files) -> Result<()> {
    let select = letter::Entity::of(snapshot.tenant).filter(letter::Column::CaseId.eq(snapshot.case));
    let select = select.order_by_asc(letter::Column::CreatedAt).order_by_asc(letter::Column::Id);
    let rows = snapshot.rows(select, "letters").await?;
    let leads = leads(snapshot, &rows).await?;
    let persons: BTreeSet<UserId> = rows.iter().flat_map(|row| [row.consent_by, row.posted_by]).flatten().collect();
    let names = people::names(snapshot.db, snapshot.tenant, persons).await?;
    let (mut told, mut consents) = (Vec::new(), Vec::new());
    for (number, row) in (1..).zip(&rows) {
        let bearer = row.lead_id.and_then(|lead| leads.get(&lead)).unwrap_or(row);
        let path = file(snapshot, bearer, number, files).await?;
        told.push(letter_of(row, bearer, path.as_deref(), &names));
        if row.consent_required || row.consent_at.is_some() {
            consents.push(consent_of(row, &names));
        }
    }
    files.json("letters.json", &Value::Array(told))?;
    files.json("consents.json", &Value::Array(consents))
}

/// Letters of other cases that speak for one of this case.
async fn leads(snapshot: &Snapshot<'_, impl ConnectionTrait>, rows: &[letter::Model]) -> Result<HashMap<LetterId, letter::Model>> {
    let ids: Vec<LetterId> = rows.iter().filter_map(|row| row.lead_id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = letter::Entity::of(snapshot.tenant).filter(letter::Column::Id.is_in(ids)).all(snapshot.db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Adds the letter's file, when one was ever drawn: what was not drawn was not seen by anybody.
async fn file(
    snapshot: &Snapshot<'_, impl ConnectionTrait>,
    bearer: &letter::Model,
    number: usize,
    files: &mut Files,
) -> Result<Option<String>> {
    let Some(expected) = &bearer.pdf_sha256 else { return Ok(None) };
    let kept = letter_document::Entity::of(snapshot.tenant).filter(letter_document::Column::LetterId.eq(bearer.id));
    let Some(kept) = kept.one(snapshot.db).await? else { return Ok(None) };
    if sha256_hex(&kept.pdf) != *expected {
        return Err(Error::Bug(format!("the kept file of letter {} does not have the hash of its row", bearer.id)));
    }
    let kind = serde_json::to_value(bearer.kind)?;
    let path = format!("letters/{number:03}-{}-{}.pdf", kind.as_str().unwrap_or("letter"), bearer.id.0.simple());
    files.add(path.clone(), kept.pdf)?;
    Ok(Some(path))
}

fn letter_of(row: &letter::Model, bearer: &letter::Model, file: Option<&str>, names: &HashMap<UserId, String>) -> Value {
    json!({
        "id": row.id,
        "step": row.step,
        "kind": row.kind,
        "language": row.language,
        "status": row.status,
        "channels": row.channels,
        "outstandingMinor": row.outstanding_minor,
        "textRevision": row.text_revision,
        "ruleRevision": row.rule_revision,
        "feeMinor": row.fee_minor,
        "facts": row.facts,
        "withinLetter": row.lead_id,
        "file": file,
        "sha256": bearer.pdf_sha256,
        "pages": bearer.pdf_pages,
        "cancelledBecause": row.cancelled_because,
        "issuedAt": row.created_at,
        "sentAt": row.sent_at,
        "postedOn": row.posted_on,
        "postedBy": row.posted_by.and_then(|id| names.get(&id)),
        "postedById": row.posted_by,
    })
}

fn consent_of(row: &letter::Model, names: &HashMap<UserId, String>) -> Value {
    json!({
        "letter": row.id,
        "required": row.consent_required,
        "granted": row.consent_granted,
        "decidedAt": row.consent_at,
        "decidedBy": row.consent_by.and_then(|id| names.get(&id)),
        "decidedById": row.consent_by,
        "expiresAt": row.consent_expires_at,
    })
}

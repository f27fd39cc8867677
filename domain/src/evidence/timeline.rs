//! All that happened, in order, with who did it.

use entity::{Scoped, event};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};

use super::{Files, MAX_EVENTS, Snapshot, all_of, csv, people};
use crate::error::Result;

pub(super) async fn write(snapshot: &Snapshot<'_, impl ConnectionTrait>, files: &mut Files) -> Result<()> {
    let select = event::Entity::of(snapshot.tenant).filter(event::Column::CaseId.eq(snapshot.case));
    let select = select.order_by_asc(event::Column::Sequence).limit(MAX_EVENTS + 1);
    let events = all_of(select.all(snapshot.db).await?, MAX_EVENTS, "events")?;
    let names = people::names(snapshot.db, snapshot.tenant, events.iter().filter_map(|event| event.actor_id).collect()).await?;
    let mut entries = Vec::with_capacity(events.len());
    let mut table = csv::line(["number", "at", "kind", "actor", "person", "subject", "data"]);
    for (number, event) in (1..).zip(&events) {
        let person = event.actor_id.and_then(|id| names.get(&id));
        let actor = serde_json::to_value(event.actor)?;
        let at = event.at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
        let subject = event.subject_id.map(|id| id.to_string()).unwrap_or_default();
        table.push_str(&csv::line([
            i64::to_string(&number).as_str(),
            &at,
            &event.kind,
            actor.as_str().unwrap_or_default(),
            person.map_or("", String::as_str),
            &subject,
            &event.data.to_string(),
        ]));
        entries.push(json!({
            "number": number,
            "at": at,
            "kind": event.kind,
            "actor": actor,
            "person": person,
            "personId": event.actor_id,
            "subject": event.subject_id,
            "data": event.data,
        }));
    }
    files.json("timeline.json", &Value::Array(entries))?;
    files.add("timeline.csv".to_owned(), table.into_bytes())
}

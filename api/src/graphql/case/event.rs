//! A change of a case, as subscribers get it.

use async_graphql::{Enum, SimpleObject};

use super::Case;
use crate::graphql::timeline::TimelineEdge;

/// What a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum ChangeKind {
    /// How it stood when the subscription began.
    Snapshot,
    /// It is new, or matches the filter from now on.
    Added,
    /// It changed.
    Updated,
    /// It no longer matches the filter, or can no longer be seen.
    Removed,
}

/// A change of a case.
#[derive(SimpleObject)]
pub struct CaseEvent {
    /// Give it as `after` to go on behind this message.
    pub cursor: String,
    /// What the message is about.
    pub change: ChangeKind,
    /// The case as it is now; null when it can no longer be seen.
    pub case: Option<Case>,
    /// The last thing that happened to it; null for a snapshot.
    pub timeline_edge: Option<TimelineEdge>,
}

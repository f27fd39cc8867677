//! A tenant's own text.

use entity::TemplateId;
use serde::{Deserialize, Serialize};

use super::Piece;
use crate::error::Result;

/// What a tenant says instead of the product's own text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnText {
    /// The heading.
    pub subject: String,
    /// Before the claim.
    pub opening: Vec<Piece>,
    /// After the account.
    pub closing: Vec<Piece>,
    /// The short message; the product's own when none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sms: Option<String>,
}

/// A tenant's own text as a letter keeps it: it outlives the template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnWording {
    /// The template that it was taken from; none while it is only tried out.
    pub template: Option<TemplateId>,
    /// Its revision.
    pub revision: i32,
    /// The text.
    pub text: OwnText,
}

/// The text of a stored revision.
///
/// # Errors
///
/// When the stored document has another shape.
pub fn text_of(row: &entity::letter_template_revision::Model) -> Result<OwnText> {
    Ok(serde_json::from_value(row.text.clone())?)
}

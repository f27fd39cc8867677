//! A person who may sign in. A person belongs to tenants through `membership`.

use sea_orm::entity::prelude::*;

use crate::id::UserId;

/// A person who may sign in. A person belongs to tenants through `membership`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "app_user")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UserId,
    /// Sign-in name, lower case, unique.
    pub email: String,
    /// Shown to others.
    pub name: String,
    /// Argon2id in PHC form; none when the person signs in by link only.
    pub password_hash: Option<String>,
    /// Language of what we show to the person, `en` or `de`.
    pub locale: String,
    /// When the person was added.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

//! The tenant's wall: [`Scoped::of`] is the one way to start a query on a tenant's table, so that forgetting the
//! tenant is not possible by accident. The root's `clippy.toml` bans the unscoped finders in every other room.

use sea_orm::{ColumnTrait, DeleteMany, EntityTrait, QueryFilter, Select, UpdateMany};

use crate::id::TenantId;

/// An entity whose rows belong to one tenant.
pub trait Scoped: EntityTrait {
    /// The column that names the tenant.
    fn tenant_column() -> Self::Column;

    /// Selects within one tenant.
    fn of(tenant: TenantId) -> Select<Self> {
        Self::find().filter(Self::tenant_column().eq(tenant))
    }

    /// Updates within one tenant.
    fn update_of(tenant: TenantId) -> UpdateMany<Self> {
        Self::update_many().filter(Self::tenant_column().eq(tenant))
    }

    /// Deletes within one tenant.
    fn delete_of(tenant: TenantId) -> DeleteMany<Self> {
        Self::delete_many().filter(Self::tenant_column().eq(tenant))
    }
}

/// Declares that a table's rows belong to a tenant through its column `tenant_id`.
macro_rules! scoped {
    () => {
        impl crate::scope::Scoped for Entity {
            fn tenant_column() -> Column {
                Column::TenantId
            }
        }
    };
}
pub(crate) use scoped;

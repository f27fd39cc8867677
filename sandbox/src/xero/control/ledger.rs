//! How every change of documents is made: found in the books of whom they belong to, and kept for the next webhook.

use uuid::Uuid;

use super::XeroControl;
use crate::{
    input::Refused,
    xero::{
        books::{Books, Document as _, Invoice, stamp},
        webhook::{Category, Event},
    },
};

/// Events kept for a webhook at most; older ones are dropped.
const EVENTS_KEPT: usize = 10_000;

impl XeroControl {
    /// Changes something about an invoice, given as it was before; a new stamp on it is told to the next webhook.
    pub(super) fn on_invoice<T>(&self, id: Uuid, change: impl FnOnce(&mut Books, &Invoice) -> Result<T, Refused>) -> Result<T, Refused> {
        let tenant = self.owner("invoice", id, |books| books.invoices.get(id).is_some())?;
        let (changed, stamped) = self.within(tenant, |books| {
            let Some(before) = books.invoices.get(id).cloned() else { return (Err(unknown("invoice", id)), false) };
            let changed = change(books, &before);
            let stamped = books.invoices.get(id).is_some_and(|after| after.updated() != before.updated());
            (changed, stamped)
        })?;
        if changed.is_ok() && stamped {
            self.tell(Category::Invoice, false, tenant, id, None);
        }
        changed
    }

    /// Changes something about a payment that stands, and so perhaps about its invoice.
    pub(super) fn on_payment<T>(&self, id: Uuid, change: impl FnOnce(&mut Books) -> T) -> Result<T, Refused> {
        let world = self.world();
        let payment = world.books.iter().find_map(|books| books.payments.get(id).cloned()).ok_or_else(|| unknown("payment", id))?;
        drop(world);
        if payment.deleted {
            return Err(Refused::NotNow("it was deleted".to_owned()));
        }
        self.on_invoice(payment.invoice, |books, _| Ok(change(books)))
    }

    /// Whose books something is in.
    pub(super) fn owner(&self, what: &'static str, id: Uuid, has: impl Fn(&Books) -> bool) -> Result<Uuid, Refused> {
        let world = self.world();
        world.books.iter().find(|books| has(books)).map(|books| books.organisation.id).ok_or_else(|| unknown(what, id))
    }

    /// Changes the books of an organisation.
    pub(super) fn within<T>(&self, tenant: Uuid, change: impl FnOnce(&mut Books) -> T) -> Result<T, Refused> {
        self.world_mut().books_of_mut(tenant).map(change).ok_or_else(|| unknown("organisation", tenant))
    }

    /// Keeps a change for the next webhook.
    pub(super) fn tell(&self, category: Category, created: bool, tenant: Uuid, resource: Uuid, status: Option<&'static str>) {
        let event = Event { category, created, tenant, resource, at: stamp(self.now()), status };
        let events = &mut self.world_mut().events;
        if events.len() == EVENTS_KEPT {
            events.remove(0);
        }
        events.push(event);
    }
}

fn unknown(what: &'static str, id: Uuid) -> Refused {
    Refused::Unknown { what, id: id.to_string() }
}

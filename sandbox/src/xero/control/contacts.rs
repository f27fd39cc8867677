//! What people who work in Xero do with contacts.

use uuid::Uuid;

use super::XeroControl;
use crate::{
    input::Refused,
    xero::{
        books::{Contact, ContactStatus, stamp},
        webhook::Category,
    },
};

impl XeroControl {
    /// Adds a contact that has a name and an e-mail address.
    ///
    /// # Errors
    /// When there is no such organisation.
    pub fn add_contact(&self, tenant: Uuid, name: &str, email: &str) -> Result<Uuid, Refused> {
        let mut contact = Contact::named(self.frame.chance.uuid(), name, stamp(self.now()));
        email.clone_into(&mut contact.email);
        let id = self.within(tenant, |books| books.contacts.add(contact))?;
        self.tell(Category::Contact, true, tenant, id, None);
        Ok(id)
    }

    /// Changes a contact as a person would.
    ///
    /// # Errors
    /// When there is no such contact.
    pub fn edit_contact(&self, id: Uuid, change: impl FnOnce(&mut Contact)) -> Result<(), Refused> {
        let tenant = self.owner("contact", id, |books| books.contacts.get(id).is_some())?;
        let now = stamp(self.now());
        self.within(tenant, |books| {
            books.contacts.edit(id, |contact| {
                change(contact);
                contact.updated = now;
            })
        })?;
        self.tell(Category::Contact, false, tenant, id, None);
        Ok(())
    }

    /// Makes one contact of two; the first is archived and points at the second.
    ///
    /// # Errors
    /// When one of them is not there, they are one, or belong to two organisations.
    pub fn merge_contacts(&self, from: Uuid, into: Uuid) -> Result<(), Refused> {
        let tenant = self.owner("contact", from, |books| books.contacts.get(from).is_some())?;
        let same = self.owner("contact", into, |books| books.contacts.get(into).is_some())? == tenant;
        if from == into || !same {
            return Err(Refused::NotNow("only two contacts of one organisation can be merged".to_owned()));
        }
        let now = self.now();
        self.within(tenant, |books| books.merge(from, into, now))?;
        self.tell(Category::Contact, false, tenant, from, None);
        self.tell(Category::Contact, false, tenant, into, None);
        Ok(())
    }

    /// Archives a contact, or marks that it asked to be forgotten.
    ///
    /// # Errors
    /// When there is no such contact.
    pub fn set_contact_status(&self, id: Uuid, status: ContactStatus) -> Result<(), Refused> {
        self.edit_contact(id, |contact| contact.status = status)
    }

    /// All contacts of an organisation, in the order in which they were added.
    pub fn contacts(&self, tenant: Uuid) -> Vec<Contact> {
        self.world().books_of(tenant).map(|books| books.contacts.all().to_vec()).unwrap_or_default()
    }
}

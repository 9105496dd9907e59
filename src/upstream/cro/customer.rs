//! Customers, their addresses and contacts, and the settings of each yard for a customer.

use std::{fmt, sync::Arc};

use indexmap::IndexSet;
use serde::Deserialize;

use crate::{
    identity::Service,
    ids::CustomerKey,
    record,
    upstream::{
        Error,
        json::{
            self, AnyWordsIn, Flag, Integer, LaterIn, List, Part, Source, Span, Text, UnreadIn,
            WordsIn,
        },
        lenient,
    },
};

/// A customer.
///
/// Decoding this type reads the customer's own record, which lists every yard. A customer that was put together
/// from list rows ([`CustomerRow`]) has the same shape but may know less.
#[derive(Clone, Deserialize)]
pub struct Customer {
    #[serde(skip, default = "Source::current")]
    source: Source,
    #[serde(skip)]
    pub tenant: i64,
    #[serde(deserialize_with = "lenient::key")]
    pub id: i64,
    name: Option<Span>,
    #[serde(default, deserialize_with = "lenient::integer")]
    pub parent_id: Option<i64>,
    created_on: Option<Span>,
    last_updated_on: Option<Span>,
    #[serde(default)]
    addresses: UnreadIn<List<Address>>,
    #[serde(default)]
    contacts: UnreadIn<List<Contact>>,
    /// One per yard that serves the customer. `None`: not all of them are known.
    #[serde(rename = "locations")]
    pub links: Option<Vec<Arc<LinkSettings>>>,
    /// Whether this is the customer's own record and not put together from list rows.
    #[serde(skip, default = "own_record")]
    pub complete: bool,
}

fn own_record() -> bool {
    true
}

impl Customer {
    /// Sets the tenant here and in the links, which also get this customer's id.
    #[must_use]
    pub fn in_tenant(mut self, tenant: i64) -> Self {
        self.set_tenant(tenant);
        self
    }

    fn set_tenant(&mut self, tenant: i64) {
        self.tenant = tenant;
        for link in self.links.iter_mut().flatten() {
            let link = Arc::make_mut(link);
            link.tenant = tenant;
            link.customer_id = self.id;
        }
    }

    /// The name.
    pub fn name(&self) -> Option<Text> {
        self.source.text(self.name)
    }

    /// When the customer was created: without a zone, as all times of this upstream.
    pub fn created_on(&self) -> Option<Text> {
        self.source.text(self.created_on)
    }

    /// When the customer was last changed.
    pub fn last_updated_on(&self) -> Option<Text> {
        self.source.text(self.last_updated_on)
    }

    /// The customer's addresses, inactive ones included.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn addresses(&self) -> Result<&[Address], Arc<Error>> {
        let list = self
            .addresses
            .get(&self.source, Service::Cro, "addresses")?;
        Ok(&list.0)
    }

    /// The people to call.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn contacts(&self) -> Result<&[Contact], Arc<Error>> {
        let list = self.contacts.get(&self.source, Service::Cro, "contacts")?;
        Ok(&list.0)
    }
}

impl fmt::Debug for Customer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Customer")
            .field("tenant", &self.tenant)
            .field("id", &self.id)
            .field("name", &self.name())
            .field("parent_id", &self.parent_id)
            .field("created_on", &self.created_on())
            .field("last_updated_on", &self.last_updated_on())
            .field("addresses", &self.addresses())
            .field("contacts", &self.contacts())
            .field("links", &self.links)
            .field("complete", &self.complete)
            .finish()
    }
}

/// How one yard serves one customer. It has no id of its own: customer and yard together name it.
#[derive(Clone, Deserialize)]
pub struct LinkSettings {
    #[serde(skip, default = "Source::current")]
    source: Source,
    #[serde(skip)]
    pub tenant: i64,
    /// Filled in by [`Customer::in_tenant`] where the row, being inside its customer, leaves it out.
    #[serde(default, deserialize_with = "lenient::key")]
    pub customer_id: i64,
    #[serde(deserialize_with = "lenient::key")]
    pub location_id: i64,
    /// False once the link was deleted: rows never go away.
    #[serde(default, deserialize_with = "lenient::flag")]
    pub is_active: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub is_commercial: Option<bool>,
    note: Option<Span>,
    reference_number: Option<Span>,
    renewal_date: Option<Span>,
    sales_rep: Option<Span>,
    #[serde(default, deserialize_with = "json::span")]
    sales_rep_id: Option<Span>,
    #[serde(default, deserialize_with = "lenient::integer")]
    pub suspension_id: Option<i64>,
    account_number_1: Option<Span>,
    account_number_2: Option<Span>,
    created_on: Option<Span>,
    last_updated_on: Option<Span>,
    /// Whether the account numbers are known, be they null: only some rows tell them.
    #[serde(skip)]
    pub complete: bool,
}

impl LinkSettings {
    /// The yard's note on the customer.
    pub fn note(&self) -> Option<Text> {
        self.source.text(self.note)
    }

    /// The customer's number in the yard's books.
    pub fn reference_number(&self) -> Option<Text> {
        self.source.text(self.reference_number)
    }

    /// When the service agreement is up for renewal.
    pub fn renewal_date(&self) -> Option<Text> {
        self.source.text(self.renewal_date)
    }

    /// Name of the sales representative.
    pub fn sales_rep(&self) -> Option<Text> {
        self.source.text(self.sales_rep)
    }

    /// The sales representative: a number, a UUID or a user name.
    pub fn sales_rep_id(&self) -> Option<Text> {
        self.source.text(self.sales_rep_id)
    }

    /// In some rows only, and never in the links inside a customer; so is the second number. See
    /// [`Self::complete`].
    pub fn account_number_1(&self) -> Option<Text> {
        self.source.text(self.account_number_1)
    }

    /// See [`Self::account_number_1`].
    pub fn account_number_2(&self) -> Option<Text> {
        self.source.text(self.account_number_2)
    }

    /// When the yard began to serve the customer.
    pub fn created_on(&self) -> Option<Text> {
        self.source.text(self.created_on)
    }

    /// When the settings were last changed.
    pub fn last_updated_on(&self) -> Option<Text> {
        self.source.text(self.last_updated_on)
    }
}

impl fmt::Debug for LinkSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkSettings")
            .field("tenant", &self.tenant)
            .field("customer_id", &self.customer_id)
            .field("location_id", &self.location_id)
            .field("is_active", &self.is_active)
            .field("is_commercial", &self.is_commercial)
            .field("note", &self.note())
            .field("reference_number", &self.reference_number())
            .field("renewal_date", &self.renewal_date())
            .field("sales_rep", &self.sales_rep())
            .field("sales_rep_id", &self.sales_rep_id())
            .field("suspension_id", &self.suspension_id)
            .field("account_number_1", &self.account_number_1())
            .field("account_number_2", &self.account_number_2())
            .field("created_on", &self.created_on())
            .field("last_updated_on", &self.last_updated_on())
            .field("complete", &self.complete)
            .finish()
    }
}

/// Customers in an order. Their keys come from upstreams, so a quick hash will do.
type CustomerKeys = IndexSet<CustomerKey, foldhash::fast::RandomState>;

/// A row of a customer list: a customer as one yard sees it. A customer has a row for each of its yards.
///
/// Old API versions list plain customers instead; such a row has no link of its own.
#[derive(Debug, Clone)]
pub struct CustomerRow {
    customer: Customer,
    link: Option<Arc<LinkSettings>>,
}

impl CustomerRow {
    /// Memory that a row takes beside its text.
    const BYTES: usize = size_of::<Self>() + size_of::<LinkSettings>();

    #[must_use]
    pub fn in_tenant(mut self, tenant: i64) -> Self {
        self.set_tenant(tenant);
        self
    }

    /// Sets the tenant in both halves.
    fn set_tenant(&mut self, tenant: i64) {
        self.customer.set_tenant(tenant);
        if let Some(link) = &mut self.link {
            Arc::make_mut(link).tenant = tenant;
        }
    }

    /// The same, read by a call whose rows tell the account numbers.
    #[must_use]
    pub fn telling_all(mut self) -> Self {
        if let Some(link) = &mut self.link {
            Arc::make_mut(link).complete = true;
        }
        self
    }

    /// The customer's key.
    #[must_use]
    pub fn key(&self) -> CustomerKey {
        CustomerKey::new(self.customer.tenant, self.customer.id)
    }

    #[must_use]
    pub fn customer_id(&self) -> i64 {
        self.customer.id
    }

    #[must_use]
    pub fn location_id(&self) -> Option<i64> {
        self.link.as_ref().map(|link| link.location_id)
    }

    /// The customer, as far as one row knows it: the moment of its creation and its other yards are missing.
    #[must_use]
    pub fn customer(&self) -> Customer {
        self.customer.clone()
    }

    /// [`Self::customer`] and [`Self::link`] without a copy.
    #[must_use]
    pub fn into_parts(self) -> (Customer, Option<Arc<LinkSettings>>) {
        (self.customer, self.link)
    }

    /// The customers of some rows, in the order of `wanted`, which says for how many of them there is room
    /// and, by key, in which place each stands.
    ///
    /// `all_rows` says that the rows are a whole, unfiltered walk of the list: only then are the links of a
    /// customer known to be all of its links. A row that came twice, because the list moved during the walk,
    /// counts once.
    #[must_use]
    pub fn grouped<'r>(
        rows: impl IntoIterator<Item = &'r Self>,
        (count, wanted): (usize, impl Fn(&CustomerKey) -> Option<usize>),
        all_rows: bool,
    ) -> Vec<Arc<Customer>> {
        let mut customers: Vec<Option<Customer>> = vec![None; count];
        for row in rows {
            let place = wanted(&row.key());
            let Some(place) = place.and_then(|place| customers.get_mut(place)) else {
                continue;
            };
            let customer = place.get_or_insert_with(|| row.customer.clone());
            let (true, Some(link)) = (all_rows, &row.link) else {
                continue;
            };
            let links = customer.links.get_or_insert_default();
            if links
                .iter()
                .all(|known| known.location_id != link.location_id)
            {
                links.push(link.clone());
            }
        }
        let mut grouped = Vec::with_capacity(count);
        grouped.extend(customers.into_iter().flatten().map(Arc::new));
        grouped
    }
}

record! {
    /// The row as it is printed: customer and link in one object, and two spellings of the customer's id.
    struct FlatRow(source) => CustomerRow {
        customer_id: Integer,
        /// The customer's id, never the link's. The name since version 2021/04/07.
        id: Integer,
        location_id: Integer,
        name: WordsIn,
        parent_id: Integer,
        addresses: LaterIn<List<Address>>,
        contacts: LaterIn<List<Contact>>,
        /// Only in rows that are plain customers.
        locations: Part<Vec<Arc<LinkSettings>>>,
        is_active: Flag,
        is_commercial: Flag,
        note: WordsIn,
        reference_number: WordsIn,
        renewal_date: WordsIn,
        sales_rep: WordsIn,
        sales_rep_id: AnyWordsIn,
        suspension_id: Integer,
        account_number_1: WordsIn,
        account_number_2: WordsIn,
        created_on: WordsIn,
        last_updated_on: WordsIn,
    }
}

impl TryFrom<FlatRow> for CustomerRow {
    type Error = &'static str;

    fn try_from(row: FlatRow) -> Result<Self, Self::Error> {
        let id = row
            .customer_id
            .or(row.id)
            .ok_or("missing field `customer_id` or `id`")?;
        let mut customer = Customer {
            source: row.source.clone(),
            tenant: 0,
            id,
            name: row.name,
            parent_id: row.parent_id,
            created_on: None,
            last_updated_on: row.last_updated_on,
            addresses: row.addresses,
            contacts: row.contacts,
            links: None,
            complete: false,
        };
        let Some(location_id) = row.location_id else {
            customer.created_on = row.created_on;
            customer.complete = row.locations.is_some();
            customer.links = row.locations;
            return Ok(Self {
                customer,
                link: None,
            });
        };
        let link = LinkSettings {
            source: row.source,
            tenant: 0,
            customer_id: id,
            location_id,
            is_active: row.is_active,
            is_commercial: row.is_commercial,
            note: row.note,
            reference_number: row.reference_number,
            renewal_date: row.renewal_date,
            sales_rep: row.sales_rep,
            sales_rep_id: row.sales_rep_id,
            suspension_id: row.suspension_id,
            complete: row.account_number_1.is_some(),
            account_number_1: row.account_number_1,
            account_number_2: row.account_number_2,
            created_on: row.created_on,
            last_updated_on: row.last_updated_on,
        };
        Ok(Self {
            customer,
            link: Some(Arc::new(link)),
        })
    }
}

/// An address of a customer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Address {
    #[serde(deserialize_with = "lenient::key")]
    pub id: i64,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub is_active: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub is_billing: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub is_shipping: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub is_physical: Option<bool>,
    #[serde(default, deserialize_with = "lenient::decimal")]
    pub latitude: Option<f64>,
    #[serde(default, deserialize_with = "lenient::decimal")]
    pub longitude: Option<f64>,
    pub line_1: Option<String>,
    pub line_2: Option<String>,
    pub line_3: Option<String>,
    /// Doubles as the county.
    pub line_4: Option<String>,
    pub locality: Option<String>,
    pub postcode: Option<String>,
    pub region: Option<String>,
}

/// A contact of a customer, with the messages it wants.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Contact {
    #[serde(deserialize_with = "lenient::key")]
    pub id: i64,
    pub name: Option<String>,
    /// One or more mail addresses with commas between; see [`Contact::emails`].
    pub email: Option<String>,
    pub fax: Option<String>,
    pub number: Option<String>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub notify_on_new_request: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub notify_on_dispatched_request: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub notify_on_acknowledged_request: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub notify_on_completed_request: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub notify_on_failed_request: Option<bool>,
}

impl Contact {
    /// The mail addresses, one by one.
    pub fn emails(&self) -> impl Iterator<Item = &str> {
        self.email
            .iter()
            .flat_map(|list| list.split(','))
            .map(str::trim)
            .filter(|email| !email.is_empty())
    }
}

mod link;
mod pages;
mod reading;
mod reference;
mod writing;

pub use link::{CustomerLinks, LinkKey};
pub use pages::{CustomerPageKey, CustomerPages};
pub use reading::{CustomerFilter, CustomerRecords, CustomerRows, Customers};
pub use reference::{CustomersByReference, ReferenceKey};
pub use writing::{
    AddressReplacement, ContactChange, CustomerChange, LinkChange, LinkTerms, NewAddress,
    NewCustomer, add_address, add_contact, attach_to_location, create_customer, deactivate_address,
    deactivate_link, replace_address, update_contact, update_customer, update_link,
};

#[cfg(test)]
mod tests;

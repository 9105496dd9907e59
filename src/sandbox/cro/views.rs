//! Customers and links as the API shows them, borrowed from the state.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::access::Version;
use super::state::{Customer, Link, Sight, Tenant};

/// A customer with everything embedded (`CustomerModel`).
pub(super) struct CustomerView<'a> {
    pub(super) tenant: &'a Tenant,
    pub(super) customer: &'a Customer,
    pub(super) sight: &'a Sight,
    pub(super) version: Version,
}

impl Serialize for CustomerView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self {
            tenant,
            customer,
            sight,
            version,
        } = self;
        let links: Vec<Settings> = tenant
            .links_at(customer.id)
            .filter(|link| sight.includes(link.location_id))
            .map(|link| Settings {
                link,
                version: *version,
            })
            .collect();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("addresses", &customer.addresses)?;
        map.serialize_entry("contacts", &customer.contacts)?;
        map.serialize_entry("created_on", &customer.created_on)?;
        map.serialize_entry("id", &customer.id)?;
        map.serialize_entry("last_updated_on", &customer.last_updated_on)?;
        map.serialize_entry("locations", &links)?;
        map.serialize_entry("name", &customer.name)?;
        map.serialize_entry("parent_id", &customer.parent_id)?;
        map.end()
    }
}

/// The link inside a customer (`DispatchCustomerSettingsModel`).
struct Settings<'a> {
    link: &'a Link,
    version: Version,
}

impl Serialize for Settings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let link = self.link;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("created_on", &link.created_on)?;
        map.serialize_entry("customer_id", &link.customer_id)?;
        terms(&mut map, link)?;
        // Documented as always there, yet absent from the first version's samples.
        if self.version > Version::FIRST {
            map.serialize_entry("last_updated_on", &link.last_updated_on)?;
        }
        map.end()
    }
}

/// A customer as one yard sees it (`DispatchCustomerLocationModel`).
pub(super) struct Row<'a> {
    pub(super) customer: &'a Customer,
    pub(super) link: &'a Link,
    pub(super) version: Version,
    /// `GET /customers` leaves the account numbers out in the first version.
    pub(super) in_list: bool,
}

impl<'a> Row<'a> {
    pub(super) fn new(customer: &'a Customer, link: &'a Link, version: Version) -> Self {
        Self {
            customer,
            link,
            version,
            in_list: false,
        }
    }
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self {
            customer,
            link,
            version,
            in_list,
        } = self;
        let mut map = serializer.serialize_map(None)?;
        if !in_list || *version > Version::FIRST {
            map.serialize_entry("account_number_1", &link.account_number_1)?;
            map.serialize_entry("account_number_2", &link.account_number_2)?;
        }
        map.serialize_entry("addresses", &customer.addresses)?;
        map.serialize_entry("contacts", &customer.contacts)?;
        map.serialize_entry("created_on", &link.created_on)?;
        let key = if *version >= Version::ROW_ID {
            "id"
        } else {
            "customer_id"
        };
        map.serialize_entry(key, &customer.id)?;
        map.serialize_entry("last_updated_on", &link.last_updated_on)?;
        map.serialize_entry("name", &customer.name)?;
        map.serialize_entry("parent_id", &customer.parent_id)?;
        terms(&mut map, link)?;
        map.end()
    }
}

/// What the two shapes of a link have in common.
fn terms<M: SerializeMap>(map: &mut M, link: &Link) -> Result<(), M::Error> {
    map.serialize_entry("is_active", &link.is_active)?;
    map.serialize_entry("is_commercial", &link.is_commercial)?;
    map.serialize_entry("location_id", &link.location_id)?;
    map.serialize_entry("note", &link.note)?;
    map.serialize_entry("reference_number", &link.reference_number)?;
    map.serialize_entry("renewal_date", &link.renewal_date)?;
    map.serialize_entry("sales_rep", &link.sales_rep)?;
    map.serialize_entry("sales_rep_id", &link.sales_rep_id)?;
    map.serialize_entry("suspension_id", &link.suspension_id)
}

//! Yards: the sites from which a hauler works. (A customer's premises are addresses of the customer.)

use std::sync::Arc;

use serde::Deserialize;

use crate::{
    identity::Service,
    ids::{LocationKey, TenantId},
    record,
    upstream::{
        Calls, Endpoint, Error, FetchResult, Fetched, Keep, Loaded, Resource, Session,
        cro::page,
        json::{Decimal, Elsewhere, Flag, Key, Later, Object, Text, Words},
        lenient,
        walk::{PagesOf, Plan, ShownInPages, index},
    },
};

static LIST_LOCATIONS: Endpoint = Endpoint::get(Service::Cro, "/locations");
static GET_LOCATION: Endpoint = Endpoint::get(Service::Cro, "/locations/{location_id}");

record! {
    /// A yard. Old API versions print only the id, the name and a flag or three.
    #[derive(Debug, Clone)]
    pub struct Location {
        /// The tenant whose yard it is.
        pub tenant: Elsewhere<i64>,
        pub id: Key,
        pub name: Words,
        pub main_inventory_name: Words,
        pub bar_code_type: Words,
        pub distance_label: Words,
        pub service_disclaimer: Words,
        /// The yard's own word for this kind of job; so are the other `…_name`s.
        pub delivery_name: Words,
        pub dropoff_name: Words,
        pub exchange_name: Words,
        pub pickup_name: Words,
        pub service_name: Words,
        /// What turns kilometres into [`Self::distance_label`].
        pub distance_factor: Decimal,
        pub is_active: Flag,
        pub leed_enabled: Flag,
        pub allow_new_asset_numbers: Flag,
        pub asset_number_required: Flag,
        pub auto_billing_setup: Flag,
        pub auto_complete_dumps: Flag,
        pub auto_rollover_enabled: Flag,
        pub billing_accounts_global: Flag,
        pub do_share_drivers: Flag,
        pub driver_self_assignment: Flag,
        pub dtt_enabled: Flag,
        pub require_reason_fail_delay: Flag,
        pub require_reference_number: Flag,
        pub require_signature: Flag,
        pub use_additional_items: Flag,
        pub delivery_hidden: Flag,
        pub dropoff_hidden: Flag,
        pub exchange_hidden: Flag,
        pub pickup_hidden: Flag,
        pub service_hidden: Flag,
        pub notify_on_acknowledged_job: Flag,
        pub notify_on_completed_job: Flag,
        pub notify_on_dispatched_job: Flag,
        pub notify_on_failed_job: Flag,
        address: Later<Object<LocationAddress>>,
        contact: Later<Object<LocationContact>>,
    }
}

impl Location {
    #[must_use]
    pub fn in_tenant(mut self, tenant: i64) -> Self {
        self.tenant = tenant;
        self
    }

    /// Where the yard is.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn address(&self) -> Result<Option<&LocationAddress>, Arc<Error>> {
        let address = self.address.get(Service::Cro, "address")?;
        Ok(address.0.as_ref())
    }

    /// How to reach the yard.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn contact(&self) -> Result<Option<&LocationContact>, Arc<Error>> {
        let contact = self.contact.get(Service::Cro, "contact")?;
        Ok(contact.0.as_ref())
    }
}

/// Where a yard is. Unlike a customer's address it has neither a country nor flags.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct LocationAddress {
    #[serde(deserialize_with = "lenient::integer")]
    pub id: Option<i64>,
    #[serde(deserialize_with = "lenient::decimal")]
    pub latitude: Option<f64>,
    #[serde(deserialize_with = "lenient::decimal")]
    pub longitude: Option<f64>,
    pub line_1: Option<Text>,
    pub line_2: Option<Text>,
    pub line_3: Option<Text>,
    pub line_4: Option<Text>,
    pub locality: Option<Text>,
    pub postcode: Option<Text>,
    pub region: Option<Text>,
}

/// How to reach a yard.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct LocationContact {
    #[serde(deserialize_with = "lenient::integer")]
    pub id: Option<i64>,
    pub name: Option<Text>,
    pub email: Option<Text>,
    pub number: Option<Text>,
}

/// All yards of a tenant: there are few.
pub struct LocationLists;

impl Resource for LocationLists {
    type Key = TenantId;
    type Value = Vec<Arc<Location>>;
    const NAME: &'static str = "location_lists";
    const SERVICE: Service = Service::Cro;
    const KEEP: Keep = Keep::Locations;
    const CALLS: Calls = Calls::LIST;

    fn tenant(_: &Session, key: &TenantId) -> Result<Option<TenantId>, Arc<Error>> {
        Ok(Some(*key))
    }

    async fn fetch(
        session: Arc<Session>,
        keys: Vec<TenantId>,
    ) -> Vec<FetchResult<Vec<Arc<Location>>>> {
        let mut results = Vec::with_capacity(keys.len());
        for tenant in keys {
            let walked =
                page::walk::<Location>(&session, || LIST_LOCATIONS.call(&[]).tenant(tenant)).await;
            results.push(walked.map(|reply| {
                let locations = reply
                    .value
                    .into_iter()
                    .map(|location| Arc::new(location.in_tenant(tenant.0)));
                Some(Fetched::new(locations.collect(), reply.bytes))
            }));
        }
        results
    }
}

/// Yards by id: from the tenant's list, unless it is one yard and the list is not at hand.
pub struct Locations;

impl Resource for Locations {
    type Key = LocationKey;
    type Value = Location;
    const NAME: &'static str = "locations";
    const SERVICE: Service = Service::Cro;
    const KEEP: Keep = Keep::Locations;
    const CALLS: Calls = Calls::KEYS_OR_LIST;

    fn tenant(_: &Session, key: &LocationKey) -> Result<Option<TenantId>, Arc<Error>> {
        Ok(Some(key.tenant))
    }

    async fn fetch(session: Arc<Session>, keys: Vec<LocationKey>) -> Vec<FetchResult<Location>> {
        let Some(tenant) = keys.first().map(|key| key.tenant) else {
            return Vec::new();
        };
        let unread = usize::from(session.find_kept::<LocationLists>(&tenant).is_none());
        if session.plan::<Self>(keys.len(), Some(unread)) == Plan::Walk {
            let all = session.load::<LocationLists>(tenant).await;
            return pick(all, &keys);
        }
        futures_util::future::join_all(keys.iter().map(|key| one(&session, *key))).await
    }
}

fn pick(all: Loaded<Vec<Arc<Location>>>, keys: &[LocationKey]) -> Vec<FetchResult<Location>> {
    let all = all.map(Option::unwrap_or_default);
    let by_id = all.as_ref().map(|all| index(all, |location| location.id));
    let find = |key: &LocationKey| match &by_id {
        Ok(by_id) => {
            let location = by_id.get(&key.id);
            Ok(location.map(|location| Fetched::picked(Arc::clone(location))))
        }
        Err(error) => Err(Arc::clone(error)),
    };
    keys.iter().map(find).collect()
}

async fn one(session: &Session, key: LocationKey) -> FetchResult<Location> {
    let call = GET_LOCATION.call(&[&key.id]).tenant(key.tenant);
    let reply = session.find::<Location>(call).await?;
    Ok(reply.map(|reply| Fetched::new(reply.value.in_tenant(key.tenant.0), reply.bytes)))
}

impl ShownInPages for LocationLists {
    type Item = Location;
    const PAGES: &'static str = "location_pages";

    fn cursor(location: &Location) -> String {
        location.id.to_string()
    }
}

/// Pages of a tenant's yards.
pub type LocationPages = PagesOf<LocationLists>;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Location;
    use crate::upstream::{Class, json::read_value};

    #[test]
    fn an_old_short_yard_is_a_yard() {
        let location: Location =
            read_value(&json!({ "id": 7, "is_active": "1", "name": "Invented Yard" })).unwrap();
        let location = location.in_tenant(41);
        assert_eq!((location.tenant, location.id), (41, 7));
        assert_eq!(location.is_active, Some(true));
        assert_eq!(location.address().unwrap(), None);
    }

    #[test]
    fn an_address_of_nulls_is_no_address() {
        let location: Location = read_value(&json!({
            "id": 7, "address": { "id": null, "line_1": null }, "contact": {},
        }))
        .unwrap();
        assert_eq!(location.address().unwrap(), None);
        assert_eq!(location.contact().unwrap(), None);
    }

    #[test]
    fn an_address_that_cannot_be_read_spoils_nothing_else() {
        let location: Location =
            read_value(&json!({ "id": 7, "name": "Invented Yard", "address": "12 Sample St" }))
                .unwrap();
        assert_eq!(location.name.as_deref(), Some("Invented Yard"));
        let error = location.address().unwrap_err();
        assert_eq!(error.class, Class::InvalidResponse);
        assert_eq!(location.contact().unwrap(), None);
    }
}

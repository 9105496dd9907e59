//! Yards: the sites from which a hauler works. (A customer's premises are addresses of the customer.)

use std::sync::Arc;

use serde::Deserialize;

use crate::{
    identity::Service,
    ids::{LocationKey, TenantId},
    upstream::{
        Calls, Endpoint, Error, FetchResult, Fetched, Keep, Loaded, Resource, Session,
        cro::page,
        json::Text,
        lenient,
        walk::{PagesOf, Plan, ShownInPages, index},
    },
};

static LIST_LOCATIONS: Endpoint = Endpoint::get(Service::Cro, "/locations");
static GET_LOCATION: Endpoint = Endpoint::get(Service::Cro, "/locations/{location_id}");

/// A yard. Old API versions print only the id, the name and a flag or three.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Location {
    #[serde(skip)]
    pub tenant: i64,
    #[serde(deserialize_with = "lenient::key")]
    pub id: i64,
    pub name: Option<Text>,
    pub main_inventory_name: Option<Text>,
    pub bar_code_type: Option<Text>,
    pub distance_label: Option<Text>,
    pub service_disclaimer: Option<Text>,
    /// The yard's own word for this kind of job; so are the other `…_name`s.
    pub delivery_name: Option<Text>,
    pub dropoff_name: Option<Text>,
    pub exchange_name: Option<Text>,
    pub pickup_name: Option<Text>,
    pub service_name: Option<Text>,
    /// What turns kilometres into [`Self::distance_label`].
    #[serde(default, deserialize_with = "lenient::decimal")]
    pub distance_factor: Option<f64>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub is_active: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub leed_enabled: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub allow_new_asset_numbers: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub asset_number_required: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub auto_billing_setup: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub auto_complete_dumps: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub auto_rollover_enabled: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub billing_accounts_global: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub do_share_drivers: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub driver_self_assignment: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub dtt_enabled: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub require_reason_fail_delay: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub require_reference_number: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub require_signature: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub use_additional_items: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub delivery_hidden: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub dropoff_hidden: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub exchange_hidden: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub pickup_hidden: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub service_hidden: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub notify_on_acknowledged_job: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub notify_on_completed_job: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub notify_on_dispatched_job: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub notify_on_failed_job: Option<bool>,
    #[serde(default, deserialize_with = "lenient::object")]
    pub address: Option<LocationAddress>,
    #[serde(default, deserialize_with = "lenient::object")]
    pub contact: Option<LocationContact>,
}

impl Location {
    #[must_use]
    pub fn in_tenant(mut self, tenant: i64) -> Self {
        self.tenant = tenant;
        self
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
    use crate::upstream::json::read_value;

    #[test]
    fn an_old_short_yard_is_a_yard() {
        let location: Location =
            read_value(&json!({ "id": 7, "is_active": "1", "name": "Invented Yard" })).unwrap();
        let location = location.in_tenant(41);
        assert_eq!((location.tenant, location.id), (41, 7));
        assert_eq!(location.is_active, Some(true));
        assert_eq!(location.address, None);
    }

    #[test]
    fn an_address_of_nulls_is_no_address() {
        let location: Location = read_value(&json!({
            "id": 7, "address": { "id": null, "line_1": null }, "contact": {},
        }))
        .unwrap();
        assert_eq!((location.address, location.contact), (None, None));
    }
}

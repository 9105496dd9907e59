//! What is read of one partner by its own id, and the own employees.
//!
//! Everything here is one call per partner, or one per page of its people and vehicles: the API has
//! nothing that reads several partners.

use std::{collections::HashMap, sync::Arc};

use futures_util::future::join_all;
use serde::de::DeserializeOwned;

use super::{OwnEmployee, PartnerDetails, PartnerEmployee, PartnerVehicle};
use crate::{
    identity::Service,
    upstream::{
        Calls, Endpoint, FetchResult, Fetched, Keep, Resource, Session,
        trans_eu::page::NumberedPage, walk::Whole,
    },
};

static GET_PARTNER: Endpoint = Endpoint::get(
    Service::TransEu,
    "/ext/partners-api/v1/partners/{partner-id}",
);
static LIST_EMPLOYEES: Endpoint = Endpoint::get(
    Service::TransEu,
    "/ext/partners-api/v1/partners/{partner-id}/employees",
);
static LIST_FLEET: Endpoint = Endpoint::get(
    Service::TransEu,
    "/ext/partners-api/v1/partners/{partner-id}/fleet",
);
static LIST_OWN_EMPLOYEES: Endpoint = Endpoint::get(
    Service::TransEu,
    "/ext/companies-api/v1/companies/employees",
);

/// Partner records with ratings and documents, by the id of the record.
pub struct PartnerDetailsById;

impl Resource for PartnerDetailsById {
    type Key = String;
    type Value = PartnerDetails;
    const NAME: &'static str = "partner_details";
    const SERVICE: Service = Service::TransEu;
    const KEEP: Keep = Keep::Partners;

    async fn fetch(session: Arc<Session>, keys: Vec<String>) -> Vec<FetchResult<PartnerDetails>> {
        join_all(keys.iter().map(|id| details(&session, id))).await
    }
}

async fn details(session: &Session, id: &str) -> FetchResult<PartnerDetails> {
    let reply = session.find::<PartnerDetails>(GET_PARTNER.call(&[&id]));
    let reply = reply.await?;
    Ok(reply.map(|reply| Fetched::new(reply.value, reply.bytes)))
}

/// The people who work for a partner, by the id of its record.
pub struct PartnerEmployees;

impl Resource for PartnerEmployees {
    type Key = String;
    type Value = Vec<Arc<PartnerEmployee>>;
    const NAME: &'static str = "partner_employees";
    const SERVICE: Service = Service::TransEu;
    const KEEP: Keep = Keep::Partners;

    async fn fetch(session: Arc<Session>, keys: Vec<String>) -> Vec<FetchResult<Self::Value>> {
        join_all(keys.iter().map(|id| walk(&session, &LIST_EMPLOYEES, id))).await
    }
}

/// The vehicles of a partner, by the id of its record.
pub struct PartnerFleets;

impl Resource for PartnerFleets {
    type Key = String;
    type Value = Vec<Arc<PartnerVehicle>>;
    const NAME: &'static str = "partner_fleets";
    const SERVICE: Service = Service::TransEu;
    const KEEP: Keep = Keep::Partners;

    async fn fetch(session: Arc<Session>, keys: Vec<String>) -> Vec<FetchResult<Self::Value>> {
        join_all(keys.iter().map(|id| walk(&session, &LIST_FLEET, id))).await
    }
}

/// All pages of a list that belongs to the partner `id`; `None` if there is no such partner.
async fn walk<T: DeserializeOwned>(
    session: &Session,
    list: &'static Endpoint,
    id: &str,
) -> FetchResult<Vec<Arc<T>>> {
    let mut all = Vec::new();
    let mut bytes = 0;
    let mut number = 1;
    loop {
        let call = list.call(&[&id]).query("page", number);
        let Some(reply) = session.find::<NumberedPage<Arc<T>>>(call).await? else {
            return Ok(None);
        };
        bytes += reply.bytes;
        let next = reply.value.next_page();
        all.extend(reply.value.items);
        match next {
            // A list that names the same page again is not being walked.
            Some(next) if next > number => number = next,
            _ => return Ok(Some(Fetched::new(all, bytes))),
        }
    }
}

/// The people who work for the own company. The list has no pages.
pub struct OwnEmployeeLists;

impl Resource for OwnEmployeeLists {
    type Key = Whole;
    type Value = Vec<Arc<OwnEmployee>>;
    const NAME: &'static str = "own_employee_lists";
    const SERVICE: Service = Service::TransEu;
    const KEEP: Keep = Keep::Partners;
    const CALLS: Calls = Calls::ONE;

    async fn fetch(session: Arc<Session>, keys: Vec<Whole>) -> Vec<FetchResult<Self::Value>> {
        let call = LIST_OWN_EMPLOYEES.call(&[]);
        let all = session.send::<Vec<Arc<OwnEmployee>>>(call).await;
        let all = all.map(|reply| Some(Fetched::new(reply.value, reply.bytes)));
        keys.iter().zip([all]).map(|(_, all)| all).collect()
    }
}

/// The people who work for the own company, by account id: one call for all of them.
pub struct OwnEmployees;

impl Resource for OwnEmployees {
    type Key = i64;
    type Value = OwnEmployee;
    const NAME: &'static str = "own_employees";
    const SERVICE: Service = Service::TransEu;
    const KEEP: Keep = Keep::Never;
    const CALLS: Calls = Calls::ONE;

    async fn fetch(session: Arc<Session>, keys: Vec<i64>) -> Vec<FetchResult<OwnEmployee>> {
        let all = match session.load::<OwnEmployeeLists>(Whole).await {
            Ok(all) => all.unwrap_or_default(),
            Err(error) => return keys.iter().map(|_| Err(Arc::clone(&error))).collect(),
        };
        let all: HashMap<i64, &Arc<OwnEmployee>> = all
            .iter()
            .map(|person| (person.account_id, person))
            .collect();
        keys.iter()
            .map(|account| {
                let person = all.get(account).map(|person| Arc::clone(person));
                Ok(person.map(Fetched::picked))
            })
            .collect()
    }
}

//! How contracts are written.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Contract;
use crate::{
    identity::Service,
    ids::{CompanyId, RouteId},
    upstream::{
        Endpoint, Error, Session,
        doubt::{self, Write},
        trans_eu::{list::Lists, route::forget},
        walk::Whole,
    },
};

static CREATE_FLEXIBLE: Endpoint =
    Endpoint::post(Service::TransEu, "/ext/contracts-api/v2/contracts/flexible");

/// A flexible contract to be made.
#[derive(Debug, Clone)]
pub struct NewFlexibleContract {
    /// The route.
    pub route: RouteId,
    /// The carrier.
    pub carrier: CompanyId,
    /// The carrier's people who are told, by account id (which is not the employee's id).
    pub contacts: Vec<i64>,
    /// The currency of later negotiations, an ISO code.
    pub currency: Option<String>,
    /// Whether the price may be negotiated.
    pub negotiable: Option<bool>,
}

impl NewFlexibleContract {
    fn body(&self) -> Value {
        let mut body = json!({
            // The API refuses anything else.
            "config": { "send_to_carrier": true },
        });
        for (name, member) in parties(self.route, self.carrier, &self.contacts) {
            body[name] = member;
        }
        if let Some(currency) = &self.currency {
            body["pricing"]["price"]["currency"] = currency.to_ascii_lowercase().into();
        }
        if let Some(negotiable) = self.negotiable {
            body["pricing"]["negotiable"] = negotiable.into();
        }
        body
    }
}

/// Makes a flexible contract, which sends it to the carrier, and gives it back. If the answer is
/// lost, it is looked for by route and carrier.
///
/// # Errors
/// The upstream refused, or its answer was lost.
pub async fn create_flexible_contract(
    session: &Arc<Session>,
    contract: &NewFlexibleContract,
) -> Result<Arc<Contract>, Arc<Error>> {
    let write = Write::begin(&CREATE_FLEXIBLE);
    let call = CREATE_FLEXIBLE.call(&[]).json(contract.body());
    let reply = session.send::<Contract>(call).await;
    forget(session);
    let created = reply.map(|reply| Arc::new(reply.value));
    let look = async |since| {
        find_created(session, since, |found| {
            found.is_flexible()
                && found.route.id == contract.route
                && found.carrier.company_id() == contract.carrier
        })
        .await
    };
    write.end(session, created, look).await
}

/// The contract that was made since, and that no carrier has answered yet.
pub(super) async fn find_created(
    session: &Arc<Session>,
    since: Timestamp,
    is_it: impl Fn(&Contract) -> bool,
) -> Result<Option<Arc<Contract>>, Arc<Error>> {
    let all = session.load::<Lists<Contract>>(Whole).await?;
    let all = all.unwrap_or_default();
    let is_new = |contract: &&Arc<Contract>| {
        let status = contract.status.as_deref().unwrap_or_default();
        ["registered", "waiting_for_acceptance"].contains(&status)
            && doubt::is_since(contract.last_modification_date.as_deref(), since)
            && is_it(contract)
    };
    Ok(doubt::only(all.iter().filter(is_new).cloned()))
}

/// The members of a new contract that say who makes it, and on which route.
pub(super) fn parties(
    route: RouteId,
    carrier: CompanyId,
    contacts: &[i64],
) -> [(&'static str, Value); 2] {
    let mut carrier = json!({ "company": { "id": carrier.0 } });
    if !contacts.is_empty() {
        let persons = contacts
            .iter()
            .map(|account| json!({ "employee": { "account_id": account } }));
        carrier["contact_persons"] = persons.collect();
    }
    [
        ("route", json!({ "id": route.to_string() })),
        ("carrier", carrier),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contract() -> NewFlexibleContract {
        NewFlexibleContract {
            route: "ecdc9461-27c0-5b0c-8f40-b60e0566c346".parse().unwrap(),
            carrier: CompanyId(9_000_202),
            contacts: Vec::new(),
            currency: None,
            negotiable: None,
        }
    }

    #[test]
    fn what_is_not_said_is_not_sent() {
        let least = json!({
            "route": { "id": "ecdc9461-27c0-5b0c-8f40-b60e0566c346" },
            "carrier": { "company": { "id": 9_000_202 } },
            "config": { "send_to_carrier": true },
        });
        assert_eq!(contract().body(), least);
    }

    #[test]
    fn ids_are_numbers_and_the_currency_is_in_lower_case() {
        let body = NewFlexibleContract {
            contacts: vec![802_021],
            currency: Some("EUR".to_owned()),
            negotiable: Some(false),
            ..contract()
        }
        .body();
        assert_eq!(
            body["carrier"]["contact_persons"],
            json!([{ "employee": { "account_id": 802_021 } }])
        );
        assert_eq!(
            body["pricing"],
            json!({ "price": { "currency": "eur" }, "negotiable": false })
        );
    }
}

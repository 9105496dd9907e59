//! How fixed contracts are written.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Contract,
    writing::{find_created, parties},
};
use crate::{
    identity::Service,
    ids::{CompanyId, ContractId, RouteId},
    upstream::{
        Endpoint, Error, Session,
        doubt::Write,
        trans_eu::{
            body::body,
            route::{forget, writing::NewDuration},
        },
    },
};

static CREATE_FIXED: Endpoint =
    Endpoint::post(Service::TransEu, "/ext/contracts-api/v2/contracts/fixed");
/// The documentation names `PUT` in the heading and `POST` in an example. A write is sent once, so
/// there is no second try with the other: the configuration says which it is.
static REPLACE_FIXED: Endpoint = Endpoint::of(
    Service::TransEu,
    http::Method::PUT,
    "/ext/contracts-api/v2/contracts/fixed/{contract-id}",
);
static REPLACE_FIXED_BY_POST: Endpoint = Endpoint::post(
    Service::TransEu,
    "/ext/contracts-api/v2/contracts/fixed/{contract-id}",
);

/// A fixed contract to be made, or to be put in the place of one.
#[derive(Debug, Clone)]
pub struct NewFixedContract {
    /// The route.
    pub route: RouteId,
    /// The carrier.
    pub carrier: CompanyId,
    /// The carrier's people who are told, by account id (which is not the employee's id).
    pub contacts: Vec<i64>,
    /// Whether the carrier gets the contract now.
    pub send_to_carrier: bool,
    /// The rest.
    pub terms: NewFixedTerms,
}

/// What a fixed contract says.
#[derive(Debug, Clone, Serialize)]
pub struct NewFixedTerms {
    pub order_terms: NewOrderTerms,
    pub period: NewPeriod,
    pub planned_shipments: Option<NewPlan>,
    pub pricing: NewPricing,
    pub reference_number: Option<String>,
    pub surcharges: Vec<NewSurcharge>,
}

/// What an order made under the contract says.
#[derive(Debug, Clone, Serialize)]
pub struct NewOrderTerms {
    pub payment_period: NewPaymentPeriod,
    pub additional_terms: Option<String>,
    pub automatic_order_sending: Option<bool>,
    pub insurance: NewInsurance,
    pub monitoring: NewMonitoring,
    pub silent_confirmation: Option<NewSilentConfirmation>,
}

/// Whether silence is a confirmation. The field table names members without types, two of them for the
/// flag; this is the form of reads, and nobody knows whether it is taken: see [`Self::is_kept_by`].
#[derive(Debug, Clone, Serialize)]
pub struct NewSilentConfirmation {
    pub enabled: bool,
    pub time: Option<NewDuration>,
}

impl NewSilentConfirmation {
    /// Whether a contract says what was sent.
    #[must_use]
    pub fn is_kept_by(&self, contract: &Contract) -> bool {
        let terms = contract.order_terms.as_ref();
        let Some(kept) = terms.and_then(|terms| terms.silent_confirmation.as_ref()) else {
            return false;
        };
        let seconds = kept.time.as_ref().map(|time| time.value);
        let sent = self.time.as_ref().map(|time| i64::from(time.seconds()));
        kept.enabled == Some(self.enabled) && (sent.is_none() || sent == seconds)
    }
}

/// Days until the payment.
#[derive(Debug, Clone, Serialize)]
pub struct NewPaymentPeriod {
    /// How many.
    pub value: i32,
    /// `WORK` or `CALENDAR`. No answer repeats it.
    pub days_type: &'static str,
}

/// The sums for which the carrier must be insured.
#[derive(Debug, Clone, Serialize)]
pub struct NewInsurance {
    pub load: Option<NewMoney>,
    pub third_party: Option<NewMoney>,
}

/// Whether the transport must be tracked. The field table spells the flag `monitoring`, the samples
/// `required`.
#[derive(Debug, Clone, Serialize)]
pub struct NewMonitoring {
    pub required: Option<bool>,
}

/// An amount of money.
#[derive(Debug, Clone, Serialize)]
pub struct NewMoney {
    /// The amount.
    pub value: f64,
    /// ISO 4217.
    pub currency: String,
}

/// The time in which the contract is in force.
#[derive(Debug, Clone, Serialize)]
pub struct NewPeriod {
    /// The beginning.
    pub from: String,
    /// The end; open if there is none.
    pub to: Option<String>,
    /// The zone of both. No answer repeats it.
    pub timezone: String,
}

/// How much is to be carried.
#[derive(Debug, Clone, Serialize)]
pub struct NewPlan {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub unit: &'static str,
    pub value: f64,
    pub periods: Vec<NewPlannedPeriod>,
}

/// The part of a plan that falls into a time.
#[derive(Debug, Clone, Serialize)]
pub struct NewPlannedPeriod {
    pub from: String,
    pub to: String,
    pub value: i32,
}

/// What the contract pays.
#[derive(Debug, Clone, Serialize)]
#[serde(
    tag = "type",
    rename_all = "snake_case",
    rename_all_fields = "snake_case"
)]
pub enum NewPricing {
    Route {
        price: NewMoney,
        negotiable: Option<bool>,
    },
    Km {
        price: NewMoney,
        settlement_basis: &'static str,
        negotiable: Option<bool>,
    },
    Ton {
        price: NewMoney,
        settlement_basis: &'static str,
        negotiable: Option<bool>,
    },
    Pallets {
        price_list: Vec<NewPalletPrice>,
        negotiable: Option<bool>,
    },
    Linear {
        price: NewMoney,
        negotiable: Option<bool>,
    },
}

/// The rate for a number of pallets.
#[derive(Debug, Clone, Serialize)]
pub struct NewPalletPrice {
    pub range: NewPalletRange,
    pub price: NewMoney,
}

/// A number of pallets.
#[derive(Debug, Clone, Serialize)]
pub struct NewPalletRange {
    pub from: i32,
    pub to: i32,
}

/// What is paid on top; see [`crate::upstream::trans_eu::surcharge::Surcharge`].
#[derive(Debug, Clone, Serialize)]
pub struct NewSurcharge {
    pub id: Option<String>,
    pub currency: String,
    pub description: Option<String>,
    pub kind: &'static str,
    #[serde(rename = "type")]
    pub occasion: &'static str,
    pub is_global: Option<bool>,
    pub is_active: Option<bool>,
    pub schedules: Vec<NewSchedule>,
}

/// What is paid in which time.
#[derive(Debug, Clone, Serialize)]
pub struct NewSchedule {
    pub timespan: NewTimespan,
    pub data: NewRates,
}

/// A time.
#[derive(Debug, Clone, Serialize)]
pub struct NewTimespan {
    pub from: String,
    pub to: String,
}

/// The rates of a schedule.
#[derive(Debug, Clone, Serialize)]
pub struct NewRates {
    pub matrix: Vec<NewRate>,
    pub currency: Option<String>,
    pub unit: Option<&'static str>,
    pub week_days: Vec<NewWeekDay>,
}

/// A rate in percent or in money.
#[derive(Debug, Clone, Serialize)]
pub struct NewRate {
    pub unit: &'static str,
    pub value: f64,
}

/// The rates of a day of the week.
#[derive(Debug, Clone, Serialize)]
pub struct NewWeekDay {
    /// With its number: `1_monday`.
    pub id: String,
    /// By what is done.
    pub operations: Vec<NewOperationRate>,
}

/// The rate of loading or unloading.
#[derive(Debug, Clone, Serialize)]
pub struct NewOperationRate {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub value: f64,
}

impl NewFixedContract {
    fn body(&self) -> Value {
        let mut body = body(&self.terms);
        for (name, member) in parties(self.route, self.carrier, &self.contacts) {
            body[name] = member;
        }
        body["config"] = json!({ "send_to_carrier": self.send_to_carrier });
        body
    }
}

/// Makes a fixed contract and gives it back. If the answer is lost, it is looked for by its
/// reference number, if it has one, with route and carrier.
///
/// # Errors
/// The upstream refused, or its answer was lost.
pub async fn create_fixed_contract(
    session: &Arc<Session>,
    contract: &NewFixedContract,
) -> Result<Arc<Contract>, Arc<Error>> {
    let write = Write::begin(&CREATE_FIXED);
    let call = CREATE_FIXED.call(&[]).json(contract.body());
    let reply = session.send::<Contract>(call).await;
    forget(session);
    let created = reply.map(|reply| Arc::new(reply.value));
    let look = async |since| {
        let number = &contract.terms.reference_number;
        if number.is_none() {
            return Ok(None);
        }
        find_created(session, since, |found| {
            !found.is_flexible()
                && found.reference_number == *number
                && found.route.id == contract.route
                && found.carrier.company_id() == contract.carrier
        })
        .await
    };
    write.end(session, created, look).await
}

/// Puts a fixed contract in the place of one that no carrier has accepted, and gives it back.
///
/// # Errors
/// The upstream refused, or its answer was lost.
pub async fn replace_fixed_contract(
    session: &Session,
    id: ContractId,
    contract: &NewFixedContract,
) -> Result<Contract, Arc<Error>> {
    let endpoint = match session.upstreams().trans_eu_replaces_by_post {
        true => &REPLACE_FIXED_BY_POST,
        false => &REPLACE_FIXED,
    };
    let call = endpoint.call(&[&id]).json(contract.body());
    let reply = session.send::<Contract>(call).await;
    forget(session);
    Ok(reply?.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_fixed_contract_is_sent_without_empty_members() {
        let price = NewMoney {
            value: 980.0,
            currency: "EUR".to_owned(),
        };
        let contract = NewFixedContract {
            route: "ecdc9461-27c0-5b0c-8f40-b60e0566c346".parse().unwrap(),
            carrier: CompanyId(9_000_202),
            contacts: vec![802_021],
            send_to_carrier: false,
            terms: NewFixedTerms {
                order_terms: NewOrderTerms {
                    payment_period: NewPaymentPeriod {
                        value: 30,
                        days_type: "WORK",
                    },
                    additional_terms: None,
                    automatic_order_sending: None,
                    insurance: NewInsurance {
                        load: None,
                        third_party: None,
                    },
                    monitoring: NewMonitoring { required: None },
                    silent_confirmation: None,
                },
                period: NewPeriod {
                    from: "2027-01-01T00:00:00.000Z".to_owned(),
                    to: None,
                    timezone: "Europe/Warsaw".to_owned(),
                },
                planned_shipments: None,
                pricing: NewPricing::Km {
                    price,
                    settlement_basis: "distance_from_gps",
                    negotiable: None,
                },
                reference_number: None,
                surcharges: Vec::new(),
            },
        };
        assert_eq!(
            contract.body(),
            json!({
                "route": { "id": "ecdc9461-27c0-5b0c-8f40-b60e0566c346" },
                "carrier": {
                    "company": { "id": 9_000_202 },
                    "contact_persons": [{ "employee": { "account_id": 802_021 } }],
                },
                "config": { "send_to_carrier": false },
                "order_terms": { "payment_period": { "value": 30, "days_type": "WORK" } },
                "period": { "from": "2027-01-01T00:00:00.000Z", "timezone": "Europe/Warsaw" },
                "pricing": {
                    "type": "km", "settlement_basis": "distance_from_gps",
                    "price": { "value": 980, "currency": "EUR" },
                },
            })
        );
    }
}

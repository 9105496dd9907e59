//! The writes of fixed contracts.

use std::sync::Arc;

use super::{
    check::Check,
    contract,
    contract_input::{carrier, contacts},
    declare::{Blame, Entity, Graph},
    error::Error,
    fixed_contract_input::{
        ContractPeriodInput, ContractPricingInput, OrderTermsInput, PlannedShipmentsInput,
        order_terms, period, plan, pricing,
    },
    leaf::Id,
    route,
    surcharge_input::{SurchargeInput, surcharge},
};
use crate::{
    ids::ContractId,
    input_object,
    upstream::{
        self, Class, Session,
        trans_eu::contract::{
            Contract, Contracts,
            fixed::{
                NewFixedContract, NewFixedTerms, create_fixed_contract, replace_fixed_contract,
            },
        },
    },
};

input_object! {
    /// A fixed contract to be made.
    pub struct CreateFixedContractInput {
        /// The route, one of the caller's company: global id, or Trans.eu's route UUID.
        route_id: Id,
        /// The carrier: Trans.eu's company id, a number.
        carrier_company_id: Id,
        /// The carrier's people to be told: Trans.eu's account ids, numbers. (An employee's id is another number.)
        contact_account_ids: Option<Vec<Id>>,
        /// Whether the carrier gets the contract now. If not, it stays `REGISTERED`, and `replaceFixedContract` can send it later. There is no default: say it.
        send_to_carrier: bool,
        /// What is paid.
        pricing: ContractPricingInput,
        /// When the contract is in force.
        period: ContractPeriodInput,
        /// What an order made under the contract says.
        order_terms: OrderTermsInput,
        /// How much is to be carried.
        planned_shipments: Option<PlannedShipmentsInput>,
        /// The contract's number in the shipper's own system. If the answer to a create is lost, the contract is looked for by it.
        reference_number: Option<String>,
        /// What is paid on top of the rate.
        surcharges: Option<Vec<SurchargeInput>>,
    }
}

input_object! {
    /// A fixed contract as it is to be from now on. Everything that is left out is cleared.
    pub struct ReplaceFixedContractInput {
        /// The contract, one that no carrier has accepted: global id, or Trans.eu's contract UUID.
        contract_id: Id,
        /// The route of the contract: global id, or Trans.eu's route UUID.
        route_id: Id,
        /// The carrier: Trans.eu's company id, a number.
        carrier_company_id: Id,
        /// The carrier's people to be told: Trans.eu's account ids, numbers; none if left out.
        contact_account_ids: Option<Vec<Id>>,
        /// Whether the carrier gets the contract now. This is the only way to send a contract that is `REGISTERED`. There is no default: say it.
        send_to_carrier: bool,
        /// What is paid.
        pricing: ContractPricingInput,
        /// When the contract is in force.
        period: ContractPeriodInput,
        /// What an order made under the contract says.
        order_terms: OrderTermsInput,
        /// How much is to be carried; cleared if left out.
        planned_shipments: Option<PlannedShipmentsInput>,
        /// The contract's number in the shipper's own system; cleared if left out.
        reference_number: Option<String>,
        /// What is paid on top of the rate; cleared if left out.
        surcharges: Option<Vec<SurchargeInput>>,
    }
}

/// Where Trans.eu's members come from.
const MEMBERS: Blame = &[
    ("route", ROUTE),
    ("route.id", ROUTE),
    ("carrier", CARRIER),
    ("carrier.company", CARRIER),
    ("carrier.company.id", CARRIER),
    ("carrier.contact_persons", CONTACTS),
    ("carrier.contact_persons.employee", CONTACTS),
    ("carrier.contact_persons.employee.account_id", CONTACTS),
    ("config", &["input", "sendToCarrier"]),
    ("config.send_to_carrier", &["input", "sendToCarrier"]),
    ("order_terms.payment_period", PAYMENT),
    ("order_terms.payment_period.value", PAYMENT),
    (
        "order_terms.payment_period.days_type",
        &["input", "orderTerms", "paymentDaysType"],
    ),
    (
        "order_terms.insurance.load",
        &["input", "orderTerms", "loadInsurance"],
    ),
    (
        "order_terms.insurance.third_party",
        &["input", "orderTerms", "thirdPartyInsurance"],
    ),
    (
        "order_terms.monitoring.required",
        &["input", "orderTerms", "monitoringRequired"],
    ),
    ("pricing.type", PRICING),
    ("pricing.settlement_basis", PRICING),
    ("pricing.negotiable", PRICING),
    ("pricing.price", PRICING),
    ("pricing.price.value", PRICING),
    ("pricing.price.currency", PRICING),
    ("pricing.price_list", PRICING),
];
const ROUTE: &[&str] = &["input", "routeId"];
const CARRIER: &[&str] = &["input", "carrierCompanyId"];
const CONTACTS: &[&str] = &["input", "contactAccountIds"];
const PAYMENT: &[&str] = &["input", "orderTerms", "paymentPeriodDays"];
const PRICING: &[&str] = &["input", "pricing"];
const CONTRACT: &[&str] = &["input", "contractId"];

/// What the mutations give back.
struct WrittenContract {
    contract: Arc<Contract>,
    warnings: Vec<&'static str>,
}

const NOT_SILENT: &str =
    "Trans.eu took the contract but not what it was told of silent confirmation.";

/// Declares the mutations.
pub fn declare(graph: &mut Graph) {
    for (payload, description, contract) in [
        (
            "CreateFixedContractPayload",
            "The answer to `createFixedContract`.",
            "The contract: registered, or waiting for the carrier's acceptance.",
        ),
        (
            "ReplaceFixedContractPayload",
            "The answer to `replaceFixedContract`.",
            "The contract as it is now. Its counters may lag behind its status.",
        ),
    ] {
        graph.entity(
            Entity::<WrittenContract>::new(payload, description)
                .shared_object("fixedContract", "FixedContract", contract, |payload| {
                    Some(&payload.contract)
                })
                .field(
                    "warnings",
                    "What of the input Trans.eu did not take, in words for people; usually empty.",
                    |payload| {
                        payload
                            .warnings
                            .iter()
                            .map(ToString::to_string)
                            .collect::<Vec<_>>()
                    },
                ),
        );
    }
    graph.write(
        "createFixedContract",
        "Makes a fixed contract on a route and sends it to the carrier if it is told to. There is no way to delete a contract. Source: Trans.eu `POST /ext/contracts-api/v2/contracts/fixed`.",
        "CreateFixedContractPayload",
        MEMBERS,
        |session, input: CreateFixedContractInput| Box::pin(create(session, input)),
    );
    graph.write(
        "replaceFixedContract",
        "Puts a fixed contract in the place of one that no carrier has accepted: what is left out is cleared. Do not build the input from a contract that was read: Trans.eu tells neither the time zone of its period nor which days count until the payment. Trans.eu knows no conditional write: an edit that somebody made meanwhile is lost. Source: Trans.eu `PUT /ext/contracts-api/v2/contracts/fixed/{contract-id}`; its documentation also prints `POST`, which is never tried, because a write is sent once.",
        "ReplaceFixedContractPayload",
        MEMBERS,
        |session, input: ReplaceFixedContractInput| Box::pin(replace(session, input)),
    );
}

async fn create(
    session: &Arc<Session>,
    input: CreateFixedContractInput,
) -> Result<WrittenContract, Error> {
    let mut check = Check::new("input");
    let contract = new_contract(&mut check, input);
    let contract = check.finish(contract)?;
    let created = create_fixed_contract(session, &contract).await;
    Ok(looked_at(session, &contract, created.map_err(blamed)?).await)
}

async fn replace(
    session: &Arc<Session>,
    input: ReplaceFixedContractInput,
) -> Result<WrittenContract, Error> {
    let mut check = Check::new("input");
    let replacement = replacement(&mut check, input);
    let (id, contract) = check.finish(replacement)?;
    let replaced = replace_fixed_contract(session, id, &contract).await;
    let replaced = Arc::new(replaced.map_err(blamed)?);
    Ok(looked_at(session, &contract, replaced).await)
}

/// The contract that was written, and whether it says what it was told of silent confirmation. An answer
/// to a write may say less than the contract, which is then read.
async fn looked_at(
    session: &Arc<Session>,
    sent: &NewFixedContract,
    written: Arc<Contract>,
) -> WrittenContract {
    let Some(asked) = &sent.terms.order_terms.silent_confirmation else {
        return WrittenContract {
            contract: written,
            warnings: Vec::new(),
        };
    };
    let mut contract = written;
    if !asked.is_kept_by(&contract) {
        // The write is done: whatever happens now is no failure of it.
        let stored = session.load::<Contracts>(contract.id).await.ok().flatten();
        contract = stored.unwrap_or(contract);
    }
    let warnings = match asked.is_kept_by(&contract) {
        true => Vec::new(),
        false => vec![NOT_SILENT],
    };
    WrittenContract { contract, warnings }
}

fn new_contract(check: &mut Check, input: CreateFixedContractInput) -> Option<NewFixedContract> {
    let route = check.take("routeId", |path| route::read_id(&input.route_id, path));
    let carrier = carrier(check, &input.carrier_company_id);
    let contacts = contacts(check, input.contact_account_ids.as_deref());
    let surcharges = input.surcharges.unwrap_or_default();
    let terms = NewFixedTerms {
        order_terms: check.within(&["orderTerms"], |check| {
            order_terms(check, input.order_terms)
        }),
        period: check.within(&["period"], |check| period(check, input.period)),
        planned_shipments: check.part("plannedShipments", input.planned_shipments, plan),
        pricing: check.within(&["pricing"], |check| pricing(check, input.pricing)),
        reference_number: check.optional_line("referenceNumber", input.reference_number),
        surcharges: check.each("surcharges", surcharges, surcharge),
    };
    Some(NewFixedContract {
        route: route?,
        carrier: carrier?,
        contacts,
        send_to_carrier: input.send_to_carrier,
        terms,
    })
}

/// The same members, and the contract in whose place they are put.
fn replacement(
    check: &mut Check,
    input: ReplaceFixedContractInput,
) -> Option<(ContractId, NewFixedContract)> {
    let id = check.take("contractId", |path| {
        contract::read_fixed_id(&input.contract_id, path)
    });
    let contract = new_contract(
        check,
        CreateFixedContractInput {
            route_id: input.route_id,
            carrier_company_id: input.carrier_company_id,
            contact_account_ids: input.contact_account_ids,
            send_to_carrier: input.send_to_carrier,
            pricing: input.pricing,
            period: input.period,
            order_terms: input.order_terms,
            planned_shipments: input.planned_shipments,
            reference_number: input.reference_number,
            surcharges: input.surcharges,
        },
    );
    id.zip(contract)
}

/// Some answers name in words alone what they are about.
fn blamed(error: Arc<upstream::Error>) -> Error {
    let detail = error.message();
    let argument = match error.class {
        Class::NotFound if detail.starts_with("Contract with") => Some(CONTRACT),
        Class::NotFound => Some(ROUTE),
        _ if detail.contains("does not support pricing") => Some(PRICING),
        _ if detail.contains("is not updatable") => Some(CONTRACT),
        _ => None,
    };
    match argument {
        Some(path) => Error::from(error).about(path),
        None => error.into(),
    }
}

//! The writes of contracts.

use std::sync::Arc;

use super::{
    check::Check,
    declare::{Blame, Entity, Graph},
    error::Error,
    leaf::Id,
    route,
};
use crate::{
    ids::CompanyId,
    input_object,
    upstream::{
        self, Class, Session,
        trans_eu::contract::{Contract, NewFlexibleContract, create_flexible_contract},
    },
};

input_object! {
    /// An invitation of a carrier to the freights of a route. Creating it sends it to the carrier.
    pub struct CreateFlexibleContractInput {
        /// The route, one of the caller's company: global id, or Trans.eu's route UUID.
        route_id: Id,
        /// The carrier: Trans.eu's company id, a number.
        carrier_company_id: Id,
        /// The carrier's people to be told: Trans.eu's account ids, numbers. (An employee's id is another number.)
        contact_account_ids: Option<Vec<Id>>,
        /// The currency of later negotiations, an ISO 4217 code such as `EUR`. Trans.eu may answer with another one.
        currency: Option<String>,
        /// Whether the price of freights may be negotiated. Trans.eu's answers do not repeat it.
        negotiable: Option<bool>,
    }
}

/// Where Trans.eu's members of a new contract come from.
const MEMBERS: Blame = &[
    ("route", &["input", "routeId"]),
    ("route.id", &["input", "routeId"]),
    ("carrier", &["input", "carrierCompanyId"]),
    ("carrier.company", &["input", "carrierCompanyId"]),
    ("carrier.company.id", &["input", "carrierCompanyId"]),
    ("carrier.contact_persons", &["input", "contactAccountIds"]),
    (
        "carrier.contact_persons.employee",
        &["input", "contactAccountIds"],
    ),
    (
        "carrier.contact_persons.employee.account_id",
        &["input", "contactAccountIds"],
    ),
    ("pricing.price", &["input", "currency"]),
    ("pricing.price.currency", &["input", "currency"]),
    ("pricing.negotiable", &["input", "negotiable"]),
];

/// What `createFlexibleContract` gives back.
struct CreatedFlexibleContract(Arc<Contract>);

/// Declares the mutations.
pub fn declare(graph: &mut Graph) {
    graph.entity(
        Entity::<CreatedFlexibleContract>::new(
            "CreateFlexibleContractPayload",
            "The answer to `createFlexibleContract`.",
        )
        .shared_object(
            "flexibleContract",
            "FlexibleContract",
            "The contract, waiting for the carrier's acceptance.",
            |payload| Some(&payload.0),
        ),
    );
    graph.write(
        "createFlexibleContract",
        "Makes a flexible contract on a route and sends it to the carrier at once. If the answer is lost, the contract is looked for by route and carrier. Source: Trans.eu `POST /ext/contracts-api/v2/contracts/flexible`.",
        "CreateFlexibleContractPayload",
        MEMBERS,
        |session, input: CreateFlexibleContractInput| Box::pin(create(session, input)),
    );
}

async fn create(
    session: &Arc<Session>,
    input: CreateFlexibleContractInput,
) -> Result<CreatedFlexibleContract, Error> {
    let contract = read(input)?;
    let created = create_flexible_contract(session, &contract).await;
    Ok(CreatedFlexibleContract(created.map_err(blamed)?))
}

/// The only thing that the answer to this write can miss is the route.
fn blamed(error: Arc<upstream::Error>) -> Error {
    match error.class {
        Class::NotFound => Error::from(error).about(&["input", "routeId"]),
        _ => error.into(),
    }
}

fn read(input: CreateFlexibleContractInput) -> Result<NewFlexibleContract, Error> {
    let mut check = Check::new("input");
    let route = check.take("routeId", |path| route::read_id(&input.route_id, path));
    let carrier = carrier(&mut check, &input.carrier_company_id);
    let contacts = contacts(&mut check, input.contact_account_ids.as_deref());
    let currency = input.currency;
    let currency = currency.map(|code| check.currency("currency", code));
    let contract = route
        .zip(carrier)
        .map(|(route, carrier)| NewFlexibleContract {
            route,
            carrier,
            contacts,
            currency,
            negotiable: input.negotiable,
        });
    check.finish(contract)
}

/// The carrier that the input's `carrierCompanyId` names.
pub fn carrier(check: &mut Check, id: &Id) -> Option<CompanyId> {
    check.integer("carrierCompanyId", id).map(CompanyId)
}

/// The accounts that the input's `contactAccountIds` name.
pub fn contacts(check: &mut Check, ids: Option<&[Id]>) -> Vec<i64> {
    let ids = ids.unwrap_or_default().iter().enumerate();
    check.within(&["contactAccountIds"], |check| {
        ids.filter_map(|(at, id)| check.integer(&at.to_string(), id))
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{identity::Service, upstream::error_body::ErrorBody};

    fn input() -> CreateFlexibleContractInput {
        CreateFlexibleContractInput {
            route_id: Id("3fa85f64-5717–4562-b3fc-2c963f66afa6".to_owned()),
            carrier_company_id: Id("9000202".to_owned()),
            contact_account_ids: Some(vec![Id("802021".to_owned())]),
            currency: Some("eur".to_owned()),
            negotiable: None,
        }
    }

    fn blamed_arguments(input: CreateFlexibleContractInput) -> Vec<String> {
        let path = |error: &Error| match error {
            Error::Argument { argument, .. } => argument.join("."),
            other => panic!("{other:?}"),
        };
        let wrong = read(input).err();
        wrong.map_or_else(Vec::new, |wrong| wrong.each().iter().map(path).collect())
    }

    #[test]
    fn ids_are_read_as_people_paste_them() {
        let contract = read(input()).ok().unwrap();
        assert_eq!(
            contract.route.to_string(),
            "3fa85f64-5717-4562-b3fc-2c963f66afa6"
        );
        assert_eq!(contract.carrier, CompanyId(9_000_202));
        assert_eq!(contract.contacts, [802_021]);
    }

    #[test]
    fn what_cannot_be_right_is_blamed_on_its_argument_all_at_once() {
        let wrong = CreateFlexibleContractInput {
            route_id: Id("../routes".to_owned()),
            carrier_company_id: Id("9000202-1".to_owned()),
            contact_account_ids: Some(["1", "x", "y"].map(|id| Id(id.to_owned())).into()),
            currency: Some("euro".to_owned()),
            negotiable: None,
        };
        let arguments = [
            "input.routeId",
            "input.carrierCompanyId",
            "input.contactAccountIds.1",
            "input.contactAccountIds.2",
            "input.currency",
        ];
        assert_eq!(blamed_arguments(wrong), arguments);
        for bad in ["", "euro", "1_eur", "eu1", "€€€"] {
            let currency = CreateFlexibleContractInput {
                currency: Some(bad.to_owned()),
                ..input()
            };
            assert_eq!(blamed_arguments(currency), ["input.currency"], "{bad}");
        }
    }

    #[test]
    fn what_the_upstream_complains_about_is_led_back_to_its_argument() {
        for (complaint, argument) in [
            ("route.id must be a UUID", "routeId"),
            ("carrier.company.id must be an integer", "carrierCompanyId"),
            (
                "carrier.contact_persons.0.employee.account_id must be an integer",
                "contactAccountIds",
            ),
            ("pricing.price.currency must be a string", "currency"),
        ] {
            let body = serde_json::json!({ "message": [complaint], "statusCode": 400 });
            let body = ErrorBody::read(None, body.to_string().as_bytes());
            let error = upstream::Error::from_answer(Service::TransEu, 400, None, None, body);
            match Error::from(error).of_write(MEMBERS, &|_| false) {
                Error::Upstream {
                    argument: Some(found),
                    ..
                } => assert_eq!(found, ["input", argument]),
                other => panic!("{complaint}: {other:?}"),
            }
        }
    }
}

//! The write of how freight is shared among the carriers of a route.

use std::{collections::HashSet, sync::Arc};

use super::{
    contract,
    declare::{Blame, Entity, Graph, Link},
    error::Error,
    leaf::Id,
    place::Place,
    route,
    route_parts::BalancingType,
};
use crate::{
    ids::{ContractId, RouteId},
    input_object, one_of_input,
    upstream::{
        self, Class, Session,
        trans_eu::{
            balancing::BalanceResult,
            contract::ContractsOfRoute,
            route::{
                Routes,
                writing::{NewBalancing, NewFreightLimit, NewShare, balance_route},
            },
        },
    },
};

input_object! {
    /// How freight is to be shared among the carriers of a route.
    pub struct BalanceRouteInput {
        /// The route: global id, or Trans.eu's route UUID.
        route_id: Id,
        /// The way of sharing. The route's `balancing.allowedTypes` says which ones Trans.eu takes.
        balancing: RouteBalancingInput,
    }
}

one_of_input! {
    /// A way of sharing freight: exactly one of these.
    pub enum RouteBalancingInput {
        /// `true`: by hand.
        Manual(bool),
        /// `true`: by what the contracts say.
        ContractCondition(bool),
        /// `true`: the cheapest first. Not on a route with a flexible contract, which has no price.
        PriceAscending(bool),
        /// Within a least and a largest share.
        FreightLimit(FreightLimitInput),
        /// By the share of each contract on the route. The shares make 100 together.
        PercentageShare(Vec<ContractShareInput>),
    }
}

input_object! {
    /// A least and a largest share, in percent.
    pub struct FreightLimitInput {
        /// The least share: 0 to 100.
        min: i32,
        /// The largest share: 0 to 100, and not less than `min`.
        max: i32,
    }
}

input_object! {
    /// The share of a contract.
    pub struct ContractShareInput {
        /// The contract, one on the route: global id, or Trans.eu's contract UUID.
        contract_id: Id,
        /// Its share in percent.
        percentage_share: f64,
    }
}

/// Where Trans.eu's members come from.
const MEMBERS: Blame = &[
    ("balancing_type", &["input", "balancing"]),
    ("contracts", SHARES),
    ("contracts.contract_id", SHARES),
    ("contracts.percentage_share", SHARES),
    ("freight_limit", LIMIT),
    ("freight_limit.min", LIMIT),
    ("freight_limit.max", LIMIT),
];
const SHARES: &[&str] = &["input", "balancing", "percentageShare"];
const LIMIT: &[&str] = &["input", "balancing", "freightLimit"];

/// What `balanceRoute` gives back.
struct BalancedRoute {
    route: RouteId,
    answer: BalanceResult,
}

/// Declares the mutation.
pub fn declare(graph: &mut Graph) {
    graph.entity(payload());
    graph.write(
        "balanceRoute",
        "Sets how freight is shared among the carriers of a route. CONFLICT if the route does not allow the way of sharing, or if a contract is not on it. Source: Trans.eu `POST /ext/contracts-api/v2/routes/{route-id}/balance`.",
        "BalanceRoutePayload",
        MEMBERS,
        |session, input: BalanceRouteInput| Box::pin(balance(session, input)),
    );
}

fn payload() -> Entity<BalancedRoute> {
    Entity::<BalancedRoute>::new("BalanceRoutePayload", "The answer to `balanceRoute`.")
        .word(["type", "rawType"], "The way of sharing, as Trans.eu answered it.", |payload| payload.answer.balancing_type.as_deref(), BalancingType::parse)
        .optional("freightLimit", "FreightLimit", "The limits, as Trans.eu answered them; only of `FREIGHT_LIMIT`.", |payload| payload.answer.freight_limit.as_ref())
        .link(
            "route",
            "The route, read anew by one call, because the answer is not the route. If that read fails, the change still took place.",
            Link::<_, Routes>::to("Route", |payload: &BalancedRoute, _| Ok(Some(payload.route))),
        )
        .link(
            "contracts",
            "The contracts on the route with their shares, read anew from the list of all contracts.",
            Link::<_, ContractsOfRoute>::to(contract::interface(), |payload: &BalancedRoute, _| Ok(Some(payload.route))).each(Vec::clone),
        )
}

async fn balance(session: &Session, input: BalanceRouteInput) -> Result<BalancedRoute, Error> {
    let (route, balancing) = checked(input)?;
    let answer = balance_route(session, route, &balancing).await;
    let answer = answer.map_err(blamed)?;
    Ok(BalancedRoute { route, answer })
}

/// What the answer misses is the route; what it finds to contradict something is the choice.
fn blamed(error: Arc<upstream::Error>) -> Error {
    let argument: Option<&[&str]> = match (error.class, error.status) {
        (Class::NotFound, _) => Some(&["input", "routeId"]),
        (Class::Conflict, Some(409)) => Some(SHARES),
        (Class::Conflict, _) => Some(&["input", "balancing"]),
        _ => None,
    };
    match argument {
        Some(path) => Error::from(error).about(path),
        None => error.into(),
    }
}

fn checked(input: BalanceRouteInput) -> Result<(RouteId, NewBalancing), Error> {
    let route = route::read_id(&input.route_id, &["input", "routeId"])?;
    let place = Place::input().field("balancing");
    let balancing = match input.balancing {
        RouteBalancingInput::Manual(flag) => {
            place.field("manual").chosen(flag)?;
            NewBalancing::Manual
        }
        RouteBalancingInput::ContractCondition(flag) => {
            place.field("contractCondition").chosen(flag)?;
            NewBalancing::ContractCondition
        }
        RouteBalancingInput::PriceAscending(flag) => {
            place.field("priceAscending").chosen(flag)?;
            NewBalancing::PriceAscending
        }
        RouteBalancingInput::FreightLimit(limit) => NewBalancing::FreightLimit {
            freight_limit: freight_limit(&limit, &place.field("freightLimit"))?,
        },
        RouteBalancingInput::PercentageShare(shares) => NewBalancing::PercentageShare {
            contracts: read_shares(&shares, &place.field("percentageShare"))?,
        },
    };
    Ok((route, balancing))
}

fn freight_limit(limit: &FreightLimitInput, place: &Place) -> Result<NewFreightLimit, Error> {
    for (name, value) in [("min", limit.min), ("max", limit.max)] {
        place.field(name).require(
            (0..=100).contains(&value),
            "A share is from 0 to 100 percent.",
        )?;
    }
    place.require(limit.min <= limit.max, "`min` is not more than `max`.")?;
    Ok(NewFreightLimit {
        min: limit.min,
        max: limit.max,
    })
}

fn read_shares(shares: &[ContractShareInput], place: &Place) -> Result<Vec<NewShare>, Error> {
    let mut seen: HashSet<ContractId> = HashSet::new();
    let read = shares.iter().enumerate().map(|(at, share)| {
        let place = place.item(at);
        let id_place = place.field("contractId");
        let contract_id = contract::read_id(&share.contract_id, &id_place.path())?;
        id_place.require(
            seen.insert(contract_id),
            "This contract has a share already.",
        )?;
        let share_place = place.field("percentageShare");
        Ok(NewShare {
            contract_id,
            percentage_share: share_place.within(share.percentage_share, 0.0, 100.0)?,
        })
    });
    let read: Vec<NewShare> = read.collect::<Result<_, Error>>()?;
    let total: f64 = read.iter().map(|share| share.percentage_share).sum();
    // Shares such as 33.3 + 33.3 + 33.4 have no exact sum in binary.
    let is_whole = (total - 100.0).abs() < 1e-6;
    place.require(
        is_whole,
        format!("The shares make {total} together, not 100."),
    )?;
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "ecdc9461-27c0-5b0c-8f40-b60e0566c346";
    const OTHER: &str = "3fa85f64-5717-4562-b3fc-2c963f66afa6";

    fn shares(shares: &[(&str, f64)]) -> Result<usize, String> {
        let shares: Vec<_> = shares
            .iter()
            .map(|(id, share)| ContractShareInput {
                contract_id: Id((*id).to_owned()),
                percentage_share: *share,
            })
            .collect();
        let read = read_shares(&shares, &Place::input());
        read.map(|read| read.len()).map_err(|error| {
            format!(
                "{:?} {}",
                error.extensions().get("argument"),
                error.message()
            )
        })
    }

    #[test]
    fn shares_make_a_hundred_and_no_contract_has_two() {
        assert_eq!(shares(&[(ONE, 33.3), (OTHER, 66.7)]), Ok(2));
        assert_eq!(shares(&[(ONE, 100.0)]), Ok(1));
        for wrong in [
            vec![],
            vec![(ONE, 99.0)],
            vec![(ONE, 50.0), (ONE, 50.0)],
            vec![(ONE, 150.0), (OTHER, -50.0)],
            vec![("x", 100.0)],
        ] {
            assert!(shares(&wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn limits_are_percentages_in_order() {
        let limit = |min, max| freight_limit(&FreightLimitInput { min, max }, &Place::input());
        assert!(limit(10, 60).is_ok() && limit(0, 100).is_ok() && limit(5, 5).is_ok());
        assert!(limit(60, 10).is_err() && limit(-1, 10).is_err() && limit(10, 101).is_err());
    }
}

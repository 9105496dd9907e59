//! The write of how freight is shared among the carriers of a route.

use std::{collections::HashSet, sync::Arc};

use super::{
    check::Check,
    contract,
    declare::{Blame, Entity, Graph, Link},
    error::Error,
    leaf::Id,
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
    let mut check = Check::new("input");
    let route = check.take("routeId", |path| route::read_id(&input.route_id, path));
    let balancing = check.within(&["balancing"], |check| {
        new_balancing(check, input.balancing)
    });
    check.finish(route.map(|route| (route, balancing)))
}

fn new_balancing(check: &mut Check, balancing: RouteBalancingInput) -> NewBalancing {
    match balancing {
        RouteBalancingInput::Manual(flag) => {
            check.chosen("manual", flag);
            NewBalancing::Manual
        }
        RouteBalancingInput::ContractCondition(flag) => {
            check.chosen("contractCondition", flag);
            NewBalancing::ContractCondition
        }
        RouteBalancingInput::PriceAscending(flag) => {
            check.chosen("priceAscending", flag);
            NewBalancing::PriceAscending
        }
        RouteBalancingInput::FreightLimit(limit) => NewBalancing::FreightLimit {
            freight_limit: check.within(&["freightLimit"], |check| freight_limit(check, &limit)),
        },
        RouteBalancingInput::PercentageShare(shares) => NewBalancing::PercentageShare {
            contracts: read_shares(check, &shares),
        },
    }
}

fn freight_limit(check: &mut Check, limit: &FreightLimitInput) -> NewFreightLimit {
    for (name, value) in [("min", limit.min), ("max", limit.max)] {
        let is_share = (0..=100).contains(&value);
        check.require(name, is_share, "A share is from 0 to 100 percent.");
    }
    if limit.min > limit.max {
        check.refuse_all("`min` is not more than `max`.");
    }
    NewFreightLimit {
        min: limit.min,
        max: limit.max,
    }
}

fn read_shares(check: &mut Check, shares: &[ContractShareInput]) -> Vec<NewShare> {
    let mut seen: HashSet<ContractId> = HashSet::new();
    let read = check.each("percentageShare", shares, |check, share| {
        let percentage_share = share.percentage_share;
        check.number("percentageShare", Some(percentage_share), 0.0..=100.0);
        let contract_id = check.take("contractId", |path| {
            contract::read_id(&share.contract_id, path)
        })?;
        let is_new = seen.insert(contract_id);
        check.require("contractId", is_new, "This contract has a share already.");
        Some(NewShare {
            contract_id,
            percentage_share,
        })
    });
    let total: f64 = shares.iter().map(|share| share.percentage_share).sum();
    // Shares such as 33.3 + 33.3 + 33.4 have no exact sum in binary.
    let is_whole = (total - 100.0).abs() < 1e-6;
    let why = format!("The shares make {total} together, not 100.");
    check.require("percentageShare", is_whole, why);
    read.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "ecdc9461-27c0-5b0c-8f40-b60e0566c346";
    const OTHER: &str = "3fa85f64-5717-4562-b3fc-2c963f66afa6";

    fn shares(shares: &[(&str, f64)]) -> Result<usize, Error> {
        let shares: Vec<_> = shares
            .iter()
            .map(|(id, share)| ContractShareInput {
                contract_id: Id((*id).to_owned()),
                percentage_share: *share,
            })
            .collect();
        let mut check = Check::new("input");
        let read = read_shares(&mut check, &shares);
        check.finish(Some(read.len()))
    }

    #[test]
    fn shares_make_a_hundred_and_no_contract_has_two() {
        assert_eq!(shares(&[(ONE, 33.3), (OTHER, 66.7)]).unwrap(), 2);
        assert_eq!(shares(&[(ONE, 100.0)]).unwrap(), 1);
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
        let limit = |min, max| {
            let mut check = Check::new("input");
            let limit = freight_limit(&mut check, &FreightLimitInput { min, max });
            check.finish(Some(limit))
        };
        assert!(limit(10, 60).is_ok() && limit(0, 100).is_ok() && limit(5, 5).is_ok());
        assert!(limit(60, 10).is_err() && limit(-1, 10).is_err() && limit(10, 101).is_err());
    }
}

//! What was carried on a route, and its counters.

use super::{
    contract_parts::by_status,
    declare::{Entity, Graph},
    scalars::Decimal,
};
use crate::upstream::trans_eu::route::{
    AwaitingTransports, RealizedTransports, RouteContractCounts, RouteStats, RouteTransports,
    ShipmentsSummary,
};

/// Declares the types.
pub fn declare(graph: &mut Graph) {
    graph.entity(
        Entity::<ShipmentsSummary>::new("ShipmentsSummary", "What was carried on a route so far.")
            .count("amount", "How many shipments.", |summary| summary.amount)
            .optional("weight", "Measure", "How much in all.", |summary| {
                summary.weight.as_ref()
            })
            .optional("distance", "Measure", "How far in all.", |summary| {
                summary.distance.as_ref()
            })
            .objects(
                "price",
                "Money",
                "For how much money: one amount per currency.",
                |summary| &summary.price,
            ),
    );
    graph.entity(
        Entity::<RouteStats>::new("RouteStats", "Counters of a route; they lag behind.")
            .optional(
                "contracts",
                "RouteContractCounts",
                "The contracts on the route, counted.",
                |stats| stats.contracts.as_ref(),
            )
            .optional(
                "transports",
                "RouteTransports",
                "The transports on the route, counted.",
                |stats| stats.transports.as_ref(),
            ),
    );
    graph.entity(contract_counts());
    transports(graph);
}

fn contract_counts() -> Entity<RouteContractCounts> {
    let counts = Entity::<RouteContractCounts>::new(
        "RouteContractCounts",
        "The contracts on a route, counted by kind and by status.",
    )
    .count("fixed", "Fixed contracts.", |counts| counts.fixed)
    .count("flexible", "Flexible contracts.", |counts| counts.flexible);
    by_status(counts).count(
        "finishedPreviouslyAccepted",
        "Over, after having been accepted.",
        |counts| counts.finished_previously_accepted,
    )
}

fn transports(graph: &mut Graph) {
    graph.entity(
        Entity::<RouteTransports>::new("RouteTransports", "The transports on a route.")
            .optional(
                "realized",
                "RealizedTransports",
                "Those that took place.",
                |transports| transports.realized.as_ref(),
            )
            .optional(
                "awaiting",
                "AwaitingTransports",
                "Those to come.",
                |transports| transports.awaiting.as_ref(),
            ),
    );
    graph.entity(
        Entity::<RealizedTransports>::new("RealizedTransports", "Transports that took place.")
            .field(
                "averagePrice",
                "The average price. Trans.eu does not say in which currency.",
                |transports| transports.average_price.map(Decimal),
            )
            .count("count", "How many.", |transports| transports.count),
    );
    graph.entity(
        Entity::<AwaitingTransports>::new("AwaitingTransports", "Transports to come.")
            .field(
                "medianPrice",
                "The median price. Trans.eu does not say in which currency.",
                |transports| transports.median_price.map(Decimal),
            )
            .count("count", "How many.", |transports| transports.count),
    );
}

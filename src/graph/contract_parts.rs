//! The parts of a contract.

use super::declare::{Entity, Graph};
use crate::{
    open_enum,
    upstream::trans_eu::{
        code::Code,
        contract::{
            ContractFamilyCounts, ContractOffers, ContractStats, ContractTransports,
            CountedByStatus,
        },
        pricing::{PalletPrice, Pricing},
        terms::{OrderTerms, PlannedPeriod, PlannedShipments, TimedSwitch},
    },
};

open_enum! {
    /// What a rate is per.
    pub enum PricingType {
        /// No rate: only flexible contracts.
        NoRate = "no_rate",
        /// Per haul.
        Route = "route",
        /// Per kilometre.
        Km = "km",
        /// Per tonne.
        Ton = "ton",
        /// By the number of pallets; see `priceList`.
        Pallets = "pallets",
        /// Linear.
        Linear = "linear",
        .. /// A type that this schema does not know; see `rawType`.
        Other,
    }
}

open_enum! {
    /// Which distance or weight is paid for.
    pub enum SettlementBasis {
        /// The distance in the terms of the order.
        DistanceDeclaredInOrderTerms = "distance_declared_in_order_terms",
        /// The distance that the carrier states.
        DistanceDeclaredByCarrier = "distance_declared_by_carrier",
        /// The distance that was measured by satellite.
        DistanceFromGps = "distance_from_gps",
        /// The weight at the place of loading.
        Loading = "loading",
        /// The weight at the place of unloading.
        Unloading = "unloading",
        .. /// A basis that this schema does not know; see `rawSettlementBasis`.
        Other,
    }
}

open_enum! {
    /// How binding a plan is.
    pub enum PlannedShipmentsType {
        /// So much is promised.
        Required = "required",
        /// So much is expected.
        Expected = "expected",
        /// Not more than this.
        NoMoreThan = "no_more_than",
        .. /// A type that this schema does not know; see `rawType`.
        Other,
    }
}

open_enum! {
    /// What a plan counts.
    pub enum PlannedShipmentsUnit {
        /// Shipments.
        Shipment = "shipment",
        /// Tonnes.
        Ton = "ton",
        /// Kilometres.
        Km = "km",
        .. /// A unit that this schema does not know; see `rawUnit`.
        Other,
    }
}

/// Declares the types.
pub fn declare(graph: &mut Graph) {
    pricing(graph);
    terms(graph);
    plan(graph);
    stats(graph);
}

fn pricing(graph: &mut Graph) {
    graph.entity(
        Entity::<Pricing>::new("ContractPricing", "What a contract pays.")
            .word(["type", "rawType"], "What the rate is per.", |pricing| pricing.kind.as_ref().map(Code::raw), PricingType::parse)
            .optional("price", "Money", "The rate. A flexible contract has only its currency; a rate by pallets is in `priceList`.", |pricing| pricing.price.as_ref())
            .field("negotiable", "Whether the price may be negotiated; null if Trans.eu does not say, as with flexible contracts.", |pricing| pricing.negotiable)
            .word(["settlementBasis", "rawSettlementBasis"], "Which distance or weight is paid for; only of `KM` and `TON`.", |pricing| pricing.settlement_basis.as_ref().map(Code::raw), SettlementBasis::parse)
            .objects("priceList", "PalletPrice", "The rates by the number of pallets; only of `PALLETS`.", |pricing| &pricing.price_list)
            .optional("fuelBasePrice", "Money", "The price of fuel on which the rate is based.", |pricing| pricing.fuel_base_price.as_ref()),
    );
    graph.entity(
        Entity::<PalletPrice>::new("PalletPrice", "The rate for a number of pallets.")
            .count("from", "The least number of pallets.", |price| {
                price.range.as_ref()?.from
            })
            .count("to", "The largest number of pallets.", |price| {
                price.range.as_ref()?.to
            })
            .optional("price", "Money", "The rate.", |price| price.price.as_ref())
            .optional(
                "fuelBasePrice",
                "Money",
                "The price of fuel on which the rate is based.",
                |price| price.fuel_base_price.as_ref(),
            ),
    );
}

fn terms(graph: &mut Graph) {
    graph.entity(
        Entity::<OrderTerms>::new("OrderTerms", "What an order made under a contract says.")
            .field("monitoringRequired", "Whether the transport must be tracked.", |terms| terms.monitoring.as_ref()?.required)
            .text("additionalTerms", "Further terms in free text.", |terms| terms.additional_terms.as_ref())
            .optional("loadInsurance", "Money", "For how much the carrier must insure the load.", |terms| terms.insurance.as_ref()?.load.as_ref())
            .optional("thirdPartyInsurance", "Money", "For how much the carrier must be insured against claims of others.", |terms| terms.insurance.as_ref()?.third_party.as_ref())
            .field("automaticOrderSending", "Whether the carrier's acceptance of a freight makes a confirmed order.", |terms| terms.automatic_order_sending)
            .count("paymentPeriodDays", "Days until the payment. Whether they are working days is told by no answer of Trans.eu.", |terms| terms.payment_period.as_ref()?.value)
            .optional("silentConfirmation", "TimedSwitch", "Whether an order counts as confirmed when the carrier is silent.", |terms| terms.silent_confirmation.as_ref())
            .optional("autoresponder", "TimedSwitch", "Whether the carrier is answered by a machine.", |terms| terms.autoresponder.as_ref()),
    );
    graph.entity(
        Entity::<TimedSwitch>::new(
            "TimedSwitch",
            "Something that happens by itself after a time, if it is switched on.",
        )
        .field("enabled", "Whether it is switched on.", |switch| {
            switch.enabled
        })
        .optional("time", "Duration", "After how long.", |switch| {
            switch.time.as_ref()
        }),
    );
}

fn plan(graph: &mut Graph) {
    graph.entity(
        Entity::<PlannedShipments>::new(
            "PlannedShipments",
            "How much is to be carried under a contract.",
        )
        .word(
            ["type", "rawType"],
            "How binding the plan is.",
            |plan| plan.kind.as_deref(),
            PlannedShipmentsType::parse,
        )
        .word(
            ["unit", "rawUnit"],
            "What is counted.",
            |plan| plan.unit.as_deref(),
            PlannedShipmentsUnit::parse,
        )
        .field("value", "How much in all.", |plan| plan.value)
        .objects(
            "periods",
            "PlannedPeriod",
            "How much in which time.",
            |plan| &plan.periods,
        ),
    );
    graph.entity(
        Entity::<PlannedPeriod>::new(
            "PlannedPeriod",
            "The part of a plan that falls into a time.",
        )
        .instant("from", "The beginning.", |period| period.from.as_ref())
        .instant("to", "The end.", |period| period.to.as_ref())
        .field("value", "How much.", |period| period.value),
    );
}

fn stats(graph: &mut Graph) {
    graph.entity(
        Entity::<ContractStats>::new(
            "ContractStats",
            "Counters of a contract; they lag behind its status.",
        )
        .optional(
            "transports",
            "ContractTransports",
            "The transports under the contract.",
            |stats| stats.transports.as_ref(),
        )
        .optional(
            "offers",
            "ContractOffers",
            "The offers made to the carrier.",
            |stats| stats.offers.as_ref(),
        )
        .optional(
            "baseContract",
            "ContractFamilyCounts",
            "The contract and all its annexes, counted by status: the sum may exceed 1.",
            |stats| stats.base_contract.as_ref(),
        ),
    );
    graph.entity(
        Entity::<ContractTransports>::new("ContractTransports", "The transports under a contract.")
            .count("realized", "How many took place.", |transports| {
                transports.realized
            })
            .field(
                "averagePerMonth",
                "How many take place in a month.",
                |transports| transports.average_per_month,
            )
            .count("awaiting", "How many are to come.", |transports| {
                transports.awaiting
            }),
    );
    graph.entity(
        Entity::<ContractOffers>::new("ContractOffers", "The offers made to a carrier under a contract.")
            .count("accepted", "How many were accepted.", |offers| offers.accepted)
            .count("total", "How many were made.", |offers| offers.total)
            .field("acceptanceRate", "The rate of acceptance. Trans.eu does not say whether it is a ratio, a percentage or a count.", |offers| offers.acceptance_rate),
    );
    graph.entity(family());
}

fn family() -> Entity<ContractFamilyCounts> {
    let family = Entity::<ContractFamilyCounts>::new(
        "ContractFamilyCounts",
        "A contract and its annexes, counted by status.",
    );
    by_status(family)
}

/// Adds the counters of contracts by status.
pub fn by_status<V: CountedByStatus>(entity: Entity<V>) -> Entity<V> {
    entity
        .count(
            "registered",
            "Saved and not sent to the carrier.",
            |value| value.by_status().registered,
        )
        .count(
            "waitingForAcceptance",
            "Sent; the carrier must answer.",
            |value| value.by_status().waiting_for_acceptance,
        )
        .count(
            "waitingForInitialCarrierOffer",
            "Sent without a price; the carrier must name one.",
            |value| value.by_status().waiting_for_initial_carrier_offer,
        )
        .count(
            "waitingForShipperOffer",
            "In negotiation; it is the shipper's turn.",
            |value| value.by_status().waiting_for_shipper_offer,
        )
        .count(
            "waitingForCarrierOffer",
            "In negotiation; it is the carrier's turn.",
            |value| value.by_status().waiting_for_carrier_offer,
        )
        .count("refused", "Refused by the carrier.", |value| {
            value.by_status().refused
        })
        .count("accepted", "Accepted, and not in force yet.", |value| {
            value.by_status().accepted
        })
        .count("active", "Accepted and in force.", |value| {
            value.by_status().active
        })
        .count("finished", "Over.", |value| value.by_status().finished)
}

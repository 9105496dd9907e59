//! Surcharges of fixed contracts.

use super::{
    declare::{Entity, Graph},
    leaf::Id,
    route_parts::OperationType,
    scalars::Decimal,
};
use crate::{
    open_enum,
    upstream::trans_eu::surcharge::{
        OperationRate, Surcharge, SurchargeRate, SurchargeSchedule, WeekDayRates,
    },
};

open_enum! {
    /// What a surcharge is for. Trans.eu calls it `type`.
    pub enum SurchargeType {
        /// A further stop.
        AdditionalStop = "additional_stop",
        /// The price of fuel.
        Baf = "baf",
        /// The exchange of pallets.
        PalletsExchange = "pallets_exchange",
        /// The day of the week.
        WeekDay = "week_day",
        .. /// Something that this schema does not know; see `rawType`.
        Other,
    }
}

open_enum! {
    /// How a surcharge is computed.
    pub enum SurchargeKind {
        /// From a table.
        Grid = "grid",
        /// In proportion.
        Linear = "linear",
        /// As a fixed amount.
        Value = "value",
        .. /// A way that this schema does not know; see `rawKind`.
        Other,
    }
}

open_enum! {
    /// What the number of a surcharge is.
    pub enum SurchargeUnit {
        /// Percent of the rate.
        Percentage = "percentage",
        /// Money.
        Value = "value",
        .. /// A unit that this schema does not know; see `rawUnit`.
        Other,
    }
}

open_enum! {
    /// A day of the week.
    pub enum WeekDay {
        /// Monday.
        Monday = "monday",
        /// Tuesday.
        Tuesday = "tuesday",
        /// Wednesday.
        Wednesday = "wednesday",
        /// Thursday.
        Thursday = "thursday",
        /// Friday.
        Friday = "friday",
        /// Saturday.
        Saturday = "saturday",
        /// Sunday.
        Sunday = "sunday",
        .. /// A day that this schema does not know, such as a holiday; see `rawDay`.
        Other,
    }
}

/// Declares the types.
pub fn declare(graph: &mut Graph) {
    graph.entity(surcharge());
    graph.entity(
        Entity::<SurchargeSchedule>::new("SurchargeSchedule", "What a surcharge is in a time.")
            .optional("timespan", "Period", "The time.", |schedule| {
                schedule.timespan.as_ref()
            })
            .objects(
                "matrix",
                "SurchargeRate",
                "The rates; empty for surcharges by the day of the week.",
                |schedule| schedule.data.as_ref().map_or(&[], |data| &data.matrix),
            )
            .text(
                "currency",
                "The currency of the rates, an upper-case ISO 4217 code.",
                |schedule| schedule.data.as_ref()?.currency.as_ref(),
            )
            .word(
                ["unit", "rawUnit"],
                "What the numbers of `weekDays` are.",
                |schedule| schedule.data.as_ref()?.unit.as_deref(),
                SurchargeUnit::parse,
            )
            .objects(
                "weekDays",
                "WeekDayRates",
                "The rates by the day of the week; empty for other surcharges.",
                |schedule| schedule.data.as_ref().map_or(&[], |data| &data.week_days),
            ),
    );
    rates(graph);
}

fn surcharge() -> Entity<Surcharge> {
    Entity::<Surcharge>::new("Surcharge", "What is paid on top of a contract's rate.")
        .field(
            "upstreamId",
            "Trans.eu's id of the surcharge, a UUID.",
            |surcharge| Id::of(&surcharge.id),
        )
        .word(
            ["type", "rawType"],
            "What the surcharge is for.",
            |surcharge| surcharge.occasion.as_deref(),
            SurchargeType::parse,
        )
        .word(
            ["kind", "rawKind"],
            "How it is computed.",
            |surcharge| surcharge.kind.as_deref(),
            SurchargeKind::parse,
        )
        .text(
            "currency",
            "The currency, an upper-case ISO 4217 code.",
            |surcharge| surcharge.currency.as_ref(),
        )
        .text("description", "What people call it.", |surcharge| {
            surcharge.description.as_ref()
        })
        .field(
            "isGlobal",
            "Whether it applies to all contracts of the shipper.",
            |surcharge| surcharge.is_global,
        )
        .field("isActive", "Whether it is in use.", |surcharge| {
            surcharge.is_active
        })
        .objects(
            "schedules",
            "SurchargeSchedule",
            "What is paid in which time.",
            |surcharge| &surcharge.schedules,
        )
}

fn rates(graph: &mut Graph) {
    graph.entity(
        Entity::<SurchargeRate>::new("SurchargeRate", "A rate, in percent or in money.")
            .word(
                ["unit", "rawUnit"],
                "What the number is.",
                |rate| rate.unit.as_deref(),
                SurchargeUnit::parse,
            )
            .field("value", "The number.", |rate| rate.value.map(Decimal)),
    );
    graph.entity(
        Entity::<WeekDayRates>::new("WeekDayRates", "The rates of a day of the week.")
            .word(
                ["day", "rawDay"],
                "The day.",
                |rates| rates.id.as_deref(),
                WeekDay::parse,
            )
            .objects(
                "operations",
                "OperationRate",
                "The rates by what is done.",
                |rates| &rates.operations,
            ),
    );
    graph.entity(
        Entity::<OperationRate>::new("OperationRate", "The rate of loading or of unloading.")
            .word(
                ["type", "rawType"],
                "What is done.",
                |rate| rate.kind.as_deref(),
                OperationType::parse,
            )
            .field("value", "The number.", |rate| rate.value.map(Decimal)),
    );
}

//! How Trans.eu's words, numbers and measures are shown.

use super::{
    declare::{Entity, Graph},
    leaf::{Id, Leaf},
    scalars::{DateTime, Decimal},
};
use crate::{
    open_enum,
    upstream::{
        lenient::without_prefix,
        trans_eu::{
            measure::{Duration, Measure, Money, Range},
            terms::Period,
        },
    },
};

open_enum! {
    /// A unit of measure.
    pub enum MeasureUnit {
        /// Kilometres.
        Km = "km",
        /// Metres.
        M = "m",
        /// Cubic metres.
        M3 = "m3",
        /// Tonnes.
        T = "t",
        /// Loading metres: length of the loading space, over its whole width.
        Ldm = "ldm",
        .. /// A unit that this schema does not know; see `rawUnit`.
        Other,
    }
}

open_enum! {
    /// The unit in which a person entered a length of time.
    pub enum DurationUnit {
        /// Minutes.
        Min = "min",
        /// Hours.
        H = "h",
        .. /// A unit that this schema does not know; see `rawEnteredUnit`.
        Other,
    }
}

impl<V: Send + Sync + 'static> Entity<V> {
    /// A word of an upstream's dictionary: as an open enum, and beside it as it was printed.
    pub fn word<E: Leaf>(
        self,
        [name, raw_name]: [&'static str; 2],
        description: &'static str,
        read: fn(&V) -> Option<&str>,
        parse: fn(&str) -> E,
    ) -> Self {
        self.field(name, description, move |value| {
            read(value).map(|word| parse(without_prefix(word)))
        })
        .field(
            raw_name,
            "The same as the upstream printed it, for values that the enum does not know.",
            move |value| read(value).map(str::to_owned),
        )
    }

    /// A list of words; see [`Entity::word`].
    pub fn words<E: Leaf>(
        self,
        [name, raw_name]: [&'static str; 2],
        description: &'static str,
        read: fn(&V) -> &[String],
        parse: fn(&str) -> E,
    ) -> Self {
        self.field(name, description, move |value| {
            read(value)
                .iter()
                .map(|word| parse(without_prefix(word)))
                .collect::<Vec<_>>()
        })
        .field(
            raw_name,
            "The same as the upstream printed them, for values that the enum does not know.",
            move |value| read(value).to_vec(),
        )
    }

    /// A small number: a count, a place in an order. (Keys are no numbers in the graph.)
    pub fn count(
        self,
        name: &'static str,
        description: &'static str,
        read: fn(&V) -> Option<i64>,
    ) -> Self {
        self.field(name, description, move |value| {
            read(value).and_then(|number| i32::try_from(number).ok())
        })
    }

    /// A key of the upstream, printed as a number there.
    pub fn key(
        self,
        name: &'static str,
        description: &'static str,
        read: fn(&V) -> Option<i64>,
    ) -> Self {
        self.field(name, description, move |value| read(value).map(Id::of))
    }

    /// A text.
    pub fn text(
        self,
        name: &'static str,
        description: &'static str,
        read: fn(&V) -> Option<&String>,
    ) -> Self {
        self.field(name, description, move |value| read(value).cloned())
    }

    /// An instant.
    pub fn instant(
        self,
        name: &'static str,
        description: &'static str,
        read: fn(&V) -> Option<&String>,
    ) -> Self {
        self.field(name, description, move |value| {
            read(value).cloned().map(DateTime)
        })
    }
}

/// Declares the types.
pub fn declare(graph: &mut Graph) {
    graph.entity(
        Entity::<Measure>::new("Measure", "A quantity with its unit.")
            .field("value", "The number, in `unit`.", |measure| measure.value)
            .word(
                ["unit", "rawUnit"],
                "The unit; null if the upstream named none.",
                |measure| measure.unit_code.as_deref(),
                MeasureUnit::parse,
            ),
    );
    graph.entity(
        Entity::<Range>::new(
            "MeasureRange",
            "A span of quantities, each end of which may be open.",
        )
        .optional(
            "min",
            "Measure",
            "The least; null if there is no lower limit.",
            |range| range.min.as_ref(),
        )
        .optional(
            "max",
            "Measure",
            "The most; null if there is no upper limit.",
            |range| range.max.as_ref(),
        ),
    );
    graph.entity(
        Entity::<Money>::new(
            "Money",
            "An amount of money. The currency may be known before the amount is.",
        )
        .field("amount", "The amount; null if it is not known.", |money| {
            money.amount.map(Decimal)
        })
        .text(
            "currency",
            "The currency, an upper-case ISO 4217 code; null if it is not known.",
            |money| money.currency.as_ref(),
        )
        .text(
            "rawCurrency",
            "The currency as the upstream printed it, such as `1_eur`.",
            |money| money.raw_currency.as_ref(),
        ),
    );
    times(graph);
}

fn times(graph: &mut Graph) {
    graph.entity(
        Entity::<Duration>::new("Duration", "A length of time.")
            .count("seconds", "The length in seconds.", |duration| {
                Some(duration.value)
            })
            .word(
                ["enteredUnit", "rawEnteredUnit"],
                "The unit in which a person entered it; only to be shown, `seconds` are seconds.",
                |duration| duration.user_unit_code.as_deref(),
                DurationUnit::parse,
            ),
    );
    graph.entity(
        Entity::<Period>::new("Period", "A time between two instants.")
            .instant("from", "The beginning; null if it is not set.", |period| {
                period.from.as_ref()
            })
            .instant("to", "The end; null if it is open.", |period| {
                period.to.as_ref()
            }),
    );
}

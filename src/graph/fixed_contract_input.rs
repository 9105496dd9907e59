//! The parts of a fixed contract as arguments.

use super::{
    contract_parts::{PlannedShipmentsType, PlannedShipmentsUnit, SettlementBasis},
    error::Error,
    place::Place,
    quantity_input::{MoneyInput, instant, money, spelled},
    scalars::DateTime,
};
use crate::{
    input_object, one_of_input, open_enum,
    upstream::trans_eu::{
        contract::fixed::{
            NewInsurance, NewMoney, NewMonitoring, NewOrderTerms, NewPalletPrice, NewPalletRange,
            NewPaymentPeriod, NewPeriod, NewPlan, NewPlannedPeriod, NewPricing,
            NewSilentConfirmation,
        },
        route::writing::NewDuration,
    },
};

open_enum! {
    /// Which days count until a payment.
    pub enum PaymentDaysType {
        /// Working days.
        Work = "WORK",
        /// All days.
        Calendar = "CALENDAR",
        .. /// Not to be written.
        Other,
    }
}

input_object! {
    /// What an order made under a contract says.
    pub struct OrderTermsInput {
        /// Days until the payment: 0 or more.
        payment_period_days: i32,
        /// Which days those are. It has to be said, because no answer of Trans.eu tells it: what is not sent may be lost unseen.
        payment_days_type: PaymentDaysType,
        /// Further terms in free text.
        additional_terms: Option<String>,
        /// Whether the carrier's acceptance of a freight makes a confirmed order.
        automatic_order_sending: Option<bool>,
        /// For how much the carrier must insure the load, in whole units of money.
        load_insurance: Option<MoneyInput>,
        /// For how much the carrier must be insured against claims of others, in whole units of money.
        third_party_insurance: Option<MoneyInput>,
        /// Whether the transport must be tracked.
        monitoring_required: Option<bool>,
        /// Whether an order counts as confirmed when the carrier is silent. Trans.eu's documentation of it contradicts itself, so the gateway looks whether it was taken: read `warnings`.
        silent_confirmation: Option<SilentConfirmationInput>,
    }
}

input_object! {
    /// Whether an order counts as confirmed when the carrier is silent.
    pub struct SilentConfirmationInput {
        /// Whether it is switched on.
        enabled: bool,
        /// After how long, in seconds, 1 or more; needed if it is switched on.
        time_seconds: Option<i32>,
    }
}

input_object! {
    /// The time in which a contract is in force.
    pub struct ContractPeriodInput {
        /// The beginning.
        from: DateTime,
        /// The end, after `from`; open if left out.
        to: Option<DateTime>,
        /// The time zone of the two, an IANA name such as `Europe/Warsaw`. It has to be said, because no answer of Trans.eu tells it.
        timezone: String,
    }
}

input_object! {
    /// How much is to be carried under a contract.
    pub struct PlannedShipmentsInput {
        /// How binding the plan is.
        r#type: PlannedShipmentsType,
        /// What is counted.
        unit: PlannedShipmentsUnit,
        /// How much in all: 0 or more.
        value: f64,
        /// How much in which time.
        periods: Option<Vec<PlannedPeriodInput>>,
    }
}

input_object! {
    /// The part of a plan that falls into a time.
    pub struct PlannedPeriodInput {
        /// The beginning.
        from: DateTime,
        /// The end, after `from`.
        to: DateTime,
        /// How much: 0 or more.
        value: i32,
    }
}

one_of_input! {
    /// What a contract pays: exactly one of these.
    pub enum ContractPricingInput {
        /// A rate per haul.
        ByRoute(RateInput),
        /// A rate per kilometre.
        ByKm(SettledRateInput),
        /// A rate per tonne; only on routes with vehicles for bulk material.
        ByTon(SettledRateInput),
        /// Rates by the number of pallets; only on routes with loads on pallets.
        ByPallets(PalletRatesInput),
        /// A linear rate.
        Linear(RateInput),
    }
}

input_object! {
    /// A rate.
    pub struct RateInput {
        /// The rate.
        price: MoneyInput,
        /// Whether it may be negotiated.
        negotiable: Option<bool>,
    }
}

input_object! {
    /// A rate per kilometre or tonne.
    pub struct SettledRateInput {
        /// The rate.
        price: MoneyInput,
        /// Which distance is paid for (`DISTANCE_…`, only with `byKm`), or which weight (`LOADING` or `UNLOADING`, only with `byTon`).
        settlement_basis: SettlementBasis,
        /// Whether the rate may be negotiated.
        negotiable: Option<bool>,
    }
}

input_object! {
    /// Rates by the number of pallets.
    pub struct PalletRatesInput {
        /// The rates: at least one.
        price_list: Vec<PalletPriceInput>,
        /// Whether they may be negotiated.
        negotiable: Option<bool>,
    }
}

input_object! {
    /// The rate for a number of pallets.
    pub struct PalletPriceInput {
        /// The least number of pallets: 0 or more.
        from: i32,
        /// The largest number of pallets, not less than `from`.
        to: i32,
        /// The rate.
        price: MoneyInput,
    }
}

/// The terms at `place`.
pub fn order_terms(terms: OrderTermsInput, place: &Place) -> Result<NewOrderTerms, Error> {
    let days = terms.payment_period_days;
    place
        .field("paymentPeriodDays")
        .require(days >= 0, "A number of days is not negative.")?;
    let sum = |sum: Option<MoneyInput>, name| {
        sum.map(|sum| insurance(sum, &place.field(name)))
            .transpose()
    };
    Ok(NewOrderTerms {
        payment_period: NewPaymentPeriod {
            value: days,
            days_type: place
                .field("paymentDaysType")
                .word(terms.payment_days_type.word())?,
        },
        additional_terms: place
            .field("additionalTerms")
            .free(terms.additional_terms)?,
        automatic_order_sending: terms.automatic_order_sending,
        insurance: NewInsurance {
            load: sum(terms.load_insurance, "loadInsurance")?,
            third_party: sum(terms.third_party_insurance, "thirdPartyInsurance")?,
        },
        monitoring: NewMonitoring {
            required: terms.monitoring_required,
        },
        silent_confirmation: terms
            .silent_confirmation
            .map(|silent| silent_confirmation(&silent, &place.field("silentConfirmation")))
            .transpose()?,
    })
}

fn silent_confirmation(
    input: &SilentConfirmationInput,
    place: &Place,
) -> Result<NewSilentConfirmation, Error> {
    let time = place.field("timeSeconds");
    time.require(
        input.time_seconds.is_some() || !input.enabled,
        "A confirmation by silence needs a time.",
    )?;
    time.require(
        input.time_seconds.is_none_or(|seconds| seconds > 0),
        "A time is 1 second or more.",
    )?;
    Ok(NewSilentConfirmation {
        enabled: input.enabled,
        time: input.time_seconds.map(NewDuration::of_seconds),
    })
}

fn insurance(sum: MoneyInput, place: &Place) -> Result<NewMoney, Error> {
    let sum = money(sum, place)?;
    place
        .field("amount")
        .require(sum.value.fract() == 0.0, "An insured sum has no fraction.")?;
    Ok(sum)
}

/// The period at `place`.
pub fn period(period: ContractPeriodInput, place: &Place) -> Result<NewPeriod, Error> {
    let from = instant(&period.from, &place.field("from"))?;
    let end = place.field("to");
    let to = period.to.map(|to| instant(&to, &end)).transpose()?;
    end.require(
        to.is_none_or(|to| from < to),
        "The end is after the beginning.",
    )?;
    let zone = period.timezone;
    let is_name = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_-+".contains(&byte))
    };
    let is_zone = zone == "UTC" || zone.contains('/') && zone.split('/').all(is_name);
    place.field("timezone").require(
        is_zone,
        "A time zone is an IANA name such as `Europe/Warsaw`.",
    )?;
    Ok(NewPeriod {
        from: spelled(from),
        to: to.map(spelled),
        timezone: zone,
    })
}

/// The plan at `place`.
pub fn plan(plan: PlannedShipmentsInput, place: &Place) -> Result<NewPlan, Error> {
    let periods = plan.periods.unwrap_or_default().into_iter().enumerate();
    let periods_place = place.field("periods");
    Ok(NewPlan {
        kind: place.field("type").word(plan.r#type.word())?,
        unit: place.field("unit").word(plan.unit.word())?,
        value: place.field("value").within(plan.value, 0.0, f64::MAX)?,
        periods: periods
            .map(|(at, part)| planned_period(&part, &periods_place.item(at)))
            .collect::<Result<_, _>>()?,
    })
}

fn planned_period(part: &PlannedPeriodInput, place: &Place) -> Result<NewPlannedPeriod, Error> {
    let from = instant(&part.from, &place.field("from"))?;
    let to = instant(&part.to, &place.field("to"))?;
    place
        .field("to")
        .require(from < to, "The end is after the beginning.")?;
    place
        .field("value")
        .require(part.value >= 0, "This is not negative.")?;
    Ok(NewPlannedPeriod {
        from: spelled(from),
        to: spelled(to),
        value: part.value,
    })
}

/// The pricing at `place`.
pub fn pricing(pricing: ContractPricingInput, place: &Place) -> Result<NewPricing, Error> {
    use ContractPricingInput::{ByKm, ByPallets, ByRoute, ByTon, Linear};
    Ok(match pricing {
        ByRoute(rate) => NewPricing::Route {
            price: money(rate.price, &place.field("byRoute").field("price"))?,
            negotiable: rate.negotiable,
        },
        Linear(rate) => NewPricing::Linear {
            price: money(rate.price, &place.field("linear").field("price"))?,
            negotiable: rate.negotiable,
        },
        ByKm(rate) => {
            let place = place.field("byKm");
            NewPricing::Km {
                settlement_basis: basis(rate.settlement_basis, false, &place)?,
                price: money(rate.price, &place.field("price"))?,
                negotiable: rate.negotiable,
            }
        }
        ByTon(rate) => {
            let place = place.field("byTon");
            NewPricing::Ton {
                settlement_basis: basis(rate.settlement_basis, true, &place)?,
                price: money(rate.price, &place.field("price"))?,
                negotiable: rate.negotiable,
            }
        }
        ByPallets(rates) => NewPricing::Pallets {
            price_list: price_list(
                rates.price_list,
                &place.field("byPallets").field("priceList"),
            )?,
            negotiable: rates.negotiable,
        },
    })
}

/// Kilometres are settled by a distance and tonnes by a weight.
fn basis(basis: SettlementBasis, of_weight: bool, place: &Place) -> Result<&'static str, Error> {
    let is_weight = matches!(basis, SettlementBasis::Loading | SettlementBasis::Unloading);
    let place = place.field("settlementBasis");
    let word = place.word(basis.word())?;
    let why = match of_weight {
        true => "A rate per tonne is settled by `LOADING` or `UNLOADING`.",
        false => "A rate per kilometre is settled by a distance.",
    };
    place.require(is_weight == of_weight, why)?;
    Ok(word)
}

fn price_list(list: Vec<PalletPriceInput>, place: &Place) -> Result<Vec<NewPalletPrice>, Error> {
    place.require(!list.is_empty(), "At least one rate is needed.")?;
    let prices = list.into_iter().enumerate().map(|(at, item)| {
        let place = place.item(at);
        place
            .field("from")
            .require(item.from >= 0, "A number of pallets is not negative.")?;
        place
            .field("to")
            .require(item.from <= item.to, "`from` is not more than `to`.")?;
        Ok(NewPalletPrice {
            range: NewPalletRange {
                from: item.from,
                to: item.to,
            },
            price: money(item.price, &place.field("price"))?,
        })
    });
    prices.collect()
}

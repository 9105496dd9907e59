//! The parts of a fixed contract as arguments.

use super::{
    check::Check,
    contract_parts::{PlannedShipmentsType, PlannedShipmentsUnit, SettlementBasis},
    quantity_input::{MoneyInput, money, span},
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

/// The terms to send.
pub fn order_terms(check: &mut Check, terms: OrderTermsInput) -> NewOrderTerms {
    let days = terms.payment_period_days;
    let why = "A number of days is not negative.";
    check.require("paymentPeriodDays", days >= 0, why);
    NewOrderTerms {
        payment_period: NewPaymentPeriod {
            value: days,
            days_type: check.word("paymentDaysType", terms.payment_days_type.word()),
        },
        additional_terms: check.lines("additionalTerms", terms.additional_terms),
        automatic_order_sending: terms.automatic_order_sending,
        insurance: NewInsurance {
            load: check.part("loadInsurance", terms.load_insurance, insurance),
            third_party: check.part(
                "thirdPartyInsurance",
                terms.third_party_insurance,
                insurance,
            ),
        },
        monitoring: NewMonitoring {
            required: terms.monitoring_required,
        },
        silent_confirmation: check.part(
            "silentConfirmation",
            terms.silent_confirmation,
            silent_confirmation,
        ),
    }
}

fn silent_confirmation(check: &mut Check, input: SilentConfirmationInput) -> NewSilentConfirmation {
    let seconds = input.time_seconds;
    let has_time = seconds.is_some() || !input.enabled;
    let why = "A confirmation by silence needs a time.";
    check.require("timeSeconds", has_time, why);
    let is_time = seconds.is_none_or(|seconds| seconds > 0);
    check.require("timeSeconds", is_time, "A time is 1 second or more.");
    NewSilentConfirmation {
        enabled: input.enabled,
        time: seconds.map(NewDuration::of_seconds),
    }
}

fn insurance(check: &mut Check, sum: MoneyInput) -> NewMoney {
    let sum = money(check, sum);
    let is_whole = sum.value.fract() == 0.0;
    check.require("amount", is_whole, "An insured sum has no fraction.");
    sum
}

/// The period to send.
pub fn period(check: &mut Check, period: ContractPeriodInput) -> NewPeriod {
    let [from, to] = span(check, &period.from, period.to.as_ref());
    let zone = period.timezone;
    let is_name = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_-+".contains(&byte))
    };
    let is_zone = zone == "UTC" || zone.contains('/') && zone.split('/').all(is_name);
    let why = "A time zone is an IANA name such as `Europe/Warsaw`.";
    check.require("timezone", is_zone, why);
    NewPeriod {
        from,
        to: Some(to).filter(|to| !to.is_empty()),
        timezone: zone,
    }
}

/// The plan to send.
pub fn plan(check: &mut Check, plan: PlannedShipmentsInput) -> NewPlan {
    check.require("value", plan.value >= 0.0, "This is not negative.");
    NewPlan {
        kind: check.word("type", plan.r#type.word()),
        unit: check.word("unit", plan.unit.word()),
        value: plan.value,
        periods: check.each("periods", plan.periods.unwrap_or_default(), planned_period),
    }
}

fn planned_period(check: &mut Check, part: PlannedPeriodInput) -> NewPlannedPeriod {
    let [from, to] = span(check, &part.from, Some(&part.to));
    check.require("value", part.value >= 0, "This is not negative.");
    NewPlannedPeriod {
        from,
        to,
        value: part.value,
    }
}

/// The pricing to send.
pub fn pricing(check: &mut Check, pricing: ContractPricingInput) -> NewPricing {
    use ContractPricingInput::{ByKm, ByPallets, ByRoute, ByTon, Linear};
    match pricing {
        ByRoute(rate) => NewPricing::Route {
            price: check.within(&["byRoute", "price"], |check| money(check, rate.price)),
            negotiable: rate.negotiable,
        },
        Linear(rate) => NewPricing::Linear {
            price: check.within(&["linear", "price"], |check| money(check, rate.price)),
            negotiable: rate.negotiable,
        },
        ByKm(rate) => check.within(&["byKm"], |check| NewPricing::Km {
            settlement_basis: basis(check, rate.settlement_basis, false),
            price: check.within(&["price"], |check| money(check, rate.price)),
            negotiable: rate.negotiable,
        }),
        ByTon(rate) => check.within(&["byTon"], |check| NewPricing::Ton {
            settlement_basis: basis(check, rate.settlement_basis, true),
            price: check.within(&["price"], |check| money(check, rate.price)),
            negotiable: rate.negotiable,
        }),
        ByPallets(rates) => check.within(&["byPallets"], |check| {
            let is_some = !rates.price_list.is_empty();
            check.require("priceList", is_some, "At least one rate is needed.");
            NewPricing::Pallets {
                price_list: check.each("priceList", rates.price_list, pallet_price),
                negotiable: rates.negotiable,
            }
        }),
    }
}

/// Kilometres are settled by a distance and tonnes by a weight.
fn basis(check: &mut Check, basis: SettlementBasis, of_weight: bool) -> &'static str {
    let is_weight = matches!(basis, SettlementBasis::Loading | SettlementBasis::Unloading);
    let word = check.word("settlementBasis", basis.word());
    let why = match of_weight {
        true => "A rate per tonne is settled by `LOADING` or `UNLOADING`.",
        false => "A rate per kilometre is settled by a distance.",
    };
    check.require("settlementBasis", is_weight == of_weight, why);
    word
}

fn pallet_price(check: &mut Check, item: PalletPriceInput) -> NewPalletPrice {
    let why = "A number of pallets is not negative.";
    check.require("from", item.from >= 0, why);
    check.require("to", item.from <= item.to, "`from` is not more than `to`.");
    NewPalletPrice {
        range: NewPalletRange {
            from: item.from,
            to: item.to,
        },
        price: check.within(&["price"], |check| money(check, item.price)),
    }
}

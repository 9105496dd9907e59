//! Surcharges as arguments.

use super::{
    check::Check,
    leaf::Id,
    quantity_input::span,
    route_parts::OperationType,
    scalars::{DateTime, Decimal},
    surcharge::{SurchargeKind, SurchargeType, SurchargeUnit, WeekDay},
};
use crate::{
    input_object,
    upstream::trans_eu::contract::fixed::{
        NewOperationRate, NewRate, NewRates, NewSchedule, NewSurcharge, NewTimespan, NewWeekDay,
    },
};

input_object! {
    /// What is paid on top of a contract's rate.
    pub struct SurchargeInput {
        /// Trans.eu's id of a surcharge that exists, a UUID; a new one has none.
        id: Option<Id>,
        /// What the surcharge is for.
        r#type: SurchargeType,
        /// How it is computed.
        kind: SurchargeKind,
        /// The currency, an ISO 4217 code such as `EUR`.
        currency: String,
        /// What people call it.
        description: Option<String>,
        /// Whether it applies to all contracts of the shipper.
        is_global: Option<bool>,
        /// Whether it is in use.
        is_active: Option<bool>,
        /// What is paid in which time.
        schedules: Option<Vec<SurchargeScheduleInput>>,
    }
}

input_object! {
    /// What a surcharge is in a time.
    pub struct SurchargeScheduleInput {
        /// The beginning of the time.
        from: DateTime,
        /// The end of the time, after `from`.
        to: DateTime,
        /// The rates; not of surcharges by the day of the week.
        matrix: Option<Vec<SurchargeRateInput>>,
        /// The currency of the rates, an ISO 4217 code.
        currency: Option<String>,
        /// What the numbers of `weekDays` are.
        unit: Option<SurchargeUnit>,
        /// The rates by the day of the week; only of `WEEK_DAY`.
        week_days: Option<Vec<WeekDayRatesInput>>,
    }
}

input_object! {
    /// A rate, in percent or in money.
    pub struct SurchargeRateInput {
        /// What the number is.
        unit: SurchargeUnit,
        /// The number.
        value: Decimal,
    }
}

input_object! {
    /// The rates of a day of the week.
    pub struct WeekDayRatesInput {
        /// The day.
        day: WeekDay,
        /// The rates by what is done.
        operations: Vec<OperationRateInput>,
    }
}

input_object! {
    /// The rate of loading or of unloading.
    pub struct OperationRateInput {
        /// What is done.
        r#type: OperationType,
        /// The number.
        value: Decimal,
    }
}

/// The surcharge to send.
pub fn surcharge(check: &mut Check, surcharge: SurchargeInput) -> NewSurcharge {
    let is_by_day = surcharge.r#type == SurchargeType::WeekDay;
    let schedules = surcharge.schedules.unwrap_or_default();
    NewSurcharge {
        id: surcharge.id.and_then(|id| check.uuid("id", &id)),
        currency: check.currency("currency", surcharge.currency),
        description: check.optional_line("description", surcharge.description),
        kind: check.word("kind", surcharge.kind.word()),
        occasion: check.word("type", surcharge.r#type.word()),
        is_global: surcharge.is_global,
        is_active: surcharge.is_active,
        schedules: check.each("schedules", schedules, |check, item| {
            schedule(check, item, is_by_day)
        }),
    }
}

fn schedule(check: &mut Check, schedule: SurchargeScheduleInput, is_by_day: bool) -> NewSchedule {
    let [from, to] = span(check, &schedule.from, Some(&schedule.to));
    let matrix = schedule.matrix.unwrap_or_default();
    let days = schedule.week_days.unwrap_or_default();
    let fits = match is_by_day {
        true => matrix.is_empty() && schedule.unit.is_some() && !days.is_empty(),
        false => days.is_empty() && schedule.unit.is_none(),
    };
    if !fits {
        let why =
            "A surcharge of type `WEEK_DAY` has a `unit` and `weekDays`, any other a `matrix`.";
        check.refuse_all(why);
    }
    let currency = schedule.currency;
    NewSchedule {
        timespan: NewTimespan { from, to },
        data: NewRates {
            matrix: check.each("matrix", matrix, |check, rate| NewRate {
                unit: check.word("unit", rate.unit.word()),
                value: rate.value.0,
            }),
            currency: currency.map(|code| check.currency("currency", code)),
            unit: schedule.unit.map(|unit| check.word("unit", unit.word())),
            week_days: check.each("weekDays", days, week_day),
        },
    }
}

fn week_day(check: &mut Check, rates: WeekDayRatesInput) -> NewWeekDay {
    let day = check.word("day", rates.day.word());
    let number = WeekDay::words().iter().position(|word| *word == day);
    NewWeekDay {
        // Days are the one dictionary whose numbers are to be sent.
        id: format!("{}_{day}", number.unwrap_or_default() + 1),
        operations: check.each("operations", rates.operations, |check, rate| {
            NewOperationRate {
                kind: check.word("type", rate.r#type.word()),
                value: rate.value.0,
            }
        }),
    }
}

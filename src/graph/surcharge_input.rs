//! Surcharges as arguments.

use super::{
    error::Error,
    leaf::Id,
    place::Place,
    quantity_input::{instant, spelled},
    route_parts::OperationType,
    scalars::{DateTime, Decimal},
    surcharge::{SurchargeKind, SurchargeType, SurchargeUnit, WeekDay},
};
use crate::{
    ids::uuid,
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

/// The surcharges at `place`.
pub fn read(
    surcharges: Option<Vec<SurchargeInput>>,
    place: &Place,
) -> Result<Vec<NewSurcharge>, Error> {
    let surcharges = surcharges.unwrap_or_default().into_iter().enumerate();
    surcharges
        .map(|(at, item)| surcharge(item, &place.item(at)))
        .collect()
}

fn surcharge(surcharge: SurchargeInput, place: &Place) -> Result<NewSurcharge, Error> {
    let id = |Id(text): Id| {
        let id = uuid(&text).map_err(|why| place.field("id").refuse(why))?;
        Ok::<_, Error>(id.to_string())
    };
    let is_by_day = surcharge.r#type == SurchargeType::WeekDay;
    let schedules_place = place.field("schedules");
    let schedules = surcharge.schedules.unwrap_or_default().into_iter();
    let schedules = schedules
        .enumerate()
        .map(|(at, item)| schedule(item, is_by_day, &schedules_place.item(at)));
    Ok(NewSurcharge {
        id: surcharge.id.map(id).transpose()?,
        currency: place.field("currency").currency(surcharge.currency)?,
        description: place
            .field("description")
            .optional_line(surcharge.description)?,
        kind: place.field("kind").word(surcharge.kind.word())?,
        occasion: place.field("type").word(surcharge.r#type.word())?,
        is_global: surcharge.is_global,
        is_active: surcharge.is_active,
        schedules: schedules.collect::<Result<_, _>>()?,
    })
}

fn schedule(
    schedule: SurchargeScheduleInput,
    is_by_day: bool,
    place: &Place,
) -> Result<NewSchedule, Error> {
    let from = instant(&schedule.from, &place.field("from"))?;
    let to = instant(&schedule.to, &place.field("to"))?;
    place
        .field("to")
        .require(from < to, "The end is after the beginning.")?;
    let matrix = schedule.matrix.unwrap_or_default();
    let days = schedule.week_days.unwrap_or_default();
    let fits = match is_by_day {
        true => matrix.is_empty() && schedule.unit.is_some() && !days.is_empty(),
        false => days.is_empty() && schedule.unit.is_none(),
    };
    place.require(
        fits,
        "A surcharge of type `WEEK_DAY` has a `unit` and `weekDays`, any other a `matrix`.",
    )?;
    let unit = schedule
        .unit
        .map(|unit| place.field("unit").word(unit.word()));
    let currency = schedule
        .currency
        .map(|code| place.field("currency").currency(code));
    let rates = matrix.iter().enumerate().map(|(at, rate)| {
        let unit = place.field("matrix").item(at).field("unit");
        Ok(NewRate {
            unit: unit.word(rate.unit.word())?,
            value: rate.value.0,
        })
    });
    let days = days.iter().enumerate();
    Ok(NewSchedule {
        timespan: NewTimespan {
            from: spelled(from),
            to: spelled(to),
        },
        data: NewRates {
            matrix: rates.collect::<Result<_, Error>>()?,
            currency: currency.transpose()?,
            unit: unit.transpose()?,
            week_days: days
                .map(|(at, day)| week_day(day, &place.field("weekDays").item(at)))
                .collect::<Result<_, _>>()?,
        },
    })
}

fn week_day(rates: &WeekDayRatesInput, place: &Place) -> Result<NewWeekDay, Error> {
    let day = place.field("day").word(rates.day.word())?;
    let number = WeekDay::words().iter().position(|word| *word == day);
    let operations = rates.operations.iter().enumerate().map(|(at, rate)| {
        let kind = place.field("operations").item(at).field("type");
        Ok(NewOperationRate {
            kind: kind.word(rate.r#type.word())?,
            value: rate.value.0,
        })
    });
    Ok(NewWeekDay {
        // Days are the one dictionary whose numbers are to be sent.
        id: format!("{}_{day}", number.unwrap_or_default() + 1),
        operations: operations.collect::<Result<_, Error>>()?,
    })
}

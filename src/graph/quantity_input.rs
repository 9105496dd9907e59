//! Quantities as arguments: measures, spans, money, times.

use super::{
    error::Error,
    notation::MeasureUnit,
    place::Place,
    scalars::{DateTime, Decimal},
};
use crate::{
    input_object,
    upstream::trans_eu::{
        contract::fixed::NewMoney,
        route::writing::{NewMeasure, NewRange},
    },
};

input_object! {
    /// A quantity with its unit.
    pub struct MeasureInput {
        /// The number, in `unit`.
        value: f64,
        /// The unit; each field says which one Trans.eu takes there.
        unit: MeasureUnit,
    }
}

input_object! {
    /// A span of quantities, each end of which may be open.
    pub struct MeasureRangeInput {
        /// The least; left out if there is no lower limit.
        min: Option<MeasureInput>,
        /// The most; left out if there is no upper limit.
        max: Option<MeasureInput>,
    }
}

input_object! {
    /// An amount of money.
    pub struct MoneyInput {
        /// The amount, more than 0.
        amount: Decimal,
        /// The currency, an ISO 4217 code such as `EUR`.
        currency: String,
    }
}

/// The quantities that are taken at a place.
#[derive(Clone, Copy)]
pub struct Limits {
    unit: MeasureUnit,
    least: f64,
    most: f64,
}

impl Limits {
    /// From `least` to `most` of `unit`.
    pub const fn new(unit: MeasureUnit, least: f64, most: f64) -> Self {
        Self { unit, least, most }
    }

    /// Any positive quantity of `unit`.
    pub const fn positive(unit: MeasureUnit) -> Self {
        Self::new(unit, f64::MIN_POSITIVE, f64::MAX)
    }

    /// The measure at `place`.
    pub fn measure(self, measure: &MeasureInput, place: &Place) -> Result<NewMeasure, Error> {
        let unit_code = self.unit.word().unwrap_or_default();
        place.field("unit").require(
            measure.unit == self.unit,
            format!("Trans.eu takes this in `{unit_code}`."),
        )?;
        let value = place.field("value");
        let within = (self.least..=self.most).contains(&measure.value);
        let span = match self.most < f64::MAX {
            true => format!("This is from {} to {} {unit_code}.", self.least, self.most),
            false => "This is more than 0.".to_owned(),
        };
        value.require(within, span)?;
        Ok(NewMeasure {
            value: measure.value,
            unit_code,
        })
    }

    /// The measure at `place`, if there is one.
    pub fn optional(
        self,
        measure: Option<&MeasureInput>,
        place: &Place,
    ) -> Result<Option<NewMeasure>, Error> {
        measure
            .map(|measure| self.measure(measure, place))
            .transpose()
    }

    /// The span at `place`, if there is one.
    pub fn range(
        self,
        range: Option<&MeasureRangeInput>,
        place: &Place,
    ) -> Result<Option<NewRange>, Error> {
        let Some(range) = range else { return Ok(None) };
        let min = self.optional(range.min.as_ref(), &place.field("min"))?;
        let max = self.optional(range.max.as_ref(), &place.field("max"))?;
        let ordered = match (&min, &max) {
            (Some(min), Some(max)) => min.value <= max.value,
            _ => true,
        };
        place.require(ordered, "`min` is not more than `max`.")?;
        Ok(Some(NewRange { min, max }))
    }
}

/// The money at `place`.
pub fn money(money: MoneyInput, place: &Place) -> Result<NewMoney, Error> {
    let Decimal(value) = money.amount;
    place
        .field("amount")
        .require(value > 0.0, "An amount is more than 0.")?;
    Ok(NewMoney {
        value,
        currency: place.field("currency").currency(money.currency)?,
    })
}

/// The instant at `place`, in the form that Trans.eu documents for requests.
pub fn instant(DateTime(text): &DateTime, place: &Place) -> Result<jiff::Timestamp, Error> {
    text.parse()
        .map_err(|_| place.refuse("This is no instant with an offset, in RFC 3339."))
}

/// The instant as Trans.eu's requests spell it.
pub fn spelled(instant: jiff::Timestamp) -> String {
    format!("{instant:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_sent_in_utc_with_thousandths() {
        let text = DateTime("2027-01-01T01:00:00+01:00".to_owned());
        let instant = instant(&text, &Place::input()).unwrap();
        assert_eq!(spelled(instant), "2027-01-01T00:00:00.000Z");
    }

    #[test]
    fn a_span_is_in_order_and_in_its_unit() {
        let metres = Limits::new(MeasureUnit::M, 0.01, 10.0);
        let measure = |value, unit| Some(MeasureInput { value, unit });
        let range = |min, max| {
            let range = MeasureRangeInput { min, max };
            let read = metres.range(Some(&range), &Place::input());
            read.map_err(|error| error.message().to_owned()).map(|_| ())
        };
        let m = MeasureUnit::M;
        assert_eq!(range(measure(1.0, m), measure(1.0, m)), Ok(()));
        assert_eq!(range(None, measure(10.0, m)), Ok(()));
        assert_eq!(
            range(measure(2.0, m), measure(1.0, m)),
            Err("`min` is not more than `max`.".to_owned())
        );
        assert_eq!(
            range(None, measure(11.0, m)),
            Err("This is from 0.01 to 10 m.".to_owned())
        );
        assert_eq!(
            range(None, measure(1.0, MeasureUnit::Km)),
            Err("Trans.eu takes this in `m`.".to_owned())
        );
    }
}

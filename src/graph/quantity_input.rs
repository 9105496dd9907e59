//! Quantities as arguments: measures, spans, money, times.

use super::{
    check::Check,
    notation::MeasureUnit,
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

    /// The measure to send.
    pub fn measure(self, check: &mut Check, measure: &MeasureInput) -> NewMeasure {
        let unit_code = self.unit.word().unwrap_or_default();
        let is_unit = measure.unit == self.unit;
        check.require(
            "unit",
            is_unit,
            format!("Trans.eu takes this in `{unit_code}`."),
        );
        let span = match self.most < f64::MAX {
            true => format!("This is from {} to {} {unit_code}.", self.least, self.most),
            false => "This is more than 0.".to_owned(),
        };
        let is_within = (self.least..=self.most).contains(&measure.value);
        check.require("value", is_within, span);
        NewMeasure {
            value: measure.value,
            unit_code,
        }
    }

    /// The measure `name`, if there is one.
    pub fn optional(
        self,
        check: &mut Check,
        name: &str,
        measure: Option<&MeasureInput>,
    ) -> Option<NewMeasure> {
        check.part(name, measure, |check, measure| self.measure(check, measure))
    }

    /// The span `name`, if there is one.
    pub fn range(
        self,
        check: &mut Check,
        name: &str,
        range: Option<&MeasureRangeInput>,
    ) -> Option<NewRange> {
        check.part(name, range, |check, range| {
            let min = self.optional(check, "min", range.min.as_ref());
            let max = self.optional(check, "max", range.max.as_ref());
            if let (Some(min), Some(max)) = (&min, &max)
                && min.value > max.value
            {
                check.refuse_all("`min` is not more than `max`.");
            }
            NewRange { min, max }
        })
    }
}

/// The money to send.
pub fn money(check: &mut Check, money: MoneyInput) -> NewMoney {
    let Decimal(value) = money.amount;
    check.require("amount", value > 0.0, "An amount is more than 0.");
    NewMoney {
        value,
        currency: check.currency("currency", money.currency),
    }
}

/// A time from `from` to `to`, each as Trans.eu's requests spell it. Empty where there is none.
pub fn span(check: &mut Check, from: &DateTime, to: Option<&DateTime>) -> [String; 2] {
    let from = instant(check, "from", from);
    let to = to.and_then(|to| instant(check, "to", to));
    if let (Some(from), Some(to)) = (from, to) {
        check.require("to", from < to, "The end is after the beginning.");
    }
    [from, to].map(|end| end.map(spelled).unwrap_or_default())
}

fn instant(check: &mut Check, name: &str, DateTime(text): &DateTime) -> Option<jiff::Timestamp> {
    let instant = text.parse().ok();
    let why = "This is no instant with an offset, in RFC 3339.";
    check.require(name, instant.is_some(), why);
    instant
}

fn spelled(instant: jiff::Timestamp) -> String {
    format!("{instant:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_sent_in_utc_with_thousandths() {
        let text = DateTime("2027-01-01T01:00:00+01:00".to_owned());
        let [from, to] = span(&mut Check::new("input"), &text, None);
        assert_eq!(
            (from.as_str(), to.as_str()),
            ("2027-01-01T00:00:00.000Z", "")
        );
    }

    #[test]
    fn a_span_is_in_order_and_in_its_unit() {
        let metres = Limits::new(MeasureUnit::M, 0.01, 10.0);
        let measure = |value, unit| Some(MeasureInput { value, unit });
        let range = |min, max| {
            let range = MeasureRangeInput { min, max };
            let mut check = Check::new("input");
            let read = metres.range(&mut check, "width", Some(&range));
            let wrong = check.finish(read).map(|_| ());
            wrong.map_err(|error| error.each()[0].message().to_owned())
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

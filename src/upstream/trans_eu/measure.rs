//! Quantities: measures, ranges, durations, money. Each is absent where it comes without its number.

use serde::{Deserialize, Deserializer};

use crate::upstream::lenient;

/// A number with its unit: `km`, `m`, `m3`, `t`, `ldm`.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    pub value: f64,
    pub unit_code: Option<String>,
}

/// A span, open at either end.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Range {
    #[serde(deserialize_with = "measure")]
    pub min: Option<Measure>,
    #[serde(deserialize_with = "measure")]
    pub max: Option<Measure>,
}

/// A length of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duration {
    /// In seconds, whatever the user's unit.
    pub value: i64,
    pub unit_code: Option<String>,
    /// The unit in which the user entered it; for display only.
    pub user_unit_code: Option<String>,
}

/// An amount of money. The currency may be known before the amount is.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(from = "RawMoney")]
pub struct Money {
    pub amount: Option<f64>,
    /// ISO 4217, in upper case.
    pub currency: Option<String>,
    /// The currency as printed, such as `1_eur`.
    pub raw_currency: Option<String>,
}

/// For `deserialize_with`: a measure, `None` if it has no value.
pub fn measure<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Measure>, D::Error> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Raw {
        #[serde(deserialize_with = "lenient::decimal")]
        value: Option<f64>,
        unit_code: Option<String>,
    }

    let raw = Option::<Raw>::deserialize(deserializer)?.unwrap_or_default();
    Ok(raw.value.map(|value| Measure {
        value,
        unit_code: raw.unit_code,
    }))
}

/// For `deserialize_with`: a duration, `None` if it has no value.
pub fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Raw {
        #[serde(deserialize_with = "lenient::integer")]
        value: Option<i64>,
        unit_code: Option<String>,
        user_unit_code: Option<String>,
    }

    let raw = Option::<Raw>::deserialize(deserializer)?.unwrap_or_default();
    Ok(raw.value.map(|value| Duration {
        value,
        unit_code: raw.unit_code,
        user_unit_code: raw.user_unit_code,
    }))
}

/// For `deserialize_with`: a list of amounts, without the entries that say nothing.
pub fn amounts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Money>, D::Error> {
    let mut amounts: Vec<Money> = lenient::list(deserializer)?;
    amounts.retain(|money| *money != Money::default());
    Ok(amounts)
}

/// For `deserialize_with`: a currency that stands alone, as an ISO code in upper case.
pub fn currency<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(lenient::filled(deserializer)?.map(|raw| iso_currency(&raw)))
}

fn iso_currency(raw: &str) -> String {
    lenient::without_prefix(raw.trim()).to_ascii_uppercase()
}

/// Contracts call the amount `value`, route summaries `amount`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct RawMoney {
    #[serde(alias = "amount", deserialize_with = "lenient::decimal")]
    value: Option<f64>,
    #[serde(deserialize_with = "lenient::filled")]
    currency: Option<String>,
}

impl From<RawMoney> for Money {
    fn from(raw: RawMoney) -> Self {
        Self {
            amount: raw.value,
            currency: raw.currency.as_deref().map(iso_currency),
            raw_currency: raw.currency,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn money(value: Value) -> Option<Money> {
        lenient::object(value).unwrap()
    }

    #[test]
    fn an_amount_has_two_names() {
        for name in ["value", "amount"] {
            assert_eq!(money(json!({ name: 31.2 })).unwrap().amount, Some(31.2));
        }
    }

    #[test]
    fn a_currency_is_an_upper_case_code_and_its_raw_form_is_kept() {
        for raw in ["1_eur", "eur", "EUR"] {
            let money = money(json!({ "value": 640, "currency": raw })).unwrap();
            assert_eq!(money.currency.as_deref(), Some("EUR"));
            assert_eq!(money.raw_currency.as_deref(), Some(raw));
        }
    }

    #[test]
    fn money_may_have_a_currency_and_no_amount() {
        let money = money(json!({ "currency": "eur" })).unwrap();
        assert_eq!(
            (money.amount, money.currency.as_deref()),
            (None, Some("EUR"))
        );
    }

    #[test]
    fn money_without_anything_is_absent() {
        for nothing in [
            json!(null),
            json!({}),
            json!({ "value": null, "currency": null }),
        ] {
            assert_eq!(money(nothing), None);
        }
    }

    #[test]
    fn an_amount_is_a_number_or_its_digits() {
        assert_eq!(
            money(json!({ "value": "31.20" })).unwrap().amount,
            Some(31.2)
        );
    }

    #[test]
    fn amounts_that_say_nothing_are_dropped() {
        let list =
            json!([{ "amount": null, "currency": null }, { "amount": 640, "currency": "1_eur" }]);
        let kept = amounts(list).unwrap();
        assert_eq!(kept.len(), 1);
        assert_eq!(kept[0].amount, Some(640.0));
    }

    #[test]
    fn a_measure_without_a_value_is_absent() {
        for nothing in [
            json!(null),
            json!({}),
            json!({ "value": null, "unit_code": null }),
            json!({ "value": null, "unit_code": "t" }),
        ] {
            assert_eq!(measure(nothing).unwrap(), None);
        }
        let distance = measure(json!({ "value": "127.4406", "unit_code": "km" }))
            .unwrap()
            .unwrap();
        assert_eq!(
            (distance.value, distance.unit_code.as_deref()),
            (127.4406, Some("km"))
        );
    }

    #[test]
    fn a_duration_keeps_its_seconds_whatever_the_unit_of_the_user() {
        let hour = json!({ "value": 3600, "unit_code": "s", "user_unit_code": "h" });
        let hour = duration(hour).unwrap().unwrap();
        assert_eq!(
            (hour.value, hour.user_unit_code.as_deref()),
            (3600, Some("h"))
        );
        let nothing = json!({ "value": null, "unit_code": null, "user_unit_code": null });
        assert_eq!(duration(nothing).unwrap(), None);
    }

    #[test]
    fn a_range_may_be_open_or_lack_an_end() {
        let range: Range =
            serde_json::from_value(json!({ "max": { "value": 24, "unit_code": "t" } })).unwrap();
        assert_eq!((range.min, range.max.unwrap().value), (None, 24.0));
    }

    #[test]
    fn a_lone_currency_is_an_upper_case_code() {
        assert_eq!(currency(json!("1_pln")).unwrap().as_deref(), Some("PLN"));
        assert_eq!(currency(json!("")).unwrap(), None);
    }
}

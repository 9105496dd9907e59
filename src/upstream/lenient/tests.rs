use serde::Deserialize;
use serde_json::{Value, json};

use super::*;

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Sample {
    #[serde(deserialize_with = "flag")]
    flag: Option<bool>,
    #[serde(deserialize_with = "integer")]
    integer: Option<i64>,
    #[serde(deserialize_with = "decimal")]
    decimal: Option<f64>,
    #[serde(deserialize_with = "text")]
    text: Option<String>,
    #[serde(deserialize_with = "filled")]
    filled: Option<String>,
    #[serde(deserialize_with = "redacted")]
    redacted: Option<String>,
    #[serde(deserialize_with = "list")]
    list: Vec<i64>,
    #[serde(deserialize_with = "texts")]
    texts: Vec<String>,
    #[serde(deserialize_with = "object")]
    object: Option<Inner>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Inner {
    name: Option<String>,
    #[serde(deserialize_with = "list")]
    numbers: Vec<i64>,
    #[serde(deserialize_with = "object")]
    inner: Option<Box<Inner>>,
}

/// Decodes the member both from text (strings are borrowed) and from a value (strings are owned).
fn read(member: &str, value: Value) -> Result<Sample, String> {
    let document = json!({ member: value });
    let text = document.to_string();
    let from_text = serde_json::from_str(&text).map_err(|error| error.to_string());
    let from_value: Result<Sample, _> = serde_json::from_value(document);
    assert_eq!(from_text.is_ok(), from_value.is_ok());
    from_text
}

fn decoded(member: &str, value: Value) -> Sample {
    read(member, value).unwrap()
}

#[test]
fn a_flag_is_read_from_every_spelling() {
    for yes in [
        json!(true),
        json!(1),
        json!("1"),
        json!("true"),
        json!("True"),
        json!(" TRUE "),
    ] {
        assert_eq!(decoded("flag", yes).flag, Some(true));
    }
    for no in [
        json!(false),
        json!(0),
        json!("0"),
        json!("false"),
        json!("False"),
        json!("FALSE"),
    ] {
        assert_eq!(decoded("flag", no).flag, Some(false));
    }
    for absent in [json!(null), json!("")] {
        assert_eq!(decoded("flag", absent).flag, None);
    }
    for wrong in [json!(2), json!("yes"), json!(1.5), json!([]), json!({})] {
        assert!(read("flag", wrong).is_err());
    }
}

#[test]
fn a_required_flag_must_be_there() {
    #[derive(Debug, Deserialize)]
    struct Page {
        #[serde(deserialize_with = "required_flag")]
        has_more: bool,
    }

    let page: Page = serde_json::from_value(json!({ "has_more": "False" })).unwrap();
    assert!(!page.has_more);
    assert!(serde_json::from_value::<Page>(json!({ "has_more": null })).is_err());
    assert!(serde_json::from_value::<Page>(json!({})).is_err());
}

#[test]
fn an_integer_is_read_from_a_number_or_its_digits() {
    for twelve in [
        json!(12),
        json!("12"),
        json!(" 12 "),
        json!(12.0),
        json!("12.0"),
    ] {
        assert_eq!(decoded("integer", twelve).integer, Some(12));
    }
    assert_eq!(decoded("integer", json!(i64::MAX)).integer, Some(i64::MAX));
    assert_eq!(
        decoded("integer", json!(i64::MIN.to_string())).integer,
        Some(i64::MIN)
    );
    for absent in [json!(null), json!("")] {
        assert_eq!(decoded("integer", absent).integer, None);
    }
    for wrong in [
        json!(12.5),
        json!("twelve"),
        json!(u64::MAX),
        json!(1e300),
        json!(true),
        json!({}),
    ] {
        assert!(read("integer", wrong).is_err());
    }
}

#[test]
fn a_key_must_be_there() {
    #[derive(Debug, Deserialize)]
    struct Row {
        #[serde(deserialize_with = "key")]
        id: i64,
    }

    assert_eq!(
        serde_json::from_value::<Row>(json!({ "id": "7" }))
            .unwrap()
            .id,
        7
    );
    assert!(serde_json::from_value::<Row>(json!({ "id": null })).is_err());
    assert!(serde_json::from_value::<Row>(json!({})).is_err());
}

#[test]
fn a_decimal_is_read_from_a_number_or_its_digits() {
    for number in [json!(12.5), json!("12.5"), json!(" 12.50 ")] {
        assert_eq!(decoded("decimal", number).decimal, Some(12.5));
    }
    assert_eq!(decoded("decimal", json!(12)).decimal, Some(12.0));
    for absent in [json!(null), json!("")] {
        assert_eq!(decoded("decimal", absent).decimal, None);
    }
    for wrong in [
        json!("NaN"),
        json!("inf"),
        json!("a lot"),
        json!(false),
        json!([]),
    ] {
        assert!(read("decimal", wrong).is_err());
    }
}

#[test]
fn a_text_is_read_from_a_string_or_a_number() {
    assert_eq!(decoded("text", json!("4b")).text.as_deref(), Some("4b"));
    assert_eq!(decoded("text", json!(4)).text.as_deref(), Some("4"));
    assert_eq!(decoded("text", json!(4.5)).text.as_deref(), Some("4.5"));
    assert_eq!(
        decoded("text", json!(u64::MAX)).text,
        Some(u64::MAX.to_string())
    );
    assert_eq!(decoded("text", json!(null)).text, None);
    assert!(read("text", json!(true)).is_err());
}

#[test]
fn an_empty_text_is_data_but_an_empty_filled_text_is_absent() {
    assert_eq!(decoded("text", json!("")).text.as_deref(), Some(""));
    assert_eq!(decoded("filled", json!("")).filled, None);
    assert_eq!(decoded("filled", json!("  ")).filled, None);
    assert_eq!(decoded("filled", json!(null)).filled, None);
    assert_eq!(
        decoded("filled", json!(" a ")).filled.as_deref(),
        Some(" a ")
    );
}

#[test]
fn credentials_are_gone_after_decoding() {
    let sample = decoded(
        "redacted",
        json!("ftp://USER:PASSWORD@ftp.example.com/misc"),
    );
    assert_eq!(
        sample.redacted.as_deref(),
        Some("ftp://ftp.example.com/misc")
    );
    assert_eq!(decoded("redacted", json!("")).redacted, None);
}

#[test]
fn an_absent_list_is_empty_and_null_elements_are_skipped() {
    assert_eq!(decoded("list", json!(null)).list, Vec::<i64>::new());
    assert_eq!(decoded("list", json!([])).list, Vec::<i64>::new());
    assert_eq!(decoded("list", json!([1, null, 2])).list, [1, 2]);
    assert!(read("list", json!("1")).is_err());
    assert!(read("list", json!({ "a": 1 })).is_err());
}

#[test]
fn one_string_is_a_list_of_one() {
    assert_eq!(decoded("texts", json!("note")).texts, ["note"]);
    assert_eq!(decoded("texts", json!(["a", null, "b"])).texts, ["a", "b"]);
    assert_eq!(decoded("texts", json!(null)).texts, Vec::<String>::new());
    assert!(read("texts", json!({})).is_err());
}

#[test]
fn an_object_that_says_nothing_is_absent() {
    for nothing in [
        json!(null),
        json!({}),
        json!({ "name": null }),
        json!({ "name": null, "numbers": [], "inner": { "name": null } }),
        json!({ "unknown": 1 }),
    ] {
        assert_eq!(decoded("object", nothing).object, None);
    }
    let said = decoded("object", json!({ "name": "", "unknown": 1 }))
        .object
        .unwrap();
    assert_eq!(said.name.as_deref(), Some(""));
}

#[test]
fn missing_members_are_absent() {
    assert_eq!(
        serde_json::from_str::<Sample>("{}").unwrap(),
        Sample::default()
    );
}

#[test]
fn an_error_does_not_repeat_the_value() {
    for member in ["flag", "integer", "decimal"] {
        let error = read(member, json!("Ada Sampleton")).unwrap_err();
        assert!(!error.contains("Sampleton"), "{error}");
    }
}

#[test]
fn a_numeric_prefix_is_taken_off() {
    for (raw, value) in [
        ("1_eur", "eur"),
        (
            "5_distance_declared_by_carrier",
            "distance_declared_by_carrier",
        ),
        ("eur", "eur"),
        ("20gp_dry_van", "20gp_dry_van"),
        ("20-standard", "20-standard"),
        ("adr_1_1", "adr_1_1"),
        ("1_", "1_"),
        ("_eur", "_eur"),
        ("", ""),
    ] {
        assert_eq!(without_prefix(raw), value);
    }
}

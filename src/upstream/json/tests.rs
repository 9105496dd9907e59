use std::collections::HashMap;

use proptest::prelude::*;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::Value;

use super::*;
use crate::identity::Service;

/// Reads text, or bytes that may be none.
fn read<T: DeserializeOwned>(json: impl AsRef<[u8]>) -> Result<T, Misfit> {
    super::read(&Bytes::copy_from_slice(json.as_ref()))
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Record {
    number: Option<i64>,
    inner: Option<Box<Record>>,
    many: Vec<Record>,
    named: HashMap<String, Record>,
    kind: Option<Kind>,
    pair: Option<(i64, i64)>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Plain,
    Other,
}

#[test]
fn a_list_is_no_struct_on_any_level() {
    for json in [
        "[]",
        "[1]",
        r#"{"inner":[1]}"#,
        r#"{"many":[[1]]}"#,
        r#"{"many":[{"inner":{"inner":[]}}]}"#,
        r#"{"named":{"a":[]}}"#,
    ] {
        assert!(serde_json::from_str::<Record>(json).is_ok(), "{json}");
        assert_eq!(read::<Record>(json.as_bytes()), Err(Misfit), "{json}");
    }
}

#[test]
fn structs_are_read_as_serde_json_reads_them() {
    for json in [
        "{}",
        r#"{"number":7,"unknown":[1,{"a":null}],"pair":[1,2]}"#,
        r#"{"inner":{"number":1},"many":[{},{"kind":"plain"}],"named":{"a":{"number":2}}}"#,
        r#"{"kind":"other"}"#,
        r#" { "inner" : null , "kind" : null } "#,
        r#"{"na\u006ded":{}}"#,
    ] {
        let plain = serde_json::from_str::<Record>(json).unwrap();
        assert_eq!(read::<Record>(json.as_bytes()), Ok(plain), "{json}");
    }
}

#[test]
fn half_a_text_two_texts_and_other_bytes_are_no_text() {
    for json in [
        &b""[..],
        b" ",
        b"{",
        b"{\"number\":7",
        b"{} {}",
        b"{},",
        b"{\"number\":7,}",
        b"{\"number\" 7}",
        b"{\"number\":1 \"pair\":null}",
        b"{number:7}",
        b"{\"unknown\":[}",
        b"{\"unknown\":\"}",
        b"{\"unknown\":nothing,\"number\":?}",
        b"{\"a\":\"\xff\"}",
    ] {
        assert!(read::<Record>(json).is_err(), "{json:?}");
    }
}

#[test]
fn what_is_nested_without_end_is_refused() {
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(read::<Value>(deep(100).as_bytes()).is_ok());
    assert!(read::<Value>(deep(100_000).as_bytes()).is_err());
    // What nobody reads may be as deep as it likes.
    assert!(read::<IgnoredAny>(deep(100_000).as_bytes()).is_ok());
}

#[test]
fn the_path_of_a_misfit_is_found() {
    let json = br#"{"many":[{},{"inner":{"number":"seven"}}]}"#;
    let path = find_misfit::<Record>(&Bytes::from_static(json));
    assert_eq!(path.as_deref(), Some("many[1].inner.number"));
    assert_eq!(find_misfit::<Record>(&Bytes::from_static(b"{}")), None);
}

#[test]
fn a_part_is_read_when_somebody_asks_for_it() {
    #[derive(Deserialize)]
    struct Whole {
        #[serde(skip, default = "Source::current")]
        source: Source,
        #[serde(default)]
        part: UnreadIn<List<i64>>,
    }
    let get = |json: &str| {
        let whole: Whole = read(json.as_bytes()).unwrap();
        let part = whole.part.get(&whole.source, Service::Cro, "part");
        part.map(|list| list.0.clone()).map_err(|error| error.class)
    };
    assert_eq!(get(r#"{"part": [1, null, 2] }"#), Ok(vec![1, 2]));
    assert_eq!(get(r#"{"part":null}"#), Ok(vec![]));
    assert_eq!(get("{}"), Ok(vec![]));
    let misfit = Err(crate::upstream::Class::InvalidResponse);
    assert_eq!(get(r#"{"part":["one"]}"#), misfit);
    assert_eq!(get(r#"{"part":[1 2]}"#), misfit);
}

#[derive(Deserialize)]
struct Named {
    #[serde(skip, default = "Source::current")]
    source: Source,
    name: Span,
    other: Option<Text>,
    #[serde(default, deserialize_with = "span")]
    id: Option<Span>,
    #[serde(default)]
    part: UnreadIn<Vec<Text>>,
}

impl Named {
    fn name(&self) -> &str {
        self.source.get(self.name)
    }

    fn id(&self) -> Option<&str> {
        Some(self.source.get(self.id?))
    }
}

const TWO: &str = r#"[{"name":"One","other":"\u0041b","id":7,"part":["in","\ttwo"]}, {"id":"\"","name":"","other":null}]"#;

#[test]
fn texts_are_found_in_their_source() {
    let [one, two]: [Named; 2] = read(TWO).unwrap();
    assert_eq!(
        (one.name(), one.id(), one.other.as_deref()),
        ("One", Some("7"), Some("Ab"))
    );
    assert_eq!(
        (two.name(), two.id(), two.other.as_deref()),
        ("", Some("\""), None)
    );
    let part = one.part.get(&one.source, Service::Cro, "part");
    let part = part.unwrap().iter();
    assert_eq!(
        part.map(|text| &**text).collect::<Vec<_>>(),
        ["in", "\ttwo"]
    );
    assert!(two.part.get(&two.source, Service::Cro, "part").is_err());
    assert_eq!(&*read::<Text>(r#" "alone""#).unwrap(), "alone");
    for misfit in [
        r#"[{"name":7}]"#,
        r#"[{"name":null}]"#,
        r#"[{"name":"","id":true}]"#,
    ] {
        assert!(read::<Vec<Named>>(misfit).is_err(), "{misfit}");
    }
}

#[test]
fn a_text_without_escapes_is_spelled_as_it_stands() {
    let texts: Vec<Text> = read(r#"["plain","\u0041","\\","","dé"]"#).unwrap();
    let spelled = texts
        .iter()
        .map(|text| text.spelling().map(|bytes| str::from_utf8(bytes).unwrap()));
    let spelled: Vec<Option<&str>> = spelled.collect();
    assert_eq!(
        spelled,
        [Some("\"plain\""), None, None, Some("\"\""), Some("\"dé\"")]
    );
}

#[test]
fn records_share_their_answer_unless_they_are_read_apart() {
    let held = |named: &Named| named.source.part(named.name).len();
    let addresses = |named: &[Named]| -> Vec<usize> {
        let sources = named
            .iter()
            .map(|named| named.source.get(named.name).as_ptr().addr());
        sources.collect()
    };
    let together: [Named; 2] = read(TWO).unwrap();
    assert_eq!(together.each_ref().map(held), [3, 0]);
    let distance = TWO.rfind(r#"","other"#).unwrap() - TWO.find("One").unwrap();
    let [one, two] = addresses(&together)[..] else {
        panic!("two")
    };
    assert_eq!(two - one, distance);

    let [Apart(one), Apart(two)]: [Apart<Named>; 2] = read(TWO).unwrap();
    assert_eq!(
        (one.name(), one.id(), one.other.as_deref()),
        ("One", Some("7"), Some("Ab"))
    );
    assert_eq!((two.name(), two.id()), ("", Some("\"")));
    assert_eq!(one.source.len(), TWO.find(", {").unwrap() - 1);
}

#[test]
fn a_text_without_a_source_is_none() {
    assert!(serde_json::from_str::<Text>(r#""a""#).is_err());
    assert!(serde_json::from_str::<Named>(r#"{"name":"a"}"#).is_err());
}

/// A struct whose fields have more names than one.
#[derive(Debug, PartialEq, Deserialize)]
struct Aliased {
    first: Option<i64>,
    #[serde(alias = "deux", alias = "dos")]
    second: Option<i64>,
    inner: Option<Vec<Self>>,
    third: Option<i64>,
}

/// A struct of the same fields that has no others.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Strict {
    first: Option<i64>,
    #[serde(alias = "deux")]
    second: Option<i64>,
    inner: Option<Vec<Aliased>>,
    third: Option<i64>,
}

#[test]
fn members_beyond_those_that_are_remembered_are_read() {
    let unknown: String = (0..500).map(|name| format!("\"{name}\":[],")).collect();
    let row = format!("{{\"first\":1,{unknown}\"dos\":2}}");
    let rows: Vec<Aliased> = read(format!("[{row},{row},{row},{{\"third\":3}},{row}]")).unwrap();
    let numbers = |row: &Aliased| (row.first, row.second, row.third);
    assert_eq!(
        rows.iter().map(numbers).collect::<Vec<_>>(),
        [
            (Some(1), Some(2), None),
            (Some(1), Some(2), None),
            (Some(1), Some(2), None),
            (None, None, Some(3)),
            (Some(1), Some(2), None)
        ]
    );
}

#[test]
fn a_member_that_came_before_still_comes_once() {
    let row = r#"{"first":1,"deux":2}"#;
    for twice in [
        r#"{"first":1,"first":1}"#,
        r#"{"first":1,"deux":2,"second":2}"#,
    ] {
        let json = format!("[{row},{row},{row},{row},{twice}]");
        assert_eq!(read::<Vec<Aliased>>(&json), Err(Misfit), "{json}");
        assert_eq!(find_misfit::<Vec<Aliased>>(&json.into()).unwrap(), "[4]");
    }
}

/// Objects as [`Aliased`] has them, of members that mostly come in one order, in a list.
fn rows() -> impl Strategy<Value = String> {
    const NAMES: [&[&str]; 7] = [
        &[r#""first""#, r#""first""#, r#""f\u0069rst""#],
        &[r#""deux""#, r#""second""#, r#""dos""#, r#""second" "#],
        &[r#""other""#],
        &[r#""inner""#],
        &[r#""first ""#, r#""\"first""#, r#""""#],
        &[r#""third""#],
        &[r#""first""#],
    ];
    let members = prop_oneof![
        4 => Just(vec![0, 1, 2, 3, 5]),
        4 => prop::sample::subsequence(vec![0, 1, 2, 3, 4, 5], 0..=6),
        2 => prop::sample::subsequence(vec![0, 1, 2, 3, 4, 5], 0..=6).prop_shuffle(),
        1 => prop::sample::subsequence(vec![0, 1, 2, 3, 4, 5, 6], 6..=7),
    ];
    let number = prop_oneof![
        Just("null".to_owned()),
        (-9..99_i64).prop_map(|number| number.to_string())
    ];
    let space = prop_oneof![3 => Just(""), 1 => prop::sample::select(vec![" ", "\n\t"])];
    let object = move |inner: BoxedStrategy<String>| {
        let member = (any::<prop::sample::Index>(), number.clone(), space.clone());
        let members = (members.clone(), prop::collection::vec(member, NAMES.len()));
        (members, inner).prop_map(|((names, members), inner)| {
            let printed = names.iter().zip(members);
            let printed = printed.map(|(name, (spelling, number, space))| {
                let value = if *name == 3 { &inner } else { &number };
                let name = spelling.get(NAMES[*name]);
                format!("{space}{name}:{space}{value}{space}")
            });
            format!("{{{}}}", printed.collect::<Vec<_>>().join(","))
        })
    };
    let list = move |inner: BoxedStrategy<String>| {
        prop::collection::vec(object(inner), 0..9)
            .prop_map(|objects| format!("[{}]", objects.join(",")))
    };
    let null = Just("null".to_owned()).boxed();
    let inner = prop_oneof![null.clone(), list(null)];
    list(inner.boxed())
}

/// Values of all kinds, with texts that hold what ends texts and lists.
fn values() -> impl Strategy<Value = Value> {
    let text = "([a-z ]|\\PC|[\"\\\\{}\\[\\]\n\t,:]|\\\\\\\\){0,70}";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1_000_000..1_000_000_i32)
            .prop_map(|thousandths| Value::from(f64::from(thousandths) / 1024.0)),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::hash_map(text, inner, 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// The value without the last digits of its decimals, of which serde_json is not certain.
fn about(value: Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() => {
            format!("{:.9e}", number.as_f64().unwrap()).into()
        }
        Value::Array(elements) => elements.into_iter().map(about).collect(),
        Value::Object(members) => {
            let members = members.into_iter();
            Value::Object(
                members
                    .map(|(name, member)| (name, about(member)))
                    .collect(),
            )
        }
        other => other,
    }
}

proptest! {
    #[test]
    fn what_is_printed_is_read_again(value in values(), is_pretty: bool) {
        let json = match is_pretty {
            true => serde_json::to_string_pretty(&value).unwrap(),
            false => value.to_string(),
        };
        prop_assert_eq!(read::<Value>(json.as_bytes()), Ok(value.clone()));
        // Passed over, it ends where it ends.
        let pair = format!("[{json},{json} ]");
        let parts: Vec<(UnreadIn<Value>, UnreadIn<Value>)> = read(format!("[{pair}]")).unwrap();
        let source = Source::of(&format!("[{pair}]"));
        for (one, other) in parts {
            for part in [one, other] {
                let read = part.get(&source, Service::Cro, "part").unwrap();
                prop_assert_eq!(read, &value);
            }
        }
    }

    #[test]
    fn a_broken_text_is_judged_as_serde_json_judges_it(
        value in values(),
        at: prop::sample::Index,
        broken in prop_oneof![Just(None), prop::sample::select(b"\"\\{}[],:0-.eE+ntu \n\x01".to_vec()).prop_map(Some)],
    ) {
        let mut json = value.to_string().into_bytes();
        let at = at.index(json.len());
        match broken {
            Some(byte) => json[at] = byte,
            None => json.truncate(at),
        }
        let judged = serde_json::from_slice::<Value>(&json);
        prop_assert_eq!(read::<Value>(&json).ok().map(about), judged.ok().map(about));
        // Passing over it must end, and may be more tolerant.
        let _ = read::<IgnoredAny>(&json);
    }

    #[test]
    fn members_are_those_of_serde_json_in_any_order(json in rows()) {
        let judged = serde_json::from_str::<Vec<Aliased>>(&json).ok();
        prop_assert_eq!(find_misfit::<Vec<Aliased>>(&json.clone().into()).is_none(), judged.is_some());
        prop_assert_eq!(read::<Vec<Aliased>>(&json).ok(), judged);
        prop_assert_eq!(read::<Vec<Strict>>(&json).ok(), serde_json::from_str(&json).ok());
    }

    #[test]
    fn numbers_are_those_of_serde_json(json in "-?[0-9]{1,25}(\\.[0-9]{0,3})?([eE][+-]?[0-9]{0,3})?") {
        let judged = serde_json::from_str::<f64>(&json).is_ok();
        prop_assert_eq!(read::<f64>(json.as_bytes()).is_ok(), judged);
        prop_assert_eq!(read::<i64>(json.as_bytes()).ok(), serde_json::from_str(&json).ok());
        prop_assert_eq!(read::<u64>(json.as_bytes()).ok(), serde_json::from_str(&json).ok());
        if let Ok(number) = read::<f64>(json.as_bytes()) {
            prop_assert_eq!(number, json.parse::<f64>().unwrap());
        }
    }

    #[test]
    fn escapes_are_those_of_serde_json(json in "\"(\\\\[\"\\\\/bfnrtux0]|\\\\u[dD][89abcdefABCDEF][0-9a-f]{2}|\\\\u[0-9a-fA-F]{4}|[a-z]){0,12}\"") {
        prop_assert_eq!(read::<String>(json.as_bytes()).ok(), serde_json::from_str(&json).ok());
    }
}

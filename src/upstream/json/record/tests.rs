use bytes::Bytes;
use proptest::prelude::*;
use serde::Deserialize;

use crate::{
    identity::Service,
    upstream::{
        json::{
            AnyWordsIn, Apart, Decimal, Elsewhere, Flag, Integer, Key, Later, LaterIn, Part,
            Source, Span, Text, UnreadIn, Words, WordsIn, find_misfit, read, span,
        },
        lenient,
    },
};

record! {
    /// What is read in two steps.
    struct Recorded(here) {
        id: Key,
        number: Integer,
        share: Decimal,
        flag: Flag,
        name: Words,
        place: WordsIn,
        any: AnyWordsIn,
        later: Later<Vec<i64>>,
        later_in: LaterIn<Vec<i64>>,
        part: Part<Vec<i64>>,
        known: Elsewhere<i64>,
    }
}

/// The same, read member by member.
#[derive(Deserialize)]
struct Derived {
    #[serde(deserialize_with = "lenient::key")]
    id: i64,
    #[serde(default, deserialize_with = "lenient::integer")]
    number: Option<i64>,
    #[serde(default, deserialize_with = "lenient::decimal")]
    share: Option<f64>,
    #[serde(default, deserialize_with = "lenient::flag")]
    flag: Option<bool>,
    name: Option<Text>,
    place: Option<Span>,
    #[serde(default, deserialize_with = "span")]
    any: Option<Span>,
    #[serde(default)]
    later: UnreadIn<Vec<i64>>,
    #[serde(default)]
    later_in: UnreadIn<Vec<i64>>,
    part: Option<Vec<i64>>,
    #[serde(skip, default = "Source::current")]
    here: Source,
    #[serde(skip)]
    known: i64,
}

/// What records say, and each in its part that is read later.
macro_rules! said {
    ($records:expr, $later:expr) => {
        $records.map(|records| {
            let said = records.iter().map(|record| {
                let text = |span: Option<Span>| record.here.text(span).map(|text| text.to_string());
                let later_in = record.later_in.get(&record.here, Service::Cro, "part");
                (
                    (record.id, record.number, record.share, record.flag),
                    record.name.as_ref().map(ToString::to_string),
                    [text(record.place), text(record.any)],
                    ($later)(record).ok(),
                    later_in.ok().cloned(),
                    record.part.clone(),
                    record.known,
                )
            });
            said.collect::<Vec<_>>()
        })
    };
}

/// Lists of records, printed in many ways, of which some do not fit.
fn records() -> impl Strategy<Value = String> {
    /// The ways that fit come first.
    const VALUES: [(&str, usize, &[&str]); 10] = [
        (
            "id",
            4,
            &["1", "12", "9007199254740993", r#""7""#, "null", "-4", "01"],
        ),
        (
            "number",
            6,
            &[
                "0",
                "5",
                r#"" 8 ""#,
                "null",
                "-3",
                "1e2",
                "true",
                "99999999999999999999",
            ],
        ),
        (
            "share",
            4,
            &["0.5", "2", r#""1.25""#, "null", "false", "1e400"],
        ),
        (
            "flag",
            6,
            &[
                "true",
                "false",
                r#""True""#,
                "1",
                r#""0""#,
                "null",
                "2",
                "tru",
            ],
        ),
        (
            "name",
            4,
            &[
                r#""Ann""#,
                r#""""#,
                r#""a \"b\" \u00e4\\""#,
                "null",
                "7",
                "\"a\nb\"",
            ],
        ),
        (
            "place",
            3,
            &[r#""Yard ]},{""#, r#""\n""#, "null", "[]", r#""\ud800""#],
        ),
        ("any", 5, &[r#""x""#, "12", "1.5", "null", r#""\t""#, "{}"]),
        (
            "later",
            4,
            &["[1,2]", "[]", r#"["]"]"#, "null", r#""[""#, "[1"],
        ),
        ("later_in", 3, &["[3]", "null", r#"[4, 5 ]"#, "{}"]),
        ("part", 3, &["[1,2]", "null", "[]", r#"["1"]"#, "3", "[,]"]),
    ];
    let value = |(_, fit, values): &(&str, usize, &[&str])| {
        prop_oneof![20 => Just(0), 20 => 0..*fit, 1 => 0..values.len()].boxed()
    };
    let values: Vec<_> = VALUES.iter().map(value).collect();
    let all: Vec<usize> = (0..VALUES.len()).collect();
    let members = prop_oneof![
        6 => Just(all.clone()),
        3 => prop::sample::subsequence(all[1..].to_vec(), 1..=9).prop_map(|some| [vec![0], some].concat()),
        1 => Just(all).prop_shuffle(),
        1 => prop::sample::select(vec![vec![0, 1, 2, 1], vec![1, 2]]),
    ];
    let space = prop_oneof![9 => Just(""), 1 => prop::sample::select(vec![" ", "\n\t"])];
    let extra = prop_oneof![4 => Just(""), 1 => Just(r#","unknown":{"id":["}"]},"known":5"#)];
    let record = (members, values, space, extra).prop_map(|(members, values, space, extra)| {
        let members = members.iter().map(|member| {
            let (name, _, spellings) = VALUES[*member];
            format!(
                "{space}\"{name}\":{space}{}{space}",
                spellings[values[*member]]
            )
        });
        format!("{{{}{extra}}}", members.collect::<Vec<_>>().join(","))
    });
    prop::collection::vec(record, 1..9).prop_map(|records| format!("[{}]", records.join(",")))
}

proptest! {
    #[test]
    fn a_record_says_what_its_members_say_one_by_one(json in records()) {
        let body = Bytes::from(json);
        let later = |record: &Recorded| record.later.get(Service::Cro, "part").cloned();
        let recorded = said!(read::<Vec<Recorded>>(&body), later);
        let derived = read::<Vec<Derived>>(&body);
        let derived = said!(derived, |record: &Derived| record.later.get(&record.here, Service::Cro, "part").cloned());
        prop_assert_eq!(&recorded, &derived);
        let apart = read::<Vec<Apart<Recorded>>>(&body);
        let apart = apart.map(|records| records.into_iter().map(|Apart(record)| record).collect::<Vec<_>>());
        prop_assert_eq!(said!(apart, later), derived);
        let path = find_misfit::<Vec<Recorded>>(&body);
        prop_assert_eq!(path.is_some(), recorded.is_err());
        prop_assert_eq!(path, find_misfit::<Vec<Derived>>(&body));
    }
}

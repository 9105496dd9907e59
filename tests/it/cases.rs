//! Cases as data: `tests/cases/<entity>/<case>.graphql` in, response and upstream calls out.
//!
//! Lines of comment at the top of a case steer it: `# caller: driver`, `# header: Name: value`
//! (an empty value takes the header away), `# variables: {…}`, `# fault: cro {…}`. A line
//! `# then` ends one operation and begins the next, which the same caller sends to the same world.

use std::{fmt::Write, path::PathBuf};

use rstest::rstest;
use serde_json::Value;

use crate::{
    drift::departures,
    harness::{Api, Caller, World},
};

/// One operation of a case.
pub struct Case<'t> {
    pub operation: &'t str,
    pub steers: Vec<Steer>,
    pub variables: Value,
}

/// What a comment says of the operation below it.
pub enum Steer {
    Caller(String),
    Header(String, String),
    Fault(Api, Value),
}

/// The operations of a case, in their order.
pub fn read(text: &str) -> impl Iterator<Item = Case<'_>> {
    text.split("# then\n").map(|operation| {
        let mut case = Case {
            operation,
            steers: Vec::new(),
            variables: Value::Object(serde_json::Map::new()),
        };
        for line in operation.lines().filter_map(|line| line.strip_prefix("# ")) {
            let (word, rest) = line.split_once(':').unwrap_or((line, ""));
            match word {
                "caller" => case.steers.push(Steer::Caller(rest.trim().to_owned())),
                "header" => {
                    let (name, value) = rest.trim().split_once(':').unwrap();
                    let steer = Steer::Header(name.to_owned(), value.trim().to_owned());
                    case.steers.push(steer);
                }
                "variables" => case.variables = serde_json::from_str(rest).unwrap(),
                "fault" => {
                    let (api, fault) = rest.trim().split_once(' ').unwrap();
                    let fault = serde_json::from_str(fault).unwrap();
                    case.steers.push(Steer::Fault(api_named(api), fault));
                }
                _ => {}
            }
        }
        case
    })
}

#[rstest]
#[tokio::test]
async fn case(#[files("tests/cases/*/*.graphql")] path: PathBuf) {
    let text = std::fs::read_to_string(&path).unwrap();
    let world = World::new().await;
    let mut caller = Caller::dispatcher();
    let mut report = String::new();
    for case in read(&text) {
        for steer in case.steers {
            match steer {
                Steer::Caller(name) => caller = Caller::named(&name),
                Steer::Header(name, value) => caller = caller.header(&name, &value),
                Steer::Fault(api, fault) => world.fault(api, fault).await,
            }
        }
        let answer = world.answer(&caller, case.operation, case.variables).await;
        writeln!(report, "{}", serde_json::to_string_pretty(&answer).unwrap()).unwrap();
        for (name, api) in [
            ("cro", Api::Cro),
            ("trans-eu", Api::TransEu),
            ("crux", Api::Crux),
        ] {
            for call in world.calls(api).await {
                writeln!(report, "{name}: {call}").unwrap();
            }
        }
    }
    if !text.contains("# fault:") {
        let mut departures = departures(&world).await;
        // A contract of the stand-in has a status that nobody has described, so that it is seen.
        departures.retain(|it| !(it.contains("/v2/contracts") && it.ends_with("status value")));
        assert_eq!(
            departures,
            Vec::<String>::new(),
            "the stand-ins answer as documented"
        );
    }
    let entity = path.parent().unwrap();
    insta::with_settings!({
        snapshot_path => entity,
        prepend_module_to_snapshot => false,
        omit_expression => true,
        filters => vec![
            // Moments of creation come from the clock.
            (r#""(requestedAt|createdAt|lastModificationDate|requestDate|createdDate)": "20(2[6-9]|[3-9]\d)-[^"]*""#, r#""$1": "(now)""#),
        ],
    }, {
        insta::assert_snapshot!(path.file_stem().unwrap().to_str().unwrap(), report);
    });
}

fn api_named(name: &str) -> Api {
    match name {
        "cro" => Api::Cro,
        "trans-eu" => Api::TransEu,
        "crux" => Api::Crux,
        other => panic!("there is no upstream {other}"),
    }
}

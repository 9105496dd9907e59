//! Cases as data: `tests/cases/<entity>/<case>.graphql` in, response and upstream calls out.
//!
//! Lines of comment at the top of a case steer it: `# caller: driver`, `# header: Name: value`
//! (an empty value takes the header away), `# variables: {…}`, `# fault: cro {…}`. A line
//! `# then` ends one operation and begins the next, which the same caller sends to the same world.

use std::{fmt::Write, path::PathBuf};

use rstest::rstest;
use serde_json::Value;

use crate::harness::{Api, Caller, World};

#[rstest]
#[tokio::test]
async fn case(#[files("tests/cases/*/*.graphql")] path: PathBuf) {
    let text = std::fs::read_to_string(&path).unwrap();
    let world = World::new().await;
    let mut caller = Caller::dispatcher();
    let mut report = String::new();
    for operation in text.split("# then\n") {
        let mut variables = Value::Object(serde_json::Map::new());
        for line in operation.lines().filter_map(|line| line.strip_prefix("# ")) {
            let (word, rest) = line.split_once(':').unwrap_or((line, ""));
            match word {
                "caller" => caller = Caller::named(rest.trim()),
                "header" => {
                    let (name, value) = rest.trim().split_once(':').unwrap();
                    caller = caller.header(name, value.trim());
                }
                "variables" => variables = serde_json::from_str(rest).unwrap(),
                "fault" => {
                    let (api, fault) = rest.trim().split_once(' ').unwrap();
                    world
                        .fault(api_named(api), serde_json::from_str(fault).unwrap())
                        .await;
                }
                _ => {}
            }
        }
        let answer = world.answer(&caller, operation, variables).await;
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

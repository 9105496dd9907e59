//! Plans against the executor that reads the document itself: the same answers, byte for byte, and the
//! same upstream calls.

mod operations;

use std::{path::PathBuf, sync::Arc};

use async_graphql::{Variables, parser::parse_query};
use haulgraph::http::{Execute, Operation};
use rstest::rstest;
use serde_json::Value;

use self::operations::Operations;
use crate::{
    cases::{Steer, read},
    harness::{Api, Caller, World},
};

/// Two worlds that began alike; one is asked through plans, the other through the document.
struct Worlds {
    planned: World,
    interpreted: World,
}

impl Worlds {
    async fn new() -> Self {
        let (planned, interpreted) = tokio::join!(World::new(), World::new());
        Self {
            planned,
            interpreted,
        }
    }

    async fn fault(&self, api: Api, fault: &Value) {
        for world in [&self.planned, &self.interpreted] {
            world.fault(api, fault.clone()).await;
        }
    }

    /// Compares the answers to one operation; the answer, unless the document is refused.
    async fn compare(&self, caller: &Caller, query: &str, variables: &Value) -> Option<String> {
        let document = Arc::new(parse_query(query).unwrap());
        let (gateway, other) = (&self.planned.gateway, &self.interpreted.gateway);
        let planned = gateway.prepare(Arc::clone(&document)).await.ok()?;
        let interpreted = other.prepare(document).await.unwrap();
        let operation = || Operation {
            name: None,
            variables: Variables::from_json(variables.clone()),
            attachments: Default::default(),
            extensions: Default::default(),
        };
        let (planned, interpreted) = tokio::join!(
            gateway.execute(&planned, operation(), caller.parts()),
            other.interpret(&interpreted, operation(), caller.parts()),
        );
        let text = |body: &[u8]| without_moments(std::str::from_utf8(body).unwrap());
        let (one, two) = (text(&planned.body), text(&interpreted.body));
        // async-graphql judges variables as well, which the edge does before both.
        if two.ends_with("\"data\":null}") && !two.contains("\"code\"") {
            return None;
        }
        assert!(
            one == two && planned.errors == interpreted.errors,
            "{query}\n{variables}\nplanned:\n{one}\ninterpreted:\n{two}"
        );
        Some(one)
    }

    /// Compares the calls that arrived since the last time. Fields beside each other begin together,
    /// so the order of their calls says nothing.
    async fn compare_calls(&self, asked: &str) {
        for api in [Api::Cro, Api::TransEu, Api::Crux] {
            let (mut one, mut two) =
                tokio::join!(self.planned.calls(api), self.interpreted.calls(api));
            one.sort_unstable();
            two.sort_unstable();
            assert_eq!(one, two, "{api:?} after\n{asked}");
        }
    }
}

/// Moments of creation come from the clock.
fn without_moments(body: &str) -> String {
    const MOMENTS: [&str; 5] = [
        "\"requestedAt\":\"",
        "\"createdAt\":\"",
        "\"lastModificationDate\":\"",
        "\"requestDate\":\"",
        "\"createdDate\":\"",
    ];
    MOMENTS.iter().fold(body.to_owned(), |text, moment| {
        let mut parts = text.split(moment);
        let mut masked = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (_, rest) = part.split_once('"').unwrap();
            masked = masked + moment + "\"" + rest;
        }
        masked
    })
}

#[rstest]
#[tokio::test]
async fn plans_answer_a_case_as_the_document_says(
    #[files("tests/cases/*/*.graphql")] path: PathBuf,
) {
    let text = std::fs::read_to_string(&path).unwrap();
    let worlds = Worlds::new().await;
    let mut caller = Caller::dispatcher();
    for case in read(&text) {
        caller = case
            .steers
            .iter()
            .fold(caller, |caller, steer| match steer {
                Steer::Caller(name) => Caller::named(name),
                Steer::Header(name, value) => caller.header(name, value),
                Steer::Fault(..) => caller,
            });
        for steer in &case.steers {
            if let Steer::Fault(api, fault) = steer {
                worlds.fault(*api, fault).await;
            }
        }
        worlds
            .compare(&caller, case.operation, &case.variables)
            .await;
        worlds.compare_calls(case.operation).await;
    }
}

/// How many generated operations are compared, in worlds of their own of so many each. Set
/// `HAULGRAPH_DIFFERENTIAL` to a multiple.
const WORLDS: u64 = 12;
const EACH: usize = 100;

#[rstest]
#[tokio::test]
async fn plans_answer_any_operation_as_the_document_says(#[values(0, 1, 2, 3)] quarter: u64) {
    let rounds = option_env!("HAULGRAPH_DIFFERENTIAL").map_or(1, |rounds| rounds.parse().unwrap());
    let mut compared = 0;
    for world in 0..WORLDS / 4 * rounds {
        let worlds = Worlds::new().await;
        let mut operations = Operations::new(world * 4 + quarter);
        let mut asked = String::new();
        for _ in 0..EACH {
            if let Some((api, fault)) = operations.fault() {
                worlds.fault(api, &fault).await;
            }
            let caller = operations.caller();
            let (query, variables) = operations.next();
            if let Some(answer) = worlds.compare(&caller, &query, &variables).await {
                operations.learn(&serde_json::from_str(&answer).unwrap());
                compared += 1;
            }
            asked = asked + "\n" + &query;
        }
        worlds.compare_calls(&asked).await;
    }
    // The generator is to write valid operations, mostly.
    assert!(compared * 10 >= EACH * 9, "only {compared} were valid");
}

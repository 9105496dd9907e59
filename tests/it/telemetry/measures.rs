//! `/metrics`, and the dashboard over it. What counts is one test: a process counts in one place.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use haulgraph::{config::TrustedMode, telemetry::Metrics};

use crate::{
    edge::documents::list::List,
    harness::{Caller, World},
};

/// A line of the exposition: name, labels, value.
type Sample = (String, BTreeMap<String, String>, f64);

fn sample(line: &str) -> Sample {
    let (series, value) = line.rsplit_once(' ').unwrap();
    let value = value
        .parse()
        .unwrap_or_else(|_| panic!("no number: {line}"));
    let Some((name, labels)) = series.split_once('{') else {
        return (series.to_owned(), BTreeMap::new(), value);
    };
    let labels = labels
        .strip_suffix("\"}")
        .unwrap_or_else(|| panic!("no end: {line}"));
    let labels = labels.split("\",").map(|label| {
        let (label, value) = label.split_once("=\"").unwrap_or_else(|| panic!("{line}"));
        assert!(!value.contains(['"', '\n']), "{line}");
        (label.to_owned(), value.to_owned())
    });
    (name.to_owned(), labels.collect(), value)
}

fn samples(text: &str) -> Vec<Sample> {
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(sample).collect()
}

fn total(samples: &[Sample], name: &str, labels: &[(&str, &str)]) -> f64 {
    let fits = |of: &BTreeMap<String, String>| {
        labels
            .iter()
            .all(|(label, value)| of.get(*label).is_some_and(|it| it == value))
    };
    let hits = samples.iter().filter(|(it, of, _)| it == name && fits(of));
    hits.map(|(_, _, value)| value).sum()
}

#[tokio::test]
async fn what_happens_is_counted_under_labels_that_no_caller_can_invent() {
    let metrics = Metrics::start().unwrap();
    let world = World::new().await;
    let dispatcher = Caller::dispatcher();
    // What comes for the third time is not read again, but counts.
    for name in ["A", "B_with_a_name", "C9999", "A", "A"] {
        let query = format!("query {name} {{ locations(first: 2) {{ nodes {{ name }} }} }}");
        world.post(&dispatcher, &query).await;
    }
    world.post(&dispatcher, "{ nothing_of_that_name_77 }").await;
    world.post(&dispatcher, "query Hostile\"} 1 {").await;
    world.post(&Caller::nobody(), "{ tenants { name } }").await;

    let list = List::relay(&[("1", "{ tenants { name } }"), ("2", "{ nothing }")]);
    let trusting = world.twin(|config| {
        config.documents.trusted.mode = TrustedMode::Prefer;
        config.documents.trusted.manifest = Some(list.path().clone());
    });
    trusting
        .post(&Caller::nobody(), "{ tenants { name } }")
        .await;
    while !metrics.render().contains("haulgraph_trusted_documents") {
        tokio::task::yield_now().await;
    }

    let text = metrics.render();
    let samples = samples(&text);
    let count = |name: &str, labels: &[(&str, &str)]| total(&samples, name, labels);
    let operations = "haulgraph_operations_total";
    assert_eq!(
        count(operations, &[("type", "query"), ("outcome", "ok")]),
        5.0
    );
    assert!(
        count(operations, &[("type", "query"), ("outcome", "errors")]) >= 1.0,
        "{text}"
    );
    assert!(
        count(operations, &[("type", "unknown"), ("outcome", "refused")]) >= 1.0,
        "{text}"
    );
    assert_eq!(count(operations, &[]), 9.0);
    let documents = "haulgraph_documents_total";
    assert_eq!(count(documents, &[("source", "text")]), 8.0);
    assert_eq!(count(documents, &[("source", "trusted")]), 1.0);
    for state in ["fit", "unfit"] {
        let labels = [("state", state)];
        assert_eq!(count("haulgraph_trusted_documents", &labels), 1.0);
    }
    let calls = [
        ("service", "cro"),
        ("endpoint", "GET /locations"),
        ("outcome", "ok"),
    ];
    assert_eq!(count("haulgraph_upstream_calls_total", &calls), 1.0);
    assert_eq!(count("haulgraph_operations_in_flight", &[]), 0.0);
    assert!(
        count("haulgraph_reads_total", &[("source", "memory")]) >= 2.0,
        "{text}"
    );
    assert_eq!(count("haulgraph_operation_seconds_count", &[]), 9.0);
    assert_eq!(count("haulgraph_overhead_seconds_count", &[]), 9.0);

    let names: BTreeSet<&str> = samples.iter().map(|(name, _, _)| name.as_str()).collect();
    assert!(
        names.iter().all(|name| name.starts_with("haulgraph_")),
        "{names:?}"
    );
    for hostile in ["B_with_a_name", "C9999", "nothing_of_that_name", "Hostile"] {
        let is_in = |(_, labels, _): &Sample| labels.values().any(|value| value.contains(hostile));
        assert!(!samples.iter().any(is_in), "{hostile} is a label: {text}");
    }
}

/// What the dashboard asks for, without what Prometheus itself adds to a histogram's name.
fn asked_for(text: &str) -> BTreeSet<&str> {
    let names = text.match_indices("haulgraph_").map(|(at, _)| {
        let rest = &text[at..];
        let end = rest.find(|it: char| it != '_' && !it.is_ascii_lowercase());
        &rest[..end.unwrap_or(rest.len())]
    });
    let parts = ["_bucket", "_sum", "_count"];
    names
        .map(|name| {
            parts
                .iter()
                .find_map(|part| name.strip_suffix(part))
                .unwrap_or(name)
        })
        .collect()
}

#[test]
fn the_dashboard_asks_only_for_metrics_that_exist() {
    fn code(folder: &Path) -> String {
        let entries = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let texts = entries.map(|path| match path.is_dir() {
            true => code(&path),
            false if path.extension().is_some_and(|it| it == "rs") => {
                fs::read_to_string(path).unwrap()
            }
            false => String::new(),
        });
        texts.collect()
    }
    let code = code(Path::new("src"));
    let dashboard = fs::read_to_string("deploy/grafana/haulgraph.json").unwrap();
    let _: serde_json::Value = serde_json::from_str(&dashboard).unwrap();
    let asked = asked_for(&dashboard);
    assert!(asked.len() > 5, "{asked:?}");
    for name in asked {
        assert!(
            code.contains(&format!("\"{name}\"")),
            "nothing measures {name}"
        );
    }
}

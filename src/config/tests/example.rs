use std::collections::HashSet;

use super::super::source::known_keys;
use super::*;

const EXAMPLE: &str = include_str!("../../../haulgraph.example.toml");

/// The keys and values of a document, flat.
fn settings(above: &str, table: &toml::Table) -> Vec<(String, toml::Value)> {
    let flat = table.iter().flat_map(|(name, value)| match value {
        toml::Value::Table(table) => settings(&format!("{above}{name}."), table),
        value => vec![(format!("{above}{name}"), value.clone())],
    });
    flat.collect()
}

/// The example with the settings switched on that stand behind a `#`.
fn full_example() -> String {
    let lines = EXAMPLE.lines().map(|line| {
        let is_setting = line.starts_with('#') && !line.starts_with("# ") && line.contains(" = ");
        if is_setting { &line[1..] } else { line }
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_example_says_exactly_the_defaults() {
    let example = load(EXAMPLE, &[]).unwrap();
    assert_eq!(format!("{example:#?}"), format!("{:#?}", Config::default()));
    for (key, value) in settings("", &EXAMPLE.parse().unwrap()) {
        let pointer = format!("/properties/{}/default", key.replace('.', "/properties/"));
        let default = Config::json_schema().pointer(&pointer).cloned();
        assert_eq!(default, serde_json::to_value(value).ok(), "{key}");
    }
}

#[test]
fn the_example_names_every_setting_of_the_schema_and_no_other() {
    let example = full_example();
    let mut named: Vec<String> = settings("", &example.parse().unwrap())
        .into_iter()
        .map(|(key, _)| key)
        .collect();
    named.sort();
    let mut known = known_keys(&Config::json_schema());
    known.sort();
    assert_eq!(named, known);
    assert!(load(&example, &[]).is_ok());
}

#[test]
fn the_example_comments_every_key_of_the_schema_that_has_bounds_with_those_bounds() {
    let schema = Config::json_schema();
    for key in known_keys(&schema) {
        let pointer = format!("/properties/{}", key.replace('.', "/properties/"));
        let bounds = schema.pointer(&pointer).unwrap();
        if let (Some(min), Some(max)) = (bounds.get("minimum"), bounds.get("maximum")) {
            assert!(EXAMPLE.contains(&format!("({min} to {max})")), "{key}");
        }
    }
}

#[test]
fn the_schema_refuses_unknown_keys_in_every_section() {
    fn sections(schema: &serde_json::Value) -> Vec<&serde_json::Value> {
        let Some(properties) = schema.get("properties").and_then(|p| p.as_object()) else {
            return Vec::new();
        };
        let below = properties.values().flat_map(sections);
        std::iter::once(schema).chain(below).collect()
    }
    let schema = Config::json_schema();
    let sections = sections(&schema);
    let named = EXAMPLE
        .lines()
        .filter_map(|line| line.strip_prefix('[')?.strip_suffix(']'));
    // A section that holds only others is not named by itself.
    let parents = named.flat_map(|name| {
        name.match_indices('.')
            .map(|(at, _)| &name[..at])
            .chain([name])
    });
    assert_eq!(sections.len(), 1 + parents.collect::<HashSet<_>>().len());
    for section in sections {
        assert_eq!(section["additionalProperties"], false);
        assert!(section["description"].is_string());
    }
}

//! The schema as a file and as a product.

use haulgraph::graph::schema;

#[test]
fn the_schema_file_is_what_the_code_says() {
    let file = std::fs::read_to_string("schema.graphql").unwrap();
    assert!(
        file == schema::sdl(),
        "schema.graphql has drifted: `cargo run -- schema > schema.graphql` and read the difference"
    );
}

#[test]
fn everything_in_the_schema_is_described() {
    let sdl = schema::sdl();
    let lines: Vec<&str> = sdl.lines().collect();
    for (at, line) in lines.iter().enumerate().skip(1) {
        let text = line.trim();
        let is_type = ["type ", "input ", "enum ", "scalar ", "interface "]
            .iter()
            .any(|word| line.starts_with(word));
        let is_field = line.starts_with("  ")
            && text.contains(": ")
            && lines[at - 1].trim() != "\"\"\""
            && !inside_text(&lines, at);
        assert!(!is_field, "line {}: {line}", at + 1);
        assert!(
            !is_type || lines[at - 1] == "\"\"\"",
            "line {}: {line}",
            at + 1
        );
    }
}

/// Whether a line belongs to a description.
fn inside_text(lines: &[&str], at: usize) -> bool {
    lines[..at]
        .iter()
        .filter(|line| line.trim() == "\"\"\"")
        .count()
        % 2
        == 1
}

#[test]
fn page_types_do_not_take_the_domains_words() {
    let sdl = schema::sdl();
    assert!(sdl.contains("type HaulerConnection implements Node"));
    assert!(sdl.contains("type HaulerPage "));
}

//! The rules of ARCHITECTURE.md that a compiler does not know.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Which top-level module may import which.
const IMPORTS: &[(&str, &[&str])] = &[
    ("attachments", &[]),
    ("ids", &[]),
    ("ledger", &["trace"]),
    ("metric", &[]),
    ("spelling", &[]),
    ("trace", &[]),
    ("turns", &[]),
    ("visits", &[]),
    ("identity", &["ids"]),
    ("cache", &["identity", "ids", "turns", "visits"]),
    ("config", &[]),
    ("arguments", &["config"]),
    ("telemetry", &["config", "ledger", "metric", "trace"]),
    (
        "upstream",
        &[
            "attachments",
            "cache",
            "identity",
            "ids",
            "ledger",
            "metric",
            "spelling",
            "trace",
            "turns",
        ],
    ),
    ("graph", &["upstream", "ids", "turns"]),
    (
        "http",
        &["attachments", "ledger", "metric", "spelling", "visits"],
    ),
    ("sandbox", &[]),
    ("examples", &["config", "http", "sandbox"]),
    (
        "gateway",
        &[
            "cache", "config", "graph", "http", "identity", "ledger", "upstream",
        ],
    ),
    (
        "main",
        &[
            "arguments",
            "config",
            "examples",
            "gateway",
            "graph",
            "http",
            "sandbox",
            "telemetry",
        ],
    ),
];

fn sources() -> BTreeMap<PathBuf, String> {
    fn visit(folder: &Path, found: &mut BTreeMap<PathBuf, String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                visit(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                if path.ends_with("tests.rs")
                    || path.components().any(|part| part.as_os_str() == "tests")
                {
                    continue;
                }
                found.insert(path.strip_prefix("src").unwrap().to_owned(), text);
            }
        }
    }
    let mut found = BTreeMap::new();
    visit(Path::new("src"), &mut found);
    found
}

fn module(path: &Path) -> String {
    let first = path
        .components()
        .next()
        .unwrap()
        .as_os_str()
        .to_str()
        .unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// The code of a file without its unit tests, which may build what they like.
fn production(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests").next().unwrap()
}

#[test]
fn modules_import_only_what_the_architecture_allows() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let from = module(&path);
        if from == "lib" {
            continue;
        }
        let allowed = IMPORTS.iter().find(|(name, _)| *name == from);
        let (_, allowed) = allowed.unwrap_or_else(|| panic!("{from} is not in the table"));
        let root = if from == "main" {
            "haulgraph::"
        } else {
            "crate::"
        };
        for target in imports(production(&text), root) {
            if target != from && !allowed.contains(&target.as_str()) {
                wrong.push(format!("{}: {target}", path.display()));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// The top-level modules named after `root`, alone or in a group.
fn imports(text: &str, root: &str) -> Vec<String> {
    let known: Vec<&str> = IMPORTS.iter().map(|(name, _)| *name).collect();
    let word = |text: &str| -> String {
        text.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let mut found = Vec::new();
    for (at, _) in text.match_indices(root) {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let rest = &text[at + root.len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 1;
            let mut start = true;
            for (at, letter) in group.char_indices() {
                match letter {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    ',' if depth == 1 => start = true,
                    letter if start && depth == 1 && letter.is_alphabetic() => {
                        found.push(word(&group[at..]));
                        start = false;
                    }
                    _ => {}
                }
                if depth == 0 {
                    break;
                }
            }
        } else {
            found.push(word(rest));
        }
    }
    found.retain(|name| known.contains(&name.as_str()));
    found
}

#[test]
fn the_import_reader_sees_groups_and_single_paths() {
    let text =
        "use crate::{\n    ids::{A, B},\n    upstream::{cache, graph},\n};\nuse crate::http::X;";
    assert_eq!(imports(text, "crate::"), ["ids", "upstream", "http"]);
}

#[test]
fn the_graph_knows_no_http_and_the_wire_no_graphql() {
    for (path, text) in sources() {
        let forbidden: &[&str] = match module(&path).as_str() {
            "graph" => &["reqwest", "axum", "moka"],
            "upstream" => &["async_graphql", "axum"],
            "cache" | "identity" | "ids" => &["async_graphql", "axum", "reqwest"],
            _ => &[],
        };
        for name in forbidden {
            let used = format!("{name}::");
            assert!(
                !production(&text).contains(&used),
                "{} uses {name}",
                path.display()
            );
        }
    }
}

#[test]
fn only_the_transport_sends() {
    for (path, text) in sources() {
        // Traces go to the operator's own collector.
        let senders = ["upstream/transport/exchange.rs", "telemetry/otlp.rs"];
        if !senders.iter().any(|sender| path == Path::new(sender)) {
            assert!(
                !production(&text).contains("reqwest::Client"),
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn the_container_file_names_commands_and_paths_that_exist() {
    let dockerfile = fs::read_to_string("Dockerfile").unwrap();
    let help = |arguments: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_haulgraph"))
            .args(arguments)
            .output()
            .unwrap();
        output.status.success()
    };
    for command in ["serve", "health"] {
        assert!(
            dockerfile.contains(&format!("\"{command}\"")),
            "the image uses {command}"
        );
        assert!(help(&[command, "--help"]), "{command} is a command");
    }
    let copied = dockerfile
        .lines()
        .filter(|line| line.starts_with("COPY ") && !line.contains("--from"));
    for path in copied.flat_map(|line| {
        line.split_whitespace()
            .skip(1)
            .collect::<Vec<_>>()
            .split_last()
            .unwrap()
            .1
            .to_vec()
    }) {
        assert!(Path::new(path).exists(), "COPY {path}");
    }
}

#[test]
fn the_readme_lists_every_endpoint_and_no_other() {
    let mut called: Vec<String> = sources()
        .values()
        .flat_map(|text| endpoints(production(text)))
        .collect();
    called.sort();
    called.dedup();
    let readme = fs::read_to_string("README.md").unwrap();
    let rows = readme
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    let mut listed: Vec<String> = rows
        .map(|(endpoint, _)| endpoint.to_owned())
        .filter(|row| row.contains(" /"))
        .collect();
    listed.sort();
    assert_eq!(called, listed);
}

#[test]
fn the_drift_watch_knows_the_answers_of_every_endpoint() {
    let shapes = fs::read_dir("src/upstream/drift").unwrap();
    let shapes = shapes.map(|entry| entry.unwrap().path());
    let shapes = shapes.filter(|path| path.extension().is_some_and(|it| it == "shapes"));
    let documented: String = shapes
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let mut missing = Vec::new();
    for text in sources().values() {
        let called = endpoints(production(text)).into_iter();
        missing.extend(called.filter(|it| !documented.lines().any(|line| line == it)));
    }
    assert_eq!(missing, Vec::<String>::new());
}

/// `GET /path` for each endpoint that is declared in `text`.
fn endpoints(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("Endpoint::") {
        let rest = &text[at + "Endpoint::".len()..];
        let Some((constructor, arguments)) = rest.split_once('(') else {
            continue;
        };
        let Some(arguments) = arguments.split_once(')').map(|(arguments, _)| arguments) else {
            continue;
        };
        let method = match constructor {
            "of" => arguments
                .split("Method::")
                .nth(1)
                .and_then(|rest| rest.split(',').next()),
            "get" | "post" | "patch" => Some(constructor),
            // A read whose parameters are in its body.
            "search" => Some("post"),
            _ => None,
        };
        let path = arguments
            .split('"')
            .nth(1)
            .filter(|path| path.starts_with('/'));
        if let (Some(method), Some(path)) = (method, path) {
            found.push(format!("{} {path}", method.to_ascii_uppercase()));
        }
    }
    found
}

#[test]
fn every_promise_names_tests_that_exist() {
    fn read(folder: &Path, code: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, code);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                code.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    let mut code = String::new();
    read(Path::new("src"), &mut code);
    read(Path::new("tests/it"), &mut code);
    let page = fs::read_to_string("docs/SECURITY.md").unwrap();
    let promises: Vec<&str> = page.split("\nHeld by ").skip(1).collect();
    assert!(promises.len() > 10);
    for promise in promises {
        let (tests, _) = promise.split_once("\n\n").unwrap();
        let names = tests.split('`').skip(1).step_by(2);
        for name in names.filter(|name| !name.contains('/')) {
            assert!(code.contains(&format!("fn {name}()")), "{name}");
        }
    }
}

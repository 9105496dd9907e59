//! Documents that are written to keep a core busy: none may cost more than people's documents do.
//!
//! What counts is the time of the thread's own clock, so a loaded machine changes little. An optimized
//! build is held to 50 ms. One without optimization is slower by a factor that depends on the machine, so
//! there the bound is a number of ordinary documents.

mod documents;
mod subject;

use std::{fs, sync::LazyLock, time::Duration};

use http::StatusCode;
use proptest::{prelude::*, test_runner::Config as Cases};
use rustix::time::{ClockId, clock_gettime};
use serde_json::Value;

use subject::Subject;

/// The most that a text may cost before it is executed, in an optimized build.
const ALLOWED: Duration = Duration::from_millis(50);

/// The most in any other build, in ordinary documents. The dearest text costs two and a half.
const ORDINARY: u32 = 10;

/// The most that a text may cost in this build.
fn allowed() -> Duration {
    static HERE: LazyLock<Duration> = LazyLock::new(|| {
        let subject = Subject::new();
        // The first one pays for what is made once.
        let costs = (0..5).map(|_| cost(&subject, &ordinary()).0);
        let cost = costs.min().unwrap_or_default();
        match cfg!(debug_assertions) {
            true => cost * ORDINARY,
            false => ALLOWED,
        }
    });
    *HERE
}

/// A large screen: a hundred lists with links.
fn ordinary() -> String {
    let fields: String = (0..100)
        .map(|index| {
            format!(
                "a{index}: customers(first: 2) {{ nodes {{ id name parent {{ id name }} }} }}\n"
            )
        })
        .collect();
    format!("query Screen {{\n{fields}}}")
}

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        time.tv_sec.try_into().unwrap(),
        time.tv_nsec.try_into().unwrap(),
    )
}

/// What a request with this text costs, and the status and first message of its answer. All of it runs on
/// this thread.
fn cost(subject: &Subject, text: &str) -> (Duration, StatusCode, String) {
    let before = processor_time();
    let (status, body) = subject.answer(text);
    let cost = processor_time() - before;
    let body: Value = serde_json::from_slice(&body).unwrap();
    (cost, status, body["errors"][0]["message"].to_string())
}

#[test]
fn no_text_of_100_kb_costs_more_than_50_ms() {
    let subject = Subject::new();
    let allowed = allowed();
    let mut costs: Vec<_> = documents::documents()
        .into_iter()
        .map(|(name, text)| {
            // The second run says what the text costs, and not what the first of its kind does.
            let (first, _, message) = cost(&subject, &text);
            let (second, ..) = cost(&subject, &text);
            (first.min(second), name, text.len(), message)
        })
        .collect();
    costs.sort();
    for (cost, name, length, message) in costs.iter().rev() {
        println!(
            "{cost:>12.2?} {length:>7} {name}: {}",
            message.chars().take(90).collect::<String>()
        );
    }
    let (worst, name, ..) = costs.last().unwrap();
    println!("an ordinary document: {:?}", cost(&subject, &ordinary()).0);
    assert!(*worst < allowed, "{name}: {worst:?} of {allowed:?}");
}

/// What the fuzz target begins with, and what it has found: a text that once cost too much, or broke
/// something, stays there.
#[test]
fn no_text_of_the_corpus_costs_more_or_breaks_anything() {
    let subject = Subject::new();
    let allowed = allowed();
    let mut count = 0;
    for entry in fs::read_dir("fuzz/corpus/request").unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let (cost, status, message) = cost(&subject, &text);
        assert!(cost < allowed, "{}: {cost:?}", path.display());
        assert!(!status.is_server_error(), "{}: {message}", path.display());
        count += 1;
    }
    assert!(count > 10, "{count}");
}

/// Pieces that documents are made of.
const PIECES: &[&str] = &[
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ":",
    "!",
    "=",
    "...",
    "on",
    "@",
    "$",
    "\"",
    "\"\"\"",
    "\\",
    "#",
    "\n",
    " ",
    ",",
    "query",
    "mutation",
    "subscription",
    "fragment",
    "F",
    "G",
    "Q",
    "Query",
    "Customer",
    "Contract",
    "FixedContract",
    "tenants",
    "customers",
    "nodes",
    "node",
    "name",
    "id",
    "children",
    "first",
    "100",
    "1.5e9",
    "-1",
    "true",
    "null",
    "...F",
    "...G",
    "{name}",
    "{nodes{id name}}",
    "(first:1)",
    "(id:\"x\")",
    "$v",
    "@skip(if:$v)",
    "a:",
    "b:",
    "__schema",
    "__typename",
    "\u{1f69b}",
    "fragment F on Query{",
    "...on Customer{",
    "query Q($v:Boolean=true){",
];

proptest! {
    #![proptest_config(Cases { cases: 64, failure_persistence: None, ..Cases::default() })]

    #[test]
    fn no_mixture_of_pieces_costs_more(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 1..60),
        repeated in prop::collection::vec(1_usize..400, 1..6),
    ) {
        let subject = Subject::new();
        let allowed = allowed();
        let chunk = pieces.len().div_ceil(repeated.len());
        let mut text: String =
            pieces.chunks(chunk).zip(repeated).map(|(pieces, times)| pieces.concat().repeat(times)).collect();
        while text.len() > 100 * 1024 {
            text.pop();
        }
        let (cost, ..) = cost(&subject, &text);
        prop_assert!(cost < allowed, "{cost:?} of {allowed:?}");
    }
}

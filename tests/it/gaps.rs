//! What the three APIs' documentation leaves open or contradicts is numbered, G1, G2 and so on.
//! Each gap has a test that names it, is held elsewhere, or touches nothing that is called.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Where a gap is held that no `g…` test of the API's `tolerance_…` files names.
enum Held {
    /// By these: functions of tests, or cases.
    By(&'static [&'static str]),
    /// Nowhere, and why not.
    Not(&'static str),
}
use Held::{By, Not};

const CRO: &[(usize, Held)] = &[(
    25,
    By(&["every_address_in_samples_and_stand_ins_is_invented"]),
)];

const TRANS_EU: &[(usize, Held)] = &[
    (
        10,
        By(&[
            "route/id_with_en_dashes",
            "contract/unknown_malformed_and_dashed_ids",
        ]),
    ),
    (
        13,
        By(&["route/page_with_contracts_of_each", "contract/filtered"]),
    ),
    (
        14,
        By(&[
            "contracts_of_a_route_go_on_while_pages_are_full",
            "few_routes_of_a_long_list_are_asked_for_their_own_contracts",
        ]),
    ),
    (15, Not("lists of freights are not called")),
    (23, Not("a sample that is none: no rule is derived from it")),
    (
        27,
        By(&[
            "numbered_pages_end_by_their_count_or_by_their_flag",
            "carrier/partner_in_detail",
        ]),
    ),
    (
        28,
        By(&[
            "carrier/partner_in_detail",
            "payments_and_capacity_have_two_spellings",
        ]),
    ),
    (34, Not("what only a third party tells of is not called")),
    (37, Not("freights and offers are not called")),
    (38, Not("the published samples are not used as fixtures")),
];

const CRUX: &[(usize, Held)] = &[
    (
        5,
        By(&["no_password_of_a_file_location_reaches_an_answer_or_a_log_line"]),
    ),
    (
        10,
        By(&["g10_any_success_with_an_id_is_one_and_no_upload_is_repeated"]),
    ),
    (16, Not("the published samples are not used as fixtures")),
    (19, By(&["g15_an_approver_is_an_employee_a_name_or_nobody"])),
    (
        23,
        By(&["g21_a_refused_token_is_told_and_the_call_is_not_repeated"]),
    ),
    (
        24,
        By(&[
            "no_password_of_a_file_location_reaches_an_answer_or_a_log_line",
            "an_error_shows_no_host_no_token_and_no_stack",
        ]),
    ),
    (25, By(&["a_sample_is_served_whole"])),
];

#[test]
fn every_gap_of_the_documentation_is_held_by_a_test() {
    let tests = functions();
    for (api, table, last) in [
        ("cro", CRO, 26),
        ("trans_eu", TRANS_EU, 41),
        ("crux", CRUX, 25),
    ] {
        let named = named(api);
        for gap in 1..=last {
            let held = table.iter().find(|(number, _)| *number == gap);
            match held {
                None => assert!(named.contains(&gap), "{api}: no test names G{gap}"),
                Some((_, By(names))) => {
                    for name in *names {
                        assert!(is_test(name, &tests), "{api}: G{gap} is not held by {name}");
                    }
                }
                Some((_, Not(why))) => assert!(
                    !named.contains(&gap),
                    "{api}: G{gap} has a test, so not: {why}"
                ),
            }
        }
    }
}

fn is_test(name: &str, tests: &BTreeSet<String>) -> bool {
    let case = Path::new("tests/cases")
        .join(name)
        .with_extension("graphql");
    tests.contains(name) || case.exists()
}

/// The names of all functions.
fn functions() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in files("src", "rs").chain(files("tests/it", "rs")) {
        let text = fs::read_to_string(file).unwrap();
        let parts = text.split("fn ").skip(1);
        names.extend(parts.filter_map(|part| part.split(['(', '<']).next().map(str::to_owned)));
    }
    names
}

/// The gaps that the tests of an API name: `g05_g06_…` names two.
fn named(api: &str) -> BTreeSet<usize> {
    let is_own = |file: &PathBuf| file.to_string_lossy().contains(&format!("tolerance_{api}"));
    let own: Vec<_> = files("tests/it", "rs").filter(is_own).collect();
    assert!(!own.is_empty());
    let mut gaps = BTreeSet::new();
    for file in own {
        let text = fs::read_to_string(file).unwrap();
        for part in text.split("fn g").skip(1) {
            let words = format!("g{part}");
            let numbers = words
                .split('_')
                .map_while(|word| word.strip_prefix('g')?.parse::<usize>().ok());
            gaps.extend(numbers);
        }
    }
    gaps
}

fn files(folder: &str, kind: &'static str) -> Box<dyn Iterator<Item = PathBuf>> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    Box::new(entries.flat_map(move |path| match path.is_dir() {
        true => files(&path.to_string_lossy(), kind).collect(),
        false if path.extension().is_some_and(|own| own == kind) => vec![path],
        false => Vec::new(),
    }))
}

#[test]
fn every_address_in_samples_and_stand_ins_is_invented() {
    let samples = files("tests/samples", "json").chain(files("tests/cases", "graphql"));
    for file in samples.chain(files("src/sandbox", "rs")) {
        let text = fs::read_to_string(&file).unwrap();
        for (at, _) in text.match_indices('@') {
            let host: String = text[at + 1..]
                .chars()
                .take_while(|letter| letter.is_ascii_alphanumeric() || ".-".contains(*letter))
                .collect();
            let is_invented =
                !host.contains('.') || host.trim_end_matches('.').ends_with("example.com");
            assert!(is_invented, "{}: {host}", file.display());
        }
    }
}

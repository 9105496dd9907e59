//! What came out: the figures of every round, and the ratios that the project is held to.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::limits::Limit;
use crate::load::Measurement;
use crate::scenario::Manner;
use crate::statistics::{median, ratio, rounded};
use crate::target::{APOLLO, Kind};

/// The figures of one run.
#[derive(Debug, Clone, Copy)]
pub struct Figures {
    /// Answers a second.
    pub throughput: f64,
    /// Answers for a second of the target's processor time.
    pub capacity: f64,
    /// Microseconds of the target's processor time for an answer.
    pub cost: f64,
    /// Median time to an answer, in milliseconds.
    pub p50: f64,
    /// 99 of 100 answers came within so many milliseconds.
    pub p99: f64,
    /// Upstream calls for an answer.
    pub calls: f64,
}

impl Figures {
    /// The figures of a measurement during which the upstreams got `calls` calls.
    pub fn of(measurement: &Measurement, calls: u64) -> Self {
        Self {
            throughput: measurement.throughput(),
            capacity: measurement.capacity(),
            cost: measurement.cost(),
            p50: measurement.latency(0.5).unwrap_or(f64::NAN),
            p99: measurement.latency(0.99).unwrap_or(f64::NAN),
            calls: calls as f64 / measurement.answered.max(1) as f64,
        }
    }
}

/// A workload, a manner, and the name of a target.
pub type Place = (&'static str, Manner, &'static str);

/// A point of the curve: an answer's size and what it costs.
#[derive(Debug, Clone, Copy)]
pub struct Point {
    /// Objects in the answer.
    pub nodes: usize,
    /// Microseconds of processor time for it.
    pub cost: f64,
    /// Upstream calls for it.
    pub calls: f64,
}

/// Everything that a run of the bench found out.
#[derive(Debug, Default)]
pub struct Results {
    /// By round.
    pub figures: BTreeMap<Place, Vec<Figures>>,
    /// Why a target was not measured: its name and the reason.
    pub skipped: Vec<(&'static str, String)>,
    /// Why an answer was refused: target, workload, and the difference.
    pub refused: Vec<(&'static str, &'static str, String)>,
    /// Peak memory by target, in bytes.
    pub memory: BTreeMap<&'static str, u64>,
    /// Milliseconds from the gateway's start to its first answer.
    pub starts: Vec<f64>,
    /// Cost by the size of the answer.
    pub curve: Vec<Point>,
    /// The upstream calls of the gateway by workload, as steps.
    pub steps: BTreeMap<&'static str, usize>,
}

/// What a ratio is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Answers for a second of processor time; more is better.
    Capacity,
    /// Median time to an answer; less is better.
    Latency,
}

/// One of the ratios that the project is held to.
#[derive(Debug, Clone, Copy)]
pub struct Ratio {
    /// Its name in `latest.json` and in the baseline.
    pub name: &'static str,
    /// What is asked.
    pub workload: &'static str,
    /// How.
    pub manner: Manner,
    /// What is compared.
    pub measure: Measure,
    /// The upper side.
    pub ours: Kind,
    /// The lower side.
    pub theirs: Kind,
    /// At least this (capacity), or at most (latency).
    pub goal: f64,
}

const PREBUILT: Kind = Kind::Limit(Limit::Prebuilt);
const PASS_THROUGH: Kind = Kind::Limit(Limit::PassThrough);

const fn capacity(
    name: &'static str,
    (workload, manner): (&'static str, Manner),
    (ours, theirs): (Kind, Kind),
    goal: f64,
) -> Ratio {
    Ratio {
        name,
        workload,
        manner,
        measure: Measure::Capacity,
        ours,
        theirs,
        goal,
    }
}

const fn latency(name: &'static str, connections: usize, goal: f64) -> Ratio {
    Ratio {
        name,
        workload: "nested",
        manner: Manner::Distant(connections),
        measure: Measure::Latency,
        ours: Kind::Gateway,
        theirs: PASS_THROUGH,
        goal,
    }
}

/// All of them.
pub const RATIOS: [Ratio; 9] = [
    capacity(
        "nested_own_vs_tailcall",
        ("nested", Manner::Own),
        (Kind::Gateway, Kind::Tailcall),
        8.0,
    ),
    capacity(
        "nested_own_vs_apollo",
        ("nested", Manner::Own),
        (Kind::Gateway, APOLLO),
        24.0,
    ),
    capacity(
        "nested_own_vs_passthrough",
        ("nested", Manner::Own),
        (Kind::Gateway, PASS_THROUGH),
        0.55,
    ),
    capacity(
        "flat_own_vs_passthrough",
        ("flat", Manner::Own),
        (Kind::Gateway, PASS_THROUGH),
        0.6,
    ),
    capacity(
        "identical_vs_static",
        ("nested", Manner::Identical),
        (Kind::Forgetful, PREBUILT),
        0.5,
    ),
    capacity(
        "warm_vs_static",
        ("nested", Manner::Warm),
        (Kind::Gateway, PREBUILT),
        0.75,
    ),
    capacity(
        "constant_vs_static",
        ("constant", Manner::Own),
        (Kind::Gateway, PREBUILT),
        0.9,
    ),
    latency("latency_1_vs_critical", 1, 1.03),
    latency("latency_100_vs_critical", 100, 1.1),
];

impl Results {
    /// The value of a ratio, if both sides ran.
    pub fn ratio(&self, of: &Ratio) -> Option<f64> {
        let side = |kind: Kind| {
            let place = (of.workload, of.manner, kind.name());
            let figure = |figures: &Figures| match of.measure {
                Measure::Capacity => figures.capacity,
                Measure::Latency => figures.p50,
            };
            let rounds = self.figures.get(&place)?;
            Some(rounds.iter().map(figure).collect::<Vec<_>>())
        };
        ratio(&side(of.ours)?, &side(of.theirs)?)
    }

    /// The medians over the rounds.
    pub fn medians(&self, place: &Place) -> Option<Figures> {
        let rounds = self.figures.get(place)?;
        let of =
            |figure: fn(&Figures) -> f64| median(&rounds.iter().map(figure).collect::<Vec<_>>());
        Some(Figures {
            throughput: of(|round| round.throughput)?,
            capacity: of(|round| round.capacity)?,
            cost: of(|round| round.cost)?,
            p50: of(|round| round.p50)?,
            p99: of(|round| round.p99)?,
            calls: of(|round| round.calls)?,
        })
    }

    /// Everything as JSON.
    pub fn to_json(&self, quick: bool) -> Value {
        let number = |figure: f64| json!(figure.is_finite().then(|| rounded(figure)));
        let by_name = |value: fn(&Self, &Ratio) -> Value| {
            RATIOS
                .iter()
                .map(|of| (of.name.to_owned(), value(self, of)))
                .collect::<Map<_, _>>()
        };
        let runs: Vec<Value> = self
            .figures
            .iter()
            .filter_map(|(place, rounds)| {
                let (workload, manner, target) = place;
                let figures = self.medians(place)?;
                Some(json!({
                    "workload": workload, "manner": manner.name(), "target": target,
                    "rounds": rounds.len(),
                    "requests_per_second": number(figures.throughput),
                    "requests_per_core_second": number(figures.capacity),
                    "cpu_us_per_query": number(figures.cost),
                    "p50_ms": number(figures.p50), "p99_ms": number(figures.p99),
                    "upstream_calls_per_query": number(figures.calls),
                }))
            })
            .collect();
        let curve = |point: &Point| {
            json!({
                "nodes": point.nodes, "cpu_us_per_query": number(point.cost),
                "upstream_calls_per_query": number(point.calls),
            })
        };
        json!({
            "ratios": by_name(|results, of| json!(results.ratio(of).map(rounded))),
            "goals": by_name(|_, of| json!(of.goal)),
            "quick": quick,
            "start_to_first_answer_ms": median(&self.starts).map(rounded),
            "peak_rss_mb": self.memory.iter().map(|(target, bytes)| {
                ((*target).to_owned(), number(*bytes as f64 / 1e6))
            }).collect::<Map<_, _>>(),
            "upstream_steps": self.steps,
            "curve": self.curve.iter().map(curve).collect::<Vec<_>>(),
            "runs": runs,
            "skipped": self.skipped.iter().map(|(target, why)| {
                json!({ "target": target, "why": why })
            }).collect::<Vec<_>>(),
            "refused": self.refused.iter().map(|(target, workload, why)| {
                json!({ "target": target, "workload": workload, "why": why })
            }).collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(capacity: f64, p50: f64) -> Figures {
        Figures {
            throughput: capacity,
            capacity,
            cost: 1e6 / capacity,
            p50,
            p99: p50,
            calls: 2.0,
        }
    }

    fn results() -> Results {
        let mut results = Results::default();
        let mut add = |place, rounds: &[Figures]| results.figures.insert(place, rounds.to_vec());
        add(
            ("nested", Manner::Own, "haulgraph"),
            &[
                figures(900.0, 1.0),
                figures(450.0, 1.0),
                figures(1000.0, 1.0),
            ],
        );
        add(
            ("nested", Manner::Own, "apollo-server"),
            &[figures(30.0, 1.0), figures(15.0, 1.0), figures(40.0, 1.0)],
        );
        add(
            ("nested", Manner::Distant(1), "haulgraph"),
            &[figures(1.0, 44.0)],
        );
        add(
            ("nested", Manner::Distant(1), "limit: pass-through"),
            &[figures(1.0, 40.0)],
        );
        results
    }

    #[test]
    fn a_ratio_of_what_did_not_run_is_null() {
        let json = results().to_json(true);
        assert_eq!(json["ratios"]["nested_own_vs_apollo"], 30.0);
        assert_eq!(json["ratios"]["latency_1_vs_critical"], 1.1);
        assert_eq!(json["ratios"]["nested_own_vs_tailcall"], Value::Null);
        assert_eq!(json["ratios"].as_object().map(Map::len), Some(RATIOS.len()));
    }

    #[test]
    fn runs_are_shown_by_their_medians() {
        let json = results().to_json(true);
        let run = json["runs"]
            .as_array()
            .unwrap()
            .iter()
            .find(|run| run["target"] == "haulgraph" && run["manner"] == "own");
        assert_eq!(run.unwrap()["requests_per_core_second"], 900.0);
        assert_eq!(run.unwrap()["upstream_calls_per_query"], 2.0);
    }
}

//! Which workload, asked how, of whom.

use std::time::Duration;

use crate::limits::Limit;
use crate::target::{APOLLO, HIVE, Kind};
use crate::workload::Callers;

/// The distance of the upstreams where waiting is measured.
pub const DISTANCE: Duration = Duration::from_millis(20);

/// How a workload is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Manner {
    /// Every request has a caller of its own: nothing can be shared.
    Own,
    /// All requests are the same caller's, and nothing is kept: only what is under way is shared.
    Identical,
    /// All requests are the same caller's, and everything is fresh in memory.
    Warm,
    /// The upstreams are 20 ms away, callers of their own, so many connections.
    Distant(usize),
}

impl Manner {
    /// The name in results.
    pub fn name(self) -> String {
        match self {
            Self::Own => "own".to_owned(),
            Self::Identical => "identical".to_owned(),
            Self::Warm => "warm".to_owned(),
            Self::Distant(connections) => format!("distant-{connections}"),
        }
    }

    /// What a reader of the table sees.
    pub fn title(self) -> String {
        match self {
            Self::Own => "a caller of its own per request, 100 connections".to_owned(),
            Self::Identical => {
                "identical requests of one caller, nothing kept, 100 connections".to_owned()
            }
            Self::Warm => "identical requests of one caller, warm, 100 connections".to_owned(),
            Self::Distant(1) => "upstreams 20 ms away, 1 connection".to_owned(),
            Self::Distant(connections) => {
                format!("upstreams 20 ms away, {connections} connections")
            }
        }
    }

    /// Who asks.
    pub fn callers(self) -> Callers {
        match self {
            Self::Own | Self::Distant(_) => Callers::OneEach,
            Self::Identical | Self::Warm => Callers::Same,
        }
    }

    /// How many ask at once.
    pub fn connections(self) -> usize {
        match self {
            Self::Own | Self::Identical | Self::Warm => 100,
            Self::Distant(connections) => connections,
        }
    }

    /// How long the upstreams let their callers wait.
    pub fn delay(self) -> Duration {
        match self {
            Self::Distant(_) => DISTANCE,
            Self::Own | Self::Identical | Self::Warm => Duration::ZERO,
        }
    }
}

/// One line-up of the bench: in every round all its targets run one after another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenario {
    /// The name of the workload.
    pub workload: &'static str,
    /// How it is asked.
    pub manner: Manner,
    /// Of whom; ourselves first.
    pub kinds: Vec<Kind>,
}

const PREBUILT: Kind = Kind::Limit(Limit::Prebuilt);
const PASS_THROUGH: Kind = Kind::Limit(Limit::PassThrough);

/// Everything that is measured; `quick` leaves out most of what no ratio needs.
pub fn all(quick: bool) -> Vec<Scenario> {
    let mut scenarios = Vec::new();
    let mut add = |workload, manner, kinds: &[Kind]| {
        scenarios.push(Scenario {
            workload,
            manner,
            kinds: kinds.to_vec(),
        });
    };
    for workload in ["nested", "flat", "one", "contracts", "screen"] {
        let kinds = [Kind::Gateway, PASS_THROUGH, Kind::Tailcall, APOLLO, HIVE];
        let some = match (quick, workload) {
            (false, _) | (true, "nested" | "flat") => kinds.as_slice(),
            (true, _) => &[Kind::Gateway, PASS_THROUGH, APOLLO],
        };
        add(workload, Manner::Own, some);
    }
    let kinds = [Kind::Gateway, PREBUILT, Kind::Tailcall, APOLLO, HIVE];
    add("constant", Manner::Own, &kinds);
    let shared: &[_] = match quick {
        true => &["nested"],
        false => &["nested", "flat", "one", "contracts", "screen"],
    };
    for workload in shared {
        add(workload, Manner::Identical, &[Kind::Forgetful, PREBUILT]);
        add(workload, Manner::Warm, &[Kind::Gateway, PREBUILT]);
    }
    let distant: &[_] = match quick {
        true => &["nested"],
        false => &["nested", "one", "contracts", "screen"],
    };
    let connections: &[_] = match quick {
        true => &[1, 100],
        false => &[1, 16, 100],
    };
    for workload in distant {
        for connections in connections {
            let kinds = [Kind::Gateway, PASS_THROUGH, APOLLO];
            add(workload, Manner::Distant(*connections), &kinds);
        }
    }
    scenarios
}

/// How long it all takes.
#[derive(Debug, Clone, Copy)]
pub struct Extent {
    /// How often every scenario is run.
    pub rounds: usize,
    /// Time before anything counts.
    pub warm_up: Duration,
    /// Time that counts.
    pub duration: Duration,
    /// Time that counts where upstreams are distant and answers are few.
    pub distant_duration: Duration,
}

impl Extent {
    /// A look, in less than five minutes.
    pub const QUICK: Self = Self {
        rounds: 3,
        warm_up: Duration::from_millis(250),
        duration: Duration::from_millis(800),
        distant_duration: Duration::from_millis(1500),
    };
    /// Figures to keep.
    pub const FULL: Self = Self {
        rounds: 5,
        warm_up: Duration::from_millis(1000),
        duration: Duration::from_millis(3000),
        distant_duration: Duration::from_millis(4000),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quick_run_has_every_line_up_that_a_ratio_needs() {
        let quick = all(true);
        for ratio in crate::results::RATIOS {
            for kind in [ratio.ours, ratio.theirs] {
                let found = quick.iter().any(|scenario| {
                    scenario.workload == ratio.workload
                        && scenario.manner == ratio.manner
                        && scenario.kinds.contains(&kind)
                });
                assert!(found, "{}", ratio.name);
            }
        }
    }
}

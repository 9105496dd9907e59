//! The ratios that were committed, and whether the latest ones hold them.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::results::{Measure, RATIOS, Results};
use crate::statistics::rounded;

/// How much of a recorded ratio has to be reached.
const SHARE: f64 = 0.95;

/// Recorded ratios by name; null where a side did not run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    ratios: BTreeMap<String, Option<f64>>,
}

/// What became of one ratio.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// It is as good as it was, or nearly.
    Held,
    /// It is worse: the recorded value and the one of now.
    Worse(f64, f64),
    /// One of the two is missing.
    NotCompared,
}

impl Baseline {
    /// Reads the committed ratios.
    ///
    /// # Errors
    /// There is no such file, or it is not what it should be.
    pub fn read(path: &Path) -> Result<Self, Box<dyn std::error::Error>> {
        Ok(serde_json::from_slice(&std::fs::read(path)?)?)
    }

    /// The ratios of `results`, to be committed.
    pub fn of(results: &Results) -> Self {
        let ratio = |of| results.ratio(of).map(rounded);
        let ratios = RATIOS.iter().map(|of| (of.name.to_owned(), ratio(of)));
        Self {
            ratios: ratios.collect(),
        }
    }

    /// Writes them.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), Box<dyn std::error::Error>> {
        Ok(std::fs::write(
            path,
            serde_json::to_string_pretty(self)? + "\n",
        )?)
    }

    /// What became of every ratio.
    pub fn verdicts(&self, latest: &Self) -> Vec<(&'static str, Verdict)> {
        let of = |ratios: &BTreeMap<String, Option<f64>>, name| ratios.get(name).copied().flatten();
        RATIOS
            .iter()
            .map(|ratio| {
                let was = of(&self.ratios, ratio.name);
                let verdict = match (was, of(&latest.ratios, ratio.name)) {
                    (Some(was), Some(is)) => verdict(ratio.measure, was, is),
                    _ => Verdict::NotCompared,
                };
                (ratio.name, verdict)
            })
            .collect()
    }
}

fn verdict(measure: Measure, was: f64, is: f64) -> Verdict {
    let held = match measure {
        Measure::Capacity => is >= was * SHARE,
        Measure::Latency => is * SHARE <= was,
    };
    if held {
        Verdict::Held
    } else {
        Verdict::Worse(was, is)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn baseline(apollo: Option<f64>, latency: Option<f64>) -> Baseline {
        let named = [
            ("nested_own_vs_apollo", apollo),
            ("latency_1_vs_critical", latency),
        ];
        Baseline {
            ratios: named.map(|(name, ratio)| (name.to_owned(), ratio)).into(),
        }
    }

    fn verdict_on(name: &str, was: &Baseline, is: &Baseline) -> Verdict {
        let verdicts = was.verdicts(is);
        verdicts.into_iter().find(|(of, _)| *of == name).unwrap().1
    }

    #[test]
    fn a_capacity_may_fall_by_five_in_a_hundred() {
        let was = baseline(Some(20.0), None);
        let now = |is| verdict_on("nested_own_vs_apollo", &was, &baseline(is, None));
        assert_eq!(now(Some(25.0)), Verdict::Held);
        assert_eq!(now(Some(19.1)), Verdict::Held);
        assert_eq!(now(Some(18.9)), Verdict::Worse(20.0, 18.9));
        assert_eq!(now(None), Verdict::NotCompared);
    }

    #[test]
    fn a_latency_may_rise_by_five_in_a_hundred() {
        let was = baseline(None, Some(1.0));
        let now = |is| verdict_on("latency_1_vs_critical", &was, &baseline(None, is));
        assert_eq!(now(Some(0.9)), Verdict::Held);
        assert_eq!(now(Some(1.05)), Verdict::Held);
        assert_eq!(now(Some(1.06)), Verdict::Worse(1.0, 1.06));
    }

    #[test]
    fn every_ratio_is_written_and_read_back() {
        let path = std::env::temp_dir().join(format!("baseline-{}.json", std::process::id()));
        let empty = Baseline::of(&Results::default());
        empty.write(&path).unwrap();
        assert_eq!(Baseline::read(&path).unwrap(), empty);
        assert_eq!(empty.ratios.len(), RATIOS.len());
        std::fs::remove_file(path).unwrap();
    }
}

//! Which upstream calls a workload needs, and in which order: the gateway is asked once in front of
//! slow stand-ins, and their logs are watched. The pass-through then makes the same calls.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::sandbox::{SERVICES, Sandbox};

/// How slow the stand-ins are while they are watched: a step takes this long.
const STEP: Duration = Duration::from_millis(150);
const LOOK: Duration = Duration::from_millis(10);

/// One GET of an upstream.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Call {
    /// Which upstream: its place in [`SERVICES`].
    pub service: usize,
    /// Path and query.
    pub path: String,
}

/// Steps that follow each other; the calls of a step run at once.
pub type Steps = Vec<Vec<Call>>;

/// The calls that `asking` causes, as steps.
///
/// # Errors
/// The stand-ins do not answer, or what was asked failed.
pub async fn watch<F>(sandbox: &Sandbox, asking: F) -> Result<Steps, Box<dyn std::error::Error>>
where
    F: Future<Output = std::io::Result<()>>,
{
    sandbox.delay(STEP).await?;
    sandbox.clear_calls().await?;
    let started = Instant::now();
    let mut seen: BTreeMap<(usize, u64), (Duration, Call)> = BTreeMap::new();
    tokio::pin!(asking);
    let asked = loop {
        tokio::select! {
            asked = &mut asking => break asked,
            () = tokio::time::sleep(LOOK) => {
                let now = started.elapsed();
                for service in 0..SERVICES.len() {
                    for (number, path) in sandbox.calls(service).await? {
                        seen.entry((service, number)).or_insert((now, Call { service, path }));
                    }
                }
            }
        }
    };
    sandbox.delay(Duration::ZERO).await?;
    asked?;
    Ok(steps(seen.into_values()))
}

/// Calls that were seen less than a step apart ran at once.
fn steps(seen: impl Iterator<Item = (Duration, Call)>) -> Steps {
    let mut calls: Vec<(Duration, Call)> = seen.collect();
    calls.sort();
    let mut steps: Steps = Vec::new();
    let mut began = None;
    for (at, call) in calls {
        match (began, steps.last_mut()) {
            (Some(began), Some(step)) if at < began + STEP * 2 / 3 => step.push(call),
            _ => {
                began = Some(at);
                steps.push(vec![call]);
            }
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(path: &str) -> Call {
        Call {
            service: 0,
            path: path.to_owned(),
        }
    }

    #[test]
    fn what_was_seen_together_is_a_step() {
        let at = |milliseconds, path: &str| (Duration::from_millis(milliseconds), call(path));
        let seen = [at(171, "/c"), at(12, "/a"), at(330, "/d"), at(24, "/b")];
        assert_eq!(
            steps(seen.into_iter()),
            [
                vec![call("/a"), call("/b")],
                vec![call("/c")],
                vec![call("/d")]
            ]
        );
        assert!(steps(std::iter::empty()).is_empty());
    }
}

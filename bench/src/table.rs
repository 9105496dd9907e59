//! The results as tables, in Markdown.

use std::fmt::{self, Write};

use crate::results::{Measure, Place, RATIOS, Results};
use crate::scenario::Manner;
use crate::statistics::{median, rounded};
use crate::workload::Workload;

/// Everything, as a page of Markdown.
///
/// # Errors
/// Never: text grows in memory.
pub fn page(results: &Results, workloads: &[Workload]) -> Result<String, fmt::Error> {
    let mut page = String::new();
    ratios(&mut page, results)?;
    let mut manners: Vec<Manner> = results
        .figures
        .keys()
        .map(|(_, manner, _)| *manner)
        .collect();
    manners.sort_unstable();
    manners.dedup();
    for manner in manners {
        figures(&mut page, results, workloads, manner)?;
    }
    rest(&mut page, results)?;
    Ok(page)
}

fn ratios(page: &mut String, results: &Results) -> fmt::Result {
    writeln!(page, "| ratio | value | goal |\n|---|---|---|")?;
    for of in &RATIOS {
        let goal = match of.measure {
            Measure::Capacity => format!("at least {}", of.goal),
            Measure::Latency => format!("at most {}", of.goal),
        };
        let value = match results.ratio(of) {
            Some(value) => rounded(value).to_string(),
            None => "did not run".to_owned(),
        };
        writeln!(page, "| `{}` | {value} | {goal} |", of.name)?;
    }
    Ok(())
}

fn figures(
    page: &mut String,
    results: &Results,
    workloads: &[Workload],
    manner: Manner,
) -> fmt::Result {
    writeln!(page, "\n**{}**\n", manner.title())?;
    writeln!(
        page,
        "| workload | server | req/s | req per core-second | CPU µs | p50 ms | p99 ms | upstream calls |"
    )?;
    writeln!(page, "|---|---|---|---|---|---|---|---|")?;
    for workload in workloads {
        let mut places: Vec<&Place> = results
            .figures
            .keys()
            .filter(|(name, of, _)| *name == workload.name && *of == manner)
            .collect();
        places.sort_by(|one, other| {
            let capacity = |place: &Place| results.medians(place).map_or(0.0, |of| of.capacity);
            capacity(other).total_cmp(&capacity(one))
        });
        for (at, place) in places.into_iter().enumerate() {
            let Some(of) = results.medians(place) else {
                continue;
            };
            let title = if at == 0 { workload.title } else { "" };
            let name = match place.2 {
                ours if ours.starts_with("haulgraph") => format!("**{ours}**"),
                other => other.to_owned(),
            };
            writeln!(
                page,
                "| {title} | {name} | {} | {} | {} | {} | {} | {} |",
                rounded(of.throughput),
                rounded(of.capacity),
                rounded(of.cost),
                rounded(of.p50),
                rounded(of.p99),
                rounded(of.calls),
            )?;
        }
    }
    Ok(())
}

fn rest(page: &mut String, results: &Results) -> fmt::Result {
    writeln!(page, "\n| server | peak memory, MB |\n|---|---|")?;
    for (name, bytes) in &results.memory {
        writeln!(page, "| {name} | {} |", rounded(*bytes as f64 / 1e6))?;
    }
    if !results.curve.is_empty() {
        writeln!(
            page,
            "\n| nodes in the answer | CPU µs | CPU µs per node | upstream calls |\n|---|---|---|---|"
        )?;
    }
    for point in &results.curve {
        writeln!(
            page,
            "| {} | {} | {} | {} |",
            point.nodes,
            rounded(point.cost),
            rounded(point.cost / point.nodes.max(1) as f64),
            rounded(point.calls),
        )?;
    }
    if let Some(start) = median(&results.starts) {
        writeln!(page, "\nFrom start to first answer: {} ms.", rounded(start))?;
    }
    for (name, why) in &results.skipped {
        writeln!(page, "\nSkipped {name}: it {why}.")?;
    }
    for (name, workload, why) in &results.refused {
        writeln!(page, "\nRefused {name} for {workload}: {why}.")?;
    }
    Ok(())
}

//! The chart of the README: what one core does with the nested list, and the cost of large answers.

use std::fmt::{self, Write};

use crate::results::{Place, Results};
use crate::scenario::Manner;
use crate::statistics::rounded;

const WIDTH: f64 = 760.0;
const LABELS: f64 = 190.0;
const BAR: f64 = 26.0;
const TOP: f64 = 56.0;

/// The chart as SVG.
///
/// # Errors
/// Never: text grows in memory.
pub fn draw(results: &Results) -> Result<String, fmt::Error> {
    let mut bars: Vec<(&str, f64)> = results
        .figures
        .keys()
        .filter(|(workload, manner, _)| *workload == "nested" && *manner == Manner::Own)
        .filter_map(|place: &Place| Some((place.2, results.medians(place)?.capacity)))
        .collect();
    bars.sort_by(|one, other| other.1.total_cmp(&one.1));
    let most = bars.first().map_or(1.0, |bar| bar.1.max(1.0));
    let height = TOP + bars.len() as f64 * (BAR + 10.0) + 34.0;

    let mut svg = String::new();
    writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="Queries a core answers in a second">"#
    )?;
    // Its own ground, so that it reads in light and dark pages alike.
    writeln!(
        svg,
        r##"<rect width="{WIDTH}" height="{height}" rx="8" fill="#ffffff"/>"##
    )?;
    text(
        &mut svg,
        (20.0, 26.0),
        ("#1b1f24", "15", "start"),
        "Queries that one core answers in a second",
    )?;
    text(
        &mut svg,
        (20.0, 44.0),
        ("#57606a", "12", "start"),
        "100 customers → parent, link rows → yard; every request has a caller of its own",
    )?;
    for (at, (name, capacity)) in bars.iter().enumerate() {
        let y = TOP + at as f64 * (BAR + 10.0);
        let width = (capacity / most * (WIDTH - LABELS - 110.0)).max(2.0);
        let colour = match *name {
            "haulgraph" => "#0f766e",
            limit if limit.starts_with("limit") => "#c9d1d9",
            _ => "#8c959f",
        };
        text(
            &mut svg,
            (LABELS - 10.0, y + 18.0),
            ("#1b1f24", "13", "end"),
            name,
        )?;
        writeln!(
            svg,
            r#"<rect x="{LABELS}" y="{y}" width="{width:.1}" height="{BAR}" rx="3" fill="{colour}"/>"#
        )?;
        let shown = rounded(*capacity).to_string();
        text(
            &mut svg,
            (LABELS + width + 8.0, y + 18.0),
            ("#1b1f24", "13", "start"),
            &shown,
        )?;
    }
    let foot = TOP + bars.len() as f64 * (BAR + 10.0) + 16.0;
    text(
        &mut svg,
        (20.0, foot),
        ("#57606a", "11", "start"),
        "Same upstream calls for all. The pass-through reads them and copies their bytes; nothing parses less than that.",
    )?;
    writeln!(svg, "</svg>")?;
    Ok(svg)
}

fn text(
    svg: &mut String,
    (x, y): (f64, f64),
    (colour, size, anchor): (&str, &str, &str),
    text: &str,
) -> fmt::Result {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    writeln!(
        svg,
        r#"<text x="{x:.1}" y="{y:.1}" fill="{colour}" font-size="{size}" text-anchor="{anchor}">{text}</text>"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::Figures;

    #[test]
    fn the_fastest_is_on_top_and_every_bar_is_inside() {
        let mut results = Results::default();
        for (name, capacity) in [("apollo-server", 40.0), ("haulgraph", 900.0)] {
            let figures = Figures {
                throughput: capacity,
                capacity,
                cost: 1.0,
                p50: 1.0,
                p99: 1.0,
                calls: 2.0,
            };
            results
                .figures
                .insert(("nested", Manner::Own, name), vec![figures]);
        }
        let svg = draw(&results).unwrap();
        assert!(svg.find(">haulgraph<").unwrap() < svg.find(">apollo-server<").unwrap());
        assert!(svg.contains(r#"width="460.0""#), "{svg}");
        assert!(svg.contains(r#"width="20.4""#), "{svg}");
    }
}

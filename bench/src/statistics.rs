//! The arithmetic: medians, percentiles, and ratios that are taken within a round, so that a slow
//! minute of the machine slows both sides of them.

use std::time::Duration;

use crate::load::Measurement;

/// The middle of some figures; of an even number of them, the mean of the two in the middle.
pub fn median(figures: &[f64]) -> Option<f64> {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    match sorted.len() % 2 {
        1 => Some(upper),
        _ => Some((sorted[middle - 1] + upper) / 2.0),
    }
}

/// The time under which the share `of` (0 to 1) of some sorted times lies.
pub fn percentile(sorted: &[Duration], of: f64) -> Option<Duration> {
    let rank = (of * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied()
}

/// The median, over the rounds, of `ours` over `theirs` in the same round.
pub fn ratio(ours: &[f64], theirs: &[f64]) -> Option<f64> {
    let ratios: Vec<f64> = ours
        .iter()
        .zip(theirs)
        .filter(|(_, theirs)| **theirs > 0.0)
        .map(|(ours, theirs)| ours / theirs)
        .collect();
    median(&ratios)
}

/// A figure with three digits that matter.
pub fn rounded(figure: f64) -> f64 {
    if figure == 0.0 || !figure.is_finite() {
        return figure;
    }
    let scale = 10_f64.powf(2.0 - figure.abs().log10().floor());
    (figure * scale).round() / scale
}

impl Measurement {
    /// Answers a second, as the machine gave them.
    pub fn throughput(&self) -> f64 {
        self.completed as f64 / self.elapsed.as_secs_f64()
    }

    /// Microseconds of the target's processor time for one answer.
    pub fn cost(&self) -> f64 {
        self.processor.as_secs_f64() * 1e6 / self.completed.max(1) as f64
    }

    /// Answers that one second of the target's core gives: what `throughput` is when the target has
    /// its core alone and the other core keeps up with it.
    pub fn capacity(&self) -> f64 {
        match self.processor.as_secs_f64() {
            0.0 => 0.0,
            seconds => self.completed as f64 / seconds,
        }
    }

    /// Milliseconds under which the share `of` of the answers came.
    pub fn latency(&self, of: f64) -> Option<f64> {
        percentile(&self.latencies, of).map(|time| time.as_secs_f64() * 1e3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_the_middle_whatever_the_order() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn a_percentile_is_one_of_the_times() {
        let times: Vec<Duration> = (1..=100).map(Duration::from_millis).collect();
        let at = |share| percentile(&times, share).unwrap().as_millis();
        assert_eq!((at(0.0), at(0.5), at(0.99), at(1.0)), (1, 50, 99, 100));
        assert_eq!(percentile(&[], 0.5), None);
    }

    #[test]
    fn a_ratio_is_taken_round_by_round() {
        // The second round was twice as slow for both: the ratio does not notice.
        assert_eq!(ratio(&[80.0, 40.0, 84.0], &[10.0, 5.0, 10.0]), Some(8.0));
        assert_eq!(ratio(&[80.0], &[0.0]), None);
        assert_eq!(ratio(&[], &[10.0]), None);
    }

    #[test]
    fn figures_are_rounded_to_what_matters() {
        assert_eq!(rounded(12_345.6), 12_300.0);
        assert_eq!(rounded(0.123_45), 0.123);
        assert_eq!(rounded(0.0), 0.0);
    }

    #[test]
    fn capacity_counts_the_targets_own_time_only() {
        let measurement = Measurement {
            completed: 500,
            elapsed: Duration::from_secs(1),
            processor: Duration::from_millis(250),
            latencies: vec![Duration::from_millis(2)],
            answered: 600,
        };
        assert!((measurement.throughput() - 500.0).abs() < 1e-9);
        assert!((measurement.capacity() - 2000.0).abs() < 1e-9);
        assert!((measurement.cost() - 500.0).abs() < 1e-9);
        assert_eq!(measurement.latency(0.5), Some(2.0));
    }
}

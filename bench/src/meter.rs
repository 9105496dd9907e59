//! What a process costs, from `/proc`: processor time and memory, children included nowhere.

use std::io;
use std::time::Duration;

/// Ticks of the processor times in `/proc`, a second: fixed by Linux's interface to programs.
const TICKS: u64 = 100;

/// Processor time of a process since its start, in user and kernel mode.
///
/// # Errors
/// The process is gone.
pub fn processor_time(pid: u32) -> io::Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    parse_processor_time(&stat).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

fn parse_processor_time(stat: &str) -> Option<Duration> {
    // The name is in brackets and may hold anything; user and system time are the 14th and 15th field.
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(Duration::from_millis((user + system) * 1000 / TICKS))
}

/// The most memory that a process ever held, in bytes.
///
/// # Errors
/// The process is gone.
pub fn peak_memory(pid: u32) -> io::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    parse_kilobytes(&status, "VmHWM:").ok_or_else(|| io::ErrorKind::InvalidData.into())
}

fn parse_kilobytes(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_user_and_system_time_whatever_the_name() {
        let stat = "71 (a) b (c)) S 1 71 71 0 -1 4194304 900 0 0 0 123 45 0 0 20 0 3 0 9 1 1";
        assert_eq!(
            parse_processor_time(stat),
            Some(Duration::from_millis(1680))
        );
        assert_eq!(parse_processor_time("71 (a) S 1"), None);
    }

    #[test]
    fn memory_is_the_peak_in_bytes() {
        let status = "Name:\tx\nVmPeak:\t  90 kB\nVmHWM:\t    2048 kB\nVmRSS:\t 1024 kB\n";
        assert_eq!(parse_kilobytes(status, "VmHWM:"), Some(2 * 1024 * 1024));
        assert_eq!(parse_kilobytes(status, "VmSwap:"), None);
    }

    #[test]
    fn this_process_has_both() {
        let pid = std::process::id();
        assert!(processor_time(pid).is_ok());
        assert!(peak_memory(pid).unwrap() > 0);
    }
}

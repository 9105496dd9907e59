//! The order of the functions in the gateway's program: those that queries run come first, side by side.
//!
//! Queries run some two thousand functions out of 23 MB of code. Scattered as the linker leaves them, they take
//! more pages and more of the processor's caches than they need.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

use crate::child::{Program, SERVER_CORE};
use crate::connection::Connection;
use crate::load::CallerNumbers;
use crate::sandbox::Sandbox;
use crate::target::{Kind, Places, Target};
use crate::workload::{self, Template};

type Failure = Box<dyn std::error::Error>;

/// So often each workload is asked by different callers. What runs less often does not run for each query.
const TIMES: u64 = 30;

/// Writes the names of the functions that the workloads run, callers before those they call.
///
/// # Errors
/// Valgrind is missing, the program has no symbols, or it does not answer.
pub async fn record(
    places: &Places,
    numbers: &CallerNumbers,
    layout: &Path,
) -> Result<(), Failure> {
    let sandbox = Sandbox::start(&places.gateway, 100, &places.out).await?;
    let target = Target::start(Kind::Observed, places, &sandbox).await?;
    let mut connection = Connection::open(target.address).await?;
    observe(target.pid()).await?;
    for workload in workload::all() {
        let mut template = Template::new(workload.name, &workload.query);
        for _ in 0..TIMES {
            let number = numbers.next();
            // Twice: for the second time it is at hand.
            for _ in 0..2 {
                connection.exchange(template.of(number)).await?;
            }
        }
    }
    drop(connection);
    target.finish().await?;
    sandbox.end().await;
    let profile = std::fs::read_to_string(places.out.join(PROFILE))?;
    let mut names = Calls::read(&profile).in_order();
    // What the system's libraries are called is no business of ours, nor is what has no name.
    names.retain(|name| {
        name.starts_with("_Z") || name.starts_with("_R") || name.starts_with("_rjem")
    });
    if names.len() < 500 {
        return Err("the gateway's program has no symbols".into());
    }
    println!("{} functions", names.len());
    std::fs::write(layout, names.join("\n") + "\n")?;
    Ok(())
}

/// Begins to observe the program, which has started.
async fn observe(pid: u32) -> Result<(), Failure> {
    let mut control = Command::new("callgrind_control");
    let done = control
        .args(["--instr=on", &pid.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .await?;
    match done.success() {
        true => Ok(()),
        false => Err("callgrind cannot be controlled".into()),
    }
}

/// What callgrind writes.
const PROFILE: &str = "layout.callgrind";

/// The gateway's program as callgrind observes it.
pub fn observed(places: &Places) -> Program {
    let profile = places.out.join(PROFILE);
    Program::on_core(SERVER_CORE, Path::new("valgrind"))
        .argument("--tool=callgrind")
        .argument("--demangle=no")
        .argument("--instr-atstart=no")
        .argument(format!("--callgrind-out-file={}", profile.display()))
        .argument(&places.gateway)
}

/// Which functions call which, and how much it costs.
#[derive(Default)]
struct Calls<'p> {
    functions: HashMap<&'p str, Function<'p>>,
}

#[derive(Default)]
struct Function<'p> {
    /// Instructions with those of the functions it calls.
    cost: u64,
    /// How often it was called by others.
    times: u64,
    calls: HashMap<&'p str, u64>,
}

impl Function<'_> {
    fn is_frequent(&self) -> bool {
        self.times == 0 || self.times >= TIMES
    }
}

impl<'p> Calls<'p> {
    /// Reads callgrind's format: a function's name is said once and is a number from then on, and a line of
    /// costs behind `calls=` is that of a call.
    fn read(profile: &'p str) -> Self {
        let mut names: HashMap<&str, &str> = HashMap::new();
        let mut calls = Self::default();
        let (mut caller, mut callee, mut times) = ("", None, 0);
        for line in profile.lines() {
            if let Some(name) = line.strip_prefix("fn=") {
                caller = named(&mut names, name);
            } else if let Some(name) = line.strip_prefix("cfn=") {
                callee = Some(named(&mut names, name));
            } else if let Some(count) = line.strip_prefix("calls=") {
                times = number(count.split(' ').next());
            } else if line
                .starts_with(|first: char| first.is_ascii_digit() || "+-*".contains(first))
            {
                let cost = number(line.split(' ').nth(1));
                calls.add(caller, callee.take(), times, cost);
            }
        }
        calls
    }

    fn add(&mut self, caller: &'p str, callee: Option<&'p str>, times: u64, cost: u64) {
        let function = self.functions.entry(caller).or_default();
        function.cost += cost;
        if let Some(callee) = callee.filter(|callee| *callee != caller) {
            *function.calls.entry(callee).or_default() += cost;
            self.functions.entry(callee).or_default().times += times;
        }
    }

    /// Functions that run for each query: whom nobody calls and then, costliest first, whom they call.
    fn in_order(&self) -> Vec<&'p str> {
        let mut first: Vec<_> = self.functions.iter().collect();
        first.sort_by_key(|(name, function)| (function.times == 0, function.cost, *name));
        let mut open: Vec<&str> = first.into_iter().map(|(name, _)| *name).collect();
        let (mut seen, mut order) = (HashSet::new(), Vec::new());
        while let Some(name) = open.pop() {
            if !seen.insert(name) {
                continue;
            }
            if self.functions.get(name).is_some_and(Function::is_frequent) {
                order.push(name);
            }
            if let Some(function) = self.functions.get(name) {
                let mut callees: Vec<_> = function.calls.iter().collect();
                callees.sort_by_key(|(name, cost)| (**cost, **name));
                open.extend(callees.into_iter().map(|(name, _)| *name));
            }
        }
        order
    }
}

fn number(digits: Option<&str>) -> u64 {
    digits
        .and_then(|digits| digits.parse().ok())
        .unwrap_or_default()
}

/// `(7) name`, or `(7)` for the name that was said before; recursion counts its levels behind an apostrophe.
fn named<'p>(names: &mut HashMap<&'p str, &'p str>, said: &'p str) -> &'p str {
    let (number, name) = said.split_once(' ').unwrap_or((said, ""));
    if !name.is_empty() {
        names.insert(number, name.split('\'').next().unwrap_or(name));
    }
    names.get(number).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROFILE: &str = "\
events: Ir
fn=(1) main
16 3
cfn=(2) _Zsmall
calls=30 50
16 400
cfn=(6) _Zrare
calls=29 50
16 50
cfn=(3) _Zlarge
calls=30 60
+1 700
fn=(3)
60 100
cfn=(4) _Zinner
calls=40 70
61 600
cfn=(3)
calls=1 60
62 10
fn=(2)
50 400
fn=(4)
70 600
fn=(5) _Zinner'2
70 5
";

    #[test]
    fn callers_come_before_callees_and_the_costliest_first() {
        let order = Calls::read(PROFILE).in_order();
        assert_eq!(order, ["main", "_Zlarge", "_Zinner", "_Zsmall"]);
    }
}

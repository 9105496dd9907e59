//! `haulgraph-bench`: Haulgraph beside its peers and its limits, on one core each.
//!
//! `bench/run` builds what this needs and starts it. What a run does is told in [`course`]; which
//! line-ups there are, in [`scenario`]; which ratios the project is held to, in [`results`].

mod answer;
mod baseline;
mod chart;
mod child;
mod connection;
mod course;
mod curve;
mod layout;
mod limits;
mod load;
mod meter;
mod plan;
mod results;
mod sandbox;
mod scenario;
mod statistics;
mod table;
mod target;
mod workload;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;

use clap::{Args, Parser, Subcommand};

use baseline::{Baseline, Verdict};
use course::Course;
use limits::Limit;
use load::CallerNumbers;
use results::Results;
use scenario::Extent;
use target::Places;

/// The limits are servers, and use what the gateway uses; and the load must cost less than they do.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

type Failure = Box<dyn std::error::Error>;

#[derive(Parser)]
#[command(name = "haulgraph-bench")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measure everything.
    Run(Run),
    /// Record the order that the functions of the gateway's program should have.
    Layout(Layout),
    /// Be a limit, in front of the three upstreams.
    Limit {
        limit: Limit,
        address: SocketAddr,
        knowledge: PathBuf,
        urls: Vec<String>,
    },
}

#[derive(Args)]
struct Layout {
    #[command(flatten)]
    surroundings: Surroundings,
    /// Where to write it.
    layout: PathBuf,
}

#[derive(Args)]
struct Surroundings {
    /// The gateway's program.
    #[arg(long, value_name = "FILE")]
    gateway: PathBuf,
    /// The folder of the bench.
    #[arg(long, value_name = "FOLDER")]
    folder: PathBuf,
}

impl Surroundings {
    fn places(&self) -> std::io::Result<Places> {
        let places = Places {
            gateway: self.gateway.clone(),
            bench: std::env::current_exe()?,
            peers: self.folder.join("peers"),
            out: self.folder.join("out"),
        };
        std::fs::create_dir_all(&places.out)?;
        Ok(places)
    }
}

#[derive(Args)]
struct Run {
    #[command(flatten)]
    surroundings: Surroundings,
    /// Less of everything, in less than five minutes.
    #[arg(long)]
    quick: bool,
    /// Compare the ratios with the committed ones, and fail where they got worse.
    #[arg(long)]
    check: bool,
    /// Make the ratios of this run the ones to compare with.
    #[arg(long, conflicts_with = "check")]
    record: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Limit {
            limit,
            address,
            knowledge,
            urls,
        } => be_limit(limit, address, &knowledge, urls).await,
        Command::Run(arguments) => unless_ended(run(&arguments)).await,
        Command::Layout(arguments) => unless_ended(record_layout(&arguments)).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

/// Everything that was started ends with what is dropped here.
async fn unless_ended(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    tokio::select! {
        outcome = work => outcome,
        _ = tokio::signal::ctrl_c() => Err("interrupted".into()),
        () = terminated() => Err("terminated".into()),
    }
}

async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => drop(terminate.recv().await),
        Err(_) => std::future::pending().await,
    }
}

async fn be_limit(
    limit: Limit,
    address: SocketAddr,
    knowledge: &Path,
    urls: Vec<String>,
) -> Result<(), Failure> {
    let urls = urls
        .try_into()
        .map_err(|_| "a limit stands in front of three upstreams")?;
    let served = limits::serve(limit, address, knowledge, urls).await;
    served.map_err(|error| -> Failure { error })
}

async fn record_layout(arguments: &Layout) -> Result<(), Failure> {
    let places = arguments.surroundings.places()?;
    layout::record(&places, &CallerNumbers::default(), &arguments.layout).await
}

async fn run(arguments: &Run) -> Result<(), Failure> {
    let places = arguments.surroundings.places()?;
    let extent = if arguments.quick {
        Extent::QUICK
    } else {
        Extent::FULL
    };
    let results = measure(&places, extent, arguments.quick).await?;

    let table = table::page(&results, &workload::all())?;
    println!("{table}");
    let json = serde_json::to_string_pretty(&results.to_json(arguments.quick))?;
    std::fs::write(places.out.join("latest.json"), json + "\n")?;
    std::fs::write(places.out.join("latest.md"), table)?;
    std::fs::write(places.out.join("chart.svg"), chart::draw(&results)?)?;

    let committed = arguments.surroundings.folder.join("baseline.json");
    let latest = Baseline::of(&results);
    if arguments.record {
        latest.write(&committed)?;
    }
    if arguments.check {
        check(&Baseline::read(&committed)?, &latest)?;
    }
    Ok(())
}

async fn measure(places: &Places, extent: Extent, quick: bool) -> Result<Results, Failure> {
    let numbers = Rc::new(CallerNumbers::default());
    let results = Results {
        starts: curve::starts(places, 5).await?,
        curve: curve::measure(places, &numbers, extent.duration).await?,
        ..Results::default()
    };
    let mut course = Course::prepare(places, workload::all(), &numbers, results).await?;
    course.run(&scenario::all(quick), extent).await?;
    Ok(course.finish().await)
}

fn check(committed: &Baseline, latest: &Baseline) -> Result<(), Failure> {
    let mut worse = 0;
    for (name, verdict) in committed.verdicts(latest) {
        match verdict {
            Verdict::Held => println!("held: {name}"),
            Verdict::NotCompared => println!("not compared, because a side did not run: {name}"),
            Verdict::Worse(was, is) => {
                worse += 1;
                println!("worse: {name} was {was} and is {is}");
            }
        }
    }
    match worse {
        0 => Ok(()),
        _ => Err(format!("{worse} ratios are worse than 95 % of the committed ones").into()),
    }
}

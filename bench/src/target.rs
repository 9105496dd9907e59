//! What is measured: the gateway, its peers, and the limits.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::child::{Child, Program, SERVER_CORE};
use crate::connection::Connection;
use crate::layout;
use crate::limits::Limit;
use crate::sandbox::{SERVICES, Sandbox};
use crate::workload::Template;

/// A server that starts slower than this does not start.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where everything is.
#[derive(Debug, Clone)]
pub struct Places {
    /// The gateway's program.
    pub gateway: PathBuf,
    /// This program, which is also the limits.
    pub bench: PathBuf,
    /// The folder of the peers.
    pub peers: PathBuf,
    /// Where logs and results go.
    pub out: PathBuf,
}

/// How something that can be measured is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The gateway, as configured by default.
    Gateway,
    /// The gateway, told to keep nothing.
    Forgetful,
    /// The gateway in valgrind, which notes the functions that it runs.
    Observed,
    /// A limit.
    Limit(Limit),
    /// A peer that runs in Node: its name and script.
    Node(&'static str, &'static str),
    /// Tailcall.
    Tailcall,
}

impl Kind {
    /// The name in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gateway => "haulgraph",
            Self::Forgetful => "haulgraph, keeping nothing",
            Self::Observed => "haulgraph, observed",
            Self::Limit(Limit::Prebuilt) => "limit: prebuilt bytes",
            Self::Limit(Limit::PassThrough) => "limit: pass-through",
            Self::Node(name, _) => name,
            Self::Tailcall => "tailcall",
        }
    }
}

/// Apollo Server 5 with a dataloader per request.
pub const APOLLO: Kind = Kind::Node("apollo-server", "apollo.mjs");
/// Hive Gateway with resolvers over the REST calls.
pub const HIVE: Kind = Kind::Node("hive-gateway", "hive.mjs");

/// A running server.
pub struct Target {
    /// What it is.
    pub kind: Kind,
    /// Where it listens.
    pub address: SocketAddr,
    /// Time from its start to its first answer.
    pub start: Duration,
    child: Child,
}

impl Target {
    /// Starts it in front of `sandbox`, and waits for its first answer to `{ __typename }`.
    ///
    /// # Errors
    /// In words for the one who runs the bench: it does not start, or does not answer.
    pub async fn start(kind: Kind, places: &Places, sandbox: &Sandbox) -> Result<Self, String> {
        let address = free_address().map_err(|error| error.to_string())?;
        let log = places.out.join(format!("{}.log", file_name(kind.name())));
        let program = program(kind, places, address, sandbox)?;
        let started = Instant::now();
        let mut child = program
            .start(&log)
            .map_err(|error| format!("cannot be started: {error}"))?;
        let pid = child.pid();
        let mut request = Template::new("constant", "{ __typename }");
        while started.elapsed() < PATIENCE {
            if let Some(status) = child.ended() {
                let last = last_line(&log);
                return Err(format!("does not start here ({status}): {last}"));
            }
            if let Ok(200) = first_answer(address, &mut request).await {
                let start = started.elapsed();
                return Ok(Self {
                    kind,
                    address,
                    start,
                    child,
                });
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        child.end().await;
        Err(format!(
            "process {pid} did not answer {{ __typename }} with 200 within {} s",
            PATIENCE.as_secs()
        ))
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.pid()
    }

    /// Ends it.
    pub async fn end(self) {
        self.child.end().await;
    }

    /// Asks it to end, and waits until it has.
    ///
    /// # Errors
    /// It cannot be asked.
    pub async fn finish(self) -> io::Result<()> {
        self.child.finish().await
    }
}

async fn first_answer(address: SocketAddr, request: &mut Template) -> io::Result<u16> {
    let mut connection = Connection::open(address).await?;
    Ok(connection.exchange(request.of(0)).await?.status)
}

fn program(
    kind: Kind,
    places: &Places,
    address: SocketAddr,
    sandbox: &Sandbox,
) -> Result<Program, String> {
    let here = |program: &Path| Program::on_core(SERVER_CORE, program);
    let serve = |program| with_urls(gateway(program, address), sandbox);
    let gateway = || serve(here(&places.gateway));
    Ok(match kind {
        Kind::Gateway => gateway(),
        Kind::Observed => serve(layout::observed(places)),
        Kind::Forgetful => ["TTL", "STALE_IF_ERROR"]
            .into_iter()
            .fold(gateway(), keeping_nothing),
        Kind::Limit(limit) => {
            let limit = match limit {
                Limit::Prebuilt => "prebuilt",
                Limit::PassThrough => "pass-through",
            };
            let program = here(&places.bench)
                .argument("limit")
                .argument(limit)
                .argument(address.to_string())
                .argument(places.out.join("limits.json"));
            sandbox.urls().iter().fold(program, Program::argument)
        }
        Kind::Node(_, script) => {
            if !places.peers.join("node_modules").is_dir() {
                return Err("its packages are not installed (bench/run --build)".to_owned());
            }
            let program = here(Path::new("node"))
                .argument(places.peers.join(script))
                .variable("PORT", address.port().to_string());
            with_urls(program, sandbox)
        }
        Kind::Tailcall => {
            let program = places
                .peers
                .join("node_modules/@tailcallhq/core-linux-x64-gnu/bin/tailcall");
            if !program.is_file() {
                return Err("its package is not installed (bench/run --build)".to_owned());
            }
            let configuration = tailcall_configuration(places, address)
                .map_err(|error| format!("cannot be configured: {error}"))?;
            let program = here(&program)
                .argument("start")
                .argument(configuration)
                .variable("TAILCALL_TRACKER", "false");
            with_urls(program, sandbox)
        }
    })
}

/// Tailcall takes its port from its configuration only.
fn tailcall_configuration(places: &Places, address: SocketAddr) -> io::Result<PathBuf> {
    let text = std::fs::read_to_string(places.peers.join("tailcall.graphql"))?;
    let path = places.out.join("tailcall.graphql");
    let port = format!("port: {}", address.port());
    std::fs::write(&path, text.replace("port: 8000", &port))?;
    Ok(path)
}

/// Every kind of record whose time to live is configured.
const RECORDS: [&str; 15] = [
    "LOCATIONS",
    "TENANTS",
    "HAULERS",
    "CUSTOMERS",
    "HAULER_CONNECTIONS",
    "STAFF",
    "JOBS",
    "ASSETS",
    "ROUTES",
    "CONTRACTS",
    "PARTNERS",
    "TRADING_CONNECTIONS",
    "TRADING_CONNECTION_REQUESTS",
    "ORGANIZATIONS",
    "NOTIFICATIONS",
];

/// A busy installation: a hundred callers at once, each with calls of its own, a quiet log, and
/// nothing stale, because a stale answer says so and is another one.
fn gateway(program: Program, address: SocketAddr) -> Program {
    let program = program
        .argument("serve")
        .variable("HAULGRAPH_LISTEN", address.to_string())
        .variable("HAULGRAPH_ADMIN__LISTEN", "127.0.0.1:0")
        .variable("HAULGRAPH_LOG__LEVEL", "warn")
        // The stand-ins grant any number of calls.
        .variable("HAULGRAPH_TRANS_EU__REQUESTS_PER_SECOND", "0");
    let program = keeping_nothing(program, "STALE_WHILE_REVALIDATE");
    ["CRO", "TRANS_EU", "CRUX"]
        .into_iter()
        .fold(program, |program, upstream| {
            program.variable(&format!("HAULGRAPH_{upstream}__CONCURRENCY"), "256")
        })
}

/// Sets all times of one of the tables of `[cache]` to nothing.
fn keeping_nothing(program: Program, table: &str) -> Program {
    RECORDS.iter().fold(program, |program, record| {
        program.variable(&format!("HAULGRAPH_CACHE__{table}__{record}"), "0")
    })
}

fn with_urls(program: Program, sandbox: &Sandbox) -> Program {
    SERVICES
        .iter()
        .zip(sandbox.urls())
        .fold(program, |program, ((_, name), url)| {
            program.variable(name, url)
        })
}

/// An address that was free a moment ago.
fn free_address() -> io::Result<SocketAddr> {
    std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()
}

fn file_name(name: &str) -> String {
    name.chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-')
        .collect()
}

fn last_line(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let line = text.lines().rfind(|line| !line.trim().is_empty());
    // Whose machine it is says nothing, so the path before the program's words goes.
    let line = line.unwrap_or("it said nothing");
    line.rsplit_once("bin/tailcall: ")
        .map_or(line, |(_, rest)| rest)
        .to_owned()
}

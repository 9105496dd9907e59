//! `haulgraph`: the story of a run. What each step does is told where it is done.

use std::process::ExitCode;

use clap::Parser;
use haulgraph::{
    arguments::{self, Arguments, Command, Serve},
    config::{self, Config, Mistakes, Overrides, SandboxUrls},
    examples,
    gateway::{self, Gateway},
    graph::schema,
    http::{
        Readiness, health,
        listener::{
            Port, Settings, Times,
            tls::{Tls, TlsError},
        },
        service,
    },
    sandbox::{self, Sandbox},
    telemetry,
};

/// What was freed last is taken first, so that a request works in memory that is still in the processor's
/// caches. `.cargo/config.toml` says up to which size.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Serve(arguments) => serve(arguments).await,
        Command::Sandbox(arguments) => run_sandbox(&arguments).await,
        Command::Schema => {
            print!("{}", schema::sdl());
            Ok(())
        }
        Command::Check(arguments) if arguments.json_schema => print_json_schema(),
        Command::Check(arguments) => check(arguments.config.as_deref()).await,
        Command::Health(arguments) => ask_health(arguments.url).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(arguments: Serve) -> Result<(), Failure> {
    let mut config = load(arguments.config.as_deref(), &arguments.overrides())?;
    let sandbox = if arguments.sandbox {
        let sandbox = Sandbox::start(sandbox::Options::ephemeral()).await?;
        config.use_sandbox(urls(&sandbox)?);
        Some(sandbox)
    } else {
        None
    };

    telemetry::start(&config.log);
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }

    let metrics = telemetry::Metrics::start()?;
    tokio::spawn(metrics.clone().upkeep());
    let tracer = telemetry::otlp::start(&config.telemetry.otlp)?;
    let gateway = Gateway::new(&config)?.traced(tracer);
    let readiness = Readiness::new();
    let mut site = gateway.site(&config, readiness.clone())?;
    if config.graphiql.enabled {
        site = site.merge(haulgraph::http::graphiql::router(examples::page(
            &config,
            sandbox.is_some(),
        )));
    }
    let admin = health::router(readiness.clone())
        .merge(metrics.router())
        .merge(gateway.admin_router());

    let main = Port::open(config.listen, settings("main", &config), tls(&config)?).await?;
    let operators = Port::open(config.admin.listen, settings("admin", &config), None).await?;
    let drain = config.server.drain_timeout;
    service::run((main, site), (operators, admin.into()), readiness, drain).await?;
    if let Some(sandbox) = sandbox {
        sandbox.stop().await;
    }
    Ok(())
}

fn settings(name: &'static str, config: &Config) -> Settings {
    let server = &config.server;
    Settings {
        name,
        times: Times {
            head: server.header_timeout,
            idle: server.idle_timeout,
            write: server.write_timeout,
            request: server.request_timeout,
        },
        max_connections: server.max_connections,
        max_streams: server.max_streams,
        head_limit: server.header_limit,
    }
}

fn tls(config: &Config) -> Result<Option<Tls>, TlsError> {
    match (&config.tls.certificate, &config.tls.key) {
        (Some(certificate), Some(key)) => Tls::read(certificate, key).map(Some),
        // The configuration has both or none.
        _ => Ok(None),
    }
}

async fn run_sandbox(arguments: &arguments::Sandbox) -> Result<(), Failure> {
    let options = if arguments.any_port {
        sandbox::Options::ephemeral()
    } else {
        sandbox::Options::fixed()
    };
    let sandbox = Sandbox::start(sandbox::Options {
        delay: arguments.delay,
        customers: arguments.customers,
        ..options
    })
    .await?;
    println!("CRO Software    {}", sandbox.cro_url());
    println!("Trans.eu        {}", sandbox.trans_eu_url());
    println!("Crux Connect    {}", sandbox.crux_url());
    println!("Synthetic callers of a gateway in front of them:");
    for caller in sandbox::callers() {
        println!("  {}: {}", caller.name, caller.describes);
        for (name, value) in caller.headers {
            println!("    {name}: {value}");
        }
    }
    tokio::signal::ctrl_c().await?;
    sandbox.stop().await;
    Ok(())
}

async fn check(file: Option<&std::path::Path>) -> Result<(), Failure> {
    let config = load(file, &Overrides::default())?;
    print!("{}", config.identity_report());
    for warning in config.warnings() {
        println!("warning: {warning}");
    }
    tls(&config).map_err(|error| format!("[tls] {error}"))?;
    let unfit = gateway::unfit_documents(&config).await?;
    if !unfit.is_empty() {
        let list: String = unfit.iter().map(|it| format!("\n  {it}")).collect();
        return Err(format!("[documents.trusted] cannot be executed:{list}").into());
    }
    println!("The configuration is valid.");
    Ok(())
}

fn print_json_schema() -> Result<(), Failure> {
    println!("{}", serde_json::to_string_pretty(&Config::json_schema())?);
    Ok(())
}

async fn ask_health(url: Option<url::Url>) -> Result<(), Failure> {
    let url = match url {
        Some(url) => url,
        None => load(None, &Overrides::default())?.health_url().parse()?,
    };
    Ok(health::ask(&url).await?)
}

fn load(file: Option<&std::path::Path>, flags: &Overrides) -> Result<Config, Mistakes> {
    Config::load(file, config::environment(), flags)
}

fn urls(sandbox: &Sandbox) -> Result<SandboxUrls, url::ParseError> {
    Ok(SandboxUrls {
        cro: sandbox.cro_url().parse()?,
        trans_eu: sandbox.trans_eu_url().parse()?,
        crux: sandbox.crux_url().parse()?,
    })
}

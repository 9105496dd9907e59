//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use url::Url;

use crate::config::{Overrides, parse_duration};

/// One GraphQL graph over the CRO Software, Trans.eu and Crux Connect REST APIs.
#[derive(Debug, Parser)]
#[command(name = "haulgraph", version)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the gateway.
    Serve(Serve),
    /// Run only the stand-ins of the three upstreams, on the ports 4101 to 4103.
    Sandbox(Sandbox),
    /// Print the GraphQL schema.
    Schema,
    /// Validate a configuration and say where each header of a caller goes.
    Check(Check),
    /// Ask a running gateway whether it is alive; the exit status is the answer.
    Health(Health),
}

#[derive(Args, Debug)]
pub struct Serve {
    /// Configuration file; environment variables and flags are stronger.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Start stand-ins of the three upstreams in this process, and ask those.
    #[arg(long)]
    pub sandbox: bool,
    /// Address of the main port.
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
}

impl Serve {
    /// What the flags say over the other layers of the configuration.
    #[must_use]
    pub fn overrides(&self) -> Overrides {
        Overrides {
            listen: self.listen,
        }
    }
}

#[derive(Args, Debug)]
pub struct Sandbox {
    /// Time that every answer takes, such as 20ms.
    #[arg(long, value_name = "DURATION", default_value = "0", value_parser = parse_duration)]
    pub delay: Duration,
    /// Listen on free ports instead, and print which.
    #[arg(long)]
    pub any_port: bool,
    /// Customers of tenant 34 (at most 100000).
    #[arg(long, value_name = "NUMBER", default_value_t = 500, value_parser = clap::value_parser!(u32).range(..=100_000))]
    pub customers: u32,
}

#[derive(Args, Debug)]
pub struct Check {
    /// Configuration file; environment variables are stronger.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Print the JSON Schema of the configuration file instead.
    #[arg(long, conflicts_with = "config")]
    pub json_schema: bool,
}

#[derive(Args, Debug)]
pub struct Health {
    /// What to ask; without it, the address that the environment configures.
    #[arg(long, value_name = "URL")]
    pub url: Option<Url>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse(line: &str) -> Result<Command, clap::Error> {
        Arguments::try_parse_from(line.split_whitespace()).map(|arguments| arguments.command)
    }

    #[test]
    fn the_definition_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn serve_hands_its_listen_flag_to_the_configuration() {
        let Ok(Command::Serve(serve)) = parse("haulgraph serve --sandbox --listen [::1]:4000")
        else {
            panic!("serve was not understood");
        };
        assert!(serve.sandbox);
        assert_eq!(serve.overrides().listen, "[::1]:4000".parse().ok());
    }

    #[test]
    fn the_delay_of_the_sandbox_is_a_duration_and_nothing_by_default() {
        let delay = |line| match parse(line) {
            Ok(Command::Sandbox(sandbox)) => Some(sandbox.delay),
            _ => None,
        };
        assert_eq!(delay("haulgraph sandbox"), Some(Duration::ZERO));
        let twenty = Some(Duration::from_millis(20));
        assert_eq!(delay("haulgraph sandbox --delay 20ms"), twenty);
        assert_eq!(delay("haulgraph sandbox --delay soon"), None);
    }

    #[test]
    fn the_sandbox_has_as_many_customers_as_asked_for_within_reason() {
        let customers = |line| match parse(line) {
            Ok(Command::Sandbox(sandbox)) => Some(sandbox.customers),
            _ => None,
        };
        assert_eq!(customers("haulgraph sandbox"), Some(500));
        assert_eq!(customers("haulgraph sandbox --customers 100"), Some(100));
        assert_eq!(customers("haulgraph sandbox --customers 100001"), None);
    }

    #[test]
    fn check_prints_either_the_schema_or_the_verdict_on_a_file() {
        assert!(parse("haulgraph check --config a.toml").is_ok());
        assert!(parse("haulgraph check --json-schema").is_ok());
        assert!(parse("haulgraph check --json-schema --config a.toml").is_err());
    }

    #[test]
    fn health_takes_a_url_and_nothing_else() {
        assert!(parse("haulgraph health").is_ok());
        assert!(parse("haulgraph health --url http://127.0.0.1:1/health/live").is_ok());
        assert!(parse("haulgraph health --url somewhere").is_err());
    }
}

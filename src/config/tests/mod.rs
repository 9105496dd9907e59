mod example;
mod identity;
mod layers;
mod mistakes;

use std::path::Path;

use super::*;

fn load(toml: &str, environment: &[(&str, &str)]) -> Result<Config, Mistakes> {
    load_with_flags(toml, environment, &Overrides::default())
}

fn load_with_flags(
    toml: &str,
    environment: &[(&str, &str)],
    flags: &Overrides,
) -> Result<Config, Mistakes> {
    let mut sources = Sources::new(Config::json_schema());
    sources.add_toml::<Config>(Path::new("haulgraph.toml"), toml);
    let environment = environment
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::from_sources(sources, environment, flags)
}

fn mistakes(toml: &str, environment: &[(&str, &str)]) -> Vec<String> {
    match load(toml, environment) {
        Ok(_) => Vec::new(),
        Err(Mistakes(mistakes)) => mistakes.iter().map(Mistake::to_string).collect(),
    }
}

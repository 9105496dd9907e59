//! The files of `deploy/` agree with the program, and with each other.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use haulgraph::config::{Config, Overrides};
use serde_json::Value;

const COMPOSE: &str = "deploy/compose.yaml";
const KUBERNETES: &str = "deploy/kubernetes";

/// The documents of a file.
fn documents(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    serde_saphyr::from_multiple(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

/// Every object of the cluster, by its kind and name.
fn objects() -> BTreeMap<String, Value> {
    let files = fs::read_dir(KUBERNETES).unwrap();
    files
        .flat_map(|file| documents(&file.unwrap().path()))
        .map(|object| {
            let name = text(&object["metadata"]["name"]);
            (format!("{} {name}", text(&object["kind"])), object)
        })
        .collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn gateway_container() -> Value {
    objects()["Deployment haulgraph"]["spec"]["template"]["spec"]["containers"][0].clone()
}

/// The environment of a gateway in the cluster; secrets get an example's value.
fn environment_in_cluster() -> BTreeMap<String, String> {
    let data = objects()["ConfigMap haulgraph"]["data"].clone();
    let plain = data.as_object().unwrap().iter();
    let plain = plain.map(|(name, value)| (name.clone(), text(value).to_owned()));
    let secret = list(&gateway_container()["env"]).to_vec();
    let secret = secret.iter().map(|variable| {
        assert!(
            variable["valueFrom"]["secretKeyRef"].is_object(),
            "{variable} is in the clear"
        );
        (text(&variable["name"]).to_owned(), example_secret())
    });
    plain.chain(secret).collect()
}

/// The environment of a gateway of the compose file; what it takes from outside gets an example.
fn environment_in_compose(service: &Value) -> BTreeMap<String, String> {
    let variables = list(&service["environment"]).iter().map(|variable| {
        let (name, value) = text(variable)
            .split_once('=')
            .unwrap_or((text(variable), "$"));
        let value = match value.starts_with('$') {
            true if name.ends_with("_URL") => "https://api.example.com".to_owned(),
            true => example_secret(),
            false => value.to_owned(),
        };
        (name.to_owned(), value)
    });
    variables.collect()
}

fn example_secret() -> String {
    "an-example-secret-of-some-length-0123".to_owned()
}

fn config(environment: BTreeMap<String, String>) -> Config {
    Config::load(None, environment, &Overrides::default()).unwrap_or_else(|mistakes| {
        panic!("the environment is no configuration: {mistakes}");
    })
}

fn gateways_in_compose() -> Vec<Value> {
    let compose = &documents(Path::new(COMPOSE))[0];
    let services = compose["services"].as_object().unwrap();
    let gateways = services
        .iter()
        .filter(|(name, _)| name.starts_with("gateway"));
    gateways
        .map(|(_, service)| {
            // Merge keys stay as they are written if the reader does not resolve them.
            let mut all = compose["x-gateway"].clone();
            let own = service.as_object().unwrap().clone();
            all.as_object_mut().unwrap().extend(own);
            all
        })
        .collect()
}

#[test]
fn every_variable_is_a_setting_and_all_of_them_fit_together() {
    let gateways = gateways_in_compose();
    assert_eq!(gateways.len(), 2);
    let composed = gateways.iter().map(environment_in_compose);
    for environment in composed.chain([environment_in_cluster()]) {
        let config = config(environment);
        assert!(config.listen.ip().is_unspecified());
        assert!(config.admin.listen.ip().is_unspecified());
        assert!(config.cache.redis.url.is_some() && config.cache.redis.key.is_some());
    }
}

#[test]
fn ports_are_those_that_the_gateway_listens_on() {
    let cluster = config(environment_in_cluster());
    let container = gateway_container();
    let port = |name: &str| {
        let ports = list(&container["ports"]).iter();
        let named = ports.clone().find(|port| port["name"] == name);
        named.unwrap()["containerPort"].as_u64().unwrap()
    };
    assert_eq!(port("http"), u64::from(cluster.listen.port()));
    assert_eq!(port("admin"), u64::from(cluster.admin.listen.port()));
    let template = &objects()["Deployment haulgraph"]["spec"]["template"];
    let scraped = text(&template["metadata"]["annotations"]["prometheus.io/port"]).to_owned();
    assert_eq!(scraped, cluster.admin.listen.port().to_string());
    for gateway in gateways_in_compose() {
        let config = config(environment_in_compose(&gateway));
        let published = text(&gateway["ports"][0]);
        assert!(
            published.ends_with(&format!(":{}", config.listen.port())),
            "{published}"
        );
    }
}

#[test]
fn probes_ask_the_paths_that_answer() {
    let health = fs::read_to_string("src/http/health.rs").unwrap();
    let container = gateway_container();
    for (probe, path) in [
        ("startupProbe", "/health/live"),
        ("livenessProbe", "/health/live"),
        ("readinessProbe", "/health/ready"),
    ] {
        assert_eq!(container[probe]["httpGet"]["path"], path);
        assert_eq!(container[probe]["httpGet"]["port"], "http");
        assert!(health.contains(&format!("\"{path}\"")), "{path}");
    }
}

#[test]
fn there_is_time_to_drain() {
    let drain = haulgraph::config::Server::default().drain_timeout;
    let pod = objects()["Deployment haulgraph"]["spec"]["template"]["spec"].clone();
    let grace = pod["terminationGracePeriodSeconds"].as_u64().unwrap();
    let pause = gateway_container()["lifecycle"]["preStop"]["sleep"]["seconds"]
        .as_u64()
        .unwrap();
    assert!(Duration::from_secs(grace) > drain + Duration::from_secs(pause));
    for gateway in gateways_in_compose() {
        let grace = text(&gateway["stop_grace_period"]);
        assert!(haulgraph::config::parse_duration(grace).unwrap() > drain);
    }
}

#[test]
fn names_that_refer_to_each_other_exist() {
    let objects = objects();
    let scaled = &objects["HorizontalPodAutoscaler haulgraph"]["spec"]["scaleTargetRef"];
    let scaled = format!("{} {}", text(&scaled["kind"]), text(&scaled["name"]));
    assert!(objects.contains_key(&scaled), "{scaled}");
    for (name, object) in &objects {
        let selector = &object["spec"]["selector"];
        let wanted = selector.get("matchLabels").unwrap_or(selector).get("app");
        if let Some(wanted) = wanted {
            let target = format!("Deployment {}", text(wanted));
            let labels = &objects[&target]["spec"]["template"]["metadata"]["labels"];
            assert_eq!(&labels["app"], wanted, "{name}");
        }
    }
    let url = text(&objects["ConfigMap haulgraph"]["data"]["HAULGRAPH_CACHE__REDIS__URL"]);
    let redis = &objects["Service haulgraph-redis"];
    let port = &redis["spec"]["ports"][0]["port"];
    assert_eq!(
        url,
        format!("redis://{}:{port}", text(&redis["metadata"]["name"]))
    );
    let files = &objects["Kustomization "]["resources"];
    let mut listed: Vec<&str> = list(files).iter().map(text).collect();
    listed.push("kustomization.yaml");
    listed.sort_unstable();
    let mut there: Vec<String> = fs::read_dir(KUBERNETES)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    there.sort();
    assert_eq!(listed, there);
}

#[test]
fn nothing_runs_as_root_or_writes_to_its_own_image() {
    for (name, object) in objects()
        .iter()
        .filter(|(_, object)| object["kind"] == "Deployment")
    {
        let pod = &object["spec"]["template"]["spec"];
        assert_eq!(pod["securityContext"]["runAsNonRoot"], true, "{name}");
        for container in list(&pod["containers"]) {
            let security = &container["securityContext"];
            assert_eq!(security["readOnlyRootFilesystem"], true, "{name}");
            assert_eq!(security["allowPrivilegeEscalation"], false, "{name}");
            assert!(
                container["resources"]["limits"]["memory"].is_string(),
                "{name}"
            );
        }
    }
    let dockerfile = fs::read_to_string("Dockerfile").unwrap();
    let user = objects()["Deployment haulgraph"]["spec"]["template"]["spec"]["securityContext"]
        ["runAsUser"]
        .clone();
    assert!(dockerfile.contains(&format!("USER {user}:{user}")));
}

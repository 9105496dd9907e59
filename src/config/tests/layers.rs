use secrecy::ExposeSecret;

use super::*;

#[test]
fn the_environment_is_stronger_than_the_file_and_flags_are_stronger_than_both() {
    let file = "listen = \"127.0.0.1:1111\"\n[cache.ttl]\ncustomers = \"1m\"\njobs = \"2m\"";
    let environment = [
        ("HAULGRAPH_LISTEN", "127.0.0.1:2222"),
        ("HAULGRAPH_CACHE__TTL__CUSTOMERS", "40s"),
    ];
    let config = load(file, &environment).unwrap();
    assert_eq!(config.listen.port(), 2222);
    assert_eq!(config.cache.ttl.customers.as_secs(), 40);
    assert_eq!(config.cache.ttl.jobs.as_secs(), 120);

    let flags = Overrides {
        listen: "127.0.0.1:3333".parse().ok(),
    };
    let config = load_with_flags(file, &environment, &flags).unwrap();
    assert_eq!(config.listen.port(), 3333);
}

#[test]
fn variables_are_read_as_what_their_settings_are() {
    let environment = [
        ("HAULGRAPH_CRO__BASE_URL", "http://127.0.0.1:9999/v0"),
        ("HAULGRAPH_CRO__API_VERSION", "2021/11/04"),
        ("HAULGRAPH_CRO__CONCURRENCY", "3"),
        ("HAULGRAPH_CRO__IDENTITY__TENANT", "X-Yard"),
        ("HAULGRAPH_SERVER__BODY_LIMIT", "100KB"),
        ("HAULGRAPH_LINKS__ROUTE_SPOT_LOCATION", "true"),
        ("HAULGRAPH_TRANS_EU__API_KEY", "12345"),
        ("HAULGRAPH_CRUX__PREFIX", "/timp"),
        ("HAULGRAPH_LOG__LEVEL", "debug"),
        ("PATH", "is none of ours"),
    ];
    let config = load("", &environment).unwrap();
    let base_url = config.cro.base_url.as_ref().map(Url::as_str);
    assert_eq!(base_url, Some("http://127.0.0.1:9999/v0"));
    assert_eq!(config.cro.api_version, CroApiVersion::V20211104);
    assert_eq!(config.cro.concurrency, 3);
    assert_eq!(config.cro.identity.tenant, "x-yard");
    assert_eq!(config.server.body_limit, 100_000);
    assert!(config.links.route_spot_location);
    assert_eq!(config.crux.prefix, CruxPrefix::Timp);
    assert_eq!(config.log.level, LogLevel::Debug);
    let api_key = config.trans_eu.api_key.unwrap();
    assert_eq!(api_key.expose_secret(), "12345");
}

#[test]
fn a_list_is_written_with_commas_in_a_variable() {
    #[derive(Debug, Default, Deserialize, JsonSchema, PartialEq)]
    #[serde(default, deny_unknown_fields)]
    struct Depot {
        yards: Vec<String>,
        gates: Vec<u8>,
    }
    let mut sources = Sources::new(schemars::schema_for!(Depot).to_value());
    let variables = [
        ("HAULGRAPH_YARDS".to_owned(), "north, south,".to_owned()),
        ("HAULGRAPH_GATES".to_owned(), "1,2".to_owned()),
    ];
    sources.add_environment::<Depot>(variables);
    let expected = Depot {
        yards: vec!["north".to_owned(), "south".to_owned()],
        gates: vec![1, 2],
    };
    assert_eq!(sources.merge::<Depot>(), expected);
    assert!(sources.into_mistakes().is_none());
}

#[test]
fn an_empty_variable_counts_as_not_set_unless_empty_is_a_value() {
    let file = "[crux]\nbase_url = \"https://crux.example.com\"\nprefix = \"/timp\"";
    let environment = [
        ("HAULGRAPH_CRUX__BASE_URL", ""),
        ("HAULGRAPH_CRUX__PREFIX", ""),
        ("HAULGRAPH_TRANS_EU__API_KEY", ""),
    ];
    let config = load(file, &environment).unwrap();
    assert!(config.crux.base_url.is_some());
    assert_eq!(config.crux.prefix, CruxPrefix::None);
    assert!(config.trans_eu.api_key.is_none());
    assert!(load("", &[("HAULGRAPH_CRUX__BASEURL", "")]).is_err());
}

#[test]
fn variables_that_a_platform_sets_for_a_service_of_our_name_are_passed_over() {
    let environment = [
        ("HAULGRAPH_SERVICE_HOST", "10.0.0.7"),
        ("HAULGRAPH_SERVICE_PORT_HTTP", "8080"),
        ("HAULGRAPH_PORT", "tcp://10.0.0.7:8080"),
        ("HAULGRAPH_PORT_8080_TCP_ADDR", "10.0.0.7"),
        ("HAULGRAPH_ADMIN_SERVICE_PORT", "9090"),
    ];
    assert!(load("", &environment).is_ok());
    assert!(load("", &[("HAULGRAPH_PORT", "8080")]).is_err());
    assert!(load("", &[("HAULGRAPH_CRO__SERVICE_HOST", "10.0.0.7")]).is_err());
}

#[test]
fn a_base_url_keeps_its_path_prefix() {
    let file = "[cro]\nbase_url = \"https://gateway.example.com/vendors/cro\"";
    let base_url = load(file, &[]).unwrap().cro.base_url.unwrap();
    assert_eq!(base_url.path(), "/vendors/cro");
}

#[test]
fn the_sandbox_switches_every_upstream_and_every_link_on() {
    let url = |port| Url::parse(&format!("http://127.0.0.1:{port}")).unwrap();
    let mut config = Config::default();
    config.use_sandbox(SandboxUrls {
        cro: url(1),
        trans_eu: url(2),
        crux: url(3),
    });
    let ports = config
        .upstreams()
        .map(|upstream| upstream.base_url.and_then(Url::port));
    assert_eq!(ports, [Some(1), Some(2), Some(3)]);
    assert!(config.links.route_spot_location && config.links.trading_connection_customer);
    assert_eq!(config.warnings(), Vec::<String>::new());
}

#[test]
fn the_health_check_asks_this_machine_when_the_gateway_listens_everywhere() {
    let health_url = |listen| {
        load("", &[("HAULGRAPH_LISTEN", listen)])
            .unwrap()
            .health_url()
    };
    assert_eq!(
        health_url("0.0.0.0:8080"),
        "http://127.0.0.1:8080/health/live"
    );
    assert_eq!(health_url("[::]:80"), "http://[::1]:80/health/live");
    assert_eq!(health_url("10.1.2.3:80"), "http://10.1.2.3:80/health/live");
}

#[test]
fn the_health_check_asks_the_operators_port_when_the_main_port_speaks_tls() {
    let tls = "[tls]\ncertificate = \"tls.crt\"\nkey = \"tls.key\"";
    let config = load(tls, &[("HAULGRAPH_LISTEN", "0.0.0.0:443")]).unwrap();
    assert_eq!(config.health_url(), "http://127.0.0.1:9090/health/live");
}

#[test]
fn durations_and_sizes_are_read_as_people_write_them() {
    let millis = |text| parse_duration(text).map(|d| d.as_millis()).ok();
    assert_eq!(millis("250ms"), Some(250));
    assert_eq!(millis("15s"), Some(15_000));
    assert_eq!(millis("5m"), Some(300_000));
    assert_eq!(millis("2h"), Some(7_200_000));
    assert_eq!(millis("0"), Some(0));
    for wrong in [
        "",
        "s",
        "15",
        "1.5s",
        "-1s",
        "15 s",
        "15S",
        "99999999999999999999h",
    ] {
        assert_eq!(millis(wrong), None, "{wrong:?}");
    }
    let bytes =
        |text| load("", &[("HAULGRAPH_SERVER__BODY_LIMIT", text)]).map(|c| c.server.body_limit);
    assert_eq!(bytes("512B").ok(), Some(512));
    assert_eq!(bytes("100KB").ok(), Some(100_000));
    assert_eq!(bytes("1KiB").ok(), Some(1024));
    assert_eq!(bytes("2MiB").ok(), Some(2 * 1024 * 1024));
    for wrong in ["512", "1mb", "1 MiB", "MiB", "99999999999GiB"] {
        assert!(bytes(wrong).is_err(), "{wrong:?}");
    }
    let none = load("", &[("HAULGRAPH_ANSWERS__MAX_BYTES", "0")]).unwrap();
    assert_eq!(none.answers.max_bytes, 0);
}

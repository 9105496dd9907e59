use super::*;

#[test]
fn an_unknown_key_is_a_mistake_in_the_file_and_in_the_environment() {
    assert_eq!(
        mistakes("[cro]\ntimeot = \"5s\"", &[("HAULGRAPH_NOPE__AT_ALL", "1")]),
        [
            "cro.timeot: there is no such setting; did you mean `cro.timeout`? (haulgraph.toml, line 2)",
            "nope.at_all: there is no such setting (HAULGRAPH_NOPE__AT_ALL)",
        ]
    );
}

#[test]
fn an_unknown_section_is_a_mistake_even_if_it_is_empty() {
    assert_eq!(
        mistakes("[nowhere]", &[]),
        ["nowhere: there is no such setting (haulgraph.toml, line 1)"]
    );
}

#[test]
fn a_right_name_in_the_wrong_section_is_pointed_to_its_place() {
    assert_eq!(
        mistakes("[crux]\npage_limit = 5", &[]),
        [
            "crux.page_limit: there is no such setting; did you mean `trans_eu.page_limit`? (haulgraph.toml, line 2)"
        ]
    );
}

#[test]
fn all_mistakes_of_all_layers_are_reported_at_once() {
    let file = r#"
        listen = "localhost:8080"
        [cro]
        base_url = "ftp://cro.example.com"
        api_version = "2020/01/01"
        concurrency = 0
        timeout = "5"
        [crux]
        base_url = "https://crux.example.com/?a=b"
        prefix = "/v9"
        connect_timeout = "0"
        [crux.identity]
        authorization = "cookie"
        [links]
        route_spot_location = "yes"
    "#;
    let environment = [
        ("HAULGRAPH_CACHE__MAX_BYTES", "64 megs"),
        ("HAULGRAPH_CRO", "on"),
        ("HAULGRAPH_LIMITS__ERRORS", "many"),
        ("HAULGRAPH_TRANS_EU__IDENTITY__API_KEY", "not a header"),
    ];
    let found = mistakes(file, &environment);
    let keys: Vec<&str> = found
        .iter()
        .filter_map(|mistake| mistake.split(": ").next())
        .collect();
    assert_eq!(
        keys,
        [
            "cache.max_bytes",
            "cro",
            "cro.api_version",
            "cro.base_url",
            "cro.concurrency",
            "cro.timeout",
            "crux.base_url",
            "crux.connect_timeout",
            "crux.identity.authorization",
            "crux.prefix",
            "limits.errors",
            "links.route_spot_location",
            "listen",
            "trans_eu.identity.api_key",
        ]
    );
}

#[test]
fn a_mistake_says_what_would_be_right_and_where_it_stands() {
    assert_eq!(
        mistakes("\n\n[crux]\nprefix = \"/v9\"\nconcurrency = 3000", &[]),
        [
            "crux.concurrency: must be between 1 and 1024, not 3000 (haulgraph.toml, line 5)",
            "crux.prefix: must be one of \"\", \"/timp\", not \"/v9\" (haulgraph.toml, line 4)",
        ]
    );
    assert_eq!(
        mistakes("", &[("HAULGRAPH_CRO__TIMEOUT", "0")]),
        ["cro.timeout: must be more than zero (HAULGRAPH_CRO__TIMEOUT)"]
    );
}

#[test]
fn a_file_that_is_not_toml_is_reported_by_line_without_showing_the_line() {
    let found = mistakes("[trans_eu]\napi_key = \"hush-hush\n", &[]);
    assert_eq!(found.len(), 1);
    assert!(found[0].ends_with("(haulgraph.toml, line 2)"), "{found:?}");
    assert!(!found[0].contains("hush"), "{found:?}");
}

#[test]
fn a_file_that_cannot_be_read_is_a_mistake_with_its_path() {
    let path = Path::new("no-such-directory/haulgraph.toml");
    let found = Config::load(Some(path), [], &Overrides::default()).unwrap_err();
    assert!(
        found
            .to_string()
            .contains("no-such-directory/haulgraph.toml")
    );
}

#[test]
fn the_two_ports_of_the_gateway_must_differ_unless_the_system_chooses_them() {
    let same = [("HAULGRAPH_ADMIN__LISTEN", "127.0.0.1:8080")];
    assert_eq!(mistakes("", &same).len(), 1);
    let chosen = [
        ("HAULGRAPH_LISTEN", "127.0.0.1:0"),
        ("HAULGRAPH_ADMIN__LISTEN", "127.0.0.1:0"),
    ];
    assert!(load("", &chosen).is_ok());
}

#[test]
fn a_certificate_needs_its_key_and_a_key_its_certificate() {
    assert_eq!(
        mistakes("[tls]\ncertificate = \"tls.crt\"", &[]),
        ["tls.key: must be given with tls.certificate"]
    );
    assert_eq!(
        mistakes("", &[("HAULGRAPH_TLS__KEY", "tls.key")]),
        ["tls.certificate: must be given with tls.key"]
    );
}

#[test]
fn a_site_is_written_as_browsers_name_it() {
    let origins = |text| mistakes("", &[("HAULGRAPH_CORS__ORIGINS", text)]);
    assert!(origins("https://app.example.com, http://localhost:3000").is_empty());
    for wrong in [
        "*",
        "null",
        "app.example.com",
        "https://*.example.com",
        "https://app.example.com/",
        "https://app.example.com:443",
        "https://App.example.com",
        "https://user@app.example.com",
        "ftp://app.example.com",
    ] {
        assert_eq!(origins(wrong).len(), 1, "{wrong}");
    }
    assert_eq!(
        origins("https://app.example.com:443/home"),
        [
            "cors.origins: must be an origin as browsers name it: \"https://app.example.com\", not \"https://app.example.com:443/home\" (HAULGRAPH_CORS__ORIGINS)"
        ]
    );
}

#[test]
fn a_head_cannot_be_bounded_below_what_the_protocol_needs() {
    let smallest = [("HAULGRAPH_SERVER__HEADER_LIMIT", "8KiB")];
    assert!(load("", &smallest).is_ok());
    let smaller = [("HAULGRAPH_SERVER__HEADER_LIMIT", "8191B")];
    assert_eq!(
        mistakes("", &smaller),
        ["server.header_limit: must be 8KiB or more (HAULGRAPH_SERVER__HEADER_LIMIT)"]
    );
}

#[test]
fn plain_http_is_a_warning_unless_it_stays_on_this_machine() {
    let warnings = |base_url| {
        let config = load("", &[("HAULGRAPH_CRO__BASE_URL", base_url)]).unwrap();
        config.warnings()
    };
    for loopback in ["http://127.0.0.1:1", "http://[::1]:1", "http://localhost:1"] {
        assert_eq!(warnings(loopback), Vec::<String>::new(), "{loopback}");
    }
    assert_eq!(warnings("https://cro.example.com"), Vec::<String>::new());
    let found = warnings("http://cro.example.com");
    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with("cro.base_url: plain http"),
        "{found:?}"
    );
}

#[test]
fn bounds_that_can_never_be_reached_are_warnings() {
    let file = r#"
        [cro]
        base_url = "https://cro.example.com"
        timeout = "1m"
        connect_timeout = "2m"
    "#;
    let found = load(file, &[]).unwrap().warnings();
    let keys: Vec<&str> = found.iter().filter_map(|w| w.split(": ").next()).collect();
    assert_eq!(keys, ["cro.timeout", "cro.connect_timeout"]);
}

#[test]
fn a_gateway_without_any_upstream_is_a_warning() {
    let found = Config::default().warnings();
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("no upstream has a base_url"));
}

#[test]
fn a_shared_cache_needs_a_redis_and_a_key_and_repeats_neither() {
    let file = r#"
        [cache.redis]
        url = "http://user:hidden@cache.example.com"
        key = "short-and-hidden"
        namespace = ""
        timeout = "0"
    "#;
    let mut found = mistakes(file, &[]);
    assert!(
        !found.iter().any(|mistake| mistake.contains("hidden")),
        "{found:?}"
    );
    found.sort();
    let keys = ["key", "namespace", "timeout", "url"];
    assert_eq!(found.len(), keys.len(), "{found:?}");
    for (key, mistake) in keys.iter().zip(&found) {
        assert!(
            mistake.starts_with(&format!("cache.redis.{key}: ")),
            "{mistake}"
        );
    }
}

#[test]
fn trusted_documents_need_a_list_and_a_key_that_nobody_guesses() {
    for mode in ["prefer", "only"] {
        let environment = [
            ("HAULGRAPH_DOCUMENTS__TRUSTED__MODE", mode),
            ("HAULGRAPH_DOCUMENTS__TRUSTED__OPERATOR_KEY", "hush"),
        ];
        assert_eq!(
            mistakes("", &environment),
            [
                "documents.trusted.manifest: must be given where documents.trusted.mode is not \"off\"",
                "documents.trusted.operator_key: must have at least 32 characters (HAULGRAPH_DOCUMENTS__TRUSTED__OPERATOR_KEY)",
            ]
        );
    }
    let unused = "documents.trusted.manifest = \"list.json\"";
    let found = load(unused, &[]).unwrap().warnings();
    assert!(
        found[1].starts_with("documents.trusted.manifest: not read"),
        "{found:?}"
    );
    let used = [("HAULGRAPH_DOCUMENTS__TRUSTED__MODE", "only")];
    assert_eq!(load(unused, &used).unwrap().warnings().len(), 1);
}

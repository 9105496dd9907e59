//! Texts of about 100 KB that somebody could send to keep a core busy. They are written for the
//! gateway's own schema, so that validation finds something to do.

/// What each is, and its text.
pub fn documents() -> Vec<(&'static str, String)> {
    let mut all = vec![
        ("open braces", "{a".repeat(SIZE / 2)),
        (
            "open brackets in an argument",
            format!("{{a(b:{}", "[".repeat(SIZE)),
        ),
        (
            "nested as deep as allowed, many times",
            filled("{", "}", |_| {
                "tenants{locations{nodes{tenant{locations{nodes{tenant{locations{nodes{name}}}}}}}}}".to_owned()
            }),
        ),
        ("forty fragments that spread the next one twice", bomb(40)),
        ("a bomb of fragments as large as allowed", bomb(10)),
        ("fragments that spread all later ones", ladder(60)),
        ("a fragment with many values, spread often", spread_values()),
        (
            "unknown fields",
            filled("{", "}", |index| format!("u{index} ")),
        ),
        (
            "unknown fields with long names",
            filled("{", "}", |index| format!("u{index}{} ", "x".repeat(900))),
        ),
        (
            "an unknown field with a name as long as a text",
            format!("{{{}}}", "x".repeat(SIZE)),
        ),
        (
            "unknown arguments",
            filled("{tenants(", "){name}}", |index| format!("u{index}:1 ")),
        ),
        (
            "an unknown argument with a long name",
            format!("{{tenants({}:1){{name}}}}", "x".repeat(SIZE)),
        ),
        (
            "unknown directives",
            filled("{tenants", "{name}}", |index| format!("@u{index} ")),
        ),
        (
            "unknown fragments",
            filled("{", "}", |index| format!("...U{index} ")),
        ),
        (
            "unknown types",
            filled("{", "}", |index| format!("... on U{index}{{a}} ")),
        ),
        (
            "unknown variables",
            filled("{nodes(ids:[", "]){id}}", |index| format!("$u{index} ")),
        ),
        (
            "aliases",
            filled("{", "}", |index| format!("a{index}:tenants{{name}} ")),
        ),
        (
            "one directive, again and again",
            filled("{tenants", "{name}}", |_| "@skip(if:true)".to_owned()),
        ),
        (
            "many directives with unknown arguments",
            filled("{tenants", "{name}}", |index| {
                format!("@skip(u{index}:true)")
            }),
        ),
    ];
    all.extend(of_mistakes());
    all.extend(of_values());
    all.extend(of_definitions());
    all.extend(of_variables());
    all.extend(of_overlaps());
    all
}

const SIZE: usize = 100 * 1024 - 300;

/// `open`, then items until the text is as large as allowed, then `close`.
fn filled(open: &str, close: &str, item: impl Fn(usize) -> String) -> String {
    let mut text = open.to_owned();
    for index in 0.. {
        let next = item(index);
        if text.len() + next.len() + close.len() > SIZE {
            break;
        }
        text.push_str(&next);
    }
    text + close
}

/// As [`filled`], with at most `most` items: just within a limit that would refuse more at once.
fn some(most: usize, open: &str, close: &str, item: impl Fn(usize) -> String) -> String {
    let items: String = (0..most).map(item).collect();
    let text = format!("{open}{items}{close}");
    assert!(text.len() <= SIZE + 300, "{}", text.len());
    text
}

/// As many mistakes of a kind as no limit refuses.
fn of_mistakes() -> Vec<(&'static str, String)> {
    vec![
        (
            "as many unknown fields as allowed",
            some(4900, "{tenants{", "}}", |index| format!("u{index} ")),
        ),
        (
            "a few unknown fields",
            some(19, "{tenants{", "}}", |index| {
                format!("u{index}{} ", "x".repeat(50))
            }),
        ),
        (
            "as many unknown fragments as allowed",
            some(90, "{tenants{", "}}", |index| format!("...U{index} ")),
        ),
        (
            "as many unknown types as allowed",
            some(1600, "{tenants{", "}}", |index| {
                format!("...on U{index}{{a}}")
            }),
        ),
        (
            "as many unknown variables as allowed",
            some(990, "{nodes(ids:[", "]){id}}", |index| {
                format!("$u{index} ")
            }),
        ),
        (
            "as many unknown directives as allowed",
            some(490, "{tenants", "{name}}", |index| format!("@u{index} ")),
        ),
        (
            "as many fields without a selection as allowed",
            some(2400, "{tenants{", "}}", |_| "locations ".to_owned()),
        ),
        (
            "as many selections of leaves as allowed",
            some(2000, "{tenants{", "}}", |_| "name{a}".to_owned()),
        ),
        (
            "as many missing arguments as allowed",
            some(95, "{", "}", |index| format!("a{index}:node{{id}}")),
        ),
        (
            "as many aliases as allowed",
            some(490, "{tenants{", "}}", |index| format!("a{index}:name ")),
        ),
    ]
}

fn of_values() -> Vec<(&'static str, String)> {
    let long = SIZE - 100;
    vec![
        (
            "a long text",
            format!("{{nodes(ids:\"{}\"){{id}}}}", "x".repeat(long)),
        ),
        (
            "a long block of text",
            format!(
                "{{nodes(ids:\"\"\"{}\"\"\"){{id}}}}",
                " \n".repeat(long / 2)
            ),
        ),
        (
            "escapes",
            format!("{{nodes(ids:\"{}\"){{id}}}}", "\\u0041".repeat(long / 6)),
        ),
        (
            "a text without an end",
            format!("{{nodes(ids:\"{}", "\\\"".repeat(long / 2)),
        ),
        (
            "a comment",
            format!("#{}\n{{tenants{{name}}}}", "{".repeat(long)),
        ),
        (
            "many comments",
            filled("{tenants{name}}", "", |_| "#\n".to_owned()),
        ),
        (
            "blanks",
            format!("{{{}tenants{{name}}}}", " ,\t\n".repeat(long / 4)),
        ),
        (
            "a long number",
            format!("{{nodes(ids:[{}]){{id}}}}", "9".repeat(long)),
        ),
        (
            "a long fraction",
            format!("{{customers(first:0.{}){{totalCount}}}}", "9".repeat(long)),
        ),
        (
            "a long list",
            filled("{nodes(ids:[", "]){id}}", |_| "1 ".to_owned()),
        ),
        (
            "a list as long as allowed",
            some(990, "{nodes(ids:[", "]){id}}", |index| format!("{index} ")),
        ),
        (
            "a list of lists",
            filled("{nodes(ids:[", "]){id}}", |_| "[[[[1]]]] ".to_owned()),
        ),
        (
            "a large object",
            filled("{customers(filter:{", "}){totalCount}}", |index| {
                format!("u{index}:1 ")
            }),
        ),
        (
            "objects within objects",
            format!(
                "{{customers(filter:{}1{}){{totalCount}}}}",
                "{name:".repeat(60),
                "}".repeat(60)
            ),
        ),
        (
            "one argument, again and again",
            filled("{customers(", "){totalCount}}", |_| "first:1 ".to_owned()),
        ),
        ("what is no token at all", "\u{1f69b}".repeat(long / 4)),
        ("points", ".".repeat(long)),
    ]
}

fn of_definitions() -> Vec<(&'static str, String)> {
    vec![
        (
            "many operations",
            filled("", "", |index| format!("query Q{index}{{tenants{{name}}}}")),
        ),
        (
            "some operations",
            some(700, "", "", |index| {
                format!("query Q{index}{{tenants{{name}}}}")
            }),
        ),
        (
            "many operations that spread one fragment",
            some(
                400,
                "",
                "fragment F on Query{tenants{name code isActive locations{nodes{id}}}}",
                |index| format!("query Q{index}{{...F}}"),
            ),
        ),
        (
            "operations with one name",
            filled("", "", |_| "query Q{tenants{name}}".to_owned()),
        ),
        (
            "many fragments",
            filled("{tenants{name}}", "", |index| {
                format!("fragment F{index} on Query{{tenants{{name}}}}")
            }),
        ),
        (
            "unused fragments",
            some(900, "{tenants{name}}", "", |index| {
                format!("fragment F{index} on Query{{tenants{{name}}}}")
            }),
        ),
        (
            "a circle of fragments",
            some(900, "{...F0}", "fragment F900 on Query{...F0}", |index| {
                format!("fragment F{index} on Query{{...F{}}}", index + 1)
            }),
        ),
        (
            "a chain of fragments",
            some(
                900,
                "{...F0}",
                "fragment F900 on Query{tenants{name}}",
                |index| format!("fragment F{index} on Query{{...F{}}}", index + 1),
            ),
        ),
    ]
}

fn of_variables() -> Vec<(&'static str, String)> {
    vec![
        (
            "unused variables",
            filled("query(", "){tenants{name}}", |index| {
                format!("$v{index}:ID ")
            }),
        ),
        (
            "variables of an unknown type",
            filled("query(", "){tenants{name}}", |index| {
                format!("$v{index}:U{index} ")
            }),
        ),
        (
            "variables with unknown defaults",
            some(1000, "query(", "){tenants{name}}", |index| {
                format!("$v{index}:ID=[1,2] ")
            }),
        ),
        (
            "a variable, again and again",
            filled("query(", "){tenants{name}}", |_| "$v:ID ".to_owned()),
        ),
        ("many variables, all used", {
            let used: String = (0..990).map(|index| format!("$v{index} ")).collect();
            some(
                990,
                "query(",
                &format!("){{nodes(ids:[{used}]){{id}}}}"),
                |index| format!("$v{index}:ID! "),
            )
        }),
        ("many variables in wrong places", {
            let used: String = (0..400)
                .map(|index| format!("a{index}:customers(first:$v{index}){{totalCount}}"))
                .collect();
            some(400, "query(", &format!("){{{used}}}"), |index| {
                format!("$v{index}:String! ")
            })
        }),
        (
            "a variable of lists of lists",
            format!(
                "query($v:{}ID{}){{tenants{{name}}}}",
                "[".repeat(60),
                "]".repeat(60)
            ),
        ),
    ]
}

fn of_overlaps() -> Vec<(&'static str, String)> {
    vec![
        (
            "one field, again and again",
            filled("{", "}", |_| "tenants{name}".to_owned()),
        ),
        (
            "one field as often as allowed",
            some(2400, "{", "}", |_| "tenants{name}".to_owned()),
        ),
        (
            "one name for two fields",
            some(1600, "{tenants{", "}}", |index| {
                if index % 2 == 0 {
                    "a:name ".to_owned()
                } else {
                    "a:code ".to_owned()
                }
            }),
        ),
        (
            "one field with different arguments",
            some(95, "{", "}", |index| {
                format!("tenant:customers(first:{index}){{totalCount}}")
            }),
        ),
        ("one field with many arguments, twice", {
            let arguments: String = (0..1200).map(|index| format!("u{index}:1 ")).collect();
            format!("{{customers({arguments}){{totalCount}}customers({arguments}){{totalCount}}}}")
        }),
        ("fields that merge on every level", {
            let mut text = "{id}".to_owned();
            for _ in 0..9 {
                text = format!("{{parent{text}parent{text}}}");
            }
            format!("{{customer(id:1){text}}}")
        }),
        ("interfaces within interfaces", {
            let mut text = "{id}".to_owned();
            for level in 0..13 {
                text = format!(
                    "{{baseContract{text}...on FixedContract{{baseContract{{a{level}:id}}}}...on FlexibleContract{{baseContract{{b{level}:id}}}}}}"
                );
            }
            format!("{{contract(id:1){text}}}")
        }),
    ]
}

/// `length` fragments, each of which spreads the next one twice.
fn bomb(length: usize) -> String {
    let links: String = (0..length)
        .map(|index| format!("fragment F{index} on Query{{...F{0} ...F{0}}}", index + 1))
        .collect();
    format!("{{...F0}}{links}fragment F{length} on Query{{tenants{{name}}}}")
}

/// `length` fragments, each of which spreads all that follow.
fn ladder(length: usize) -> String {
    let spreads = |index: usize| -> String {
        (index + 1..=length)
            .map(|next| format!("...F{next} "))
            .collect()
    };
    let steps: String = (0..length)
        .map(|index| format!("fragment F{index} on Query{{{}}}", spreads(index)))
        .collect();
    format!("{{...F0}}{steps}fragment F{length} on Query{{tenants{{name}}}}")
}

fn spread_values() -> String {
    let values: String = (0..900).map(|index| format!("{index} ")).collect();
    let spreads: String = (0..900)
        .map(|index| format!("a{index}:tenants{{...F}}"))
        .collect();
    format!(
        "{{{spreads}}}fragment F on Tenant{{customers(filter:{{locationId:[{values}]}}){{totalCount}}}}"
    )
}

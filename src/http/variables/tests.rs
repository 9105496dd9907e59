use async_graphql::{parser::parse_query, value};

use super::*;

const SDL: &str = "
    scalar Day
    enum Size { SMALL LARGE }
    input Order { id: ID!, count: Int! = 2, size: Size, parts: [Order!], tags: [[String]] }
    input Place @oneOf { id: ID, name: String }
    type Query { a: Int }
";

/// The coerced value of `$x`; the message if it does not fit.
fn fit(ty: &str, given: Value) -> Result<Value, String> {
    let schema = PublishedSchema::parse(SDL, |scalar, value| {
        scalar != "Day" || matches!(value, Value::String(_))
    })
    .unwrap();
    let document = parse_query(format!("query($x: {ty}) {{ a }}")).unwrap();
    let (_, operation) = document.operations.iter().next().unwrap();
    let mut variables = Variables::default();
    variables.insert(Name::new("x"), given);
    match coerce(&operation.node, variables, &schema, &Limits::default()) {
        Ok(coerced) => Ok(coerced[&Name::new("x")].clone()),
        Err(refusal) => Err(refusal.errors[0].message.clone()),
    }
}

#[test]
fn scalars_take_their_own_kind_only() {
    for (ty, good) in [
        ("Int", value!(2_147_483_647)),
        ("Float", value!(1)),
        ("Float", value!(1.5)),
        ("String", value!("a")),
        ("Boolean", value!(true)),
        ("ID", value!("a")),
        ("Day", value!("a")),
        ("Int", value!(null)),
    ] {
        assert_eq!(fit(ty, good.clone()), Ok(good), "{ty}");
    }
    for (ty, bad) in [
        ("Int", value!(2_147_483_648_i64)),
        ("Int", value!(1.5)),
        ("Int", value!("1")),
        ("Float", value!("1")),
        ("String", value!(1)),
        ("Boolean", value!(1)),
        ("ID", value!(1.5)),
        ("ID", value!(true)),
        ("Day", value!(1)),
        ("Int!", value!(null)),
        ("Int", value!([1])),
        ("String", value!({})),
    ] {
        assert!(fit(ty, bad.clone()).is_err(), "{ty} {bad}");
    }
}

#[test]
fn values_take_the_shape_of_their_type() {
    assert_eq!(
        fit("ID", value!(9_007_199_254_740_993_i64)),
        Ok(value!("9007199254740993"))
    );
    assert_eq!(
        fit("Size", value!("LARGE")),
        Ok(Value::Enum(Name::new("LARGE")))
    );
    assert_eq!(fit("[Int]", value!(1)), Ok(value!([1])));
    assert_eq!(fit("[[Int]]", value!(1)), Ok(value!([[1]])));
    assert_eq!(fit("[Int]", value!([1, null])), Ok(value!([1, null])));
    assert_eq!(fit("[Int]", value!(null)), Ok(Value::Null));
    assert_eq!(
        fit("Order", value!({ "id": 1, "tags": "a" })),
        Ok(value!({ "id": "1", "count": 2, "tags": [["a"]] }))
    );
}

#[test]
fn a_misfit_is_found_wherever_it_is() {
    for (ty, given, place) in [
        ("[Int!]", value!([1, null]), "$x[1]"),
        ("[[Int]]", value!([[1], ["a"]]), "$x[1][0]"),
        (
            "Order",
            value!({ "id": 1, "parts": [{ "id": 1, "parts": { "id": null } }] }),
            "$x.parts[0].parts.id",
        ),
        ("Order", value!({ "id": 1, "count": null }), "$x.count"),
        ("Size", value!(1), "$x"),
        ("Order", value!("a"), "$x"),
    ] {
        let message = fit(ty, given).unwrap_err();
        assert!(
            message.starts_with(&format!("Variable \"{place}\": ")),
            "{message}"
        );
    }
}

#[test]
fn one_of_takes_one_field_that_is_not_null() {
    assert!(fit("Place", value!({ "id": "1" })).is_ok());
    for bad in [
        value!({}),
        value!({ "id": null }),
        value!({ "id": "1", "name": "a" }),
        value!({ "id": "1", "name": null }),
    ] {
        assert!(fit("Place", bad.clone()).is_err(), "{bad}");
    }
}

use super::*;

crate::input_object! {
    /// For the test.
    struct Sample {
        /// Needed.
        the_name: String,
        /// Optional.
        note: Option<String>,
        /// May be cleared.
        parent_id: MaybeUndefined<Id>,
        /// Many.
        tags: Vec<String>,
    }
}

crate::input_object! {
    /// For the test.
    struct Larger {
        /// Its own.
        own: bool,
        ..sample: Sample,
    }
}

#[test]
fn an_input_may_have_the_fields_of_another_beside_its_own() {
    let names: Vec<_> = Larger::fields()
        .into_iter()
        .map(|(name, ..)| name)
        .collect();
    assert_eq!(names, ["own", "the_name", "note", "parent_id", "tags"]);
    let json = serde_json::json!({"own": true, "theName": "n", "tags": []});
    let larger = Larger::read(Some(&Value::from_json(json).unwrap())).unwrap();
    assert_eq!((larger.own, larger.sample.the_name.as_str()), (true, "n"));
}

fn read(json: serde_json::Value) -> Option<Sample> {
    Sample::read(Some(&Value::from_json(json).unwrap()))
}

#[test]
fn an_input_is_read_by_its_graphql_names() {
    let sample = read(serde_json::json!({"theName": "n", "parentId": 7, "tags": "one"})).unwrap();
    assert_eq!((sample.the_name.as_str(), sample.note), ("n", None));
    assert_eq!(sample.parent_id, MaybeUndefined::Value(Id("7".into())));
    assert_eq!(sample.tags, ["one"]);
}

crate::one_of_input! {
    /// For the test.
    enum Choice {
        /// A name.
        TheName(String),
        /// A number.
        Count(i32),
    }
}

fn choose(json: serde_json::Value) -> Option<Choice> {
    Choice::read(Some(&Value::from_json(json).unwrap()))
}

#[test]
fn exactly_one_field_of_a_choice_is_read() {
    assert!(
        matches!(choose(serde_json::json!({"theName": "n"})), Some(Choice::TheName(name)) if name == "n")
    );
    assert!(matches!(
        choose(serde_json::json!({"count": 2})),
        Some(Choice::Count(2))
    ));
    for bad in [
        serde_json::json!({}),
        serde_json::json!({"count": null}),
        serde_json::json!({"theName": "n", "count": 2}),
        serde_json::json!({"theName": "n", "count": null}),
    ] {
        assert!(choose(bad).is_none());
    }
}

#[test]
fn left_out_and_null_are_two_things() {
    let absent = read(serde_json::json!({"theName": "n", "tags": []})).unwrap();
    let cleared = read(serde_json::json!({"theName": "n", "tags": [], "parentId": null})).unwrap();
    assert_eq!(
        (absent.parent_id, cleared.parent_id),
        (MaybeUndefined::Undefined, MaybeUndefined::Null)
    );
}

//! The documented shapes of answers, and the notation in which they are written down.
//!
//! A block begins with the name of a model, or with the endpoints that answer so, one per line. Its
//! indented lines name a place in the answer (`a.b`, `rows[]`, `*` for members whose names are data)
//! and, after a colon, what is documented there: kinds, or a model, perhaps with `null`, perhaps with
//! `= the | known | words` of a text. A line that is only the name of a model says it of the whole.
//! `flag` is a truth value in any of CRO's documented spellings, `any` is what nobody describes.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

use crate::{
    identity::Service,
    upstream::{Endpoint, lenient::without_prefix},
};

/// What is documented of one place.
#[derive(Debug, Default)]
pub(super) struct Shape {
    kinds: Vec<Kind>,
    words: Vec<&'static str>,
    model: Option<&'static str>,
    /// They are asked for names from upstreams, so a quick hash will do.
    members: HashMap<&'static str, Shape, foldhash::fast::RandomState>,
    element: Option<Box<Shape>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Null,
    Text,
    Number,
    Bool,
    Flag,
    Any,
}

/// A value of JSON that has no parts.
#[derive(Debug, Clone, Copy)]
pub(super) enum Scalar<'a> {
    Null,
    Bool,
    /// Whether it is 0 or 1.
    Number(bool),
    Text(&'a str),
}

impl Shape {
    /// Nothing is documented of what is here.
    pub(super) fn is_open(&self) -> bool {
        self.kinds.contains(&Kind::Any)
    }

    /// The shape of a member, if there is one of that name.
    pub(super) fn member(&self, name: &str) -> Option<&Self> {
        self.members.get(name).or_else(|| self.members.get("*"))
    }

    /// Whether an object is documented here.
    pub(super) fn has_members(&self) -> bool {
        !self.members.is_empty()
    }

    /// The shape of the elements, if a list is documented here.
    pub(super) fn element(&self) -> Option<&Self> {
        self.element.as_deref()
    }

    /// Whether a value of this kind is documented here, whatever it says.
    pub(super) fn admits(&self, scalar: Scalar<'_>) -> bool {
        let is_flag = || match scalar {
            Scalar::Bool => true,
            Scalar::Number(is_flag) => is_flag,
            Scalar::Text(text) => {
                let spellings = ["0", "1", "true", "false"];
                spellings.iter().any(|word| word.eq_ignore_ascii_case(text))
            }
            Scalar::Null => false,
        };
        let kind = match scalar {
            Scalar::Null => Kind::Null,
            Scalar::Bool => Kind::Bool,
            Scalar::Number(_) => Kind::Number,
            Scalar::Text(_) => Kind::Text,
        };
        self.kinds.contains(&kind) || self.kinds.contains(&Kind::Flag) && is_flag()
    }

    /// Whether the documentation lists the words of this text, and not this one. Trans.eu documents
    /// that a word may carry the number of a dictionary (`1_eur`).
    pub(super) fn excludes(&self, word: &str) -> bool {
        let is_listed = |word| self.words.contains(&word);
        !self.words.is_empty() && !is_listed(word) && !is_listed(without_prefix(word))
    }

    fn add(&mut self, line: &'static str) {
        match line.split_once(": ") {
            Some((path, documented)) => self.at(path).describe(documented),
            None => self.describe(line),
        }
    }

    fn at(&mut self, path: &'static str) -> &mut Self {
        path.split('.').fold(self, |shape, step| {
            let name = step.trim_end_matches("[]");
            let place = match name {
                "" => shape,
                name => shape.members.entry(name).or_default(),
            };
            let depth = (step.len() - name.len()) / 2;
            (0..depth).fold(place, |list, _| list.element.get_or_insert_default())
        })
    }

    fn describe(&mut self, documented: &'static str) {
        let (kinds, words) = documented.split_once(" = ").unwrap_or((documented, ""));
        for kind in kinds.split(' ') {
            match kind {
                "null" => self.kinds.push(Kind::Null),
                "text" => self.kinds.push(Kind::Text),
                "number" => self.kinds.push(Kind::Number),
                "bool" => self.kinds.push(Kind::Bool),
                "flag" => self.kinds.push(Kind::Flag),
                "any" => self.kinds.push(Kind::Any),
                model => self.model = Some(model),
            }
        }
        let words = words.split(" | ").filter(|word| !word.is_empty());
        self.words.extend(words);
    }
}

/// All that is written down of one upstream.
#[derive(Debug, Default)]
pub(super) struct Documentation {
    models: HashMap<&'static str, Arc<Shape>>,
    endpoints: HashMap<&'static str, Arc<Shape>>,
}

impl Documentation {
    /// What `service` documents.
    pub(super) fn of(service: Service) -> &'static Self {
        static CRO: LazyLock<Documentation> =
            LazyLock::new(|| Documentation::read(include_str!("cro.shapes")));
        static TRANS_EU: LazyLock<Documentation> =
            LazyLock::new(|| Documentation::read(include_str!("trans_eu.shapes")));
        static CRUX: LazyLock<Documentation> =
            LazyLock::new(|| Documentation::read(include_str!("crux.shapes")));
        match service {
            Service::Cro => &CRO,
            Service::TransEu => &TRANS_EU,
            Service::Crux => &CRUX,
        }
    }

    /// The shape of an endpoint's answers, if it is written down.
    pub(super) fn find(&self, endpoint: &Endpoint) -> Option<&Shape> {
        let name = format!("{} {}", endpoint.method, endpoint.template);
        self.endpoints.get(name.as_str()).map(AsRef::as_ref)
    }

    /// The shape that says what the parts are: the model that `shape` names, or itself.
    pub(super) fn parts<'a>(&'a self, shape: &'a Shape) -> &'a Shape {
        let model = shape.model.and_then(|name| self.models.get(name));
        model.map_or(shape, AsRef::as_ref)
    }

    pub(super) fn read(text: &'static str) -> Self {
        let mut documentation = Self::default();
        let mut names: Vec<&'static str> = Vec::new();
        let mut shape = Shape::default();
        let is_said = |line: &&str| !line.trim_start().starts_with('#');
        for line in text.lines().filter(is_said).chain([""]) {
            match line.strip_prefix("  ") {
                Some(place) => shape.add(place),
                None if !line.is_empty() => names.push(line),
                None => {
                    let shape = Arc::new(std::mem::take(&mut shape));
                    for name in names.drain(..) {
                        let is_endpoint = name.contains(' ');
                        let named = if is_endpoint {
                            &mut documentation.endpoints
                        } else {
                            &mut documentation.models
                        };
                        named.insert(name, Arc::clone(&shape));
                    }
                }
            }
        }
        documentation
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named_models(shape: &Shape) -> Vec<&'static str> {
        let parts = shape.members.values().chain(shape.element());
        let inner = parts.flat_map(named_models);
        shape.model.into_iter().chain(inner).collect()
    }

    #[test]
    fn every_named_model_is_written_down_and_used() {
        for service in Service::ALL {
            let documentation = Documentation::of(service);
            let shapes = || {
                let models = documentation.models.values();
                models.chain(documentation.endpoints.values())
            };
            let named: Vec<_> = shapes().flat_map(|shape| named_models(shape)).collect();
            for model in &named {
                assert!(
                    documentation.models.contains_key(model),
                    "{service}: {model}"
                );
            }
            for model in documentation.models.keys() {
                assert!(named.contains(model), "{service}: nobody answers {model}");
            }
        }
    }
}

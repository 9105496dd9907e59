//! The forms in which clients' builds list their documents.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value as Json;

use super::persisted::{HASH_PREFIX, hash_of};

/// Documents, by all the names that clients may use.
pub(super) struct Manifest {
    /// As the file names them, in its order.
    listed: Vec<(String, Arc<str>)>,
    /// By these names, and by the hashes of the texts.
    names: HashMap<String, Arc<str>>,
    texts: HashSet<Arc<str>>,
}

/// What tools of Apollo write for web, Kotlin and iOS. They say more of each document than is needed.
#[derive(Deserialize)]
struct ApolloForm {
    format: String,
    version: u64,
    operations: Vec<ApolloOperation>,
}

#[derive(Deserialize)]
struct ApolloOperation {
    id: String,
    body: String,
}

/// What relay-compiler and graphql-codegen write.
type RelayForm = BTreeMap<String, String>;

impl Manifest {
    /// Reads either form.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub(super) fn read(json: &[u8]) -> Result<Self, String> {
        let listed = match read::<BTreeMap<String, Json>>(json)?.get("format") {
            Some(_) => read_apollo(json)?,
            None => read::<RelayForm>(json)?.into_iter().collect(),
        };
        Self::new(listed)
    }

    fn new(listed: Vec<(String, String)>) -> Result<Self, String> {
        if listed.is_empty() {
            return Err("it lists no document".to_owned());
        }
        let mut names: HashMap<String, Arc<str>> = HashMap::with_capacity(2 * listed.len());
        let mut known = Vec::with_capacity(listed.len());
        for (id, text) in listed {
            let text: Arc<str> = text.into();
            let name = id.strip_prefix(HASH_PREFIX).unwrap_or(&id).to_owned();
            let earlier = names.insert(name, Arc::clone(&text));
            if earlier.is_some_and(|earlier| earlier != text) {
                return Err(format!("\"{id}\" stands for two documents"));
            }
            known.push((id, text));
        }
        for (_, text) in &known {
            // What the file says of a name holds.
            names
                .entry(hash_of(text))
                .or_insert_with(|| Arc::clone(text));
        }
        Ok(Self {
            texts: known.iter().map(|(_, text)| Arc::clone(text)).collect(),
            names,
            listed: known,
        })
    }

    /// All documents, as the file names them.
    pub(super) fn listed(&self) -> &[(String, Arc<str>)] {
        &self.listed
    }

    /// The document of this name.
    pub(super) fn named(&self, name: &str) -> Option<&Arc<str>> {
        self.names.get(name)
    }

    /// The document of this text, word for word.
    pub(super) fn worded(&self, text: &str) -> Option<&Arc<str>> {
        self.texts.get(text)
    }
}

fn read_apollo(json: &[u8]) -> Result<Vec<(String, String)>, String> {
    let ApolloForm {
        format,
        version,
        operations,
    } = read(json)?;
    if format != "apollo-persisted-query-manifest" || version != 1 {
        return Err(format!(
            "it is \"{format}\" of version {version}, where \"apollo-persisted-query-manifest\" of version 1 is known"
        ));
    }
    let pair = |operation: ApolloOperation| (operation.id, operation.body);
    Ok(operations.into_iter().map(pair).collect())
}

fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, String> {
    let mut json = serde_json::Deserializer::from_slice(json);
    let read = serde_path_to_error::deserialize(&mut json).map_err(|error| error.to_string());
    read.and_then(|read| json.end().map(|()| read).map_err(|error| error.to_string()))
}

#[cfg(test)]
mod tests;

//! A file with a list of documents.

use std::{fs, path::PathBuf};

use haulgraph::http::{Others, TrustedDocuments};
use serde_json::{Value, json};

/// A file that is gone with this.
pub struct List(PathBuf);

impl List {
    /// In the form of Apollo's tools.
    pub fn apollo(documents: &[(&str, &str)]) -> Self {
        let operations = documents
            .iter()
            .map(|(id, text)| json!({ "id": id, "name": "Any", "type": "query", "body": text }));
        Self::of(&json!({
            "format": "apollo-persisted-query-manifest",
            "version": 1,
            "operations": operations.collect::<Vec<_>>(),
        }))
    }

    /// In the form of relay-compiler.
    pub fn relay(documents: &[(&str, &str)]) -> Self {
        let list = Self(std::env::temp_dir().join(uuid::Uuid::new_v4().to_string()));
        list.write(documents);
        list
    }

    fn of(json: &Value) -> Self {
        let list = Self::relay(&[]);
        fs::write(&list.0, json.to_string()).unwrap();
        list
    }

    /// Puts other documents into the file.
    pub fn write(&self, documents: &[(&str, &str)]) {
        let pairs = documents.iter().map(|(id, text)| (*id, *text));
        let object: std::collections::BTreeMap<&str, &str> = pairs.collect();
        fs::write(&self.0, serde_json::to_vec(&object).unwrap()).unwrap();
    }

    /// Leaves half of a list in the file.
    pub fn spoil(&self) {
        fs::write(&self.0, "{ \"1\": \"{ he").unwrap();
    }

    pub fn path(&self) -> &PathBuf {
        &self.0
    }

    pub fn read(&self, others: Others) -> TrustedDocuments {
        TrustedDocuments::read(&self.0, others).unwrap()
    }
}

impl Drop for List {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

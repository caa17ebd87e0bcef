//! The operations that the document lists.

use serde_json::Value;

/// One method of one path.
#[derive(Debug, Clone)]
pub struct Operation {
    pub method: String,
    pub path: String,
    /// What the document says of it.
    pub described: Value,
}

impl Operation {
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Whether it wants none of our headers.
    pub fn is_public(&self) -> bool {
        self.described["security"][0]
            .as_object()
            .is_some_and(serde_json::Map::is_empty)
    }
}

pub fn document() -> Value {
    serde_json::to_value(latchkey_api::document()).expect("JSON")
}

pub fn operations() -> Vec<Operation> {
    let document = document();
    let paths = document["paths"].as_object().expect("paths");
    let mut all = Vec::new();
    for (path, item) in paths {
        for method in ["get", "post", "put", "patch", "delete"] {
            if let Some(described) = item.get(method) {
                all.push(Operation {
                    method: method.to_uppercase(),
                    path: path.clone(),
                    described: described.clone(),
                });
            }
        }
    }
    assert!(all.len() > 40, "the document lists the operations");
    all
}

/// A request for it, about things that are not there.
pub fn filled(operation: &Operation) -> String {
    let mut path = String::new();
    for part in operation.path.split('/').skip(1) {
        path.push('/');
        match part {
            "{permission_id}" => path.push_str("team_admin"),
            part if part.starts_with('{') => path.push_str("00000000-0000-4000-8000-000000000001"),
            part => path.push_str(part),
        }
    }
    format!("{} {path}", operation.method)
}

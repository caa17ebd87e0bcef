//! The API reference: the `OpenAPI` document as a page. It is public.

use std::sync::LazyLock;

use axum::{http::StatusCode, response::Response};
use leptos::prelude::*;
use serde_json::Value;

use crate::{paths, shell, text::text};

/// The document is the same for as long as the program runs.
static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::to_value(latchkey_api::document()).unwrap_or_default());

struct Operation<'a> {
    method: String,
    path: &'a str,
    body: &'a Value,
}

pub async fn api_reference() -> Response {
    let t = text();
    shell::page(StatusCode::OK, t.reference.title, || {
        let document: &'static Value = &DOCUMENT;
        let sections = tags(document)
            .into_iter()
            .map(|tag| section(document, tag))
            .collect_view();
        view! {
            <div class="page reference">
                <main id="main" tabindex="-1">
                    <h1>{t.reference.title}</h1>
                    <p class="intro">{t.reference.intro}</p>
                    <p class="intro">{words(&document["info"]["description"])}</p>
                    <p>
                        <a href=paths::OPENAPI>{t.reference.document}</a>
                    </p>
                    {sections}
                </main>
            </div>
        }
    })
}

fn str_of(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Renders text with `code` in backticks.
fn words(text: &Value) -> impl IntoView + use<> {
    str_of(text)
        .split('`')
        .enumerate()
        .map(|(at, part)| {
            let part = part.to_owned();
            if at % 2 == 1 {
                view! { <code>{part}</code> }.into_any()
            } else {
                part.into_any()
            }
        })
        .collect_view()
}

fn operations(document: &Value) -> impl Iterator<Item = Operation<'_>> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten();
        methods
            .filter(|(_, body)| body.get("responses").is_some())
            .map(move |(method, body)| Operation {
                method: method.to_uppercase(),
                path,
                body,
            })
    })
}

/// The tags, in the order of their first operation.
fn tags(document: &Value) -> Vec<&str> {
    let mut tags = Vec::new();
    for operation in operations(document) {
        let tag = str_of(&operation.body["tags"][0]);
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

fn section(document: &'static Value, tag: &'static str) -> impl IntoView + use<> {
    let id = tag.to_lowercase().replace(' ', "-");
    let shown = operations(document)
        .filter(|operation| str_of(&operation.body["tags"][0]) == tag)
        .map(|operation| describe(document, &operation).into_any())
        .collect_view();
    view! {
        <section class="section" aria-labelledby=id.clone()>
            <h2 id=id.clone()>{tag}</h2>
            {shown}
        </section>
    }
}

fn describe(document: &'static Value, operation: &Operation<'static>) -> impl IntoView + use<> {
    let t = &text().reference;
    let parameters = operation.body["parameters"].as_array();
    let parameters: Vec<_> = parameters
        .into_iter()
        .flatten()
        .map(|parameter| {
            let required = parameter["required"].as_bool().unwrap_or_default();
            row(
                str_of(&parameter["name"]),
                required,
                &parameter["description"],
            )
            .into_any()
        })
        .collect();
    let contents = operation.body["requestBody"]["content"].as_object();
    let fields: Vec<_> = contents
        .into_iter()
        .flat_map(serde_json::Map::values)
        .take(1)
        .flat_map(|content| fields(document, &content["schema"]))
        .collect();
    let responses = operation.body["responses"].as_object();
    let responses = responses
        .into_iter()
        .flatten()
        .map(|(status, response)| {
            view! {
                <tr>
                    <th scope="row">{status.clone()}</th>
                    <td>{words(&response["description"])}</td>
                </tr>
            }
        })
        .collect_view();
    let part = |label: &'static str, rows: Vec<AnyView>| {
        (!rows.is_empty()).then(|| table(label, rows.collect_view()).into_any())
    };
    view! {
        <details class="operation">
            <summary>
                <span class=format!("method {}", operation.method.to_lowercase())>
                    {operation.method.clone()}
                </span>
                <code>{operation.path}</code>
                <span class="quiet">{words(&operation.body["summary"])}</span>
            </summary>
            {part(t.parameters, parameters)}
            {part(t.body, fields)}
            {table(t.responses, responses)}
        </details>
    }
}

fn table(label: &'static str, rows: impl IntoView + 'static) -> impl IntoView {
    view! {
        <div class="table-box">
            <table>
                <caption>{label}</caption>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn row(name: &str, required: bool, description: &Value) -> impl IntoView + use<> {
    let required = required.then(|| view! { <span class="tag">{text().reference.required}</span> });
    view! {
        <tr>
            <th scope="row">
                <code>{name.to_owned()}</code>
                " "
                {required}
            </th>
            <td>{words(description)}</td>
        </tr>
    }
}

/// The fields of an object schema, following references.
fn fields(document: &'static Value, schema: &Value) -> Vec<AnyView> {
    let schema = resolve(document, schema);
    let required: Vec<_> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .map(str_of)
        .collect();
    let properties = schema["properties"].as_object();
    properties
        .into_iter()
        .flatten()
        .map(|(name, field)| {
            let described = if field.get("description").is_some() {
                field
            } else {
                &field["oneOf"][0]
            };
            row(
                name,
                required.contains(&name.as_str()),
                &described["description"],
            )
            .into_any()
        })
        .collect()
}

fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    schema["$ref"]
        .as_str()
        .and_then(|reference| document.pointer(reference.strip_prefix('#')?))
        .unwrap_or(schema)
}

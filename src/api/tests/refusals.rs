//! Requests that are refused, and in which words.

use serde_json::Value;

use crate::{
    http::{Api, As, Sent},
    told::{Told, schema},
};

/// A request, and what is told of it.
pub struct Row {
    who: As,
    what: String,
    sent: Sent,
    told: Told,
}

pub fn row(who: &As, what: impl Into<String>, sent: impl Into<Sent>, told: Told) -> Row {
    Row {
        who: who.clone(),
        what: what.into(),
        sent: sent.into(),
        told,
    }
}

/// Requests of one route, each of which breaks one rule of its input.
pub fn broken<'a, Body: Into<Sent>>(
    who: &As,
    what: &str,
    cases: impl IntoIterator<Item = (Body, &'a str)>,
) -> Vec<Row> {
    let cases = cases.into_iter();
    cases
        .map(|(sent, problem)| row(who, what, sent, schema(what, &[problem])))
        .collect()
}

/// The same request without a body by each of these, and what each is told.
pub fn by_each(what: &str, cases: impl IntoIterator<Item = (As, Told)>) -> Vec<Row> {
    let cases = cases.into_iter();
    cases.map(|(who, told)| row(&who, what, (), told)).collect()
}

/// The value that this JSON text stands for.
pub fn json_of(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

impl Api {
    /// Every one of these is refused in these words, and changes nothing.
    pub async fn refuses(&self, rows: Vec<Row>) {
        assert!(!rows.is_empty());
        let before = self.dump().await;
        for Row {
            who,
            what,
            sent,
            told,
        } in rows
        {
            let answer = self.ask(&who, &what, sent.clone()).await;
            assert_eq!(answer.told(), told, "{what} {sent:?}");
            assert_eq!(
                self.dump().await,
                before,
                "{what} {sent:?} changed something"
            );
        }
    }
}

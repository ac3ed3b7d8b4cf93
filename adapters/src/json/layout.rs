//! The answers to several rows, in the layouts that services have.
//!
//! A list with an answer for each row; an object of such lists by name, one for each output or column; a flat list
//! beside its shape; the classes of a single row, bare. The invariant: as many answers as rows, in their order, or
//! none.

use std::borrow::Cow;

use super::pointer::{Pointer, follow};
use crate::text::{Json, is_labels, lone, prediction};
use crate::{Failure, FailureKind, Prediction};

/// How the rows were asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// A single row, whose answer stands alone.
    One,
    /// A list of that many rows.
    List(usize),
}

/// Reads the predictions that stand at the pointer.
pub(super) fn predictions(
    answer: &Json,
    pointer: &Pointer,
    asked: Asked,
) -> Result<Vec<Prediction>, Failure> {
    let Some(found) = follow(answer, &pointer.list) else {
        let what = inside_what(answer);
        return malformed(format!(
            "nothing stands at `{}`, where predictions were expected; the answer is {what}",
            pointer.list
        ));
    };
    let name = pointer.name();
    let rows = match (asked, &pointer.each) {
        (Asked::One, None) => return Ok(vec![prediction(lone(&found), name)?]),
        (Asked::One, Some(_)) => 1,
        (Asked::List(rows), _) => rows,
    };
    let Some(items) = items(answer, pointer, &found, rows) else {
        let (at, what) = (&pointer.list, found.what());
        return malformed(format!("a list of {rows} answers was expected at `{at}`, found {what}"));
    };
    let Some(each) = &pointer.each else {
        return items.iter().map(|item| prediction(item, name)).collect();
    };
    let read = |(i, item): (usize, &Json)| match follow(item, each) {
        Some(found) => prediction(&found, name),
        None => malformed(format!(
            "nothing stands at `{each}` of answer {i}, where a prediction was expected; it is {}",
            item.what()
        )),
    };
    items.iter().enumerate().map(read).collect()
}

fn malformed<T>(said: String) -> Result<T, Failure> {
    Err(Failure::unplaced(FailureKind::Malformed, said))
}

fn inside_what(answer: &Json) -> String {
    super::pointer::inside(answer)
        .map_or_else(|| answer.what(), |inner| format!("{} in a string", inner.what()))
}

/// An item for each row.
fn items<'a>(answer: &Json, pointer: &Pointer, found: &'a Json, rows: usize) -> Option<Cow<'a, [Json]>> {
    // Where a shape stands beside a flat list, it says how many rows there are.
    if let Some(table) = beside_shape(answer, pointer, found) {
        return shaped(&table, rows).map(Cow::Owned);
    }
    match found {
        Json::Array(items) if items.len() == rows => Some(Cow::Borrowed(items)),
        // Some services list the classes of a single row without a list around it.
        Json::Array(items) if rows == 1 && is_labels(items) => Some(Cow::Owned(vec![found.clone()])),
        Json::Object(members) => shaped(found, rows).or_else(|| columns(members, rows)).map(Cow::Owned),
        _ => None,
    }
}

/// The object around a flat list that tells its shape too.
fn beside_shape(answer: &Json, pointer: &Pointer, found: &Json) -> Option<Json> {
    let (parent, key) = pointer.list.rsplit_once('/')?;
    let parent = follow(answer, parent)?;
    (matches!(key, "values" | "data") && flat(found) && parent.get("shape").is_some())
        .then(|| parent.into_owned())
}

fn flat(value: &Json) -> bool {
    value.items().is_some_and(|items| items.iter().all(|item| item.number().is_some()))
}

/// The rows of `{"shape": [2, 3], "values": [..]}`.
fn shaped(table: &Json, rows: usize) -> Option<Vec<Json>> {
    let size = |item: &Json| if let Json::Int(size) = item { usize::try_from(*size).ok() } else { None };
    let shape = table.get("shape")?.items()?.iter().map(size).collect::<Option<Vec<usize>>>()?;
    let values = table.get("values").or_else(|| table.get("data"))?.items()?;
    let count = shape.iter().try_fold(1_usize, |product, size| product.checked_mul(*size))?;
    let (first, inner) = shape.split_first()?;
    if *first != rows || count != values.len() || count == 0 {
        return None;
    }
    Some(values.chunks(count / rows).map(|row| nested(row, inner)).collect())
}

fn nested(values: &[Json], shape: &[usize]) -> Json {
    match shape {
        [] => values.first().cloned().unwrap_or(Json::Null),
        [_] => Json::Array(values.to_vec()),
        [size, inner @ ..] => {
            let part = (values.len() / (*size).max(1)).max(1);
            Json::Array(values.chunks(part).map(|values| nested(values, inner)).collect())
        }
    }
}

/// The rows of lists by name.
fn columns(members: &[(Vec<u8>, Json)], rows: usize) -> Option<Vec<Json>> {
    let lists = members.iter().map(|(name, list)| Some((name, list.items()?)));
    let lists = lists.collect::<Option<Vec<_>>>()?;
    if lists.is_empty() || lists.iter().any(|(_, list)| list.len() != rows) {
        return None;
    }
    let row = |i: usize| lists.iter().map(|(name, list)| ((*name).clone(), list[i].clone())).collect();
    Some((0..rows).map(|i| Json::Object(row(i))).collect())
}

#[cfg(test)]
#[path = "layout/tests.rs"]
mod tests;

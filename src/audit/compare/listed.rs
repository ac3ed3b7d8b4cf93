//! The plan of a comparison as text: what stands in its folder before the first query.

use serde::Serialize;

use crate::comparison::ComparedClaim;
use crate::config::question::{EndpointId, Question};

/// Everything that was asked and can be stated, as TOML.
pub fn listed(
    question: &Question,
    endpoints: &[&EndpointId],
    margin: Option<f64>,
    claims: &[ComparedClaim],
) -> String {
    #[derive(Serialize)]
    struct Listed<'a> {
        compare: Vec<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        margin: Option<f64>,
        question: &'a Question,
        claims: &'a [ComparedClaim],
    }
    let compare = endpoints.iter().map(|endpoint| endpoint.url.as_str()).collect();
    let listed = Listed { compare, margin, question, claims };
    // All of these are texts, lists and finite numbers, which TOML can say.
    let text = toml::to_string(&listed).unwrap_or_default();
    format!(
        "# The plan of a comparison: what is asked of each endpoint, the first being the reference, and what can be\n\
         # stated, with the probability with which each claim may be wrong. The folders beside it hold each endpoint's\n\
         # audit file and journal.\n{text}"
    )
}

use super::facts::Inspection;
use crate::report::schema;
use crate::report::schema::tests::assert_committed;

#[test]
fn the_schema_of_inspections_is_up_to_date() {
    assert_committed("inspection.schema.json", &schema::of::<Inspection>(Inspection::FORMAT));
}

//! What stands in the place of the rows while the text around them is found.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use minijinja::value::{DynObject, Enumerator, Object, ObjectRepr, Value};

/// What is printed for the rows. JSON cannot hold it, so it is found again.
pub(super) const MARK: &str = "\0rows\0";

/// A value that remembers whether anybody looked into it.
#[derive(Debug)]
pub(super) struct Mark(pub(super) Arc<AtomicBool>);

impl Mark {
    fn touch(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Object for Mark {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        self.touch();
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, _: &Value) -> Option<Value> {
        self.touch();
        None
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        self.touch();
        Enumerator::Empty
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.touch();
        true
    }

    fn custom_cmp(self: &Arc<Self>, _: &DynObject) -> Option<std::cmp::Ordering> {
        self.touch();
        None
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.touch();
        f.write_str("rows")
    }
}

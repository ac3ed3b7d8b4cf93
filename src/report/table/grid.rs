//! Columns of text side by side, in as many tables as it takes to keep to the width.
//!
//! The invariant: the columns of one group stay together, and the first column stands in every table.

use crate::report::text::WIDTH;

/// One column of a table: its head, and a cell for each row.
#[derive(Debug, Clone)]
pub struct Column {
    head: String,
    cells: Vec<String>,
    left: bool,
}

impl Column {
    /// A column, unless every cell is empty.
    pub fn some<T>(head: &str, rows: &[T], cell: impl Fn(&T) -> String) -> Option<Column> {
        let cells: Vec<String> = rows.iter().map(cell).collect();
        let head = head.to_owned();
        cells.iter().any(|c| !c.is_empty()).then_some(Column { head, cells, left: false })
    }

    /// The same column, aligned to the left.
    pub fn left(self) -> Column {
        Column { left: true, ..self }
    }

    fn width(&self) -> usize {
        self.cells.iter().map(|c| c.chars().count()).chain([self.head.chars().count()]).max().unwrap_or(0)
    }
}

/// One table of `first`, as many of `groups` as fit, and `last`; and as many more of `first` and the other
/// groups as are needed. Empty groups are left out.
pub fn tables(first: Option<Column>, groups: Vec<Vec<Option<Column>>>, last: Option<Column>) -> String {
    let width = |columns: &[Column]| columns.iter().map(|c| c.width() + 2).sum::<usize>();
    let first: Vec<Column> = first.into_iter().collect();
    let last: Vec<Column> = last.into_iter().collect();
    let (mut done, mut open) = (Vec::new(), first.clone());
    for group in groups {
        let group: Vec<Column> = group.into_iter().flatten().collect();
        // Only the first table ends with the last column, which needs no space behind it.
        let end = if done.is_empty() { width(&last) } else { 0 };
        if open.len() > first.len() && width(&open) + width(&group) + end > WIDTH + 2 {
            done.push(std::mem::replace(&mut open, first.clone()));
        }
        open.extend(group);
    }
    if done.is_empty() || open.len() > first.len() {
        done.push(open);
    }
    done[0].extend(last);
    done.iter().map(|columns| grid(columns)).collect::<Vec<_>>().join("\n\n")
}

/// Columns side by side.
fn grid(columns: &[Column]) -> String {
    let rows = columns.first().map_or(0, |c| c.cells.len());
    let line = |cell: &dyn Fn(&Column) -> String| {
        let mut text = String::new();
        for (i, column) in columns.iter().enumerate() {
            let (cell, width) = (cell(column), column.width());
            text.push_str(if i == 0 { "" } else { "  " });
            let free = " ".repeat(width.saturating_sub(cell.chars().count()));
            let parts = if column.left { [cell.as_str(), &free] } else { [free.as_str(), &cell] };
            text.extend(parts);
        }
        text.trim_end().to_owned()
    };
    let heads = line(&|c| c.head.clone());
    let body = (0..rows).map(|row| line(&|c| c.cells.get(row).cloned().unwrap_or_default()));
    std::iter::once(heads).chain(body).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_that_do_not_fit_stand_below_with_the_first_column() {
        let rows = ["x"];
        let wide = |head: &str| Column::some(head, &rows, |_| "9".repeat(40));
        let level = Column::some("level", &rows, |_| "1".into());
        let last = Column::some("end", &rows, |_| "done".into()).map(Column::left);
        let text = tables(level, vec![vec![wide("a")], vec![None, wide("b")], vec![wide("c")]], last);
        let parts: Vec<&str> = text.split("\n\n").collect();
        assert_eq!(parts.len(), 2, "{text}");
        assert!(parts[0].contains(" a ") && parts[0].contains(" b ") && parts[0].ends_with("done"), "{text}");
        assert!(parts[1].starts_with("level") && parts[1].lines().next().unwrap().ends_with('c'), "{text}");
    }

    #[test]
    fn what_fits_to_the_last_character_is_not_broken() {
        let rows = ["x"];
        let cell = |n: usize| Column::some("a", &rows, |_| "9".repeat(n));
        let one = |n| tables(cell(10), vec![vec![cell(20)], vec![cell(n)]], cell(4)).lines().count();
        assert_eq!((one(WIDTH - 40), one(WIDTH - 39)), (2, 5));
    }

    #[test]
    fn a_column_of_nothing_is_no_column() {
        assert!(Column::some("a", &[1, 2], |_| String::new()).is_none());
        assert_eq!(tables(None, vec![vec![]], None), "");
    }
}

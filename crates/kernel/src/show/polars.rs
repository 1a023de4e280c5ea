//! Tables, columns, and what a query will give, of polars 0.44 and newer.

use std::fmt::Display;

use gradus_cell::{Table, is_spanish, show_table, show_text};
use polars::prelude::{Column, DataFrame, Series};

pub trait Show {
    fn evcxr_display(&self);
}

/// A cell of a table: a text without quotes.
macro_rules! value {
    ($column:expr, $row:expr) => {
        match $column.get($row) {
            Ok(value) => value.get_str().map_or_else(|| value.to_string(), str::to_owned),
            Err(error) => error.to_string(),
        }
    };
}

impl Show for DataFrame {
    fn evcxr_display(&self) {
        let columns: Vec<&Column> = (0..self.width()).filter_map(|index| self.select_at_idx(index)).collect();
        let heads = columns.iter().map(|column| head(column.name(), column.dtype()));
        show_table(&Table {
            text: &format!("{self:?}"),
            heads: Some(&heads.collect::<Vec<_>>()),
            rows: self.height(),
            columns: columns.len(),
            value: &|row, column| value!(columns[column], row),
            caption: &format!("{} × {}", self.height(), columns.len()),
        });
    }
}

macro_rules! show_column {
    ($column:ty) => {
        impl Show for $column {
            fn evcxr_display(&self) {
                show_table(&Table {
                    text: &format!("{self:?}"),
                    heads: Some(&[head(self.name(), self.dtype())]),
                    rows: self.len(),
                    columns: 1,
                    value: &|row, _| value!(self, row),
                    caption: &format!("{} × 1", self.len()),
                });
            }
        }
    };
}

show_column!(Column);
show_column!(Series);

#[cfg(feature = "lazy")]
impl Show for polars::prelude::LazyFrame {
    fn evcxr_display(&self) {
        let schema = match self.clone().collect_schema() {
            Ok(schema) => schema,
            Err(error) => return show_text(&format!("LazyFrame: {error}")),
        };
        let fields: Vec<[String; 2]> =
            schema.iter().map(|(name, kind)| [name.to_string(), kind.to_string()]).collect();
        let words = match is_spanish() {
            true => "aún sin calcular; `.collect()?` da una tabla con estas columnas:",
            false => "not computed yet; `.collect()?` gives a table with these columns:",
        };
        let lines = fields.iter().map(|[name, kind]| format!("\n  {name}: {kind}"));
        show_table(&Table {
            text: &format!("LazyFrame: {words}{}", lines.collect::<String>()),
            heads: Some(&[head("column", ""), head("dtype", "")]),
            rows: fields.len(),
            columns: 2,
            value: &|row, column| fields[row][column].clone(),
            caption: "LazyFrame",
        });
    }
}

fn head(name: impl Display, kind: impl Display) -> [String; 2] {
    [name.to_string(), kind.to_string()]
}

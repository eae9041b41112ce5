//! Aligned plain-text tables.

/// How a column's cells sit in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
}

/// Rows of text under a header.
#[derive(Clone, Debug)]
pub struct Table {
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table with these columns.
    pub fn new(columns: &[(&str, Align)]) -> Self {
        let columns = columns.iter().map(|(title, align)| ((*title).to_owned(), *align)).collect();
        Self { columns, rows: Vec::new() }
    }

    /// Adds a row; cells beyond the columns are dropped, missing ones empty.
    pub fn row<Cells: IntoIterator<Item = String>>(&mut self, cells: Cells) {
        let mut row: Vec<String> = cells.into_iter().collect();
        row.resize(self.columns.len(), String::new());
        self.rows.push(row);
    }

    /// Header, rule and rows, without a final line break.
    pub fn render(&self) -> String {
        let widths: Vec<usize> = self
            .columns
            .iter()
            .enumerate()
            .map(|(index, (title, _))| {
                let cells = self.rows.iter().map(|row| width(&row[index]));
                cells.max().unwrap_or(0).max(width(title))
            })
            .collect();
        let titles: Vec<String> = self.columns.iter().map(|(title, _)| title.clone()).collect();
        let rule: Vec<String> = widths.iter().map(|&columns| "─".repeat(columns)).collect();
        let mut lines = vec![self.line(&titles, &widths), rule.join("  ")];
        lines.extend(self.rows.iter().map(|row| self.line(row, &widths)));
        lines.join("\n")
    }

    fn line(&self, cells: &[String], widths: &[usize]) -> String {
        let padded: Vec<String> = cells
            .iter()
            .zip(widths)
            .zip(&self.columns)
            .map(|((cell, &columns), (_, align))| {
                let padding = " ".repeat(columns - width(cell));
                match align {
                    Align::Left => format!("{cell}{padding}"),
                    Align::Right => format!("{padding}{cell}"),
                }
            })
            .collect();
        padded.join("  ").trim_end().to_owned()
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_by_their_widest_cell() {
        let mut table = Table::new(&[("who", Align::Left), ("margin", Align::Right), ("n", Align::Right)]);
        table.row(["long 5x".to_owned(), "1.00".to_owned(), "7".to_owned()]);
        table.row(["x".to_owned(), "12,345.00".to_owned()]);
        assert_eq!(
            table.render(),
            "who         margin  n\n───────  ─────────  ─\nlong 5x       1.00  7\nx        12,345.00"
        );
    }

    #[test]
    fn a_table_without_rows_is_its_header() {
        assert_eq!(Table::new(&[("a", Align::Left)]).render(), "a\n─");
    }
}

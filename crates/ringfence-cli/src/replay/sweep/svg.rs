//! The heat maps as SVG. Floats place pixels and mix colours, and decide nothing.

use super::Sweep;
use super::heat::{Metric, Panel, WORST};
use crate::chart::{INK, MUTED, Svg};

const CELL_WIDTH: f64 = 92.0;
const CELL_HEIGHT: f64 = 34.0;
const MARGIN: f64 = 32.0;
const TITLE: f64 = 84.0;
/// Room above the squares of a panel for its title and the columns' heads.
const PANEL_HEAD: f64 = 62.0;
const GAP: f64 = 36.0;
/// Of a character of a head, 13 px high.
const CHARACTER: f64 = 7.6;
const NONE: &str = "#eceff3";
/// Good, between, bad.
const STOPS: [[f64; 3]; 3] = [[28.0, 138.0, 90.0], [246.0, 231.0, 176.0], [200.0, 50.0, 43.0]];

impl Sweep {
    /// A map for each metric side by side, and below each other for the values
    /// of the axes after the second.
    pub fn svg(&self, name: &str) -> String {
        let (rows, columns, rest) = self.shape();
        let (row_heads, _) = self.heads();
        let legend = self.legend();
        let longest = row_heads.iter().chain([&legend]).map(|head| head.chars().count()).max().unwrap_or(0);
        let head_width = longest as f64 * CHARACTER + 12.0;
        // A panel is at least as wide as its title.
        let squares = (columns as f64 * CELL_WIDTH).max(180.0);
        let (panel_width, panel_height) =
            (head_width + squares + GAP, PANEL_HEAD + rows as f64 * CELL_HEIGHT + GAP);
        let width = MARGIN * 2.0 + Metric::ALL.len() as f64 * panel_width - GAP;
        let height = TITLE + rest as f64 * panel_height + MARGIN - GAP;

        let mut svg = Svg::open(width, height);
        svg.text(MARGIN, 36.0, 22, INK, "start", "600", &format!("Ringfence sweep: {name}"));
        let subtitle = format!(
            "{} combinations through the compiled program; green is the best of the grid, red the worst",
            self.outcomes.len()
        );
        svg.text(MARGIN, 60.0, 14, MUTED, "start", "400", &subtitle);
        for (column, metric) in Metric::ALL.into_iter().enumerate() {
            let x = MARGIN + column as f64 * panel_width;
            for (row, panel) in self.panels(metric).iter().enumerate() {
                self.draw(&mut svg, panel, x, TITLE + row as f64 * panel_height, head_width);
            }
        }
        svg.close()
    }

    fn draw(&self, svg: &mut Svg, panel: &Panel, x: f64, y: f64, head_width: f64) {
        let (row_heads, column_heads) = self.heads();
        svg.text(x, y + 16.0, 15, INK, "start", "600", panel.metric.title());
        svg.text(x, y + 34.0, 13, MUTED, "start", "400", &panel.fixed);
        let top = y + PANEL_HEAD;
        svg.text(x, top - 8.0, 13, MUTED, "start", "400", &self.legend());
        let left = x + head_width;
        for (column, head) in column_heads.iter().enumerate() {
            let middle = left + (column as f64 + 0.5) * CELL_WIDTH;
            svg.text(middle, top - 8.0, 13, MUTED, "middle", "600", head);
        }
        for (row, (head, squares)) in row_heads.iter().zip(&panel.rows).enumerate() {
            let line = top + row as f64 * CELL_HEIGHT;
            svg.text(left - 10.0, line + CELL_HEIGHT / 2.0 + 4.5, 13, MUTED, "end", "600", head);
            for (column, square) in squares.iter().enumerate() {
                let (fill, ink) = square.badness.map_or((NONE.to_owned(), MUTED), colours);
                let cell = left + column as f64 * CELL_WIDTH;
                svg.rect((cell, line), (CELL_WIDTH - 2.0, CELL_HEIGHT - 2.0), &fill);
                let (middle, base) = (cell + CELL_WIDTH / 2.0 - 1.0, line + CELL_HEIGHT / 2.0 + 3.5);
                svg.text(middle, base, 13, ink, "middle", "400", &square.text);
            }
        }
    }
}

/// Fill and ink of a badness.
fn colours(badness: u32) -> (String, &'static str) {
    let position = f64::from(badness) / f64::from(WORST) * 2.0;
    let (from, to, share) =
        if position < 1.0 { (STOPS[0], STOPS[1], position) } else { (STOPS[1], STOPS[2], position - 1.0) };
    let mixed = [0, 1, 2].map(|part| (from[part] + (to[part] - from[part]) * share).round() as u8);
    let fill = format!("#{:02x}{:02x}{:02x}", mixed[0], mixed[1], mixed[2]);
    let dark = !(0.45..=1.6).contains(&position);
    (fill, if dark { "#ffffff" } else { INK })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_run_from_green_to_red() {
        assert_eq!(colours(0), ("#1c8a5a".to_owned(), "#ffffff"));
        assert_eq!(colours(WORST / 2), ("#f6e7b0".to_owned(), INK));
        assert_eq!(colours(WORST), ("#c8322b".to_owned(), "#ffffff"));
    }
}

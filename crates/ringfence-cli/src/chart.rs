//! A chart as SVG: price with liquidations above, value of the pool below.
//!
//! The one place with floats: they place pixels, and decide nothing.

mod axis;
mod svg;

use std::collections::HashSet;
use std::fmt::Write;

use ringfence_math::Side;

pub use axis::timestamp;
use axis::{TimeAxis, ValueAxis};
pub use svg::Svg;

const WIDTH: f64 = 1200.0;
const HEIGHT: f64 = 760.0;
const LEFT: f64 = 96.0;
const RIGHT: f64 = 1176.0;
const PRICE_PANEL: Panel = Panel { top: 104.0, bottom: 452.0 };
const POOL_PANEL: Panel = Panel { top: 520.0, bottom: 700.0 };

/// Half the width of a marker, and the number of them from which on it halves.
const MARKER: f64 = 6.0;
const CROWD: usize = 60;

pub const INK: &str = "#1b2330";
pub const MUTED: &str = "#5d6878";
const GRID: &str = "#e4e8ee";
const LONG: &str = "#c8322b";
const SHORT: &str = "#1668c7";
const POOL: &str = "#1c8a5a";

/// A value at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Unix seconds.
    pub time: i64,
    pub value: f64,
}

/// A liquidation to be marked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Marker {
    pub at: Point,
    pub side: Side,
}

/// What a chart shows.
#[derive(Clone, Debug, Default)]
pub struct Chart {
    pub title: String,
    pub subtitle: String,
    pub price: Vec<Point>,
    pub liquidations: Vec<Marker>,
    /// Value of the pool in quote.
    pub pool: Vec<Point>,
}

struct Panel {
    top: f64,
    bottom: f64,
}

impl Chart {
    /// The chart as an SVG document.
    pub fn render(&self) -> String {
        let time = TimeAxis::over(self.price.iter().chain(&self.pool).map(|point| point.time), LEFT, RIGHT);
        let marked = self.liquidations.iter().map(|marker| marker.at.value);
        let price = ValueAxis::over(
            self.price.iter().map(|point| point.value).chain(marked),
            PRICE_PANEL.top,
            PRICE_PANEL.bottom,
        );
        let pool =
            ValueAxis::over(self.pool.iter().map(|point| point.value), POOL_PANEL.top, POOL_PANEL.bottom);

        let mut svg = Svg::open(WIDTH, HEIGHT);
        svg.text(LEFT, 36.0, 22, INK, "start", "600", &self.title);
        svg.text(LEFT, 60.0, 14, MUTED, "start", "400", &self.subtitle);
        self.legend(&mut svg);
        svg.panel(&PRICE_PANEL, "Price, quote per base", &price, &time);
        svg.panel(&POOL_PANEL, "Pool, quote", &pool, &time);
        svg.time_labels(&time);
        svg.line(&self.price, &time, &price, INK);
        svg.line(&self.pool, &time, &pool, POOL);
        self.mark(&mut svg, &time, &price);
        svg.close()
    }

    fn legend(&self, svg: &mut Svg) {
        let count = |side| self.liquidations.iter().filter(|marker| marker.side == side).count();
        let entries = [
            (Side::Long, format!("long liquidated ({})", axis::grouped(&count(Side::Long).to_string()))),
            (Side::Short, format!("short liquidated ({})", axis::grouped(&count(Side::Short).to_string()))),
        ];
        let mut x = RIGHT - 390.0;
        for (side, label) in entries {
            svg.marker(x, 55.0, side, MARKER);
            svg.text(x + 12.0, 60.0, 14, INK, "start", "400", &label);
            x += 200.0;
        }
    }

    /// Markers that would lie on one another are drawn once.
    fn mark(&self, svg: &mut Svg, time: &TimeAxis, price: &ValueAxis) {
        let crowded = self.liquidations.len() > CROWD;
        let size = if crowded { MARKER / 2.0 } else { MARKER };
        let mut drawn = HashSet::new();
        for marker in &self.liquidations {
            let (x, y) = (time.position(marker.at.time), price.position(marker.at.value));
            if drawn.insert((x.round() as i64, y.round() as i64, marker.side == Side::Long)) {
                svg.marker(x, y, marker.side, size);
            }
        }
    }
}

impl Svg {
    /// Grid, frame and value labels of a panel.
    fn panel(&mut self, panel: &Panel, title: &str, values: &ValueAxis, time: &TimeAxis) {
        self.text(LEFT, panel.top - 12.0, 13, MUTED, "start", "600", title);
        for (value, label) in values.ticks() {
            let y = values.position(value);
            self.rule((LEFT, y), (RIGHT, y), GRID);
            self.text(LEFT - 10.0, y + 4.5, 13, MUTED, "end", "400", &label);
        }
        for (moment, _) in time.ticks() {
            let x = time.position(moment);
            self.rule((x, panel.top), (x, panel.bottom), GRID);
        }
        self.rule((LEFT, panel.top), (LEFT, panel.bottom), MUTED);
        self.rule((LEFT, panel.bottom), (RIGHT, panel.bottom), MUTED);
    }

    fn time_labels(&mut self, time: &TimeAxis) {
        for (moment, label) in time.ticks() {
            let x = time.position(moment);
            self.text(x, POOL_PANEL.bottom + 22.0, 13, MUTED, "middle", "400", &label);
        }
        self.text(RIGHT, POOL_PANEL.bottom + 46.0, 13, MUTED, "end", "400", "time, UTC");
    }

    fn line(&mut self, points: &[Point], time: &TimeAxis, values: &ValueAxis, colour: &str) {
        if points.is_empty() {
            return;
        }
        let mut path = String::new();
        for (index, point) in thinned(points, time).iter().enumerate() {
            let command = if index == 0 { 'M' } else { 'L' };
            let (x, y) = (time.position(point.time), values.position(point.value));
            let _ = write!(path, "{command}{x:.1} {y:.1}");
        }
        self.push(format_args!(
            "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.6\" \
             stroke-linejoin=\"round\" stroke-linecap=\"round\"/>"
        ));
    }

    /// Longs fall out at a triangle that points down, shorts at one that points up.
    fn marker(&mut self, x: f64, y: f64, side: Side, size: f64) {
        let (colour, tip) = match side {
            Side::Long => (LONG, size * 1.15),
            Side::Short => (SHORT, size * -1.15),
        };
        self.push(format_args!(
            "<path d=\"M{x:.1} {:.1}L{:.1} {:.1}L{:.1} {:.1}Z\" fill=\"{colour}\" \
             fill-opacity=\"0.85\" stroke=\"#ffffff\" stroke-width=\"0.5\"/>",
            y + tip,
            x - size,
            y - tip * 0.7,
            x + size,
            y - tip * 0.7,
        ));
    }
}

/// At most the first, lowest, highest and last point of each pixel column:
/// a long series keeps its extremes.
fn thinned(points: &[Point], time: &TimeAxis) -> Vec<Point> {
    let column = |point: &Point| time.position(point.time) as i64;
    let mut kept = Vec::new();
    for group in points.chunk_by(|one, other| column(one) == column(other)) {
        let extreme = |lowest: bool| {
            let by_value = |one: &&Point, other: &&Point| one.value.total_cmp(&other.value);
            if lowest { group.iter().min_by(by_value) } else { group.iter().max_by(by_value) }
        };
        let mut chosen: Vec<Point> = [group.first(), extreme(true), extreme(false), group.last()]
            .into_iter()
            .flatten()
            .copied()
            .collect();
        chosen.sort_by_key(|point| point.time);
        chosen.dedup();
        kept.extend(chosen);
    }
    kept
}

#[cfg(test)]
mod tests;

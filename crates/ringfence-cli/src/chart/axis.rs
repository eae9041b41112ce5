//! Axes: where a value lies, and which round values are labelled.

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Labelled distances of a time axis, of which the first that leaves at most
/// [`TIME_TICKS`] is taken.
const TIME_STEPS: [i64; 15] = [
    MINUTE,
    5 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    4 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    4 * DAY,
    7 * DAY,
    14 * DAY,
    30 * DAY,
    90 * DAY,
];
const TIME_TICKS: i64 = 12;
const VALUE_TICKS: f64 = 6.0;

/// Unix seconds from left to right.
pub struct TimeAxis {
    start: i64,
    end: i64,
    left: f64,
    right: f64,
}

impl TimeAxis {
    pub fn over(times: impl Iterator<Item = i64> + Clone, left: f64, right: f64) -> Self {
        let start = times.clone().min().unwrap_or(0);
        let end = times.max().unwrap_or(0).max(start + 1);
        Self { start, end, left, right }
    }

    pub fn position(&self, time: i64) -> f64 {
        let share = (time - self.start) as f64 / (self.end - self.start) as f64;
        self.left + share * (self.right - self.left)
    }

    /// Round times and their labels.
    pub fn ticks(&self) -> Vec<(i64, String)> {
        let span = self.end - self.start;
        let fits = |step: &&i64| span / **step < TIME_TICKS;
        let step = TIME_STEPS.iter().find(fits).copied().unwrap_or((span / TIME_TICKS).max(1));
        let first = self.start.div_euclid(step) + i64::from(self.start.rem_euclid(step) != 0);
        let times = (first..).map(|index| index * step).take_while(|time| *time <= self.end);
        times.map(|time| (time, time_label(time, step))).collect()
    }
}

fn time_label(time: i64, step: i64) -> String {
    let (year, month, day) = civil_date(time.div_euclid(DAY));
    let second = time.rem_euclid(DAY);
    if step < DAY && second != 0 {
        format!("{:02}:{:02}", second / HOUR, second % HOUR / MINUTE)
    } else if step < 14 * DAY {
        format!("{day} {}", MONTHS[month - 1])
    } else {
        format!("{day} {} {year}", MONTHS[month - 1])
    }
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Year, month and day of a count of days since 1970-01-01, in the proleptic
/// Gregorian calendar (Hinnant, "chrono-compatible low-level date algorithms").
pub fn civil_date(days: i64) -> (i64, usize, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, usize::try_from(month).unwrap_or(1), day)
}

/// `2021-05-19 12:40`, UTC.
pub fn timestamp(time: i64) -> String {
    let (year, month, day) = civil_date(time.div_euclid(DAY));
    let second = time.rem_euclid(DAY);
    format!("{year}-{month:02}-{day:02} {:02}:{:02}", second / HOUR, second % HOUR / MINUTE)
}

/// Values from bottom to top.
pub struct ValueAxis {
    low: f64,
    high: f64,
    step: f64,
    top: f64,
    bottom: f64,
}

impl ValueAxis {
    /// Spans all values with a little room, in round steps.
    pub fn over(values: impl Iterator<Item = f64> + Clone, top: f64, bottom: f64) -> Self {
        let least = values.clone().fold(f64::INFINITY, f64::min);
        let most = values.fold(f64::NEG_INFINITY, f64::max);
        let (least, most) = if least <= most { (least, most) } else { (0.0, 1.0) };
        // A flat line gets a thousandth of its height around it.
        let room = (most - least).max(most.abs() * 0.001).max(f64::MIN_POSITIVE) * 0.06;
        let (low, high) = (least - room, most + room);
        Self { low, high, step: round_step((high - low) / VALUE_TICKS), top, bottom }
    }

    pub fn position(&self, value: f64) -> f64 {
        self.bottom - (value - self.low) / (self.high - self.low) * (self.bottom - self.top)
    }

    /// Round values and their labels.
    pub fn ticks(&self) -> Vec<(f64, String)> {
        let decimals = (-self.step.log10().floor()).clamp(0.0, 12.0) as usize;
        let first = (self.low / self.step).ceil() as i64;
        let last = (self.high / self.step).floor() as i64;
        let values = (first..=last).map(|index| index as f64 * self.step);
        values.map(|value| (value, grouped(&format!("{value:.decimals$}")))).collect()
    }
}

/// The least of 1, 2, 5 × 10^n that is not under `least`.
fn round_step(least: f64) -> f64 {
    let power = 10f64.powf(least.log10().floor());
    let multiple = [1.0, 2.0, 5.0].into_iter().find(|multiple| multiple * power >= least * 0.999_999);
    multiple.unwrap_or(10.0) * power
}

/// Commas between thousands.
pub fn grouped(number: &str) -> String {
    let (whole, fraction) = match number.find('.') {
        Some(point) => number.split_at(point),
        None => (number, ""),
    };
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    format!("{sign}{text}{fraction}")
}

//! docs/risk-model.md: its examples, each line checked as it is read.

use std::cell::RefCell;
use std::collections::BTreeSet;

use ringfence_math::{Ppm, Price, Quote, Scale, Side, SignedQuote, Size, Skew};

use crate::exact::Exact;
use crate::working::{Known, Value, evaluate};

const PAGE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/risk-model.md"));
const OPENING: &str = "```example ";

/// Decimals of the market of the examples.
pub const QUOTE: usize = 6;
pub const SIZE: usize = 9;
pub const PRICE: usize = 10;
pub const RATIO: usize = 6;
pub const INDEX: usize = 18;

pub fn scale() -> Scale {
    Scale::new(9, 6).unwrap()
}

/// One example: its values by name, and which of them nothing has used yet.
pub struct Example {
    name: String,
    known: Known,
    unused: RefCell<BTreeSet<String>>,
}

/// The names on the page, in its order.
pub fn names() -> Vec<&'static str> {
    PAGE.lines().filter_map(|line| line.strip_prefix(OPENING)).collect()
}

/// Reads an example, checks its workings, lets `compare` check it against
/// ringfence-math, and sees that no value on the page is idle.
pub fn check(name: &str, compare: impl Fn(&Example)) {
    let example = Example::read(name);
    compare(&example);
    let unused = example.unused.into_inner();
    assert!(unused.is_empty(), "{name}: nothing uses or checks {unused:?}");
}

impl Example {
    fn read(name: &str) -> Self {
        let mut lines = PAGE.lines().skip_while(|line| line.strip_prefix(OPENING) != Some(name)).skip(1);
        let mut example = Self { name: name.to_owned(), known: Known::new(), unused: RefCell::default() };
        for line in lines.by_ref().take_while(|line| *line != "```") {
            example.add(line);
        }
        assert!(!example.known.is_empty(), "no example {name}");
        example
    }

    /// `key = working = … = value`: all that follows the key must be equal.
    fn add(&mut self, line: &str) {
        let (key, workings) = line.split_once(" = ").unwrap_or_else(|| panic!("{line:?}"));
        let mut values = workings.split(" = ").map(|working| {
            let (value, names) = evaluate(working, &self.known);
            names.iter().for_each(|name| {
                self.unused.borrow_mut().remove(name);
            });
            (value, working)
        });
        let (first, written) = values.next().expect("a value");
        for (value, working) in values {
            assert_eq!(value, first, "{}: {key}: {working} is not {written}", self.name);
        }
        self.unused.borrow_mut().insert(key.to_owned());
        let before = self.known.insert(key.to_owned(), first);
        assert!(before.is_none(), "{}: {key} twice", self.name);
    }

    fn value(&self, key: &str) -> &Value {
        self.unused.borrow_mut().remove(key);
        self.known.get(key).unwrap_or_else(|| panic!("{}: no {key}", self.name))
    }

    /// What a working gives with one more name known.
    pub fn with(&self, key: &str, value: Exact, working: &str) -> Value {
        let mut known = self.known.clone();
        known.insert(key.to_owned(), Value::Number(value));
        evaluate(working, &known).0
    }

    /// A number in units of 10^-decimals.
    pub fn units(&self, key: &str, decimals: usize) -> i128 {
        match self.value(key) {
            Value::Number(number) => number.units(decimals),
            other => panic!("{}: {key} is {other:?}", self.name),
        }
    }

    fn unsigned<T: TryFrom<i128>>(&self, key: &str, decimals: usize) -> T {
        T::try_from(self.units(key, decimals)).unwrap_or_else(|_| panic!("{}: {key} out of range", self.name))
    }

    pub fn quote(&self, key: &str) -> Quote {
        Quote(self.unsigned(key, QUOTE))
    }

    pub fn signed(&self, key: &str) -> SignedQuote {
        SignedQuote(self.units(key, QUOTE))
    }

    pub fn price(&self, key: &str) -> Price {
        Price(self.unsigned(key, PRICE))
    }

    pub fn size(&self, key: &str) -> Size {
        Size(self.unsigned(key, SIZE))
    }

    pub fn skew(&self, key: &str) -> Skew {
        Skew(self.units(key, SIZE))
    }

    pub fn ppm(&self, key: &str) -> Ppm {
        Ppm(self.unsigned(key, RATIO))
    }

    pub fn shares(&self, key: &str) -> u64 {
        self.unsigned(key, QUOTE)
    }

    pub fn seconds(&self, key: &str) -> u64 {
        self.unsigned(key, 0)
    }

    pub fn truth(&self, key: &str) -> bool {
        match self.value(key) {
            Value::Truth(truth) => *truth,
            other => panic!("{}: {key} is {other:?}", self.name),
        }
    }

    pub fn side(&self) -> Side {
        match self.value("side") {
            Value::Word(word) if word == "long" => Side::Long,
            Value::Word(word) if word == "short" => Side::Short,
            other => panic!("{}: side is {other:?}", self.name),
        }
    }
}

//! Evaluates a working as it is written on the page:
//! `max(ceil6(notional × 2.5 %) + 28, 0.1)`, `equity < maintenance`.

use std::collections::BTreeMap;

use num_bigint::BigInt;

use crate::exact::Exact;

/// What a line of an example says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Number(Exact),
    Truth(bool),
    /// `long`, `short`.
    Word(String),
}

pub type Known = BTreeMap<String, Value>;

/// The value of a working, and the names it refers to.
pub fn evaluate(text: &str, known: &Known) -> (Value, Vec<String>) {
    match text {
        "yes" | "no" => return (Value::Truth(text == "yes"), Vec::new()),
        "long" | "short" => return (Value::Word(text.to_owned()), Vec::new()),
        _ => {}
    }
    let mut parser = Parser { text, rest: text, known, names: Vec::new() };
    let value = parser.comparison();
    assert!(parser.rest.trim().is_empty(), "left over in {text:?}: {:?}", parser.rest);
    (value, parser.names)
}

struct Parser<'a> {
    text: &'a str,
    rest: &'a str,
    known: &'a Known,
    names: Vec<String>,
}

impl<'a> Parser<'a> {
    fn take(&mut self, symbol: char) -> bool {
        match self.rest.trim_start().strip_prefix(symbol) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// The longest prefix of characters that belong.
    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest.trim_start();
        let end = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        let (taken, rest) = rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn comparison(&mut self) -> Value {
        let left = self.sum();
        let truth = if self.take('<') {
            left < self.sum()
        } else if self.take('≤') {
            left <= self.sum()
        } else if self.take('≥') {
            left >= self.sum()
        } else {
            return Value::Number(left);
        };
        Value::Truth(truth)
    }

    fn sum(&mut self) -> Exact {
        let mut value = self.product();
        loop {
            if self.take('+') {
                value = value + self.product();
            } else if self.take('−') {
                value = value - self.product();
            } else {
                return value;
            }
        }
    }

    fn product(&mut self) -> Exact {
        let mut value = self.signed();
        loop {
            if self.take('×') {
                value = value * self.signed();
            } else if self.take('÷') {
                value = value / self.signed();
            } else {
                return value;
            }
        }
    }

    fn signed(&mut self) -> Exact {
        if self.take('−') { -self.signed() } else { self.percent() }
    }

    fn percent(&mut self) -> Exact {
        let value = self.primary();
        if self.take('%') { value / Exact::integer(100) } else { value }
    }

    fn primary(&mut self) -> Exact {
        if self.take('(') {
            let value = self.sum();
            assert!(self.take(')'), "no closing bracket in {:?}", self.text);
            return value;
        }
        let word = self.take_while(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            return Exact::parse(word).unwrap_or_else(|| panic!("{word:?} is no number"));
        }
        if self.take('(') {
            return self.function(word);
        }
        self.names.push(word.to_owned());
        match self.known.get(word) {
            Some(Value::Number(value)) => value.clone(),
            other => panic!("{word:?} in {:?} is {other:?}", self.text),
        }
    }

    fn function(&mut self, name: &str) -> Exact {
        let mut arguments = vec![self.sum()];
        while self.take(',') {
            arguments.push(self.sum());
        }
        assert!(self.take(')'), "no closing bracket in {:?}", self.text);
        let rounded = |prefix| name.strip_prefix(prefix).and_then(|decimals| decimals.parse().ok());
        if let ([value], Some(decimals)) = (&arguments[..], rounded("floor")) {
            return value.floor(decimals);
        }
        if let ([value], Some(decimals)) = (&arguments[..], rounded("ceil")) {
            return value.ceil(decimals);
        }
        let chosen = match name {
            "min" => arguments.into_iter().min(),
            "max" => arguments.into_iter().max(),
            _ => panic!("{name:?} in {:?} is no function", self.text),
        };
        chosen.expect("an argument")
    }
}

/// The parser itself, on results worked by hand.
#[test]
fn workings_mean_what_they_say() {
    let number = |numerator: i32, denominator: i32| {
        Value::Number(Exact::new(BigInt::from(numerator), BigInt::from(denominator)))
    };
    let known = Known::from([("size".to_owned(), number(20, 1))]);
    for (text, expected) in [
        ("1 + 2 × 3", number(7, 1)),
        ("(1 + 2) × 3", number(9, 1)),
        ("10 − 4 − 3", number(3, 1)),
        ("1 ÷ 3 ÷ 2", number(1, 6)),
        ("−size × 2.5 %", number(-1, 2)),
        ("floor6(−1 ÷ 3)", number(-333_334, 1_000_000)),
        ("ceil6(1 ÷ 3)", number(333_334, 1_000_000)),
        ("max(min(1_000, 7), −8)", number(7, 1)),
        ("size < 20", Value::Truth(false)),
        ("size ≤ 20", Value::Truth(true)),
        ("19.5 ≥ size", Value::Truth(false)),
    ] {
        assert_eq!(evaluate(text, &known).0, expected, "{text}");
    }
}

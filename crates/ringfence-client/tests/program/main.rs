//! The client, which knows nothing of Anchor, against the program's own crate
//! and Pyth's SDKs: layouts, events, instructions, errors, prices, health.

mod accounts;
mod dependencies;
mod errors;
mod events;
mod health;
mod instructions;
mod liquidation;
mod oracle;
mod orders;

/// The committed IDL.
fn idl() -> serde_json::Value {
    serde_json::from_str(include_str!("../../../../idl/ringfence.json")).expect("an IDL")
}

/// What the IDL lists under `section`, by name.
fn listed(section: &str) -> Vec<String> {
    let idl = idl();
    let entries = idl[section].as_array().expect("a list").iter();
    entries.map(|entry| entry["name"].as_str().expect("a name").to_owned()).collect()
}

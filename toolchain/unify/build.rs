//! Nothing: build dependencies of a crate without a build script are not resolved.
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
}

//! Executes one path with the SVM's register trace on: toolchain/profile reads it.
#![allow(dead_code)]

mod measure;
mod paths;
mod stage;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let [instruction, name] = wanted.as_slice() else { panic!("INSTRUCTION PATH") };
    let case = paths::cases()
        .into_iter()
        .find(|case| case.instruction == instruction && case.name == *name)
        .expect("no such path");
    let mut stage = stage::Stage::new(case.setting).expect("stage");
    stage.reset();
    let call = (case.prepare)(&mut stage);
    let dir = std::env::var("SBF_TRACE_DIR").expect("SBF_TRACE_DIR");
    let _ = std::fs::remove_dir_all(&dir);
    let receipt = stage.world.send(&[call.instruction], &[&call.signer]).expect("sent");
    println!("{} compute units", receipt.compute_units);
}

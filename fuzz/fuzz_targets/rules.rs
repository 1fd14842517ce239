//! Rule text of unknown origin: diagnostics or a plan that opens, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vitrine_engine::plan::Plan;

fuzz_target!(|text: &str| {
    let compiled = vitrine_rules::compile(text);
    if let Some(plan) = compiled.plan {
        assert!(Plan::open(&plan.seal()).is_ok(), "what compiles must open");
    } else {
        assert!(!compiled.diagnostics.is_empty(), "no plan, and no reason");
    }
});

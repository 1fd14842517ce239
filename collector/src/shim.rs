use serde_json::Value;
use vitrine_engine::bandit::Aim;
use vitrine_engine::plan::*;
use vitrine_engine::template::Words;
pub struct Compiled { pub plan: Option<Plan>, pub diagnostics: Vec<Diagnostic> }
pub struct Diagnostic { pub message: String }
impl Diagnostic {
    pub fn sentence(&self, file: &str) -> String { format!("{file}:1:1: error: {}", self.message) }
    pub fn json(&self) -> Value { serde_json::json!({"severity":"error","code":"syntax","message":self.message,"pointer":"","line":1,"column":1}) }
}
pub fn compile(text: &str) -> Compiled {
    let Ok(v) = serde_json::from_str::<Value>(text) else {
        return Compiled { plan: None, diagnostics: vec![Diagnostic { message: "the text is not JSON".into() }] };
    };
    let s = |v: &Value, k: &str| v.get(k).and_then(Value::as_str).unwrap_or_default().to_string();
    let list = |v: &Value, k: &str| v.get(k).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut plan = Plan { site: s(&v, "site"), ..Plan::default() };
    plan.slots.push(Slot { id: "top".into(), place: Place::Top });
    plan.goals.push(Goal { id: "order".into(), event: "purchase".into(), window: 7 * 86_400_000 });
    for c in list(&v, "campaigns") {
        plan.campaigns.push(Campaign { id: s(&c, "id"), slot: 0, priority: 0, when: None, trigger: None,
            schedule: Schedule::default(), pace: Pace::default(), goal: 0,
            holdout: (c.get("holdout").and_then(Value::as_f64).unwrap_or(0.0) * 10_000.0) as u16,
            aim: Aim::Earn, by: vec![], messages: list(&c, "messages").iter().map(|m| Message { id: s(m, "id"), form: Form::Bar,
                title: Words::default(), body: Words::default(), cta: None, weight: 1, baseline: false }).collect() });
    }
    Compiled { plan: Some(plan), diagnostics: vec![] }
}

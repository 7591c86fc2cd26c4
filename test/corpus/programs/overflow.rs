// A recursion without an end: Rust's own handler says so and aborts, on a signal stack.
fn depth(level: u64, name: &str) -> u64 {
    let text = format!("{}.{}", &name[name.len().min(4) - 2..], level);
    if level == u64::MAX { 0 } else { depth(level + 1, &text) + text.len() as u64 }
}

fn main() {
    println!("{}", depth(0, "root"));
}

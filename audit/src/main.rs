//! The auditor's command line.
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let mut o = beckon_audit::Options { jobs: 1, ..Default::default() };
    let mut i = 2;
    while i + 1 < a.len() {
        match a[i].as_str() {
            "--key" => o.key = a[i + 1].parse().ok(),
            "--seen" => o.seen.push(a[i + 1].clone().into()),
            _ => o.jobs = a[i + 1].parse().unwrap(),
        }
        i += 2;
    }
    match beckon_audit::verify(std::path::Path::new(&a[1]), &o) {
        Ok(r) => { println!("{r}"); std::process::exit(i32::from(r.exit_code())); }
        Err(e) => { println!("{e}"); std::process::exit(2); }
    }
}

fn main() {
    for root in std::env::args().skip(1) {
        let report = chipwright_harness::vectors::run(std::path::Path::new(&root)).unwrap();
        println!("== {root}");
        for (kind, counts) in report.kinds() { println!("{kind:50} {counts:?}"); }
        print!("{report}");
    }
}

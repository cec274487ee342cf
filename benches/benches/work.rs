//! Times every work.

#![allow(missing_docs, reason = "what the macros make has no documentation")]

use chipwright_benches::work;
use criterion::{Criterion, criterion_group, criterion_main};

fn all(criterion: &mut Criterion) {
    for mut work in work::all() {
        let mut group = criterion.benchmark_group(work.task);
        group.bench_function(work.by, |bencher| bencher.iter(&mut work.run));
        group.finish();
    }
}

criterion_group!(benches, all);
criterion_main!(benches);

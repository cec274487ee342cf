//! Who reaches the panic handler or an allocator.

use std::collections::BTreeSet;

use super::graph::Graph;

/// The one way to panic that is allowed. Every `async fn` contains it, for callers that poll it
/// again after its end; the driver never does, since it keeps the outcome.
const EXEMPT: &str = "core::panicking::panic_const::panic_const_async_fn_resumed";

/// Written by the panic handler of the probe alone, so that it is recognised even where the
/// compiler has dissolved it into its callers.
const MAILBOX: &str = "CHIPWRIGHT_PROBE_PANIC";

/// Beginnings of the names of what allocates.
const ALLOCATOR: [&str; 5] =
    ["__rust_alloc", "__rust_realloc", "__rustc::__rust_", "__rustc::__rdl_", "alloc::"];

/// A symbol that should not be there, or not refer to what it does.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Offence {
    /// What is wrong.
    pub(super) text: String,
    /// Where the reference stands in the image.
    pub(super) address: Option<u64>,
}

/// Everything that can panic, with what it panics through.
pub(super) fn panicking(graph: &Graph) -> Vec<Offence> {
    let mut offences = Vec::new();
    for (symbol, name) in graph.names.iter().enumerate() {
        if !panics(name) || is_exempt(name) {
            continue;
        }
        for (caller, address) in graph.callers(symbol) {
            let by = graph.name(caller);
            if !panics(by) {
                let text = format!("{by} -> {name}{}", used_by(graph, caller));
                offences.push(Offence { text, address: Some(address) });
            }
        }
    }
    offences.sort();
    offences
}

/// Every trace of an allocator.
pub(super) fn allocating(graph: &Graph) -> Vec<Offence> {
    let mut offences = Vec::new();
    for (symbol, name) in graph.names.iter().enumerate() {
        let path = name.trim_start_matches('<');
        if ALLOCATOR.iter().any(|beginning| path.starts_with(beginning)) && !panics(name) {
            let text = format!("{name} is linked{}", used_by(graph, symbol));
            let address = graph.callers(symbol).next().map(|(_, address)| address);
            offences.push(Offence { text, address });
        }
    }
    offences
}

/// Whether every name of the symbol is exempt: merged with another panic it is not.
fn is_exempt(name: &str) -> bool {
    name.split(" = ").all(|name| name.starts_with(EXEMPT))
}

/// Whether the symbol is the handler, or a function of the language that only serves to panic.
fn panics(name: &str) -> bool {
    name.split(" = ").any(|name| {
        let last = name.rsplit("::").next().unwrap_or(name);
        let fails = last.contains("_fail") || last.starts_with("panic_");
        name == MAILBOX
            || name.starts_with("core::panicking::")
            || name.ends_with("rust_begin_unwind")
            || (name.starts_with("core::") && fails)
    })
}

/// The nearest callers that belong to the project, when `symbol` does not.
fn used_by(graph: &Graph, symbol: usize) -> String {
    let ours = |symbol: &usize| graph.name(*symbol).contains("chipwright");
    let mut seen = BTreeSet::from([symbol]);
    let mut nearest = BTreeSet::from([symbol]);
    while !nearest.is_empty() && !nearest.iter().any(ours) {
        let above = nearest.iter().flat_map(|symbol| graph.callers(*symbol));
        nearest = above.map(|(caller, _)| caller).filter(|caller| seen.insert(*caller)).collect();
    }
    nearest.remove(&symbol);
    let names: Vec<&str> =
        nearest.iter().filter(|symbol| ours(symbol)).map(|symbol| graph.name(*symbol)).collect();
    if names.is_empty() { String::new() } else { format!(", used by {}", names.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Builds a graph from pairs of caller and callee.
    fn graph(edges: &[(&str, &str)]) -> Graph {
        let mut graph = Graph::default();
        let find = |graph: &mut Graph, name: &str| {
            let known = graph.names.iter().position(|known| known == name);
            known.unwrap_or_else(|| graph.add(name.to_owned()))
        };
        for (caller, callee) in edges {
            let (from, to) = (find(&mut graph, caller), find(&mut graph, callee));
            graph.callers[to].insert(from, 0x1234);
        }
        graph
    }

    fn texts(offences: Vec<Offence>) -> Vec<String> {
        offences.into_iter().map(|offence| offence.text).collect()
    }

    const FORMAT: &str = "core::panicking::panic_fmt";
    const HANDLER: [(&str, &str); 2] =
        [(FORMAT, "__rustc::rust_begin_unwind"), ("__rustc::rust_begin_unwind", MAILBOX)];

    #[test]
    fn the_end_of_an_async_function_is_exempt() {
        let mut edges =
            vec![("chipwright_contact::transact::{{closure}}", EXEMPT), (EXEMPT, FORMAT)];
        edges.extend(HANDLER);
        assert_eq!(panicking(&graph(&edges)), []);
        assert_eq!(allocating(&graph(&edges)), []);
    }

    #[test]
    fn a_panic_is_reported_with_its_way() {
        let mut edges = vec![
            ("chipwright::tlv::next", "core::slice::index::slice_index_fail"),
            ("core::slice::index::slice_index_fail", FORMAT),
        ];
        edges.extend(HANDLER);
        let text = "chipwright::tlv::next -> core::slice::index::slice_index_fail".to_owned();
        assert_eq!(panicking(&graph(&edges)), [Offence { text, address: Some(0x1234) }]);
    }

    #[test]
    fn a_handler_dissolved_into_a_function_is_still_seen() {
        let expected = [format!("chipwright::tlv::next -> {MAILBOX}")];
        assert_eq!(texts(panicking(&graph(&[("chipwright::tlv::next", MAILBOX)]))), expected);
    }

    #[test]
    fn a_panic_merged_with_the_exempt_one_is_not_exempt() {
        let merged = format!("{EXEMPT} = core::panicking::panic_const::panic_const_div_by_zero");
        let edges = [("chipwright::risk::select", merged.as_str()), (merged.as_str(), MAILBOX)];
        assert_eq!(panicking(&graph(&edges)).len(), 1);
    }

    #[test]
    fn the_user_of_a_library_is_named() {
        let edges = [
            ("chipwright_rustcrypto::recover", "crypto_bigint::div"),
            ("crypto_bigint::div", "core::option::unwrap_failed"),
        ];
        let expected = "crypto_bigint::div -> core::option::unwrap_failed, \
                        used by chipwright_rustcrypto::recover";
        assert_eq!(texts(panicking(&graph(&edges))), [expected]);
    }

    #[test]
    fn an_allocator_is_reported() {
        for name in [
            "__rustc::__rust_alloc",
            "__rust_alloc",
            "alloc::raw_vec::grow",
            "__rustc::__rdl_alloc",
        ] {
            let expected = format!("{name} is linked, used by chipwright::tlv::next");
            assert_eq!(texts(allocating(&graph(&[("chipwright::tlv::next", name)]))), [expected]);
        }
        assert_eq!(allocating(&graph(&[("chipwright::alloc", "core::alloc::Layout")])), []);
    }
}

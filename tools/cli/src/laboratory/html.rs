//! A page of its own, with nothing that it would have to fetch.

use super::{Case, Verdict, escaped, suites, sums};

const STYLE: &str = "\
:root{color-scheme:light dark;--line:#8884;--good:#1a7f37;--bad:#c62828;--dim:#777}\
@media(prefers-color-scheme:dark){:root{--good:#4cc26b;--bad:#ff6b6b;--dim:#9a9a9a}}\
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}\
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.25rem .6rem;\
border-top:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}\
summary{cursor:pointer;padding:.4rem 0;font-weight:600}details{border-top:1px solid var(--line)}\
.passed{color:var(--good)}.failed{color:var(--bad)}.skipped,.kind{color:var(--dim)}";

/// The cases: sums first, then a part to open for each suite; those that failed are open.
pub(super) fn page(title: &str, cases: &[Case]) -> String {
    let title = escaped(title);
    let mut text = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <title>{title}</title><style>{STYLE}</style></head><body>\n<h1>{title}</h1>\n<p>{}</p>\n",
        counted(sums(cases))
    );
    for (name, own) in suites(cases) {
        let counts = sums(own.iter().copied());
        let open = if counts[1] > 0 { " open" } else { "" };
        text.push_str(&format!(
            "<details{open}><summary>{} <small>{}</small></summary>\n<table>\n",
            escaped(name),
            counted(counts)
        ));
        own.iter().for_each(|case| text.push_str(&row(case)));
        text.push_str("</table></details>\n");
    }
    text.push_str("</body></html>\n");
    text
}

fn counted([passed, failed, skipped]: [usize; 3]) -> String {
    let part = |count: usize, class: &str| {
        (count > 0).then(|| format!("<span class=\"{class}\">{count} {class}</span>"))
    };
    let parts = [part(passed, "passed"), part(failed, "failed"), part(skipped, "skipped")];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "nothing ran".to_owned() } else { parts.join(", ") }
}

fn row(case: &Case) -> String {
    let (class, why) = match &case.verdict {
        Verdict::Passed => ("passed", ""),
        Verdict::Failed(why) => ("failed", why.as_str()),
        Verdict::Skipped(why) => ("skipped", why.as_str()),
    };
    let remark = case.remark.as_deref().unwrap_or_default();
    let note = [why, remark].into_iter().filter(|text| !text.is_empty()).map(escaped);
    format!(
        "<tr><td class=\"{class}\">{class}</td><td>{}</td><td class=\"kind\">{}</td><td>{}</td></tr>\n",
        escaped(&case.name),
        escaped(&case.kind),
        note.collect::<Vec<_>>().join("<br>")
    )
}

#[cfg(test)]
mod tests {
    use super::super::tests::cases;
    use super::*;

    #[test]
    fn the_page_has_every_case_and_fetches_nothing() {
        let text = page("a <run>", &cases());
        assert!(text.contains("<title>a &lt;run&gt;</title>"));
        assert!(text.contains("<details open><summary>b.json"));
        assert!(text.contains("<td class=\"failed\">failed</td><td>two</td>"));
        for outside in ["http:", "https:", "src=", "url(", "@import"] {
            assert!(!text.contains(outside), "{outside}");
        }
        assert!(page("", &[]).contains("nothing ran"));
    }
}

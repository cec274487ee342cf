//! The XML that build servers read.

use super::{Case, Verdict, escaped, suites, sums};

/// The cases, a suite for each file or attack.
pub(super) fn document(title: &str, cases: &[Case]) -> String {
    let [passed, failed, skipped] = sums(cases);
    let tests = passed + failed + skipped;
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"{}\" tests=\"{tests}\" failures=\"{failed}\" skipped=\"{skipped}\">\n",
        escaped(title)
    );
    for (name, own) in suites(cases) {
        let [passed, failed, skipped] = sums(own.iter().copied());
        let tests = passed + failed + skipped;
        text.push_str(&format!(
            "  <testsuite name=\"{}\" tests=\"{tests}\" failures=\"{failed}\" skipped=\"{skipped}\">\n",
            escaped(name)
        ));
        own.iter().for_each(|case| text.push_str(&entry(case)));
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

fn entry(case: &Case) -> String {
    let mut inside = match &case.verdict {
        Verdict::Passed => String::new(),
        Verdict::Failed(why) => {
            format!("      <failure message=\"{0}\">{0}</failure>\n", escaped(why))
        }
        Verdict::Skipped(why) => format!("      <skipped message=\"{}\"/>\n", escaped(why)),
    };
    if let Some(remark) = &case.remark {
        inside.push_str(&format!("      <system-out>{}</system-out>\n", escaped(remark)));
    }
    let (kind, name) = (escaped(&case.kind), escaped(&case.name));
    if inside.is_empty() {
        return format!("    <testcase classname=\"{kind}\" name=\"{name}\"/>\n");
    }
    format!("    <testcase classname=\"{kind}\" name=\"{name}\">\n{inside}    </testcase>\n")
}

#[cfg(test)]
mod tests {
    use super::super::tests::cases;
    use super::*;

    #[test]
    fn every_case_is_there_with_its_verdict() {
        let text = document("a run", &cases());
        for expected in [
            "<testsuites name=\"a run\" tests=\"3\" failures=\"1\" skipped=\"1\">",
            "<testsuite name=\"a.json\" tests=\"2\" failures=\"0\" skipped=\"1\">",
            "<testcase classname=\"tlv\" name=\"one\"/>",
            "<failure message=\"expected &lt;9C&gt;, found &quot;9D&quot; &amp; \\u{1}\">",
            "<skipped message=\"later\"/>",
        ] {
            assert!(text.contains(expected), "{expected}\n{text}");
        }
        assert_eq!(text.matches("<testsuite ").count(), text.matches("</testsuite>").count());
    }
}

//! `chipwright report`.

mod command;

use command::{chipwright, file};

fn report(trace: &str, name: &str) -> String {
    let page = file(name, "");
    let run = chipwright(&["report", trace, "-o", &page]);
    assert_eq!((run.code, run.stdout.trim_end()), (0, page.as_str()), "{}", run.stderr);
    std::fs::read_to_string(page).unwrap()
}

#[test]
fn a_page_has_everything_and_asks_for_nothing() {
    for (trace, expected) in [
        ("contact-expired.json", ["Declined", "0207", "GENERATE AC", "5F 24 03", "Timeline"]),
        ("quickpass-refused.json", ["declined", "0504", "C7 4.10", "9F69", "its hash differs"]),
        ("pin-bypassed.emv", ["approved", "PIN entry bypassed", "4103", "CDOL2", "E0F8C8"]),
    ] {
        let page = report(&format!("test-vectors/field/{trace}"), "report.html");
        for words in expected {
            assert!(page.to_lowercase().contains(&words.to_lowercase()), "{trace}: {words}");
        }
        for outside in ["http:", "https:", "//", "url(", "@import", "<script", "src=", "<iframe"] {
            assert!(!page.contains(outside), "{trace}: {outside}");
        }
        assert!(!page.contains("4761739001010119"), "{trace}: an account number");
    }
}

#[test]
fn what_a_trace_holds_is_text() {
    let evil = "</title></style><script>alert(1)</script><b onclick='x'>";
    let text = format!(
        "{{\"title\": \"{evil}\", \"events\": [{{\"event\": \"phase\", \"name\": \"{evil}\"}}, \
         {{\"event\": \"fault\", \"text\": \"{evil}\"}}, {{\"event\": \"command\", \"name\": \
         \"{evil}\", \"bytes\": \"{evil}\"}}], \"objects\": [{{\"tag\": \"95\", \"value\": \"80\", \
         \"parts\": [\"[1:8] {evil}\"]}}]}}"
    );
    let page = report(&file("report-evil.json", &text), "report-evil.html");
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script") && !page.contains("<b "));
    assert_eq!(page.matches("</style>").count(), 1);
}

#[test]
fn what_cannot_be_read_or_written_is_65() {
    let page = file("report-none.html", "");
    let unread = chipwright(&["report", "no-such-file", "-o", &page]);
    assert_eq!(unread.code, 65);
    let trace = "test-vectors/field/contact-expired.json";
    let unwritten = chipwright(&["report", trace, "-o", "/no/such/folder/x.html"]);
    assert_eq!(unwritten.code, 65);
    assert_eq!(chipwright(&["report", trace]).code, 64);
}

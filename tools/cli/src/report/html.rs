//! HTML, element by element. Text and attributes are escaped here and nowhere else.

/// A page, or a piece of one.
#[derive(Debug, Default)]
pub(super) struct Html(String);

impl Html {
    /// An element of this class with what is put inside.
    pub(super) fn element(&mut self, name: &str, class: &str, inside: impl FnOnce(&mut Self)) {
        self.with(name, &[("class", class)], inside);
    }

    /// An element with attributes; those without a value are left out.
    pub(super) fn with(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        inside: impl FnOnce(&mut Self),
    ) {
        self.0.push('<');
        self.0.push_str(name);
        for (attribute, value) in attributes.iter().filter(|(_, value)| !value.is_empty()) {
            self.0.push(' ');
            self.0.push_str(attribute);
            self.0.push_str("=\"");
            self.text(value);
            self.0.push('"');
        }
        self.0.push('>');
        inside(self);
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push('>');
    }

    /// An element with text in it; none without text.
    pub(super) fn leaf(&mut self, name: &str, class: &str, text: &str) {
        if !text.is_empty() {
            self.element(name, class, |html| html.text(text));
        }
    }

    /// Text.
    pub(super) fn text(&mut self, text: &str) {
        for letter in text.chars() {
            match letter {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                letter if letter.is_control() && letter != '\n' => {}
                letter => self.0.push(letter),
            }
        }
    }

    /// A whole document, with this style sheet of ours.
    pub(super) fn document(self, title: &str, style: &str) -> String {
        let mut head = Self::default();
        head.leaf("title", "", title);
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n\
             <meta http-equiv=\"Content-Security-Policy\" \
             content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n\
             <link rel=\"icon\" href=\"data:,\">\n{}\n<style>\n{style}</style>\n</head>\n\
             <body>\n{}\n</body>\n</html>\n",
            head.0, self.0
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_put_in_is_text() {
        let mut html = Html::default();
        html.with("p", &[("title", "\"><script>"), ("class", "")], |html| {
            html.leaf("b", "x", "<img src=x onerror='a()'>&\u{7}");
            html.leaf("i", "", "");
        });
        let expected = "<p title=\"&quot;&gt;&lt;script&gt;\"><b class=\"x\">\
                        &lt;img src=x onerror=&#39;a()&#39;&gt;&amp;</b></p>";
        assert_eq!(html.0, expected);
        let document = html.document("</title><script>", "");
        assert!(!document.contains("<script>"));
    }
}

//! Names of data objects.

use chipwright::dictionary::emv::template;
use chipwright::dictionary::{EMV, Format};
use chipwright::tag::Tag;
use chipwright_c7::dictionary::C7;

/// Name of a data object or template of Books 1 to 4, or else of the contactless kernel that is
/// linked; `None` when nobody knows the tag.
pub fn name_of(tag: Tag) -> Option<&'static str> {
    match tag {
        template::APPLICATION_TEMPLATE => Some("Application Template"),
        template::FCI_TEMPLATE => Some("FCI Template"),
        template::RECORD_TEMPLATE => Some("Record Template"),
        template::ISSUER_SCRIPT_TEMPLATE_1 => Some("Issuer Script Template 1"),
        template::ISSUER_SCRIPT_TEMPLATE_2 => Some("Issuer Script Template 2"),
        template::DIRECTORY_DISCRETIONARY_TEMPLATE => Some("Directory Discretionary Template"),
        template::RESPONSE_FORMAT_2 => Some("Response Template Format 2"),
        template::RESPONSE_FORMAT_1 => Some("Response Template Format 1"),
        template::COMMAND_TEMPLATE => Some("Command Template"),
        template::FCI_PROPRIETARY_TEMPLATE => Some("FCI Proprietary Template"),
        template::FCI_ISSUER_DISCRETIONARY_DATA => Some("FCI Issuer Discretionary Data"),
        _ => EMV.entry(tag).or(C7.entry(tag)).map(|entry| entry.name),
    }
}

/// A format as the books write it.
pub const fn format_name(format: Format) -> &'static str {
    match format {
        Format::A => "a",
        Format::An => "an",
        Format::Ans => "ans",
        Format::B => "b",
        Format::Cn => "cn",
        Format::N => "n",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_and_objects_have_names() {
        assert_eq!(name_of(Tag(0x6F)), Some("FCI Template"));
        assert_eq!(name_of(Tag(0x95)), Some("Terminal Verification Results"));
        assert_eq!(name_of(Tag(0x9F6C)), Some("Card Transaction Qualifiers"));
        assert_eq!(name_of(Tag(0xDF01)), None);
    }
}

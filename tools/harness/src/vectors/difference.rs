//! Vectors whose publisher decides otherwise than this project, on purpose: each with the reason,
//! which `docs/deviations.md` has in full.

use super::report::Problem;

/// A difference that is expected.
struct Difference {
    /// The vector's `id`, and the name of the check where it has several.
    id: &'static str,
    /// What differs.
    what: &'static str,
    /// What the publisher expects.
    expected: &'static str,
    /// What is found here.
    found: &'static str,
    /// Why.
    why: &'static str,
}

const DIFFERENCES: &[Difference] = &[
    Difference {
        id: "emvutils-terminal_risk_management-05",
        what: "tvr",
        expected: "0000006000",
        found: "2000006000",
        why: "counters that a card with both limits does not give are missing data [B3 7.5]",
    },
    Difference {
        id: "emvutils-select_application-02",
        what: "result",
        expected: "invalid_parameter",
        found: "not_confirmed_terminate",
        why: "a choice that is not on the list counts as none; the publisher lets the caller ask again",
    },
    Difference {
        id: "emvutils-select_application-06",
        what: "result",
        expected: "card_blocked_terminate",
        found: "try_again_select_next",
        why: "6A81 means a blocked card as the answer to the first SELECT alone [B1 12.3, 12.4]",
    },
];

/// The reason for a check's difference, if this one is expected.
///
/// # Errors
/// A problem of its own when the check has a documented difference and ended otherwise.
pub(super) fn reason(
    id: &str,
    result: &Result<(), Problem>,
) -> Result<Option<&'static str>, Problem> {
    let Some(difference) = DIFFERENCES.iter().find(|difference| difference.id == id) else {
        return Ok(None);
    };
    let Difference { what, expected, found, why, .. } = *difference;
    let documented = Problem::differs(what, expected, found);
    match result {
        Err(problem) if *problem == documented => Ok(Some(why)),
        Ok(()) => Err(Problem::differs("documented difference", documented, "none")),
        Err(_) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_difference_itself_is_expected() {
        let id = "emvutils-select_application-06";
        let documented =
            Err(Problem::differs("result", "card_blocked_terminate", "try_again_select_next"));
        assert!(reason(id, &documented).unwrap().is_some_and(|why| why.contains("6A81")));
        assert_eq!(reason("emvutils-select_application-05", &documented), Ok(None));
        let other = Err(Problem::differs("result", "card_blocked_terminate", "not_accepted"));
        assert_eq!(reason(id, &other), Ok(None));
        let gone = reason(id, &Ok(())).unwrap_err().to_string();
        assert!(gone.starts_with("documented difference: expected result: expected card_blocked"));
    }

    #[test]
    fn every_reason_is_in_the_list_of_deviations() {
        let list = include_str!("../../../../docs/deviations.md");
        let said = [
            "A choice that is not on the list",
            "6A81 ends the session",
            "Counters that a card with both limits does not give",
        ];
        assert_eq!(said.len(), DIFFERENCES.len(), "one line there for each");
        for said in said {
            assert!(list.contains(said), "{said}");
        }
    }
}

use super::*;

/// A card that answers GET DATA, and counts.
struct Counting(u8);

impl CardChannel for Counting {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        self.0 += 1;
        Ok(vec![0x77, 0x07, 0x82, 0x02, 0x58, command[2], 0x94, 0x01, self.0, 0x90, 0x00])
    }
}

fn rules(text: &str) -> Vec<Rule> {
    #[derive(serde::Deserialize)]
    struct Rules {
        rule: Vec<Rule>,
    }
    toml::from_str::<Rules>(text).unwrap().rule
}

const GET_DATA: [u8; 5] = [0x80, 0xCA, 0x9F, 0x17, 0x00];

fn answers(text: &str, times: usize) -> Vec<Result<Vec<u8>, LinkError>> {
    let (mut honest, mut second) = (Counting(0), Counting(0x40));
    let pool = vec![Exchange { command: GET_DATA.to_vec(), answer: Some(vec![0x90, 0x00]) }];
    let mut wedge = Wedge::new(rules(text), pool);
    let mut answer = || {
        let mut cards = Cards { honest: &mut honest, second: Some(&mut second) };
        wedge.transmit(&GET_DATA, &mut cards).map(|answer| answer.bytes)
    };
    (0..times).map(|_| answer()).collect()
}

fn answer(text: &str) -> Vec<u8> {
    answers(text, 1).remove(0).unwrap()
}

#[test]
fn what_no_rule_speaks_of_passes() {
    let honest = [0x77, 0x07, 0x82, 0x02, 0x58, 0x9F, 0x94, 0x01, 0x01, 0x90, 0x00];
    assert_eq!(answer("rule = [{ on = \"verify\", answer = \"9000\" }]"), honest);
}

#[test]
fn somebody_else_answers() {
    assert_eq!(answer("rule = [{ on = \"get-data\", answer = \"6A 88\" }]"), [0x6A, 0x88]);
    assert_eq!(answer("rule = [{ on = \"any\", replay = true }]"), [0x90, 0x00]);
    assert_eq!(answer("rule = [{ on = \"any\", splice = true }]")[8], 0x41);
    let lost = answers("rule = [{ on = \"any\", drop = \"removed\" }]", 1);
    assert_eq!(lost, [Err(LinkError::Removed)]);
}

#[test]
fn rules_count() {
    let nth = answers("rule = [{ on = \"any\", nth = 2, answer = \"6283\" }]", 3);
    assert_eq!(nth.iter().filter(|answer| answer.as_ref().unwrap().len() == 2).count(), 1);
    let from = answers("rule = [{ on = \"any\", from = 2, answer = \"6283\" }]", 3);
    assert_eq!(from.iter().filter(|answer| answer.as_ref().unwrap().len() == 2).count(), 2);
}

#[test]
fn objects_change_and_lengths_follow() {
    let set = answer("rule = [{ on = \"any\", edit = { set = { 82 = \"000000\" } } }]");
    assert_eq!(set, [0x77, 0x08, 0x82, 3, 0, 0, 0, 0x94, 0x01, 0x01, 0x90, 0x00]);
    let add =
        "rule = [{ on = \"any\", edit = { remove = [\"82\"], first = \"8F00\", add = \"9A00\" } }]";
    assert_eq!(answer(add), [0x77, 0x07, 0x8F, 0, 0x94, 0x01, 0x01, 0x9A, 0, 0x90, 0x00]);
    let flip = answer("rule = [{ on = \"any\", edit = { flip = [\"82\"], status = \"6283\" } }]");
    assert_eq!(flip[5], 0x9E);
    assert_eq!(flip[9..], [0x62, 0x83]);
}

#[test]
fn bytes_change_last() {
    let bytes = "rule = [{ on = \"any\", edit = { bytes = [{ at = 0, xor = \"FF\" }, { at = -1, put = \"0102\" }] } }]";
    assert_eq!(answer(bytes)[0], 0x88);
    assert_eq!(answer(bytes)[8..], [0x01, 0x02, 0x90, 0x00]);
    let length = answer("rule = [{ on = \"any\", edit = { length = 300 } }]");
    assert_eq!(length.len(), 302);
    let command = "rule = [{ on = \"any\", command = { bytes = [{ at = 2, put = \"05\" }] } }]";
    assert_eq!(answer(command)[5], 0x05);
}

#[test]
fn a_rule_that_makes_no_difference_is_known() {
    let text = "rule = [{ on = \"any\", delay = 1 }, { on = \"any\" }, { on = \"verify\" }]";
    let mut wedge = Wedge::new(rules(text), Vec::new());
    let mut cards = Cards { honest: &mut Counting(0), second: None };
    wedge.transmit(&GET_DATA, &mut cards).unwrap();
    assert_eq!(wedge.idle(), [2, 3]);
    assert_eq!(wedge.tape().len(), 1);
}

#[test]
fn what_cannot_be_done_is_refused() {
    for wrong in [
        "rule = [{ on = \"sing\" }]",
        "rule = [{ on = \"any\", record = \"31.1\" }]",
        "rule = [{ on = \"any\", answer = \"9\" }]",
        "rule = [{ on = \"any\", edit = { set = { x = \"\" } } }]",
        "rule = [{ on = \"any\", edit = { status = \"90\" } }]",
        "rule = [{ on = \"any\", more = 1 }]",
    ] {
        #[derive(Debug, serde::Deserialize)]
        #[expect(dead_code, reason = "nothing is read")]
        struct Rules {
            rule: Vec<Rule>,
        }
        assert!(toml::from_str::<Rules>(wrong).is_err(), "{wrong}");
    }
}

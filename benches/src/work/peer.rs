//! Crate `emv` as the same terminal in front of the same card.

use super::transaction::{
    ADDITIONAL_CAPABILITIES, MINOR_UNITS, ONLINE, TERMINAL_TYPE, capabilities,
};
use crate::chain::Chain;
use crate::hostile::Recorded;
use crate::script::{Card, EXTENSION, Script};
use core::convert::Infallible;
use emv::contact::online_processing::{OnlineAuthorisationOutcome, OnlineAuthorisationResponse};
use emv::contact::terminal::{Terminal, TerminalApplication};
use emv::contact::transaction::TransactionInputs;
use emv::contact::transaction_driver::Transaction;
use emv::contact::transaction_flow::{
    HostMediated, TransactionFlowResult, TransactionFlowStep, start, submit_authorisation_response,
};
use emv::core::apdu::{Command, Response};
use emv::core::card_reader::CardReader;
use emv::core::generate_ac::GenerateAcResponse;
use emv::core::oda::CaPublicKey;
use emv::de::additional_terminal_capabilities::AdditionalTerminalCapabilities;
use emv::de::authorisation_response_code::AuthorisationResponseCode;
use emv::de::terminal_capabilities::TerminalCapabilities;
use emv::de::terminal_type::TerminalType;

/// The same day, YYMMDD.
pub(super) const DATE: [u8; 3] = [0x26, 0x03, 0x17];

pub(super) fn transaction(chain: &'static Chain, dynamic: bool) -> impl FnMut() {
    let script = Script::new(chain, dynamic);
    let terminal = terminal(chain, dynamic);
    let keys = [ca_key(chain)];
    move || transact(&terminal, inputs(chain), &keys, script.card())
}

/// Every transaction with cards that lie; how many are approved.
pub(super) fn hostile(
    chain: &'static Chain,
    dynamic: bool,
    cards: &'static [Recorded],
) -> impl FnMut() -> usize {
    let terminal = terminal(chain, dynamic);
    let keys = [ca_key(chain)];
    move || {
        let approved = |card: &&Recorded| {
            let reader = Liar(card);
            let mut transaction = Transaction::new(reader, &terminal, inputs(chain), HostMediated);
            let step = start(&mut transaction, &keys, &[], &[], Some(50));
            let step = match step {
                Ok(TransactionFlowStep::OnlineRequest { first_generate_ac }) => {
                    authorised(&mut transaction, &first_generate_ac)
                }
                step => step,
            };
            matches!(step, Ok(TransactionFlowStep::Approved { .. }))
        };
        cards.iter().filter(approved).count()
    }
}

fn transact(terminal: &Terminal, inputs: TransactionInputs, keys: &[CaPublicKey], card: Card<'_>) {
    let mut transaction = Transaction::new(Reader(card), terminal, inputs, HostMediated);
    let step = start(&mut transaction, keys, &[], &[], Some(50)).expect("no fault");
    let TransactionFlowStep::OnlineRequest { first_generate_ac } = step else {
        panic!("not online: {step:?}");
    };
    let step = authorised(&mut transaction, &first_generate_ac).expect("no fault");
    assert!(matches!(step, TransactionFlowStep::Approved { .. }), "{step:?}");
}

/// The issuer approves.
fn authorised<C: CardReader>(
    transaction: &mut Transaction<'_, C, HostMediated>,
    first_generate_ac: &GenerateAcResponse,
) -> TransactionFlowResult<TransactionFlowStep, C::Error> {
    let response = OnlineAuthorisationResponse {
        authorisation_response_code: AuthorisationResponseCode(*b"00"),
        issuer_authentication_data: None,
        issuer_scripts: Vec::new(),
    };
    let approved = OnlineAuthorisationOutcome::Approved;
    submit_authorisation_response(transaction, first_generate_ac, &response, approved)
}

/// A card that lies.
struct Liar<'c>(&'c Recorded);

impl CardReader for Liar<'_> {
    type Error = Infallible;

    fn transmit(&mut self, command: &Command) -> Result<Response, Infallible> {
        let command = command.to_bytes().expect("a command");
        Ok(Response::parse(self.0.answer(&command)).expect("an answer"))
    }
}

struct Reader<'s>(Card<'s>);

impl CardReader for Reader<'_> {
    type Error = Infallible;

    fn transmit(&mut self, command: &Command) -> Result<Response, Infallible> {
        let command = command.to_bytes().expect("a command");
        Ok(Response::parse(self.0.answer(&command)).expect("an answer"))
    }
}

pub(super) fn ca_key(chain: &Chain) -> CaPublicKey {
    CaPublicKey {
        rid: chain.rid,
        index: chain.index,
        modulus: chain.ca_modulus.clone(),
        exponent: chain.ca_exponent.clone(),
    }
}

pub(super) fn inputs(chain: &Chain) -> TransactionInputs {
    TransactionInputs {
        amount_authorised: MINOR_UNITS,
        amount_other: 0,
        transaction_currency_code: 840,
        transaction_currency_exponent: 2,
        transaction_date: DATE,
        transaction_time: [0x12, 0x00, 0x00],
        transaction_type: 0,
        transaction_sequence_counter: 1,
        unpredictable_number: chain.unpredictable_number,
    }
}

pub(super) fn terminal(chain: &Chain, dynamic: bool) -> Terminal {
    let capabilities = capabilities(dynamic);
    Terminal {
        terminal_type: TerminalType(TERMINAL_TYPE),
        terminal_capabilities: TerminalCapabilities::parse(&capabilities).expect("three bytes"),
        additional_terminal_capabilities: AdditionalTerminalCapabilities::parse(
            &ADDITIONAL_CAPABILITIES,
        )
        .expect("five bytes"),
        terminal_country_code: 840,
        terminal_identification: *b"TERMINAL",
        ifd_serial_number: *b"00000001",
        merchant_category_code: 0,
        merchant_identifier: *b"MERCHANT NUMBER",
        merchant_name_and_location: Vec::new(),
        acquirer_identifier: None,
        cardholder_selection_and_confirmation_supported: true,
        applications: vec![TerminalApplication {
            aid: [&chain.rid[..], &EXTENSION].concat(),
            partial_match_allowed: true,
            application_version_number: [0x00, 0x8C],
            terminal_floor_limit: 0,
            terminal_risk_management_data: None,
            default_ddol: None,
            default_tdol: None,
            tac_denial: Some([0; 5]),
            tac_online: Some(ONLINE),
            tac_default: Some([0; 5]),
            rts_target_percentage: None,
            rts_max_target_percentage: None,
            rts_threshold_value: None,
        }],
    }
}

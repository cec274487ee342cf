//! The peer: crate `emv`.

use chipwright::config::TransactionType;
use emv::contact::online_processing::{OnlineAuthorisationOutcome, OnlineAuthorisationResponse};
use emv::contact::terminal::{Terminal, TerminalApplication};
use emv::contact::transaction::TransactionInputs;
use emv::contact::transaction_driver::{DriverError, Transaction};
use emv::contact::transaction_flow::{
    HostMediated, TransactionFlowStep as Step, bypass_pin_entry, continue_with_application, start,
    submit_authorisation_response, submit_pin, submit_unable_to_go_online,
};
use emv::core::crl::CrlEntry;
use emv::core::generate_ac::GenerateAcResponse;
use emv::core::oda::CaPublicKey;
use emv::core::tag::Tag;
use emv::core::tlv::Tlv;
use emv::de::additional_terminal_capabilities::AdditionalTerminalCapabilities;
use emv::de::authorisation_response_code::AuthorisationResponseCode;
use emv::de::terminal_capabilities::TerminalCapabilities;
use emv::de::terminal_type::TerminalType;

use crate::adjustment::Adjustment;
use crate::case::{Cardholder, Case, Mode, Scheme};
use crate::channel::Channel;
use crate::host::{self, keys::AUTHORITIES};
use crate::observation::{Ending, Observation};
use crate::ours::IFD_SERIAL_NUMBER;

type Kernel<'t> = Transaction<'t, Channel, HostMediated>;
type Failure = DriverError<emv::Error, core::convert::Infallible>;

/// What the peer is given beside its transaction.
struct Means {
    keys: Vec<CaPublicKey>,
    revocations: Vec<CrlEntry>,
    drawn: Option<u8>,
    /// Whether the host itself declines when the issuer cannot be reached.
    says_unable: bool,
}

/// Runs a case through the peer.
pub(crate) fn observe(case: &Case, adjustments: &[Adjustment]) -> Observation {
    let mut case = case.clone();
    adjustments.iter().for_each(|adjustment| adjustment.for_peer(&mut case));
    let case = &case;
    let terminal = terminal(case);
    let mut kernel = Transaction::new(Channel::new(case), &terminal, inputs(case), HostMediated);
    let selects = !adjustments.contains(&Adjustment::RandomSelectionOfflineOnly);
    let means = Means {
        keys: keys(case),
        revocations: revocations(case),
        drawn: selects.then_some(case.business.drawn),
        says_unable: adjustments.contains(&Adjustment::OnlineOnlyUnable),
    };
    let mut seen = None;
    let (ending, end) = match run(case, &mut kernel, &means, &mut seen) {
        Ok(Step::Approved { .. }) => (Ending::Approved, String::new()),
        Ok(Step::Declined { .. }) => (Ending::Declined, String::new()),
        Ok(step) => (Ending::Terminated, format!("{step:?}")),
        Err(error) => (Ending::Terminated, format!("{error:?}")),
    };
    let Kernel { card, ctx, .. } = kernel;
    Observation {
        ending: Some(ending),
        end,
        results: ctx.tvr.to_bytes(),
        status: ctx.tsi.to_bytes(),
        cvm_results: ctx.tag_store.get(Tag(0x9F34)).and_then(|bytes| bytes.try_into().ok()),
        script_results: ctx
            .issuer_script_results
            .iter()
            .flat_map(|entry| entry.to_bytes())
            .collect(),
        exchanges: card.exchanges,
        host: seen,
        ..Observation::default()
    }
}

fn run(
    case: &Case,
    kernel: &mut Kernel<'_>,
    means: &Means,
    seen: &mut Option<String>,
) -> Result<Step, Failure> {
    let mut step = start(kernel, &means.keys, &[], &means.revocations, means.drawn)?;
    loop {
        step = match step {
            Step::SelectApplication { mut candidates } => {
                let name = candidates[0].df_name.clone();
                continue_with_application(
                    kernel,
                    &means.keys,
                    &[],
                    &means.revocations,
                    means.drawn,
                    &mut candidates,
                    &name,
                )?
            }
            Step::CardholderVerification { .. } => match &case.cardholder {
                Cardholder::Bypasses => bypass_pin_entry(kernel, &means.keys, means.drawn)?,
                Cardholder::Enters(pins) => {
                    let digits: Vec<u8> = pins[0].bytes().map(|digit| digit - b'0').collect();
                    let padding = |out: &mut [u8]| {
                        out.fill(0x55);
                        true
                    };
                    submit_pin(kernel, &means.keys, means.drawn, &digits, padding)?
                }
            },
            Step::OnlineRequest { first_generate_ac } => {
                go_online(case, kernel, means, &first_generate_ac, seen)?
            }
            end => return Ok(end),
        }
    }
}

fn go_online(
    case: &Case,
    kernel: &mut Kernel<'_>,
    means: &Means,
    first: &GenerateAcResponse,
    seen: &mut Option<String>,
) -> Result<Step, Failure> {
    let (answer, what) = host::ask(case, |tag| object(kernel, first, tag));
    *seen = what;
    let Some(answer) = answer else {
        if !means.says_unable {
            return submit_unable_to_go_online(kernel, first);
        }
        let response = OnlineAuthorisationResponse {
            authorisation_response_code: AuthorisationResponseCode(*b"Z3"),
            issuer_authentication_data: None,
            issuer_scripts: Vec::new(),
        };
        let outcome = OnlineAuthorisationOutcome::Declined;
        return submit_authorisation_response(kernel, first, &response, outcome);
    };
    let scripts = case.issuer.script_templates();
    let response = OnlineAuthorisationResponse {
        authorisation_response_code: AuthorisationResponseCode(answer.code),
        issuer_authentication_data: answer.authentication_data,
        issuer_scripts: scripts
            .iter()
            .map(|script| Tlv::from_bytes(script))
            .collect::<Result<_, _>>()?,
    };
    // What a code means is the host's business there.
    let outcome = match case.issuer.mode {
        Mode::Approves | Mode::ApprovesWrongly => OnlineAuthorisationOutcome::Approved,
        Mode::Declines | Mode::Unreachable => OnlineAuthorisationOutcome::Declined,
    };
    submit_authorisation_response(kernel, first, &response, outcome)
}

/// A data object of a request to the issuer.
fn object(kernel: &Kernel<'_>, first: &GenerateAcResponse, tag: u32) -> Option<Vec<u8>> {
    let inputs = &kernel.ctx.inputs;
    let stored = |tag| kernel.ctx.tag_store.get(Tag(tag)).map(<[u8]>::to_vec);
    match tag {
        0x9F10 => first.iad.clone(),
        0x9F26 => first.ac.map(|cryptogram| cryptogram.to_vec()).or_else(|| stored(tag)),
        0x9F27 => Some(vec![first.cid.to_byte()]),
        0x9F36 => Some(first.atc.to_vec()),
        0x9F37 => Some(inputs.unpredictable_number.to_vec()),
        0x82 => kernel.ctx.aip.as_ref().map(|profile| profile.to_bytes().to_vec()),
        0x95 => Some(kernel.ctx.tvr.to_bytes().to_vec()),
        0x9A => Some(inputs.transaction_date.to_vec()),
        0x9C => Some(vec![inputs.transaction_type]),
        0x5F2A => Some(decimal(inputs.transaction_currency_code.into(), 2)),
        0x9F02 => Some(decimal(inputs.amount_authorised, 6)),
        0x9F03 => Some(decimal(inputs.amount_other, 6)),
        0x9F1A => Some(decimal(kernel.ctx.terminal.terminal_country_code.into(), 2)),
        _ => stored(tag),
    }
}

fn terminal(case: &Case) -> Terminal {
    Terminal {
        terminal_type: TerminalType(case.terminal.kind),
        terminal_capabilities: TerminalCapabilities::parse(&case.terminal.capabilities)
            .expect("three bytes"),
        additional_terminal_capabilities: AdditionalTerminalCapabilities::parse(
            &case.terminal.additional,
        )
        .expect("five bytes"),
        terminal_country_code: case.terminal.country,
        terminal_identification: *b"TERMINAL",
        ifd_serial_number: *IFD_SERIAL_NUMBER,
        merchant_category_code: 5999,
        merchant_identifier: *b"MERCHANT0000001",
        merchant_name_and_location: b"Shop, Street".to_vec(),
        acquirer_identifier: None,
        cardholder_selection_and_confirmation_supported: true,
        applications: Scheme::ALL.map(|scheme| application(case, scheme)).to_vec(),
    }
}

fn application(case: &Case, scheme: Scheme) -> TerminalApplication {
    let terminal = &case.terminal;
    let selection = terminal.random_selection;
    // Without a limit to stay below there is nothing to select from.
    let selects = terminal.floor_limit > 0;
    let [denial, online, default] = terminal.action_codes;
    TerminalApplication {
        aid: if terminal.partial { scheme.provider().to_vec() } else { scheme.name().to_vec() },
        partial_match_allowed: terminal.partial,
        application_version_number: terminal.version.to_be_bytes(),
        terminal_floor_limit: terminal.floor_limit,
        terminal_risk_management_data: None,
        default_ddol: terminal.default_ddol.clone(),
        default_tdol: terminal.default_tdol.clone(),
        tac_denial: Some(denial),
        tac_online: Some(online),
        tac_default: Some(default),
        rts_target_percentage: selects.then_some(selection.target),
        rts_max_target_percentage: selects.then_some(selection.maximum),
        rts_threshold_value: selects.then_some(selection.threshold.into()),
    }
}

fn inputs(case: &Case) -> TransactionInputs {
    let business = case.business;
    let (year, month, day) = business.date;
    let date = [u64::from(year % 100), month.into(), day.into()];
    TransactionInputs {
        amount_authorised: business.amount,
        amount_other: business.other,
        transaction_currency_code: business.currency,
        transaction_currency_exponent: 2,
        transaction_date: date.map(|number| decimal(number, 1)[0]),
        transaction_time: business.time,
        transaction_type: match business.kind {
            TransactionType::ManualCash | TransactionType::UnattendedCash => 0x01,
            TransactionType::Cashback => 0x09,
            _ => 0x00,
        },
        transaction_sequence_counter: business.counter,
        unpredictable_number: business.unpredictable_number,
    }
}

fn keys(case: &Case) -> Vec<CaPublicKey> {
    let of_scheme = |scheme: Scheme| {
        let known = AUTHORITIES.iter().filter(|(name, _)| case.knows(name));
        known.map(move |(_, key)| CaPublicKey {
            rid: scheme.provider(),
            index: key.index,
            modulus: key.modulus.clone(),
            exponent: key.exponent.clone(),
        })
    };
    Scheme::ALL.into_iter().flat_map(of_scheme).collect()
}

fn revocations(case: &Case) -> Vec<CrlEntry> {
    let entry = |(rid, ca_pk_index, cert_serial)| CrlEntry { rid, ca_pk_index, cert_serial };
    case.revocations().map(entry).collect()
}

/// Format n.
fn decimal(number: u64, length: usize) -> Vec<u8> {
    let digits = format!("{number:0width$}", width = 2 * length);
    crate::case::bytes(&digits)
}

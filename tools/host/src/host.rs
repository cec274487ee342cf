//! The host: verdicts, and the books that they go into.

use core::fmt;

use chipwright::cryptogram::{
    CryptogramVersion, DoubleKey, IssuerAuthenticationData, ResponseMethod, Session, Verdict,
};
use chipwright::field::{CryptogramInformation, CryptogramType};
use chipwright::tag::Tag;
use chipwright::tlv::Writer;
use chipwright_rustcrypto::RustCrypto;

use crate::book::{State, Transaction};
use crate::issuer::Issuer;
use crate::message::{HostError, Message};
use crate::script::{self, Script};

/// What a host does with a request whose cryptogram is right.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// Approves it.
    Approve,
    /// Declines it.
    Decline,
    /// Does not answer.
    Unreachable,
    /// Approves it with an answer that the card must not believe.
    BadArpc,
    /// Approves it without an answer for the card.
    NoArpc,
}

/// An issuer's host.
#[derive(Clone, Debug)]
pub struct Host {
    /// What it does with requests.
    pub mode: Mode,
    /// What it sends along to a card whose cryptogram is right.
    pub scripts: Vec<Script>,
    issuers: Vec<Issuer>,
    book: Vec<Transaction>,
}

/// The host's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Authorisation Response Code (8A).
    pub code: [u8; 2],
    /// Issuer Authentication Data (91), 8 to 16 bytes; empty when the host could not tell who
    /// asked, or does not say who answers.
    pub issuer_authentication_data: IssuerAuthenticationData,
    /// Issuer scripts: templates 71 and 72 one behind the other; empty for none.
    pub scripts: Vec<u8>,
    /// Why.
    pub reason: Reason,
}

/// Why the host answered as it did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// Cryptogram and counter are right, and the host approves.
    Approved,
    /// They are right, and the host declines.
    Declined,
    /// They are right, and the host lies.
    Lied,
    /// They are right, and the host approves without proof that it is the issuer's.
    Unproven,
    /// The cryptogram is not the card's.
    WrongCryptogram,
    /// The cryptogram asks for nothing: it is no ARQC.
    NoRequest,
    /// The card's counter is not above that of an earlier transaction.
    CounterWentBack,
}

impl Reason {
    const fn approves(self) -> bool {
        matches!(self, Self::Approved | Self::Lied | Self::Unproven)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Approved => "cryptogram verified, approved",
            Self::Declined => "cryptogram verified, declined",
            Self::Lied => "cryptogram verified, approved with a wrong ARPC",
            Self::Unproven => "cryptogram verified, approved without an ARPC",
            Self::WrongCryptogram => "the cryptogram is not the card's",
            Self::NoRequest => "the cryptogram is no ARQC",
            Self::CounterWentBack => "the transaction counter went back",
        })
    }
}

const APPROVED: [u8; 2] = *b"00";
const DECLINED: [u8; 2] = *b"05";

/// Transaction Type of a refund. [ISO 8583]
const REFUND: [u8; 1] = [0x20];

/// Card Status Update by which the issuer approves. [B3 C9]
const ISSUER_APPROVES: [u8; 4] = [0x00, 0x80, 0x00, 0x00];

impl Host {
    /// The host of the issuers under `test-vectors/keys`.
    pub fn new(mode: Mode) -> Self {
        Self::with_issuers(mode, Issuer::for_tests())
    }

    /// The host of these issuers; the first one that an account number fits owns it.
    pub fn with_issuers(mode: Mode, issuers: Vec<Issuer>) -> Self {
        Self { mode, scripts: Vec::new(), issuers, book: Vec::new() }
    }

    /// Answers a request: verifies its cryptogram and counter, decides, books.
    ///
    /// `data` is a BER-TLV string with at least 5A, 9F10, 9F26, 9F27, 9F36, 9F37 and what the
    /// card's cryptogram covers; the order does not matter.
    ///
    /// # Errors
    /// [`HostError::Unreachable`] in that mode; [`HostError::NoScriptKeys`] and
    /// [`HostError::Script`] when the scripts cannot be written; otherwise what keeps the host
    /// from verifying.
    pub fn authorise(&mut self, data: &[u8]) -> Result<Answer, HostError> {
        if self.mode == Mode::Unreachable {
            return Err(HostError::Unreachable);
        }
        let message = Message::read(data)?;
        let (issuer, version) = message.issuer(&self.issuers)?;
        let key = message.card_key(issuer, version);
        let cryptogram = message.require(Tag(0x9F26))?;
        let session = session(&message, version, &key)?;

        let reason = if is_right(&message, version, &session)? {
            self.decide(&message)?
        } else {
            Reason::WrongCryptogram
        };
        let code = if reason.approves() { APPROVED } else { DECLINED };
        let mut answer = Answer {
            code,
            issuer_authentication_data: IssuerAuthenticationData::new(),
            scripts: Vec::new(),
            reason,
        };
        // Whoever has no right cryptogram must not use up the counters of someone's card.
        if matches!(reason, Reason::WrongCryptogram | Reason::NoRequest) {
            return Ok(answer);
        }
        if reason != Reason::Unproven {
            let data = respond(version, &session, cryptogram, reason.approves())?;
            answer.issuer_authentication_data = data;
        }
        if let (Reason::Lied, Some(byte)) = (reason, answer.issuer_authentication_data.first_mut())
        {
            *byte ^= 0x01;
        }
        let keys = message.script_keys(issuer, version);
        answer.scripts = script::write(&self.scripts, &session, issuer.scheme, keys, cryptogram)?;
        self.enter(&message, if reason.approves() { State::Approved } else { State::Declined });
        Ok(answer)
    }

    /// Whether the cryptogram in these data is what the card would make of them.
    ///
    /// # Errors
    /// What keeps the host from verifying.
    pub fn verifies(&self, data: &[u8]) -> Result<bool, HostError> {
        let message = Message::read(data)?;
        let (issuer, version) = message.issuer(&self.issuers)?;
        let key = message.card_key(issuer, version);
        is_right(&message, version, &session(&message, version, &key)?)
    }

    /// What to answer to a right cryptogram.
    fn decide(&self, message: &Message<'_>) -> Result<Reason, HostError> {
        Ok(if kind(message)? != Some(CryptogramType::Arqc) {
            Reason::NoRequest
        } else if self.counter_went_back(message) {
            Reason::CounterWentBack
        } else {
            match self.mode {
                Mode::Approve => Reason::Approved,
                Mode::BadArpc => Reason::Lied,
                Mode::NoArpc => Reason::Unproven,
                Mode::Decline | Mode::Unreachable => Reason::Declined,
            }
        })
    }

    /// Takes a Transaction Certificate, with the data of an authorisation: the transaction is
    /// paid, whether the host had approved it or the card alone. For a refund it takes an AAC,
    /// which proves no more than that the card was there. A tap (9F39 is 07) may have no other
    /// cryptogram than its ARQC: the host takes it unless it remembers that it did not approve.
    ///
    /// # Errors
    /// [`HostError::WrongCryptogram`] when the cryptogram is no such of the card; what keeps the
    /// host from verifying.
    pub fn settle(&mut self, data: &[u8]) -> Result<(), HostError> {
        let message = Message::read(data)?;
        let (issuer, version) = message.issuer(&self.issuers)?;
        let key = message.card_key(issuer, version);
        let session = session(&message, version, &key)?;
        let refund = message.object(Tag(0x9C)) == Some(&REFUND);
        let booked = self.position(&message).and_then(|position| self.book.get(position));
        let approved = booked.is_none_or(|transaction| transaction.state == State::Approved);
        let proves = match kind(&message)? {
            Some(CryptogramType::Tc) => !refund,
            Some(CryptogramType::Aac) => refund,
            Some(CryptogramType::Arqc) => is_tap(&message) && approved,
            None => false,
        };
        if !proves || !is_right(&message, version, &session)? {
            return Err(HostError::WrongCryptogram);
        }
        self.enter(&message, State::Settled);
        Ok(())
    }

    /// Takes a transaction back; account number and counter say which.
    ///
    /// # Errors
    /// [`HostError::NotBooked`] when the host never approved it; what keeps the host from reading.
    pub fn reverse(&mut self, data: &[u8]) -> Result<(), HostError> {
        let message = Message::read(data)?;
        let booked = self.position(&message).and_then(|position| self.book.get_mut(position));
        let booked = booked.filter(|transaction| transaction.state != State::Declined);
        booked.ok_or(HostError::NotBooked)?.state = State::Reversed;
        Ok(())
    }

    /// Every transaction, in the order in which the host heard of them.
    pub fn book(&self) -> &[Transaction] {
        &self.book
    }

    /// The transaction that a message is about.
    ///
    /// # Errors
    /// What keeps the host from reading.
    pub fn booked(&self, data: &[u8]) -> Result<Option<&Transaction>, HostError> {
        let message = Message::read(data)?;
        Ok(self.position(&message).and_then(|position| self.book.get(position)))
    }

    fn enter(&mut self, message: &Message<'_>, state: State) {
        match self.position(message).and_then(|position| self.book.get_mut(position)) {
            // A second request with the same counter changes nothing that was decided.
            Some(booked) if state == State::Settled => booked.state = state,
            Some(_) => {}
            None => self.book.push(Transaction {
                account: message.account(),
                atc: message.atc,
                amount: message.amount(),
                state,
            }),
        }
    }

    fn position(&self, message: &Message<'_>) -> Option<usize> {
        let account = message.account();
        self.book.iter().position(|booked| booked.atc == message.atc && booked.account == account)
    }

    fn counter_went_back(&self, message: &Message<'_>) -> bool {
        let account = message.account();
        let mut of_account = self.book.iter().filter(|booked| booked.account == account);
        of_account.any(|booked| booked.atc >= message.atc)
    }
}

impl Answer {
    /// The answer as a BER-TLV string: 8A, 91 where there is one, scripts.
    pub fn objects(&self) -> Vec<u8> {
        let mut bytes = [0; 4 + 18];
        let mut writer = Writer::new(&mut bytes);
        let data = &self.issuer_authentication_data;
        // Sixteen bytes are the most there can be, so both fit.
        let _ = writer.put(Tag(0x8A), &self.code);
        if !data.is_empty() {
            let _ = writer.put(Tag(0x91), data);
        }
        [writer.written(), &self.scripts].concat()
    }
}

fn kind(message: &Message<'_>) -> Result<Option<CryptogramType>, HostError> {
    let [information] = message.require(Tag(0x9F27))?;
    Ok(CryptogramInformation(information).cryptogram())
}

/// Whether the card was held to a reader.
fn is_tap(message: &Message<'_>) -> bool {
    message.object(Tag(0x9F39)) == Some(&[0x07])
}

fn session<'s>(
    message: &Message<'_>,
    version: &'s CryptogramVersion,
    key: &'s DoubleKey,
) -> Result<Session<'s>, HostError> {
    let number = message.require(Tag(0x9F37))?;
    Ok(Session::new(&RustCrypto, version, key, message.atc.to_be_bytes(), number))
}

/// Whether the cryptogram in the message is the one that the card must have made of its data.
fn is_right(
    message: &Message<'_>,
    version: &CryptogramVersion,
    session: &Session<'_>,
) -> Result<bool, HostError> {
    let input = version.input(|tag| message.object(tag))?;
    let expected = session.application_cryptogram(input.parts());
    Ok(message.require(Tag(0x9F26))? == expected)
}

/// Issuer Authentication Data by the method of the version.
fn respond(
    version: &CryptogramVersion,
    session: &Session<'_>,
    cryptogram: [u8; 8],
    approved: bool,
) -> Result<IssuerAuthenticationData, HostError> {
    let verdict = match version.response {
        ResponseMethod::Code | ResponseMethod::CodeByMasterKey => {
            Verdict::Code(if approved { APPROVED } else { DECLINED })
        }
        ResponseMethod::Status => Verdict::Status {
            update: if approved { ISSUER_APPROVES } else { [0; 4] },
            proprietary: &[],
        },
        ResponseMethod::None => return Ok(IssuerAuthenticationData::new()),
    };
    Ok(session.issuer_authentication_data(cryptogram, verdict)?)
}

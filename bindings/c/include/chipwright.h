/*
 * chipwright: EMV contact and QuickPass kernels in memory that the caller lends.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * bindings/c/README.md is the way in. What holds everywhere:
 *
 * - Functions return a chipwright_status, and are at most as long as the work between two questions.
 * - Memory of zeros stands for nothing: an empty struct, an unknown number, a free context.
 * - A pointer to a struct has to be aligned, and point to initialised memory; one to something that
 *   is written has to point to memory that can be written. Null and misaligned pointers are refused.
 * - Fields of type uint32_t that name an enumeration have one of its numbers; others are refused.
 * - A context is sealed with its address: memory that was moved, copied, never zeroed or ended is
 *   refused by every function.
 */

#ifndef CHIPWRIGHT_H
#define CHIPWRIGHT_H

/* Made by `cargo xtask header` of bindings/c/src. Do not change it by hand. */

#include <stddef.h>
#include <stdint.h>

/**
 * Bytes of memory that a context needs for a terminal with so many applications, keys, revoked
 * certificates and combinations: an upper bound of chipwright_context_size().
 */
#define CHIPWRIGHT_CONTEXT_SIZE(applications, keys, revocations, combinations)                     \
    (CHIPWRIGHT_CONTEXT_BYTES + CHIPWRIGHT_CONTEXT_POINTERS * sizeof(void *) +                     \
     (applications) * (CHIPWRIGHT_APPLICATION_BYTES +                                              \
                       CHIPWRIGHT_APPLICATION_POINTERS * sizeof(void *)) +                         \
     (keys) * (CHIPWRIGHT_KEY_BYTES + CHIPWRIGHT_KEY_POINTERS * sizeof(void *)) +                  \
     (revocations) * CHIPWRIGHT_REVOCATION_BYTES +                                                 \
     (combinations) * (CHIPWRIGHT_COMBINATION_BYTES +                                              \
                       CHIPWRIGHT_COMBINATION_POINTERS * sizeof(void *)))

/**
 * The same in units of uint64_t, an array of which is aligned as a context has to be.
 */
#define CHIPWRIGHT_CONTEXT_WORDS(applications, keys, revocations, combinations)                    \
    ((CHIPWRIGHT_CONTEXT_SIZE(applications, keys, revocations, combinations) + 7) / 8)


/**
 * What an event record begins with.
 */
#define CHIPWRIGHT_RECORD_HEAD 131073

/**
 * H1: authentication that both sides can do, or the card could, succeeds; or declined.
 */
#define CHIPWRIGHT_RULE_AUTHENTICATION_SUCCEEDS 2

/**
 * H2: verification follows signed data alone.
 */
#define CHIPWRIGHT_RULE_VERIFICATION_SIGNED 4

/**
 * H3: contactless qualifiers are proved by a signature, online as well.
 */
#define CHIPWRIGHT_RULE_QUALIFIERS_PROVED 8

/**
 * H4: an offline approval stands on a signed cryptogram.
 */
#define CHIPWRIGHT_RULE_OFFLINE_BOUND 16

/**
 * H5: the account belongs to the brand of the application.
 */
#define CHIPWRIGHT_RULE_BRAND_CONSISTENT 32

/**
 * H7: no static authentication, no plaintext PIN, a key of its own for PINs.
 */
#define CHIPWRIGHT_RULE_SUNSET_FEATURES 128

/**
 * H8: certified keys are of a decent length, odd, and not of a kind that is known broken.
 */
#define CHIPWRIGHT_RULE_KEY_HYGIENE 256

/**
 * H10: what the coding rules leave open is refused.
 */
#define CHIPWRIGHT_RULE_STRICT_CODING 1024

/**
 * H11: exchanges, bytes, records, nesting and time are bounded.
 */
#define CHIPWRIGHT_RULE_BUDGET 2048

/**
 * H14: data that is not signed relaxes no limit.
 */
#define CHIPWRIGHT_RULE_INPUTS_SIGNED 16384

/**
 * H15: what the card says in two places of the type of its cryptogram agrees.
 */
#define CHIPWRIGHT_RULE_CRYPTOGRAM_TYPE_AGREES 32768

/**
 * H16: what the card tells its issuer of the PIN agrees with what the terminal saw.
 */
#define CHIPWRIGHT_RULE_CARD_RESULTS_AGREE 65536

/**
 * All of them. H12 and H13 need a memory beyond the transaction, which this interface has not.
 */
#define CHIPWRIGHT_RULES_ALL 118206

/**
 * How lent memory is aligned, in bytes.
 */
#define CHIPWRIGHT_CONTEXT_ALIGNMENT 8

/**
 * Bytes of a context whatever the size of a pointer.
 */
#define CHIPWRIGHT_CONTEXT_BYTES 4768

/**
 * Pointers in a context.
 */
#define CHIPWRIGHT_CONTEXT_POINTERS 238

/**
 * Bytes of a context for each application, beside `CHIPWRIGHT_APPLICATION_POINTERS`.
 */
#define CHIPWRIGHT_APPLICATION_BYTES 32

/**
 * Pointers in a context for each application.
 */
#define CHIPWRIGHT_APPLICATION_POINTERS 8

/**
 * Bytes of a context for each key, beside `CHIPWRIGHT_KEY_POINTERS`.
 */
#define CHIPWRIGHT_KEY_BYTES 8

/**
 * Pointers in a context for each key.
 */
#define CHIPWRIGHT_KEY_POINTERS 4

/**
 * Bytes of a context for each revoked certificate.
 */
#define CHIPWRIGHT_REVOCATION_BYTES 9

/**
 * Bytes of a context for each combination, beside `CHIPWRIGHT_COMBINATION_POINTERS`.
 */
#define CHIPWRIGHT_COMBINATION_BYTES 80

/**
 * Pointers in a context for each combination.
 */
#define CHIPWRIGHT_COMBINATION_POINTERS 2

/**
 * `status_check` is there.
 */
#define CHIPWRIGHT_HAS_STATUS_CHECK 1

/**
 * `zero_amount_allowed` is there.
 */
#define CHIPWRIGHT_HAS_ZERO_AMOUNT_ALLOWED 2

/**
 * `extended_selection` is there.
 */
#define CHIPWRIGHT_HAS_EXTENDED_SELECTION 4

/**
 * `qualifiers` are there.
 */
#define CHIPWRIGHT_HAS_QUALIFIERS 8

/**
 * `terminal_floor_limit` is there.
 */
#define CHIPWRIGHT_HAS_TERMINAL_FLOOR_LIMIT 16

/**
 * `transaction_limit` is there.
 */
#define CHIPWRIGHT_HAS_TRANSACTION_LIMIT 32

/**
 * `floor_limit` is there.
 */
#define CHIPWRIGHT_HAS_FLOOR_LIMIT 64

/**
 * `cvm_required_limit` is there.
 */
#define CHIPWRIGHT_HAS_CVM_REQUIRED_LIMIT 128

/**
 * What a function came to. Whatever is not OK has changed nothing.
 */
typedef enum {
    /**
     * It was done.
     */
    CHIPWRIGHT_STATUS_OK = 0,
    /**
     * A pointer that must point to something is null.
     */
    CHIPWRIGHT_STATUS_NULL = 1,
    /**
     * A pointer is not aligned as its type asks.
     */
    CHIPWRIGHT_STATUS_MISALIGNED = 2,
    /**
     * The memory is too small.
     */
    CHIPWRIGHT_STATUS_TOO_SMALL = 3,
    /**
     * Something is longer than it can be.
     */
    CHIPWRIGHT_STATUS_TOO_LONG = 4,
    /**
     * The context has no transaction: none was begun, or it has ended.
     */
    CHIPWRIGHT_STATUS_NOT_BEGUN = 5,
    /**
     * The context is not where it was begun: it was moved, copied, or was never zeroed.
     */
    CHIPWRIGHT_STATUS_MOVED = 6,
    /**
     * The context has a transaction that has not ended.
     */
    CHIPWRIGHT_STATUS_IN_USE = 7,
    /**
     * The context is in the middle of a step, or of a callback's event: it cannot be entered.
     */
    CHIPWRIGHT_STATUS_BUSY = 8,
    /**
     * The kernel did not ask for this reply.
     */
    CHIPWRIGHT_STATUS_WRONG_REPLY = 9,
    /**
     * A number stands for nothing.
     */
    CHIPWRIGHT_STATUS_UNKNOWN_VALUE = 10,
    /**
     * No such object, candidate or kernel.
     */
    CHIPWRIGHT_STATUS_NOT_FOUND = 11,
    /**
     * A configuration, or data in TLV, has a value that it cannot have.
     */
    CHIPWRIGHT_STATUS_WRONG_VALUE = 12,
    /**
     * Data is not coded as BER-TLV.
     */
    CHIPWRIGHT_STATUS_WRONG_CODING = 13,
    /**
     * Memory that goes with a call lies within the context: what a step pointed to is read or
     * copied before it comes back.
     */
    CHIPWRIGHT_STATUS_OVERLAPPING = 14,
} chipwright_status;

/**
 * Which amount is shown with a message. [A 7.1]
 */
typedef enum {
    /**
     * That of the transaction.
     */
    CHIPWRIGHT_AMOUNT_SHOWN_TRANSACTION = 1,
    /**
     * The balance of the card.
     */
    CHIPWRIGHT_AMOUNT_SHOWN_BALANCE = 2,
} chipwright_amount_shown;

/**
 * Who decided.
 */
typedef enum {
    /**
     * Card and terminal.
     */
    CHIPWRIGHT_AUTHORITY_OFFLINE = 1,
    /**
     * The issuer.
     */
    CHIPWRIGHT_AUTHORITY_ONLINE = 2,
    /**
     * Card and terminal, after the issuer could not be asked.
     */
    CHIPWRIGHT_AUTHORITY_UNABLE_TO_GO_ONLINE = 3,
} chipwright_authority;

/**
 * The conclusion of a transaction.
 */
typedef enum {
    /**
     * Approved.
     */
    CHIPWRIGHT_CONCLUSION_APPROVED = 1,
    /**
     * Declined.
     */
    CHIPWRIGHT_CONCLUSION_DECLINED = 2,
    /**
     * Ended without a decision; nothing was approved.
     */
    CHIPWRIGHT_CONCLUSION_TERMINATED = 3,
    /**
     * The card was read, and nothing more was wanted.
     */
    CHIPWRIGHT_CONCLUSION_CARD_READ = 4,
    /**
     * Ended without a decision; another interface may do.
     */
    CHIPWRIGHT_CONCLUSION_TRY_ANOTHER_INTERFACE = 5,
} chipwright_conclusion;

/**
 * Why a transaction ended before its time.
 */
typedef enum {
    /**
     * A rule was broken.
     */
    CHIPWRIGHT_END_KIND_FAULT = 1,
    /**
     * The link to the card failed.
     */
    CHIPWRIGHT_END_KIND_LINK = 2,
    /**
     * Someone stopped it.
     */
    CHIPWRIGHT_END_KIND_STOPPED = 3,
    /**
     * The card is blocked, or does not know SELECT.
     */
    CHIPWRIGHT_END_KIND_CARD_BLOCKED = 4,
    /**
     * Card and terminal have no application in common.
     */
    CHIPWRIGHT_END_KIND_NO_COMMON_APPLICATION = 5,
    /**
     * The card was read, and nothing more was wanted.
     */
    CHIPWRIGHT_END_KIND_CARD_READ = 6,
    /**
     * The cardholder did not confirm the application.
     */
    CHIPWRIGHT_END_KIND_NOT_CONFIRMED = 7,
    /**
     * Another reason.
     */
    CHIPWRIGHT_END_KIND_OTHER = 8,
} chipwright_end_kind;

/**
 * Kinds of event.
 */
typedef enum {
    /**
     * A phase begins. `code`: a `chipwright_phase`.
     */
    CHIPWRIGHT_EVENT_KIND_PHASE = 1,
    /**
     * A command goes to the card. `bytes`: the command.
     */
    CHIPWRIGHT_EVENT_KIND_COMMAND = 2,
    /**
     * The card answered. `bytes`: the answer without its status word, which is `code`; `number`:
     * microseconds.
     */
    CHIPWRIGHT_EVENT_KIND_RESPONSE = 3,
    /**
     * An application joined the candidate list. `bytes`: its name; `number`: its priority.
     */
    CHIPWRIGHT_EVENT_KIND_CANDIDATE = 4,
    /**
     * The application that goes on. `bytes`: its name.
     */
    CHIPWRIGHT_EVENT_KIND_SELECTED = 5,
    /**
     * An object of the card was not stored. `tag`: which; `code`: 0 nobody knows it, 1 it is not
     * the card's, 2 wrong template, 3 wrong length.
     */
    CHIPWRIGHT_EVENT_KIND_IGNORED = 6,
    /**
     * A bit of the Terminal Verification Results was set. `code`: the reason; `tag`: the object that
     * decided.
     */
    CHIPWRIGHT_EVENT_KIND_RESULT = 7,
    /**
     * Bits of them were cleared again. `bytes`: the bits.
     */
    CHIPWRIGHT_EVENT_KIND_CLEARED = 8,
    /**
     * A bit of the Transaction Status Information was set. `bytes`: the bit.
     */
    CHIPWRIGHT_EVENT_KIND_STATUS_INFORMATION = 9,
    /**
     * The method of offline data authentication was chosen. `code`: 1 SDA, 2 DDA, 3 CDA, 0 none.
     */
    CHIPWRIGHT_EVENT_KIND_AUTHENTICATION = 10,
    /**
     * A certificate was recovered and every check passed. `code`: which part of the chain; `bytes`:
     * the certified modulus.
     */
    CHIPWRIGHT_EVENT_KIND_CERTIFICATE = 11,
    /**
     * Offline data authentication ended. `code`: the method; `number`: 0 when it passed, or else
     * part and check that failed.
     */
    CHIPWRIGHT_EVENT_KIND_AUTHENTICATED = 12,
    /**
     * The card has no usable key to encipher a PIN with. `number`: part and check that failed.
     */
    CHIPWRIGHT_EVENT_KIND_PIN_KEY_UNUSABLE = 13,
    /**
     * A cardholder verification rule was passed over. `number`: its place; `bytes`: none; `code`:
     * its two bytes.
     */
    CHIPWRIGHT_EVENT_KIND_RULE_PASSED = 14,
    /**
     * A cardholder verification rule is performed. As before.
     */
    CHIPWRIGHT_EVENT_KIND_RULE_PERFORMED = 15,
    /**
     * The PIN pad reported. `code`: a `chipwright_pin_result`; `number`: the status word.
     */
    CHIPWRIGHT_EVENT_KIND_PIN_ENTRY = 16,
    /**
     * Random selection was drawn. `number`: what was drawn; `code`: 1 when that selects.
     */
    CHIPWRIGHT_EVENT_KIND_RANDOM_SELECTION = 17,
    /**
     * A bit of an action code met one of the results. `code`: 0 denial, 1 online, 2 default;
     * `number`: 1 the issuer's, 0 the terminal's; `bytes`: the bits.
     */
    CHIPWRIGHT_EVENT_KIND_ACTION_CODE = 18,
    /**
     * The terminal decided what to ask of the card. `code`: 0 AAC, 1 ARQC, 2 TC; `bytes`: the
     * Authorisation Response Code, if one was set.
     */
    CHIPWRIGHT_EVENT_KIND_DECISION = 19,
    /**
     * The host's answer arrived. `bytes`: the Authorisation Response Code; `number`: 1 when issuer
     * authentication data came with it.
     */
    CHIPWRIGHT_EVENT_KIND_HOST_ANSWER = 20,
    /**
     * The host could not be reached.
     */
    CHIPWRIGHT_EVENT_KIND_UNREACHABLE = 21,
    /**
     * An issuer script was processed. `bytes`: its entry in the results.
     */
    CHIPWRIGHT_EVENT_KIND_SCRIPT_RESULT = 22,
    /**
     * Entry Point begins. `code`: 0 Start A to 3 Start D; `number`: 1 when it starts again.
     */
    CHIPWRIGHT_EVENT_KIND_ENTRY_POINT = 23,
    /**
     * A combination is not used for this transaction. `bytes`: its AID; `number`: its kernel;
     * `code`: 0 the amount reaches its limit, 1 it does not take an amount of zero.
     */
    CHIPWRIGHT_EVENT_KIND_COMBINATION_EXCLUDED = 24,
    /**
     * An entry of the directory was passed over. `number`: its place; `code`: why.
     */
    CHIPWRIGHT_EVENT_KIND_ENTRY_PASSED = 25,
    /**
     * The final outcome of Entry Point. `code`: 0 select next, 1 try again, 2 approved, 3 declined,
     * 4 online request, 5 another interface, 6 end application.
     */
    CHIPWRIGHT_EVENT_KIND_FINAL_OUTCOME = 26,
    /**
     * Why a contactless kernel decided as it did. `code`: the reason; `tag`: the object that
     * decided.
     */
    CHIPWRIGHT_EVENT_KIND_CONTACTLESS = 27,
    /**
     * A rule was broken, and what it concerns is given up. `code`: the cause; `tag`: the object.
     */
    CHIPWRIGHT_EVENT_KIND_GIVEN_UP = 28,
    /**
     * A rule was broken that ends the transaction. As before.
     */
    CHIPWRIGHT_EVENT_KIND_FAULT = 29,
    /**
     * The transaction has ended. `code`: a `chipwright_conclusion`; `number`: a
     * `chipwright_authority`.
     */
    CHIPWRIGHT_EVENT_KIND_ENDED = 30,
    /**
     * Something else, which those explain who link the Rust crates.
     */
    CHIPWRIGHT_EVENT_KIND_OTHER = 31,
    /**
     * A rule of the hardened profile was broken. `code`: the breach, whose first byte is the number
     * of the rule; `tag`: the object; `number`: 1 when the rule is kept, 0 when it is only reported.
     */
    CHIPWRIGHT_EVENT_KIND_BREACH = 32,
} chipwright_event_kind;

/**
 * Kinds of input.
 */
typedef enum {
    /**
     * Begin. Afterwards: say again what is asked for.
     */
    CHIPWRIGHT_INPUT_KIND_START = 1,
    /**
     * The card answered.
     */
    CHIPWRIGHT_INPUT_KIND_RESPONSE = 2,
    /**
     * The card did not answer, or not properly.
     */
    CHIPWRIGHT_INPUT_KIND_LINK_FAILED = 3,
    /**
     * The cardholder chose a candidate, or none.
     */
    CHIPWRIGHT_INPUT_KIND_CHOSEN = 4,
    /**
     * The PIN pad reports.
     */
    CHIPWRIGHT_INPUT_KIND_PIN = 5,
    /**
     * The issuer answered.
     */
    CHIPWRIGHT_INPUT_KIND_AUTHORISED = 6,
    /**
     * The issuer could not be reached in time, or its answer was no answer.
     */
    CHIPWRIGHT_INPUT_KIND_UNREACHABLE = 7,
    /**
     * Go on after a review.
     */
    CHIPWRIGHT_INPUT_KIND_PROCEED = 8,
    /**
     * What is in the field.
     */
    CHIPWRIGHT_INPUT_KIND_POLLED = 9,
    /**
     * The field is switched, or the request shown.
     */
    CHIPWRIGHT_INPUT_KIND_DONE = 10,
    /**
     * The card stayed in the field for as long as it may, and the issuer has not answered yet.
     */
    CHIPWRIGHT_INPUT_KIND_REMOVAL_TIMEOUT = 11,
    /**
     * End the transaction.
     */
    CHIPWRIGHT_INPUT_KIND_STOP = 12,
} chipwright_input_kind;

/**
 * For which side of the business a key is.
 */
typedef enum {
    /**
     * Test cards and test hosts.
     */
    CHIPWRIGHT_KEY_ENVIRONMENT_TEST = 1,
    /**
     * Money.
     */
    CHIPWRIGHT_KEY_ENVIRONMENT_LIVE = 2,
} chipwright_key_environment;

/**
 * Why the link to the card failed.
 */
typedef enum {
    /**
     * The card did not answer in time.
     */
    CHIPWRIGHT_LINK_ERROR_TIMEOUT = 1,
    /**
     * The answer was garbled.
     */
    CHIPWRIGHT_LINK_ERROR_TRANSMISSION = 2,
    /**
     * The transport protocol was broken.
     */
    CHIPWRIGHT_LINK_ERROR_PROTOCOL = 3,
    /**
     * The card was removed.
     */
    CHIPWRIGHT_LINK_ERROR_REMOVED = 4,
} chipwright_link_error;

/**
 * Kinds of output.
 */
typedef enum {
    /**
     * Send a command to the card; reply RESPONSE or LINK_FAILED.
     */
    CHIPWRIGHT_OUTPUT_KIND_TRANSMIT = 1,
    /**
     * Let the cardholder choose; reply CHOSEN.
     */
    CHIPWRIGHT_OUTPUT_KIND_CHOOSE = 2,
    /**
     * Have a PIN entered; reply PIN.
     */
    CHIPWRIGHT_OUTPUT_KIND_VERIFY_PIN = 3,
    /**
     * Ask the issuer; reply AUTHORISED or UNREACHABLE. What the message needs is among the data
     * objects: see `chipwright_field_55`.
     */
    CHIPWRIGHT_OUTPUT_KIND_AUTHORISE = 4,
    /**
     * Look in; reply PROCEED.
     */
    CHIPWRIGHT_OUTPUT_KIND_REVIEW = 5,
    /**
     * Look once what is in the field, and activate it if it is one card; reply POLLED.
     */
    CHIPWRIGHT_OUTPUT_KIND_POLL = 6,
    /**
     * Switch the field; reply DONE when it was off for as long as asked for.
     */
    CHIPWRIGHT_OUTPUT_KIND_FIELD = 7,
    /**
     * Show this on display, lights and buzzer; reply DONE.
     */
    CHIPWRIGHT_OUTPUT_KIND_SHOW = 8,
    /**
     * The transaction has ended.
     */
    CHIPWRIGHT_OUTPUT_KIND_ENDED = 9,
    /**
     * Something that this interface does not know: reply STOP.
     */
    CHIPWRIGHT_OUTPUT_KIND_UNKNOWN = 10,
} chipwright_output_kind;

/**
 * Phases of a transaction, in the books' words and order.
 */
typedef enum {
    /**
     * Nothing has begun.
     */
    CHIPWRIGHT_PHASE_IDLE = 0,
    /**
     * Application Selection.
     */
    CHIPWRIGHT_PHASE_APPLICATION_SELECTION = 1,
    /**
     * Initiate Application Processing.
     */
    CHIPWRIGHT_PHASE_INITIATE_APPLICATION = 2,
    /**
     * Read Application Data.
     */
    CHIPWRIGHT_PHASE_READ_APPLICATION_DATA = 3,
    /**
     * Offline Data Authentication.
     */
    CHIPWRIGHT_PHASE_OFFLINE_DATA_AUTHENTICATION = 4,
    /**
     * Processing Restrictions.
     */
    CHIPWRIGHT_PHASE_PROCESSING_RESTRICTIONS = 5,
    /**
     * Cardholder Verification.
     */
    CHIPWRIGHT_PHASE_CARDHOLDER_VERIFICATION = 6,
    /**
     * Terminal Risk Management.
     */
    CHIPWRIGHT_PHASE_TERMINAL_RISK_MANAGEMENT = 7,
    /**
     * Terminal Action Analysis.
     */
    CHIPWRIGHT_PHASE_TERMINAL_ACTION_ANALYSIS = 8,
    /**
     * Card Action Analysis: the first GENERATE AC.
     */
    CHIPWRIGHT_PHASE_CARD_ACTION_ANALYSIS = 9,
    /**
     * Online Processing.
     */
    CHIPWRIGHT_PHASE_ONLINE_PROCESSING = 10,
    /**
     * Issuer-to-Card Script Processing.
     */
    CHIPWRIGHT_PHASE_ISSUER_SCRIPT_PROCESSING = 11,
    /**
     * Completion: the second GENERATE AC.
     */
    CHIPWRIGHT_PHASE_COMPLETION = 12,
    /**
     * The outcome is known.
     */
    CHIPWRIGHT_PHASE_ENDED = 13,
} chipwright_phase;

/**
 * How a PIN travels.
 */
typedef enum {
    /**
     * To the card, in the clear.
     */
    CHIPWRIGHT_PIN_METHOD_PLAINTEXT = 1,
    /**
     * To the card, enciphered with a key of the card.
     */
    CHIPWRIGHT_PIN_METHOD_ENCIPHERED = 2,
    /**
     * To the issuer, enciphered by the pad.
     */
    CHIPWRIGHT_PIN_METHOD_ONLINE = 3,
} chipwright_pin_method;

/**
 * How a PIN entry ended.
 */
typedef enum {
    /**
     * The card answered VERIFY.
     */
    CHIPWRIGHT_PIN_RESULT_VERIFIED = 1,
    /**
     * A PIN was taken for the issuer.
     */
    CHIPWRIGHT_PIN_RESULT_CAPTURED = 2,
    /**
     * Cardholder or merchant went past PIN entry.
     */
    CHIPWRIGHT_PIN_RESULT_BYPASSED = 3,
    /**
     * The cardholder cancelled the transaction.
     */
    CHIPWRIGHT_PIN_RESULT_CANCELLED = 4,
    /**
     * The pad is missing or does not work.
     */
    CHIPWRIGHT_PIN_RESULT_BROKEN = 5,
    /**
     * The PIN could not be sent: no challenge, or the pad did not form it.
     */
    CHIPWRIGHT_PIN_RESULT_NO_CHALLENGE = 6,
    /**
     * The link to the card failed.
     */
    CHIPWRIGHT_PIN_RESULT_LINK_FAILED = 7,
} chipwright_pin_result;

/**
 * What is in the field. [B 3.2]
 */
typedef enum {
    /**
     * One card, activated.
     */
    CHIPWRIGHT_POLLED_CARD = 1,
    /**
     * More than one.
     */
    CHIPWRIGHT_POLLED_COLLISION = 2,
    /**
     * None.
     */
    CHIPWRIGHT_POLLED_NOTHING = 3,
} chipwright_polled;

/**
 * How to go on after a review.
 */
typedef enum {
    /**
     * As it stands.
     */
    CHIPWRIGHT_PROCEED_CONTINUE = 1,
    /**
     * Not at all: reading the card was all that was wanted.
     */
    CHIPWRIGHT_PROCEED_CARD_READ = 2,
    /**
     * With a refusal: the card is asked for an AAC whatever the checks find.
     */
    CHIPWRIGHT_PROCEED_DECLINE = 3,
} chipwright_proceed;

/**
 * What the reader's lights say. [A 7.1]
 */
typedef enum {
    /**
     * Out of order for the moment.
     */
    CHIPWRIGHT_READER_STATUS_NOT_READY = 1,
    /**
     * Waiting for a transaction.
     */
    CHIPWRIGHT_READER_STATUS_IDLE = 2,
    /**
     * Waiting for a card.
     */
    CHIPWRIGHT_READER_STATUS_READY_TO_READ = 3,
    /**
     * Working with the card.
     */
    CHIPWRIGHT_READER_STATUS_PROCESSING = 4,
    /**
     * The card may be taken away.
     */
    CHIPWRIGHT_READER_STATUS_CARD_READ_SUCCESSFULLY = 5,
    /**
     * Something went wrong; a collision, too.
     */
    CHIPWRIGHT_READER_STATUS_PROCESSING_ERROR = 6,
} chipwright_reader_status;

/**
 * Where the integrator may look in.
 */
typedef enum {
    /**
     * The candidate list was built.
     */
    CHIPWRIGHT_REVIEW_CANDIDATES = 1,
    /**
     * The records were read: objects of the terminal may be changed.
     */
    CHIPWRIGHT_REVIEW_RECORDS = 2,
} chipwright_review;

/**
 * Why a transaction is stopped.
 */
typedef enum {
    /**
     * The cardholder or the merchant cancelled.
     */
    CHIPWRIGHT_STOP_CANCELLED = 1,
    /**
     * A deadline of the integrator passed.
     */
    CHIPWRIGHT_STOP_TIMEOUT = 2,
    /**
     * The card was removed while nothing was sent to it.
     */
    CHIPWRIGHT_STOP_CARD_REMOVED = 3,
} chipwright_stop;

/**
 * What kind of business is done. [B4 6.5.1]
 */
typedef enum {
    /**
     * Goods or services.
     */
    CHIPWRIGHT_TRANSACTION_TYPE_PURCHASE = 1,
    /**
     * Cash handed out by an attendant.
     */
    CHIPWRIGHT_TRANSACTION_TYPE_MANUAL_CASH = 2,
    /**
     * Cash from a machine.
     */
    CHIPWRIGHT_TRANSACTION_TYPE_UNATTENDED_CASH = 3,
    /**
     * Goods or services with cash on top.
     */
    CHIPWRIGHT_TRANSACTION_TYPE_CASHBACK = 4,
    /**
     * Money back.
     */
    CHIPWRIGHT_TRANSACTION_TYPE_REFUND = 5,
    /**
     * A look at the balance.
     */
    CHIPWRIGHT_TRANSACTION_TYPE_INQUIRY = 6,
} chipwright_transaction_type;

/**
 * A transaction in memory that the caller lends: `CHIPWRIGHT_CONTEXT_SIZE` says how much. It has
 * zeros before the first `begin`, stays where it is until `end`, and has zeros again afterwards.
 * One thread at a time may use it.
 */
typedef struct chipwright_context chipwright_context;

/**
 * Bytes: where they are, and how many. None may be at null.
 */
typedef struct {
    /**
     * The first of them.
     */
    const uint8_t *bytes;
    /**
     * How many.
     */
    size_t length;
} chipwright_bytes;

/**
 * An application that the terminal accepts in its slot. Memory of zeros is none: every one has an
 * identifier.
 */
typedef struct {
    /**
     * Application Identifier, 5 to 16 bytes.
     */
    chipwright_bytes aid;
    /**
     * Not 0 when a card's longer name that begins with the identifier is accepted.
     */
    uint8_t partial_match;
    /**
     * Application Version Number (9F09).
     */
    uint16_t version;
    /**
     * Terminal Floor Limit (9F1B), in minor units.
     */
    uint32_t floor_limit;
    /**
     * Random selection: target percentage, 0 to 99. [B3 10.6.2]
     */
    uint8_t random_target;
    /**
     * Maximum target percentage for biased selection.
     */
    uint8_t random_maximum;
    /**
     * Threshold value for biased selection, in minor units.
     */
    uint32_t random_threshold;
    /**
     * Terminal Action Code, denial.
     */
    uint8_t action_code_denial[5];
    /**
     * Terminal Action Code, online.
     */
    uint8_t action_code_online[5];
    /**
     * Terminal Action Code, default.
     */
    uint8_t action_code_default[5];
    /**
     * Default DDOL, used when the card has none; null for none.
     */
    chipwright_bytes default_ddol;
    /**
     * Default TDOL, used when the card has none; null for none.
     */
    chipwright_bytes default_tdol;
    /**
     * Further objects of the terminal for this application, as a BER-TLV string.
     */
    chipwright_bytes data;
} chipwright_application;

/**
 * A key of a certification authority. [B2 5.2]
 */
typedef struct {
    /**
     * Registered Application Provider Identifier.
     */
    uint8_t rid[5];
    /**
     * Certification Authority Public Key Index.
     */
    uint8_t index;
    /**
     * Modulus, up to 248 bytes.
     */
    chipwright_bytes modulus;
    /**
     * Exponent, 3 or 65537.
     */
    chipwright_bytes exponent;
} chipwright_key;

/**
 * An issuer certificate that counts no more. [B2 5.1.2]
 */
typedef struct {
    /**
     * Registered Application Provider Identifier.
     */
    uint8_t rid[5];
    /**
     * Index of the key that signed the certificate.
     */
    uint8_t index;
    /**
     * The certificate's serial number.
     */
    uint8_t serial[3];
} chipwright_revocation;

/**
 * A combination of application and kernel, and how it is used. [A 5.2] A field whose bit is not set
 * in `present` is not looked at: absence means something.
 */
typedef struct {
    /**
     * Application Identifier, 5 to 16 bytes.
     */
    chipwright_bytes aid;
    /**
     * The kernel, by its number in the books: 7 for QuickPass.
     */
    uint8_t kernel;
    /**
     * Which of the fields below are there: `CHIPWRIGHT_HAS_...`.
     */
    uint32_t present;
    /**
     * Status Check Support flag: not 0 when an amount of one unit of the currency goes online.
     */
    uint8_t status_check;
    /**
     * Zero Amount Allowed flag: not 0 when it is.
     */
    uint8_t zero_amount_allowed;
    /**
     * Extended Selection Support flag: not 0 when it is supported.
     */
    uint8_t extended_selection;
    /**
     * Terminal Transaction Qualifiers (9F66).
     */
    uint8_t qualifiers[4];
    /**
     * Terminal Floor Limit (9F1B), in minor units: stands in for the reader's.
     */
    uint32_t terminal_floor_limit;
    /**
     * Reader Contactless Transaction Limit, in minor units: not for this much or more.
     */
    uint64_t transaction_limit;
    /**
     * Reader Contactless Floor Limit, in minor units: online for more.
     */
    uint64_t floor_limit;
    /**
     * Reader CVM Required Limit, in minor units: cardholder verification for this much or more.
     */
    uint64_t cvm_required_limit;
    /**
     * Not 0 when transactions go online without any floor limit. [C7 3] It is always looked at.
     */
    uint8_t online_without_floor_limit;
} chipwright_combination;

/**
 * Choices that the books leave open. `chipwright_default_options` fills in the default; what is a
 * flag is 0 or not.
 */
typedef struct {
    /**
     * Set TVR byte 1 bit 2 when SDA is the selected method. [B3 10.3]
     */
    uint8_t sda_selected_bit;
    /**
     * With which cryptograms a combined signature is asked for: mode 1 to 4.
     */
    uint8_t combined_mode;
    /**
     * Read the Payment System Environment before trying the list of AIDs.
     */
    uint8_t payment_system_environment;
    /**
     * The cardholder can be shown candidates and choose or confirm.
     */
    uint8_t cardholder_selection;
    /**
     * A terminal without attendant may let a PIN be left out too.
     */
    uint8_t unattended_pin_bypass;
    /**
     * Static data authentication is not accepted any more.
     */
    uint8_t sda_withdrawn;
    /**
     * Nor is a plaintext PIN verified by the card.
     */
    uint8_t plaintext_pin_withdrawn;
    /**
     * Nor an enciphered one.
     */
    uint8_t enciphered_pin_withdrawn;
    /**
     * Nor a signature.
     */
    uint8_t signature_withdrawn;
    /**
     * A review is wanted after the candidate list was built.
     */
    uint8_t review_candidates;
    /**
     * And after the records were read.
     */
    uint8_t review_records;
    /**
     * Card commands that one transaction may take.
     */
    uint16_t exchange_limit;
    /**
     * Authorisation Response Codes by which the issuer approves, two bytes each; null for 00, 10
     * and 11.
     */
    chipwright_bytes approval_codes;
    /**
     * Rules of the hardened profile that are kept, `CHIPWRIGHT_RULE_...`; 0 for none.
     */
    uint32_t rules_enforced;
    /**
     * Rules of it of which a breach is only told: an event of the kind `CHIPWRIGHT_EVENT_KIND_BREACH`.
     */
    uint32_t rules_reported;
    /**
     * Bits that the modulus of a certified key has at least, for `CHIPWRIGHT_RULE_KEY_HYGIENE`.
     */
    uint16_t minimum_modulus;
    /**
     * Not 0 when taps whose qualifiers nothing proves go online where no verification is required,
     * for `CHIPWRIGHT_RULE_QUALIFIERS_PROVED`.
     */
    uint8_t unproved_below_limit;
} chipwright_options;

/**
 * A terminal. It and all that it points to must stay as it is from `begin` to `end`; memory of
 * zeros is an empty one.
 */
typedef struct {
    /**
     * Terminal Type (9F35).
     */
    uint8_t terminal_type;
    /**
     * Terminal Capabilities (9F33).
     */
    uint8_t capabilities[3];
    /**
     * Additional Terminal Capabilities (9F40).
     */
    uint8_t additional_capabilities[5];
    /**
     * Interface Device Serial Number (9F1E), eight characters.
     */
    uint8_t ifd_serial_number[8];
    /**
     * Terminal Country Code (9F1A), as a number: 276.
     */
    uint16_t country;
    /**
     * Further objects of the terminal, as a BER-TLV string: merchant, acquirer, location.
     */
    chipwright_bytes data;
    /**
     * The applications that the terminal accepts in its slot, in its order of preference.
     */
    const chipwright_application *applications;
    /**
     * How many.
     */
    size_t application_count;
    /**
     * Keys of the certification authorities.
     */
    const chipwright_key *keys;
    /**
     * How many.
     */
    size_t key_count;
    /**
     * Issuer certificates that count no more.
     */
    const chipwright_revocation *revocations;
    /**
     * How many.
     */
    size_t revocation_count;
    /**
     * What the reader does with taps: applications, kernels, limits. Among equals the first is
     * preferred.
     */
    const chipwright_combination *combinations;
    /**
     * How many.
     */
    size_t combination_count;
    /**
     * How rules are read that changed between versions of the books; null for the default.
     */
    const chipwright_options *options;
} chipwright_terminal;

/**
 * Something that happened, for whoever explains or records a transaction: a kind, and numbers and
 * bytes that go with it. What a kind does not speak of is 0. It lasts as long as the call.
 *
 * Bytes may be account data: what is shown or stored of them has to be masked.
 */
typedef struct {
    /**
     * A `chipwright_event_kind`, which says what the fields mean.
     */
    uint32_t kind;
    /**
     * The number of a phase, reason, method or cause.
     */
    uint32_t code;
    /**
     * A data object.
     */
    uint32_t tag;
    /**
     * Another number.
     */
    uint32_t number;
    /**
     * Bytes.
     */
    chipwright_bytes bytes;
} chipwright_event;

/**
 * An account.
 */
typedef struct {
    /**
     * Its number, digits of ISO 8859-1, as many as there are.
     */
    uint8_t digits[19];
    /**
     * How many.
     */
    uint8_t digit_count;
    /**
     * PAN Sequence Number (5F34), as coded; -1 where the card has none.
     */
    int16_t sequence_number;
} chipwright_account;

/**
 * What a kernel calls while it works, from within `chipwright_step`. The context cannot be entered
 * meanwhile: whatever is tried says `CHIPWRIGHT_STATUS_BUSY`. All but `random` may be null.
 */
typedef struct {
    /**
     * Given to each of them.
     */
    void *user;
    /**
     * Writes bytes that a card cannot predict; says 0, or anything else when it cannot: the
     * transaction then ends. Required.
     */
    uint32_t (*random)(void *user, uint8_t *out, size_t length);
    /**
     * Takes an event. It must not block.
     */
    void (*event)(void *user, const chipwright_event *event);
    /**
     * Takes the next bytes of an event record, without account data: what `chipwright record`
     * explains on a desk. The record begins with the four bytes of `CHIPWRIGHT_RECORD_HEAD`,
     * big-endian, which the caller writes. It must not block.
     */
    void (*record)(void *user, chipwright_bytes bytes);
    /**
     * Whether an account is on the exception file: 0 when it is not. [B3 10.6.1]
     */
    uint32_t (*on_exception_file)(void *user, const chipwright_account *account);
    /**
     * Amount of the most recent transaction of an account that is still in the log, in minor units;
     * 0 when there is none. [B3 10.6.1]
     */
    uint64_t (*logged_amount)(void *user, const chipwright_account *account);
} chipwright_callbacks;

/**
 * One transaction: what is to be done, by which terminal. It is copied, but for what it points to:
 * that must stay as it is from `begin` to `end`.
 */
typedef struct {
    /**
     * The terminal.
     */
    const chipwright_terminal *terminal;
    /**
     * What the kernel calls while it works. The struct is copied.
     */
    const chipwright_callbacks *callbacks;
    /**
     * What kind of business: a `chipwright_transaction_type`.
     */
    uint32_t transaction_type;
    /**
     * Amount, Authorised (9F02), in minor units: the whole amount, cashback included.
     */
    uint64_t amount;
    /**
     * Amount, Other (9F03), in minor units: the cashback part.
     */
    uint64_t amount_other;
    /**
     * Transaction Currency Code (5F2A), as a number: 978.
     */
    uint16_t currency;
    /**
     * Transaction Currency Exponent (5F36): digits of the minor unit.
     */
    uint8_t currency_exponent;
    /**
     * Transaction Date (9A), local, coded YYMMDD in n 6: 26 01 15 hexadecimal.
     */
    uint8_t date[3];
    /**
     * Transaction Time (9F21), local, coded HHMMSS in n 6.
     */
    uint8_t time[3];
    /**
     * Transaction Sequence Counter (9F41), up to eight digits.
     */
    uint32_t sequence_counter;
    /**
     * Not 0 when the merchant wants the issuer to decide.
     */
    uint8_t force_online;
    /**
     * Not 0 when the reader waits for taps on its own: pre-processing is left out. [A 8.1.1.4]
     */
    uint8_t autorun;
} chipwright_transaction;

/**
 * An application that card and terminal have in common. Bytes stay where they are until the next
 * step.
 */
typedef struct {
    /**
     * Its number: what CHOSEN is given.
     */
    uint8_t number;
    /**
     * Application Priority Indicator (87).
     */
    uint8_t priority_indicator;
    /**
     * The part of ISO 8859 that its display name is of: 1 to 9, 10 hexadecimal.
     */
    uint8_t code_table;
    /**
     * The name to show, 1 to 16 characters; none when the card gave none that can be shown.
     */
    chipwright_bytes display_name;
    /**
     * ADF name or DF name, 5 to 16 bytes: what is selected.
     */
    chipwright_bytes name;
} chipwright_candidate_entry;

/**
 * What a conformance statement says of a kernel: strings that end with 0.
 */
typedef struct {
    /**
     * Its name.
     */
    uint8_t name[32];
    /**
     * Its version.
     */
    uint8_t version[24];
    /**
     * SHA-256 over sources, locked dependencies and features, 64 hexadecimal digits.
     */
    uint8_t checksum[65];
} chipwright_identity;

/**
 * What the issuer answered. [B4 12.1] It is copied.
 */
typedef struct {
    /**
     * Authorisation Response Code (8A).
     */
    uint8_t authorisation_response_code[2];
    /**
     * Issuer Authentication Data (91), 8 to 16 bytes; null for none.
     */
    chipwright_bytes issuer_authentication_data;
    /**
     * Authorisation Code (89), 6 bytes; null for none.
     */
    chipwright_bytes authorisation_code;
    /**
     * Issuer scripts: templates 71 and 72 one behind the other, as received.
     */
    chipwright_bytes scripts;
} chipwright_host_response;

/**
 * A PIN that is to be entered. For one that the card verifies, the pad sends VERIFY itself, and
 * reports the status word: the digits never enter the kernel.
 */
typedef struct {
    /**
     * How it travels: a `chipwright_pin_method`.
     */
    uint32_t method;
    /**
     * Tries left; -1 when the card did not tell.
     */
    int16_t tries_left;
    /**
     * 1 when a wrong PIN was entered just before.
     */
    uint8_t again;
    /**
     * Modulus of the card's verified key, for ENCIPHERED.
     */
    chipwright_bytes modulus;
    /**
     * Its exponent.
     */
    chipwright_bytes exponent;
} chipwright_pin_request;

/**
 * What the PIN pad reports. [B3 10.5.1, 10.5.2]
 */
typedef struct {
    /**
     * A `chipwright_pin_result`.
     */
    uint32_t result;
    /**
     * With VERIFIED: the status word by which the card answered VERIFY.
     */
    uint16_t status_word;
    /**
     * With LINK_FAILED: a `chipwright_link_error`.
     */
    uint32_t link_error;
} chipwright_pin_report;

/**
 * What to do with the reader's field.
 */
typedef struct {
    /**
     * 1 to switch it on, 0 to switch it off.
     */
    uint8_t on;
    /**
     * For how long it is off at least, in units of 100 ms.
     */
    uint16_t off_time;
} chipwright_field_request;

/**
 * A request to display, lights and buzzer. What is 0 leaves them as they are. [A 7]
 */
typedef struct {
    /**
     * The identifier of the message to show, as the books number them. [B4 11.2] [A 9.4]
     */
    uint8_t message;
    /**
     * What the lights say: a `chipwright_reader_status`.
     */
    uint32_t reader_status;
    /**
     * How long the message stays before another may replace it, in units of 100 ms.
     */
    uint16_t hold_time;
    /**
     * Language Preference (5F2D) of the card: one to four languages of two small letters each.
     */
    uint8_t language_preference[8];
    /**
     * Which amount to show with the message: a `chipwright_amount_shown`.
     */
    uint32_t amount_shown;
    /**
     * That amount, in minor units.
     */
    uint64_t amount;
    /**
     * Its currency; 0 when it is not known.
     */
    uint16_t currency;
} chipwright_ui_request;

/**
 * The devices of a terminal, as functions that return when it is done. Each is given `user`. While
 * one of them is called, the context can be asked for data objects and candidates, and stepping it
 * or ending it ends the loop.
 *
 * What is null is not there: no PIN pad is a broken one, nobody to choose takes the best
 * application, no line is an unreachable issuer, reviews go on; a display or a field that is not
 * there is done at once. Required: `transmit`, and for taps `poll`.
 */
typedef struct {
    /**
     * Given to each of them.
     */
    void *user;
    /**
     * Sends a command to the card and writes its answer, status word included, to `answer`, which
     * has `size` bytes; `*length` is how many. Returns 0, or a `chipwright_link_error`.
     */
    uint32_t (*transmit)(void *user,
                         chipwright_bytes command,
                         uint8_t *answer,
                         size_t size,
                         size_t *length);
    /**
     * Lets the cardholder choose among `count` candidates: see `chipwright_candidate`. Returns the
     * number of one, or -1 for none.
     */
    int32_t (*choose)(void *user, chipwright_context *context, uint32_t count);
    /**
     * Takes a PIN and reports.
     */
    void (*enter_pin)(void *user,
                      const chipwright_pin_request *request,
                      chipwright_pin_report *report);
    /**
     * Asks the issuer; fills in its answer and returns 1, or 0 when there is none.
     */
    uint32_t (*authorise)(void *user,
                          chipwright_context *context,
                          chipwright_host_response *response);
    /**
     * Looks in: `review` is a `chipwright_review`. Returns a `chipwright_proceed`.
     */
    uint32_t (*review)(void *user, chipwright_context *context, uint32_t review);
    /**
     * Looks once what is in the field. Returns a `chipwright_polled`.
     */
    uint32_t (*poll)(void *user);
    /**
     * Switches the field.
     */
    void (*switch_field)(void *user, const chipwright_field_request *request);
    /**
     * Shows something.
     */
    void (*show)(void *user, const chipwright_ui_request *request);
    /**
     * Whether to stop, asked before every step. Returns 0, or a `chipwright_stop`.
     */
    uint32_t (*stop)(void *user);
} chipwright_devices;

/**
 * How a transaction ended.
 */
typedef struct {
    /**
     * The conclusion: a `chipwright_conclusion`.
     */
    uint32_t conclusion;
    /**
     * Who decided: a `chipwright_authority`.
     */
    uint32_t authority;
    /**
     * Why it ended before its time: a `chipwright_end_kind`, 0 when it
     * did not.
     */
    uint32_t end;
    /**
     * More about the end. Of a stop: the `chipwright_stop`; of the link: the
     * `chipwright_link_error`; of a fault: the number of its cause, 10xx when the card has to mend
     * it, 11xx the host, 12xx the terminal.
     */
    uint32_t end_code;
    /**
     * The data object that a fault is about; 0 when it is about none.
     */
    uint32_t fault_tag;
    /**
     * Where in the answer, list or value, in bytes; -1 when that is not known.
     */
    int32_t fault_offset;
    /**
     * The status word of a fault by one; 0 otherwise.
     */
    uint16_t fault_status_word;
    /**
     * The record that was read: file and number; 0 when none was.
     */
    uint8_t fault_record[2];
    /**
     * The phase in which it ended: a `chipwright_phase`.
     */
    uint32_t phase;
    /**
     * 1 when the merchant has to take the cardholder's signature.
     */
    uint8_t signature;
    /**
     * 1 when the acquirer must be told to undo what the issuer approved. [B4 12.2.1, 12.2.3]
     */
    uint8_t reversal;
    /**
     * 1 when the card asked for an advice message. [B4 12.2.2]
     */
    uint8_t advice;
} chipwright_outcome;

/**
 * An answer of the card.
 */
typedef struct {
    /**
     * The answer, status word included. It is copied.
     */
    chipwright_bytes answer;
    /**
     * Time that the card took, in microseconds; 0 when it is not measured.
     */
    uint32_t elapsed;
} chipwright_response;

/**
 * What goes with a kind of input.
 */
typedef union {
    /**
     * With RESPONSE.
     */
    chipwright_response response;
    /**
     * With LINK_FAILED: a `chipwright_link_error`.
     */
    uint32_t link_error;
    /**
     * With CHOSEN: the number of a candidate, or -1 for none.
     */
    int32_t chosen;
    /**
     * With PIN.
     */
    chipwright_pin_report pin;
    /**
     * With AUTHORISED.
     */
    chipwright_host_response host_response;
    /**
     * With PROCEED: a `chipwright_proceed`.
     */
    uint32_t proceed;
    /**
     * With POLLED: a `chipwright_polled`.
     */
    uint32_t polled;
    /**
     * With STOP: a `chipwright_stop`.
     */
    uint32_t stop;
} chipwright_input_content;

/**
 * What a step is given: a kind, and what goes with it.
 */
typedef struct {
    /**
     * A `chipwright_input_kind`.
     */
    uint32_t kind;
    /**
     * What goes with the kind; nothing with START, UNREACHABLE, DONE and REMOVAL_TIMEOUT.
     */
    chipwright_input_content content;
} chipwright_input;

/**
 * What goes with a kind of output.
 */
typedef union {
    /**
     * With TRANSMIT: the command.
     */
    chipwright_bytes command;
    /**
     * With CHOOSE: how many candidates there are; see `chipwright_candidate`.
     */
    uint32_t candidates;
    /**
     * With VERIFY_PIN.
     */
    chipwright_pin_request pin;
    /**
     * With REVIEW: a `chipwright_review`.
     */
    uint32_t review;
    /**
     * With FIELD.
     */
    chipwright_field_request field;
    /**
     * With SHOW.
     */
    chipwright_ui_request show;
    /**
     * With ENDED.
     */
    chipwright_outcome outcome;
} chipwright_output_content;

/**
 * What a step asks for: a kind, and what goes with it. Bytes stay where they are until the next
 * step.
 */
typedef struct {
    /**
     * A `chipwright_output_kind`.
     */
    uint32_t kind;
    /**
     * What goes with the kind; nothing with AUTHORISE and POLL.
     */
    chipwright_output_content content;
} chipwright_output;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Begins a transaction in the slot, in `length` bytes at `memory`; `*context` is what the other
 * functions are given. Nothing is asked for yet: step with START.
 *
 * Status: NULL, MISALIGNED, TOO_LONG, OVERLAPPING for pointers; TOO_SMALL for the memory; IN_USE, BUSY when it
 * has a transaction, MOVED when it has neither a transaction nor zeros; WRONG_VALUE, UNKNOWN_VALUE
 * for terminal and transaction.
 *
 * The caller sees to it:
 * As the header says of pointers: `transaction` and what it points to are initialised and stay as
 * they are until `chipwright_end`; `memory` is initialised, and nobody else's until then.
 */
chipwright_status chipwright_begin_contact(void *memory,
                                           size_t length,
                                           const chipwright_transaction *transaction,
                                           chipwright_context **context);

/**
 * Begins a tap, from the idle reader to the outcome, as `chipwright_begin_contact` does a
 * transaction in the slot.
 *
 * The caller sees to it:
 * As there.
 */
chipwright_status chipwright_begin_tap(void *memory,
                                       size_t length,
                                       const chipwright_transaction *transaction,
                                       chipwright_context **context);

/**
 * Ends a transaction, whether it has come to its end or not: what it knew of the card is wiped, and
 * the memory has zeros.
 *
 * Status: NULL, MISALIGNED, NOT_BEGUN, MOVED, BUSY.
 *
 * The caller sees to it:
 * `context` is null or points to memory as long as a context.
 */
chipwright_status chipwright_end(chipwright_context *context);

/**
 * Finds a data object by its tag. The bytes stay where they are until the next step.
 *
 * Status: NULL, MISALIGNED, NOT_BEGUN, MOVED, BUSY; NOT_FOUND.
 *
 * The caller sees to it:
 * `context` is null or points to memory as long as a context; there is room at `value`.
 */
chipwright_status chipwright_object(chipwright_context *context,
                                    uint32_t tag,
                                    chipwright_bytes *value);

/**
 * Says tag and value of the data object at a place, counted from 0: for whoever wants them all.
 * The bytes stay where they are until the next step.
 *
 * Status: as `chipwright_object`; NOT_FOUND behind the last.
 *
 * The caller sees to it:
 * `context` is null or points to memory as long as a context; there is room at `tag` and `value`.
 */
chipwright_status chipwright_object_at(chipwright_context *context,
                                       size_t place,
                                       uint32_t *tag,
                                       chipwright_bytes *value);

/**
 * Sets a data object of the terminal: at a review, an amount that is known late. It is copied.
 *
 * Status: NULL, MISALIGNED, TOO_LONG, OVERLAPPING, NOT_BEGUN, MOVED, BUSY; WRONG_VALUE when the
 * terminal may not set it or there is no room.
 *
 * The caller sees to it:
 * `context` is null or points to memory as long as a context; `value` says where bytes are.
 */
chipwright_status chipwright_set_object(chipwright_context *context,
                                        uint32_t tag,
                                        chipwright_bytes value);

/**
 * Says what is known of the candidate at a place, counted from 0: in the order in which they are to
 * be shown, best first. Those that may not be selected any more are not among them.
 *
 * Status: NULL, MISALIGNED, NOT_BEGUN, MOVED, BUSY; NOT_FOUND behind the last.
 *
 * The caller sees to it:
 * `context` is null or points to memory as long as a context; there is room at `candidate`.
 */
chipwright_status chipwright_candidate(chipwright_context *context,
                                       size_t place,
                                       chipwright_candidate_entry *candidate);

/**
 * Says name, version and checksum of the kernel at a place, counted from 0.
 *
 * Status: NULL; NOT_FOUND behind the last.
 *
 * The caller sees to it:
 * There is room at `identity`.
 */
chipwright_status chipwright_kernel(size_t place, chipwright_identity *identity);

/**
 * Writes the data objects of these tags that there are, as a BER-TLV string, to `out`, which has
 * `size` bytes; `*length` is how many were written. Without tags they are those that most acquirers
 * ask for with an authorisation; account number and track data are not among them. [B4 12.1]
 *
 * Status: NULL, MISALIGNED, TOO_LONG, OVERLAPPING, NOT_BEGUN, MOVED, BUSY;
 * TOO_SMALL.
 *
 * The caller sees to it:
 * `context` is null or points to memory as long as a context; `tags` to `count` tags; `out` to
 * `size` bytes that can be written; there is room at `length`.
 */
chipwright_status chipwright_field_55(chipwright_context *context,
                                      const uint32_t *tags,
                                      size_t count,
                                      uint8_t *out,
                                      size_t size,
                                      size_t *length);

/**
 * Reads the issuer's answer out of a BER-TLV string, as field 55 brings it: 8A, 91, 89, 71 and 72,
 * in any order. What `response` points to lies in the string.
 *
 * Status: NULL, MISALIGNED, TOO_LONG; WRONG_CODING when it is no such string, or has no response
 * code (8A): there is no answer then, and the issuer may have approved. [B4 12.2.3]
 *
 * The caller sees to it:
 * `string` says where bytes are; there is room at `response`.
 */
chipwright_status chipwright_read_host_response(chipwright_bytes string,
                                                chipwright_host_response *response);

/**
 * Fills in the default options.
 *
 * The caller sees to it:
 * There is room for them at `options`.
 */
chipwright_status chipwright_default_options(chipwright_options *options);

/**
 * Reads a key of a certification authority out of a BER-TLV string, and checks it before it may be
 * trusted: 9F06 RID, 9F22 index, DF02 modulus, DF04 exponent, DF03 SHA-1 checksum over these four,
 * DF05 last day (YYYYMMDD, four bytes coded or eight characters), DF06 and DF07 algorithms (01).
 * Other objects are passed over. What `key` points to lies in the string.
 *
 * `environment` is the `chipwright_key_environment` that the string comes from, as the terminal
 * knows it; it may differ from `terminal_environment` in no key. `today` is coded YYMMDD.
 *
 * Status: NULL, MISALIGNED, TOO_LONG; WRONG_CODING when it is no BER-TLV string, NOT_FOUND when one of
 * the first five is missing, UNKNOWN_VALUE for numbers that stand for nothing, WRONG_VALUE when the
 * key may not be trusted: impossible, changed on its way, expired, or of the other environment.
 *
 * The caller sees to it:
 * `string` says where bytes are; there is room at `key`; `today` points to three bytes.
 */
chipwright_status chipwright_read_key(chipwright_bytes string,
                                      uint32_t environment,
                                      uint32_t terminal_environment,
                                      const uint8_t *today,
                                      chipwright_key *key);

/**
 * Reads an application and its limits out of a BER-TLV string. Of the slot: 9F06 AID, DF01 whether
 * names must be equal (1) or may be longer (0), 9F09 version, DF11 to DF13 action codes default,
 * online, denial, 9F1B floor limit, DF14 default DDOL, DF15 threshold, DF16 and DF17 maximum and
 * target percentage. Of taps: DF19 floor limit, DF20 transaction limit, DF21 limit of cardholder
 * verification, each n 12. Other objects are passed over. What is not there is not changed: fill in
 * the rest before or afterwards, kernel and qualifiers of the combination in any case. What is
 * pointed to lies in the string.
 *
 * Status: NULL, MISALIGNED, TOO_LONG; WRONG_CODING when it is no BER-TLV string, NOT_FOUND without an
 * AID, WRONG_VALUE for a value that cannot be.
 *
 * The caller sees to it:
 * `string` says where bytes are; `application` and `combination` point to initialised structs.
 */
chipwright_status chipwright_read_application(chipwright_bytes string,
                                              chipwright_application *application,
                                              chipwright_combination *combination);

/**
 * Runs a transaction from where it is to its end, calling devices for what it asks for.
 *
 * Status: NULL when `transmit` or `poll` is needed and not there; as `chipwright_step`, of a reply
 * that a device gave. The transaction is then where it was, and can be run or stepped on, or ended.
 *
 * The caller sees to it:
 * `context` is null or points to memory as long as a context; `devices` to devices; there is room
 * at `outcome`.
 */
chipwright_status chipwright_run(chipwright_context *context,
                                 const chipwright_devices *devices,
                                 chipwright_outcome *outcome);

/**
 * How many bytes a context needs for this terminal, whatever is done with it.
 * `CHIPWRIGHT_CONTEXT_SIZE` is an upper bound of it that compilers know. 0 when `terminal` is null
 * or misaligned.
 *
 * The caller sees to it:
 * `terminal` is null or points to a terminal.
 */
size_t chipwright_context_size(const chipwright_terminal *terminal);

/**
 * Gives the kernel what it asked for, and says what it asks for next, until that is ENDED: from
 * then on every step says so again. What `output` points to stays there until the next step.
 *
 * Status: NULL, MISALIGNED, TOO_LONG, OVERLAPPING for pointers; NOT_BEGUN, MOVED, BUSY for the context;
 * UNKNOWN_VALUE for the numbers in the input; WRONG_REPLY when the kernel did not ask for it,
 * NOT_FOUND for the number of no candidate, TOO_LONG for an answer of the card, WRONG_VALUE for an
 * answer of the host that does not fit. The transaction is unharmed, and `output` as it was.
 *
 * The caller sees to it:
 * `context` is null or points to memory as long as a context; `input` to an input, whose kind
 * goes with its content; there is room at `output`.
 */
chipwright_status chipwright_step(chipwright_context *context,
                                  const chipwright_input *input,
                                  chipwright_output *output);

/**
 * Says where the transaction is: a `chipwright_phase`.
 *
 * Status: NULL, MISALIGNED, NOT_BEGUN, MOVED, BUSY.
 *
 * The caller sees to it:
 * `context` is null or points to memory as long as a context; there is room at `phase`.
 */
chipwright_status chipwright_current_phase(chipwright_context *context, uint32_t *phase);

/**
 * Says for how long the card may stay in the field while the issuer is asked, in units of 100 ms; 0
 * for no limit. When it is over, reply REMOVAL_TIMEOUT to AUTHORISE, which then comes again.
 * [A 8.1.1.16]
 *
 * Status: NULL, MISALIGNED, NOT_BEGUN, MOVED, BUSY.
 *
 * The caller sees to it:
 * `context` is null or points to memory as long as a context; there is room at `timeout`.
 */
chipwright_status chipwright_removal_timeout(chipwright_context *context, uint16_t *timeout);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* CHIPWRIGHT_H */

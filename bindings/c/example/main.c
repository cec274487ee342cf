/*
 * A terminal in C: a contact transaction with DDA and an online approval by `begin`, `step` and
 * `end`, and a QuickPass tap with fDDA by the callback runner.
 *
 * Card and issuer are at the other end of standard input and output (line.h); what happens is told
 * on standard error. `check.sh` runs it.
 */
#include "line.h"
#include "parameters.h"

#include <chipwright.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One application, two keys, no revoked certificate, one combination. */
static uint64_t memory[CHIPWRIGHT_CONTEXT_WORDS(1, 2, 0, 1)];

/* What was seen of the events: whether the card's signature was good, and where their record goes. */
typedef struct {
    int authenticated;
    FILE *record;
} observer;

static chipwright_bytes bytes(const uint8_t *first, size_t length) {
    return (chipwright_bytes){.bytes = first, .length = length};
}

/* Says what went wrong with a call, if anything did. */
static int failed(const char *call, chipwright_status status) {
    if (status != CHIPWRIGHT_STATUS_OK) {
        fprintf(stderr, "%s: status %d\n", call, (int)status);
    }
    return status != CHIPWRIGHT_STATUS_OK;
}

/* A terminal has a random number generator instead. */
static uint32_t fill(void *user, uint8_t *out, size_t length) {
    (void)user;
    for (size_t place = 0; place < length; place++) {
        out[place] = (uint8_t)(rand() >> 7);
    }
    return 0;
}

/* Shows phases, and remembers that the card's signature was good. */
static void watch(void *user, const chipwright_event *event) {
    observer *seen = user;
    switch (event->kind) {
    case CHIPWRIGHT_EVENT_KIND_PHASE:
        fprintf(stderr, "phase %u\n", (unsigned)event->code);
        break;
    case CHIPWRIGHT_EVENT_KIND_AUTHENTICATED:
        fprintf(stderr, "offline data authentication, method %u: %04X\n", (unsigned)event->code,
                (unsigned)event->number);
        seen->authenticated = event->number == 0;
        break;
    case CHIPWRIGHT_EVENT_KIND_CONTACTLESS:
        fprintf(stderr, "decided by reason %04X\n", (unsigned)event->code);
        break;
    default:
        break;
    }
}

/* Keeps what `chipwright record` explains. */
static void keep(void *user, chipwright_bytes row) {
    observer *seen = user;
    fwrite(row.bytes, 1, row.length, seen->record);
}

/* Sends a command to the card. Gives 0, or why there is no answer. */
static uint32_t transmit_to(line_end card, chipwright_bytes command, uint8_t *answer, size_t size,
                            size_t *length) {
    int answered = line_ask(card, command.bytes, command.length, answer, size);
    if (answered <= 0) {
        return CHIPWRIGHT_LINK_ERROR_TIMEOUT;
    }
    *length = (size_t)answered;
    return 0;
}

/* Asks the issuer: field 55 and the account number there, its answer back. Gives 1 when there is
 * one; it lies in `answer`. */
static uint32_t authorise(chipwright_context *context, uint8_t *answer, size_t size,
                          chipwright_host_response *response) {
    static const uint32_t tags[] = {
        0x5A,   0x5F34, 0x82,   0x84,   0x95,   0x9A,   0x9C,   0x5F2A, 0x9F02, 0x9F03, 0x9F10,
        0x9F1A, 0x9F26, 0x9F27, 0x9F33, 0x9F34, 0x9F35, 0x9F36, 0x9F37,
    };
    uint8_t message[256] = {1}; /* an authorisation */
    size_t length = 0;
    if (failed("chipwright_field_55",
               chipwright_field_55(context, tags, sizeof tags / sizeof *tags, message + 1,
                                   sizeof message - 1, &length))) {
        return 0;
    }
    int answered = line_ask(ISSUER, message, length + 1, answer, size);
    if (answered <= 0) {
        return 0;
    }
    return !failed("chipwright_read_host_response",
                   chipwright_read_host_response(bytes(answer, (size_t)answered), response));
}

static chipwright_callbacks new_callbacks(observer *seen) {
    return (chipwright_callbacks){
        .user = seen,
        .random = fill,
        .event = watch,
        .record = seen->record == NULL ? NULL : keep,
    };
}

/* What both transactions have in common. */
static chipwright_terminal new_terminal(void) {
    return (chipwright_terminal){
        .terminal_type = 0x22,                              /* attended, offline with online capability */
        .capabilities = {0xE0, 0xB8, 0xC8},                 /* no PIN pad; SDA, DDA, CDA */
        .additional_capabilities = {0x60, 0, 0xF0, 0xA0, 1}, /* goods, services */
        .ifd_serial_number = {'E', 'X', 'A', 'M', 'P', 'L', 'E', '1'},
        .country = 276,
    };
}

static chipwright_transaction new_transaction(const chipwright_terminal *terminal,
                                              const chipwright_callbacks *callbacks,
                                              uint64_t amount, uint16_t currency) {
    return (chipwright_transaction){
        .terminal = terminal,
        .callbacks = callbacks,
        .transaction_type = CHIPWRIGHT_TRANSACTION_TYPE_PURCHASE,
        .amount = amount,
        .currency = currency,
        .currency_exponent = 2,
        .date = {0x26, 0x01, 0x15},
        .time = {0x12, 0x00, 0x00},
        .sequence_counter = 1,
    };
}

/* The reply to what a contact kernel asks for. `answer` is memory for what it consists of. */
static chipwright_input reply(chipwright_context *context, const chipwright_output *output,
                              uint8_t *answer, size_t size) {
    chipwright_input input = {0};
    size_t length = 0;
    uint32_t error;
    switch (output->kind) {
    case CHIPWRIGHT_OUTPUT_KIND_TRANSMIT:
        error = transmit_to(CARD_IN_SLOT, output->content.command, answer, size, &length);
        input.kind = CHIPWRIGHT_INPUT_KIND_RESPONSE;
        input.content.response.answer = bytes(answer, length);
        if (error != 0) {
            input.kind = CHIPWRIGHT_INPUT_KIND_LINK_FAILED;
            input.content.link_error = error;
        }
        break;
    case CHIPWRIGHT_OUTPUT_KIND_CHOOSE: /* the cardholder takes the best one */
        input.kind = CHIPWRIGHT_INPUT_KIND_CHOSEN;
        chipwright_candidate_entry best;
        int found = chipwright_candidate(context, 0, &best) == CHIPWRIGHT_STATUS_OK;
        input.content.chosen = found ? best.number : -1;
        break;
    case CHIPWRIGHT_OUTPUT_KIND_VERIFY_PIN: /* there is no pad */
        input.kind = CHIPWRIGHT_INPUT_KIND_PIN;
        input.content.pin.result = CHIPWRIGHT_PIN_RESULT_BROKEN;
        break;
    case CHIPWRIGHT_OUTPUT_KIND_AUTHORISE:
        input.kind = CHIPWRIGHT_INPUT_KIND_UNREACHABLE;
        if (authorise(context, answer, size, &input.content.host_response)) {
            input.kind = CHIPWRIGHT_INPUT_KIND_AUTHORISED;
        }
        break;
    default:
        input.kind = CHIPWRIGHT_INPUT_KIND_STOP;
        input.content.stop = CHIPWRIGHT_STOP_CANCELLED;
        break;
    }
    return input;
}

/* The loop that an integrator has: step, do what is asked for, step again. */
static int drive(chipwright_context *context, chipwright_outcome *outcome) {
    static uint8_t answer[512];
    chipwright_input input = {.kind = CHIPWRIGHT_INPUT_KIND_START};
    for (;;) {
        chipwright_output output;
        if (failed("chipwright_step", chipwright_step(context, &input, &output))) {
            return -1;
        }
        if (output.kind == CHIPWRIGHT_OUTPUT_KIND_ENDED) {
            *outcome = output.content.outcome;
            return 0;
        }
        input = reply(context, &output, answer, sizeof answer);
    }
}

/* Application and key as structs; driven by hand. */
static int contact(chipwright_outcome *outcome, observer *seen) {
    static const uint8_t visa[] = {0xA0, 0x00, 0x00, 0x00, 0x03};
    static const uint8_t three[] = {3};
    const chipwright_application application = {
        .aid = bytes(visa, sizeof visa),
        .partial_match = 1,
        .version = 0x0096,
        .action_code_denial = {0x00, 0x10, 0x00, 0x00, 0x00},
        .action_code_online = {0xDC, 0x40, 0x04, 0xF8, 0x00},
        .action_code_default = {0xDC, 0x40, 0x00, 0xA8, 0x00},
    };
    const chipwright_key key = {
        .rid = {0xA0, 0x00, 0x00, 0x00, 0x03},
        .index = 0xD2,
        .modulus = bytes(visa_modulus, sizeof visa_modulus),
        .exponent = bytes(three, sizeof three),
    };
    chipwright_terminal terminal = new_terminal();
    terminal.applications = &application;
    terminal.application_count = 1;
    terminal.keys = &key;
    terminal.key_count = 1;
    const chipwright_callbacks callbacks = new_callbacks(seen);
    const chipwright_transaction transaction =
        new_transaction(&terminal, &callbacks, 1234, 978); /* 12.34 EUR */

    uint8_t answer_to_reset[33];
    if (line_ask(CARD_IN_SLOT, NULL, 0, answer_to_reset, sizeof answer_to_reset) <= 0) {
        fprintf(stderr, "there is no card in the slot\n");
        return -1;
    }
    chipwright_context *context;
    if (failed("chipwright_begin_contact",
               chipwright_begin_contact(memory, sizeof memory, &transaction, &context))) {
        return -1;
    }
    int driven = drive(context, outcome);
    return failed("chipwright_end", chipwright_end(context)) ? -1 : driven;
}

static uint32_t transmit(void *user, chipwright_bytes command, uint8_t *answer, size_t size,
                         size_t *length) {
    (void)user;
    return transmit_to(CARD_IN_FIELD, command, answer, size, length);
}

/* The card is held to the reader as soon as it asks. */
static uint32_t poll(void *user) {
    (void)user;
    uint8_t answer_to_select[32];
    int length = line_ask(CARD_IN_FIELD, NULL, 0, answer_to_select, sizeof answer_to_select);
    return length > 0 ? CHIPWRIGHT_POLLED_CARD : CHIPWRIGHT_POLLED_NOTHING;
}

static void show(void *user, const chipwright_ui_request *request) {
    (void)user;
    fprintf(stderr, "display: message %02X, lights %u\n", (unsigned)request->message,
            (unsigned)request->reader_status);
}

static uint32_t authorise_tap(void *user, chipwright_context *context,
                              chipwright_host_response *response) {
    (void)user;
    static uint8_t answer[512];
    return authorise(context, answer, sizeof answer, response);
}

/* Application, limits and key as TLV; driven by the runner. */
static int tap(chipwright_outcome *outcome, observer *seen) {
    static const uint8_t today[3] = {0x26, 0x01, 0x15};
    chipwright_application application = {0};
    chipwright_combination combination = {
        .kernel = 7,
        .qualifiers = {0x36, 0x00, 0x00, 0x80}, /* EMV, contact chip, online PIN, signature; fDDA */
        .present = CHIPWRIGHT_HAS_QUALIFIERS,
    };
    chipwright_key key;
    if (failed("chipwright_read_application",
               chipwright_read_application(bytes(unionpay_application, unionpay_application_length),
                                           &application, &combination)) ||
        failed("chipwright_read_key",
               chipwright_read_key(bytes(unionpay_key, unionpay_key_length),
                                   CHIPWRIGHT_KEY_ENVIRONMENT_TEST, CHIPWRIGHT_KEY_ENVIRONMENT_TEST,
                                   today, &key))) {
        return -1;
    }
    chipwright_terminal terminal = new_terminal();
    terminal.combinations = &combination;
    terminal.combination_count = 1;
    terminal.keys = &key;
    terminal.key_count = 1;
    const chipwright_callbacks callbacks = new_callbacks(seen);
    const chipwright_transaction transaction =
        new_transaction(&terminal, &callbacks, 888, 156); /* 8.88 CNY */
    const chipwright_devices devices = {
        .transmit = transmit, .poll = poll, .show = show, .authorise = authorise_tap};

    chipwright_context *context;
    if (failed("chipwright_begin_tap",
               chipwright_begin_tap(memory, sizeof memory, &transaction, &context))) {
        return -1;
    }
    int ran = failed("chipwright_run", chipwright_run(context, &devices, outcome)) ? -1 : 0;
    return failed("chipwright_end", chipwright_end(context)) ? -1 : ran;
}

static void identify(void) {
    chipwright_identity kernel;
    for (size_t place = 0; chipwright_kernel(place, &kernel) == CHIPWRIGHT_STATUS_OK; place++) {
        fprintf(stderr, "%s %s %s\n", (const char *)kernel.name, (const char *)kernel.version,
                (const char *)kernel.checksum);
    }
}

/* Opens the file of the event record, which begins with its head. */
static FILE *new_record(const char *path) {
    FILE *record = fopen(path, "wb");
    for (int shift = 24; record != NULL && shift >= 0; shift -= 8) {
        fputc((int)(CHIPWRIGHT_RECORD_HEAD >> shift & 0xFF), record);
    }
    return record;
}

/* main contact|tap [RECORD] */
int main(int count, char **arguments) {
    chipwright_outcome outcome;
    observer seen = {0};
    uint32_t authority;
    int ran = -1;
    const char *which = count > 1 ? arguments[1] : "";
    if (count > 2) {
        seen.record = new_record(arguments[2]);
    }
    identify();
    if (strcmp(which, "contact") == 0) {
        authority = CHIPWRIGHT_AUTHORITY_ONLINE;
        ran = contact(&outcome, &seen);
    } else if (strcmp(which, "tap") == 0) {
        authority = CHIPWRIGHT_AUTHORITY_OFFLINE;
        ran = tap(&outcome, &seen);
    } else {
        fprintf(stderr, "contact or tap?\n");
        return 64;
    }
    if (seen.record != NULL && fclose(seen.record) != 0) {
        return 2;
    }
    if (ran != 0) {
        return 2;
    }
    fprintf(stderr, "conclusion %u, authority %u, end %u %04X\n", (unsigned)outcome.conclusion,
            (unsigned)outcome.authority, (unsigned)outcome.end, (unsigned)outcome.end_code);
    int approved = outcome.conclusion == CHIPWRIGHT_CONCLUSION_APPROVED;
    return approved && outcome.authority == authority && seen.authenticated ? 0 : 1;
}

/*
 * A byte stream to a card reader and an issuer: frames of two bytes, big-endian, of which the upper
 * two bits say whom the frame is for and the rest how long it is, and that many bytes. Over a serial
 * line it is the same. `chipwright card` is at the other end: docs/cards.md.
 */
#ifndef LINE_H
#define LINE_H

#include <stddef.h>
#include <stdint.h>

typedef enum { CARD_IN_SLOT = 0, CARD_IN_FIELD = 1, ISSUER = 2 } line_end;

/* Sends a frame and waits for the answer, which is written to `answer`; gives its length, or -1 when
 * there is no answer, or one that is longer than `size`. */
int line_ask(line_end whom, const uint8_t *content, size_t length, uint8_t *answer, size_t size);

#endif

#include "line.h"

#include <stdio.h>

int line_ask(line_end whom, const uint8_t *content, size_t length, uint8_t *answer, size_t size) {
    if (length >= 0x4000) {
        return -1;
    }
    uint8_t head[2] = {(uint8_t)((unsigned)whom << 6 | length >> 8), (uint8_t)length};
    if (fwrite(head, 1, 2, stdout) != 2 ||
        (length > 0 && fwrite(content, 1, length, stdout) != length) || fflush(stdout) != 0 ||
        fread(head, 1, 2, stdin) != 2) {
        return -1;
    }
    size_t answered = (size_t)(head[0] & 0x3F) << 8 | head[1];
    if (head[0] >> 6 != (unsigned)whom || answered > size) {
        return -1;
    }
    return fread(answer, 1, answered, stdin) == answered ? (int)answered : -1;
}

/* SPDX-License-Identifier: 0BSD */
/* Lines as PROTOCOL.md section 1 defines them: frames in, frames out, percent-encoding, hex. */
#ifndef LINE_H
#define LINE_H

#include <stdbool.h>
#include <stdint.h>

#define LINE_MAX 512u /* of a command, from '@' to the newline, both included */
#define LINE_WORDS 7u /* the longest command: tag, OPEN, uid, txid, channels, key, seq */

enum line_event {
    LINE_NOTHING, /* in the middle of a line, or a line that was noise */
    LINE_READY,   /* a whole frame: word[] and words are set */
    LINE_DAMAGED, /* it had an '@' but is not a whole frame */
    LINE_TOO_LONG,
};

struct line_in {
    char text[LINE_MAX];     /* from '@'; zeros between the words once it is ready */
    uint32_t length;         /* of text; above LINE_MAX - 1: too long */
    bool framed;             /* an '@' was seen in this line */
    char *word[LINE_WORDS];  /* word[0] is the tag, without '@' */
    uint32_t words;          /* may exceed LINE_WORDS; only so many are kept */
};

enum line_event line_take(struct line_in *in, uint8_t byte);
/* To be called after each line that was acted upon: it may have carried a secret. */
void line_wipe(struct line_in *in);

struct line_out {
    void (*put)(uint8_t byte); /* the port's */
    uint32_t crc;
};

void line_begin(struct line_out *out, const char *tag);
void line_text(struct line_out *out, const char *text);
void line_key(struct line_out *out, const char *key); /* " key=" */
void line_number(struct line_out *out, uint32_t number);
void line_hex(struct line_out *out, const uint8_t *bytes, uint32_t n);
void line_value(struct line_out *out, const uint8_t *bytes, uint32_t n); /* percent-encoded */
void line_end(struct line_out *out);

/* Decodes in place; `n` is the length found. False: not the one right encoding, empty, no UTF-8, or with a 0. */
bool line_decode(char *text, uint32_t *n);
/* Exactly n bytes, lower-case hex. */
bool line_unhex(const char *text, uint8_t *bytes, uint32_t n);
/* Decimal without leading zeros, one to three digits. */
bool line_small_number(const char *text, uint32_t *number);

#endif

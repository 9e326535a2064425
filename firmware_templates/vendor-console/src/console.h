/* SPDX-License-Identifier: 0BSD */
/*
 * A vendor's console: lines in, with echo, a limit and editing keys; answers out, with a prompt and log lines between them.
 * What the lines mean is the dialect's (dialects.h).
 */
#ifndef CONSOLE_H
#define CONSOLE_H

#include <stddef.h>

#include "agent.h" /* struct agent_board: put, reset, uid, flash */
#include "text.h"

#define CONSOLE_LINE_MAX 512u /* room; a dialect's or a build's own limit is shorter */

/* What a build may say; see README.md. */
#ifndef CONSOLE_LINE_LIMIT
#define CONSOLE_LINE_LIMIT 0 /* another limit than the dialect's, as of a mini build; 0: the dialect's */
#endif
#ifndef CONSOLE_LOG_EVERY
#define CONSOLE_LOG_EVERY 0 /* a log line after every so many lines of answers; 0: none */
#endif
#ifndef CONSOLE_PRODUCT_ID
#define CONSOLE_PRODUCT_ID "0" /* the one product this firmware is for, where a command names it */
#endif

struct console;

struct dialect {
    const char *banner;    /* at each start */
    const char *prompt;    /* after each answer; "" = none */
    const char *overflow;  /* the answer to a line that is too long */
    const char *ends;      /* any one of these bytes ends a line */
    uint16_t line_limit;   /* bytes of a line, without its end */
    bool echo;             /* at each start */
    void (*run)(struct console *c, char *line); /* may cut the line into pieces */
};

struct console {
    const struct dialect *dialect;
    const struct agent_board *board;
    char line[CONSOLE_LINE_MAX + 1];
    uint32_t length;        /* of line; may exceed the limit: then only counted */
    uint32_t raw_wanted;    /* so many bytes are the data of a command, not a line */
    void (*raw_done)(struct console *c, char *data);
    uint32_t lines_said;
    bool echo;
    bool active;            /* a modem that has not been put to rest; the dialect's own */
};

void console_start(struct console *c, const struct dialect *dialect, const struct agent_board *board);
void console_take(struct console *c, uint8_t byte);

/* For dialects. */
void console_say(struct console *c, const char *text);
void console_say_number(struct console *c, uint32_t number);
void console_say_hex(struct console *c, const void *bytes, uint32_t n, bool upper);
/* The next `count` bytes (1 … CONSOLE_LINE_MAX) go to `done` as one text. */
void console_take_raw(struct console *c, uint32_t count, void (*done)(struct console *c, char *data));
void console_restart(struct console *c);

#endif

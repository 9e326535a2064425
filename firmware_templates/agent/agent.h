/* SPDX-License-Identifier: 0BSD */
/* The board's side of PROTOCOL.md. Feed it each byte received; it answers through the board's `put`. */
#ifndef AGENT_H
#define AGENT_H

#include <stdint.h>

#include "identity.h"
#include "line.h"
#include "store.h"

/* 0, in agent_config.h: stations that speak version 1 only are refused, and nobody is told an unkeyed digest. */
#ifndef AGENT_PROTOCOL_1
#define AGENT_PROTOCOL_1 1
#endif

/* What may be answered instead of OK; PROTOCOL.md section 4 says what the station makes of each. */
enum agent_error {
    AGENT_OK = 0,
    AGENT_CRC = 1,      /* not a whole frame, or damaged */
    AGENT_LINE = 2,     /* longer than LINE_MAX */
    AGENT_VERB = 3,     /* unknown verb */
    AGENT_ARGS = 4,     /* wrong number or form of arguments */
    AGENT_STATE = 5,    /* no transaction open */
    AGENT_EMPTY = 6,    /* no identity stored */
    AGENT_ROOM = 7,     /* more channels than this board holds */
    AGENT_RANGE = 8,    /* no such channel */
    AGENT_LENGTH = 9,   /* field too long */
    AGENT_MISSING = 10, /* COMMIT without PK, DN or a secret of a channel */
    AGENT_DIGEST = 11,  /* COMMIT of something else than was put */
    AGENT_WRITTEN = 12, /* carries another identity */
    AGENT_LOCKED = 13,  /* locked for good */
    AGENT_FLASH = 14,   /* flash would not erase, program or read back */
    AGENT_SECRET = 15,  /* secrets are never read */
    AGENT_OTHER = 16,   /* meant for another board */
    AGENT_PROOF = 17,   /* who asks does not know what this board holds */
    AGENT_TRIES = 18,   /* too many of those since the power came on */
};

/* What a port provides. All of it lives as long as the agent. */
struct agent_board {
    const char *type;         /* the board's type, as ID reports it */
    const char *firmware;     /* the product's firmware version */
    const char *uid;          /* 4 to 64 of 0-9 a-z . _ -; the same at each start, different on each board */
    const char *reset_cause;  /* power, soft, watchdog, pin or unknown */
    void (*put)(uint8_t byte); /* send one byte; may wait for the UART */
    void (*reset)(void);      /* restart once all bytes have left; does not return */
    uint16_t window;          /* bytes that the port keeps while the agent is busy; 0: one line at a time */
    struct store_flash flash;
};

#define AGENT_TXID_MAX 16u
#define AGENT_NONCE_SIZE 16u
#define AGENT_TRIES_MAX 16u /* wrong tokens, then none is looked at until the power goes */

struct agent {
    const struct agent_board *board;
    struct line_in in;
    struct line_out out;
    struct store store;
    struct identity pending;       /* the open transaction; pending.length == 0: none */
    uint8_t key[STORE_KEY];        /* that comes with it, where `keyed` */
    bool keyed;                    /* OPEN began it; BEGIN brings no key */
    uint8_t wrong;                 /* tokens in a row that were not of what is stored */
    char txid[AGENT_TXID_MAX + 1]; /* of the last transaction since the start, open or not */
    bool answered;                 /* the reply's OK has been sent */
};

/* Opens the store, which may finish what a power cut left. `a` is zeroed memory or an agent that ran before. */
void agent_start(struct agent *a, const struct agent_board *board);
void agent_take(struct agent *a, uint8_t byte);

#endif

/* SPDX-License-Identifier: 0BSD */
/* Inside the agent: what the verbs of both versions share. A product includes agent.h. */
#ifndef VERBS_H
#define VERBS_H

#include "agent.h"

struct verb {
    const char *name; /* NULL ends a table */
    uint8_t least, most; /* arguments */
    enum agent_error (*run)(struct agent *a, char **arg, uint32_t args);
};

extern const struct verb verbs_one[], verbs_two[];

/* Ends the open transaction, if any. */
void agent_drop(struct agent *a);
/* False: not 1 to 16 of 0-9 A-Z a-z. */
bool agent_take_txid(char txid[AGENT_TXID_MAX + 1], const char *text);
bool agent_stored_digest(const struct agent *a, uint8_t digest[SHA256_SIZE]);

/* Starts the reply, so a verb must know that it will succeed before it calls this. The rest follows as key=value. */
void say_ok(struct agent *a);
void say_text(struct agent *a, const char *key, const char *text);
void say_number(struct agent *a, const char *key, uint32_t number);
void say_hex(struct agent *a, const char *key, const uint8_t *bytes, uint32_t n);
void say_value(struct agent *a, const char *key, const uint8_t *value, uint32_t n); /* percent-encoded */
void say_state(struct agent *a); /* uid, state, seq */
void say_room(struct agent *a, uint32_t channels); /* the channels stored, and what there is room for */

#endif

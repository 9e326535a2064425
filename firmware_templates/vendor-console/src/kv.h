/* SPDX-License-Identifier: 0BSD */
/*
 * What the console keeps: the fields of one certificate, in the agent's store. A change is one record, written whole: a power
 * cut leaves the values from before a command or those from after it, which the vendors' own key-value stores do not promise.
 */
#ifndef KV_H
#define KV_H

#include "store.h"

/* The new values of one command; NULL leaves a field as it is. */
struct kv_change {
    const char *value[FIELD_COUNT];
};

/* Also lets the getters of ../../product read what is kept. Once. */
void kv_open(const struct store_flash *flash);
/* False: a value is too long, or the flash refuses. Nothing has changed then. */
bool kv_put(const struct kv_change *change);
/* The field's length; 0 and "" when it was never set. */
uint32_t kv_get(enum identity_field field, char to[FIELD_MAX + 1]);

#endif

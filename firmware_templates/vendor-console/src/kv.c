/* SPDX-License-Identifier: 0BSD */
#include "kv.h"

#include "bytes.h"
#include "certificate.h"

static struct store store;

void kv_open(const struct store_flash *flash)
{
    store_open(&store, flash);
    certificate_comes_from_store(&store);
}

uint32_t kv_get(enum identity_field field, char to[FIELD_MAX + 1])
{
    int n = certificate_field(0, field, to, FIELD_MAX + 1);
    return n > 0 ? (uint32_t)n : 0;
}

static bool put_field(struct identity *next, enum identity_field field, const char *value)
{
    uint32_t n = 0;

    while (value[n])
        if (++n > identity_field_max(field))
            return false;
    identity_put(next, 0, field, value, n);
    return true;
}

bool kv_put(const struct kv_change *change)
{
    static struct identity next;
    char old[FIELD_MAX + 1];
    bool good = store.state != STORE_LOCKED;

    identity_begin(&next, 0);
    for (unsigned i = 0; good && i < FIELD_COUNT; i++) {
        enum identity_field field = (enum identity_field)i;
        if (!change->value[i])
            kv_get(field, old);
        good = put_field(&next, field, change->value[i] ? change->value[i] : old);
    }
    good = good && store_write(&store, &next, 0);
    identity_wipe(&next);
    bytes_wipe(old, sizeof old);
    return good;
}

/* SPDX-License-Identifier: 0BSD */
#include "store.h"

#include "bytes.h"
#include "slot.h"

static bool read_payload(const void *where, uint32_t at, void *to, uint32_t n)
{
    const struct store *s = where;
    return s->flash->read(s->slot * s->flash->slot_size + STORE_HEADER(s->flash->unit) + at, to, n);
}

bool store_holds(const struct store *s)
{
    return s->state == STORE_WRITTEN || s->state == STORE_LOCKED;
}

struct identity_source store_as_source(const struct store *s)
{
    return (struct identity_source){.read = read_payload, .where = s, .length = s->length};
}

/* Makes both slots the record in force, as slot_write leaves it. Neither is touched before the other one holds it. What
 * fails here, fails on broken flash; the slot that the record is read from is sound all the same. */
static bool repair(struct store *s, const struct slot_record *record)
{
    struct identity_source payload = store_as_source(s);
    const struct store_flash *f = s->flash;
    uint32_t one = s->slot, other = 1u - one;
    bool locked = s->state == STORE_LOCKED;
    uint8_t key[STORE_KEY];
    bool good = slot_key(f, one, key) && (slot_holds(f, other, record, key, locked) ||
                                          slot_write(f, other, record, key, locked, &payload));

    if (good && !slot_holds(f, one, record, key, locked)) {
        s->slot = other;
        good = slot_write(f, one, record, key, locked, &payload);
    }
    bytes_wipe(key, sizeof key);
    return good;
}

/* False: what is there, if anything, is not in both slots. */
static bool look(struct store *s)
{
    struct slot_record record[2];
    bool found[2], same;

    *s = (struct store){.flash = s->flash, .state = STORE_BLANK};
    for (uint32_t slot = 0; slot < 2; slot++)
        found[slot] = slot_find(s->flash, slot, &record[slot]);
    if (!found[0] && !found[1]) {
        if (!slot_is_blank(s->flash, 0) || !slot_is_blank(s->flash, 1))
            s->state = STORE_TORN;
        return false;
    }
    s->slot = found[0] && found[1] ? (int32_t)(record[1].seq - record[0].seq) > 0 : found[1];
    s->seq = record[s->slot].seq;
    s->length = record[s->slot].length;
    same = found[0] && found[1] && record[0].seq == record[1].seq;
    s->state = slot_is_locked(s->flash, s->slot) || (same && slot_is_locked(s->flash, 1u - s->slot)) ? STORE_LOCKED
                                                                                                     : STORE_WRITTEN;
    return repair(s, &record[s->slot]);
}

void store_open(struct store *s, const struct store_flash *flash)
{
    s->flash = flash;
    (void)look(s);
}

bool store_is_key(const uint8_t key[STORE_KEY])
{
    uint8_t all = 0xff;

    for (uint32_t i = 0; i < STORE_KEY; i++)
        all &= key[i];
    return all != 0xff;
}

bool store_write(struct store *s, const struct identity *id, const uint8_t *key)
{
    struct identity_source payload = identity_as_source(id);
    struct slot_record record = {.seq = s->seq + 1u ? s->seq + 1u : 1u, .length = id->length}; /* 0 means none */
    uint8_t no_key[STORE_KEY];
    bool good;

    for (uint32_t i = 0; i < STORE_KEY; i++)
        no_key[i] = 0xff;
    good = slot_crc(&record, &payload) &&
           slot_write(s->flash, s->seq ? 1u - s->slot : 0u, &record, key ? key : no_key, false, &payload);
    return look(s) && good; /* the other slot; and where it failed, the flash says what is valid now */
}

bool store_key(const struct store *s, uint8_t key[STORE_KEY])
{
    return slot_key(s->flash, s->slot, key) && store_is_key(key);
}

bool store_lock(struct store *s)
{
    bool good = slot_lock(s->flash, s->slot) && slot_lock(s->flash, 1u - s->slot);

    return look(s) && good && s->state == STORE_LOCKED; /* where it failed, too: a part of a lock may be one */
}

/* SPDX-License-Identifier: 0BSD */
/*
 * One record, in both of two slots; after a power cut at any moment the old record or the new one, whole, never a mixture.
 * After a bit has flipped, wherever it is, the record is still there, and open or locked as it was. slot.h has the layout;
 * slot 0 begins at 0, slot 1 at slot_size.
 *
 * Writing: the slot that does not count is erased, programmed and read back, its commit last; from then on the new record is in
 * force. Then the other slot likewise, so what is replaced does not stay behind: neither its secret nor a way back to it.
 * Opening finishes what a power cut left, and mends what was damaged: both slots become the record in force. That erases, too,
 * and is done once on a board whose record was written by firmware of before, into one slot. Such firmware finds its record
 * again after a way back.
 * Locking: both slots, one after the other. One lock counts, and opening sets the other.
 */
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "identity.h"

/* Bytes that commit and lock have to themselves, and bytes of a slot before its payload, by the port's unit. */
#define STORE_APART(unit) ((unit) > 16u ? (unit) : 16u)
#define STORE_HEADER(unit) (32u + 2u * STORE_APART(unit))
/* What a slot must have room for. */
#define STORE_ROOM(unit) (STORE_HEADER(unit) + (IDENTITY_MAX + (unit) - 1u) / (unit) * (unit))
#define STORE_KEY 12u /* bytes */

/* The port's flash. Offsets count from the start of slot 0. Each returns false when the hardware reports an error. */
struct store_flash {
    uint32_t slot_size; /* bytes; a multiple of page; at least STORE_ROOM(unit); never changed by an update */
    uint32_t page;      /* smallest erasable piece, bytes; a multiple of 64 */
    uint32_t unit;      /* smallest programmable piece, bytes: 1, 2, 4, 8, 16 or 32 */
    bool (*read)(uint32_t at, void *to, uint32_t n);
    bool (*program)(uint32_t at, const void *from, uint32_t n); /* at and n are multiples of unit; n <= 64 */
    bool (*erase)(uint32_t at);                                 /* the page that begins at `at`, to 0xFF */
};

enum store_state {
    STORE_BLANK,   /* both slots erased */
    STORE_TORN,    /* no valid record, but something is there: an interrupted first write, or damage */
    STORE_WRITTEN, /* a valid record */
    STORE_LOCKED,  /* a valid record, for good */
};

struct store {
    const struct store_flash *flash;
    enum store_state state;
    uint32_t slot;   /* that the record is read from; 0 or 1 */
    uint32_t seq;    /* of the record; 0 = none */
    uint32_t length; /* of its payload, bytes */
};

/* May erase and program: see above. */
void store_open(struct store *s, const struct store_flash *flash);
/* There is a valid record. */
bool store_holds(const struct store *s);
/* The stored identity; only where there is one. */
struct identity_source store_as_source(const struct store *s);
/* False: stored, it would be taken for none. */
bool store_is_key(const uint8_t key[STORE_KEY]);
/* `key` of STORE_KEY bytes, or NULL. False: the flash refused, or did not read back; what is valid now is what *s says.
 * Never on a locked store. */
bool store_write(struct store *s, const struct identity *id, const uint8_t *key);
/* The key that came with the stored identity. False: none, or it cannot be read. */
bool store_key(const struct store *s, uint8_t key[STORE_KEY]);
/* Only where there is a record. False: as for store_write. */
bool store_lock(struct store *s);

#endif

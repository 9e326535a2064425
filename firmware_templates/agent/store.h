/* SPDX-License-Identifier: 0BSD */
/*
 * One record in one of two slots; after a power cut at any moment the old record or the new one, whole, never a mixture.
 *
 * A slot, erased to 0xFF, little endian. Slot 0 begins at 0, slot 1 at slot_size:
 *
 *      0  u32  magic     0x52444953 ("SIDR")
 *      4  u32  version   1
 *      8  u32  seq       the newer of two valid records is the one with the greater seq, as a signed difference
 *     12  u32  length    of the payload, bytes
 *     16  u32  crc       CRC-32 of the 16 bytes above and the payload
 *     20  12 bytes key  shared with the station; all 0xFF, as not programmed = none
 *     32  u32  commit    0x54494D43 ("CMIT"): programmed last; a record without exactly this is not valid
 *     36  12 bytes       not programmed
 *     48  u32  lock      not programmed = open; anything else = locked
 *     52  12 bytes       not programmed
 *     64  payload        an identity as identity.h lays it out
 *
 * commit and lock have 16 bytes to themselves: flash with ECC programs 8 or 16 bytes at once, and only once.
 *
 * Writing: erase the slot not in use, program header and payload, read them back, program commit, read it back, erase
 * the slot that was in use. What is replaced does not stay behind: neither its secret nor a way back to it.
 * Opening finishes what a power cut left: when one record is valid, whatever the other slot holds is erased.
 */
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "identity.h"

#define STORE_HEADER 64u /* bytes of a slot before its payload */
#define STORE_KEY 12u    /* bytes */

/* The port's flash. Offsets count from the start of slot 0. Each returns false when the hardware reports an error. */
struct store_flash {
    uint32_t slot_size; /* bytes; a multiple of page; at least STORE_HEADER + IDENTITY_MAX, rounded up to unit */
    uint32_t page;      /* smallest erasable piece, bytes; a multiple of 64 */
    uint32_t unit;      /* smallest programmable piece, bytes: 1, 2, 4, 8 or 16 */
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
    uint32_t slot;   /* that holds the record; 0 or 1 */
    uint32_t seq;    /* of the record; 0 = none */
    uint32_t length; /* of its payload, bytes */
};

void store_open(struct store *s, const struct store_flash *flash);
/* The stored identity; only when state is STORE_WRITTEN or STORE_LOCKED. */
struct identity_source store_as_source(const struct store *s);
/* False: stored, it would be taken for none. */
bool store_is_key(const uint8_t key[STORE_KEY]);
/* `key` of STORE_KEY bytes, or NULL. False: the flash refused, or did not read back; what is valid now is what *s says.
 * Never call it on a locked store. */
bool store_write(struct store *s, const struct identity *id, const uint8_t *key);
/* The key that came with the stored identity. False: none, or it cannot be read. */
bool store_key(const struct store *s, uint8_t key[STORE_KEY]);
bool store_lock(struct store *s);

#endif

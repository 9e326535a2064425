/* SPDX-License-Identifier: 0BSD */
/*
 * One record in one slot of flash, erased to 0xFF, little endian:
 *
 *      0  u32  magic     0x52444953 ("SIDR")
 *      4  u32  version   1
 *      8  u32  seq       the newer of two records is the one with the greater seq, as a signed difference
 *     12  u32  length    of the payload, bytes
 *     16  u32  crc       CRC-32 of the 16 bytes above and the payload
 *     20  12 bytes key   shared with the station; all 0xFF = none
 *     32  u32  commit    0x54494D43 ("CMIT"): programmed last; a record without exactly this is not valid
 *     36  u32  key crc   CRC-32 of the key; 0xFFFFFFFF, or one bit of it flipped: a record of before, whose key nothing checks
 *     48  u32  lock      0xFFFFFFFF = open, also where one bit of it has flipped; 0x4B434F4C ("LOCK") or anything else = locked
 *     64  payload        an identity as identity.h lays it out
 *
 * What lies between is not programmed. commit and lock have 16 bytes to themselves, since flash with ECC programs 8 or 16
 * bytes at once, and only once. Where a unit is 32 bytes they have 32: lock lies at 64 then, and the payload at 96.
 */
#ifndef SLOT_H
#define SLOT_H

#include "store.h"

/* What tells one record from another: two with the same are the same, key and lock apart. */
struct slot_record {
    uint32_t seq, length, crc;
};

/* False: no whole, committed record. One that is found may have been written by a build for more channels. */
bool slot_find(const struct store_flash *f, uint32_t slot, struct slot_record *record);
/* An unreadable slot is not blank, and an unreadable lock is locked. */
bool slot_is_blank(const struct store_flash *f, uint32_t slot);
bool slot_is_locked(const struct store_flash *f, uint32_t slot);
/* Of a record that was found: its key, or all 0xFF for none. False: it cannot be read. */
bool slot_key(const struct store_flash *f, uint32_t slot, uint8_t key[STORE_KEY]);
/* Exactly this, as slot_write leaves it. */
bool slot_holds(const struct store_flash *f, uint32_t slot, const struct slot_record *record,
                const uint8_t key[STORE_KEY], bool locked);

/* The CRC that a record of this seq and length has. False: the payload cannot be read. */
bool slot_crc(struct slot_record *record, const struct identity_source *payload);
/* Whatever is there is erased. Read back before it becomes valid, and after. False: the flash refused, or did not read back. */
bool slot_write(const struct store_flash *f, uint32_t slot, const struct slot_record *record,
                const uint8_t key[STORE_KEY], bool locked, const struct identity_source *payload);
/* Not read back: slot_holds says whether it is there. */
bool slot_lock(const struct store_flash *f, uint32_t slot);

#endif

/* SPDX-License-Identifier: 0BSD */
#include "slot.h"

#include "bytes.h"
#include "crc32.h"

#define MAGIC 0x52444953u
#define VERSION 1u
#define COMMIT 0x54494d43u
#define LOCKED 0x4b434f4cu
#define ERASED 0xffffffffu

#define AT_KEY 20u
#define AT_COMMIT 32u
#define AT_KEY_CRC 36u
#define PIECE 64u
#define CRC_COVERS 16u /* of the header */

static uint32_t base_of(const struct store_flash *f, uint32_t slot)
{
    return slot * f->slot_size;
}

static uint32_t lock_of(const struct store_flash *f, uint32_t slot)
{
    return base_of(f, slot) + AT_COMMIT + STORE_APART(f->unit);
}

static uint32_t payload_of(const struct store_flash *f, uint32_t slot)
{
    return base_of(f, slot) + STORE_HEADER(f->unit);
}

/* Bytes are stored little endian, whatever the core is. */
static void to_bytes(uint8_t *to, uint32_t word)
{
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(word >> (8 * i));
}

static uint32_t from_bytes(const uint8_t *b)
{
    return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static void pack(const struct slot_record *record, uint8_t header[AT_KEY])
{
    to_bytes(header, MAGIC);
    to_bytes(header + 4, VERSION);
    to_bytes(header + 8, record->seq);
    to_bytes(header + 12, record->length);
    to_bytes(header + 16, record->crc);
}

static bool read_word(const struct store_flash *f, uint32_t at, uint32_t *word)
{
    uint8_t bytes[4];
    if (!f->read(at, bytes, sizeof bytes))
        return false;
    *word = from_bytes(bytes);
    return true;
}

static bool area_is_blank(const struct store_flash *f, uint32_t at, uint32_t n)
{
    uint8_t piece[PIECE], all = 0xff;

    for (uint32_t done = 0; done < n && all == 0xff; done += sizeof piece) {
        if (!f->read(at + done, piece, sizeof piece))
            return false;
        for (uint32_t i = 0; i < sizeof piece; i++)
            all &= piece[i];
    }
    bytes_wipe(piece, sizeof piece);
    return all == 0xff;
}

bool slot_is_blank(const struct store_flash *f, uint32_t slot)
{
    return area_is_blank(f, base_of(f, slot), f->slot_size);
}

/* Blank cells are erased as well: where power was lost inside an erase they may read as ones and not stay so. Read back, since
 * nothing else may be programmed than cells known to be erased: NOR flash cannot turn a 0 into a 1. EEPROM and some
 * emulators can, and code that relied on it would fail on the next board. */
static bool erase(const struct store_flash *f, uint32_t slot)
{
    uint32_t base = base_of(f, slot);

    for (uint32_t at = base; at < base + f->slot_size; at += f->page)
        if (!f->erase(at) || !area_is_blank(f, at, f->page))
            return false;
    return true;
}

/* At most PIECE bytes. The last unit is filled up with 0xFF, which programs nothing. */
static bool program(const struct store_flash *f, uint32_t at, const uint8_t *from, uint32_t n)
{
    uint8_t piece[PIECE];
    uint32_t filled = (n + f->unit - 1u) / f->unit * f->unit;
    bool good;

    bytes_copy(piece, from, n);
    for (uint32_t i = n; i < filled; i++)
        piece[i] = 0xff;
    good = f->program(at, piece, filled);
    bytes_wipe(piece, sizeof piece);
    return good;
}

static bool program_payload(const struct store_flash *f, uint32_t slot, const struct identity_source *payload)
{
    uint8_t piece[PIECE];
    bool good = true;

    for (uint32_t at = 0; good && at < payload->length; at += sizeof piece) {
        uint32_t n = payload->length - at < sizeof piece ? payload->length - at : sizeof piece;
        good = payload->read(payload->where, at, piece, n) && program(f, payload_of(f, slot) + at, piece, n);
    }
    bytes_wipe(piece, sizeof piece);
    return good;
}

/* Both words at once where they share a unit, else commit last. */
static bool program_commit(const struct store_flash *f, uint32_t slot, const uint8_t key[STORE_KEY])
{
    uint8_t words[8];
    uint32_t at = base_of(f, slot) + AT_COMMIT;

    to_bytes(words, COMMIT);
    to_bytes(words + 4, crc32_add(CRC32_START, key, STORE_KEY));
    if (f->unit >= sizeof words)
        return program(f, at, words, sizeof words);
    return program(f, at + 4, words + 4, 4) && program(f, at, words, 4);
}

bool slot_lock(const struct store_flash *f, uint32_t slot)
{
    uint8_t word[4];

    to_bytes(word, LOCKED);
    return program(f, lock_of(f, slot), word, sizeof word);
}

bool slot_crc(struct slot_record *record, const struct identity_source *payload)
{
    uint8_t piece[PIECE];
    bool good = true;

    pack(record, piece);
    record->crc = crc32_add(CRC32_START, piece, CRC_COVERS);
    for (uint32_t at = 0; good && at < payload->length; at += sizeof piece) {
        uint32_t n = payload->length - at < sizeof piece ? payload->length - at : sizeof piece;
        good = payload->read(payload->where, at, piece, n);
        record->crc = crc32_add(record->crc, piece, n);
    }
    bytes_wipe(piece, sizeof piece);
    return good;
}

struct place {
    const struct store_flash *flash;
    uint32_t at;
};

static bool read_place(const void *where, uint32_t at, void *to, uint32_t n)
{
    const struct place *place = where;
    return place->flash->read(place->at + at, to, n);
}

/* Header and payload are what the CRC says, committed or not. */
static bool is_sound(const struct store_flash *f, uint32_t slot, struct slot_record *record)
{
    struct place place = {.flash = f, .at = payload_of(f, slot)};
    uint32_t base = base_of(f, slot), magic, version, crc;
    bool good = read_word(f, base, &magic) && read_word(f, base + 4, &version) && read_word(f, base + 8, &record->seq) &&
                read_word(f, base + 12, &record->length) && read_word(f, base + 16, &crc);

    if (!good || magic != MAGIC || version != VERSION || record->length > f->slot_size - STORE_HEADER(f->unit))
        return false;
    return slot_crc(record, &(struct identity_source){.read = read_place, .where = &place, .length = record->length}) &&
           record->crc == crc;
}

/* One cell may have flipped. */
static bool is_erased(uint32_t word)
{
    uint32_t programmed = ~word;
    return (programmed & (programmed - 1u)) == 0;
}

/* The key is what its CRC says, or is of a record of before. */
static bool key_is_sound(const struct store_flash *f, uint32_t slot)
{
    uint8_t key[STORE_KEY];
    uint32_t crc;
    bool good = slot_key(f, slot, key) && read_word(f, base_of(f, slot) + AT_KEY_CRC, &crc) &&
                (is_erased(crc) || crc == crc32_add(CRC32_START, key, STORE_KEY));

    bytes_wipe(key, sizeof key);
    return good;
}

bool slot_find(const struct store_flash *f, uint32_t slot, struct slot_record *record)
{
    uint32_t commit;
    return read_word(f, base_of(f, slot) + AT_COMMIT, &commit) && commit == COMMIT && key_is_sound(f, slot) &&
           is_sound(f, slot, record);
}

bool slot_is_locked(const struct store_flash *f, uint32_t slot)
{
    uint32_t lock;
    return !read_word(f, lock_of(f, slot), &lock) || !is_erased(lock);
}

bool slot_key(const struct store_flash *f, uint32_t slot, uint8_t key[STORE_KEY])
{
    return f->read(base_of(f, slot) + AT_KEY, key, STORE_KEY);
}

bool slot_holds(const struct store_flash *f, uint32_t slot, const struct slot_record *record,
                const uint8_t key[STORE_KEY], bool locked)
{
    struct slot_record found;
    uint8_t found_key[STORE_KEY];
    uint32_t key_crc, lock;
    bool same = slot_find(f, slot, &found) && found.seq == record->seq && found.length == record->length &&
                found.crc == record->crc && slot_key(f, slot, found_key) && bytes_equal(found_key, key, STORE_KEY) &&
                read_word(f, base_of(f, slot) + AT_KEY_CRC, &key_crc) && key_crc == crc32_add(CRC32_START, key, STORE_KEY) &&
                read_word(f, lock_of(f, slot), &lock) && lock == (locked ? LOCKED : ERASED);

    bytes_wipe(found_key, sizeof found_key);
    return same;
}

bool slot_write(const struct store_flash *f, uint32_t slot, const struct slot_record *record,
                const uint8_t key[STORE_KEY], bool locked, const struct identity_source *payload)
{
    struct slot_record found;
    uint8_t header[AT_KEY + STORE_KEY];
    bool good;

    pack(record, header);
    bytes_copy(header + AT_KEY, key, STORE_KEY);
    good = erase(f, slot) && program(f, base_of(f, slot), header, sizeof header);
    bytes_wipe(header, sizeof header);
    return good && program_payload(f, slot, payload) && (!locked || slot_lock(f, slot)) && is_sound(f, slot, &found) &&
           program_commit(f, slot, key) && slot_holds(f, slot, record, key, locked);
}

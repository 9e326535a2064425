/* SPDX-License-Identifier: 0BSD */
#include "store.h"

#include "bytes.h"
#include "crc32.h"

#define MAGIC 0x52444953u
#define VERSION 1u
#define COMMIT 0x54494d43u
#define LOCKED 0x4b434f4cu
#define ERASED 0xffffffffu

#define AT_KEY 20u
#define AT_COMMIT 32u
#define AT_LOCK 48u
#define PIECE 64u

struct header {
    uint32_t magic, version, seq, length, crc;
};
#define HEADER_CRC_COVERS 16u

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

static void pack_header(const struct header *h, uint8_t bytes[20])
{
    to_bytes(bytes, h->magic);
    to_bytes(bytes + 4, h->version);
    to_bytes(bytes + 8, h->seq);
    to_bytes(bytes + 12, h->length);
    to_bytes(bytes + 16, h->crc);
}

static bool read_word(const struct store_flash *f, uint32_t at, uint32_t *word)
{
    uint8_t bytes[4];
    if (!f->read(at, bytes, sizeof bytes))
        return false;
    *word = from_bytes(bytes);
    return true;
}

/* An unreadable area is not blank: it gets erased before it is used. */
static bool is_blank(const struct store_flash *f, uint32_t at, uint32_t n)
{
    uint8_t piece[PIECE], all = 0xff;

    for (uint32_t done = 0; done < n; done += sizeof piece) {
        if (!f->read(at + done, piece, sizeof piece))
            return false;
        for (uint32_t i = 0; i < sizeof piece; i++)
            all &= piece[i];
        if (all != 0xff)
            break;
    }
    bytes_wipe(piece, sizeof piece);
    return all == 0xff;
}

/* Read back, since nothing else may be programmed than cells known to be erased: NOR flash cannot turn a 0 into a 1. EEPROM
 * and some emulators can, and code that relied on it would fail on the next board. */
static bool erase_slot(const struct store_flash *f, uint32_t slot)
{
    uint32_t base = slot * f->slot_size;

    for (uint32_t at = base; at < base + f->slot_size; at += f->page)
        if (!is_blank(f, at, f->page) && (!f->erase(at) || !is_blank(f, at, f->page)))
            return false;
    return true;
}

/* Programs one piece and reads it back. */
static bool program_piece(const struct store_flash *f, uint32_t at, const uint8_t *from, uint32_t n)
{
    uint8_t piece[PIECE];
    bool good = f->program(at, from, n) && f->read(at, piece, n) && bytes_equal(piece, from, n);

    bytes_wipe(piece, sizeof piece);
    return good;
}

/* The last unit is filled up with 0xFF, which programs nothing. */
static bool program(const struct store_flash *f, uint32_t at, const uint8_t *from, uint32_t n)
{
    uint8_t piece[PIECE];
    bool good = true;

    for (uint32_t done = 0; good && done < n; done += sizeof piece) {
        uint32_t part = n - done < sizeof piece ? n - done : sizeof piece;
        uint32_t filled = (part + f->unit - 1u) / f->unit * f->unit;
        bytes_copy(piece, from + done, part);
        for (uint32_t i = part; i < filled; i++)
            piece[i] = 0xff;
        good = program_piece(f, at + done, piece, filled);
    }
    bytes_wipe(piece, sizeof piece);
    return good;
}

static bool program_word(const struct store_flash *f, uint32_t at, uint32_t word)
{
    uint8_t bytes[4];
    to_bytes(bytes, word);
    return program(f, at, bytes, sizeof bytes);
}

static bool read_header(const struct store_flash *f, uint32_t base, struct header *h)
{
    return read_word(f, base, &h->magic) && read_word(f, base + 4u, &h->version) && read_word(f, base + 8u, &h->seq) &&
           read_word(f, base + 12u, &h->length) && read_word(f, base + 16u, &h->crc);
}

/* Header and payload are what the CRC says. Whether it was committed is another question. */
static bool record_is_sound(const struct store_flash *f, uint32_t slot, struct header *h)
{
    uint32_t base = slot * f->slot_size, crc;
    uint8_t piece[PIECE];
    bool good = read_header(f, base, h) && h->magic == MAGIC && h->version == VERSION &&
                h->length <= IDENTITY_MAX && f->read(base, piece, HEADER_CRC_COVERS);

    if (!good)
        return false;
    crc = crc32_add(CRC32_START, piece, HEADER_CRC_COVERS);
    for (uint32_t at = 0; good && at < h->length; at += sizeof piece) {
        uint32_t n = h->length - at < sizeof piece ? h->length - at : sizeof piece;
        good = f->read(base + STORE_HEADER + at, piece, n);
        crc = crc32_add(crc, piece, n);
    }
    bytes_wipe(piece, sizeof piece);
    return good && crc == h->crc;
}

static bool is_committed(const struct store_flash *f, uint32_t slot)
{
    uint32_t commit;
    return read_word(f, slot * f->slot_size + AT_COMMIT, &commit) && commit == COMMIT;
}

/* An unreadable lock counts as locked. */
static bool is_locked(const struct store_flash *f, uint32_t slot)
{
    uint32_t lock;
    return !read_word(f, slot * f->slot_size + AT_LOCK, &lock) || lock != ERASED;
}

static void adopt(struct store *s, uint32_t slot, const struct header *h)
{
    s->slot = slot;
    s->seq = h->seq;
    s->length = h->length;
    s->state = is_locked(s->flash, slot) ? STORE_LOCKED : STORE_WRITTEN;
}

void store_open(struct store *s, const struct store_flash *flash)
{
    struct header h[2];
    bool valid[2];

    *s = (struct store){.flash = flash, .state = STORE_BLANK};
    for (uint32_t slot = 0; slot < 2; slot++)
        valid[slot] = is_committed(flash, slot) && record_is_sound(flash, slot, &h[slot]);
    if (valid[0] || valid[1]) {
        uint32_t slot = !valid[0] || (valid[1] && (int32_t)(h[1].seq - h[0].seq) > 0);
        adopt(s, slot, &h[slot]);
        /* Fails only on broken flash; the record in force is sound all the same. */
        (void)erase_slot(flash, 1u - slot);
    } else if (!is_blank(flash, 0, 2u * flash->slot_size)) {
        s->state = STORE_TORN;
    }
}

static bool read_payload(const void *where, uint32_t at, void *to, uint32_t n)
{
    const struct store *s = where;
    return s->flash->read(s->slot * s->flash->slot_size + STORE_HEADER + at, to, n);
}

struct identity_source store_as_source(const struct store *s)
{
    return (struct identity_source){.read = read_payload, .where = s, .length = s->length};
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
    const struct store_flash *f = s->flash;
    uint32_t slot = s->seq ? 1u - s->slot : 0u, base = slot * f->slot_size;
    struct header h = {.magic = MAGIC, .version = VERSION, .seq = s->seq + 1u, .length = id->length}, found;
    uint8_t bytes[AT_KEY + STORE_KEY];
    bool good;

    if (h.seq == 0)
        h.seq = 1; /* 0 means none */
    pack_header(&h, bytes);
    h.crc = crc32_add(crc32_add(CRC32_START, bytes, HEADER_CRC_COVERS), id->bytes, id->length);
    pack_header(&h, bytes);
    if (key)
        bytes_copy(bytes + AT_KEY, key, STORE_KEY);
    good = erase_slot(f, slot) && program(f, base, bytes, key ? sizeof bytes : AT_KEY);
    bytes_wipe(bytes, sizeof bytes);
    if (!good || !program(f, base + STORE_HEADER, id->bytes, id->length) || !record_is_sound(f, slot, &found) ||
        !program_word(f, base + AT_COMMIT, COMMIT)) {
        store_open(s, f); /* commit may be there although it did not read back: let the flash say */
        return false;
    }
    adopt(s, slot, &h);
    return erase_slot(f, 1u - slot);
}

bool store_key(const struct store *s, uint8_t key[STORE_KEY])
{
    return s->flash->read(s->slot * s->flash->slot_size + AT_KEY, key, STORE_KEY) && store_is_key(key);
}

bool store_lock(struct store *s)
{
    if (!program_word(s->flash, s->slot * s->flash->slot_size + AT_LOCK, LOCKED))
        return false;
    s->state = STORE_LOCKED;
    return true;
}

/* SPDX-License-Identifier: 0BSD */
#include "identity.h"

#include "bytes.h"

_Static_assert(AGENT_MAX_CHANNELS <= 255u, "AGENT_MAX_CHANNELS: one byte counts the channels, so 255 at most");

uint32_t identity_field_max(enum identity_field field)
{
    static const uint8_t max[FIELD_COUNT] = {FIELD_PK_MAX, FIELD_DN_MAX, FIELD_DS_MAX, FIELD_PS_MAX};
    return max[field];
}

/* Offset of a field's length byte. False beyond the last field. */
static bool find(const struct identity_source *from, uint32_t channel, enum identity_field field, uint32_t *at)
{
    uint8_t length;

    *at = 1;
    for (uint32_t skip = channel * FIELD_COUNT + field; skip; skip--) {
        if (*at >= from->length || !from->read(from->where, *at, &length, 1))
            return false;
        *at += 1u + length;
    }
    return *at < from->length;
}

bool identity_get(const struct identity_source *from, uint32_t channel, enum identity_field field, uint8_t *value,
                  uint32_t *n)
{
    uint32_t at;
    uint8_t length;

    if (!find(from, channel, field, &at) || !from->read(from->where, at, &length, 1))
        return false;
    if (length > FIELD_MAX || at + 1u + length > from->length)
        return false;
    *n = length;
    return from->read(from->where, at + 1u, value, length);
}

bool identity_channels(const struct identity_source *from, uint32_t *channels)
{
    uint8_t count;
    if (!from->read(from->where, 0, &count, 1))
        return false;
    *channels = count;
    return true;
}

bool identity_add(const struct identity_source *from, struct sha256 *hash)
{
    uint8_t piece[32];
    bool readable = true;

    for (uint32_t at = 0; at < from->length && readable; at += sizeof piece) {
        uint32_t n = from->length - at < sizeof piece ? from->length - at : sizeof piece;
        readable = from->read(from->where, at, piece, n);
        sha256_add(hash, piece, n);
    }
    bytes_wipe(piece, sizeof piece);
    return readable;
}

bool identity_digest(const struct identity_source *from, uint8_t digest[SHA256_SIZE])
{
    static const char prefix[] = "station-identity-1"; /* its final 0 is part of it */
    struct sha256 hash;
    bool readable;

    sha256_begin(&hash);
    sha256_add(&hash, prefix, sizeof prefix);
    readable = identity_add(from, &hash);
    sha256_end(&hash, digest);
    return readable;
}

static bool read_ram(const void *where, uint32_t at, void *to, uint32_t n)
{
    bytes_copy(to, (const uint8_t *)where + at, n);
    return true;
}

struct identity_source identity_as_source(const struct identity *id)
{
    return (struct identity_source){.read = read_ram, .where = id->bytes, .length = id->length};
}

void identity_begin(struct identity *id, uint32_t channels)
{
    identity_wipe(id);
    id->bytes[0] = (uint8_t)channels;
    id->length = 1u + (channels + 1u) * FIELD_COUNT;
}

/* Moves what follows the field up or down. Fields put in order have only empty ones behind them, so this is cheap. */
static void resize(struct identity *id, uint32_t value_at, uint32_t from_n, uint32_t to_n)
{
    uint8_t *old_tail = id->bytes + value_at + from_n, *new_tail = id->bytes + value_at + to_n;
    uint32_t tail = id->length - value_at - from_n;

    if (to_n > from_n) {
        while (tail--)
            new_tail[tail] = old_tail[tail];
    } else {
        bytes_copy(new_tail, old_tail, tail);
    }
    id->length = id->length - from_n + to_n;
}

void identity_put(struct identity *id, uint32_t channel, enum identity_field field, const void *value, uint32_t n)
{
    struct identity_source self = identity_as_source(id);
    uint32_t at;

    if (!find(&self, channel, field, &at))
        return;
    resize(id, at + 1u, id->bytes[at], n);
    id->bytes[at] = (uint8_t)n;
    bytes_copy(id->bytes + at + 1u, value, n);
}

bool identity_complete(const struct identity *id)
{
    uint32_t at = 1, field = 0;
    bool has_secret = false;

    for (; at < id->length; field++) {
        bool empty = id->bytes[at] == 0;

        if (field % FIELD_COUNT <= FIELD_DN) {
            if (empty)
                return false;
            has_secret = false;
        } else if (!empty) {
            has_secret = true;
        }
        if (field % FIELD_COUNT == FIELD_PS && !has_secret)
            return false;
        at += 1u + id->bytes[at];
    }
    return id->length > 0;
}

void identity_wipe(struct identity *id)
{
    bytes_wipe(id, sizeof *id);
}

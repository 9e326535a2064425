/* SPDX-License-Identifier: 0BSD */
/*
 * An identity in its one form: what a transaction collects, what the flash stores, and what the digest covers.
 *
 *     u8 channels, then per certificate, the primary (channel 0) first:
 *         four fields PK, DN, DS, PS, each u8 length and that many bytes
 */
#ifndef IDENTITY_H
#define IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "agent_config.h" /* the port's: AGENT_MAX_CHANNELS, 255 at most */
#include "sha256.h"

enum identity_field {
    FIELD_PK, /* productKey; IoTDA: product id */
    FIELD_DN, /* deviceName; IoTDA: device id */
    FIELD_DS, /* deviceSecret; empty on a board that fetches it with PS */
    FIELD_PS, /* productSecret; may be empty unless DS is */
    FIELD_COUNT,
};

/* Longest value of each field, bytes. Living Link needs 20, 32, 64, 64; IoTDA's ids are longer. */
#define FIELD_PK_MAX 36u
#define FIELD_DN_MAX 128u
#define FIELD_DS_MAX 64u
#define FIELD_PS_MAX 64u
#define FIELD_MAX FIELD_DN_MAX

#define IDENTITY_CERT_MAX (FIELD_COUNT + FIELD_PK_MAX + FIELD_DN_MAX + FIELD_DS_MAX + FIELD_PS_MAX)
#define IDENTITY_MAX (1u + (AGENT_MAX_CHANNELS + 1u) * IDENTITY_CERT_MAX)

uint32_t identity_field_max(enum identity_field field);

/* Where packed bytes come from: RAM or flash. False when they cannot be read. */
struct identity_source {
    bool (*read)(const void *where, uint32_t at, void *to, uint32_t n);
    const void *where;
    uint32_t length; /* of the packed identity */
};

/* Copies one value to `value` (room for FIELD_MAX) and its length to `n`. False: no such channel, or unreadable. */
bool identity_get(const struct identity_source *from, uint32_t channel, enum identity_field field, uint8_t *value,
                  uint32_t *n);
/* False when it cannot be read. */
bool identity_channels(const struct identity_source *from, uint32_t *channels);
/* Its packed bytes, added to a hash. False when they cannot be read. */
bool identity_add(const struct identity_source *from, struct sha256 *hash);
bool identity_digest(const struct identity_source *from, uint8_t digest[SHA256_SIZE]);

/* An identity being collected in RAM. */
struct identity {
    uint32_t length; /* of bytes[]; 0 = none is being collected */
    uint8_t bytes[IDENTITY_MAX];
};

/* All fields empty. channels <= AGENT_MAX_CHANNELS. */
void identity_begin(struct identity *id, uint32_t channels);
/* channel <= channels and n <= identity_field_max(field); a second value replaces the first. */
void identity_put(struct identity *id, uint32_t channel, enum identity_field field, const void *value, uint32_t n);
/* PK, DN and a secret of every certificate are there. */
bool identity_complete(const struct identity *id);
struct identity_source identity_as_source(const struct identity *id);
void identity_wipe(struct identity *id);

#endif

/* SPDX-License-Identifier: 0BSD */
/* SHA-256 (FIPS 180-4) and HMAC-SHA256 (RFC 2104). `_end` wipes its state: it may have held a secret. */
#ifndef SHA256_H
#define SHA256_H

#include <stdint.h>

#define SHA256_SIZE 32u
#define SHA256_BLOCK 64u

struct sha256 {
    uint32_t state[8];
    uint32_t length;              /* bytes so far; 512 MiB is far beyond any identity */
    uint8_t block[SHA256_BLOCK];  /* the part not yet hashed */
};

void sha256_begin(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *bytes, uint32_t n);
void sha256_end(struct sha256 *s, uint8_t digest[SHA256_SIZE]);

struct hmac {
    struct sha256 inner;
    uint8_t outer_key[SHA256_BLOCK];
};

/* Keys longer than a block are hashed first, as RFC 2104 says. */
void hmac_begin(struct hmac *h, const void *key, uint32_t n);
void hmac_add(struct hmac *h, const void *bytes, uint32_t n);
void hmac_end(struct hmac *h, uint8_t mac[SHA256_SIZE]);

#endif

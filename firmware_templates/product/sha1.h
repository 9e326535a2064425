/* SPDX-License-Identifier: 0BSD */
/* HMAC-SHA1 (FIPS 180-4, RFC 2104), for clouds and SDKs that sign on with nothing newer. Prefer HMAC-SHA256 (sha256.h). */
#ifndef SHA1_H
#define SHA1_H

#include <stdint.h>

#define SHA1_SIZE 20u
#define SHA1_BLOCK 64u

struct sha1 {
    uint32_t state[5];
    uint32_t length; /* bytes so far */
    uint8_t block[SHA1_BLOCK];
};

struct hmac_sha1 {
    struct sha1 inner;
    uint8_t outer_key[SHA1_BLOCK];
};

void hmac_sha1_begin(struct hmac_sha1 *h, const void *key, uint32_t n);
void hmac_sha1_add(struct hmac_sha1 *h, const void *bytes, uint32_t n);
/* Wipes what it worked with. */
void hmac_sha1_end(struct hmac_sha1 *h, uint8_t mac[SHA1_SIZE]);

#endif

/* SPDX-License-Identifier: 0BSD */
#include "sha256.h"

#include "bytes.h"

static const uint32_t k[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t x, unsigned n)
{
    return (x >> n) | (x << (32 - n));
}

static void take_block(struct sha256 *s)
{
    uint32_t w[64], v[8];

    for (unsigned i = 0; i < 16; i++) {
        const uint8_t *b = s->block + 4 * i;
        w[i] = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
    }
    for (unsigned i = 16; i < 64; i++) {
        uint32_t s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ (w[i - 15] >> 3);
        uint32_t s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ (w[i - 2] >> 10);
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    bytes_copy(v, s->state, sizeof v);
    for (unsigned i = 0; i < 64; i++) {
        uint32_t s1 = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25);
        uint32_t choose = (v[4] & v[5]) ^ (~v[4] & v[6]);
        uint32_t t1 = v[7] + s1 + choose + k[i] + w[i];
        uint32_t s0 = rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22);
        uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
        for (unsigned j = 7; j > 0; j--)
            v[j] = v[j - 1];
        v[4] += t1;
        v[0] = t1 + s0 + majority;
    }
    for (unsigned i = 0; i < 8; i++)
        s->state[i] += v[i];
    /* w begins with the message itself, which is a key when HMAC runs. */
    bytes_wipe(w, sizeof w);
    bytes_wipe(v, sizeof v);
}

void sha256_begin(struct sha256 *s)
{
    static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    bytes_copy(s->state, start, sizeof start);
    s->length = 0;
}

void sha256_add(struct sha256 *s, const void *bytes, uint32_t n)
{
    const uint8_t *b = bytes;
    while (n--) {
        s->block[s->length++ % SHA256_BLOCK] = *b++;
        if (s->length % SHA256_BLOCK == 0)
            take_block(s);
    }
}

void sha256_end(struct sha256 *s, uint8_t digest[SHA256_SIZE])
{
    static const uint8_t one = 0x80, zero = 0;
    uint64_t bits = (uint64_t)s->length * 8;
    uint8_t tail[8];

    for (unsigned i = 0; i < 8; i++)
        tail[i] = (uint8_t)(bits >> (56 - 8 * i));
    sha256_add(s, &one, 1);
    while (s->length % SHA256_BLOCK != SHA256_BLOCK - sizeof tail)
        sha256_add(s, &zero, 1);
    sha256_add(s, tail, sizeof tail);
    for (unsigned i = 0; i < SHA256_SIZE; i++)
        digest[i] = (uint8_t)(s->state[i / 4] >> (24 - 8 * (i % 4)));
    bytes_wipe(s, sizeof *s);
}

void hmac_begin(struct hmac *h, const void *key, uint32_t n)
{
    uint8_t block[SHA256_BLOCK] = {0};

    if (n > SHA256_BLOCK) {
        sha256_begin(&h->inner);
        sha256_add(&h->inner, key, n);
        sha256_end(&h->inner, block);
    } else {
        bytes_copy(block, key, n);
    }
    for (unsigned i = 0; i < SHA256_BLOCK; i++) {
        h->outer_key[i] = block[i] ^ 0x5c;
        block[i] ^= 0x36;
    }
    sha256_begin(&h->inner);
    sha256_add(&h->inner, block, sizeof block);
    bytes_wipe(block, sizeof block);
}

void hmac_add(struct hmac *h, const void *bytes, uint32_t n)
{
    sha256_add(&h->inner, bytes, n);
}

void hmac_end(struct hmac *h, uint8_t mac[SHA256_SIZE])
{
    sha256_end(&h->inner, mac);
    sha256_begin(&h->inner);
    sha256_add(&h->inner, h->outer_key, sizeof h->outer_key);
    sha256_add(&h->inner, mac, SHA256_SIZE);
    sha256_end(&h->inner, mac);
    bytes_wipe(h, sizeof *h);
}

/* SPDX-License-Identifier: 0BSD */
#include "sha1.h"

#include "bytes.h"

static uint32_t rotate(uint32_t word, unsigned by)
{
    return word << by | word >> (32 - by);
}

static void compress(struct sha1 *s)
{
    uint32_t w[80], a = s->state[0], b = s->state[1], c = s->state[2], d = s->state[3], e = s->state[4];

    for (unsigned i = 0; i < 16; i++)
        w[i] = (uint32_t)s->block[4 * i] << 24 | (uint32_t)s->block[4 * i + 1] << 16 |
               (uint32_t)s->block[4 * i + 2] << 8 | s->block[4 * i + 3];
    for (unsigned i = 16; i < 80; i++)
        w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    for (unsigned i = 0; i < 80; i++) {
        uint32_t f, k, next;
        if (i < 20)
            f = (b & c) | (~b & d), k = 0x5a827999u;
        else if (i < 40)
            f = b ^ c ^ d, k = 0x6ed9eba1u;
        else if (i < 60)
            f = (b & c) | (b & d) | (c & d), k = 0x8f1bbcdcu;
        else
            f = b ^ c ^ d, k = 0xca62c1d6u;
        next = rotate(a, 5) + f + e + k + w[i];
        e = d, d = c, c = rotate(b, 30), b = a, a = next;
    }
    s->state[0] += a, s->state[1] += b, s->state[2] += c, s->state[3] += d, s->state[4] += e;
    bytes_wipe(w, sizeof w);
}

static void begin(struct sha1 *s)
{
    *s = (struct sha1){.state = {0x67452301u, 0xefcdab89u, 0x98badcfeu, 0x10325476u, 0xc3d2e1f0u}};
}

static void add(struct sha1 *s, const void *bytes, uint32_t n)
{
    for (const uint8_t *b = bytes; n; n--) {
        s->block[s->length++ % SHA1_BLOCK] = *b++;
        if (s->length % SHA1_BLOCK == 0)
            compress(s);
    }
}

static void end(struct sha1 *s, uint8_t digest[SHA1_SIZE])
{
    uint32_t bits_high = s->length >> 29, bits_low = s->length << 3;
    uint8_t byte = 0x80;

    do {
        add(s, &byte, 1);
        byte = 0;
    } while (s->length % SHA1_BLOCK != SHA1_BLOCK - 8);
    for (int shift = 24; shift >= 0; shift -= 8)
        byte = (uint8_t)(bits_high >> shift), add(s, &byte, 1);
    for (int shift = 24; shift >= 0; shift -= 8)
        byte = (uint8_t)(bits_low >> shift), add(s, &byte, 1);
    for (unsigned i = 0; i < SHA1_SIZE; i++)
        digest[i] = (uint8_t)(s->state[i / 4] >> (24 - 8 * (i % 4)));
    bytes_wipe(s, sizeof *s);
}

void hmac_sha1_begin(struct hmac_sha1 *h, const void *key, uint32_t n)
{
    uint8_t block[SHA1_BLOCK] = {0};

    if (n > SHA1_BLOCK) {
        begin(&h->inner);
        add(&h->inner, key, n);
        end(&h->inner, block);
    } else {
        bytes_copy(block, key, n);
    }
    for (unsigned i = 0; i < SHA1_BLOCK; i++) {
        h->outer_key[i] = block[i] ^ 0x5c;
        block[i] ^= 0x36;
    }
    begin(&h->inner);
    add(&h->inner, block, sizeof block);
    bytes_wipe(block, sizeof block);
}

void hmac_sha1_add(struct hmac_sha1 *h, const void *bytes, uint32_t n)
{
    add(&h->inner, bytes, n);
}

void hmac_sha1_end(struct hmac_sha1 *h, uint8_t mac[SHA1_SIZE])
{
    uint8_t digest[SHA1_SIZE];

    end(&h->inner, digest);
    begin(&h->inner);
    add(&h->inner, h->outer_key, sizeof h->outer_key);
    add(&h->inner, digest, sizeof digest);
    end(&h->inner, mac);
    bytes_wipe(h, sizeof *h);
    bytes_wipe(digest, sizeof digest);
}

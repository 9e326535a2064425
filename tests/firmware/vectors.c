/* SPDX-License-Identifier: 0BSD */
/* Reads lines "sha256 HEX", "crc32 HEX", "hmac KEYHEX HEX" ("-" = empty) and prints the agent's own answer to each. */
#include <stdio.h>
#include <string.h>

#include "crc32.h"
#include "sha256.h"

static unsigned unhex(const char *text, unsigned char *bytes)
{
    unsigned n = 0, value;
    if (*text == '-')
        return 0;
    for (; text[0] && text[1] && sscanf(text, "%2x", &value) == 1; text += 2)
        bytes[n++] = (unsigned char)value;
    return n;
}

int main(void)
{
    static char what[16], a[8192], b[8192];
    static unsigned char key[4096], message[4096];
    unsigned char out[SHA256_SIZE];

    while (scanf("%15s %8191s", what, a) == 2) {
        if (!strcmp(what, "crc32")) {
            unsigned n = unhex(a, message), half = n / 3;
            printf("%08x\n", (unsigned)crc32_add(crc32_add(CRC32_START, message, half), message + half, n - half));
            continue;
        }
        if (!strcmp(what, "hmac")) {
            struct hmac hmac;
            unsigned n = unhex(a, key);
            if (scanf("%8191s", b) != 1)
                return 1;
            hmac_begin(&hmac, key, n);
            hmac_add(&hmac, message, unhex(b, message));
            hmac_end(&hmac, out);
        } else {
            struct sha256 hash;
            unsigned n = unhex(a, message), part = n < 7 ? n : 7;
            sha256_begin(&hash);
            sha256_add(&hash, message, part);
            sha256_add(&hash, message + part, n - part);
            sha256_end(&hash, out);
        }
        for (unsigned i = 0; i < sizeof out; i++)
            printf("%02x", out[i]);
        printf("\n");
    }
    return 0;
}

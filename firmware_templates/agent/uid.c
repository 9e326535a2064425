/* SPDX-License-Identifier: 0BSD */
#include "uid.h"

void uid_of_bytes(char *text, const volatile uint8_t *id, uint32_t n)
{
    static const char digits[] = "0123456789abcdef";

    for (; n; n--, id++) {
        *text++ = digits[*id >> 4];
        *text++ = digits[*id & 15];
    }
    *text = 0;
}

void uid_of_words(char *text, const uint32_t *id, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        uint8_t bytes[4] = {(uint8_t)(id[i] >> 24), (uint8_t)(id[i] >> 16), (uint8_t)(id[i] >> 8), (uint8_t)id[i]};
        uid_of_bytes(text + 8 * i, bytes, sizeof bytes);
    }
}

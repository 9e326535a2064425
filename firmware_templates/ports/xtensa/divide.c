/* SPDX-License-Identifier: 0BSD */
/* The core has no division; on the ESP8266 these two are in its ROM, so its compiler's library leaves them out. */
#include <stdint.h>

uint32_t __udivsi3(uint32_t what, uint32_t by);
uint32_t __umodsi3(uint32_t what, uint32_t by);

uint32_t __udivsi3(uint32_t what, uint32_t by)
{
    uint32_t quotient = 0, rest = 0;

    for (int bit = 31; bit >= 0; bit--) {
        rest = rest << 1 | (what >> bit & 1u);
        if (rest >= by) {
            rest -= by;
            quotient |= 1u << bit;
        }
    }
    return quotient;
}

uint32_t __umodsi3(uint32_t what, uint32_t by)
{
    return what - __udivsi3(what, by) * by;
}

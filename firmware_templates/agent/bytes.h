/* SPDX-License-Identifier: 0BSD */
/* The few byte operations the agent needs, so that it links without a libc. */
#ifndef BYTES_H
#define BYTES_H

#include <stdbool.h>
#include <stdint.h>

static inline void bytes_copy(void *to, const void *from, uint32_t n)
{
    uint8_t *t = to;
    const uint8_t *f = from;
    while (n--)
        *t++ = *f++;
}

/* No early exit: the time taken says nothing about where two digests differ. */
static inline bool bytes_equal(const void *a, const void *b, uint32_t n)
{
    const uint8_t *x = a, *y = b;
    uint8_t differ = 0;
    while (n--)
        differ |= *x++ ^ *y++;
    return differ == 0;
}

/* Through volatile, so that the compiler may not drop a wipe of something nobody reads again. */
static inline void bytes_wipe(void *what, uint32_t n)
{
    volatile uint8_t *w = what;
    while (n--)
        *w++ = 0;
}

static inline bool text_equal(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

#endif

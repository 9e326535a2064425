/* SPDX-License-Identifier: 0BSD */
#include "cfi.h"

#define READ_ARRAY 0xffu
#define PROGRAM 0x40u
#define ERASE 0x20u
#define CONFIRM 0xd0u
#define CLEAR_STATUS 0x50u
#define READY 0x80u
#define FAILED 0x3au /* erase, program, voltage, locked */
#define PATIENCE 100000000u

#define WORD(at) (*(volatile cfi_word *)(CFI_BASE + (at)))

/* The chip answers with its status until it is told to show its cells again. */
static bool finish(uint32_t at)
{
    cfi_word status = 0;

    for (uint32_t tries = 0; tries < PATIENCE; tries++) {
        status = WORD(at);
        if ((status & CFI_CHIPS(READY)) == CFI_CHIPS(READY))
            break;
    }
    WORD(at) = CFI_CHIPS(CLEAR_STATUS);
    WORD(at) = CFI_CHIPS(READ_ARRAY);
    return (status & CFI_CHIPS(READY)) == CFI_CHIPS(READY) && !(status & CFI_CHIPS(FAILED));
}

bool cfi_read(uint32_t at, void *to, uint32_t n)
{
    uint8_t *b = to;

    for (uint32_t i = 0; i < n; i++) {
        uint32_t place = at + i;
        cfi_word word = WORD(place / sizeof(cfi_word) * sizeof(cfi_word));
        b[i] = (uint8_t)(word >> (8u * (place % sizeof(cfi_word))));
    }
    return true;
}

/* Looks first: cells only go from 1 to 0. Some emulators let it pass, chips do not. */
bool cfi_program(uint32_t at, const void *from, uint32_t n)
{
    const uint8_t *b = from;

    for (uint32_t done = 0; done < n; done += sizeof(cfi_word)) {
        cfi_word word = 0;
        for (uint32_t i = 0; i < sizeof(cfi_word); i++)
            word = (cfi_word)(word | (cfi_word)((cfi_word)b[done + i] << (8u * i)));
        if ((WORD(at + done) & word) != word)
            return false;
        WORD(at + done) = CFI_CHIPS(PROGRAM);
        WORD(at + done) = word;
        if (!finish(at + done))
            return false;
    }
    return true;
}

bool cfi_erase(uint32_t at)
{
    WORD(at) = CFI_CHIPS(ERASE);
    WORD(at) = CFI_CHIPS(CONFIRM);
    return finish(at);
}

/* SPDX-License-Identifier: 0BSD */
/*
 * NOR flash in RAM for two slots: its power goes at any byte of any operation, or it refuses one. Ends the program where a unit
 * is programmed twice, or cells whose erase was cut short.
 */
#ifndef FLASH_IN_RAM_H
#define FLASH_IN_RAM_H

#include <setjmp.h>

#include "store.h"

#define PAGE 128u
#define SLOT 384u
#define SIZE (2u * SLOT)
#define NEVER 0xffffffffu

struct image {
    uint8_t cells[SIZE];
    uint8_t used[SIZE], unreadable[SIZE]; /* for the first byte of a unit */
    uint8_t weak[SIZE];                   /* reads as ones, but its erase was cut short */
};

extern struct image now;
extern struct store_flash flash;
/* What a cut leaves of the byte in hand: 0 as it was, 1 half of its bits done, 2 its unit can no more be read, as with ECC. What
 * a refusal leaves of its operation: 0 nothing done, 1 half of it, 2 all of it. */
extern uint32_t tear;
extern uint32_t bytes_left, bytes_done; /* until the power goes: then to `power_lost`; and since somebody set it to 0 */
extern uint32_t refused;                /* operations until one is refused; NEVER again once it was, unless it stays so */
extern bool stays_so, silent;           /* silent: it says that all was done */
extern uint32_t erases[2]; /* of pages, in each slot */
extern jmp_buf power_lost;

void fault(const char *what);
void erase_all(void);

#endif

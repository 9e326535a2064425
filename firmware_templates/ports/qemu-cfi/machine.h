/* SPDX-License-Identifier: 0BSD */
/* A machine of QEMU's with CFI flash and a 16550 UART: all of board.h but `board_sleep`, from the few things that differ. */
#ifndef MACHINE_H
#define MACHINE_H

#include "board.h"
#include "cfi.h"
#include "uart.h"

struct machine {
    const char *type;
    uint32_t uid;            /* where who starts QEMU puts the unique id: in RAM, beyond what is loaded anew at a restart */
    volatile uint32_t *life; /* a word beside it, see qemu.h */
    uint32_t sector;         /* what CFI flash erases, bytes; a slot is one */
    void (*restart)(void);   /* asks the machine for it; it may come a moment later */
};

/* For `board_start`. `machine` stays. */
const struct agent_board *machine_start(const struct machine *machine);

/* An identity must fit its slot. */
#define MACHINE_SECTOR_TAKES_ONE(sector) \
    _Static_assert((sector) >= STORE_ROOM(sizeof(cfi_word)), "an identity must fit its slot")

#endif

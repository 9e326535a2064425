/* SPDX-License-Identifier: 0BSD */
/* Avnet's LX60 as QEMU models it without MMU, with the ESP8266's core (lx106). */
#include "machine.h"

#define FPGA_RESET (*(volatile uint32_t *)0x9d020010u)
#define FPGA_RESET_KEY 0xdeadu

#define SECTOR 0x10000u
MACHINE_SECTOR_TAKES_ONE(SECTOR);

static void restart(void)
{
    FPGA_RESET = FPGA_RESET_KEY;
}

const struct agent_board *board_start(void)
{
    static const struct machine lx60 = {
        .type = "xtensa-lx106",
        .uid = 0x60200000u,
        .life = (volatile uint32_t *)0x60200100u,
        .sector = SECTOR,
        .restart = restart,
    };

    return machine_start(&lx60);
}

/* Masked until `waiti` itself opens the mask: taken any earlier, the interrupt would have switched itself off, and nothing
 * would end the sleep. The UART asks as long as it holds a byte. */
void board_sleep(void)
{
    uint32_t scratch;

    __asm__ volatile("rsil %0, 15\n movi.n %0, -1\n wsr %0, intenable\n rsync\n waiti 0" : "=&a"(scratch)::"memory");
}

/* SPDX-License-Identifier: 0BSD */
/* Avnet's LX60 as QEMU models it without MMU, with the ESP8266's core (lx106), a 16550 UART and CFI flash. */
#include "board.h"
#include "cfi.h"
#include "qemu.h"
#include "uart.h"

#define FPGA_RESET (*(volatile uint32_t *)0x9d020010u)
#define FPGA_RESET_KEY 0xdeadu

/* In RAM, beyond what is loaded anew at a restart. */
#define UID 0x60200000u
#define LIFE ((volatile uint32_t *)0x60200100u)

#define SECTOR 0x10000u
_Static_assert(SECTOR >= STORE_HEADER + IDENTITY_MAX + sizeof(cfi_word) - 1u, "an identity must fit its slot");

static void restart(void)
{
    qemu_restarts(LIFE);
    FPGA_RESET = FPGA_RESET_KEY;
    for (;;)
        ;
}

const struct agent_board *board_start(void)
{
    static struct agent_board board = {
        .type = "xtensa-lx106",
        .firmware = "1.0.0",
        .put = uart_put,
        .reset = restart,
        .flash = {.slot_size = SECTOR, .page = SECTOR, .unit = sizeof(cfi_word),
                  .read = cfi_read, .program = cfi_program, .erase = cfi_erase},
    };

    board.uid = qemu_uid(UID);
    board.reset_cause = qemu_reset_cause(LIFE);
    uart_start();
    return &board;
}

bool board_received(uint8_t *byte)
{
    return uart_received(byte);
}

/* Masked until `waiti` itself opens the mask: taken any earlier, the interrupt would have switched itself off, and nothing
 * would end the sleep. The UART asks as long as it holds a byte. */
void board_sleep(void)
{
    uint32_t scratch;

    __asm__ volatile("rsil %0, 15\n movi.n %0, -1\n wsr %0, intenable\n rsync\n waiti 0" : "=&a"(scratch)::"memory");
}

/* SPDX-License-Identifier: 0BSD */
/*
 * Avnet's LX60 as QEMU models it without MMU, with the ESP8266's core (lx106), a 16550 UART and CFI flash.
 *
 * Who starts QEMU puts the uid, 8 bytes, at UID: the emulated board has no unique id of its own.
 */
#include "board.h"
#include "cfi.h"

#define REGISTER(at) (*(volatile uint32_t *)(at))

#define UART_DATA REGISTER(0x9d050020u)
#define UART_INTERRUPTS REGISTER(0x9d050024u) /* bit 0: when a byte has come */
#define UART_FIFO REGISTER(0x9d050028u)
#define UART_LINE REGISTER(0x9d050034u) /* bit 0: a byte has come, bit 5: room to send */

#define FPGA_RESET REGISTER(0x9d020010u)
#define FPGA_RESET_KEY 0xdeadu

#define UID ((const volatile uint8_t *)0x60200000u)

#define SECTOR 0x10000u
_Static_assert(SECTOR >= STORE_HEADER + IDENTITY_MAX + 1, "an identity must fit its slot");

static void uart_start(void)
{
    UART_FIFO = 1u | 2u; /* on, and empty */
    UART_INTERRUPTS = 1u;
    (void)UART_DATA; /* QEMU stops offering bytes to a UART that was off; this read makes it ask again */
}

static void uart_put(uint8_t byte)
{
    while (!(UART_LINE & 0x20u))
        ;
    UART_DATA = byte;
}

/* The chip does not say why it started; RAM that survived, beyond what is loaded anew, says so. */
#define RUNNING 0x52554e21u
#define ASKED_TO 0x41534b21u
#define LAST_LIFE REGISTER(0x60200100u)

static void restart(void)
{
    LAST_LIFE = ASKED_TO;
    FPGA_RESET = FPGA_RESET_KEY;
    for (;;)
        ;
}

static const char *reset_cause(void)
{
    uint32_t before = LAST_LIFE;

    LAST_LIFE = RUNNING;
    return before == ASKED_TO ? "soft" : before == RUNNING ? "pin" : "power";
}

static const char *uid_text(void)
{
    static char text[17];

    for (unsigned i = 0; i < 16; i++)
        text[i] = "0123456789abcdef"[UID[i / 2] >> (i % 2 ? 0 : 4) & 15];
    return text;
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

    board.uid = uid_text();
    board.reset_cause = reset_cause();
    uart_start();
    return &board;
}

bool board_received(uint8_t *byte)
{
    if (!(UART_LINE & 1u))
        return false;
    *byte = (uint8_t)UART_DATA;
    return true;
}

/* Masked until `waiti` itself opens the mask: taken any earlier, the interrupt would have switched itself off, and nothing
 * would end the sleep. The UART asks as long as it holds a byte. */
void board_sleep(void)
{
    uint32_t scratch;

    __asm__ volatile("rsil %0, 15\n movi.n %0, -1\n wsr %0, intenable\n rsync\n waiti 0" : "=&a"(scratch)::"memory");
}

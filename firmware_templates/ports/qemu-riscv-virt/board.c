/* SPDX-License-Identifier: 0BSD */
/*
 * QEMU's `virt` machine with a 32-bit RISC-V core, a 16550 UART and CFI flash.
 *
 * Who starts QEMU puts the uid, 8 bytes, at UID: the emulated board has no unique id of its own.
 */
#include "board.h"
#include "cfi.h"

#define BYTE(at) (*(volatile uint8_t *)(at))
#define REGISTER(at) (*(volatile uint32_t *)(at))

#define UART_DATA BYTE(0x10000000u)
#define UART_INTERRUPTS BYTE(0x10000001u) /* bit 0: when a byte has come */
#define UART_FIFO BYTE(0x10000002u)
#define UART_LINE BYTE(0x10000005u) /* bit 0: a byte has come, bit 5: room to send */
#define UART_IRQ 10u

#define PLIC_PRIORITY REGISTER(0x0c000000u + 4u * UART_IRQ)
#define PLIC_ENABLE REGISTER(0x0c002000u)
#define PLIC_THRESHOLD REGISTER(0x0c200000u)
#define PLIC_CLAIM REGISTER(0x0c200004u)
#define MIE_EXTERNAL (1u << 11)

#define FINISHER REGISTER(0x00100000u)
#define FINISHER_RESET 0x7777u

#define UID ((const volatile uint8_t *)0x80200000u)

#define SECTOR 0x40000u
_Static_assert(SECTOR >= STORE_HEADER + IDENTITY_MAX + 3, "an identity must fit its slot");

static void uart_start(void)
{
    UART_FIFO = 1u | 2u; /* on, and empty */
    UART_INTERRUPTS = 1u;
    (void)UART_DATA; /* QEMU stops offering bytes to a UART that was off; this read makes it ask again */
    PLIC_PRIORITY = 1u;
    PLIC_ENABLE = 1u << UART_IRQ;
    PLIC_THRESHOLD = 0u;
    __asm__ volatile("csrs mie, %0" ::"r"(MIE_EXTERNAL));
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
#define LAST_LIFE REGISTER(0x80200100u)

static void restart(void)
{
    LAST_LIFE = ASKED_TO;
    FINISHER = FINISHER_RESET;
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
        .type = "riscv-virt",
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
    *byte = UART_DATA;
    return true;
}

/* Interrupts stay masked; a pending one still ends `wfi`, and stays pending until it is claimed. The UART asks as long as it
 * holds a byte, so none is slept over. */
void board_sleep(void)
{
    uint32_t source;

    if (!(UART_LINE & 1u))
        __asm__ volatile("wfi");
    source = PLIC_CLAIM;
    if (source)
        PLIC_CLAIM = source;
}

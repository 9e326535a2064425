/* SPDX-License-Identifier: 0BSD */
/* QEMU's `virt` machine with a 32-bit RISC-V core, a 16550 UART and CFI flash. */
#include "board.h"
#include "cfi.h"
#include "qemu.h"
#include "uart.h"

#define REGISTER(at) (*(volatile uint32_t *)(at))

#define UART_IRQ 10u
#define PLIC_PRIORITY REGISTER(0x0c000000u + 4u * UART_IRQ)
#define PLIC_ENABLE REGISTER(0x0c002000u)
#define PLIC_THRESHOLD REGISTER(0x0c200000u)
#define PLIC_CLAIM REGISTER(0x0c200004u)
#define MIE_EXTERNAL (1u << 11)

#define FINISHER REGISTER(0x00100000u)
#define FINISHER_RESET 0x7777u

/* In RAM, beyond what is loaded anew at a restart. */
#define UID 0x80200000u
#define LIFE ((volatile uint32_t *)0x80200100u)

#define SECTOR 0x40000u
_Static_assert(SECTOR >= STORE_HEADER + IDENTITY_MAX + sizeof(cfi_word) - 1u, "an identity must fit its slot");

static void restart(void)
{
    qemu_restarts(LIFE);
    FINISHER = FINISHER_RESET;
    for (;;)
        ;
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

    board.uid = qemu_uid(UID);
    board.reset_cause = qemu_reset_cause(LIFE);
    uart_start();
    PLIC_PRIORITY = 1u;
    PLIC_ENABLE = 1u << UART_IRQ;
    PLIC_THRESHOLD = 0u;
    __asm__ volatile("csrs mie, %0" ::"r"(MIE_EXTERNAL));
    return &board;
}

bool board_received(uint8_t *byte)
{
    return uart_received(byte);
}

/* Interrupts stay masked; a pending one still ends `wfi`, and stays pending until it is claimed, so no byte is slept over. */
void board_sleep(void)
{
    uint32_t source;

    if (!uart_has_received())
        __asm__ volatile("wfi");
    source = PLIC_CLAIM;
    if (source)
        PLIC_CLAIM = source;
}

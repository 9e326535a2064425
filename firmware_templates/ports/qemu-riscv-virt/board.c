/* SPDX-License-Identifier: 0BSD */
/* QEMU's `virt` machine with a 32-bit RISC-V core. */
#include "machine.h"

#define REGISTER(at) (*(volatile uint32_t *)(at))

#define UART_IRQ 10u
#define PLIC_PRIORITY REGISTER(0x0c000000u + 4u * UART_IRQ)
#define PLIC_ENABLE REGISTER(0x0c002000u)
#define PLIC_THRESHOLD REGISTER(0x0c200000u)
#define PLIC_CLAIM REGISTER(0x0c200004u)
#define MIE_EXTERNAL (1u << 11)

#define FINISHER REGISTER(0x00100000u)
#define FINISHER_RESET 0x7777u

#define SECTOR 0x40000u
MACHINE_SECTOR_TAKES_ONE(SECTOR);

static void restart(void)
{
    FINISHER = FINISHER_RESET;
}

const struct agent_board *board_start(void)
{
    static const struct machine virt = {
        .type = "riscv-virt",
        .uid = 0x80200000u,
        .life = (volatile uint32_t *)0x80200100u,
        .sector = SECTOR,
        .restart = restart,
    };
    const struct agent_board *board = machine_start(&virt);

    PLIC_PRIORITY = 1u;
    PLIC_ENABLE = 1u << UART_IRQ;
    PLIC_THRESHOLD = 0u;
    __asm__ volatile("csrs mie, %0" ::"r"(MIE_EXTERNAL));
    return board;
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

/* SPDX-License-Identifier: 0BSD */
#include "machine.h"

#include "qemu.h"

static const struct machine *this;

static void reset(void)
{
    qemu_restarts(this->life);
    this->restart();
    for (;;)
        ;
}

const struct agent_board *machine_start(const struct machine *machine)
{
    static struct agent_board board = {
        .firmware = "1.0.0",
        .put = uart_put,
        .reset = reset,
        .flash = {.unit = sizeof(cfi_word), .read = cfi_read, .program = cfi_program, .erase = cfi_erase},
    };

    this = machine;
    board.type = machine->type;
    board.flash.slot_size = board.flash.page = machine->sector;
    board.uid = qemu_uid(machine->uid);
    board.reset_cause = qemu_reset_cause(machine->life);
    uart_start();
    return &board;
}

bool board_received(uint8_t *byte)
{
    return uart_received(byte);
}

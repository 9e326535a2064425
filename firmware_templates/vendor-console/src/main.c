/* SPDX-License-Identifier: 0BSD */
#include "board.h"
#include "dialects.h"
#include "kv.h"

#ifndef CONSOLE_DIALECT
#define CONSOLE_DIALECT dialect_alios_linkkey_a
#endif

int main(void)
{
    static struct console console;
    const struct agent_board *board = board_start();
    uint8_t byte;

    kv_open(&board->flash);
    console_start(&console, &CONSOLE_DIALECT, board);
    for (;;) {
        while (board_received(&byte))
            console_take(&console, byte);
        board_sleep();
    }
}

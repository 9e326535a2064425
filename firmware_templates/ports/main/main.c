/* SPDX-License-Identifier: 0BSD */
#include "board.h"

int main(void)
{
    static struct agent agent;
    uint8_t byte;

    agent_start(&agent, board_start());
    for (;;) {
        while (board_received(&byte))
            agent_take(&agent, byte);
        board_sleep();
    }
}

/* SPDX-License-Identifier: 0BSD */
#include "board.h"
#include "product_driver.h"

static const struct agent_board *board;

static void put(char byte)
{
    board->put((uint8_t)byte);
}

int main(void)
{
    static char line[512];
    uint32_t n = 0;
    uint8_t byte;

    for (board = board_start();; board_sleep())
        while (board_received(&byte)) {
            if (byte != '\n') {
                line[n < sizeof line - 1 ? n++ : n] = (char)byte;
                continue;
            }
            line[n] = 0;
            n = 0;
            drive(line, put);
        }
}

/* SPDX-License-Identifier: 0BSD */
/* What a port gives whoever runs on it: the agent (main.c here) or a vendor's console (../../vendor-console). */
#ifndef BOARD_H
#define BOARD_H

#include "agent.h"

/* Once, at the start. */
const struct agent_board *board_start(void);
/* The next byte from the line; false: none has come. */
bool board_received(uint8_t *byte);
/* Sleeps until a byte may have come; may wake for nothing, never sleeps over one. */
void board_sleep(void);

#endif

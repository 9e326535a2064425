/* SPDX-License-Identifier: 0BSD */
/* What differs between chips: where the identity lies and who the board is. */
#pragma once

extern "C" {
#include "agent.h"
#include "uid.h"
}

/* False: there is no such place. All of `board` is filled in but `put` and `firmware`. */
bool place_find(struct agent_board &board);

/* SPDX-License-Identifier: 0BSD */
/* Only what the template uses of the framework. Read in raspberrypi/pico-sdk at 2.2.0. */
#pragma once

#include <stdint.h>

typedef struct {
    uint8_t id[8];
} pico_unique_board_id_t;
extern "C" void pico_get_unique_board_id(pico_unique_board_id_t *id);

/* SPDX-License-Identifier: 0BSD */
/* ESP32: a data partition called “identity”, two halves of whole sectors; see README.md for partitions.csv. */
#ifdef ARDUINO_ARCH_ESP32
#include <Arduino.h>
#include <esp_system.h>

#include "esp_place.h"
#include "place.h"

static void restart()
{
    delay(50); /* the last bytes leave */
    esp_restart();
}

bool place_find(struct agent_board &board)
{
    board.type = "arduino-esp32";
    board.reset = restart;
    return esp_place_find(&board, "identity") == ESP_OK;
}
#endif

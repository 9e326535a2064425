/* SPDX-License-Identifier: 0BSD */
/* An ESP32's own part of struct agent_board, the same under ESP-IDF and under Arduino: a partition, the base MAC, the reset cause. */
#ifndef ESP_PLACE_H
#define ESP_PLACE_H

#include "esp_err.h"

#ifdef __cplusplus
extern "C" {
#endif

#include "agent.h"

/* Fills in `uid`, `reset_cause` and `flash`: the two halves of the data partition called `label`. ESP_ERR_NOT_FOUND: no such
 * partition; ESP_ERR_NOT_SUPPORTED: it is encrypted, so that erased cells read as noise; ESP_ERR_INVALID_SIZE: too small for
 * AGENT_MAX_CHANNELS. */
esp_err_t esp_place_find(struct agent_board *board, const char *label);

#ifdef __cplusplus
}
#endif

#endif

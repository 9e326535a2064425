/* SPDX-License-Identifier: 0BSD */
#ifndef AGENT_ESP_H
#define AGENT_ESP_H

#include "esp_err.h"

/* Starts the agent in a task of its own and lets the getters of `product` read what it stores. ESP_ERR_NOT_FOUND: no such
 * partition; ESP_ERR_INVALID_SIZE: too small for AGENT_MAX_CHANNELS; ESP_ERR_NOT_SUPPORTED: it is an encrypted one. */
esp_err_t agent_esp_start(void);

#endif

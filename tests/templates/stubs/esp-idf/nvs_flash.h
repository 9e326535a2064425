/* SPDX-License-Identifier: 0BSD */
/* Only what the template uses of the framework, for a syntax and type check. */
#pragma once

#include "esp_err.h"

esp_err_t nvs_flash_init_partition(const char *partition);

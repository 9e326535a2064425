/* SPDX-License-Identifier: 0BSD */
/* Only what the template uses of the framework. Read in espressif/esp-idf at v6.0.2 (and the same in v5.0.9 to v5.5.5);
 * tests/firmware/real holds the functions against it. */
#pragma once

#include <stdint.h>

typedef uint32_t TickType_t;
typedef int BaseType_t;
typedef unsigned int UBaseType_t;
#define pdPASS 1
#define portMAX_DELAY 0xffffffffu
#define pdMS_TO_TICKS(ms) ((TickType_t)(ms) / 10u)

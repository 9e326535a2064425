/* SPDX-License-Identifier: 0BSD */
/* Only what the template uses of the framework, for a syntax and type check. */
#pragma once

#include <stdint.h>

typedef uint32_t TickType_t;
typedef int BaseType_t;
#define pdPASS 1
#define portMAX_DELAY 0xffffffffu
#define pdMS_TO_TICKS(ms) ((TickType_t)(ms) / 10u)

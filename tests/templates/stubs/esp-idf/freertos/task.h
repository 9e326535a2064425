/* SPDX-License-Identifier: 0BSD */
/* Only what the template uses of the framework, for a syntax and type check. */
#pragma once

#include "freertos/FreeRTOS.h"

BaseType_t xTaskCreate(void (*task)(void *), const char *name, uint32_t stack, void *argument, unsigned priority,
                       void *handle);
void vTaskDelay(TickType_t ticks);

/* SPDX-License-Identifier: 0BSD */
/* Only what the template uses of the framework. Read in zephyrproject-rtos/zephyr at v3.3.0;
 * tests/firmware/real holds the functions against it. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define RESET_PIN 1u
#define RESET_SOFTWARE 2u
#define RESET_BROWNOUT 4u
#define RESET_POR 8u
#define RESET_WATCHDOG 16u
ssize_t hwinfo_get_device_id(uint8_t *buffer, size_t length);
int hwinfo_get_reset_cause(uint32_t *cause);
int hwinfo_clear_reset_cause(void);

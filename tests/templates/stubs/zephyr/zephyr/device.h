/* SPDX-License-Identifier: 0BSD */
/* Only what the template uses of the framework. Read in zephyrproject-rtos/zephyr at v3.3.0;
 * tests/firmware/real holds the functions against it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct device {
    const char *name;
};
extern const struct device stub_device;
#define DT_CHOSEN(name) name
#define DEVICE_DT_GET(node) (&stub_device)
bool device_is_ready(const struct device *device);

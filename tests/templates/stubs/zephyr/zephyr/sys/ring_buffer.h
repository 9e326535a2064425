/* SPDX-License-Identifier: 0BSD */
/* Only what the template uses of the framework. Read in zephyrproject-rtos/zephyr at v3.3.0;
 * tests/firmware/real holds the functions against it. */
#pragma once

#include <stdint.h>

struct ring_buf {
    uint8_t *buffer;
    uint32_t size;
};
#define RING_BUF_DECLARE(name, size8)                                                                                  \
    static uint8_t name##_bytes[size8];                                                                                \
    struct ring_buf name = {name##_bytes, size8}
uint32_t ring_buf_put(struct ring_buf *ring, const uint8_t *from, uint32_t n);
uint32_t ring_buf_get(struct ring_buf *ring, uint8_t *to, uint32_t n);

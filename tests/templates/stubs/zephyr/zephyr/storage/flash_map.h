/* SPDX-License-Identifier: 0BSD */
/* Only what the template uses of the framework. Read in zephyrproject-rtos/zephyr at v3.3.0;
 * tests/firmware/real holds the functions against it. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct flash_area {
    uint8_t fa_id;
    off_t fa_off;
    size_t fa_size;
};
#define FIXED_PARTITION_ID(label) 1
int flash_area_open(uint8_t id, const struct flash_area **area);
int flash_area_read(const struct flash_area *area, off_t at, void *to, size_t n);
int flash_area_write(const struct flash_area *area, off_t at, const void *from, size_t n);
int flash_area_erase(const struct flash_area *area, off_t at, size_t n);
uint32_t flash_area_align(const struct flash_area *area);

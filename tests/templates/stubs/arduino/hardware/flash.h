/* SPDX-License-Identifier: 0BSD */
/* Only what the template uses of the framework. Read in raspberrypi/pico-sdk at 2.2.0. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define XIP_BASE 0x10000000u
#define FLASH_PAGE_SIZE 256u
#define FLASH_SECTOR_SIZE 4096u
#define PICO_FLASH_SIZE_BYTES 0x200000u
extern "C" void flash_range_erase(uint32_t at, size_t n);
extern "C" void flash_range_program(uint32_t at, const uint8_t *from, size_t n);

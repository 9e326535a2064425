/* SPDX-License-Identifier: 0BSD */
/*
 * Parallel NOR flash with Intel's command set (CFI 0001). The port's cfi_config.h says where and how wide:
 *     CFI_BASE      address of slot 0, the beginning of a sector
 *     cfi_word      the bus: uint16_t for one chip, uint32_t for two side by side
 *     CFI_CHIPS(b)  the byte b for each chip of the bus
 */
#ifndef CFI_H
#define CFI_H

#include <stdbool.h>
#include <stdint.h>

#include "cfi_config.h"

/* As struct store_flash wants them; unit is sizeof(cfi_word). */
bool cfi_read(uint32_t at, void *to, uint32_t n);
bool cfi_program(uint32_t at, const void *from, uint32_t n);
bool cfi_erase(uint32_t at);

#endif

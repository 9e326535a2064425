/* SPDX-License-Identifier: 0BSD */
#ifndef CFI_CONFIG_H
#define CFI_CONFIG_H

#define CFI_BASE 0x22000000u /* the second bank: the first may hold firmware */
typedef uint32_t cfi_word;
#define CFI_CHIPS(b) ((uint32_t)(b) | (uint32_t)(b) << 16)

#endif

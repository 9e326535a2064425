/* SPDX-License-Identifier: 0BSD */
#ifndef CFI_CONFIG_H
#define CFI_CONFIG_H

#define CFI_BASE 0x98000000u
typedef uint16_t cfi_word;
#define CFI_CHIPS(b) ((uint16_t)(b))

#endif

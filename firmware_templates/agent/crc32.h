/* SPDX-License-Identifier: 0BSD */
/* CRC-32 of zlib, PNG and Ethernet. Start with CRC32_START; `crc32_add` can be chained over pieces. */
#ifndef CRC32_H
#define CRC32_H

#include <stdint.h>

#define CRC32_START 0u

uint32_t crc32_add(uint32_t crc, const void *bytes, uint32_t n);

#endif

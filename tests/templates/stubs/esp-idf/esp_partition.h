/* SPDX-License-Identifier: 0BSD */
/* Only what the template uses of the framework. Read in espressif/esp-idf at v6.0.2 (and the same in v5.0.9 to v5.5.5);
 * tests/firmware/real holds the functions against it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "esp_err.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { ESP_PARTITION_TYPE_DATA = 1 } esp_partition_type_t;
typedef enum { ESP_PARTITION_SUBTYPE_ANY = 0xff } esp_partition_subtype_t;
typedef struct {
    uint32_t address, size, erase_size;
    bool encrypted;
} esp_partition_t;

const esp_partition_t *esp_partition_find_first(esp_partition_type_t type, esp_partition_subtype_t subtype,
                                                const char *label);
esp_err_t esp_partition_read(const esp_partition_t *partition, size_t at, void *to, size_t n);
esp_err_t esp_partition_write(const esp_partition_t *partition, size_t at, const void *from, size_t n);
esp_err_t esp_partition_erase_range(const esp_partition_t *partition, size_t at, size_t n);

#ifdef __cplusplus
}
#endif

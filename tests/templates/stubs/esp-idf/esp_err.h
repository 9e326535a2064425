/* SPDX-License-Identifier: 0BSD */
/* Only what the template uses of the framework. Read in espressif/esp-idf at v6.0.2 (and the same in v5.0.9 to v5.5.5);
 * tests/firmware/real holds the functions against it. */
#pragma once

typedef int esp_err_t;
#define ESP_OK 0
#define ESP_FAIL (-1)
#define ESP_ERR_NO_MEM 0x101
#define ESP_ERR_INVALID_SIZE 0x104
#define ESP_ERR_NOT_FOUND 0x105
#define ESP_ERR_NOT_SUPPORTED 0x106

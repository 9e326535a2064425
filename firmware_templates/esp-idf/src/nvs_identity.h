/* SPDX-License-Identifier: 0BSD */
#ifndef NVS_IDENTITY_H
#define NVS_IDENTITY_H

#include "esp_err.h"

/*
 * Reads the identity that the station's esp-nvs target wrote and lets the getters of `product` find it. Once, at start-up.
 * ESP_ERR_NVS_NOT_FOUND: none there, or not a whole one; other codes are those of NVS. An encrypted partition is opened by
 * nvs_flash_secure_init_partition before this is called.
 */
esp_err_t nvs_identity_load(void);

#endif

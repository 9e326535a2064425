/* SPDX-License-Identifier: 0BSD */
/* Only what the template uses of the framework. Read in espressif/esp-idf at v6.0.2 (and the same in v5.0.9 to v5.5.5);
 * tests/firmware/real holds the functions against it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "esp_err.h"
#include "freertos/FreeRTOS.h"

typedef struct {
    uint32_t tx_buffer_size, rx_buffer_size;
} usb_serial_jtag_driver_config_t;

esp_err_t usb_serial_jtag_driver_install(usb_serial_jtag_driver_config_t *config);
int usb_serial_jtag_write_bytes(const void *from, size_t n, TickType_t wait);
int usb_serial_jtag_read_bytes(void *to, uint32_t n, TickType_t wait);

/* SPDX-License-Identifier: 0BSD */
/* Only what the template uses of the framework. Read in espressif/esp-idf at v6.0.2 (and the same in v5.0.9 to v5.5.5);
 * tests/firmware/real holds the functions against it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "esp_err.h"
#include "freertos/FreeRTOS.h"
#include "freertos/queue.h"

typedef int uart_port_t;
typedef struct {
    int baud_rate, data_bits, parity, stop_bits, flow_ctrl;
} uart_config_t;
enum { UART_DATA_8_BITS = 3, UART_PARITY_DISABLE = 0, UART_STOP_BITS_1 = 1, UART_HW_FLOWCTRL_DISABLE = 0 };

esp_err_t uart_driver_install(uart_port_t uart, int rx_size, int tx_size, int queue_size, QueueHandle_t *queue, int flags);
esp_err_t uart_param_config(uart_port_t uart, const uart_config_t *config);
int uart_write_bytes(uart_port_t uart, const void *from, size_t n);
int uart_read_bytes(uart_port_t uart, void *to, uint32_t n, TickType_t wait);
esp_err_t uart_wait_tx_done(uart_port_t uart, TickType_t wait);

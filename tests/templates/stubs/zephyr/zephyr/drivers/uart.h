/* SPDX-License-Identifier: 0BSD */
/* Only what the template uses of the framework. Read in zephyrproject-rtos/zephyr at v3.3.0;
 * tests/firmware/real holds the functions against it. */
#pragma once

#include <zephyr/device.h>

typedef void (*uart_irq_callback_user_data_t)(const struct device *device, void *user_data);
int uart_irq_callback_user_data_set(const struct device *device, uart_irq_callback_user_data_t call, void *user_data);
void uart_irq_rx_enable(const struct device *device);
int uart_irq_update(const struct device *device);
int uart_irq_rx_ready(const struct device *device);
int uart_fifo_read(const struct device *device, uint8_t *to, const int n);
void uart_poll_out(const struct device *device, unsigned char byte);

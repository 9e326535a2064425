/* SPDX-License-Identifier: 0BSD */
/* A 16550 UART. The port's uart_config.h says where: UART_BASE, and uart_register, the type and so the distance of its registers. */
#ifndef UART_H
#define UART_H

#include <stdbool.h>
#include <stdint.h>

/* Asks for an interrupt as long as it holds a byte. */
void uart_start(void);
void uart_put(uint8_t byte);
bool uart_has_received(void);
bool uart_received(uint8_t *byte);

#endif

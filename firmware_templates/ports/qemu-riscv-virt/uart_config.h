/* SPDX-License-Identifier: 0BSD */
#ifndef UART_CONFIG_H
#define UART_CONFIG_H

#define UART_BASE 0x10000000u
typedef uint8_t uart_register;

#endif

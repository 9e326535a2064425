/* SPDX-License-Identifier: 0BSD */
#ifndef UART_CONFIG_H
#define UART_CONFIG_H

#define UART_BASE 0x9d050020u
typedef uint32_t uart_register;

#endif

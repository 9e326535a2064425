/* SPDX-License-Identifier: 0BSD */
#include "uart.h"

#include "uart_config.h"

#define REGISTER(n) (*(volatile uart_register *)(UART_BASE + (n) * sizeof(uart_register)))
#define DATA REGISTER(0)
#define INTERRUPTS REGISTER(1) /* bit 0: when a byte has come */
#define FIFO REGISTER(2)
#define LINE REGISTER(5) /* bit 0: a byte has come, bit 5: room to send */

void uart_start(void)
{
    FIFO = 1u | 2u; /* on, and empty */
    INTERRUPTS = 1u;
    (void)DATA; /* QEMU stops offering bytes to a UART that was off; this read makes it ask again */
}

void uart_put(uint8_t byte)
{
    while (!(LINE & 0x20u))
        ;
    DATA = byte;
}

bool uart_has_received(void)
{
    return LINE & 1u;
}

bool uart_received(uint8_t *byte)
{
    if (!uart_has_received())
        return false;
    *byte = (uint8_t)DATA;
    return true;
}

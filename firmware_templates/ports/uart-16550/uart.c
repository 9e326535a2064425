/* SPDX-License-Identifier: 0BSD */
#include "uart.h"

#include "uart_config.h"

#define REGISTER(n) (*(volatile uart_register *)(UART_BASE + (n) * sizeof(uart_register)))
#define DATA REGISTER(0)
#define INTERRUPTS REGISTER(1) /* bit 0: when a byte has come */
#define LINE REGISTER(5) /* bit 0: a byte has come, bit 5: room to send */

/* The FIFO stays off: QEMU stops offering bytes when its UART holds one, and switching the FIFO on, which drops that byte,
 * does not always make it offer the next; a board that sleeps then never wakes. */
void uart_start(void)
{
    INTERRUPTS = 1u;
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
